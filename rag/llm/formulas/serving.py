"""Further formulas of the handbook's pages on systems and on inference."""

# ruff: noqa: E501 - a table, in which a pattern is one cell
from __future__ import annotations

from rag.llm.formulas.base import Formula, n, of, share

_TIME = "time|long|ms\\b|milliseconds?|millisecondes?|seconds?|secondes?|minutes?|dure|temps|how fast"
_LEFT = "left|remain|reste|free|available|pool|libre|for the cache"

FORMULAS = (
    Formula(
        "calls in flight while they hang until a timeout", "systems/circuit-breakers.md",
        "How many calls are in flight when each hangs until the timeout?",
        ("hang|stuck|time ?out|timing out|timeout|bloqu|wait", "in flight|open|pile|at once|concurren|en cours|simultan|pending"),
        {"r": of("rate", "calls?|requests?|appels?|requ[êe]tes?"), "t": of("time", "hang|time ?out|timeout|before|wait|bloqu|d[ée]lai")}, "{r}*{t}", unit="calls",
    ),
    Formula(
        "share of a quota for each worker", "systems/rate-limits.md",
        "What share of a quota does each worker get when it is split equally?",
        ("workers?|processes|replicas?|clients?|teams?|instances?", "each|share|split|divid|equal|chacun|partag|r[ée]parti"),
        {"q": of("rate", "quota|limit|requests?|calls?|permits?", per=60), "w": n("workers?|processes|replicas?|clients?|teams?|instances?")}, "{q}/{w}", unit="per minute",
    ),
    Formula(
        "items that sampling keeps", "systems/observability.md",
        "How many traces does sampling keep of all the requests?",
        ("sampl|traced?|keep|kept|[ée]chantillon|gard", "how many|combien|number"), {"s": share("sampl|traced?|keep|kept|of\\b|[ée]chantillon|gard"), "n": n("requests?|questions?|traces?|spans?|requ[êe]tes?|calls?|day|jour")}, "{s}*{n}", unit="traces",
    ),
    Formula(
        "chance that sampling keeps none of several", "systems/observability.md",
        "How likely is it that sampling keeps none of several errors?",
        ("sampl|traced?|keep|kept|[ée]chantillon|gard", "none|no |never|not one|all are lost|miss|aucun|jamais", "%|percent|chance|probab|likely|often|share|pour cent|risque"),
        {"s": share("sampl|traced?|keep|kept|of the|[ée]chantillon|gard"), "n": n("errors?|events?|traces?|requests?|failures?|times|erreurs?|cases?")}, "(1-{s})**{n}", "share",
    ),
    Formula(
        "time to drain a backlog", "systems/gpu-autoscaling.md",
        "How long does it take to drain a queue of waiting requests with some spare capacity?",
        ("drain|clear|catch up|empty|absorb|work (?:it|them)? ?off|vider|r[ée]sorb|[ée]couler|[ée]puis", _TIME),
        {"q": n("queue|backlog|waiting|requests?|attente|requ[êe]tes?|accumul"), "r": of("rate", "spare|extra|excess|more|surplus|free|beyond|de plus")}, "{q}/{r}", "time",
    ),
    Formula(
        "share of capacity that leaves room for growth while a machine starts", "systems/gpu-autoscaling.md",
        "How full may the servers run so that load can grow while a new machine starts?",
        ("grow|climb|rise|increas|cro[îi]|augment|mont", "how full|may we run|at what|utili[sz]ation|capacity|headroom|capacit|charge|busy|loaded"),
        {"g": share("minute|grow|climb|rise|increas|cro|augment|per|a\\b|each"), "t": n("minutes?|start|boot|ready|takes?|d[ée]marr|delay", None)}, "1/(1+{g})**{t}", "share",
    ),
    Formula(
        "share of capacity that leaves room for growth while a machine boots", "systems/gpu-autoscaling.md",
        "How full may the servers run so that load can grow while a new machine boots?",
        ("grow|climb|rise|increas|cro[îi]|augment|mont", "how full|may we run|at what|utili[sz]ation|capacity|headroom|capacit|charge|busy|loaded"),
        {"g": share("minute|grow|climb|rise|increas|cro|augment|per|a\\b|each"), "t": of("time", "start|boot|ready|takes?|d[ée]marr|delay|serv|machine|replica")}, "1/(1+{g})**({t}/60)", "share",
    ),
    Formula(
        "growth over a delay in minutes", "systems/gpu-autoscaling.md",
        "By which factor has the load grown by the time a machine is ready?",
        ("grow|climb|rise|increas|cro[îi]|augment|mont", "factor|times|by how much|when|facteur|fois|multipl", "minute"),
        {"g": share("minute|grow|climb|rise|increas|cro|augment|per|a\\b|each"), "t": of("time", "start|boot|ready|takes?|d[ée]marr|delay|serv|later|after")}, "(1+{g})**({t}/60)",
    ),
    Formula(
        "growth over months", "systems/capacity-planning.md",
        "By what factor does traffic that grows each month increase over several months?",
        ("grow|climb|rise|increas|cro[îi]|augment|mont", "factor|times|by how much|multipl|facteur|fois", "months?|mois"),
        {"g": share("month|mois|grow|climb|rise|increas|cro|augment|per|a\\b|each"), "t": of("time", "months?|mois|after|in\\b|over|apr[èe]s|en\\b")}, "(1+{g})**({t}/2592000)",
    ),
    Formula(
        "GPU-hours of two phases of a day", "systems/gpu-autoscaling.md",
        "How many GPU-hours are two phases of the day with different numbers of GPUs?",
        ("gpu-?hours|hours of gpu|heures[- ]gpu", ), {"a": n("gpus?|cards?|replicas?"), "h": of("time"), "b": n("gpus?|cards?|replicas?"), "k": of("time")}, "({a}*{h}+{b}*{k})/3600", unit="GPU-hours",
    ),
    Formula(
        "GPU-hours of replicas over a period", "systems/capacity-planning.md",
        "How many GPU-hours do replicas use over a period?",
        ("gpu-?hours|hours of gpu|heures[- ]gpu",), {"a": n("gpus?|cards?|replicas?|r[ée]pliques?"), "t": of("time")}, "{a}*{t}/3600", unit="GPU-hours",
    ),
    Formula(
        "stages of a start one after the other", "systems/cold-start.md",
        "How long is a cold start whose stages of booting, pulling, loading and warming up follow one another?",
        ("start|boot|ready|serves?|cold|warm|d[ée]marr|pr[êe]t", "total|in all|how long|until|before|altogether|combien de temps|en tout"),
        {"a": of("time"), "b": of("time"), "c": of("time"), "d": of("time", default="0"), "e": of("time", default="0")}, "{a}+{b}+{c}+{d}+{e}", "time",
    ),
    Formula(
        "utilisation of replicas", "systems/capacity-planning.md",
        "What is the utilisation of the replicas under this load?",
        ("replicas?|r[ée]pliques?|machines?|gpus?|servers?", "utili[sz]ation|busy|loaded|load factor|charge|occup"),
        {"d": n("demand|load|need|work|requires?|gpu-seconds|takes|demande"), "r": n("replicas?|r[ée]pliques?|machines?|gpus?|servers?|run|have|with")}, "{d}/{r}", "share",
    ),
    Formula(
        "requests in flight on each replica", "systems/capacity-planning.md",
        "How many requests are in flight on each replica?",
        ("in flight|concurren|en cours|simultan|at once", "each|per replica|every|chaque|chacun|par r[ée]plique"),
        {"q": n("in flight|concurren|requests?|en cours|simultan|requ[êe]tes?"), "r": n("replicas?|r[ée]pliques?|machines?|gpus?|servers?")}, "{q}/{r}", unit="requests",
    ),
    Formula(
        "availability of three services that are all needed", "systems/slos.md",
        "What is the availability of a chain of three services that are all needed?",
        ("all|together|chain|series|each needed|depends?|ensemble|tous|toutes", "availab|disponib|up\\b|uptime|works?"),
        {"a": share(""), "b": share(""), "c": share("")}, "{a}*{b}*{c}", "share",
    ),
    Formula(
        "availability of two services that are both needed", "systems/slos.md",
        "What is the availability of two services that are both needed?",
        ("both|all|together|chain|series|depends?|ensemble|tous|toutes|les deux", "availab|disponib|up\\b|uptime|works?"),
        {"a": share(""), "b": share("")}, "{a}*{b}", "share",
    ),
    Formula(
        "availability of redundant copies, of which one is enough", "systems/capacity-planning.md",
        "What is the availability of redundant copies when any one of them is enough?",
        ("redundan|copies|either|one is enough|any one|suffices?|replicas?|one of them|l'un des|suffit|independent", "availab|disponib|up\\b|uptime|works?"),
        {"a": share("availab|each|up\\b|disponib|chac"), "n": n("copies|replicas?|servers?|zones?|regions?|machines?|independent|exemplaires")}, "1-(1-{a})**{n}", "share",
    ),
    Formula(
        "error rate at a burn rate", "systems/slos.md",
        "Which error rate corresponds to a burn rate of this objective?",
        ("burn|br[ûu]l|consomm", "error rate|errors?|failure|taux d'erreur|[ée]chec"), {"o": share("objective|slo|target|objectif|availab"), "b": n("burn|rate|times|fois")}, "(1-{o})*{b}", "share",
    ),
    Formula(
        "bytes of text logged in a day", "systems/observability.md",
        "How many bytes of text are logged in a day?",
        ("log|stor|record|journal|keep", "bytes|mb\\b|gb\\b|mo\\b|go\\b|volume|space|octets|megabytes|gigabytes", "day|jour|daily"),
        {"q": n("questions?|requests?|calls?|requ[êe]tes?|day"), "t": n("tokens?|jetons?"), "b": of("bytes", "per token|each|a token|token|par jeton")}, "{q}*{t}*{b}", "bytes",
    ),
    Formula(
        "tokens per second of a rate of requests", "systems/capacity-planning.md",
        "How many tokens per second is a rate of requests with so many tokens each?",
        ("tokens? (?:per|a) second|tokens/s|jetons par seconde|jetons/s", "requests?|questions?|calls?|requ[êe]tes?|appels?"),
        {"r": of("rate", "requests?|questions?|calls?|requ[êe]tes?|appels?"), "t": n("tokens?|jetons?|prompt|each|of\\b")}, "{r}*{t}", unit="tokens/s",
    ),
    Formula(
        "load added by retries", "systems/reprise-sur-panne.md",
        "By what factor do retries raise the load?",
        ("retr|r[ée]essa|tentative", "load|traffic|charge|calls", "times|factor|more|fois|facteur|budget"), {"p": share("retr|budget|r[ée]essa|of\\b|%")}, "1+{p}",
    ),
    Formula(
        "time of attempts that all run into the timeout", "systems/reprise-sur-panne.md",
        "How long does a user wait at worst when every attempt runs into the timeout?",
        ("attempts?|tries|tentatives?|essais?", "timeout|time out|d[ée]lai|expire", "wait|attend|long|at worst|pire|au plus|blocked"), {"a": n("attempts?|tries|tentatives?|essais?"), "t": of("time", "timeout|time out|each|d[ée]lai|chacun")}, "{a}*{t}", "time",
    ),
    Formula(
        "share of turnover that a fine may reach", "systems/residence-des-donnees.md",
        "How large a fine may be, as a share of turnover?",
        ("fine|penalt|amende|sanction", "turnover|revenue|chiffre d'affaires|sales"), {"s": share(""), "m": of("money")}, "{s}*{m}", "money",
    ),
    Formula(
        "time of a prefill at the card's peak", "inference/prefill-and-decode.md",
        "How long does prefill of a prompt take a model at the card's peak arithmetic?",
        ("prefill|prompt|invite|reading|process|lecture", _TIME, "parameters?|weights?|param[èe]tres?|model|mod[èe]le"),
        {"p": n("parameters?|weights?|param[èe]tres?|model|mod[èe]le", least=1e5), "t": n("tokens?|jetons?|prompt|invite"), "f": of("flops"), "u": share("peak|utili[sz]|mfu|cr[êe]te|efficien", "1")}, "2*{p}*{t}/({f}*{u})", "time",
    ),
    Formula(
        "memory left for the cache on a card", "inference/7b-on-one-gpu.md",
        "How much memory is left for the KV cache on a card after weights and overhead?",
        (_LEFT, "weights?|poids|model|mod[èe]le|param", "gb|gib|go\\b|gio\\b|memory|m[ée]moire"),
        {"m": of("bytes", "card|gpu|memory|total|capacity|carte|m[ée]moire|of which"), "w": of("bytes", "weights?|poids|model|mod[èe]le|param"), "b": of("bytes", "buffers?|overhead|activations?|reserve|tampons?|cuda", "0"), "u": share("used?|may|utili[sz]|share|of which|of it", "1")}, "{m}*{u}-{w}-{b}", "bytes",
    ),
    Formula(
        "tokens of cache left on a card", "inference/7b-on-one-gpu.md",
        "How many tokens of KV cache does the memory left on a card after the weights hold?",
        ("tokens?|jetons?", "cache|context|contexte", "weights?|poids|model|mod[èe]le|param", "how many|combien"),
        {"m": of("bytes", "card|gpu|memory|total|capacity|carte|m[ée]moire|of which"), "w": of("bytes", "weights?|poids|model|mod[èe]le|param"), "b": of("bytes", "buffers?|overhead|activations?|reserve|tampons?|cuda", "0"),
         "e": of("bytes", "per token|a token|each token|token|par jeton"), "u": share("used?|may|utili[sz]|share|of which|of it", "1")}, "floor(({m}*{u}-{w}-{b})/{e})", unit="tokens",
    ),
    Formula(
        "tokens per second of a batch from its step time", "inference/latence-et-debit.md",
        "How many tokens per second does a batch of sequences produce, given the time of a step?",
        ("step|[ée]tape|pas\\b|iteration", "tokens? (?:per|a) second|tokens/s|jetons par seconde|throughput|d[ée]bit|in total"), {"b": n("sequences?|batch|s[ée]quences?|requests?|conversations?|streams?|lot"), "t": of("time", "step|[ée]tape|pas\\b|iteration|takes?")}, "{b}/{t}", unit="tokens/s",
    ),
    Formula(
        "share of allotted slots that a sequence uses", "inference/paged-attention.md",
        "What share of the slots allotted in blocks does a sequence use?",
        ("slots?|blocks?|blocs?|places?|emplacements?", "share|percent|%|use|utilis|wast|pour cent"), {"t": n("tokens?|jetons?|sequence|long"), "b": n("blocks?|blocs?|of size|hold|slots?")}, "{t}/({b}*ceil({t}/{b}))", "share",
    ),
    Formula(
        "bandwidth of a PCIe link", "inference/parallelism.md",
        "What is the bandwidth of a PCIe link with these lanes?",
        ("pcie|lanes?|gt/s|link|lien|voies", "gb/s|go/s|bandwidth|d[ée]bit|bytes per second|per direction"), {"g": n("gt/s|gt\\b|transfers?|rate|gigatransfers"), "l": n("lanes?|voies|x\\b|x16"), "a": n("128|encod|coding", "128"), "b": n("130", "130")}, "{g}*{l}*{a}/{b}/8", unit="GB/s",
    ),
    Formula(
        "share of the peak that an intensity reaches", "inference/roofline.md",
        "What share of the card's peak does a kernel of this arithmetic intensity reach?",
        ("ridge|roofline|intensity|intensit[ée]", "share|percent|%|fraction|peak|cr[êe]te"), {"i": n("intensity|intensit[ée]|flop per byte|kernel|operations per byte"), "r": n("ridge|card|gpu|needs?|carte|balance")}, "{i}/{r}", "share",
    ),
    Formula(
        "positions of a verification pass", "inference/speculative-decoding.md",
        "How many positions does one verification pass over a batch process when guesses are checked?",
        ("verif|pass\\b|passe\\b|positions?", "guess|draft|specul|sp[ée]cul|propos|brouillon"), {"b": n("sequences?|batch|requests?|s[ée]quences?|streams?|conversations?"), "k": n("guess|draft|propos|tokens?|brouillon|ahead")}, "{b}*({k}+1)", unit="positions",
    ),
    Formula(
        "useful share of the slots of a static batch", "inference/continuous-batching.md",
        "What share of the slots of a static batch is useful when all wait for the longest answer?",
        ("static|batch|lot|slots?", "useful|wast|idle|utile|share|percent|%|perdu"), {"u": n("useful|tokens in all|in all|total|sum|utiles?|produced"), "b": n("answers?|requests?|sequences?|batch|slots|r[ée]ponses?|lot"), "m": n("longest|max|plus longue?|until")}, "{u}/({b}*{m})", "share",
    ),
    Formula(
        "requests that fit when each takes whole blocks", "inference/paged-attention.md",
        "How many requests fit in a pool of cache blocks?",
        ("blocks?|blocs?", "how many|combien", "requests?|sequences?|requ[êe]tes?|s[ée]quences?|conversations?|users?", "fit|hold at|room|at once|simultan|serve|tien|pool"), {"n": n("blocks?|blocs?|pool"), "t": n("tokens?|jetons?|each|long"), "b": n("tokens? (?:per|a|each)|of size|hold|slots?|each block", "16")}, "floor({n}/ceil({t}/{b}))", unit="requests",
    ),
    Formula(
        "milliseconds between tokens that a reader follows", "inference/ttft-and-itl.md",
        "How many milliseconds between tokens does a reader of so many words per minute follow?",
        ("read|lecteur|lit|lire", "words?|mots?", "gap|between|per token|ms\\b|milliseconds?|millisecondes?|par jeton"), {"w": of("rate", "words?|mots?", per=60), "r": n("tokens? (?:per|a) word|jetons? par mot", "1.3")}, "60/({w}*{r})", "time",
    ),
    Formula(
        "share of a prompt that the prefix cache spares", "inference/prefix-caching.md",
        "What share of a prompt does the prefix cache spare?",
        ("prefix|pr[ée]fixe|shared|common|partag", "share|percent|%|fraction|part\\b|saves?|spare"), {"p": n("prefix|pr[ée]fixe|shared|common|partag|system"), "t": n("prompt|total|whole|invite|long|in all"), "b": n("blocks?|blocs?|slots?", "16")}, "floor({p}/{b})*{b}/{t}", "share",
    ),
    Formula(
        "size of a tensor-parallel share of the weights", "inference/parallelism.md",
        "How large is each GPU's share of the weights when they are split among GPUs?",
        ("tensor|shard|split|spread|over|r[ée]parti|partag", "weights?|poids|model|mod[èe]le", "each|per gpu|per card|every|chaque|par carte|chacune?"), {"w": of("bytes"), "g": n("gpus?|cards?|cartes?|devices?")}, "{w}/{g}", "bytes",
    ),
    Formula(
        "time to read the cache of a conversation", "inference/kv-cache.md",
        "How long does it take to read the KV cache of a conversation of Mistral 7B for each generated token?",
        ("cache|kv", "read|lire|lu\\b|lecture|scan", _TIME), {"model": of("model"), "t": n("tokens?|context|jetons?|conversation|long"), "b": n("conversations?|sequences?|requests?", "1"), "bw": of("bandwidth")}, "{t}*{b}*131072/{bw}", "time",
    ),
    Formula(
        "time to read a cache", "inference/kv-cache.md",
        "How long does it take to read the cache of so many tokens at this bandwidth?",
        ("cache|kv", _TIME), {"t": n("tokens?|context|jetons?|conversation|long"), "kv": of("bytes", "per token|a token|token|par jeton|each"), "b": n("conversations?|sequences?|requests?", "1"), "bw": of("bandwidth")}, "{t}*{b}*{kv}/{bw}", "time",
    ),
    Formula(
        "throughput of a batch with its cache", "inference/latence-et-debit.md",
        "How many tokens per second do so many conversations produce together when the weights and their caches are read at each step?",
        ("tokens? (?:per|a) second|tokens/s|jetons par seconde|throughput|d[ée]bit", "weights?|poids|model|mod[èe]le"),
        {"w": of("bytes", "weights?|poids|parameters?|model|mod[èe]le"), "bw": of("bandwidth"), "b": n("conversations?|sequences?|s[ée]quences?|requests?|streams?|users?|batch|lot"), "c": n("tokens?|jetons?|context|contexte|each"), "kv": of("bytes", "cache|kv|per token|par jeton")},
        "{b}*{bw}/({w}+{b}*{c}*{kv})", unit="tokens/s",
    ),
    Formula(
        "most throughput that reading the cache allows", "inference/latence-et-debit.md",
        "What throughput can a batch never exceed, however large, because each token reads its own cache?",
        ("throughput|tokens? (?:per|a) second|tokens/s|d[ée]bit|jetons", "never|limit|exceed|ceiling|however|at most|plafond|jamais"),
        {"c": n("tokens?|jetons?|context|contexte"), "kv": of("bytes", "cache|kv|per token|par jeton|each"), "bw": of("bandwidth")}, "{bw}/({c}*{kv})", unit="tokens/s",
    ),
    Formula(
        "time to decode an answer", "inference/prefill-and-decode.md",
        "How long does it take to generate an answer of so many tokens when the weights are read for each token?",
        ("tokens?|jetons?", _TIME, "weights?|poids|model|mod[èe]le", "answer|generat|decod|writ|reply|r[ée]ponse|[ée]cri"), {"t": n("tokens?|jetons?|answer|reply|long"), "w": of("bytes", "weights?|poids|model|mod[èe]le"), "bw": of("bandwidth")}, "{t}*{w}/{bw}", "time",
    ),
    Formula(
        "time of a decode step on several GPUs", "inference/parallelism.md",
        "How long does a decode step take at least when the weights are split over several GPUs that read them in parallel?",
        ("gpus?|cards?|cartes?", _TIME, "weights?|poids|model|mod[èe]le"), {"w": of("bytes", "weights?|poids|model|mod[èe]le"), "g": n("gpus?|cards?|cartes?|ways?"), "bw": of("bandwidth")}, "{w}/({g}*{bw})", "time",
    ),
    Formula(
        "bytes of an all-reduced activation", "inference/parallelism.md",
        "How many bytes does one all-reduce exchange for tokens of this model width?",
        ("all-reduce|message|exchange|activation", "bytes|kib|mib|mb\\b|kb\\b|octets|big|large|size"), {"t": n("tokens?|sequences?|batch|jetons?|s[ée]quences?"), "d": n("width|wide|dimension|d\\b|largeur|hidden"), "b": of("dtype", default="2")}, "{t}*{d}*{b}", "bytes",
    ),
    Formula(
        "traffic of materialised attention scores", "inference/flash-attention.md",
        "How many bytes does standard attention move when it writes and reads the score matrices of a layer?",
        ("scores?|attention", "traffic|mov|written and read|reads? and writ|hbm", "gb\\b|bytes|octets|gib"), {"t": n("tokens?|jetons?|sequence|context|long"), "h": n("heads?|t[êe]tes?"), "b": of("dtype", default="2")}, "4*{t}**2*{h}*{b}", "bytes",
    ),
    Formula(
        "average waste in the last cache block", "inference/paged-attention.md",
        "How many slots of a sequence's last cache block stay empty on average?",
        ("blocks?|blocs?|pages?", "average|mean|moyenne", "wast|empty|unused|vide|perdu"), {"b": n("blocks?|blocs?|slots?|of\\b|pages?")}, "({b}-1)/2", unit="slots",
    ),
    Formula(
        "blocks of a pool", "inference/paged-attention.md",
        "How many cache blocks does the free memory hold?",
        ("blocks?|blocs?|pages?", "how many|combien", "cache|memory|pool|m[ée]moire|free"), {"pool": of("bytes", "left|free|pool|remain|libre|reste|available|memory"), "each": of("bytes", "per token|a token|token|par jeton|each"), "b": n("blocks?|blocs?|slots?|tokens? (?:per|a|each)|of\\b", "16")}, "floor({pool}/({each}*{b}))", unit="blocks",
    ),
    Formula(
        "memory that a shared prefix saves", "inference/prefix-caching.md",
        "How much cache memory do requests save that share a prefix of so many tokens?",
        ("prefix|pr[ée]fixe|shared|partag|system prompt", "gib|gb\\b|mib|mb\\b|memory|m[ée]moire|bytes"), {"t": n("prefix|tokens?|shared|common|jetons?"), "kv": of("bytes", "per token|a token|token|par jeton", "131072"), "n": n("requests?|users?|conversations?|requ[êe]tes?", "1"), "b": n("blocks?|blocs?", "16")}, "floor({t}/{b})*{b}*{kv}*{n}", "bytes",
    ),
    Formula(
        "share of a step's budget", "inference/chunked-prefill.md",
        "What share of a step's token budget do the decoding sequences take?",
        ("budget", "share|percent|%|fraction|part\\b|pour cent"), {"d": n("streams?|decod|conversations?|sequences?|flux|d[ée]cod"), "b": n("budget|step")}, "{d}/{b}", "share",
    ),
    Formula(
        "intensity of a batched decode step", "inference/roofline.md",
        "What is the arithmetic intensity of decoding a batch when each weight is read once for all its sequences?",
        ("intensity|intensit[ée]|operations per byte|flop per byte", "batch|sequences?|lot\\b|s[ée]quences?|tokens?"), {"b": n("batch|sequences?|lot|s[ée]quences?|tokens?"), "w": of("dtype", default="2")}, "2*{b}/{w}", unit="FLOP/byte",
    ),
    Formula(
        "batch from which decoding is compute-bound", "inference/roofline.md",
        "From how many sequences in a batch is decoding limited by compute rather than by memory?",
        ("compute-bound|limited by (?:compute|arithmetic)|compute bound|calcul", "batch|sequences?|lot\\b|tokens?"), {"f": of("flops"), "bw": of("bandwidth"), "w": of("dtype", default="2")}, "{f}/{bw}*{w}/2", unit="sequences",
    ),
    Formula(
        "price of tokens", "inference/cout-par-token.md",
        "What do so many tokens cost at a price per million tokens?",
        ("cost|co[ûu]t|price|prix|bill|pay|spend|how much|combien|facture", "tokens?|jetons?"), {"t": n("tokens?|jetons?"), "p": of("price"), "n": n("requests?|questions?|calls?|requ[êe]tes?|appels?", "1")}, "{t}*{n}*{p}", "money",
    ),
    Formula(
        "price of input and output tokens", "inference/cout-par-token.md",
        "What does a request with input and output tokens cost when both have their price per million?",
        ("cost|co[ûu]t|price|prix|bill|pay|spend|how much|combien|facture", "tokens?|jetons?|input|output"),
        {"i": n("input|prompt|in\\b|entr[ée]e|invite"), "o": n("output|answer|out\\b|sortie|r[ée]ponse|generat"), "p": of("price", "input|prompt|in\\b|entr[ée]e"), "q": of("price", "output|out\\b|sortie|and|et"), "n": n("requests?|questions?|calls?|requ[êe]tes?|appels?", "1")}, "({i}*{p}+{o}*{q})*{n}", "money",
    ),
    Formula(
        "cost of machines over a time", "systems/cold-start.md",
        "What does it cost to keep GPUs running for a day or a month at a price per hour?",
        ("cost|co[ûu]t|price|prix|bill|pay|spend|how much|combien|facture", "gpus?|cards?|cartes?|machines?|replicas?|server|instance|r[ée]pliques?"), {"w": of("wage"), "t": of("time"), "g": n("gpus?|cards?|cartes?|machines?|replicas?|servers?|instances?|r[ée]pliques?", "1")}, "{w}*{t}*{g}", "money",
    ),
    Formula(
        "tokens of a budget left for passages", "systems/token-budget-4k.md",
        "How many tokens of the context window are left for passages after system prompt, history and answer?",
        ("left|remain|room|reste|restent", "tokens?|jetons?|window|budget|context|fen[êe]tre"), {"all": n("window|budget|context|fen[êe]tre|of an?"), "a": n("system|prompt|instructions|tools|invite"), "b": n("history|question|conversation|historique|answer|r[ée]ponse"), "c": n("answer|output|reply|r[ée]ponse|reserve", "0"), "d": n("margin|question|reserve|marge", "0"), "e": n("margin|question|reserve|marge", "0")}, "{all}-{a}-{b}-{c}-{d}-{e}", unit="tokens",
    ),
    Formula(
        "share of a window", "agents/many-tools-or-few.md",
        "What share of the context window do so many tokens take?",
        ("window|context|fen[êe]tre|contexte|prompt", "share|percent|%|fraction|part\\b|pour cent"), {"a": n("tools?|prefix|descri|system|takes?|title|outils?|pr[ée]fixe|tokens?"), "w": n("window|context|fen[êe]tre|contexte|prompt|of a")}, "{a}/{w}", "share",
    ),
    Formula(
        "questions per second over a whole day", "systems/rag-10k-users.md",
        "How many questions per second do users ask on average over the day?",
        ("average|mean|moyenne|over (?:the|a) (?:whole )?day|per second|par seconde", "users?|employees|people|utilisateurs?|salari"), {"u": n("users?|employees|people|utilisateurs?|salari"), "q": n("questions?|requests?|each|queries|chacun")}, "{u}*{q}/86400", unit="per second",
    ),
    Formula(
        "requests in flight at the busy hour", "systems/rag-10k-users.md",
        "How many requests are in flight in the busiest hour when users ask questions that take some seconds each?",
        ("in flight|concurren|simultan|at once|en cours|open", "users?|employees|people|utilisateurs?|salari"), {"u": n("users?|employees|people|utilisateurs?|salari"), "q": n("questions?|requests?|each|queries|chacun"), "s": share("hour|peak|busiest|heure|pointe"), "t": of("time", "takes?|lasts?|each|dure|latency")}, "{u}*{q}*{s}/3600*{t}", unit="requests",
    ),
    Formula(
        "tokens of all users in a day", "systems/rag-10k-users.md",
        "How many tokens a day do users send with their questions?",
        ("tokens?|jetons?", "users?|employees|people|utilisateurs?|salari", "day|daily|jour"), {"u": n("users?|employees|people|utilisateurs?|salari"), "q": n("questions?|requests?|queries|chacun"), "t": n("tokens?|jetons?")}, "{u}*{q}*{t}", unit="tokens",
    ),
    Formula(
        "rest of a latency budget", "systems/rag-10k-users.md",
        "How many milliseconds of the latency target are left after the other stages?",
        ("left|remain|rest\\b|reste|budget", _TIME, "target|budget|stages?|limit|objectif|[ée]tapes?"), {"all": of("time", "target|budget|limit|within|objectif|first token"), "a": of("time"), "b": of("time", default="0"), "c": of("time", default="0"), "d": of("time", default="0"), "e": of("time", default="0")}, "{all}-{a}-{b}-{c}-{d}-{e}", "time",
    ),
    Formula(
        "tokens that arrive in an interval", "systems/streaming-partial-json.md",
        "How many tokens arrive between two refreshes when parsing is throttled to an interval?",
        ("tokens?|jetons?", "interval|between|every|throttl|refresh|intervalle|toutes les|each|during"), {"r": of("rate", "tokens?|jetons?"), "t": of("time", "every|interval|each|toutes|during")}, "{r}*{t}", unit="tokens",
    ),
    Formula(
        "burn rate that spends a share of the budget", "systems/slos.md",
        "Which burn rate spends a share of the monthly error budget in some hours?",
        ("burn|br[ûu]l", "which|what|quel", "budget"), {"s": share("budget|spend|of\\b|consum|use"), "t": of("time", "in\\b|within|hours?|heures?|en\\b"), "w": of("time", "month|budget|window|period|-day|mois", "2592000")}, "{s}*{w}/{t}",
    ),
    Formula(
        "GPU-seconds of work that arrive each second", "systems/capacity-planning.md",
        "How many GPU-seconds of prefill or decode work arrive each second, given the tokens of requests and a replica's speed?",
        ("gpu-seconds|work|load|demand|busy|secondes", "per second|each second|arriv|par seconde"), {"r": of("rate", "requests?|calls?|questions?|requ[êe]tes?"), "t": n("tokens?|jetons?|prompt"), "c": of("rate", "tokens?|jetons?|replica|speed|prefill")}, "{r}*{t}/{c}",
    ),
    Formula(
        "GPU-hours of three phases of a day", "systems/gpu-autoscaling.md",
        "How many GPU-hours are three phases of the day with different numbers of GPUs?",
        ("gpu-?hours|hours of gpu|heures[- ]gpu",), {"a": n("gpus?|cards?|replicas?"), "h": of("time"), "b": n("gpus?|cards?|replicas?|and"), "k": of("time"), "c": n("gpus?|cards?|replicas?|and"), "m": of("time")}, "({a}*{h}+{b}*{k}+{c}*{m})/3600", unit="GPU-hours",
    ),
    Formula(
        "bytes that an export of logs has", "systems/residence-des-donnees.md",
        "How many gigabytes of logs pile up when each request is kept for days?",
        ("log|stor|record|journal|keep|kept|conserv|retention", "bytes|mb\\b|gb\\b|mo\\b|go\\b|volume|space|octets"), {"q": n("questions?|requests?|calls?|requ[êe]tes?|day|jour"), "b": of("bytes", "each|per|chacune?|a request"), "t": of("time", "days?|jours?|months?|kept|for\\b|pendant")}, "{q}*{b}*{t}/86400", "bytes",
    ),
    Formula(
        "cases that a detector misses", "systems/residence-des-donnees.md",
        "How many cases does a detector with this recall miss?",
        ("miss|escape|slip|remain|unseen|oubli|rat[ée]|[ée]chapp|manqu", "how many|combien"), {"n": n("names?|cases?|items?|documents?|noms?|cas\\b|of\\b|sur\\b"), "r": share("recall|rappel|finds?|detect|catch|d[ée]tect")}, "{n}*(1-{r})",
    ),
    Formula(
        "requests that pile up behind too small a capacity", "systems/gpu-autoscaling.md",
        "How many requests pile up when more arrive each second than are served, over some minutes?",
        ("pile|accumul|queue|backlog|wait|attent|entass",), {"r": of("rate", "more|excess|than|beyond|surplus|requests?"), "t": of("time", "for|during|over|pendant|minutes?")}, "{r}*{t}", unit="requests",
    ),
)  # fmt: skip
