"""Further formulas of the handbook's pages on agents: bounds turned round, what a design saves, small tools and plans."""

# ruff: noqa: E501 - a table, in which a pattern is one cell
from __future__ import annotations

from rag.llm.formulas.base import Formula, n, of, share

_CALLS = "calls?|steps?|rounds?|turns?|appels?|tours?|[ée]tapes?|iterations?|times|fois|exchanges?|goes"
_TOOLS = "tools?|functions?|definitions?|outils?|fonctions?|d[ée]finitions?"
_SMALL = (
    "tiny|small|one-(?:line|sentence)|short description|two (?:documented )?parameters|petite?s?|minuscule"
)
_REVIEW = "review|check|approv|validat|valid|reviewer|human|relecteur|relecture|person|look|examin"
_ERROR = "mistake|error|wrong|bad|erreur|faute|fausse?s?|blunder|action|incorrect"
_SEARCHES = "searches|lookups?|tools?|retrievals?|queries|fetch|recherches?|outils?|requ[êe]tes?|steps?"
_SEARCH = (
    "search|searches|lookups?|tools?|retriev|quer|fetch|recherches?|outils?|requ[êe]tes?|each|chacune?|takes?"
)
_MODEL = "model|decisions?|think|thought|plan|llm|reason|writes?|mod[èe]le|d[ée]cision|appel|planner|call"
_FIXED = "system|prompt|fixed|fixe|preamble|prefix|pr[ée]fixe|starts?|tools|base|instructions?|invite|initial|pr[ée]ambule|front|d[ée]part"
_ADDED = "adds?|appends?|grows?|each|per\\b|every|new\\b|round|turn|step|more|leaves|observation|ajout|chaque|de plus|tour|[ée]tape|rapport|brings?|extra|results?|r[ée]sultats?"
_INPUT = "in\\b|input|prompt|sends?|entr[ée]e|envoie|read|reads"
_OUTPUT = "out\\b|output|answer|reply|back|sortie|r[ée]ponse|writes?|receives?|max_tokens|generat"
_PLANS = {"trial": (60, 60_000), "team": (600, 900_000), "scale": (3_000, 6_000_000)}

FORMULAS = (
    Formula(
        "tokens of small tool definitions over the rounds of a conversation", "agents/function-calling.md",
        ("How many tokens does the definition of a small tool cost over all the rounds of a conversation?",
         "One search tool with a one-sentence description and two parameters is billed on each of six rounds: tokens in all?",
         "Combien de jetons coûte la définition d'un petit outil sur toute la conversation ?"),
        (_TOOLS, "tokens?|jetons?", "rounds?|calls?|turns?|times|tours?|appels?|fois", _SMALL),
        {"k": n(_TOOLS, "1"), "c": n("rounds?|calls?|turns?|times|tours?|appels?|fois|exchanges?|each"), "_p": n("parameters?|param[èe]tres?", "2"), "_m": of("model", default="mistral-7b")}, "{k}*106*{c}", unit="tokens", needs="(?s:.*(?:" + _SMALL + "))", never="of \\d+ tokens|\\d+ tokens each|\\d+-token|de \\d+ jetons",
    ),
    Formula(
        "cost of an error from which a review pays", "agents/human-in-the-loop.md",
        ("From what cost of a wrong action does a review pay, given its time, the reviewer's hourly wage and the share of wrong actions?",
         "A reviewer at 40 euros an hour spends three minutes on each action and 2% are wrong: how expensive must a mistake be for that to be worth it?",
         "À partir de quel coût d'une erreur la validation humaine est-elle rentable ?",
         "Break-even loss per mistake for an approval step?",
         "Un relecteur payé à l'heure, quelques minutes par action, une part d'actions fausses : coût d'erreur seuil ?"),
        (_REVIEW, _ERROR, "pay|worth|break|rentab|justif|cost|co[ûu]t|expens|seuil"),
        {"t": of("time", "minutes?|seconds?|action|review|passe|spends?|each"), "w": of("wage", "hour|heure|paid|pay[ée]"), "p": share("wrong|bad|error|mistake|fausse?s?|caught|erron|incorrect|share")}, "{t}*{w}/{p}", "money", needs="(?s:.*(?:pays|worth|break|rentab|justif|seuil|threshold))",
    ),
    Formula(
        "cost of an error from which a review of known cost pays", "agents/human-in-the-loop.md",
        ("From what cost of a wrong action does a review pay that costs so many euros, when a share of actions is wrong?",
         "A check costs one euro and 1% of actions are wrong: how dear must a mistake be?",
         "Une relecture coûte 2 € et 3 % des actions sont fausses : à partir de quel coût d'erreur est-ce rentable ?"),
        (_REVIEW, _ERROR, "pay|worth|break|rentab|justif|seuil|dear|expens"),
        {"c": of("money", "review|check|relecture|validation|costs?|each"), "p": share("wrong|bad|error|mistake|fausse?s?|caught|erron|incorrect")}, "{c}/{p}", "money", needs="(?s:.*(?:pays|worth|break|rentab|justif|seuil|threshold|must a))",
    ),
    Formula(
        "cost of reviews in a day", "agents/human-in-the-loop.md",
        ("What do the reviews of a day cost when a share of all runs is escalated and a reviewer is paid by the hour?",
         "Runs a day, escalated share, minutes each, hourly wage: euros a day for approvals?",
         "Combien coûtent par jour les validations humaines ?"),
        (_REVIEW + "|escalat", "cost|co[ûu]t|euros?|pay|€|\\$", "day|daily|jour|runs?|requests?"),
        {"n": n("runs?|requests?|actions?|cases?|day|jour|ex[ée]cutions?"), "s": share("escalat|review|approv|human|relu|valid|share"), "t": of("time", "minutes?|each|review|chacune?"), "w": of("wage")}, "{n}*{s}*{t}*{w}", "money", never="worth|rentab|break-?even|threshold|seuil",
    ),
    Formula(
        "people that the reviews of a day take", "agents/human-in-the-loop.md",
        ("How many reviewers does it take when a share of all runs is escalated and each works some hours a day?",
         "Escalations a day, minutes each, hours of work per person: headcount?",
         "Combien de relecteurs faut-il pour les validations d'une journée ?"),
        ("reviewers?|people|persons?|staff|headcount|full-time|relecteurs?|personnes", "escalat|review|approv|valid|relu"),
        {"n": n("runs?|requests?|actions?|cases?|a day|jour|ex[ée]cutions?", least=5), "s": share("escalat|review|approv|human|relu|valid|share"), "t": of("time", "minutes?|each|review|chacune?", below="h"), "h": of("time", "work|hours?|shift|person|heures?|effective|travail")}, "ceil({n}*{s}*{t}/{h})", unit="reviewers", needs="(?:how many|combien de) (?:\\w+ )?(?:reviewers|people|persons|staff|relecteurs|personnes|validat)|headcount",
    ),
    Formula(
        "characters of a secret of so many bytes in base64", "agents/injection-de-prompt.md",
        ("How many base64 characters without padding does a secret of so many bytes take?",
         "Combien de caractères base64 pour un secret de 32 octets ?"),
        ("base64", "characters?|caract[èe]res?|chars?|long"), {"b": of("bytes")}, "ceil({b}*8/6)", unit="characters", never="how many (?:keys|bytes)|combien (?:de clés|d'octets)",
    ),
    Formula(
        "characters of a secret of so many bytes in base32", "agents/injection-de-prompt.md",
        ("How many base32 characters does a secret of so many bytes take in a DNS name?",
         "Combien de caractères base32 pour un secret de 32 octets ?"),
        ("base32", "characters?|caract[èe]res?|chars?|long"), {"b": of("bytes")}, "ceil({b}*8/5)", unit="characters",
    ),
    Formula(
        "addresses that carry a document in base64", "agents/injection-de-prompt.md",
        ("How many image addresses of so many base64 characters does it take to carry a document of so many bytes away?",
         "Combien d'adresses de tant de caractères pour exfiltrer un document ?"),
        ("addresses|urls?|requests?|adresses|images?", "base64|characters?|caract[èe]res?", "how many|combien"),
        {"b": of("bytes"), "c": n("characters?|caract[èe]res?|chars?|long|each", least=20)}, "ceil({b}/floor({c}*6/8))", unit="addresses", needs="(?:how many|combien d(?:e |')) ?(?:\\w+ )?(?:addresses|urls|requests|adresses|images|links|requ[êe]tes)",
    ),
    Formula(
        "rounds that a recursion limit allows", "agents/langgraph-state.md",
        ("How many rounds of retrieve and grade, with the answer after them, does a recursion limit allow?",
         "recursion_limit known, two nodes a round and an answer: rounds before it fails?",
         "Combien de tours de deux nœuds une limite de récursion permet-elle ?"),
        ("recursion|limit|limite", "rounds?|loops?|tours?|passes", "how many|combien|most|at most"),
        {"l": n("limit|recursion|recursion_limit|limite")}, "floor(({l}-2)/2)", unit="rounds", needs="(?:how many|combien de|most) (?:\\w+ ){0,2}(?:rounds|loops|tours|passes|cycles)",
    ),
    Formula(
        "characters of messages in the final state", "agents/langgraph-state.md",
        ("Combien de caractères contient l'état final du fil ?",
         "How many characters of messages does the final state of a thread hold that adds one at each step?",
         "A message of this length per step: how large is the last state alone?"),
        ("final|last|end", "state|thread", "characters?|chars?|caract[èe]res?|bytes"), {"m": n("characters?|chars?|-character|caract[èe]res?|message", least=10), "t": n("steps?|turns?|messages?|[ée]tapes?")}, "{m}*{t}", unit="characters", needs="final|last state|alone|at the end", never="serialis|serializ|written in all|all checkpoints|total written|checkpoint",
    ),
    Formula(
        "leaves of a tree of options", "agents/loop-bounds.md",
        ("How many complete paths does a tree with so many options at each of several levels have?",
         "Options to the power of depth: leaves at the deepest level?",
         "Combien de feuilles au dernier niveau ?"),
        ("leaf|leaves|complete paths|deepest|last level|feuilles|dernier niveau|bottom",), {"b": n("options?|branch|choices|ideas?|alternatives?|each|children|possibilit"), "d": n("levels?|deep|depth|niveaux|profond")}, "{b}**{d}", unit="leaves", needs="leaf|leaves|complete paths|deepest|last level|feuilles|dernier niveau|bottom",
    ),
    Formula(
        "steps of agents nested three deep", "agents/loop-bounds.md",
        ("Trois agents imbriqués, chacun borné : combien d'étapes au pire ?",
         "How many innermost steps can agents make that are nested three deep, each with a limit of its own?",
         "Outer agent, sub-agent and its sub-agent, each capped: worst case of inner steps?"),
        ("sub-?agents?|inner|nested|inside|imbriqu", "steps?|limit|cap|turns?"), {"a": n("outer|first|steps?|limit|cap|turns?"), "b": n("sub-?agents?|second|steps?|limit|cap|turns?"), "c": n("inner|third|innermost|steps?|limit|cap|turns?")}, "{a}*{b}*{c}", unit="steps", never="tokens?|prompt",
    ),
    Formula(
        "tool retrieval and choice that go wrong", "agents/many-tools-or-few.md",
        ("How often is the first step wrong when the right tool must be among those shown and then picked?",
         "Recall of the tool menu and accuracy of the pick: share of requests that go wrong?",
         "Dans quelle part des cas le premier pas est-il faux ?"),
        ("tools?|functions?|menu|outils?", "wrong|fail|miss|faux|[ée]chou|rat[ée]"),
        {"a": share("shown|among|retriev|menu|recall|present|parmi|candidates?"), "b": share("pick|choose|chosen|then|model|llm|accuracy|choisi"), "_n": n("tools?|functions?|shown|candidates?|outils?", "0")}, "1-{a}*{b}", "share", needs="(?s:.*(?:wrong|fails?\\b|go(?:es)? astray|missed|faux|[ée]chou))", never="calls? fail|attack",
    ),
    Formula(
        "recall of tools that a first step needs", "agents/many-tools-or-few.md",
        ("Quel rappel de la sélection d'outils faut-il pour que le premier pas soit juste si souvent ?",
         "How often must the right tool be among those shown so that the first step is right often enough?",
         "The model picks rightly 97% of the time and we want 90% of first steps right: recall of tool retrieval needed?"),
        ("tools?|functions?|outils?", "must|needs?|required|want|target|at least|faut|doit", "recall|among|shown|retriev|rappel|menu"),
        {"t": share("want|target|overall|first|right|at least|goal|need", below="b"), "b": share("pick|choose|chosen|model|llm|accuracy|choisi")}, "{t}/{b}", "share", needs="(?s:.*(?:must|needs?\\b|needed|required|want|target|faut|doit))",
    ),
    Formula(
        "how many times fewer implementations a protocol takes", "agents/model-context-protocol.md",
        ("How many times fewer implementations does a shared protocol take than an adapter for each pair?",
         "Applications and services: ratio of adapters to implementations under MCP?",
         "Par combien MCP divise-t-il le nombre de connecteurs ?"),
        ("applications?|apps?|clients?|hosts?|agents?", "services?|tools?|servers?|systems?|outils?", "times|ratio|factor|divis|facteur|fois"), {"a": n("applications?|apps?|clients?|hosts?|agents?|assistants?"), "b": n("services?|tools?|servers?|systems?|sources?|outils?|serveurs?")}, "{a}*{b}/({a}+{b})", unit="times", needs="(?s:.*(?:times fewer|times less|ratio|factor|divis|facteur|fois moins))",
    ),
    Formula(
        "prompt tokens that planning first saves", "agents/planification-agents.md",
        ("How many prompt tokens does planning first save against ReAct over the same steps?",
         "ReAct rereads its history, the plan reads its prefix twice: difference in tokens?",
         "Combien de jetons d'invite le plan économise-t-il face à ReAct ?"),
        ("plan", "react|each step|every step", "sav|fewer|difference|[ée]conomi|moins|less"),
        {"p": n(_FIXED), "s": n(_ADDED), "n": n("steps?|[ée]tapes?|tasks?|lookups?|tool|searches|calls?")}, "({n}+1)*{p}+{s}*({n}+1)*{n}/2-(2*{p}+{n}*{s})", unit="tokens", needs="(?s:.*(?:saves?|saved|saving|fewer|difference|[ée]conomi|less\\b))", never="times|factor|ratio|facteur|fois|divis|%|percent",
    ),
    Formula(
        "time that a plan with parallel searches saves", "agents/planification-agents.md",
        ("How many seconds does a plan whose searches run side by side save against deciding before each?",
         "ReAct against plan and parallel lookups: time saved?",
         "Combien de secondes gagne-t-on en planifiant des recherches parallèles plutôt qu'en ReAct ?"),
        ("plan|parallel|parall[èe]le", "react|one by one|one after|each", "sav|gain|faster|sooner|gagn|less"),
        {"n": n(_SEARCHES), "t": of("time", _SEARCH), "m": of("time", _MODEL)}, "({n}-1)*({m}+{t})", "time", needs="(?s:.*(?:saves?|saved|saving|gains?|gagn|sooner|faster|[ée]conomis))", never="times|factor|ratio|facteur|fois|%|percent|depend",
    ),
    Formula(
        "attacks that pass a filter on average", "agents/prompt-injection.md",
        ("How many of so many attacks pass a filter on average that blocks a share of them?",
         "Detector at 98%, a thousand attempts: how many get through on average?",
         "Combien d'attaques passent en moyenne ?"),
        ("attacks?|attempts?|injections?|attaques?|payloads?", "how many|combien|expected|average", "pass|through|slip|get in|passent|block|stop"), {"n": n("attacks?|attempts?|injections?|attaques?|payloads?|tries|messages?|wordings"), "p": share("block|stop|catch|detect|filter|bloqu|arr[êe]t")}, "{n}*(1-{p})", needs="how many|combien|expected number", never="at least one|until|before|probab|chance|more likely|au moins une|mots|bound",
    ),
    Formula(
        "share that a filter has to block", "agents/prompt-injection.md",
        ("What share of attacks does a filter have to block each time so that over so many attempts one passes with at most this probability?",
         "Over 200 attempts the chance of any success must stay below 5%: detection rate needed per attempt?"),
        ("attacks?|attempts?|injections?|attaques?", "must|needs?|have to|required|below|at most|faut|doit", "block|detect|catch|stop|filter|bloqu"), {"n": n("attacks?|attempts?|injections?|attaques?|tries"), "x": share("chance|probab|any|below|at most|risk|success")}, "(1-{x})**(1/{n})", "share", needs="(?s:.*(?:must|needs?\\b|needed|have to|has to|required|faut|doit))",
    ),
    Formula(
        "steps that a reliability allows", "agents/react.md",
        ("How many steps can a run have at most so that all are right with at least this probability?",
         "Steps are right 97 times out of 100; the whole run should succeed in four of five cases: longest run?",
         "Combien d'étapes au plus pour garder cette fiabilité ?"),
        ("steps?|calls?|moves?|[ée]tapes?", "how many|longest|most|combien|at most", "reliab|succe|right|whole|run|r[ée]uss"), {"p": share("each|step|single|every|per step|chaque|[ée]tape|is right|works?"), "t": share("whole|run|all|overall|task|least|total|succeed|target|want", below="p")}, "floor(log({t})/log({p}))", unit="steps", needs="(?:how many|combien d(?:e |')) ?(?:\\w+ )?(?:steps|calls|moves|[ée]tapes|turns|hops)|longest|how long a", never="attack|retr",
    ),
    Formula(
        "a run of steps in which something goes wrong", "agents/react.md",
        ("How often does a run of steps go wrong somewhere, when each is right with some probability?",
         "Every step works 95% of the time; seven in a row: chance that at least one fails?",
         "Quelle probabilité qu'au moins une étape échoue ?"),
        ("steps?|calls?|moves?|chain|[ée]tapes?|run", "fail|wrong|goes|[ée]chou|slip|break|faux", "each|every|chaque|per step|single|a step"), {"p": share("right|succe|correct|works?|good|r[ée]uss|juste|reliab|each|every"), "n": n(_CALLS + "|moves?|chain|in a row|actions?")}, "1-{p}**{n}", "share", needs="(?s:.*(?:goes wrong|go wrong|fails?\\b|at least one|something|[ée]chou|breaks))", never="attack|filter|retr|fails? \\d|wrong \\d|\\d+(?:\\.\\d+)? ?% (?:fail|wrong|error)|error rate|shards?|servers?|replicas?|back ?ends?",
    ),
    *(
        Formula(
            f"requests a minute under the token limit of Larkfield's {plan} plan", "agents/specimen-poisoned-faq.md",
            (f"How many requests a minute does the token limit of Larkfield's {plan.capitalize()} plan allow?",
             f"Larkfield {plan.capitalize()}: prompt tokens and output tokens of each call: calls a minute?"),
            (plan, "tokens?|jetons?", "minute|rate|limit"),
            {"i": n(_INPUT), "o": n(_OUTPUT, "0")}, f"min({requests},{tokens}/({{i}}+{{o}}))", unit="per minute", needs=f"(?s:.*larkfield.*{plan}|.*{plan}.*larkfield|.*{plan} (?:plan|workspace|tier))", never="first minute|burst|at once|bucket",
        )
        for plan, (requests, tokens) in _PLANS.items()
    ),
    Formula(
        "how many times the output tokens are reserved", "agents/specimen-poisoned-faq.md",
        ("max_tokens de 2 000 pour des réponses de 250 : combien de fois trop ?",
         "How many times more output tokens does max_tokens reserve than the answers need?",
         "max_tokens far above the usual answer: by what factor is the reservation too large?"),
        ("max_tokens|reserv", "times|factor|ratio|too (?:large|much)|fois|facteur"), {"m": n("max_tokens|reserv|set|limit"), "a": n("answers?|real|usual|need|average|r[ée]ponses?|output|typical", below="m")}, "{m}/{a}", unit="times",
    ),
    Formula(
        "multiplications of a check of recall", "agents/specimen-poisoned-note.md",
        ("How many multiply-adds does an exact search of so many queries over all vectors cost?",
         "Nightly check of recall: queries times vectors times dimensions?"),
        ("multipl|operations|op[ée]rations|multiply-adds?|mac", "vectors?|vecteurs?", "queries|requ[êe]tes|check|questions"), {"n": n("vectors?|vecteurs?|entries|million", least=100), "d": n("dimensions?|-d\\b|components?|dimensional"), "q": n("queries|requ[êe]tes|questions|check")}, "{n}*{d}*{q}", unit="operations",
    ),
    Formula(
        "turns that fill a window", "agents/three-memories.md",
        ("After how many turns does a conversation that keeps everything fill the context window?",
         "Tokens per turn and window: when is it full?",
         "Au bout de combien de tours la fenêtre est-elle pleine ?"),
        ("window|context|fen[êe]tre|contexte|limit", "turns?|rounds?|messages?|tours?|exchanges?", "full|fill|fit|overflow|plein|d[ée]borde|hold|tien"), {"w": n("window|context|fen[êe]tre|contexte|limit|-token", least=500), "t": n("turns?|each|per\\b|tokens a|tour|chacun|par\\b|adds?", below="w"), "s": n("system|instructions?|fixed|prefix|preamble|invite", "0")}, "floor(({w}-{s})/{t})", unit="turns", needs="(?:how many|combien de) (?:\\w+ )?(?:turns|rounds|messages|tours|exchanges)|when is", never="total|altogether|budget of prompt|read in all",
    ),
    Formula(
        "time until a memory's recency has fallen to a share", "agents/three-memories.md",
        ("After how long has the recency of a memory fallen to a given share at so much decay per hour?",
         "Recency decays by 0.995 an hour: hours until a quarter is left?",
         "Au bout de combien de temps la récence tombe-t-elle à cette part ?"),
        ("recency|memory|memories|r[ée]cence|souvenir", "fall|left|drop|keep|down to|tomb|reste|until|below", "long|hours?|days?|heures?|jours?|time"), {"d": share("decay|factor|hour|heure|per\\b|d[ée]cro", "0.995"), "x": share("fall|left|drop|down|below|tomb|reste|only|to\\b", below="d")}, "log({x})/log({d})*3600", "time", needs="(?s:.*(?:falls?|fallen|left|drops?|down to|below|tomb|reste))", never="half-life|demi-vie|half life",
    ),
    Formula(
        "cache that small tool definitions hold", "agents/many-tools-or-few.md",
        ("How much KV cache do so many small tool definitions hold in each sequence of Mistral 7B?",
         "20 one-sentence tools with two parameters: MiB of cache on Mistral 7B?",
         "Combien de Mio de cache occupent ces petites définitions d'outils ?"),
        (_TOOLS, "cache|memory|m[ée]moire|mib|mb\\b|gib|gb\\b", _SMALL),
        {"k": n(_TOOLS), "s": n("sequences?|conversations?|requests?|users?", "1"), "_m": of("model", default="mistral-7b"), "_d": of("dtype", default="2")}, "{k}*106*131072*{s}", "bytes", needs="(?s:.*(?:" + _SMALL + "))", never="\\d+ tokens each|of \\d+ tokens|-token",
    ),
    Formula(
        "share of a window that small tool definitions take", "agents/many-tools-or-few.md",
        ("What share of the context window do so many small tool definitions take?",
         "30 tools with a one-sentence description: percentage of an 8,192-token window?"),
        (_TOOLS, "window|context|fen[êe]tre|contexte", _SMALL), {"k": n(_TOOLS, below="w"), "w": n("window|context|fen[êe]tre|-token|contexte", least=500)}, "{k}*106/{w}", "share", needs="(?s:.*(?:" + _SMALL + "))", never="tokens each|of \\d+ tokens",
    ),
    Formula(
        "tokens that showing fewer tools saves", "agents/many-tools-or-few.md",
        ("How many prompt tokens does it save to show only a few of the tools at each call?",
         "60 tools of 120 tokens, the best 6 are shown, eight calls: tokens saved?",
         "Combien de jetons économise-t-on en ne montrant que quelques outils ?"),
        (_TOOLS, "sav|fewer|less|[ée]conomi|spare", "only|instead|best|few|show|seul|ne montr"),
        {"n": n("all|tools?|functions?|of\\b|outils?|instead"), "k": n("only|best|show|few|subset|nearest|seulement|top", below="n"), "t": n("tokens?|jetons?|each"), "c": n(_CALLS, "1")}, "({n}-{k})*{t}*{c}", unit="tokens", needs="(?s:.*(?:saves?|saved|saving|fewer|[ée]conomis|spare))",
    ),
    Formula(
        "how many times faster a parallel plan is", "agents/planification-agents.md",
        ("How many times faster is a plan with parallel searches than deciding before each search?",
         "ReAct against plan and one wave of lookups: ratio of the times?"),
        ("plan|parallel|parall[èe]le", "react|each|one by one", "times|ratio|factor|fois|facteur"),
        {"n": n(_SEARCHES), "t": of("time", _SEARCH), "m": of("time", _MODEL)}, "(({n}+1)*{m}+{n}*{t})/(2*{m}+{t})", unit="times", needs="(?s:.*(?:times faster|ratio|factor|fois|facteur|speed-?up))", never="tokens?|jetons?|depend",
    ),
    Formula(
        "expected gain of a review", "agents/human-in-the-loop.md",
        ("What does a review gain on average per action, the avoided loss less its cost?",
         "Share of wrong actions, loss of each, cost of a check: net benefit per case?"),
        (_REVIEW, _ERROR, "gain|benefit|net|save|on average|expected"),
        {"p": share("wrong|bad|error|mistake|fausse?s?|caught"), "l": of("money", "mistake|wrong|error|loss|each|damage|erreur"), "c": of("money", "review|check|approv|validation", below="l")}, "{p}*{l}-{c}", "money", needs="(?s:.*(?:gain|benefit|net\\b|save|on average|expected))", never="from what|threshold|worth|break-?even", bounds=(-1e12, 1e12),
    ),
    Formula(
        "how many times more is written than the final state holds", "agents/langgraph-state.md",
        ("How many times the final state is written over all checkpoints of so many steps?",
         "Every checkpoint holds the whole transcript: total written over final size?"),
        ("checkpoint|written|serialis|serializ", "times|ratio|factor", "final|state"), {"t": n("steps?|turns?|checkpoints?")}, "({t}+1)/2", unit="times", needs="(?s:.*(?:times|ratio|factor))", never="characters|-character",
    ),
    Formula(
        "share of dead entries at a monthly change", "agents/specimen-poisoned-note.md",
        ("What share of a store is dead entries when so many percent of them change each month and nothing is rebuilt for some time?",
         "Half the tickets change every month: dead fraction after two weeks?"),
        ("dead|deleted|tombston|mort|supprim", "month|mois", "share|fraction|percent|%|part\\b"), {"u": share("month|change|replac|mois|chang"), "t": of("time", "after|weeks?|days?|without|semaines?|jours?|apr[èe]s")}, "{u}*{t}/2592000/(1+{u}*{t}/2592000)", "share", needs="(?s:.*(?:month|mois))", never="per day|a day|daily|par jour",
    ),
)  # fmt: skip
