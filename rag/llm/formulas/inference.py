"""Formulas of the handbook's pages on inference."""

# ruff: noqa: E501 - a table, in which a pattern is one cell
from __future__ import annotations

from rag.llm.formulas.base import Formula, n, of, share

_TOKENS = "tokens?|jetons?|positions?|context|contexte|prompt|long"
_TIME = (
    "time|long|ms\\b|milliseconds?|millisecondes?|seconds?|secondes?|dure|combien de temps|temps|quick|fast"
)

_NOT_A_RATE = "(?s:^(?!.*(?:tokens?|jetons?) (?:per|par|a) second))"

FORMULAS = (
    Formula(
        "blocks of a sequence", "inference/paged-attention.md",
        "How many cache blocks or pages does a sequence of tokens occupy?",
        ("(?:how many|combien de|number of) (?:\\w+ )?(?:blocks?|blocs?|pages?)\\b",),
        {"t": n(_TOKENS + "|request|sequence"), "b": n("block|bloc|page|slots?|tokens? (?:per|a) block|each hold|of size", "16")},
        "ceil({t}/{b})", unit="blocks",
    ),
    Formula(
        "slots reserved and unused", "inference/paged-attention.md",
        "What share of the slots reserved for each request is really used?",
        ("reserv|pre-?allocat|r[ée]serv|allou", "share|percent|%|use|utilis|wast|gaspill|perdu"),
        {"used": n("used|uses?|produce|actual|ends?|utilis|only|real|takes?"), "all": n("reserv|maximum|max|allocat|r[ée]serv")},
        "{used}/{all}", "share",
    ),
    Formula(
        "sequences that fit in a pool", "inference/paged-attention.md",
        "How many conversations fit in the memory left for the KV cache?",
        ("cache|kv|pool|memory|m[ée]moire", "how many|combien|concurren|simultan", "conversations?|requests?|sequences?|users?|requ[êe]tes?|s[ée]quences?|sessions?"),
        {"pool": of("bytes", "left|free|pool|cache|remain|libre|reste|vram|memory|available"), "each": of("bytes", "per token|a token|par jeton|par token|each token|token"),
         "t": n(_TOKENS)},
        "floor({pool}/({each}*{t}))",
    ),
    Formula(
        "tokens that fit in a pool", "inference/paged-attention.md",
        "How many tokens of KV cache fit in the free memory?",
        ("cache|kv|pool|memory|m[ée]moire", "how many tokens|combien de (?:jetons|tokens)|tokens? fit|tokens of context"),
        {"pool": of("bytes", "left|free|pool|remain|libre|reste|available|go\\b|gib|gb"), "each": of("bytes", "per token|a token|par jeton|par token|each token|token")},
        "floor({pool}/{each})", unit="tokens",
    ),
    Formula(
        "least duration of a decode step", "inference/latence-et-debit.md",
        "How many milliseconds does one decode step take at least to read the weights and the cache of all conversations?",
        (_NOT_A_RATE, _TIME, "step|[ée]tape|pas\\b|token|jeton|decod|d[ée]cod", "weights?|poids|parameters?|param[èe]tres?|model|mod[èe]le|read|lu"),
        {"w": of("bytes", "weights?|poids|parameters?|param[èe]tres?|model|mod[èe]le"), "bw": of("bandwidth"),
         "b": n("conversations?|sequences?|s[ée]quences?|requests?|streams?|users?|requ[êe]tes?|batch|lot|flux", "0"),
         "c": n("tokens?|jetons?|context|contexte|positions?", "0"), "kv": of("bytes", "cache|kv|per token|par jeton|par token", "0")},
        "({w}+{b}*{c}*{kv})/{bw}", "time",
    ),
    Formula(
        "most tokens per second of a decode step", "inference/7b-on-one-gpu.md",
        "How many tokens per second can decoding reach at most for a single user, when the weights are read for each token?",
        ("tokens?(?: per |/| a )s|tokens per second|jetons? par seconde|jetons/s|tokens/s|d[ée]bit|speed|fast",
         "weights?|poids|model|mod[èe]le|read|param", "bandwidth|bande passante|/s|reads|lit", "per second|par seconde|/s|speed|d[ée]bit|fast|vite"),
        {"w": of("bytes", "weights?|poids|parameters?|model|mod[èe]le"), "bw": of("bandwidth")}, "{bw}/{w}", unit="tokens/s",
    ),
    Formula(
        "time to move bytes", "systems/cold-start.md",
        "How many seconds does it take to load or transfer bytes at this bandwidth?",
        (_TIME, "load|download|read|transfer|move|charg|t[ée]l[ée]charg|lire|copy|transf[ée]r|send|scan|push|swap|pull"),
        {"b": of("bytes"), "bw": of("bandwidth")}, "{b}/{bw}", "time",
    ),
    Formula(
        "requests in flight by Little's law", "inference/latence-et-debit.md",
        "How many requests are in flight on average, given the arrival rate and the time each takes?",
        ("in flight|concurren|simultan|at once|at the same time|en cours|parall[èe]le|open|little|in progress|underway|en m[êe]me temps|stay busy",),
        {"r": of("rate", "requests?|calls?|requ[êe]tes?|appels?|questions?|arriv"), "t": of("time", "takes?|lasts?|latency|dure|each|latence|long|stays?|seconds?")},
        "{r}*{t}", unit="requests",
    ),
    Formula(
        "tokens reused from the prefix cache", "inference/prefix-caching.md",
        "How many tokens of a shared prefix are reused from the cache, which holds whole blocks?",
        ("prefix|pr[ée]fixe|shared|partag|common|commun", "reus|r[ée]utilis|cached|hit|saved?|skip", "tokens?|jetons?"),
        {"t": n("prefix|pr[ée]fixe|shared|common|system|" + _TOKENS), "b": n("block|bloc|page|slots?", "16")}, "floor({t}/{b})*{b}", unit="tokens",
    ),
    Formula(
        "tokens of a speculative pass", "inference/speculative-decoding.md",
        "How many tokens does one verification pass of speculative decoding yield on average, given the acceptance rate?",
        ("accept|acceptation", "guess|draft|propos|specul|sp[ée]cul|helper|brouillon|ahead"),
        {"p": share("accept|probabilit|chance|rate|taux"), "k": n("guess|draft|propos|ahead|tokens?|positions?|γ|gamma|jetons?|brouillon|at a time")},
        "(1-{p}**({k}+1))/(1-{p})", unit="tokens",
    ),
    Formula(
        "speed-up of speculative decoding", "inference/speculative-decoding.md",
        "How much faster does speculative decoding with a draft model make generation?",
        ("accept|acceptation", "guess|draft|propos|specul|sp[ée]cul|helper|brouillon|ahead", "speed-?up|faster|gain|acc[ée]l[ée]r|plus rapide|plus vite|quicker"),
        {"p": share("accept|probabilit|chance|rate|taux"), "k": n("guess|draft|propos|ahead|tokens?|positions?|γ|gamma|jetons?|brouillon"),
         "c": share("cost|co[ûu]t|time|of (?:a|the) (?:big|target|large)|as long|relative|takes")},
        "(1-{p}**({k}+1))/(1-{p})/({k}*{c}+1)",
    ),
    Formula(
        "steps of a chunked prefill", "inference/chunked-prefill.md",
        "In how many steps is a long prompt read with chunked prefill when decoding sequences take part of the step's token budget?",
        ("budget|step|chunk|iteration|[ée]tape", "prompt|document|read|prefill|invite|paste|long", "how many|combien|number|steps?"),
        {"t": n("prompt|document|tokens?|invite|arriv|paste"), "b": n("budget|step|chunk|per iteration|limit"), "d": n("streams?|decod|conversations?|generating|sequences?|users?|flux|d[ée]cod|requests?", "0")},
        "ceil({t}/({b}-{d}))", unit="steps",
    ),
    Formula(
        "prompt tokens of a step", "inference/chunked-prefill.md",
        "How many prompt tokens fit in a step's budget beside the decoding sequences?",
        ("budget", "step|chunk|iteration|[ée]tape", "left|remain|room|restent?|prompt tokens"),
        {"b": n("budget|step|chunk"), "d": n("streams?|decod|conversations?|generating|sequences?|flux|d[ée]cod")}, "{b}-{d}", unit="tokens",
    ),
    Formula(
        "size of the score matrices", "inference/flash-attention.md",
        "How much memory would the attention score matrices of a layer take if they were stored?",
        ("scores?|attention matri|probabilit|matrice", "memory|bytes|gib|gb|m[ée]moire|octets|go\\b|space|big|size|weigh|materiali[sz]e"),
        {"t": n(_TOKENS + "|sequence|s[ée]quence"), "h": n("heads?|t[êe]tes?"), "b": of("dtype", default="2")}, "{t}**2*{h}*{b}", "bytes",
    ),
    Formula(
        "step of a symmetric int8 grid", "inference/int8-quantization.md",
        "What is the step of a symmetric int8 grid, given the largest magnitude?",
        ("int8|8-bit|8 bits|absmax|symmetric|sym[ée]tri", "scale|step|grid|[ée]chelle|pas\\b|spacing|granul"),
        {"m": n("absmax|largest|maxim|peak|magnitude|plus grand|max|outlier|reach")}, "{m}/127",
    ),
    Formula(
        "largest rounding error of an int8 grid", "inference/int8-quantization.md",
        "What is the largest rounding error of an absmax int8 grid?",
        ("int8|8-bit|8 bits|absmax", "error|erreur|off by|worst|au pire"),
        {"m": n("absmax|largest|maxim|peak|magnitude|plus grand|max|outlier|reach")}, "{m}/127/2",
    ),
    Formula(
        "step of an asymmetric 4-bit grid", "inference/int4-quantization.md",
        "What is the spacing of an asymmetric 4-bit grid from the smallest to the largest value?",
        ("4-bit|4 bits|int4|asymmetric|asym[ée]tri", "scale|step|grid|[ée]chelle|pas\\b|spacing"),
        {"lo": n("from|min|between|lowest|de\\b|entre|smallest|-"), "hi": n("to\\b|max|and|highest|à|et\\b|largest")}, "({hi}+{lo})/15",
    ),
    Formula(
        "SmoothQuant's factor", "inference/int8-quantization.md",
        "By which factor does SmoothQuant divide activations, given their maximum and that of the weights?",
        ("smoothquant|smooth", "factor|facteur|divi|scale"),
        {"a": n("α|alpha|strength|migration", "0.5"), "x": n("activations?"), "w": n("weights?|poids")}, "{x}**{a}/{w}**(1-{a})",
    ),
    Formula(
        "bits per weight of a grouped format", "inference/int4-quantization.md",
        "How many bits does each weight really take when quantized in groups with a scale and a zero point?",
        ("groups?|groupes?|blocks? of|blocs? de", "bits? (?:per|a) weight|bits? par poids|effective|bits"),
        {"b": of("bits", "weights?|poids|codes?|values?|int"), "s": of("bits", "scale|[ée]chelle", "16"), "z": of("bits", "zero|z[ée]ro|offset", "0"),
         "g": n("groups?|groupes?|weights?|blocks?|values?")},
        "{b}+({s}+{z})/{g}", unit="bits",
    ),
    Formula(
        "size of quantized weights", "inference/int4-quantization.md",
        "How many gigabytes do the weights of a model take at this precision or number of bits?",
        ("bits?|fp16|bf16|fp32|int8|int4|fp8", "memory|bytes|gb|gib|go\\b|m[ée]moire|octets|size|weigh|taille|big|gigabytes|p[èe]se|occup|vram",
         "weights?|parameters?|model|param[èe]tres?|poids|mod[èe]le|billion|milliard"),
        {"p": n("parameters?|weights?|model|param[èe]tres?|poids|mod[èe]le", least=1e5), "b": of("dtype", "bits?|in\\b|en\\b|at\\b|à\\b")},
        "{p}*{b}", "bytes",
    ),
    Formula(
        "idle share of a pipeline", "inference/parallelism.md",
        "What share of the time are the GPUs of a pipeline idle, given stages and micro-batches?",
        ("stages?|pipeline|[ée]tages?|[ée]tapes", "micro-?batch|micro-?lots?|bubble|bulle"),
        {"p": n("stages?|[ée]tages?|gpus?|[ée]tapes"), "m": n("micro-?batch|micro-?lots?|in flight")}, "({p}-1)/({m}+{p}-1)", "share",
    ),
    Formula(
        "all-reduces of a forward pass", "inference/parallelism.md",
        "How many all-reduces does a token need in a model with tensor parallelism?",
        ("all-reduces?|tensor.parall", "how many|combien|number|total|cost|time|ms\\b|per token|each token"),
        {"l": n("layers?|couches?")}, "2*{l}", unit="all-reduces",
    ),
    Formula(
        "time of all-reduces", "inference/parallelism.md",
        "How much time do the all-reduces of tensor parallelism add to each token?",
        ("all-reduces?", _TIME), {"l": n("layers?|couches?"), "t": of("time")}, "2*{l}*{t}", "time",
    ),
    Formula(
        "ridge of the roofline", "inference/roofline.md",
        "At which arithmetic intensity in operations per byte does a card become compute-bound?",
        ("ridge|intensity|intensit[ée]|roofline|compute-bound|balance|flops? per byte|break-even", "peak|flop|cr[êe]te"),
        {"f": of("flops"), "bw": of("bandwidth")}, "{f}/{bw}", unit="FLOP/byte",
    ),
    Formula(
        "most intensity of decoding Mistral 7B", "inference/roofline.md",
        "What arithmetic intensity can decoding never exceed with this context, however large the batch?",
        ("intensity|intensit[ée]", "mistral", "exceed|limit|bound|ceiling|never|d[ée]pass|plafond|at most|however large"),
        {"t": n(_TOKENS), "b": of("dtype", default="2")}, "14.2e9/({t}*65536*{b})+8/{b}", unit="FLOP/byte",
    ),
    Formula(
        "time per output token", "inference/ttft-and-itl.md",
        "What is the time per output token, given when the first token came and when the reply was complete?",
        ("tpot|per output token|time per token|inter-token|itl|par jeton|between tokens|entre (?:deux )?jetons|per token",),
        {"all": of("time", "complete|total|whole|end|after|finish|last|done|compl|fin|overall|in all"), "first": of("time", "first|ttft|premier"),
         "t": n("tokens?|jetons?|reply|answer|r[ée]ponse|long")},
        "({all}-{first})/({t}-1)", "time",
    ),
    Formula(
        "whole latency from TTFT and TPOT", "inference/ttft-and-itl.md",
        "How long until an answer is complete, given the time to first token and the gap between tokens?",
        ("ttft|first token|premier jeton", "tpot|per (?:output )?token|itl|par jeton|each (?:next|further|later)|between", "total (?:time|latency)|whole|end-to-end|finish|how long|when (?:is|does|will)|enti[èe]re|combien de temps"),
        {"first": of("time", "first|ttft|premier"), "each": of("time", "tpot|itl|per (?:output )?token|each|every|par jeton|between|gap|apart|toutes les"), "t": n("tokens?|jetons?|reply|answer|r[ée]ponse|th\\b|-th")},
        "{first}+({t}-1)*{each}", "time",
    ),
    Formula(
        "tokens per second that a reader follows", "inference/ttft-and-itl.md",
        "How many tokens per second does a reader of so many words per minute follow?",
        ("read|lecteur|lit|lire", "words?|mots?", "tokens?|jetons?"),
        {"w": of("rate", "words?|mots?", per=60), "r": n("tokens? (?:per|a) word|jetons? par mot", "1.3")}, "{w}*{r}/60", unit="tokens/s",
    ),
    Formula(
        "mean wait of a single server", "inference/7b-on-one-gpu.md",
        "How long does a request wait on average behind others that arrive at random at a single server?",
        ("wait|queue|attente|attend|behind|file", "random|poisson|arriv|hasard|al[ée]atoire|per second|a second|par seconde"),
        {"r": of("rate", "arriv|requests?|requ[êe]tes?|prompts?"), "s": of("time", "prefill|service|each|takes?|need|dure|chacun|processing")},
        "{r}*{s}**2/(2*(1-{r}*{s}))", "time",
    ),
    Formula(
        "share of time that a server is busy", "inference/7b-on-one-gpu.md",
        "What share of the time is the server busy with requests?",
        ("busy|utili[sz]ation|occup|charge|load", "arriv|per second|a second|par seconde|/s"),
        {"r": of("rate", "arriv|requests?|requ[êe]tes?|prompts?"), "s": of("time", "prefill|service|each|takes?|need|dure|chacun|processing")},
        "{r}*{s}", "share",
    ),
    Formula(
        "cost of a million tokens", "inference/cout-par-token.md",
        "What does a million tokens cost on a rented GPU with this throughput and load?",
        ("million", "cost|co[ûu]t|revien|price|prix|how much|combien|pay"),
        {"p": of("wage", "hour|heure|rent|lou[ée]e?"), "r": of("rate", "tokens?|jetons?|d[ée]bit|throughput|sort"),
         "u": share("busy|utili[sz]|travaille|load|occup|of the time|du temps|full|charge", "1")},
        "{p}*10**6/({r}*{u})", "money", "per million tokens",
    ),
    Formula(
        "requests at which a fixed bill breaks even", "inference/cout-par-token.md",
        "From how many requests a month is a fixed bill cheaper than paying an API per token?",
        ("volume|break|rentab|pay|own|seuil|cheaper|worth", "million", "tokens?|jetons?"),
        {"f": of("money", "fixed|month|mois|bill|card|gpu|fixe|rent"), "p": of("price"), "t": n("tokens? per|tokens?|jetons?|per request|par requ[êe]te")},
        "{f}/({p}*{t})", unit="requests",
    ),
    Formula(
        "useful share of a static batch of random lengths", "inference/continuous-batching.md",
        "What share of the slots of a static batch is useful when the lengths of the answers are exponential at random?",
        ("exponential|random|exponentiel|hasard|geometric|g[ée]om[ée]tri", "batch|lot", "share|percent|%|useful|wast|utile|part\\b"),
        {"b": n("batch|answers?|requests?|sequences?|of\\b|lot|r[ée]ponses?")}, "1/(log({b})+0.577216+1/(2*{b})-1/(12*{b}**2))", "share",
    ),
    Formula(
        "mean length of the longest answer of a batch", "inference/continuous-batching.md",
        "How long is the longest of several answers on average when their lengths are exponential with this mean?",
        ("longest|plus longue", "mean|average|moyenne", "exponential|random|exponentiel|hasard"), {"m": n("mean|average|moyenne|tokens?|long"), "b": n("batch|answers?|requests?|sequences?|of\\b|lot|r[ée]ponses?")}, "{m}*(log({b})+0.577216+1/(2*{b})-1/(12*{b}**2))", unit="tokens",
    ),
    Formula(
        "time in a server at a load", "inference/latence-et-debit.md",
        "What is the mean time in the system of a server with this service time and utilisation?",
        ("busy|utili[sz]ation|load|occup|charge|ρ|rho", "time|latency|stay|long|takes?|temps|latence|dur"), {"s": of("time", "service|takes?|each|alone|idle|unloaded|dure|seul"), "r": share("busy|utili[sz]ation|load|occup|charge|ρ|rho")}, "{s}/(1-{r})", "time",
    ),
    Formula(
        "requests that a loaded server settles at", "inference/latence-et-debit.md",
        "At how many sequences does the batch settle when requests arrive at this rate and each step has a fixed cost and a cost per sequence?",
        ("settle|steady|stable|equilibr|stabilis", "step|pas\\b|[ée]tape|sequences?"), {"r": of("rate", "requests?|arriv|requ[êe]tes?"), "n": n("tokens?|jetons?|each|long"), "a": of("time", "fixed|weights?|fixe|poids|base"), "b": of("time", "per sequence|sequence|each|par s[ée]quence|more|extra")}, "{r}*{n}*{a}/(1-{r}*{n}*{b})", unit="sequences",
    ),
    Formula(
        "arithmetic that a bandwidth lets a kernel do", "inference/roofline.md",
        "How many TFLOP/s can a kernel of this intensity attain on a card with this bandwidth?",
        ("attain|reach|achiev|at most|best|atte[ig]", "intensity|intensit[ée]|flop per byte|operations per byte"), {"i": n("intensity|intensit[ée]|flop per byte|operations"), "bw": of("bandwidth"), "f": of("flops", default="1e30")}, "min({f},{i}*{bw})", unit="FLOP/s",
    ),
    Formula(
        "bytes that a ring all-reduce sends", "inference/parallelism.md",
        "How many bytes does each GPU send in a ring all-reduce of a message?",
        ("all-reduce|ring|anneau", "send|move|traffic|transf|envoi"), {"m": of("bytes"), "p": n("gpus?|cards?|cartes?|devices?|ranks?")}, "2*({p}-1)/{p}*{m}", "bytes",
    ),
)  # fmt: skip
