"""Formulas of the handbook's pages on agents: loops, plans, tools and what they cost."""

# ruff: noqa: E501 - a table, in which a pattern is one cell
from __future__ import annotations

from rag.llm.formulas.base import Formula, n, of, share

_TOKENS = "tokens?|jetons?|prompt|text|read|lus?|lit\\b"
_CALLS = "calls?|steps?|rounds?|turns?|appels?|tours?|[ée]tapes?|iterations?|it[ée]rations?|times|fois|hops?"
_FIXED = "system|prompt|fixed|fixe|preamble|prefix|pr[ée]fixe|starts?|begins?|tools|tool list|base|instructions?|invite|initial|pr[ée]ambule|front|up front|header|d[ée]part"
_ADDED = "adds?|appends?|grows?|each|per\\b|every|fresh|new\\b|round|turn|step|more|leaves|behind|observation|ajout|chaque|de plus|nouveaux|tour|[ée]tape|rapport|brings?|back|extra"
_GROWS = "(?s:.*(?:agent|react\\b|loop|history|transcript|append|adds?\\b|adding|grow|leaves|behind|resend|re-?read|brings?|each|every|per (?:step|call|turn|round)|ajout|chaque|rapport|boucle|historique|relit|relus?))"
_TOOLS = "tools?|functions?|definitions?|descriptions?|schemas?|outils?|fonctions?|d[ée]finitions?"
_TIME = "time|long|latency|total|temps|dur[ée]e|combien de|seconds?|minutes?|how many s\\b|over|wall"
_MODEL = "model|decisions?|think|thought|plan|llm|reason|writes?|mod[èe]le|d[ée]cision|appel|planner"
_SEARCH = "search|searches|lookups?|tools?|retriev|quer|fetch|recherches?|outils?|requ[êe]tes?|each|chacune?|l'une|slowest|plus lente?|takes?"
_SEARCHES = (
    "searches|lookups?|tools?|retrievals?|queries|fetch|calls?|recherches?|outils?|requ[êe]tes?|steps?|times"
)
_APPS = "applications?|apps?|clients?|hosts?|agents?|assistants?|front ends?|frontends?|interfaces?|chat|bots?|editors?|products?|[ée]diteurs?"
_SERVICES = (
    "tools?|services?|systems?|servers?|sources?|outils?|back-?ends?|databases?|data|apis?|serveurs?|bases?"
)
_LEVELS = "levels?|deep|depth|niveaux|profond|generations?|rounds?|plies|steps?"
_OPTIONS = "options?|branch|choices|ideas?|alternatives?|each|sub-?questions?|follow-up|children|possibilit|candidates?|tries|propos|id[ée]es?|pistes?|every|par n[œo]ud"

FORMULAS = (
    Formula(
        "prompt tokens of an agent that rereads its history", "agents/react.md",
        ("How many prompt tokens does an agent read in total over its model calls when each step adds to the history?",
         "Our assistant's instructions weigh 2,000 tokens and each turn of the loop leaves 300 more behind: over six calls without caching, how much text does the model process altogether?",
         "A loop resends the whole transcript: fixed part of 1,000, 400 new tokens per round, 10 rounds. What is the bill in input tokens?",
         "Sum of all prompts of a ReAct run with a growing context?",
         "Un agent part de 1 000 jetons et en ajoute 500 à chaque tour : combien de jetons lus en huit appels ?"),
        (_TOKENS, _CALLS, "total|in all|altogether|read|overall|sum|en tout|lus?|process|cost|bill|input|prompt tokens|how many|how much|cumul|combien"),
        {"p": n(_FIXED), "s": n(_ADDED), "n": n(_CALLS)}, "{n}*{p}+{s}*{n}*({n}-1)/2", unit="tokens", needs=_GROWS, never="chunk|document|report\\b",
    ),
    Formula(
        "length of an agent's last prompt", "agents/react.md",
        ("How long is the prompt of an agent's last call?",
         "How big is the prompt that an agent sends on round 9, if it starts at 1,000 tokens and grows by 200 every round?",
         "What context length does the loop reach at its final step?",
         "Quelle est la longueur de la dernière invite d'un agent dont l'historique s'allonge à chaque étape ?"),
        ("last|final|longest|largest|biggest|derni|plus long|end|how (?:big|long|large)|reach|atteint", _TOKENS + "|context|contexte|long|invite", _CALLS),
        {"p": n(_FIXED), "s": n(_ADDED), "n": n(_CALLS)}, "{p}+({n}-1)*{s}", unit="tokens",
    ),
    Formula(
        "gain of a prefix cache over a growing run", "agents/react.md",
        ("By what factor does a prefix cache reduce the prefill of an agent's run?",
         "How many times less prompt is computed when each call of the loop extends the cached transcript of the one before?",
         "With a perfect prefix cache, by how much does the prefill work of a ReAct run shrink?",
         "Par combien un cache de préfixe divise-t-il le travail de lecture d'un agent ?"),
        ("cach", "factor|times|shrink|reduc|sav|less|ratio|facteur|fois|divis|by how much", "prefix|append|extend|pr[ée]fixe|prefill|run|loop|agent|react"),
        {"p": n(_FIXED), "s": n(_ADDED), "n": n(_CALLS)}, "({n}*{p}+{s}*{n}*({n}-1)/2)/({p}+({n}-1)*{s})",
    ),
    Formula(
        "prompt tokens that a prefix cache processes over a run", "agents/react.md",
        ("How many tokens of prefill are left when the server caches the prefix of an append-only agent run?",
         "With prefix caching, each token of the transcript is processed once: how many are computed over the run?",
         "Combien de jetons sont calculés au plus si le serveur garde le préfixe de l'agent en cache ?"),
        ("cach", "prefill|process|comput|calcul|trait", "once|left|only|at most|au plus|une fois|with"),
        {"p": n(_FIXED), "s": n(_ADDED), "n": n(_CALLS)}, "{p}+({n}-1)*{s}", unit="tokens",
    ),
    Formula(
        "calls that a token budget allows", "agents/loop-bounds.md",
        ("How many steps of an agent fit a budget of prompt tokens when every step adds to the history?",
         "We cap a run at 50,000 input tokens; the fixed part is 2,500 and each step appends 900. After how many calls must it stop?",
         "With a growing transcript, what is the largest number of model calls within a token budget?",
         "Combien d'appels tiennent dans un budget de 40 000 jetons d'invite si chaque étape en ajoute 800 ?"),
        ("budget|cap\\b|capped|allow|limit|fit|afford|plafond|tien|at most|within", _CALLS, _TOKENS),
        {"b": n("budget|cap\\b|capped|limit|allow|at most|plafond|within|input|maximum"), "p": n(_FIXED, below="b"), "s": n(_ADDED)},
        "floor((sqrt(({p}-{s}/2)**2+2*{s}*{b})-({p}-{s}/2))/{s})", unit="calls", never="decod|streams?\\b|chunk|iteration|document|contract|per minute|a minute|par minute",
    ),
    Formula(
        "a run of steps that all have to be right", "agents/react.md",
        ("How often does an agent succeed when each of its steps has to be right?",
         "Every move works 90 times out of 100 and seven of them are needed in a row without a slip: what are the chances?",
         "If the right tool is chosen in 97% of single steps, how often is a chain of four right throughout?",
         "Reliability of a run in which nothing may fail at any step?",
         "Chaque étape réussit à 95 %, il en faut huit de suite : quelle probabilité que tout aille bien ?"),
        ("each|every|single|chaque|per step|one step|a step", _CALLS + "|moves?|chain|in a row|actions?|suite|de suite", "right|succe|succ[èe]s|r[ée]uss|correct|works?|chance|probab|reliab|juste"),
        {"p": share("each|every|single|right|succe|step|correct|works?|chaque|r[ée]uss|times"), "n": n(_CALLS + "|moves?|chain|in a row|actions?|long|needs?")}, "{p}**{n}", "share",
    ),
    Formula(
        "reliability that each step needs", "agents/react.md",
        ("How reliable must each step be for a run of so many steps to succeed with a given probability?",
         "To finish 90% of eight-step tasks, what success rate does one step need on its own?",
         "We want nine in ten whole runs to go through; each has six steps. What is the least accuracy per step?",
         "Quelle fiabilité par étape faut-il pour que toute la tâche réussisse ?"),
        ("how reliable|must|needs?|least|required|want|target|to finish|to succeed|faut|doit", _CALLS + "|-step", "each|one|single|per step|per|its own|chaque|par [ée]tape|individual"),
        {"p": share("whole|tasks?|runs?|finish|succeed|overall|total|target|want|overall|t[âa]ches?"), "n": n(_CALLS + "|-step|long")}, "{p}**(1/{n})", "share",
    ),
    Formula(
        "states of a tree that is explored in full", "agents/loop-bounds.md",
        ("How many nodes or model calls does a full tree search with several options at each level make?",
         "My agent tries 3 ideas at every node and goes 4 deep with no pruning: how many states does it look at?",
         "Backtracking over b alternatives at each of d levels: how many states are visited in all?",
         "Combien d'états visite une exploration complète de 3 options sur 4 niveaux ?"),
        ("options?|branch|tree|choices|ideas?|alternatives?|sub-?questions?|follow-up|possibilit|arbre|explor|backtrack|pruning", _LEVELS, "how many|combien|total|number|in all|en tout|visit|states?|[ée]tats?|nodes?"),
        {"b": n(_OPTIONS), "d": n(_LEVELS)}, "({b}**({d}+1)-{b})/({b}-1)", unit="states",
    ),
    Formula(
        "proposals of a beam search over plans", "agents/loop-bounds.md",
        ("How many proposals does a beam search over steps make when it keeps the best few of several options at each level?",
         "From each kept state 4 candidates, the top 2 survive, five levels: number of proposals generated?",
         "Tree of Thoughts with a beam: how many continuations are written before scoring?",
         "Combien de propositions pour une recherche en faisceau qui garde les meilleurs états à chaque niveau ?"),
        ("beam|faisceau|keeps?|kept|best|surviv|top|garde", "options?|branch|propos|choices|candidates?|continuations?", _LEVELS),
        {"w": n("beam|keeps?|kept|best|top|surviv|faisceau|width|garde|meilleurs?"), "b": n("options?|branch|choices|propos|candidates?|each|continuations?|from"), "d": n(_LEVELS)}, "{b}+({d}-1)*{w}*{b}", unit="proposals",
    ),
    Formula(
        "steps of an agent inside an agent", "agents/loop-bounds.md",
        ("How many inner steps can an agent make whose tool is another agent with a limit of its own?",
         "The outer loop may take 12 turns and each may start a sub-agent capped at 5: worst case, how many inner turns?",
         "Nested bounds multiply: what is the greatest number of steps in all sub-agents together?",
         "Un agent borné à 10 étapes appelle un autre agent borné à 6 : combien d'étapes au pire ?"),
        ("sub-?agents?|inner|nested|another agent|outer|agent whose|imbriqu|autre agent", _CALLS + "|limit|cap", "worst|at most|up to|how many|can|pire|au plus|combien"),
        {"a": n("outer|may|turns?|steps?|limit|first|main|born[ée]"), "b": n("sub-?agents?|inner|capped|cap|another|each|limit|autre")}, "{a}*{b}", unit="steps",
    ),
    Formula(
        "time left for tools before the final answer", "agents/loop-bounds.md",
        ("How much of the deadline is left for the tools when time for the final answer is reserved?",
         "The user waits 15 s at most, the closing reply has 200 tokens and we generate 40 a second: what may the tools take?",
         "Deadline minus the time to write the last answer: how many seconds remain?",
         "Il reste 20 s ; la réponse finale de 300 jetons sort à 60 jetons par seconde. Combien de temps pour les outils ?"),
        ("left|remain|leaves?|may|reste|keep|reserv|before", "answer|reply|response|r[ée]ponse|final|closing", "deadline|timeout|time ?out|seconds?|budget|wait|patien|d[ée]lai|request has|\\ds\\b|outils|tools"),
        {"d": of("time", "deadline|timeout|remain|left|has|waits?|budget|reste|d[ée]lai|total"), "t": n("tokens?|jetons?|answer|reply|response|r[ée]ponse"), "r": of("rate", "tokens?|generat|writes?|speed|jetons?|sort|produ")}, "{d}-{t}/{r}", "time",
    ),
    Formula(
        "prompt tokens of a plan written first", "agents/planification-agents.md",
        ("How many prompt tokens does an agent use that plans first and then carries out the steps?",
         "Plan and execute: the prefix is read once to plan and once to conclude with the results of all steps. How many prompt tokens?",
         "Planifier puis exécuter : préfixe de 1 500 jetons, six étapes qui rapportent chacune 600 jetons. Combien de jetons d'invite sont lus en tout ?",
         "Combien de jetons lit un agent qui écrit son plan, l'exécute, puis conclut ?"),
        ("plan", _TOKENS),
        {"p": n(_FIXED), "s": n(_ADDED + "|results?|r[ée]sultats?"), "n": n("steps?|[ée]tapes?|tasks?|lookups?|results?|r[ée]sultats?")}, "2*{p}+{n}*{s}", unit="tokens",
    ),
    Formula(
        "prompt tokens of ReAct against those of a plan", "agents/planification-agents.md",
        ("How many times more prompt tokens does ReAct read than an agent that plans once and concludes once?",
         "By what factor does planning first save prompt tokens against deciding at every step?",
         "ReAct with ten tool steps and a final answer against plan-then-execute: ratio of the tokens read?",
         "Par combien le plan divise-t-il les jetons lus, face à ReAct ?"),
        ("plan", "react|each step|every step|step by step|decid", "times|factor|ratio|fois|divis|save|facteur|more|less|cheaper|moins"),
        {"p": n(_FIXED), "s": n(_ADDED + "|results?"), "n": n("steps?|[ée]tapes?|tasks?|lookups?|tool")},
        "(({n}+1)*{p}+{s}*({n}+1)*{n}/2)/(2*{p}+{n}*{s})",
    ),
    Formula(
        "time of an agent that decides before each search", "agents/planification-agents.md",
        ("How long does an agent take that calls the model before each search, one after the other?",
         "ReAct makes four lookups of one second with 2 s of thinking before each and a final answer: when is it done?",
         "Alternating decisions and searches and then writing the reply: total seconds?",
         "Quatre recherches d'une seconde l'une et 2 s par appel au modèle : en ReAct, au bout de combien de temps vient la réponse ?"),
        ("react|one after (?:the other|another)|sequential|alternat|[àa] la suite|in turn|l'un apr[èe]s|before each|entre|each time", _TIME),
        {"n": n(_SEARCHES), "t": of("time", _SEARCH), "m": of("time", _MODEL)}, "({n}+1)*{m}+{n}*{t}", "time",
    ),
    Formula(
        "time of a plan whose searches run side by side", "agents/planification-agents.md",
        ("How long does a plan take whose searches run in parallel between two model calls?",
         "A plan fires off five tools at the same time, the slowest takes 1.5 s and each model call 0.8 s: total duration?",
         "One planning call, one wave of parallel lookups, one answer: how many seconds?",
         "Un plan lance six outils en même temps ; le plus lent prend 1,5 s et chaque appel au modèle 0,8 s. Durée totale ?"),
        ("parallel|side by side|at the same time|at once|together|wave|vague|parall[èe]le|simultan|concurrent|m[êe]me temps|independent|ind[ée]pendant", _TIME, "search|lookup|tools?|recherche|outil|plan"),
        {"n": n(_SEARCHES, "1"), "t": of("time", _SEARCH), "m": of("time", _MODEL)}, "{m}+{t}+{m}+0*{n}", "time",
    ),
    Formula(
        "time of a plan whose searches run side by side, with two different model calls", "agents/planification-agents.md",
        ("How long does a plan take whose parallel searches stand between a planning call and an answer of different lengths?",
         "The planner needs 1.2 s, six searches run at once and the slowest takes 0.9 s, writing the answer takes 2 s: total?",
         "Planification, une vague de recherches en parallèle, puis la rédaction : durée totale ?"),
        ("plan", "at once|parallel|same time|slowest|side by side|together|parall[èe]le|wave|vague|m[êe]me temps", _TIME),
        {"n": n(_SEARCHES, "1"), "a": of("time", "plan|planner|planning|first"), "t": of("time", "slowest|search|lookups?|tools?|recherches?|wave|plus lente?"), "b": of("time", "answer|writ|final|conclu|r[ée]ponse|r[ée]dact|another")}, "{a}+{t}+{b}+0*{n}", "time", needs="(?s:.*(?:at once|parallel|same time|slowest|side by side|together|parall[èe]le|wave|vague|m[êe]me temps))",
    ),
    Formula(
        "time of a plan whose searches depend on each other", "agents/planification-agents.md",
        ("How long does a plan take whose searches each need the result of the one before?",
         "A single written plan runs six dependent lookups of 0.4 s between a planning call and an answer of 2 s each: total seconds?",
         "Plan first, steps in sequence: how long from start to reply?",
         "Combien de temps prend un plan dont les cinq recherches dépendent l'une de l'autre ?"),
        ("plan", "depend|previous|need|sequen|one after|in turn|chain|d[ée]pend|[àa] la suite|pr[ée]c[ée]dent|before", _TIME),
        {"n": n(_SEARCHES), "t": of("time", _SEARCH), "m": of("time", _MODEL)}, "2*{m}+{n}*{t}", "time", never="at once|parallel|same time|slowest|side by side|together|en m[êe]me temps|parall[èe]le|plus lente?",
    ),
    Formula(
        "tokens of tool descriptions over a run", "agents/many-tools-or-few.md",
        ("How many tokens do the descriptions of the tools cost over the calls of a run?",
         "One function's JSON schema adds 120 tokens to the prompt: over a six-round chat, what does merely having it attached add up to?",
         "Eight tools of 150 tokens each are sent with every request and the loop makes five calls: definitions in all?",
         "What lands in every prompt when three servers with 10 tools each are plugged in, 100 tokens per tool?",
         "Combien de jetons coûtent vingt définitions d'outils relues à chacun des huit appels ?"),
        (_TOOLS, "tokens?|jetons?", "each|chaque|chacun|per\\b|apiece|every|a tool|of \\d|over|weigh|add|par outil"),
        {"k": n(_TOOLS + "|each", "1"), "t": n("tokens?|jetons?|adds?"), "c": n(_CALLS + "|requests?", "1"), "s": n("servers?|serveurs?", "1")}, "{k}*{t}*{c}*{s}", unit="tokens",
    ),
    Formula(
        "share of a window", "agents/many-tools-or-few.md",
        ("What share of the context window do so many tokens take?",
         "What percentage of the window is gone before the conversation starts?",
         "The system prompt has 3,000 tokens of a 16,000-token context: which part is used up?",
         "Quelle part de la fenêtre de contexte occupent ces jetons ?"),
        ("window|context|fen[êe]tre|contexte|prompt", "share|percent|%|fraction|part\\b|pour cent|how much of|proportion"),
        {"a": n("tools?|prefix|descri|system|takes?|title|outils?|pr[ée]fixe|tokens?", below="w"), "w": n("window|context|fen[êe]tre|contexte|of a|-token")}, "{a}/{w}", "share",
    ),
    Formula(
        "share of a window that tool descriptions take", "agents/many-tools-or-few.md",
        ("What share of the context window do the descriptions of so many tools take?",
         "30 tools of 110 tokens in an 8,192-token window: what percentage is gone before anything is said?",
         "Quelle part d'une fenêtre de 32 768 jetons occupent 25 outils de 120 jetons ?"),
        (_TOOLS, "window|context|fen[êe]tre|contexte", "share|percent|%|fraction|part\\b|pour cent|how much of|proportion"),
        {"k": n(_TOOLS), "t": n("tokens? (?:each|apiece|per)|tokens?|each|apiece|per\\b|jetons?|chacun", below="w"), "w": n("window|context|fen[êe]tre|contexte|-token|of a", least=512)}, "{k}*{t}/{w}", "share",
    ),
    Formula(
        "cache that tool descriptions hold", "agents/many-tools-or-few.md",
        ("How much KV cache do the tool definitions in front of the prompt hold in each sequence?",
         "40 tools of 110 tokens sit before every conversation of a Mistral 7B with an fp16 cache: how many MiB is that?",
         "Combien de mémoire de cache prennent les définitions d'outils par séquence ?"),
        (_TOOLS, "cache|kv|memory|mib\\b|mb\\b|gib\\b|mo\\b|mio\\b|m[ée]moire"),
        {"k": n(_TOOLS), "t": n("tokens?|each|jetons?|chacun"), "b": of("bytes", "per token|a token|token|cache|par jeton", "131072"), "_m": of("model", default="mistral-7b"), "_d": of("dtype", default="2")}, "{k}*{t}*{b}", "bytes",
    ),
    Formula(
        "the right tool shown and then chosen", "agents/many-tools-or-few.md",
        ("How often is the first call right when tools are retrieved and the model then chooses among those shown?",
         "Eight candidates are fetched per request, the good one is there 93% of the time and the model then takes it in 97%: how often is the first move right?",
         "The shortlist contains the needed function 19 times in 20 and the model then picks it 9 times in 10: how often is the opening call right?",
         "Recall of tool retrieval and accuracy of the choice among the shown ones: probability of both?",
         "L'outil voulu est proposé dans 95 % des cas et choisi alors dans 97 % : quelle part d'appels justes ?"),
        (_TOOLS + "|shortlist|menu|candidates", "%|percent|pour cent|often|share|probab|chance|part\\b", "then|given|and|both|retriev|shown|among|alors|choos|pick"),
        {"a": share("retriev|shown|shortlist|contains?|among|menu|offered|tool|propos|first"), "b": share("picks?|choos|then|given|model|select|choisi|alors|second|arguments?"), "_n": n(_TOOLS + "|candidates?|shown|fetch|top", "0")}, "{a}*{b}", "share", never="wrong|fails?\\b|goes astray|must be|needed",
    ),
    Formula(
        "two things right together", "agents/many-tools-or-few.md",
        ("How often are two things, such as the tool and its arguments, both right?",
         "The tool is right 94% of the time and its arguments 90%, independently: how often both?",
         "L'outil et ses arguments sont-ils justes ensemble, et à quelle fréquence ?"),
        ("both|together|and the (?:right|correct)|les deux|ensemble|jointly", "%|percent|pour cent|often|share|probab|chance"), {"a": share("tool|first|outil|right|one"), "b": share("arguments?|second|other|autre|right")}, "{a}*{b}", "share",
    ),
    Formula(
        "adapters without a protocol", "agents/model-context-protocol.md",
        ("How many adapters connect every application with every service without a common protocol?",
         "6 apps, 10 back-end services and no shared standard: how many connectors have to be written?",
         "If each assistant is wired to each data source by hand, how many integrations is that?",
         "Sans protocole commun, combien de connecteurs entre 5 applications et 8 services ?"),
        ("adapters?|integrations?|connectors?|adaptateurs?|connecteurs?|int[ée]grations?|glue|wir",), {"a": n(_APPS), "b": n(_SERVICES)}, "{a}*{b}", unit="adapters", never="(?:we |you |be |does .{1,40} |that .{1,40} )?sav(?:es?|ings?|ed)\\b|fewer|spare|[ée]vit|[ée]conomis|disappear|moins",
    ),
    Formula(
        "implementations with a protocol", "agents/model-context-protocol.md",
        ("How many implementations are needed when applications and services share a protocol such as MCP?",
         "With MCP, 6 apps and 10 services: how many pieces have to be built?",
         "Avec un protocole commun, combien de réalisations pour 5 applications et 8 services ?"),
        ("mcp|protocol|protocole|standard", "implement|pieces|how many|combien|adapters?|write|[ée]crire|build"), {"a": n(_APPS), "b": n(_SERVICES)}, "{a}+{b}", unit="implementations",
        never="sav(?:es?|ings?|ed)\\b|fewer|less|spare|[ée]vit|[ée]conomis|without|sans\\b|compared",
    ),
    Formula(
        "adapters that a protocol saves", "agents/model-context-protocol.md",
        ("How many adapters does a common protocol save compared with connecting each pair?",
         "6 front ends and 10 data sources: how many pieces of glue code fewer with MCP than without?",
         "Combien de connecteurs un protocole commun évite-t-il ?"),
        ("mcp|protocol|protocole|standard", "sav(?:es?|ings?|ed)\\b|fewer|less|spare|[ée]vit|[ée]conomis|compared|moins"), {"a": n(_APPS), "b": n(_SERVICES)}, "{a}*{b}-({a}+{b})", unit="adapters",
    ),
    Formula(
        "super-steps of a loop of two nodes and an answer", "agents/langgraph-state.md",
        ("How many super-steps does a LangGraph loop of two nodes take with its final answer?",
         "The graph goes through retrieve and grade four times and then answers: how many super-steps is that?",
         "Combien de super-étapes pour trois tours de recherche et d'évaluation puis la réponse ?"),
        ("super-?(?:steps?|[ée]tapes?)|steps? of the graph|recursion", "rounds?|loops?|times|tours?|fois|twice"), {"r": n("rounds?|loops?|times|tours?|fois|twice")}, "2*{r}+1", unit="super-steps", never="checkpoint|limit",
    ),
    Formula(
        "recursion limit that a loop needs", "agents/langgraph-state.md",
        ("Which recursion limit does a loop of two nodes and an answer need at least?",
         "The retrieve and grade loop runs four rounds: what is the smallest recursion_limit with which it does not fail?",
         "Quelle limite de récursion faut-il au moins pour quatre tours de la boucle ?"),
        ("recursion|r[ée]cursion|limit", "rounds?|loops?|times|tours?|fois"), {"r": n("rounds?|loops?|times|tours?|fois|runs?")}, "2*{r}+2",
    ),
    Formula(
        "checkpoints of a loop of two nodes and an answer", "agents/langgraph-state.md",
        ("How many checkpoints does a run of the retrieve and grade loop write?",
         "Five rounds of the example graph with a checkpointer: how many checkpoints end up in the table?",
         "Combien de points de reprise écrit le graphe pour quatre tours ?"),
        ("checkpoints?|snapshots?|points? de reprise|sauvegardes?", "rounds?|loops?|times|tours?|fois"), {"r": n("rounds?|loops?|times|tours?|fois")}, "2*{r}+1+2", unit="checkpoints",
    ),
    Formula(
        "characters written when every checkpoint holds all messages", "agents/langgraph-state.md",
        ("How many characters are written when every checkpoint stores all messages so far?",
         "A thread adds a 2,000-character message at each of 30 steps and each snapshot keeps the whole list: how much is serialised in all?",
         "Storage of checkpoints that repeat the full history: total over the thread?",
         "Combien de caractères sont écrits si chaque point de reprise garde tous les messages ?"),
        ("checkpoints?|snapshots?|state|points? de reprise", "characters?|bytes|caract[èe]res|octets|written|stored|serialis"), {"m": n("-?characters?|bytes|adds?|each|per|caract[èe]res|octets|message"), "t": n("turns?|steps?|messages?|rounds?|tours?|[ée]tapes?")}, "{m}*{t}*({t}+1)/2", unit="characters",
    ),
    Formula(
        "tokens that a result adds to each later call", "agents/tool-design-checklist.docx",
        ("How many tokens does a tool's result add to each later call of the loop?",
         "A search hands back 10 passages of 300 tokens: by how much does every following call grow?",
         "De combien de jetons un résultat de 20 passages alourdit-il chaque appel suivant ?"),
        ("passages?|results?|rows?|snippets?|hits?|r[ée]sultats?", "tokens?|jetons?", "add|grow|later|following|every|each|more|alourdi|suivant"), {"k": n("passages?|results?|rows?|snippets?|hits?|r[ée]sultats?"), "t": n("tokens?|jetons?|each|of\\b")}, "{k}*{t}", unit="tokens",
    ),
    Formula(
        "waits between retries together", "agents/tool-design-checklist.docx",
        ("How long do the waits between a program's retries take in all?",
         "The program pauses 0.1, 0.3 and 0.9 s between its retries: what is the total pause?",
         "Attentes de 0,2, 0,4 et 0,8 s entre les essais : combien en tout ?"),
        ("retr|attempt|tries|essais?|tentativ", "wait|paus|sleep|delay|attent|attend", "total|in all|altogether|sum|en tout|how long|combien"), {"x": of("time", "", many="+")}, "{x}", "time", never="doubl|base|backoff|jitter|timeout",
    ),
    Formula(
        "calls whose time limits do not fit the request", "agents/tool-design-checklist.docx",
        ("How long can several tool calls take one after the other, each up to its own time limit?",
         "Four calls with a limit of 5 s each: what is the sum that has to fit the request's limit?",
         "Combien de temps peuvent prendre au plus quatre appels limités à 5 s chacun ?"),
        ("limit|at most|worst|up to|timeout|au plus|pire", "calls?|tools?|appels?|outils?", _TIME), {"k": n("calls?|tools?|appels?|outils?"), "t": of("time", "limit|each|at most|up to|timeout|chacun")}, "{k}*{t}", "time", never="doubl|retr|pause|backoff|reprise|wait",
    ),
)  # fmt: skip
