"""Formulas of questions on serving Mistral 7B that leave its dimensions, and mostly the card's peaks, to the pages."""

# ruff: noqa: E501 - a table, in which a pattern is one cell
from __future__ import annotations

from rag.llm.formulas.base import Formula, n, of, share
from rag.llm.formulas.words import TIME

_PEAK = "peak|utili[sz]|mfu|cr[êe]te|efficien|reach|sustain|of (?:it|that)|puissance|obtien|get|measured|pr[ée]remplissage|prefill|prompt"
_OTHERS = "mixtral|llama|gpt|qwen"
_SEQUENCES = "conversations?|sequences?|s[ée]quences?|requests?|streams?|users?|utilisateurs?|requ[êe]tes?|batch|lot|dialogues?|chats?|people|at once"
_CONTEXT = "tokens?|jetons?|context|contexte|positions?|-token|long|each|chacune?"
_COSTS = "cost|co[ûu]t|revien|price|prix|euros?|€|pay|facture|bill|dollars?|\\$"
_MOVED = "send|sending|transfer|move|moving|hand|ship|transf|copy|copied|cross|wire|from one|link|network|between|over|lien|r[ée]seau|envoy|entre|passer|machines"
_FOUR_BITS = "4[- ]bits?|int4|four-bit|quatre bits|awq|gptq|w4a16|quanti[sz]ed"

FORMULAS = (
    Formula(
        "cost of reading a million prompt tokens with Mistral 7B", "inference/cout-par-token.md",
        ("What does it cost to read a million prompt tokens with Mistral 7B on a rented card?",
         "Rented card, share of its peak in prefill: euros per million input tokens of Mistral 7B?",
         "Carte louée à l'heure, part de la puissance de crête en préremplissage : prix d'un million de tokens lus avec Mistral 7B ?",
         "Prix de revient d'un million de tokens d'invite, carte occupée tout le temps ?",
         "Prefill only: what does the million come to at this hourly price and compute rate?"),
        ("prompt|input|invite|read|prefill|pr[ée]rempli|lus?\\b|lecture|entr[ée]e", _COSTS, "million"),
        {"model": of("model"), "p": of("wage"), "f": of("flops", _PEAK), "u": share(_PEAK, "1"), "_n": n("million", "1000000", least=1000000)}, "2*6.98e9*10**6/({f}*{u})*{p}", "money", "per million tokens",
        never=_OTHERS + "|written|writes|output|decode[sd]?|d[ée]cod|g[ée]n[ée]r",
    ),
    Formula(
        "cost of requests to Mistral 7B that read and write", "inference/cout-par-token.md",
        ("What do a million requests cost that each read a prompt and write an answer in a batch, with Mistral 7B on a rented card?",
         "Calls read 2,000 tokens and write 300, decoded in a batch whose step lasts some ms; the card is rented by the hour: price of a million calls?",
         "Que coûte un million de requêtes, lecture de l'invite et écriture de la réponse comprises, sur une carte louée ?",
         "Prompt, answer, batch, step time, hourly price, share of peak: bill for so many requests?"),
        ("read|prompt|lit\\b|lus?\\b|lisent|invite|input", "writ|answer|[ée]cri|r[ée]ponse|output|generat", _COSTS, "batch|lot|step|pas\\b"),
        {"model": of("model"), "f": of("flops", _PEAK), "u": share(_PEAK, "1"), "p": of("wage"), "i": n("read|prompt|lus?\\b|lit\\b|input|invite|cached", least=8), "o": n("writ|writes|answer|[ée]cri|r[ée]ponse|output|generat"), "b": n("batch|lot|sequences?|together"), "s": of("time", "step|pas\\b|[ée]tape|lasts?|dure"), "n": n("million|requests?|calls?|requ[êe]tes?|appels?", "1", least=1000)},
        "({i}*2*6.98e9/({f}*{u})+{o}*{s}/{b})*{p}*{n}", "money", never=_OTHERS,
    ),
    Formula(
        "time of the card that a request to Mistral 7B takes", "inference/cout-par-token.md",
        ("How long does a request occupy the card that reads a prompt and writes an answer in a batch with Mistral 7B?",
         "Card time of one call: prefill at a share of the peak plus its part of the batch's decode steps?",
         "Combien de temps de carte prend une requête, lecture et écriture comprises ?"),
        ("card|gpu|carte|occup|machine", "read|prompt|lit\\b|lus?\\b|invite|input", "writ|answer|[ée]cri|r[ée]ponse|output", "batch|lot"),
        {"model": of("model"), "f": of("flops", _PEAK), "u": share(_PEAK, "1"), "i": n("read|prompt|lus?\\b|lit\\b|input|invite|cached", least=8), "o": n("writ|writes|answer|[ée]cri|r[ée]ponse|output"), "b": n("batch|lot|sequences?|together"), "s": of("time", "step|pas\\b|[ée]tape|lasts?|dure")},
        "{i}*2*6.98e9/({f}*{u})+{o}*{s}/{b}", "time", never=_OTHERS + "|" + _COSTS,
    ),
    Formula(
        "cost of a million tokens that Mistral 7B writes in a batch", "inference/cout-par-token.md",
        ("What is the floor cost of a million tokens written by Mistral 7B with so many users of some context on a rented card?",
         "Batch size, context, hourly price, bandwidth of the card: euros per million generated tokens?",
         "Coût plancher du million de tokens produits par Mistral 7B pour ce lot et ce contexte ?"),
        (_COSTS, "million", "batch|users?|conversations?|sequences?|lot\\b|utilisateurs?", "context|contexte|tokens?"),
        {"model": of("model"), "p": of("wage"), "b": n(_SEQUENCES, "1"), "c": n("context|contexte|each|tokens? (?:of|each)|chacune?|-token", least=16), "bw": of("bandwidth"), "u": share("busy|utili[sz]|occup|load|time|temps", "1"), "_n": n("million", "1000000", least=1000000)}, "{p}*10**6*(14.22e9+{b}*{c}*131072)/({b}*{bw}*{u})", "money", "per million tokens", never=_OTHERS + "|prompt|reads?\\b|lus?\\b|invite|" + _FOUR_BITS,
    ),
    Formula(
        "cache of Mistral 7B that requests in flight hold", "inference/latence-et-debit.md",
        ("How much KV cache do the requests in flight hold on average, given their rate, their time in the system and their tokens on Mistral 7B?",
         "Little's law and bytes per token: gigabytes of cache for calls that arrive at this rate and stay this long?",
         "Requêtes par seconde, secondes de séjour, jetons de cache chacune sur Mistral 7B : combien de Go en moyenne ?",
         "20 arrivals a second, 5 s each, 2,000 tokens held: memory for the cache of Mistral 7B?",
         "Combien de cache KV faut-il en régime permanent pour ces arrivées ?"),
        ("cache|kv|memory|m[ée]moire", "per second|a second|par seconde|/s|arriv|each second|qps|rps", "stay|s[ée]jour|last|takes?|each|dure|restent?|chacune?"),
        {"model": of("model"), "r": of("rate"), "t": of("time", "stay|s[ée]jour|last|takes?|dure|restent?|latency|each"), "c": n(_CONTEXT, least=8), "_d": of("dtype", default="2")}, "{r}*{t}*{c}*131072", "bytes", never=_OTHERS + "|replicas?|r[ée]pliques?|fp8|int8|8[- ]bit",
    ),
    Formula(
        "conversations of Mistral 7B that whole pages of a pool hold", "inference/paged-attention.md",
        ("How many requests to Mistral 7B of so many tokens fit in a pool of cache that is given out in pages?",
         "Gigabytes for the cache, pages of 16 tokens, chats of some length on Mistral 7B: how many at once?",
         "Combien de conversations de Mistral 7B tiennent dans ce cache découpé en blocs ?",
         "Paged cache of Mistral 7B: pool size, block size, request length: concurrency?"),
        ("pages?|paged|blocks?|blocs?", "how many|combien|concurren|at once|simultan", "requests?|chats?|conversations?|sequences?|users?|fit|tien"),
        {"model": of("model"), "pool": of("bytes"), "b": n("pages?|blocks?|blocs?|-token (?:pages?|blocks?)|page size|block size", "16", least=2), "t": n("chats?|conversations?|requests?|sequences?|tokens?|jetons?|long|average|each", least=8), "_d": of("dtype", default="2")}, "floor(floor({pool}/(131072*{b}))/ceil({t}/{b}))", unit="requests", needs="pages?\\b|paged|blocks?\\b|blocs?\\b|-token (?:pages?|blocks?)", never=_OTHERS + "|how many (?:\\w+ )?(?:blocks|pages)|combien de (?:blocs|pages)|contiguous",
    ),
    Formula(
        "time to hand the cache of a prompt of Mistral 7B to another machine", "inference/prefill-and-decode.md",
        ("How long does it take to hand the cache of a Mistral 7B prompt over from the prefill to the decode machine?",
         "Disaggregated serving: keys and values of a long Mistral 7B prompt cross a link: milliseconds?",
         "Combien de temps pour envoyer le cache d'une invite de Mistral 7B d'une machine à l'autre ?",
         "Prefill on one box, decode on another, so many GB/s between them: transfer time of the cache?"),
        (_MOVED, TIME, "cache|kv|keys|prompt|invite|decode"),
        {"model": of("model"), "t": n("tokens?|jetons?|prompt|invite|-token|long"), "bw": of("bandwidth"), "d": of("dtype", "cache|precision|-bit|kv", "2")}, "{t}*65536*{d}/{bw}", "time", needs=_MOVED, never=_OTHERS + "|read from memory|per step|decode step|generated token",
    ),
    Formula(
        "most tokens per second of a single user of Mistral 7B", "inference/7b-on-one-gpu.md",
        ("How many tokens per second can a single user of Mistral 7B get at most on this card?",
         "Ceiling on the speed of one stream of Mistral 7B in fp16, from bandwidth alone?",
         "Combien de jetons par seconde au plus pour un seul utilisateur de Mistral 7B ?"),
        ("single|one user|alone|one stream|batch 1|batch of one|seul|only user|at most|most", "tokens? (?:per|a) second|tokens/s|jetons? par seconde|speed|fast|d[ée]bit"),
        {"model": of("model"), "bw": of("bandwidth"), "_d": of("dtype", default="2")}, "{bw}/14.22e9", unit="tokens/s", needs="(?s:.*(?:tokens? (?:per|a) second|tokens/s|jetons? par seconde|speed|d[ée]bit|fast))", never=_OTHERS + "|prompt|prefill|invite|" + _FOUR_BITS,
    ),
    Formula(
        "time of a single user's decode step of Mistral 7B", "inference/7b-on-one-gpu.md",
        ("How many milliseconds does a token of Mistral 7B take at least for a single user, when the weights are read once?",
         "Floor of a decode step of Mistral 7B in fp16 at batch 1 on this card?",
         "Durée plancher d'un pas de Mistral 7B à un seul utilisateur ?"),
        ("single|one user|alone|one stream|batch 1|batch (?:of )?one|seul|floor|least|plancher|minim", TIME, "token|step|pas\\b|jeton"),
        {"model": of("model"), "bw": of("bandwidth"), "g": n("gpus?|cards?|cartes?|ways?", "1"), "_d": of("dtype", default="2")}, "14.22e9/({g}*{bw})", "time", never=_OTHERS + "|prompt|prefill|invite|answer|reply|r[ée]ponse|first token|cache|context|conversations|tokens? (?:per|a) second|tokens/s|jetons? par seconde|" + _FOUR_BITS,
    ),
    Formula(
        "time to write an answer with Mistral 7B for a single user", "inference/prefill-and-decode.md",
        ("How long does Mistral 7B take at least to write an answer of so many tokens for a single user?",
         "Decode time of a 400-token reply of Mistral 7B at batch 1 on this card?",
         "Combien de secondes Mistral 7B met-il à écrire une réponse pour un seul utilisateur ?"),
        ("answer|reply|r[ée]ponse|generat|writ|decod|[ée]cri", TIME, "tokens?|jetons?"),
        {"model": of("model"), "t": n("tokens?|jetons?|answer|reply|r[ée]ponse", least=8), "bw": of("bandwidth"), "_d": of("dtype", default="2")}, "{t}*14.22e9/{bw}", "time", needs="answer|reply|r[ée]ponse|generat|writ|decod|[ée]cri", never=_OTHERS + "|prompt|prefill|invite|context|contexte|conversations|hand|link|send|transf|machines|cache|step|pas\\b|" + _FOUR_BITS,
    ),
    Formula(
        "least duration of a decode step of Mistral 7B with 4-bit weights", "inference/quantization-and-kv-cache.md",
        ("How many milliseconds does a decode step of Mistral 7B with 4-bit weights take at least for so many sequences of some context?",
         "Weights in 4 bits, cache in 16 or 8: floor of a batch's step on this card?",
         "Temps plancher d'un pas avec des poids en 4 bits et ces conversations ?"),
        ("step|[ée]tape|pas\\b|token|jeton|decod|d[ée]cod", TIME, _FOUR_BITS),
        {"model": of("model"), "b": n(_SEQUENCES, "1"), "c": n(_CONTEXT, "0"), "bw": of("bandwidth"), "_w": of("dtype", "weights?|poids|4[- ]bit|int4", "0.5"), "d": of("dtype", "cache|fp8|8[- ]bit|kv", "2")}, "(3.89e9+{b}*{c}*65536*{d})/{bw}", "time", needs=_FOUR_BITS, never=_OTHERS + "|prefill|prompt",
    ),
    Formula(
        "largest batch of Mistral 7B within a step time", "inference/latence-et-debit.md",
        ("What is the largest batch of Mistral 7B whose decode step stays within so many milliseconds, at this context?",
         "Inter-token target and context length known: how many conversations of Mistral 7B can decode together?",
         "Objectif de durée du pas et contexte : plus grand lot de Mistral 7B ?"),
        ("largest|most|max|how many|combien|plus grand", "step|pas\\b|inter-token|between tokens|itl|target|objectif", _SEQUENCES),
        {"model": of("model"), "s": of("time"), "c": n(_CONTEXT, least=16), "bw": of("bandwidth"), "_d": of("dtype", default="2")}, "floor(({s}*{bw}-14.22e9)/({c}*131072))", unit="sequences", needs="how many|largest|most|biggest|combien|plus grand|maxim", never=_OTHERS + "|tokens? (?:per|a) second|prompt",
    ),
    Formula(
        "tokens per second of each user of Mistral 7B in a batch", "inference/latence-et-debit.md",
        ("How many tokens per second does each user of Mistral 7B get when so many conversations of some length decode together?",
         "Speed per person, not in total, with this batch and context on Mistral 7B?",
         "Combien de jetons par seconde pour chaque utilisateur avec ce lot ?"),
        ("each user|per user|each (?:one|person|stream|conversation|sequence)|per (?:stream|person|sequence|conversation)|par utilisateur|chacun|chaque", "tokens? (?:per|a) second|tokens/s|jetons? par seconde|speed|d[ée]bit"),
        {"model": of("model"), "b": n(_SEQUENCES), "c": n(_CONTEXT, least=16), "bw": of("bandwidth"), "_d": of("dtype", default="2")}, "{bw}/(14.22e9+{b}*{c}*131072)", unit="tokens/s", needs="each user|per user|each (?:one|person|stream|conversation|sequence)|per (?:stream|person|sequence|conversation)|par utilisateur|chacun|chaque", never=_OTHERS + "|in total|altogether|au total|together produce|" + _FOUR_BITS,
    ),
    Formula(
        "mean wait behind prompts of Mistral 7B", "inference/7b-on-one-gpu.md",
        ("How long does a prompt of Mistral 7B wait on average behind others of this length that arrive at random on one card?",
         "Poisson arrivals of 500-token prompts on a single card with Mistral 7B at a share of its peak: mean queueing time?"),
        ("wait|queue|attente|attend|behind|file|patient", "random|poisson|hasard|al[ée]atoire", "tokens?|jetons?|-token|prompt"),
        {"model": of("model"), "r": of("rate"), "t": n("tokens?|jetons?|-token|prompt", least=16), "f": of("flops", _PEAK), "u": share(_PEAK, "1")}, "{r}*(2*6.98e9*{t}/({f}*{u}))**2/(2*(1-{r}*2*6.98e9*{t}/({f}*{u})))", "time", never=_OTHERS,
    ),
    Formula(
        "prompt tokens of Mistral 7B at which arithmetic takes as long as reading the weights", "inference/7b-on-one-gpu.md",
        ("From how many prompt tokens does the arithmetic of a Mistral 7B prefill take longer than reading the weights once?",
         "At which prompt length do the two floors of prefill meet on this card?",
         "Below how many tokens does shortening a prompt gain nothing?"),
        ("floors?|longer than|meet|below|gain nothing|reading the weights|bandwidth|memory", "prompt|prefill|tokens?", "how many|which|length|tokens?"),
        {"model": of("model"), "f": of("flops", _PEAK), "bw": of("bandwidth"), "u": share(_PEAK, "1")}, "14.22e9/{bw}*{f}*{u}/(2*6.98e9)", unit="tokens", needs="floors?|longer than|meet|gains? nothing|reading the weights|break-?even", never=_OTHERS,
    ),
    Formula(
        "prefill that the prefix cache saves on Mistral 7B", "inference/prefix-caching.md",
        ("How many milliseconds of prefill does a cached prefix of so many tokens save on Mistral 7B?",
         "Blocks of the shared prompt are reused: time spared before the first token of Mistral 7B at this arithmetic speed?"),
        ("cache|prefix|shared|pr[ée]fixe|reuse", "sav|spare|gain|less|[ée]conomi|[ée]pargn", TIME),
        {"model": of("model"), "t": n("prefix|shared|common|cached|tokens?|jetons?|pr[ée]fixe", least=16), "b": n("blocks?|blocs?|pages?", "1"), "f": of("flops", _PEAK), "u": share(_PEAK, "1")}, "floor({t}/{b})*{b}*2*6.98e9/({f}*{u})", "time", needs="cache|prefix|shared|pr[ée]fixe|reuse", never=_OTHERS,
    ),
    Formula(
        "cache of Mistral 7B with a rolling window", "inference/kv-cache.md",
        ("How much cache does Mistral 7B hold for a long sequence when a rolling buffer keeps only the sliding window?",
         "Rolling buffer of 4,096 positions: memory of a sequence of any length on Mistral 7B?",
         "Cache de Mistral 7B avec la fenêtre glissante pour une longue conversation ?"),
        ("rolling|sliding|window|glissante|circulaire|tampon tournant", "cache|memory|m[ée]moire|gib|gb\\b|mib|go\\b"),
        {"model": of("model"), "t": n("tokens?|jetons?|sequence|long|context", least=16), "w": n("window|fen[êe]tre|buffer|tampon|keeps?", "4096", least=64), "b": n(_SEQUENCES, "1"), "_d": of("dtype", default="2")}, "{b}*min({t},{w})*131072", "bytes", needs="rolling|sliding|glissante|circulaire|tournant", never=_OTHERS + "|without|full attention",
    ),
    Formula(
        "intensity of a decode step of Mistral 7B", "inference/roofline.md",
        ("What is the arithmetic intensity of a decode step of Mistral 7B with this batch and context?",
         "Operations per byte when so many conversations of Mistral 7B decode together?",
         "Intensité arithmétique d'un pas de Mistral 7B pour ce lot et ce contexte ?"),
        ("intensity|intensit[ée]|operations per byte|flop per byte|flop/byte", "batch|sequences?|lot\\b|conversations?|streams?", "context|contexte|tokens?"),
        {"model": of("model"), "b": n(_SEQUENCES), "c": n(_CONTEXT, least=16), "_d": of("dtype", default="2")}, "{b}*(14.22e9+524288*{c})/(14.22e9+{b}*{c}*131072)", unit="FLOP/byte", needs="intensity|intensit[ée]|operations per byte|flops? per byte|flop/byte", never=_OTHERS + "|exceed|limit|any batch|however|infinite|never",
    ),
    Formula(
        "attention's share of the prefill of Mistral 7B", "inference/prefill-and-decode.md",
        ("How large is the attention term of a Mistral 7B prefill compared with the matrix work, in percent?",
         "What percentage does causal attention add to the arithmetic of a long Mistral 7B prompt?"),
        ("attention", "%|percent|share|compared|relative|pour cent|part\\b", "prefill|prompt|tokens?"),
        {"model": of("model"), "t": n("tokens?|jetons?|prompt|-token", least=16)}, "32*4096*{t}/6.98e9", "share", never=_OTHERS, bounds=(0.0, 1e3),
    ),
    Formula(
        "arithmetic of a prompt in the layer matrices of Mistral 7B", "inference/prefill-and-decode.md",
        ("How many TFLOP do the layer matrices of Mistral 7B spend on a prompt of so many tokens?",
         "Matrix work of a 2,500-token prefill of Mistral 7B, layers only?",
         "Combien de TFLOP dans les matrices des couches pour cette invite ?"),
        ("matri|layers?|couches?", "flops?|tflops?|operations|op[ée]rations|work", "prefill|prompt|tokens?|invite"),
        {"model": of("model"), "t": n("tokens?|jetons?|prompt|-token|invite", least=16)}, "2*6.98e9*{t}", unit="FLOP", needs="(?s:.*(?:matri|layers|couches))", never=_OTHERS + "|attention|output head",
    ),
    Formula(
        "arithmetic of causal attention over a prompt of Mistral 7B", "inference/prefill-and-decode.md",
        ("How many TFLOP does the attention term of a Mistral 7B prefill cost under a causal mask?",
         "Quadratic part of the prefill of Mistral 7B in FLOP?"),
        ("attention|quadratic|quadratique", "flops?|tflops?|operations|op[ée]rations", "prefill|prompt|tokens?|invite"),
        {"model": of("model"), "t": n("tokens?|jetons?|prompt|-token|invite", least=16)}, "2*32*4096*{t}**2", unit="FLOP", never=_OTHERS + "|%|percent|share|matri",
    ),
    Formula(
        "cached bytes of Mistral 7B on each of several GPUs", "inference/parallelism.md",
        ("How many bytes of Mistral 7B cache per token does each GPU hold under tensor parallelism?",
         "KV heads of Mistral 7B spread over so many cards: KiB per token on each?"),
        ("each|per gpu|every|per card|chaque", "cache|kv|heads?", "gpus?|cards?|cartes?|tensor", "token|jeton"),
        {"model": of("model"), "g": n("gpus?|cards?|cartes?|ways?|-way")}, "131072/min({g},8)", "bytes", needs="(?:gpus?|cards?|cartes?|ways?|tensor)", never=_OTHERS,
    ),
    Formula(
        "weights of all replicas of Mistral 7B", "inference/parallelism.md",
        ("How much memory do the weights of several replicas of Mistral 7B take in total?",
         "Data parallelism with so many copies of Mistral 7B: gigabytes of weights in all?"),
        ("replicas?|copies|data.parallel|r[ée]pliques?|copy", "weights?|poids|gb\\b|go\\b|memory|gigabytes"),
        {"model": of("model"), "r": n("replicas?|copies|r[ée]pliques?|gpus?"), "_d": of("dtype", default="2")}, "{r}*14.48e9", "bytes", needs="replicas?|copies|data.parallel|r[ée]pliques?", never=_OTHERS + "|cache|in flight|" + _FOUR_BITS,
    ),
    Formula(
        "bytes per token of a quantized cache of Mistral 7B", "inference/quantization-and-kv-cache.md",
        ("How many bytes per token does a cache of Mistral 7B take whose values have so many bits and a scale and zero point for each group?",
         "4-bit keys and values of Mistral 7B in groups with 16-bit constants: bytes for each token?"),
        ("cache|kv|keys", "groups?|groupes?|scale|[ée]chelle", "bytes|octets|kib|kb\\b|ko\\b"),
        {"model": of("model"), "b": of("bits", "values?|cache|keys|in\\b", "4"), "s": of("dtype", "scale|[ée]chelle", "2"), "z": of("dtype", "zero|z[ée]ro|offset|minim", "0"), "g": n("groups?|groupes?|every|each|share|per\\b|values", least=4)}, "65536*({b}+8*({s}+{z})/{g})/8", "bytes", needs="groups?|groupes?|scales?|[ée]chelle", never=_OTHERS + "|weights|poids",
    ),
    Formula(
        "time that all-reduces and weights take a decode step of Mistral 7B", "inference/parallelism.md",
        ("How long does a decode step of Mistral 7B take on several GPUs, with so many microseconds for each all-reduce added to reading the weights?",),
        ("all-?reduces?", "step|decode", "weights|total|altogether|in all|with"),
        {"model": of("model"), "g": n("gpus?|cards?|cartes?|ways?"), "t": of("time", "all-?reduces?|each|call"), "bw": of("bandwidth")}, "14.22e9/({g}*{bw})+64*{t}", "time", needs="all-?reduces?", never=_OTHERS,
    ),
)  # fmt: skip
