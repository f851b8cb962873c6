"""Further formulas of the handbook's pages on evaluation and on agents."""

# ruff: noqa: E501 - a table, in which a pattern is one cell
from __future__ import annotations

from rag.llm.formulas.base import Formula, n, of, share

_MANY = "how many|combien|total|number|in all|en tout"
_LIFE = "time|long|latency|total|temps|dur[ée]e|combien de|seconds?|minutes?"

FORMULAS = (
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
        "proposals of a beam search over plans", "agents/loop-bounds.md",
        "How many proposals does a beam search over steps make when it keeps the best few of several options at each level?",
        ("beam|faisceau|keep|best", "options?|branch|propos|choices", "levels?|deep|depth|steps?|niveaux"),
        {"w": n("beam|keep|best|faisceau|width"), "b": n("options?|branch|choices|propos"), "d": n("levels?|deep|depth|niveaux|steps?")}, "{b}+({d}-1)*{w}*{b}", unit="proposals",
    ),
    Formula(
        "tokens per request of two quotas", "agents/specimen-poisoned-faq.md",
        "From how many tokens per request does the token quota bind before the request quota?",
        ("quota|limit|limite", "tokens?|jetons?", "requests?|requ[êe]tes?"), {"t": n("tokens?|jetons?|tpm"), "r": n("requests?|requ[êe]tes?|rpm")}, "{t}/{r}", unit="tokens",
    ),
)  # fmt: skip
