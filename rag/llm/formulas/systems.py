"""Formulas of the handbook's pages on evaluation, agents and systems."""

# ruff: noqa: E501 - a table, in which a pattern is one cell
from __future__ import annotations

from rag.llm.formulas.base import Formula, n, of, share

_CHANCE = "probabilit|chance|often|percent|%|share|how likely|odds|pour cent|part|rate|taux|risque|fraction|proportion"
_CALLS = "calls?|steps?|rounds?|turns?|appels?|tours?|[ée]tapes?|iterations?"
_QUESTIONS = "questions?|examples?|items?|samples?|cases?|replies|answers?|exemples?|cas\\b|r[ée]ponses?|attempts?|trials?|essais?|requests?"

FORMULAS = (
    Formula(
        "token F1", "evaluation/exact-match-and-f1.md",
        "What is the token F1 of a prediction against the reference answer, given the words in common?",
        ("f1\\b|harmonic|token f1", "words?|tokens?|mots?|jetons?"),
        {"p": n("predict|prediction|answer|produced|pr[ée]diction|r[ée]ponse|system"), "r": n("reference|gold|r[ée]f[ée]rence|expected|truth"), "s": n("overlap|shared|common|in common|partag|commun|match")},
        "2*({s}/{p})*({s}/{r})/({s}/{p}+{s}/{r})",
    ),
    Formula(
        "harmonic mean of precision and recall", "evaluation/answer-relevance.md",
        "What is the F1, the harmonic mean of precision and recall?",
        ("f1\\b|harmonic|harmonique", "precision|recall|pr[ée]cision|rappel"),
        {"p": share("precision|pr[ée]cision"), "r": share("recall|rappel")}, "2*{p}*{r}/({p}+{r})",
    ),
    Formula(
        "discount of a rank in DCG", "evaluation/retrieval-metrics.md",
        "What is the discount of a result at this rank in DCG?",
        ("dcg|discount|log", "rank|position|rang|place"), {"r": n("rank|position|rang|place|th\\b")}, "1/log2({r}+1)",
    ),
    Formula(
        "reciprocal rank", "evaluation/retrieval-metrics.md",
        "What is the reciprocal rank of the first relevant result?",
        ("reciprocal rank|mrr|rang r[ée]ciproque",), {"r": n("rank|position|place|rang|th\\b|result")}, "1/{r}",
    ),
    Formula(
        "true rate behind an imperfect judge", "evaluation/faithfulness.md",
        "What is the true share of unsupported claims, given how many a judge flags, catches and wrongly flags?",
        ("true|real|actual|likely|correct|vrai|r[ée]el|corrig", "catch|detect|sensitiv|flag|judge|checker|d[ée]tect|juge|signal|v[ée]rificateur|pass"),
        {"o": share("flags?|raises?|observ|overall|of all|signal|report|says|raises its hand|en tout|measured"),
         "s": share("catch|detect|sensitiv|true positive|d[ée]tect|attrape|unsupported|bad"), "f": share("wrongly|false|good|faux|[àa] tort|bonnes?|correct|sound|supported")},
        "({o}+(1-{f})-1)/({s}+(1-{f})-1)", "share",
    ),
    Formula(
        "true rate from sensitivity and specificity", "evaluation/faithfulness.md",
        "What is the true rate behind the observed one, given a judge's sensitivity and specificity?",
        ("true|real|actual|correct|vrai|r[ée]el|corrig", "sensitiv|sensibilit", "specific|sp[ée]cific"),
        {"o": share("flags?|observ|overall|report|says|measured|apparent|pass|signal"), "s": share("sensitiv|sensibilit"), "p": share("specific|sp[ée]cific")},
        "({o}+{p}-1)/({s}+{p}-1)", "share",
    ),
    Formula(
        "standard error of a share", "evaluation/significance.md",
        "What is the standard error of an accuracy measured on so many questions?",
        ("standard error|erreur[- ]type|one sigma|standard deviation",),
        {"p": share("correct|right|accura|good|success|score|exact|juste|bonnes?|pass|%"), "n": n(_QUESTIONS)}, "sqrt({p}*(1-{p})/{n})", "share",
    ),
    Formula(
        "half-width of a 95% interval", "evaluation/significance.md",
        "How wide is the 95% confidence interval of an accuracy, in points more or less?",
        ("interval|margin|uncertain|plus or minus|confidence|marge|intervalle|half-width|error bar|give or take|±",),
        {"p": share("correct|right|accura|good|success|score|exact|juste|bonnes?|pass|of\\b"), "n": n(_QUESTIONS), "c": share("confidence|interval|confiance|intervalle", "0.95")},
        "1.96*sqrt({p}*(1-{p})/{n})", "share",
    ),
    Formula(
        "questions for a margin", "evaluation/jeux-de-test.md",
        "How many questions are needed to know an accuracy within a margin?",
        ("how many|combien", "margin|within|plus or minus|interval|marge|±|près|error", "questions?|examples?|items?|exemples?|answers?|r[ée]ponses?"),
        {"p": share("correct|right|accura|good|success|score|exact|juste|bonnes?|expect|around|rate|taux"), "e": share("margin|within|plus or minus|marge|±|près|points?|width"), "c": share("confidence|interval|confiance", "0.95")},
        "ceil(1.96**2*{p}*(1-{p})/{e}**2)", unit="questions",
    ),
    Formula(
        "paired questions to detect a difference", "evaluation/experiment-as-paper.md",
        "How many questions must two systems that disagree on some be compared on to detect a difference?",
        ("how many|combien", "questions?|examples?|items?|exemples?", "disagree|discord|differ|d[ée]saccord|diff[èe]rent|diverge"),
        {"d": share("disagree|discord|differ|d[ée]saccord|diff[èe]rent|diverge|questions?"), "e": share("gap|difference|detect|catch|improv|gain|[ée]cart|diff[ée]rence|points?|d[ée]tecter"),
         "a": share("two-sided|bilat[ée]ral|level|significance|alpha|risque|α", "0.05"), "w": share("power|puissance", "0.8")},
        "ceil((1.96*sqrt({d})+0.8416*sqrt({d}-{e}**2))**2/{e}**2)", unit="questions",
    ),
    Formula(
        "chance of a false alarm in several tests", "evaluation/significance.md",
        "How likely is at least one false alarm among several metrics tested for significance?",
        ("tests?|comparisons?|metrics?|comparaisons?|variants?|m[ée]triques?", "at least one|false|by chance|family|any|par hasard|faux|au moins|nothing|spurious"),
        {"n": n("tests?|comparisons?|metrics?|variants?|comparaisons?|m[ée]triques?|independent|systems?|things"), "a": share("level|α|alpha|significance|threshold|seuil|each|risk|at\\b|p\\b", "0.05")},
        "1-(1-{a})**{n}", "share",
    ),
    Formula(
        "threshold of Bonferroni", "evaluation/significance.md",
        "Which significance threshold does the Bonferroni correction give each of several comparisons?",
        ("bonferroni|threshold|seuil|p-value|level", "tests?|comparisons?|metrics?|comparaisons?|variants?|checkpoints"),
        {"n": n("tests?|comparisons?|metrics?|variants?|comparaisons?|checkpoints"), "a": share("level|α|alpha|overall|family|significance|global|risk|error", "0.05")}, "{a}/{n}",
    ),
    Formula(
        "upper bound by the rule of three", "evaluation/jeux-de-test.md",
        "What upper bound on the rate is left when nothing was observed in so many attempts?",
        ("no |none|zero|never|without|not one|not a single|aucun|sans|jamais|clean", "rate|bound|at most|confiden|upper|maxim|taux|borne|au plus|confiance|could still|true"),
        {"n": n(_QUESTIONS + "|transfers?|actions?|attacks?|runs?|attaques?|attempts?|pages?"), "c": share("confiden|confiance|certain|sure", "0.95")}, "3/{n}", "share",
    ),
    Formula(
        "trials that a bound needs", "evaluation/jeux-de-test.md",
        "How many attempts without any failure show that the rate is below a bound?",
        ("how many|combien", "no |none|zero|without|aucun|sans|clean|flawless|in a row", "confiden|claim|bound|below|under|show|affirm|garant|moins de|confiance|at most"),
        {"r": share("below|under|rate|at most|failure|moins|taux|bound|than|error"), "c": share("confiden|confiance|certain|sure", "0.95")}, "3/{r}", unit="trials",
    ),
    Formula(
        "right answers of a pipeline", "evaluation/evaluer-un-rag.md",
        "What share of answers is right overall, given how often the right passage is found and how good the model is with and without it?",
        ("passage|retriev|context|document|search|recherche|found|evidence", "answer|right|correct|juste|r[ée]pon|accura"),
        {"r": share("passage|retriev|found|arrive|recall|search|recherche|prompt|invite|evidence|finds?"), "a": share("in that case|dans ce cas|then|with it|when|given|if so|avec|right|correct|juste"),
         "b": share("otherwise|without|sinon|else|sans|not found|missing|when it is absent|if not|absent")},
        "{r}*{a}+(1-{r})*{b}", "share",
    ),
    Formula(
        "time of calls with bounded concurrency", "evaluation/reviewing-async-llm-code.md",
        "How long do many calls take when a semaphore allows a number of them at a time?",
        ("concurren|parallel|semaphore|at a time|at once|in flight|parall[èe]le|simultan|workers?", "time|long|seconds?|minutes?|temps|wait|take|dur"),
        {"n": n("questions?|calls?|items?|requests?|appels?|documents?"), "t": of("time"), "c": n("concurren|parallel|semaphore|at a time|at once|in flight|simultan|workers?|parall[èe]le|permits?|slots?")},
        "{n}*{t}/{c}", "time",
    ),
    Formula(
        "prompt tokens of an agent that rereads its history", "agents/react.md",
        "How many prompt tokens does an agent read in total over its model calls when each step adds to the history?",
        ("tokens?|jetons?", _CALLS, "total|in all|altogether|read|overall|sum|en tout|lus?|process|cost|prompt tokens|how many|cumul"),
        {"p": n("system|prompt|fixed|preamble|prefix|starts?|tools|base|instructions|invite|initial|pr[ée]ambule"), "s": n("adds?|grows?|each|per|every|fresh|new|round|turn|step|ajout|chaque|by\\b|tour|observation"), "n": n(_CALLS)},
        "{n}*{p}+{s}*{n}*({n}-1)/2", unit="tokens",
    ),
    Formula(
        "prompt tokens of a growing conversation", "agents/three-memories.md",
        "How many tokens are read over a conversation when every turn sends the whole history again?",
        ("tokens?|jetons?", "turns?|tours?|messages?|exchanges?|[ée]changes?", "total|in all|altogether|read|overall|cumul|en tout|lus?|whole|sum"),
        {"t": n("tokens?|jetons?"), "n": n("turns?|tours?|exchanges?|[ée]changes?|messages?|-turn")}, "{t}*{n}*({n}+1)/2", unit="tokens",
    ),
    Formula(
        "length of an agent's last prompt", "agents/react.md",
        "How long is the prompt of an agent's last call?",
        ("last|final|longest|largest|derni|plus long|end", "tokens?|jetons?|prompt|context|long|invite", _CALLS),
        {"p": n("system|prompt|fixed|preamble|prefix|starts?|tools|base|instructions|invite|initial"), "s": n("adds?|grows?|each|per|every|fresh|new|round|turn|step|ajout|chaque|by\\b|tour"), "n": n(_CALLS)},
        "{p}+({n}-1)*{s}", unit="tokens",
    ),
    Formula(
        "tokens of tool descriptions over a run", "agents/many-tools-or-few.md",
        "How many tokens do the descriptions of the tools cost over the calls of a run?",
        ("tools?|outils?", "tokens?|jetons?", "descri|defin|d[ée]fini|schema|sch[ée]ma|each|chaque|per\\b|apiece"),
        {"k": n("tools?|outils?|functions?"), "t": n("tokens?|jetons?"), "c": n("calls?|steps?|turns?|rounds?|appels?|[ée]tapes?|tours?", "1"), "s": n("servers?|serveurs?", "1")},
        "{k}*{t}*{c}*{s}", unit="tokens",
    ),
    Formula(
        "adapters without a protocol", "agents/model-context-protocol.md",
        "How many adapters connect every application with every service without a common protocol?",
        ("adapters?|integrations?|connectors?|adaptateurs?|connecteurs?|int[ée]grations?",), {"a": n("applications?|apps?|clients?|hosts?|agents?|assistants?"), "b": n("tools?|services?|systems?|servers?|sources?|outils?")}, "{a}*{b}",
    ),
    Formula(
        "implementations with a protocol", "agents/model-context-protocol.md",
        "How many implementations are needed when applications and services share a protocol such as MCP?",
        ("mcp|protocol|protocole|standard", "implement|pieces|how many|combien|adapters?|write|[ée]crire"), {"a": n("applications?|apps?|clients?|hosts?|agents?|assistants?"), "b": n("tools?|services?|systems?|servers?|sources?|outils?")}, "{a}+{b}",
    ),
    Formula(
        "recency of a memory", "agents/three-memories.md",
        "What share of its recency does a memory keep after hours or days without being used?",
        ("generative|memor|recollection|souvenir|m[ée]moire|recency|fra[îi]cheur", "recency|fresh|untouched|decay|last|old|left|untouched|reste|fra[îi]cheur|weight"),
        {"h": of("time", "ago|untouched|old|since|after|hours?|days?|later|not (?:been )?(?:read|used)|depuis|apr[èe]s"), "d": share("decay|factor|facteur|per hour", "0.995")},
        "{d}**({h}/3600)", "share",
    ),
    Formula(
        "half-life of a memory's recency", "agents/three-memories.md",
        "After how much time does a memory's recency fall to half?",
        ("memor|recency|recollection|souvenir|decay|m[ée]moire|generative", "half|moiti[ée]|halv"), {"d": share("decay|factor|facteur|per hour|times", "0.995"), "x": share("half|moiti", "0.5")}, "log(0.5)/log({d})*3600", "time",
    ),
    Formula(
        "error rate from which a review pays", "agents/human-in-the-loop.md",
        "From what error rate is a human check worth its cost, given what a mistake costs?",
        ("review|check|approv|human|colleague|relect|v[ée]rif|valid|contr[ôo]l", "worth|pays?|from what|threshold|break|rentab|seuil|vaut|justif|partir de"),
        {"t": of("time", "takes?|review|check|dur|prend|approv"), "w": of("wage"), "l": of("money", "cost|loss|bad|wrong|error|damage|perte|erreur|co[ûu]t|mistake|lose")},
        "({t}*{w})/{l}", "share",
    ),
    Formula(
        "time of human review", "agents/human-in-the-loop.md",
        "How many hours of human review do the actions of a day need?",
        ("review|check|approv|human|relect|v[ée]rif|valid|hand|escalat", "time|hours?|minutes?|work|long|temps|heures?|person"),
        {"n": n("actions?|requests?|answers?|cases?|calls?|tickets?|day|runs?|demandes?|r[ée]ponses?"), "s": share("review|check|need|stop|approv|share|of them|escalat|ask|v[ée]rif|go to"), "t": of("time", "each|takes?|per|review|chacun|one")},
        "{n}*{s}*{t}", "time",
    ),
    Formula(
        "bytes carried in base64", "agents/injection-de-prompt.md",
        "How many bytes can an attacker smuggle out in base64 in an address?",
        ("base ?64", "bytes?|octets?|carr|emport|fit|hold|much|combien"), {"c": n("characters?|caract[èe]res?|url|address|adresse|long")}, "{c}*6/8", "bytes",
    ),
    Formula(
        "characters of a base64 secret", "agents/injection-de-prompt.md",
        "How many base64 characters does a key of so many bits need?",
        ("base ?64", "characters?|caract[èe]res?"), {"b": of("bits")}, "ceil({b}/6)", unit="characters",
    ),
    Formula(
        "characters of a base32 secret", "agents/injection-de-prompt.md",
        "How many base32 characters does a key of so many bits need?",
        ("base ?32", "characters?|caract[èe]res?"), {"b": of("bits")}, "ceil({b}/5)", unit="characters",
    ),
    Formula(
        "at least one attack passes", "agents/prompt-injection.md",
        "How likely is it that at least one of many attacks gets past a filter?",
        ("attack|attaque|attempt|malicious|inject|adversar|essai|tries|filter|filtre", _CHANCE, "at least|one|any|gets? through|pass|au moins|slip|succeed|r[ée]uss|breach"),
        {"p": share("block|catch|stop|arr[êe]t|bloqu|filter|detect"), "n": n("attempts?|times|tries|attacks?|attaques?|essais?|texts?|tentatives?|messages?")}, "1-{p}**{n}", "share",
    ),
)  # fmt: skip
