"""Further formulas of the handbook's pages on systems and on inference."""

# ruff: noqa: E501 - a table, in which a pattern is one cell
from __future__ import annotations

from rag.llm.formulas.base import Formula, n, of, share

_TIME = "time|long|ms\\b|milliseconds?|millisecondes?|seconds?|secondes?|minutes?|dure|temps|how fast"
_LEFT = "left|remain|reste|free|available|pool|libre|for the cache"

FORMULAS = (
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
        "share of a window", "agents/many-tools-or-few.md",
        "What share of the context window do so many tokens take?",
        ("window|context|fen[êe]tre|contexte|prompt", "share|percent|%|fraction|part\\b|pour cent"), {"a": n("tools?|prefix|descri|system|takes?|title|outils?|pr[ée]fixe|tokens?"), "w": n("window|context|fen[êe]tre|contexte|prompt|of a")}, "{a}/{w}", "share",
    ),
)  # fmt: skip
