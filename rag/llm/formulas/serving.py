"""Further formulas of the handbook's pages on systems and on inference."""

# ruff: noqa: E501 - a table, in which a pattern is one cell
from __future__ import annotations

from rag.llm.formulas.base import Formula, n, of, share

_TIME = "time|long|ms\\b|milliseconds?|millisecondes?|seconds?|secondes?|minutes?|dure|temps|how fast"
_LEFT = "left|remain|reste|free|available|pool|libre|for the cache"

FORMULAS = (
    Formula(
        "calls in flight while they hang until a timeout", "systems/circuit-breakers.md",
        ("hang|stuck|time ?out|timing out|timeout|bloqu|wait", "in flight|open|pile|at once|concurren|en cours|simultan|pending"),
        {"r": of("rate", "calls?|requests?|appels?|requ[êe]tes?"), "t": of("time", "hang|time ?out|timeout|before|wait|bloqu|d[ée]lai")}, "{r}*{t}", unit="calls",
    ),
    Formula(
        "share of a quota for each worker", "systems/rate-limits.md",
        ("workers?|processes|replicas?|clients?|teams?|instances?", "each|share|split|divid|equal|chacun|partag|r[ée]parti"),
        {"q": of("rate", "quota|limit|requests?|calls?|permits?", per=60), "w": n("workers?|processes|replicas?|clients?|teams?|instances?")}, "{q}/{w}", unit="per minute",
    ),
    Formula(
        "items that sampling keeps", "systems/observability.md",
        ("sampl|traced?|keep|kept|[ée]chantillon|gard", "how many|combien|number"), {"s": share("sampl|traced?|keep|kept|of\\b|[ée]chantillon|gard"), "n": n("requests?|questions?|traces?|spans?|requ[êe]tes?|calls?|day|jour")}, "{s}*{n}", unit="traces",
    ),
    Formula(
        "chance that sampling keeps none of several", "systems/observability.md",
        ("sampl|traced?|keep|kept|[ée]chantillon|gard", "none|no |never|not one|all are lost|miss|aucun|jamais", "%|percent|chance|probab|likely|often|share|pour cent|risque"),
        {"s": share("sampl|traced?|keep|kept|of the|[ée]chantillon|gard"), "n": n("errors?|events?|traces?|requests?|failures?|times|erreurs?|cases?")}, "(1-{s})**{n}", "share",
    ),
    Formula(
        "time to drain a backlog", "systems/gpu-autoscaling.md",
        ("drain|clear|catch up|empty|absorb|work (?:it|them)? ?off|vider|r[ée]sorb|[ée]couler|[ée]puis", _TIME),
        {"q": n("queue|backlog|waiting|requests?|attente|requ[êe]tes?|accumul"), "r": of("rate", "spare|extra|excess|more|surplus|free|beyond|de plus")}, "{q}/{r}", "time",
    ),
    Formula(
        "share of capacity that leaves room for growth while a machine starts", "systems/gpu-autoscaling.md",
        ("grow|climb|rise|increas|cro[îi]|augment|mont", "how full|may we run|at what|utili[sz]ation|capacity|headroom|capacit|charge|busy|loaded"),
        {"g": share("minute|grow|climb|rise|increas|cro|augment|per|a\\b|each"), "t": n("minutes?|start|boot|ready|takes?|d[ée]marr|delay", None)}, "1/(1+{g})**{t}", "share",
    ),
    Formula(
        "share of capacity that leaves room for growth while a machine boots", "systems/gpu-autoscaling.md",
        ("grow|climb|rise|increas|cro[îi]|augment|mont", "how full|may we run|at what|utili[sz]ation|capacity|headroom|capacit|charge|busy|loaded"),
        {"g": share("minute|grow|climb|rise|increas|cro|augment|per|a\\b|each"), "t": of("time", "start|boot|ready|takes?|d[ée]marr|delay|serv|machine|replica")}, "1/(1+{g})**({t}/60)", "share",
    ),
    Formula(
        "growth over a delay in minutes", "systems/gpu-autoscaling.md",
        ("grow|climb|rise|increas|cro[îi]|augment|mont", "factor|times|by how much|when|facteur|fois|multipl", "minute"),
        {"g": share("minute|grow|climb|rise|increas|cro|augment|per|a\\b|each"), "t": of("time", "start|boot|ready|takes?|d[ée]marr|delay|serv|later|after")}, "(1+{g})**({t}/60)",
    ),
    Formula(
        "growth over months", "systems/capacity-planning.md",
        ("grow|climb|rise|increas|cro[îi]|augment|mont", "factor|times|by how much|multipl|facteur|fois", "months?|mois"),
        {"g": share("month|mois|grow|climb|rise|increas|cro|augment|per|a\\b|each"), "t": of("time", "months?|mois|after|in\\b|over|apr[èe]s|en\\b")}, "(1+{g})**({t}/2592000)",
    ),
    Formula(
        "GPU-hours of two phases of a day", "systems/gpu-autoscaling.md",
        ("gpu-?hours|hours of gpu|heures[- ]gpu", ), {"a": n("gpus?|cards?|replicas?"), "h": of("time"), "b": n("gpus?|cards?|replicas?"), "k": of("time")}, "({a}*{h}+{b}*{k})/3600", unit="GPU-hours",
    ),
    Formula(
        "GPU-hours of replicas over a period", "systems/capacity-planning.md",
        ("gpu-?hours|hours of gpu|heures[- ]gpu",), {"a": n("gpus?|cards?|replicas?|r[ée]pliques?"), "t": of("time")}, "{a}*{t}/3600", unit="GPU-hours",
    ),
    Formula(
        "stages of a start one after the other", "systems/cold-start.md",
        ("start|boot|ready|serves?|cold|warm|d[ée]marr|pr[êe]t", "total|in all|how long|until|before|altogether|combien de temps|en tout"),
        {"a": of("time"), "b": of("time"), "c": of("time"), "d": of("time", default="0"), "e": of("time", default="0")}, "{a}+{b}+{c}+{d}+{e}", "time",
    ),
    Formula(
        "utilisation of replicas", "systems/capacity-planning.md",
        ("replicas?|r[ée]pliques?|machines?|gpus?|servers?", "utili[sz]ation|busy|loaded|load factor|charge|occup"),
        {"d": n("demand|load|need|work|requires?|gpu-seconds|takes|demande"), "r": n("replicas?|r[ée]pliques?|machines?|gpus?|servers?|run|have|with")}, "{d}/{r}", "share",
    ),
    Formula(
        "requests in flight on each replica", "systems/capacity-planning.md",
        ("in flight|concurren|en cours|simultan|at once", "each|per replica|every|chaque|chacun|par r[ée]plique"),
        {"q": n("in flight|concurren|requests?|en cours|simultan|requ[êe]tes?"), "r": n("replicas?|r[ée]pliques?|machines?|gpus?|servers?")}, "{q}/{r}", unit="requests",
    ),
    Formula(
        "availability of three services that are all needed", "systems/slos.md",
        ("all|together|chain|series|each needed|depends?|ensemble|tous|toutes", "availab|disponib|up\\b|uptime|works?"),
        {"a": share(""), "b": share(""), "c": share("")}, "{a}*{b}*{c}", "share",
    ),
    Formula(
        "availability of two services that are both needed", "systems/slos.md",
        ("both|all|together|chain|series|depends?|ensemble|tous|toutes|les deux", "availab|disponib|up\\b|uptime|works?"),
        {"a": share(""), "b": share("")}, "{a}*{b}", "share",
    ),
    Formula(
        "availability of redundant copies, of which one is enough", "systems/capacity-planning.md",
        ("redundan|copies|either|one is enough|any one|suffices?|replicas?|one of them|l'un des|suffit|independent", "availab|disponib|up\\b|uptime|works?"),
        {"a": share("availab|each|up\\b|disponib|chac"), "n": n("copies|replicas?|servers?|zones?|regions?|machines?|independent|exemplaires")}, "1-(1-{a})**{n}", "share",
    ),
    Formula(
        "error rate at a burn rate", "systems/slos.md",
        ("burn|br[ûu]l|consomm", "error rate|errors?|failure|taux d'erreur|[ée]chec"), {"o": share("objective|slo|target|objectif|availab"), "b": n("burn|rate|times|fois")}, "(1-{o})*{b}", "share",
    ),
    Formula(
        "bytes of text logged in a day", "systems/observability.md",
        ("log|stor|record|journal|keep", "bytes|mb\\b|gb\\b|mo\\b|go\\b|volume|space|octets|megabytes|gigabytes", "day|jour|daily"),
        {"q": n("questions?|requests?|calls?|requ[êe]tes?|day"), "t": n("tokens?|jetons?"), "b": of("bytes", "per token|each|a token|token|par jeton")}, "{q}*{t}*{b}", "bytes",
    ),
    Formula(
        "tokens per second of a rate of requests", "systems/capacity-planning.md",
        ("tokens? (?:per|a) second|tokens/s|jetons par seconde|jetons/s", "requests?|questions?|calls?|requ[êe]tes?|appels?"),
        {"r": of("rate", "requests?|questions?|calls?|requ[êe]tes?|appels?"), "t": n("tokens?|jetons?|prompt|each|of\\b")}, "{r}*{t}", unit="tokens/s",
    ),
    Formula(
        "load added by retries", "systems/reprise-sur-panne.md",
        ("retr|r[ée]essa|tentative", "load|traffic|charge|calls", "times|factor|more|fois|facteur|budget"), {"p": share("retr|budget|r[ée]essa|of\\b|%")}, "1+{p}",
    ),
    Formula(
        "time of attempts that all run into the timeout", "systems/reprise-sur-panne.md",
        ("attempts?|tries|tentatives?|essais?", "timeout|time out|d[ée]lai|expire", "wait|attend|long|at worst|pire|au plus|blocked"), {"a": n("attempts?|tries|tentatives?|essais?"), "t": of("time", "timeout|time out|each|d[ée]lai|chacun")}, "{a}*{t}", "time",
    ),
    Formula(
        "share of turnover that a fine may reach", "systems/residence-des-donnees.md",
        ("fine|penalt|amende|sanction", "turnover|revenue|chiffre d'affaires|sales"), {"s": share(""), "m": of("money")}, "{s}*{m}", "money",
    ),
    Formula(
        "time of a prefill at the card's peak", "inference/prefill-and-decode.md",
        ("prefill|prompt|invite|reading|process|lecture", _TIME, "parameters?|weights?|param[èe]tres?|model|mod[èe]le"),
        {"p": n("parameters?|weights?|param[èe]tres?|model|mod[èe]le", least=1e5), "t": n("tokens?|jetons?|prompt|invite"), "f": of("flops"), "u": share("peak|utili[sz]|mfu|cr[êe]te|efficien", "1")}, "2*{p}*{t}/({f}*{u})", "time",
    ),
    Formula(
        "memory left for the cache on a card", "inference/7b-on-one-gpu.md",
        (_LEFT, "weights?|poids|model|mod[èe]le|param", "gb|gib|go\\b|gio\\b|memory|m[ée]moire"),
        {"m": of("bytes", "card|gpu|memory|total|capacity|carte|m[ée]moire|of which"), "w": of("bytes", "weights?|poids|model|mod[èe]le|param"), "b": of("bytes", "buffers?|overhead|activations?|reserve|tampons?|cuda", "0"), "u": share("used?|may|utili[sz]|share|of which|of it", "1")}, "{m}*{u}-{w}-{b}", "bytes",
    ),
    Formula(
        "tokens of cache left on a card", "inference/7b-on-one-gpu.md",
        ("tokens?|jetons?", "cache|context|contexte", "weights?|poids|model|mod[èe]le|param", "how many|combien"),
        {"m": of("bytes", "card|gpu|memory|total|capacity|carte|m[ée]moire|of which"), "w": of("bytes", "weights?|poids|model|mod[èe]le|param"), "b": of("bytes", "buffers?|overhead|activations?|reserve|tampons?|cuda", "0"),
         "e": of("bytes", "per token|a token|each token|token|par jeton"), "u": share("used?|may|utili[sz]|share|of which|of it", "1")}, "floor(({m}*{u}-{w}-{b})/{e})", unit="tokens",
    ),
    Formula(
        "tokens per second of a batch from its step time", "inference/latence-et-debit.md",
        ("step|[ée]tape|pas\\b|iteration", "tokens? (?:per|a) second|tokens/s|jetons par seconde|throughput|d[ée]bit|in total"), {"b": n("sequences?|batch|s[ée]quences?|requests?|conversations?|streams?|lot"), "t": of("time", "step|[ée]tape|pas\\b|iteration|takes?")}, "{b}/{t}", unit="tokens/s",
    ),
    Formula(
        "share of allotted slots that a sequence uses", "inference/paged-attention.md",
        ("slots?|blocks?|blocs?|places?|emplacements?", "share|percent|%|use|utilis|wast|pour cent"), {"t": n("tokens?|jetons?|sequence|long"), "b": n("blocks?|blocs?|of size|hold|slots?")}, "{t}/({b}*ceil({t}/{b}))", "share",
    ),
    Formula(
        "bandwidth of a PCIe link", "inference/parallelism.md",
        ("pcie|lanes?|gt/s|link|lien|voies", "gb/s|go/s|bandwidth|d[ée]bit|bytes per second|per direction"), {"g": n("gt/s|gt\\b|transfers?|rate|gigatransfers"), "l": n("lanes?|voies|x\\b|x16"), "a": n("128|encod|coding", "128"), "b": n("130", "130")}, "{g}*{l}*{a}/{b}/8", unit="GB/s",
    ),
    Formula(
        "share of the peak that an intensity reaches", "inference/roofline.md",
        ("ridge|roofline|intensity|intensit[ée]", "share|percent|%|fraction|peak|cr[êe]te"), {"i": n("intensity|intensit[ée]|flop per byte|kernel|operations per byte"), "r": n("ridge|card|gpu|needs?|carte|balance")}, "{i}/{r}", "share",
    ),
    Formula(
        "positions of a verification pass", "inference/speculative-decoding.md",
        ("verif|pass\\b|passe\\b|positions?", "guess|draft|specul|sp[ée]cul|propos|brouillon"), {"b": n("sequences?|batch|requests?|s[ée]quences?|streams?|conversations?"), "k": n("guess|draft|propos|tokens?|brouillon|ahead")}, "{b}*({k}+1)", unit="positions",
    ),
    Formula(
        "useful share of the slots of a static batch", "inference/continuous-batching.md",
        ("static|batch|lot|slots?", "useful|wast|idle|utile|share|percent|%|perdu"), {"u": n("useful|tokens in all|in all|total|sum|utiles?|produced"), "b": n("answers?|requests?|sequences?|batch|slots|r[ée]ponses?|lot"), "m": n("longest|max|plus longue?|until")}, "{u}/({b}*{m})", "share",
    ),
    Formula(
        "requests that fit when each takes whole blocks", "inference/paged-attention.md",
        ("blocks?|blocs?", "how many|combien", "requests?|sequences?|requ[êe]tes?|s[ée]quences?|conversations?|users?", "fit|hold at|room|at once|simultan|serve|tien|pool"), {"n": n("blocks?|blocs?|pool"), "t": n("tokens?|jetons?|each|long"), "b": n("tokens? (?:per|a|each)|of size|hold|slots?|each block", "16")}, "floor({n}/ceil({t}/{b}))", unit="requests",
    ),
    Formula(
        "milliseconds between tokens that a reader follows", "inference/ttft-and-itl.md",
        ("read|lecteur|lit|lire", "words?|mots?", "gap|between|per token|ms\\b|milliseconds?|millisecondes?|par jeton"), {"w": of("rate", "words?|mots?", per=60), "r": n("tokens? (?:per|a) word|jetons? par mot", "1.3")}, "60/({w}*{r})", "time",
    ),
    Formula(
        "share of a prompt that the prefix cache spares", "inference/prefix-caching.md",
        ("prefix|pr[ée]fixe|shared|common|partag", "share|percent|%|fraction|part\\b|saves?|spare"), {"p": n("prefix|pr[ée]fixe|shared|common|partag|system"), "t": n("prompt|total|whole|invite|long|in all"), "b": n("blocks?|blocs?|slots?", "16")}, "floor({p}/{b})*{b}/{t}", "share",
    ),
    Formula(
        "size of a tensor-parallel share of the weights", "inference/parallelism.md",
        ("tensor|shard|split|spread|over|r[ée]parti|partag", "weights?|poids|model|mod[èe]le", "each|per gpu|per card|every|chaque|par carte|chacune?"), {"w": of("bytes"), "g": n("gpus?|cards?|cartes?|devices?")}, "{w}/{g}", "bytes",
    ),
)  # fmt: skip
