"""Further formulas of the handbook's pages on evaluation and on agents."""

# ruff: noqa: E501 - a table, in which a pattern is one cell
from __future__ import annotations

from rag.llm.formulas.base import Formula, n, of, share

_MANY = "how many|combien|total|number|in all|en tout"
_LIFE = "time|long|latency|total|temps|dur[ée]e|combien de|seconds?|minutes?"

FORMULAS = (
    Formula(
        "mean reciprocal rank of three queries", "evaluation/retrieval-metrics.md",
        ("mrr|reciprocal|r[ée]ciproque",),
        {"a": n("ranks?|rang|first|position"), "b": n("ranks?|rang|second|position|and"), "c": n("ranks?|rang|third|position|and")}, "(1/{a}+1/{b}+1/{c})/3",
    ),
    Formula(
        "precision at k from relevant results", "evaluation/retrieval-metrics.md",
        ("precision|pr[ée]cision", "relevant|useful|right|pertinent|utiles?"),
        {"a": n("relevant|useful|right|of the|pertinent|utiles?"), "k": n("results?|retrieved|returned|first|top|passages?|documents?|r[ée]sultats?")}, "{a}/{k}",
    ),
    Formula(
        "best possible recall when more documents are relevant than are returned", "evaluation/retrieval-metrics.md",
        ("recall|rappel", "best|possible|ceiling|maxim|at most|plafond|meilleur"),
        {"k": n("recall at|recall@|@|at\\b|results?|top|first|cutoff|[àa]\\b"), "r": n("relevant|pertinent")}, "{k}/{r}",
    ),
    Formula(
        "DCG of relevant results at two ranks", "evaluation/retrieval-metrics.md",
        ("\\bdcg", "ranks?|positions?|rangs?"), {"a": n("ranks?|positions?|rangs?|and|et"), "b": n("ranks?|positions?|rangs?|and|et")}, "1/log2({a}+1)+1/log2({b}+1)",
    ),
    Formula(
        "Cohen's kappa from observed and chance agreement", "evaluation/llm-judges.md",
        ("kappa", "agree|accord"),
        {"o": share("observed|raw|agreement|agree|accord|observ[ée]"), "e": share("chance|luck|expected|hasard|random")}, "({o}-{e})/(1-{e})",
    ),
    Formula(
        "agreement of two raters by chance", "evaluation/llm-judges.md",
        ("agree|accord|coincid", "chance|luck|independent|random|hasard"),
        {"a": share("first|one|judge|pass|yes|says?|premier|rater"), "b": share("second|other|human|pass|yes|says?|autre|rater")}, "{a}*{b}+(1-{a})*(1-{b})", "share",
    ),
    Formula(
        "share of the usable range above a baseline of unrelated pairs", "evaluation/answer-relevance.md",
        ("unrelated|mismatch|random|baseline|hasard|sans rapport|floor", "range|usable|scale|rescal|share|[ée]chelle"),
        {"x": n("ours?|score|relevance|cosine|real|answer"), "b": n("unrelated|mismatch|random|baseline|hasard|floor|sans rapport")}, "({x}-{b})/(1-{b})",
    ),
    Formula(
        "precision of abstention from right and all refusals", "evaluation/evaluer-un-rag.md",
        ("refus|abst|declin", "pr[ée]cision|rightly|correct|justifi|[àa] raison|bien fond"),
        {"all": n("refus|abst|declin|times|cas"), "ok": n("rightly|correct|justifi|of them|unanswerable|sans r[ée]ponse|[àa] raison|dont")}, "{ok}/{all}", "share",
    ),
    Formula(
        "gain of a perfect retrieval", "evaluation/evaluer-un-rag.md",
        ("perfect|parfait|never miss|always f(?:ound|inds)|flawless", "gain|gagn|win|improv|apport|bring|how much", "retriev|search|recherche|passage|found"),
        {"r": share("passage|retriev|found|finds?|recall|recherche"), "a": share("with it|then|when|avec|in that case|given|dans ce cas"), "b": share("without|otherwise|else|sans|sinon|not")},
        "{a}-({r}*{a}+(1-{r})*{b})", "share",
    ),
    Formula(
        "exact upper bound of a rate when nothing happened", "evaluation/jeux-de-test.md",
        ("exact", "no |none|zero|never|without|not one|aucun|sans|jamais", "bound|upper|borne|at most|au plus"), {"n": n("questions?|attempts?|trials?|runs?|essais?|cases?|tests?")}, "1-0.05**(1/{n})", "share",
    ),
    Formula(
        "questions for a standard error", "evaluation/jeux-de-test.md",
        ("standard error|erreur[- ]type", "how many|combien|number of"),
        {"p": share("correct|right|accura|good|success|rate|taux|juste|exact"), "e": share("standard error|erreur[- ]type|within|point|of at most")}, "ceil({p}*(1-{p})/{e}**2)", unit="questions",
    ),
    Formula(
        "true pass rate from sensitivity and specificity of a judge", "evaluation/llm-judges.md",
        ("true|real|corrected|actual|vrai|r[ée]el|corrig", "pass|accept|approv|valid", "sensitiv|specific|rejects?|catch|recogni"),
        {"o": share("passes|pass|observ|accepts?|approv|says"), "s": share("sensitiv|sensibilit|good|recogni"), "p": share("specific|sp[ée]cific|bad|rejects?")}, "({o}+{p}-1)/({s}+{p}-1)", "share",
    ),
    Formula(
        "judge calls of an evaluation", "evaluation/ragas.md",
        ("calls?|generations?|requests?|appels?", "judge|metric|evaluat|ragas|juge|m[ée]trique|[ée]valu"), {"q": n("questions?|examples?|answers?|rows?|exemples?"), "c": n("calls?|generations?|each|per|requests?|appels?|chacun")}, "{q}*{c}", unit="calls",
    ),
    Formula(
        "worst time of attempts with timeouts and doubling waits", "evaluation/reviewing-async-llm-code.md",
        ("attempts?|tries|tentatives?|essais?", "timeouts?|time out|time-out|d[ée]lai", "worst|most|longest|at most|pire|au plus|maxim"),
        {"a": n("attempts?|tries|tentatives?|essais?"), "t": of("time", "timeouts?|time out|each|d[ée]lai|chacun"), "b": of("time", "first wait|base|wait|starts?|attente|backoff")}, "{a}*{t}+{b}*(2**({a}-1)-1)", "time",
    ),
    Formula(
        "super-steps of a loop of two nodes and an answer", "agents/langgraph-state.md",
        ("super-?steps?|steps? of the graph|recursion", "rounds?|loops?|times|tours?"), {"r": n("rounds?|loops?|times|tours?")}, "2*{r}+1", unit="super-steps",
    ),
    Formula(
        "characters written when every checkpoint holds all messages", "agents/langgraph-state.md",
        ("checkpoints?|snapshots?|state", "characters?|bytes|caract[èe]res|octets|written|stored"), {"m": n("characters?|bytes|adds?|each|per|caract[èe]res|octets|message"), "t": n("turns?|steps?|messages?|rounds?|tours?")}, "{m}*{t}*({t}+1)/2", unit="characters",
    ),
    Formula(
        "states of a tree that is explored in full", "agents/loop-bounds.md",
        ("options?|branch|tree|choices|sub-?questions?|follow-up|possibilit|arbre|explor", "levels?|deep|depth|niveaux|profond", _MANY),
        {"b": n("options?|branch|choices|each|sub-?questions?|follow-up|children|possibilit"), "d": n("levels?|deep|depth|niveaux|profond")}, "({b}**({d}+1)-{b})/({b}-1)", unit="states",
    ),
    Formula(
        "prompt tokens of a plan written first", "agents/planification-agents.md",
        ("plan", "tokens?|jetons?"), {"p": n("prefix|prompt|system|preamble|fixed|sends?|pr[ée]ambule|invite|base"), "s": n("fresh|adds?|each|new|per|step|nouveaux|chaque"), "n": n("steps?|[ée]tapes?|tasks?|lookups?")}, "2*{p}+{n}*{s}", unit="tokens",
    ),
    Formula(
        "time of an agent that decides before each search", "agents/planification-agents.md",
        ("react|one after (?:the other|another)|sequential|alternat|[àa] la suite|in turn|l'un apr[èe]s", _LIFE),
        {"n": n("searches|lookups?|tools?|recherches?|calls?|outils?"), "t": of("time", "search|lookup|tool|recherche|each|outil"), "m": of("time", "model|decision|think|mod[èe]le|d[ée]cision|llm|reason")}, "({n}+1)*{m}+{n}*{t}", "time",
    ),
    Formula(
        "time of a plan whose searches run side by side", "agents/planification-agents.md",
        ("parallel|side by side|at the same time|at once|parall[èe]le|simultan|concurrent", _LIFE, "search|lookup|tools?|recherche|outil"),
        {"n": n("searches|lookups?|tools?|recherches?|outils?"), "t": of("time", "search|lookup|tool|recherche|each|outil|of\\b"), "m": of("time", "model|calls?|plan|mod[èe]le|llm|answer")}, "{m}+{t}+{m}+0*{n}", "time",
    ),
    Formula(
        "two things right together", "agents/many-tools-or-few.md",
        ("both|together|and the (?:right|correct)|les deux|ensemble|jointly", "%|percent|pour cent|often|share|probab|chance"), {"a": share("tool|first|outil|right|one"), "b": share("arguments?|second|other|autre|right")}, "{a}*{b}", "share",
    ),
    Formula(
        "secrets that fit in an address", "agents/injection-de-prompt.md",
        ("secrets?|keys?|cl[ée]s?|tokens?", "url|address|adresse|link", "how many|combien"), {"u": n("url|address|adresse|link|long"), "k": n("characters?|secrets?|keys?|each|cl[ée]s?|caract[èe]res")}, "floor({u}/{k})",
    ),
    Formula(
        "cost of one human review", "agents/human-in-the-loop.md",
        ("review|check|approv|relect|v[ée]rif|human", "cost|co[ûu]t|price|how much|combien"), {"t": of("time", "takes?|review|minutes|dur"), "w": of("wage")}, "{t}*{w}", "money",
    ),
    Formula(
        "tokens of summary and recent turns", "agents/three-memories.md",
        ("summar|r[ée]sum", "turns?|messages?|tours?|exchanges?", "tokens?|jetons?"), {"s": n("summar|r[ée]sum"), "k": n("turns?|messages?|last|tours?|exchanges?|kept"), "t": n("each|per|tokens? (?:a|per)|jetons par|chacun|of\\b")}, "{s}+{k}*{t}", unit="tokens",
    ),
)  # fmt: skip
