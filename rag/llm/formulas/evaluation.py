"""Further formulas of the handbook's pages on evaluation and on agents."""

# ruff: noqa: E501 - a table, in which a pattern is one cell
from __future__ import annotations

from rag.llm.formulas.base import Formula, n, of, share

_MANY = "how many|combien|total|number|in all|en tout"
_LIFE = "time|long|latency|total|temps|dur[ée]e|combien de|seconds?|minutes?"

FORMULAS = (
    Formula(
        "mean reciprocal rank of three queries", "evaluation/retrieval-metrics.md",
        "What is the mean reciprocal rank of three queries?",
        ("mrr|reciprocal|r[ée]ciproque",),
        {"a": n("ranks?|rang|first|position"), "b": n("ranks?|rang|second|position|and"), "c": n("ranks?|rang|third|position|and")}, "(1/{a}+1/{b}+1/{c})/3",
    ),
    Formula(
        "precision at k from relevant results", "evaluation/retrieval-metrics.md",
        "What is the precision at k when some of the results are relevant?",
        ("precision|pr[ée]cision", "relevant|useful|right|pertinent|utiles?"),
        {"a": n("relevant|useful|right|of the|pertinent|utiles?"), "k": n("results?|retrieved|returned|first|top|passages?|documents?|r[ée]sultats?")}, "{a}/{k}",
    ),
    Formula(
        "best possible recall when more documents are relevant than are returned", "evaluation/retrieval-metrics.md",
        "What is the best possible recall at k when more documents are relevant than are returned?",
        ("recall|rappel", "best|possible|ceiling|maxim|at most|plafond|meilleur"),
        {"k": n("recall at|recall@|@|at\\b|results?|top|first|cutoff|[àa]\\b"), "r": n("relevant|pertinent")}, "{k}/{r}",
    ),
    Formula(
        "DCG of relevant results at two ranks", "evaluation/retrieval-metrics.md",
        "What is the DCG of relevant results at two ranks?",
        ("\\bdcg", "ranks?|positions?|rangs?"), {"a": n("ranks?|positions?|rangs?|and|et"), "b": n("ranks?|positions?|rangs?|and|et")}, "1/log2({a}+1)+1/log2({b}+1)",
    ),
    Formula(
        "Cohen's kappa from observed and chance agreement", "evaluation/llm-judges.md",
        "What is Cohen's kappa, given the observed agreement and that expected by chance?",
        ("kappa", "agree|accord"),
        {"o": share("observed|raw|agreement|agree|accord|observ[ée]"), "e": share("chance|luck|expected|hasard|random")}, "({o}-{e})/(1-{e})",
    ),
    Formula(
        "agreement of two raters by chance", "evaluation/llm-judges.md",
        "How often would two raters agree by chance, given how often each says yes?",
        ("agree|accord|coincid", "chance|luck|independent|random|hasard"),
        {"a": share("first|one|judge|pass|yes|says?|premier|rater"), "b": share("second|other|human|pass|yes|says?|autre|rater")}, "{a}*{b}+(1-{a})*(1-{b})", "share",
    ),
    Formula(
        "share of the usable range above a baseline of unrelated pairs", "evaluation/answer-relevance.md",
        "What share of the usable range is a similarity score above that of unrelated pairs?",
        ("unrelated|mismatch|random|baseline|hasard|sans rapport|floor", "range|usable|scale|rescal|share|[ée]chelle"),
        {"x": n("ours?|score|relevance|cosine|real|answer"), "b": n("unrelated|mismatch|random|baseline|hasard|floor|sans rapport")}, "({x}-{b})/(1-{b})",
    ),
    Formula(
        "precision of abstention from right and all refusals", "evaluation/evaluer-un-rag.md",
        "What is the precision of abstention when some of the refusals were justified?",
        ("refus|abst|declin", "pr[ée]cision|rightly|correct|justifi|[àa] raison|bien fond"),
        {"all": n("refus|abst|declin|times|cas"), "ok": n("rightly|correct|justifi|of them|unanswerable|sans r[ée]ponse|[àa] raison|dont")}, "{ok}/{all}", "share",
    ),
    Formula(
        "gain of a perfect retrieval", "evaluation/evaluer-un-rag.md",
        "How many points would a perfect retriever gain?",
        ("perfect|parfait|never miss|always f(?:ound|inds)|flawless", "gain|gagn|win|improv|apport|bring|how much", "retriev|search|recherche|passage|found"),
        {"r": share("passage|retriev|found|finds?|recall|recherche"), "a": share("with it|then|when|avec|in that case|given|dans ce cas"), "b": share("without|otherwise|else|sans|sinon|not")},
        "{a}-({r}*{a}+(1-{r})*{b})", "share",
    ),
    Formula(
        "exact upper bound of a rate when nothing happened", "evaluation/jeux-de-test.md",
        "What is the exact upper bound of a rate when nothing happened in these trials?",
        ("exact", "no |none|zero|never|without|not one|aucun|sans|jamais", "bound|upper|borne|at most|au plus"), {"n": n("questions?|attempts?|trials?|runs?|essais?|cases?|tests?")}, "1-0.05**(1/{n})", "share",
    ),
    Formula(
        "questions for a standard error", "evaluation/jeux-de-test.md",
        "How many questions are needed for a standard error of at most so many points?",
        ("standard error|erreur[- ]type", "how many|combien|number of"),
        {"p": share("correct|right|accura|good|success|rate|taux|juste|exact"), "e": share("standard error|erreur[- ]type|within|point|of at most")}, "ceil({p}*(1-{p})/{e}**2)", unit="questions",
    ),
    Formula(
        "true pass rate from sensitivity and specificity of a judge", "evaluation/llm-judges.md",
        "What is the true pass rate, given a judge's sensitivity and specificity?",
        ("true|real|corrected|actual|vrai|r[ée]el|corrig", "pass|accept|approv|valid", "sensitiv|specific|rejects?|catch|recogni"),
        {"o": share("passes|pass|observ|accepts?|approv|says"), "s": share("sensitiv|sensibilit|good|recogni"), "p": share("specific|sp[ée]cific|bad|rejects?")}, "({o}+{p}-1)/({s}+{p}-1)", "share",
    ),
    Formula(
        "judge calls of an evaluation", "evaluation/ragas.md",
        "How many judge calls does an evaluation of these questions cost?",
        ("calls?|generations?|requests?|appels?", "judge|metric|evaluat|ragas|juge|m[ée]trique|[ée]valu"), {"q": n("questions?|examples?|answers?|rows?|exemples?"), "c": n("calls?|generations?|each|per|requests?|appels?|chacun")}, "{q}*{c}", unit="calls",
    ),
    Formula(
        "worst time of attempts with timeouts and doubling waits", "evaluation/reviewing-async-llm-code.md",
        "What is the worst total time of several attempts, each up to its timeout, with doubling waits between?",
        ("attempts?|tries|tentatives?|essais?", "timeouts?|time out|time-out|d[ée]lai", "worst|most|longest|at most|pire|au plus|maxim"),
        {"a": n("attempts?|tries|tentatives?|essais?"), "t": of("time", "timeouts?|time out|each|d[ée]lai|chacun"), "b": of("time", "first wait|base|wait|starts?|attente|backoff")}, "{a}*{t}+{b}*(2**({a}-1)-1)", "time",
    ),
    Formula(
        "super-steps of a loop of two nodes and an answer", "agents/langgraph-state.md",
        "How many super-steps does a LangGraph loop of two nodes take with its final answer?",
        ("super-?steps?|steps? of the graph|recursion", "rounds?|loops?|times|tours?"), {"r": n("rounds?|loops?|times|tours?")}, "2*{r}+1", unit="super-steps",
    ),
    Formula(
        "characters written when every checkpoint holds all messages", "agents/langgraph-state.md",
        "How many characters are written when every checkpoint stores all messages so far?",
        ("checkpoints?|snapshots?|state", "characters?|bytes|caract[èe]res|octets|written|stored"), {"m": n("characters?|bytes|adds?|each|per|caract[èe]res|octets|message"), "t": n("turns?|steps?|messages?|rounds?|tours?")}, "{m}*{t}*({t}+1)/2", unit="characters",
    ),
    Formula(
        "states of a tree that is explored in full", "agents/loop-bounds.md",
        "How many nodes or model calls does a full tree search with several options at each level make?",
        ("options?|branch|tree|choices|sub-?questions?|follow-up|possibilit|arbre|explor", "levels?|deep|depth|niveaux|profond", _MANY),
        {"b": n("options?|branch|choices|each|sub-?questions?|follow-up|children|possibilit"), "d": n("levels?|deep|depth|niveaux|profond")}, "({b}**({d}+1)-{b})/({b}-1)", unit="states",
    ),
    Formula(
        "prompt tokens of a plan written first", "agents/planification-agents.md",
        "How many prompt tokens does an agent use that plans first and then carries out the steps?",
        ("plan", "tokens?|jetons?"), {"p": n("prefix|prompt|system|preamble|fixed|sends?|pr[ée]ambule|invite|base"), "s": n("fresh|adds?|each|new|per|step|nouveaux|chaque"), "n": n("steps?|[ée]tapes?|tasks?|lookups?")}, "2*{p}+{n}*{s}", unit="tokens",
    ),
    Formula(
        "time of an agent that decides before each search", "agents/planification-agents.md",
        "How long does an agent take that calls the model before each search, one after the other?",
        ("react|one after (?:the other|another)|sequential|alternat|[àa] la suite|in turn|l'un apr[èe]s", _LIFE),
        {"n": n("searches|lookups?|tools?|recherches?|calls?|outils?"), "t": of("time", "search|lookup|tool|recherche|each|outil"), "m": of("time", "model|decision|think|mod[èe]le|d[ée]cision|llm|reason")}, "({n}+1)*{m}+{n}*{t}", "time",
    ),
    Formula(
        "time of a plan whose searches run side by side", "agents/planification-agents.md",
        "How long does a plan take whose searches run in parallel between two model calls?",
        ("parallel|side by side|at the same time|at once|parall[èe]le|simultan|concurrent", _LIFE, "search|lookup|tools?|recherche|outil"),
        {"n": n("searches|lookups?|tools?|recherches?|outils?"), "t": of("time", "search|lookup|tool|recherche|each|outil|of\\b"), "m": of("time", "model|calls?|plan|mod[èe]le|llm|answer")}, "{m}+{t}+{m}+0*{n}", "time",
    ),
    Formula(
        "two things right together", "agents/many-tools-or-few.md",
        "How often are two things, such as the tool and its arguments, both right?",
        ("both|together|and the (?:right|correct)|les deux|ensemble|jointly", "%|percent|pour cent|often|share|probab|chance"), {"a": share("tool|first|outil|right|one"), "b": share("arguments?|second|other|autre|right")}, "{a}*{b}", "share",
    ),
    Formula(
        "secrets that fit in an address", "agents/injection-de-prompt.md",
        "How many secrets fit in a web address?",
        ("secrets?|keys?|cl[ée]s?|tokens?", "url|address|adresse|link", "how many|combien"), {"u": n("url|address|adresse|link|long"), "k": n("characters?|secrets?|keys?|each|cl[ée]s?|caract[èe]res")}, "floor({u}/{k})",
    ),
    Formula(
        "cost of one human review", "agents/human-in-the-loop.md",
        "What does one human review cost?",
        ("review|check|approv|relect|v[ée]rif|human", "cost|co[ûu]t|price|how much|combien"), {"t": of("time", "takes?|review|minutes|dur"), "w": of("wage")}, "{t}*{w}", "money",
    ),
    Formula(
        "tokens of summary and recent turns", "agents/three-memories.md",
        "How many tokens do a summary and the most recent turns take?",
        ("summar|r[ée]sum", "turns?|messages?|tours?|exchanges?", "tokens?|jetons?"), {"s": n("summar|r[ée]sum"), "k": n("turns?|messages?|last|tours?|exchanges?|kept"), "t": n("each|per|tokens? (?:a|per)|jetons par|chacun|of\\b")}, "{s}+{k}*{t}", unit="tokens",
    ),
    Formula(
        "recall at k from relevant results", "evaluation/retrieval-metrics.md",
        "What is the recall at k when some of the relevant documents are among the first results?",
        ("recall|rappel", "relevant|pertinent|found|retrouv"),
        {"a": n("are|among|found|of the|in the (?:first|top)|retrouv|parmi"), "r": n("relevant|exist|in all|pertinent|en tout"), "k": n("recall at|recall@|first|top|premiers|@", "1"), "j": n("recall at|recall@|first|top|premiers|@", "1")}, "{a}/{r}",
    ),
    Formula(
        "nDCG of two relevant results", "evaluation/retrieval-metrics.md",
        "What is the nDCG when the two relevant documents stand at these ranks?",
        ("ndcg|normali[sz]ed", "ranks?|positions?|places?|rangs?"), {"a": n("ranks?|positions?|rangs?|and|et"), "b": n("ranks?|positions?|rangs?|and|et")},
        "(1/log2({a}+1)+1/log2({b}+1))/(1+1/log2(3))",
    ),
    Formula(
        "average precision of two relevant results", "evaluation/ragas.md",
        "What is the average precision or context precision when the relevant passages stand at these two ranks?",
        ("average precision|context precision|pr[ée]cision moyenne", "ranks?|positions?|rangs?|places?"), {"a": n("ranks?|positions?|rangs?|and|et"), "b": n("ranks?|positions?|rangs?|and|et")}, "(1/{a}+2/{b})/2",
    ),
    Formula(
        "mean reciprocal rank of two queries", "evaluation/retrieval-metrics.md",
        "What is the mean reciprocal rank of two queries?",
        ("mrr|reciprocal|r[ée]ciproque",), {"a": n("ranks?|rang|first|position"), "b": n("ranks?|rang|second|position|and|et")}, "(1/{a}+1/{b})/2",
    ),
    Formula(
        "share of claims that passages support", "evaluation/faithfulness.md",
        "What is the faithfulness of an answer of which the passages support some of the claims?",
        ("faithful|claims?|statements?|fid[ée]lit|affirmations?", "support|back|entail|hold|true|appuy|soutenu|v[ée]rifi"),
        {"a": n("support|back|entail|of them|appuy|soutenu|fond"), "c": n("claims?|statements?|affirmations?|phrases?")}, "{a}/{c}",
    ),
    Formula(
        "Cohen's kappa from a table of four counts", "evaluation/llm-judges.md",
        "What is Cohen's kappa of a judge and a human, given how many items both pass, only one of them passes, and neither passes?",
        ("kappa",), {"a": n("both|deux"), "b": n("only|seul|but"), "c": n("only|seul|but"), "d": n("neither|both|aucun|deux")},
        "(({a}+{d})/({a}+{b}+{c}+{d})-(({a}+{b})*({a}+{c})+({c}+{d})*({b}+{d}))/({a}+{b}+{c}+{d})**2)/(1-(({a}+{b})*({a}+{c})+({c}+{d})*({b}+{d}))/({a}+{b}+{c}+{d})**2)",
    ),
    Formula(
        "share of two counts that agree", "evaluation/llm-judges.md",
        "What is the raw agreement of two annotators who agree on some of the items?",
        ("agree|accord",), {"a": n("agree|same|accord|m[êe]me"), "b": n("items?|of\\b|out of|sur\\b|cases|r[ée]ponses")}, "{a}/{b}",
    ),
    Formula(
        "mean of three scores", "evaluation/answer-relevance.md",
        "What is the average of three similarities or scores?",
        ("average|mean|moyenne|relevan|pertinence", "cosines?|similarit|scores?|questions?"), {"a": n(""), "b": n(""), "c": n("")}, "({a}+{b}+{c})/3",
    ),
    Formula(
        "gain of a perfect model", "evaluation/evaluer-un-rag.md",
        "How many points would a perfect model or generator gain, given how often the passage is found?",
        ("perfect|parfait|never wrong|flawless", "model|generat|answer|mod[èe]le|lecteur|llm"),
        {"r": share("passage|retriev|found|finds?|recall|recherche"), "a": share("with it|then|when|avec|in that case|given|dans ce cas|model|right|juste")}, "{r}*(1-{a})", "share",
    ),
    Formula(
        "right share of counts", "evaluation/evaluer-un-rag.md",
        "What accuracy is it when some of the questions are answered right?",
        ("accura|exact|right|correct|juste|taux", "questions?|answers?|r[ée]ponses?|items?"), {"a": n("right|correct|juste|bonnes?"), "b": n("questions?|out of|of\\b|sur\\b|items?")}, "{a}/{b}", "share",
    ),
    Formula(
        "proposals of a beam search over plans", "agents/loop-bounds.md",
        "How many proposals does a beam search over steps make when it keeps the best few of several options at each level?",
        ("beam|faisceau|keep|best", "options?|branch|propos|choices", "levels?|deep|depth|steps?|niveaux"),
        {"w": n("beam|keep|best|faisceau|width"), "b": n("options?|branch|choices|propos"), "d": n("levels?|deep|depth|niveaux|steps?")}, "{b}+({d}-1)*{w}*{b}", unit="proposals",
    ),
    Formula(
        "searches of a tree of sub-questions", "retrieval/multi-hop.md",
        "How many searches does a multi-hop tree need in which each result leads to several further searches?",
        ("search|hop|recherche|saut", "each|every|chaque", _MANY), {"b": n("passages?|results?|each|every|follow"), "d": n("hops?|levels?|deep|sauts?|rounds?")}, "({b}**{d}-1)/({b}-1)", unit="searches",
    ),
    Formula(
        "tokens per request of two quotas", "agents/specimen-poisoned-faq.md",
        "From how many tokens per request does the token quota bind before the request quota?",
        ("quota|limit|limite", "tokens?|jetons?", "requests?|requ[êe]tes?"), {"t": n("tokens?|jetons?|tpm"), "r": n("requests?|requ[êe]tes?|rpm")}, "{t}/{r}", unit="tokens",
    ),
    Formula(
        "exponential gain of a grade", "evaluation/retrieval-metrics.md",
        "What is the exponential gain of a document with this relevance grade in DCG?",
        ("gain", "grade|note|relevan"), {"g": n("grade|note|relevan|gain")}, "2**{g}-1",
    ),
)  # fmt: skip
