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
        ("f1\\b|harmonic|token f1", "words?|tokens?|mots?|jetons?"),
        {"p": n("predict|prediction|answer|produced|pr[ée]diction|r[ée]ponse|system"), "r": n("reference|gold|r[ée]f[ée]rence|expected|truth"), "s": n("overlap|shared|common|in common|partag|commun|match")},
        "2*({s}/{p})*({s}/{r})/({s}/{p}+{s}/{r})",
    ),
    Formula(
        "harmonic mean of precision and recall", "evaluation/answer-relevance.md",
        ("f1\\b|harmonic|harmonique", "precision|recall|pr[ée]cision|rappel"),
        {"p": share("precision|pr[ée]cision"), "r": share("recall|rappel")}, "2*{p}*{r}/({p}+{r})",
    ),
    Formula(
        "discount of a rank in DCG", "evaluation/retrieval-metrics.md",
        ("dcg|discount|log", "rank|position|rang|place"), {"r": n("rank|position|rang|place|th\\b")}, "1/log2({r}+1)",
    ),
    Formula(
        "reciprocal rank", "evaluation/retrieval-metrics.md",
        ("reciprocal rank|mrr|rang r[ée]ciproque",), {"r": n("rank|position|place|rang|th\\b|result")}, "1/{r}",
    ),
    Formula(
        "true rate behind an imperfect judge", "evaluation/faithfulness.md",
        ("true|real|actual|likely|correct|vrai|r[ée]el|corrig", "catch|detect|sensitiv|flag|judge|checker|d[ée]tect|juge|signal|v[ée]rificateur|pass"),
        {"o": share("flags?|raises?|observ|overall|of all|signal|report|says|raises its hand|en tout|measured"),
         "s": share("catch|detect|sensitiv|true positive|d[ée]tect|attrape|unsupported|bad"), "f": share("wrongly|false|good|faux|[àa] tort|bonnes?|correct|sound|supported")},
        "({o}+(1-{f})-1)/({s}+(1-{f})-1)", "share",
    ),
    Formula(
        "true rate from sensitivity and specificity", "evaluation/faithfulness.md",
        ("true|real|actual|correct|vrai|r[ée]el|corrig", "sensitiv|sensibilit", "specific|sp[ée]cific"),
        {"o": share("flags?|observ|overall|report|says|measured|apparent|pass|signal"), "s": share("sensitiv|sensibilit"), "p": share("specific|sp[ée]cific")},
        "({o}+{p}-1)/({s}+{p}-1)", "share",
    ),
    Formula(
        "standard error of a share", "evaluation/significance.md",
        ("standard error|erreur[- ]type|one sigma|standard deviation",),
        {"p": share("correct|right|accura|good|success|score|exact|juste|bonnes?|pass|%"), "n": n(_QUESTIONS)}, "sqrt({p}*(1-{p})/{n})", "share",
    ),
    Formula(
        "half-width of a 95% interval", "evaluation/significance.md",
        ("interval|margin|uncertain|95 ?%|plus or minus|confidence|marge|intervalle|half-width|error bar|give or take|±",),
        {"p": share("correct|right|accura|good|success|score|exact|juste|bonnes?|pass|of\\b"), "n": n(_QUESTIONS), "c": share("confidence|interval|confiance|intervalle", "0.95")},
        "1.96*sqrt({p}*(1-{p})/{n})", "share",
    ),
    Formula(
        "questions for a margin", "evaluation/jeux-de-test.md",
        ("how many|combien", "margin|within|plus or minus|interval|marge|±|près|error", "questions?|examples?|items?|exemples?|answers?|r[ée]ponses?"),
        {"p": share("correct|right|accura|good|success|score|exact|juste|bonnes?|expect|around|rate|taux"), "e": share("margin|within|plus or minus|marge|±|près|points?|width"), "c": share("confidence|interval|confiance", "0.95")},
        "ceil(1.96**2*{p}*(1-{p})/{e}**2)", unit="questions",
    ),
    Formula(
        "paired questions to detect a difference", "evaluation/experiment-as-paper.md",
        ("how many|combien", "questions?|examples?|items?|exemples?", "disagree|discord|differ|d[ée]saccord|diff[èe]rent|diverge"),
        {"d": share("disagree|discord|differ|d[ée]saccord|diff[èe]rent|diverge|questions?"), "e": share("gap|difference|detect|catch|improv|gain|[ée]cart|diff[ée]rence|points?|d[ée]tecter"),
         "a": share("two-sided|bilat[ée]ral|level|significance|alpha|risque|α", "0.05"), "w": share("power|puissance", "0.8")},
        "ceil((1.96*sqrt({d})+0.8416*sqrt({d}-{e}**2))**2/{e}**2)", unit="questions",
    ),
    Formula(
        "chance of a false alarm in several tests", "evaluation/significance.md",
        ("tests?|comparisons?|metrics?|comparaisons?|variants?|m[ée]triques?", "at least one|false|by chance|family|any|par hasard|faux|au moins|nothing|spurious"),
        {"n": n("tests?|comparisons?|metrics?|variants?|comparaisons?|m[ée]triques?|independent|systems?|things"), "a": share("level|α|alpha|significance|threshold|seuil|each|risk|at\\b|p\\b", "0.05")},
        "1-(1-{a})**{n}", "share",
    ),
    Formula(
        "threshold of Bonferroni", "evaluation/significance.md",
        ("bonferroni|threshold|seuil|p-value|level", "tests?|comparisons?|metrics?|comparaisons?|variants?|checkpoints"),
        {"n": n("tests?|comparisons?|metrics?|variants?|comparaisons?|checkpoints"), "a": share("level|α|alpha|overall|family|significance|global|risk|error", "0.05")}, "{a}/{n}",
    ),
    Formula(
        "upper bound by the rule of three", "evaluation/jeux-de-test.md",
        ("no |none|zero|never|without|not one|not a single|aucun|sans|jamais|clean", "rate|bound|at most|confiden|upper|maxim|taux|borne|au plus|confiance|could still|true"),
        {"n": n(_QUESTIONS + "|transfers?|actions?|attacks?|runs?|attaques?|attempts?|pages?"), "c": share("confiden|confiance|certain|sure", "0.95")}, "3/{n}", "share",
    ),
    Formula(
        "trials that a bound needs", "evaluation/jeux-de-test.md",
        ("how many|combien", "no |none|zero|without|aucun|sans|clean|flawless|in a row", "confiden|claim|bound|below|under|show|affirm|garant|moins de|confiance|at most"),
        {"r": share("below|under|rate|at most|failure|moins|taux|bound|than|error"), "c": share("confiden|confiance|certain|sure", "0.95")}, "3/{r}", unit="trials",
    ),
    Formula(
        "right answers of a pipeline", "evaluation/evaluer-un-rag.md",
        ("passage|retriev|context|document|search|recherche|found|evidence", "answer|right|correct|juste|r[ée]pon|accura"),
        {"r": share("passage|retriev|found|arrive|recall|search|recherche|prompt|invite|evidence|finds?"), "a": share("in that case|dans ce cas|then|with it|when|given|if so|avec|right|correct|juste"),
         "b": share("otherwise|without|sinon|else|sans|not found|missing|when it is absent|if not|absent")},
        "{r}*{a}+(1-{r})*{b}", "share",
    ),
    Formula(
        "time of calls with bounded concurrency", "evaluation/reviewing-async-llm-code.md",
        ("concurren|parallel|semaphore|at a time|at once|in flight|parall[èe]le|simultan|workers?", "time|long|seconds?|minutes?|temps|wait|take|dur"),
        {"n": n("questions?|calls?|items?|requests?|appels?|documents?"), "t": of("time"), "c": n("concurren|parallel|semaphore|at a time|at once|in flight|simultan|workers?|parall[èe]le|permits?|slots?")},
        "{n}*{t}/{c}", "time",
    ),
    Formula(
        "calls of nested retries", "systems/reprise-sur-panne.md",
        ("retr|attempt|tr(?:y|ies)\\b|tentative|essai|r[ée]essa", "layers?|levels?|couches?|niveaux|nested|stack|each|chacun"),
        {"a": n("attempts?|tries|times|tentatives?|essais?|retries"), "l": n("layers?|levels?|couches?|niveaux|deep|services?")}, "{a}**{l}", unit="calls",
    ),
    Formula(
        "longest wait of exponential backoff", "systems/reprise-sur-panne.md",
        ("retr|backoff|back-off|attempt|tentative|essai|attente|r[ée]essa", "doubl|exponent|factor|facteur", "wait|attente|attend|delay|sleep|total|d[ée]lai|most"),
        {"b": of("time", "base|first|initial|start|premi|d[ée]part"), "n": n("retries|attempts?|times|tentatives?|essais?|retry|tries"), "x": n("factor|facteur|multipl", "2")},
        "{b}*({x}**{n}-1)/({x}-1)", "time",
    ),
    Formula(
        "mean wait of full jitter", "systems/reprise-sur-panne.md",
        ("jitter|random|al[ée]atoire|uniform", "average|mean|expected|moyenne|esp[ée]r", "retr|backoff|attempt|tentative|essai|attente|wait"),
        {"b": of("time", "base|first|initial|start|premi|d[ée]part"), "n": n("retries|attempts?|times|tentatives?|essais?|retry|tries")}, "{b}*(2**{n}-1)/2", "time",
    ),
    Formula(
        "chance that every attempt fails", "systems/reprise-sur-panne.md",
        ("fail|[ée]chou|[ée]chec|panne|error|down", _CHANCE, "attempts?|tries|times|tentatives?|essais?|retries|in a row|all"),
        {"p": share("fail|[ée]chou|[ée]chec|panne|error|each|chaque|down"), "n": n("attempts?|tries|times|tentatives?|essais?|retries|providers?|calls?")}, "{p}**{n}", "share",
    ),
    Formula(
        "prompt tokens of an agent that rereads its history", "agents/react.md",
        ("tokens?|jetons?", _CALLS, "total|in all|altogether|read|overall|sum|en tout|lus?|process|cost|prompt tokens|how many|cumul"),
        {"p": n("system|prompt|fixed|preamble|prefix|starts?|tools|base|instructions|invite|initial|pr[ée]ambule"), "s": n("adds?|grows?|each|per|every|fresh|new|round|turn|step|ajout|chaque|by\\b|tour|observation"), "n": n(_CALLS)},
        "{n}*{p}+{s}*{n}*({n}-1)/2", unit="tokens",
    ),
    Formula(
        "prompt tokens of a growing conversation", "agents/three-memories.md",
        ("tokens?|jetons?", "turns?|tours?|messages?|exchanges?|[ée]changes?", "total|in all|altogether|read|overall|cumul|en tout|lus?|whole|sum"),
        {"t": n("tokens?|jetons?"), "n": n("turns?|tours?|exchanges?|[ée]changes?|messages?|-turn")}, "{t}*{n}*({n}+1)/2", unit="tokens",
    ),
    Formula(
        "length of an agent's last prompt", "agents/react.md",
        ("last|final|longest|largest|derni|plus long|end", "tokens?|jetons?|prompt|context|long|invite", _CALLS),
        {"p": n("system|prompt|fixed|preamble|prefix|starts?|tools|base|instructions|invite|initial"), "s": n("adds?|grows?|each|per|every|fresh|new|round|turn|step|ajout|chaque|by\\b|tour"), "n": n(_CALLS)},
        "{p}+({n}-1)*{s}", unit="tokens",
    ),
    Formula(
        "tokens of tool descriptions over a run", "agents/many-tools-or-few.md",
        ("tools?|outils?", "tokens?|jetons?", "descri|defin|d[ée]fini|schema|sch[ée]ma|each|chaque|per\\b|apiece"),
        {"k": n("tools?|outils?|functions?"), "t": n("tokens?|jetons?"), "c": n("calls?|steps?|turns?|rounds?|appels?|[ée]tapes?|tours?", "1"), "s": n("servers?|serveurs?", "1")},
        "{k}*{t}*{c}*{s}", unit="tokens",
    ),
    Formula(
        "adapters without a protocol", "agents/model-context-protocol.md",
        ("adapters?|integrations?|connectors?|adaptateurs?|connecteurs?|int[ée]grations?",), {"a": n("applications?|apps?|clients?|hosts?|agents?|assistants?"), "b": n("tools?|services?|systems?|servers?|sources?|outils?")}, "{a}*{b}",
    ),
    Formula(
        "implementations with a protocol", "agents/model-context-protocol.md",
        ("mcp|protocol|protocole|standard", "implement|pieces|how many|combien|adapters?|write|[ée]crire"), {"a": n("applications?|apps?|clients?|hosts?|agents?|assistants?"), "b": n("tools?|services?|systems?|servers?|sources?|outils?")}, "{a}+{b}",
    ),
    Formula(
        "recency of a memory", "agents/three-memories.md",
        ("generative|memor|recollection|souvenir|m[ée]moire|recency|fra[îi]cheur", "recency|fresh|untouched|decay|last|old|left|untouched|reste|fra[îi]cheur|weight"),
        {"h": of("time", "ago|untouched|old|since|after|hours?|days?|later|not (?:been )?(?:read|used)|depuis|apr[èe]s"), "d": share("decay|factor|facteur|per hour", "0.995")},
        "{d}**({h}/3600)", "share",
    ),
    Formula(
        "half-life of a memory's recency", "agents/three-memories.md",
        ("memor|recency|recollection|souvenir|decay|m[ée]moire|generative", "half|moiti[ée]|halv"), {"d": share("decay|factor|facteur|per hour|times", "0.995"), "x": share("half|moiti", "0.5")}, "log(0.5)/log({d})*3600", "time",
    ),
    Formula(
        "error rate from which a review pays", "agents/human-in-the-loop.md",
        ("review|check|approv|human|colleague|relect|v[ée]rif|valid|contr[ôo]l", "worth|pays?|from what|threshold|break|rentab|seuil|vaut|justif|partir de"),
        {"t": of("time", "takes?|review|check|dur|prend|approv"), "w": of("wage"), "l": of("money", "cost|loss|bad|wrong|error|damage|perte|erreur|co[ûu]t|mistake|lose")},
        "({t}*{w})/{l}", "share",
    ),
    Formula(
        "time of human review", "agents/human-in-the-loop.md",
        ("review|check|approv|human|relect|v[ée]rif|valid|hand|escalat", "time|hours?|minutes?|work|long|temps|heures?|person"),
        {"n": n("actions?|requests?|answers?|cases?|calls?|tickets?|day|runs?|demandes?|r[ée]ponses?"), "s": share("review|check|need|stop|approv|share|of them|escalat|ask|v[ée]rif|go to"), "t": of("time", "each|takes?|per|review|chacun|one")},
        "{n}*{s}*{t}", "time",
    ),
    Formula(
        "bytes carried in base64", "agents/injection-de-prompt.md",
        ("base ?64", "bytes?|octets?|carr|emport|fit|hold|much|combien"), {"c": n("characters?|caract[èe]res?|url|address|adresse|long")}, "{c}*6/8", "bytes",
    ),
    Formula(
        "characters of a base64 secret", "agents/injection-de-prompt.md",
        ("base ?64", "characters?|caract[èe]res?"), {"b": of("bits")}, "ceil({b}/6)", unit="characters",
    ),
    Formula(
        "characters of a base32 secret", "agents/injection-de-prompt.md",
        ("base ?32", "characters?|caract[èe]res?"), {"b": of("bits")}, "ceil({b}/5)", unit="characters",
    ),
    Formula(
        "at least one attack passes", "agents/prompt-injection.md",
        ("attack|attaque|attempt|malicious|inject|adversar|essai|tries|filter|filtre", _CHANCE, "at least|one|any|gets? through|pass|au moins|slip|succeed|r[ée]uss|breach"),
        {"p": share("block|catch|stop|arr[êe]t|bloqu|filter|detect"), "n": n("attempts?|times|tries|attacks?|attaques?|essais?|texts?|tentatives?|messages?")}, "1-{p}**{n}", "share",
    ),
    Formula(
        "mean time with a cache", "systems/cached-answer-fallback.md",
        ("average|mean|moyen|expected", "cache|storage|stor|hit|ready-made|memor|r[ée]serve"),
        {"h": share("cache|storage|hit|straight|answered|found|served|come|of (?:the )?(?:questions|requests)"), "a": of("time", "cache|storage|straight|hit|from|those|stored"), "b": of("time", "others?|miss|rest|produce|else|model|generat|autres?|otherwise|full")},
        "{h}*{a}+(1-{h})*{b}", "time",
    ),
    Formula(
        "availability with a fallback", "systems/cached-answer-fallback.md",
        ("availab|disponib|up\\b|answered|works?|served", "cache|fallback|fall back|backup|secours|stale|repli"),
        {"a": share("availab|disponib|model|provider|up\\b|works?"), "b": share("cache|fallback|backup|secours|stale|hit|cover|repli|of the rest|of (?:the )?(?:questions|requests)")}, "{a}+(1-{a})*{b}", "share",
    ),
    Formula(
        "time in a single queue", "systems/back-pressure.md",
        ("queue|arriv|system|attente|file|server|serveur|response|spends?", "serv|handle|process|capacity|trait|capacit"),
        {"m": of("rate", "serv|handle|process|capacity|capable|trait|manage|can\\b"), "l": of("rate", "arriv|come|load|receiv|offer|get|charge")}, "1/({m}-{l})", "time",
    ),
    Formula(
        "bound of a queue", "systems/back-pressure.md",
        ("queue|line|waiting|file|attente", "bound|length|long|limit|place|how many|size|cap|taille|borne|admit"),
        {"t": of("time", "wait|patien|most|longest|more than|deadline|attend|willing|accept|queue"), "c": n("workers?|slots?|concurren|at once|parallel|in flight|simultan|servers?|places?"), "s": of("time", "each|takes?|lasts?|service|answer|call|dur|request|generation")},
        "{t}*{c}/{s}", unit="requests",
    ),
    Formula(
        "requests per minute under a token quota", "systems/rate-limits.md",
        ("quota|limit|tokens? (?:a|per) minute|tpm|allow|plafond|jetons par minute|rate", "requests?|calls?|requ[êe]tes?|appels?|how many|combien"),
        {"q": of("rate", "tokens?|quota|jetons?|tpm|limit", per=60), "i": n("reads?|prompt|input|tokens? in|sends?|envo|in\\b|lit|entr[ée]e|tokens?|each|per"), "o": n("writes?|output|answer|out\\b|receiv|gets?|back|re[çc]oi|[ée]crit|sortie|generat", "0")},
        "floor({q}/({i}+{o}))", unit="requests",
    ),
    Formula(
        "requests that a token bucket lets through", "systems/rate-limits.md",
        ("bucket|seau|burst|rafale",), {"c": n("capacity|bucket|burst|holds?|size|capacit|seau|tokens?|rafale|full"), "r": of("rate", "refill|rate|per|fill|rempli|d[ée]bit"), "t": of("time")}, "{c}+{r}*{t}", unit="requests",
    ),
    Formula(
        "downtime that an objective allows", "systems/slos.md",
        ("outage|down|unavailab|budget|indisponib|panne|offline|interrupt|error", "slo|%|percent|pour cent|objective|availab|objectif|target"),
        {"a": share("slo|objective|availab|over|target|objectif|disponib|%"), "t": of("time", "over|in\\b|window|period|days?|weeks?|month|sur\\b|en\\b|mois|jours", "2592000")}, "{t}*(1-{a})", "time",
    ),
    Formula(
        "bad requests that an objective allows", "systems/slos.md",
        ("bad|fail|error|wrong|mauvais|[ée]chec|erreurs?|budget", "slo|objective|objectif|target|availab|disponib", "requests?|questions?|calls?|requ[êe]tes?|appels?"),
        {"a": share("slo|objective|target|objectif|good|%"), "r": n("requests?|questions?|calls?|requ[êe]tes?|appels?|day|jour"), "d": n("days?|jours?|-day", "1")}, "{r}*{d}*(1-{a})", unit="requests",
    ),
    Formula(
        "bad requests within an error budget", "systems/slos.md",
        ("bad|fail|error|wrong|mauvais|[ée]chec|erreurs?|budget", "slo|objective|objectif|target|budget", "requests?|questions?|calls?|requ[êe]tes?|appels?"),
        {"e": share("errors?|bad|fail|erreurs?|budget|[ée]chec"), "r": n("requests?|questions?|calls?|requ[êe]tes?|appels?|day|jour"), "d": n("days?|jours?|-day", "1")}, "{r}*{d}*{e}", unit="requests",
    ),
    Formula(
        "error budget that a burn rate uses", "systems/slos.md",
        ("burn|consomm|br[ûu]l", "budget|share|part|percent|%|much"),
        {"b": n("burn|rate|consomm|vitesse|times"), "t": of("time", "for|hour|lasts?|during|over|pendant|dur"), "w": of("time", "window|objective|month|slo|period|-day|objectif|mois|jours", "2592000")}, "{b}*{t}/{w}", "share",
    ),
    Formula(
        "replicas that the HPA asks for", "systems/gpu-autoscaling.md",
        ("replicas?|pods?|r[ée]plique|hpa|autoscal", "target|goal|cible|aim|objectif"),
        {"r": n("replicas?|pods?|r[ée]plique|currently"), "c": n("average|running|measured|observed|current|actual|moyenne|mesur|queue|each"), "t": n("target|goal|cible|aim|objectif")},
        "ceil({r}*{c}/{t})", unit="replicas",
    ),
    Formula(
        "growth over a delay", "systems/gpu-autoscaling.md",
        ("grow|climb|rise|increas|cro[îi]|augment|mont", "minute|month|mois|week|hour|day|jour", "when|after|later|by then|times|factor|much|facteur|apr[èe]s|fois|bout"),
        {"g": share("minute|month|grow|climb|rise|mois|par|increas|cro|augment|per|a\\b|each"), "t": n("minutes?|months?|mois|weeks?|days?|hours?|jours?")}, "(1+{g})**{t}",
    ),
    Formula(
        "backlog while a machine starts", "systems/gpu-autoscaling.md",
        ("backlog|accumul|pile|queue|waiting|attente|file|build", "beyond|excess|above|more than|over|missing|exc[èe]s|surplus|short|too many|d[ée]pass|deficit"),
        {"r": of("rate", "beyond|excess|above|more|over|exc[èe]s|surplus|short|too many|requests?"), "t": of("time", "start|boot|ready|arriv|minutes?|d[ée]marr|takes?|until")}, "{r}*{t}", unit="requests",
    ),
    Formula(
        "requests that meet a cold start", "systems/cold-start.md",
        ("cold|froid|wake|sleep|idle|r[ée]veil|scale.to.zero|inactif|veille", _CHANCE),
        {"r": of("rate", "calls?|requests?|arriv|appels?|requ[êe]tes?|questions?"), "t": of("time", "idle|sleep|after|inactiv|veille|timeout|apr[èe]s|without")}, "exp(-{r}*{t})", "share",
    ),
    Formula(
        "replicas for a load", "systems/capacity-planning.md",
        ("replicas?|gpus?|cards?|r[ée]plique|cartes?|machines?|instances?", "how many|combien|need|number"),
        {"r": of("rate", "calls?|requests?|questions?|peak|requ[êe]tes?|appels?|pic|pointe"), "i": n("in\\b|prompt|input|read|invite|entr[ée]e|lus?"), "o": n("out\\b|output|answer|written|sortie|produi|generat|r[ée]ponse"),
         "p": of("rate", "prefill|prompts?|input|tokens?|invite|lecture|reading"), "d": of("rate", "output|decode|generation|writing|d[ée]cod|sortie|g[ée]n[ée]ration|out\\b"), "u": share("busy|utili[sz]|aim|target|load|occup|charge|cible", "1"),
         "x": n("extra|spare|more|failure|secours|suppl[ée]ment|réserve", "0")},
        "ceil(({r}*{i}/{p}+{r}*{o}/{d})/{u})+{x}", unit="replicas",
    ),
    Formula(
        "questions per second at the busy hour", "systems/rag-10k-users.md",
        ("users?|people|employees|utilisateurs?|salari[ée]s?|clients?", "peak|busiest|busy|pointe|rush|charg", "per second|a second|second|par seconde"),
        {"u": n("users?|people|employees|utilisateurs?|salari[ée]s?|clients?"), "q": n("questions?|requests?|each|times|requ[êe]tes?|chacun"), "s": share("hour|peak|busiest|of the day|heure|pointe")}, "{u}*{q}*{s}/3600", unit="per second",
    ),
    Formula(
        "series of a metric", "systems/observability.md",
        ("series|s[ée]ries|cardinal", "labels?|buckets?|[ée]tiquettes?|values?|histogram"), {"b": n("buckets?"), "x": n("models?|routes?|endpoints?|values?|methods?|mod[èe]les?"), "y": n("status|codes?|regions?|values?|tenants?", "1"), "z": n("replicas?|instances?|pods?|values?", "1")}, "({b}+1+2)*{x}*{y}*{z}", unit="series",
    ),
    Formula(
        "bytes parsed again at each token", "systems/streaming-partial-json.md",
        ("pars|analys", "again|whole|each|every|from the start|buffer|re-?pars|chaque"),
        {"n": n("tokens?|jetons?|chunks?|pieces?|deltas?"), "b": of("bytes", "each|token|per|chunks?")}, "{b}*{n}*({n}+1)/2", "bytes",
    ),
)  # fmt: skip
