"""Further formulas of the handbook's pages on transformers, training and retrieval."""

# ruff: noqa: E501 - a table, in which a pattern is one cell
from __future__ import annotations

from rag.llm.formulas.base import Formula, n, of, share

_WIDTH = "d\\b|d_?model|model width|width|dimension|largeur|wide"
_LAYERS = "layers?|couches?|blocks?|blocs?"
_PERCENT = "%|percent|pour cent|share|part\\b|fraction|proportion"

FORMULAS = (
    Formula(
        "operations of the attention scores of a prompt", "transformer/attention.md",
        ("attention|scores?", "flop|operations|op[ée]rations|arithmetic"), {"t": n("tokens?|prompt|jetons?|sequence|context"), "d": n(_WIDTH), "l": n(_LAYERS, "1")}, "4*{t}**2*{d}*{l}", unit="operations",
    ),
    Formula(
        "operations of attention for one new token with a cache", "transformer/attention.md",
        ("attention|scores?", "flop|operations|op[ée]rations|arithmetic", "new token|next token|each token|one token|decod|cached|nouveau|d[ée]cod|written"), {"t": n("tokens?|context|jetons?|past|positions?"), "d": n(_WIDTH), "l": n(_LAYERS, "1")}, "4*{t}*{d}*{l}", unit="operations",
    ),
    Formula(
        "share of the square that a causal mask leaves", "transformer/causal-mask.md",
        ("causal|mask|masque|decoder", _PERCENT, "visible|left|leaves?|remain|square|useful|kept|carr[ée]|reste|comput"), {"n": n("tokens?|jetons?|sequence|prompt|positions?|over|sur\\b|long")}, "({n}+1)/(2*{n})", "share",
    ),
    Formula(
        "bytes of text in a token", "transformer/tokenizers.md",
        ("bytes per token|bytes (?:a|each)|octets par jeton|bytes in a token|compress",), {"b": of("bytes"), "t": n("tokens?|jetons?")}, "{b}/{t}", unit="bytes per token",
    ),
    Formula(
        "words that a window holds", "transformer/tokenisation-langues-riches.md",
        ("words?|mots?", "window|context|fit|hold|fen[êe]tre|contexte|tien"), {"w": n("window|context|fen[êe]tre|contexte|-token|of\\b"), "r": n("tokens? (?:per|a|each) word|jetons? par mot|tokens?|jetons?|each|fertilit")}, "{w}/{r}", unit="words",
    ),
    Formula(
        "tokens that a text takes by its words", "transformer/tokenisation-langues-riches.md",
        ("words?|mots?", "how many tokens|combien de (?:jetons|tokens)|tokens (?:will|does|do)|in tokens|en jetons"), {"w": n("words?|mots?|text"), "r": n("tokens? (?:per|a|each) word|jetons? par mot|per word|each|fertilit")}, "{w}*{r}", unit="tokens",
    ),
    Formula(
        "parameters by the rule 12·L·d²", "transformer/compter-les-parametres.md",
        ("parameters?|weights?|param[èe]tres?|poids", "rule|estimate|approxim|roughly|12|r[èe]gle|estim|count"), {"l": n(_LAYERS), "d": n(_WIDTH)}, "12*{l}*{d}**2", unit="parameters",
    ),
    Formula(
        "tokens per parameter of a training run", "transformer/flops-per-token.md",
        ("tokens? (?:per|for each|a) parameter|jetons? par param[èe]tre|chinchilla",), {"t": n("tokens?|jetons?"), "p": n("parameters?|model|weights?|param[èe]tres?|mod[èe]le", least=1e5)}, "{t}/{p}",
    ),
    Formula(
        "largest component of a normalised vector", "transformer/normalisation.md",
        ("normali[sz]|rmsnorm|norm\\b", "largest|maxim|most|reach|at most|biggest|plus grand|exceed"), {"d": n(_WIDTH + "|components?|vector|numbers|of\\b")}, "sqrt({d})",
    ),
    Formula(
        "bytes of the residual stream of a token over all layers", "transformer/residual-stream.md",
        ("residual|r[ée]siduel|hidden state", "bytes|kib|mib|gib|memory|m[ée]moire|octets|kb\\b|mb\\b"), {"d": n(_WIDTH), "l": n(_LAYERS, "1"), "t": n("tokens?|jetons?|positions?", "1"), "b": of("dtype", default="2")}, "{d}*{l}*{t}*{b}", "bytes",
    ),
    Formula(
        "probability of the better of two tokens at a temperature", "transformer/sampling.md",
        ("temperature|temp[ée]rature", "logits?|gap|difference|[ée]cart", "probab|chance|likely|share|%"), {"g": n("logits?|gap|difference|higher|[ée]cart|apart"), "t": n("temperature|temp[ée]rature|t =|t=", "1")}, "1/(1+exp(-{g}/{t}))",
    ),
    Formula(
        "weights of the experts of a mixture", "transformer/mixture-of-experts.md",
        ("experts?", "weights?|parameters?|poids|param[èe]tres?"), {"e": n("experts?"), "d": n(_WIDTH), "h": n("hidden|cach[ée]e|d_?ff|inner|intermediate"), "l": n(_LAYERS, "1")}, "3*{e}*{d}*{h}*{l}", unit="parameters",
    ),
    Formula(
        "weights of one vocabulary table", "transformer/compter-les-parametres.md",
        ("tied|shared|single|one table|embedding table|embedding matrix|only the (?:input|embedding)|li[ée]es?|partag", "weights?|parameters?|poids|param[èe]tres?", "vocabular|vocabulaire|entries|tokens"), {"v": n("vocabular|vocabulaire|entries|entr[ée]es|tokens?"), "d": n(_WIDTH)}, "{v}*{d}", unit="parameters",
    ),
    Formula(
        "learning rate during a linear warm-up", "training/adamw.md",
        ("warm-?up|[ée]chauffement|mont[ée]e", "learning rate|lr\\b|taux|pas d'apprentissage"), {"lr": n("to\\b|peak|learning rate|lr\\b|maxim|[àa]\\b"), "n": n("steps|over|warm-?up|[ée]tapes|pas\\b"), "s": n("step\\b|at step|after|[àa] l'[ée]tape|au pas")}, "{lr}*{s}/{n}",
    ),
    Formula(
        "euros a month that shorter prompts save", "training/fine-tune-or-prompt.md",
        ("sav|[ée]conomi|drop|remov|shorter|less", "month|mois"), {"t": n("tokens?|jetons?|each|shorter"), "c": of("rate", "calls?|requests?|month|requ[êe]tes?|appels?|mois|monthly", per=2592000), "p": of("price")}, "{t}*{c}*{p}", "money", "a month",
    ),
    Formula(
        "reward taken off by the KL penalty", "training/rlhf-ppo.md",
        ("kl\\b|divergence", "reward|r[ée]compense|penalt|p[ée]nalit"), {"b": n("β|beta|penalt|coefficient|weight"), "k": n("nats?|away|divergence|distance|kl|moved|far")}, "{b}*{k}",
    ),
    Formula(
        "memory of the four models of PPO", "training/rlhf-ppo.md",
        ("frozen|ppo|policy|policies|reference|gel[ée]s?", "memory|gb\\b|go\\b|m[ée]moire|gigabytes"), {"p": n("parameters?|billion|b\\b|param[èe]tres?|milliard", least=1e5), "a": n("trained|policies|policy|train", "2"), "z": n("frozen|reference|gel[ée]s?", "2"), "x": of("bytes", "trained|each", "16"), "y": of("bytes", "frozen|and", "2")}, "({a}*{x}+{z}*{y})*{p}", "bytes",
    ),
    Formula(
        "memory of full mixed-precision training with Adam", "training/memoire-entrainement.md",
        ("train|entra[îi]n|fine-tun", "memory|gb\\b|go\\b|m[ée]moire|gigabytes|bytes", "adam|mixed|full|complet|mixte|states?|[ée]tats?"), {"p": n("parameters?|weights?|model|param[èe]tres?|billion|milliard", least=1e5), "g": n("gpus?|cards?|cartes?", "1")}, "16*{p}/{g}", "bytes",
    ),
    Formula(
        "share of a model that an adapter trains", "training/lora-qlora.md",
        ("adapter|lora|adaptateur|trainable|trained", _PERCENT), {"a": n("adapter|lora|adaptateur|train"), "m": n("model|total|whole|mod[èe]le|parameters|of\\b|billion")}, "{a}/{m}", "share",
    ),
    Formula(
        "share of a square matrix that a low-rank adapter trains", "training/lora-qlora.md",
        ("adapter|lora|adaptateur|low-rank|rank|rang", _PERCENT, "matri|layer|square|carr[ée]e"), {"r": n("rank|rang|r\\b"), "a": n("matri|by|x\\b|square|carr|from"), "b": n("matri|by|x\\b|to\\b")}, "{r}*({a}+{b})/({a}*{b})", "share",
    ),
    Formula(
        "extra bits per weight of quantisation constants", "training/lora-qlora.md",
        ("constants?|scales?|constantes?", "bits? (?:per|a|each)|bits? par|overhead|extra"), {"b": of("bits", "constants?|scales?|each|constantes?"), "g": n("blocks?|groups?|weights?|blocs?|groupes?|every")}, "{b}/{g}", unit="bits",
    ),
    Formula(
        "best distance before over-optimisation of a reward", "training/reward-hacking.md",
        ("reward|r[ée]compense|gold|over-?optimi", "peak|best|maxim|optim|sommet|highest"), {"a": n("α|alpha", "1"), "b": n("β|beta")}, "{a}/(2*{b})",
    ),
    Formula(
        "preference that DPO gives the chosen answer", "training/dpo.md",
        ("dpo|preference|pr[ée]f[ée]rence", "probab|chance|likely|how sure"), {"b": n("β|beta"), "d": n("difference|gap|log-ratio|margin|[ée]cart|ratio")}, "1/(1+exp(-{b}*{d}))", "share",
    ),
    Formula(
        "passage slots that a sliding reranker reads", "retrieval/reranking.md",
        ("rerank|listwise|sliding|window|fen[êe]tre|glissant", "slots?|passages? (?:are |does |in )?(?:read|look|all|total)|look|reads?|lit|lus?"), {"n": n("passages?|candidates?|documents?|over|candidats?"), "w": n("windows?|fen[êe]tres?|of\\b|at a time"), "s": n("step|stride|moved?|pas\\b|advance|by\\b")}, "{w}*(({n}-{w})/{s}+1)", unit="slots",
    ),
    Formula(
        "tokens of a collection to embed", "retrieval/incremental-indexing.md",
        ("embed|index|encod|vectori|re-?process|plong", "tokens?|jetons?"), {"n": n("chunks?|passages?|documents?|pages?|fragments?|million"), "t": n("tokens?|jetons?|each|of\\b"), "u": share("day|daily|chang|updat|replac|jour|renouvel", "1")}, "{n}*{t}*{u}", unit="tokens",
    ),
    Formula(
        "dead entries after some days", "retrieval/incremental-indexing.md",
        ("dead|deleted|tombston|stale|mort|supprim|obsol", "how many|combien|number|entries"), {"u": share("day|daily|chang|updat|replac|jour|renouvel"), "n": n("chunks?|entries|vectors?|passages?|million|points?|fragments?"), "t": of("time", "days?|after|jours?|weeks?|without")}, "{u}*{n}*{t}/86400", unit="entries",
    ),
    Formula(
        "vectors that a volume of data holds", "retrieval/sharding-embeddings.md",
        ("how many|combien", "vectors?|vecteurs?|embeddings?"), {"b": of("bytes"), "d": n("dimensions?|values|components?|-d\\b|composantes?|of\\b"), "w": of("dtype", default="4")}, "{b}/({d}*{w})", unit="vectors",
    ),
    Formula(
        "share of vectors that move when shards are added by modulo", "retrieval/sharding-embeddings.md",
        ("shards?|nodes?|n[œo]uds?|machines?", "modulo|hash|mov|d[ée]plac|rehash|relocat", _PERCENT), {"a": n("from|shards?|nodes?|has|de\\b"), "b": n("to\\b|shards?|nodes?|[àa]\\b")}, "1-1/{b}+0*{a}", "share",
    ),
    Formula(
        "results that each shard holds of the true best", "retrieval/sharding-embeddings.md",
        ("shards?|nodes?|n[œo]uds?", "true|best|top|average|expect|moyenne|meilleurs?"), {"k": n("true|best|top|results?|meilleurs?|neighbou?rs?"), "s": n("shards?|nodes?|n[œo]uds?")}, "{k}/{s}", unit="results",
    ),
    Formula(
        "bytes that shards send for one query", "retrieval/sharding-embeddings.md",
        ("shards?|nodes?|n[œo]uds?", "bytes|kb\\b|ko\\b|network|traffic|octets|r[ée]seau|send"), {"s": n("shards?|nodes?|n[œo]uds?"), "k": n("results?|candidates?|each|top|r[ée]sultats?"), "b": of("bytes", "each|per|id|score|result")}, "{s}*{k}*{b}", "bytes",
    ),
    Formula(
        "memory of the vectors that match a filter", "retrieval/metadata-filters.md",
        ("filter|match|filtre|correspond", "memory|bytes|mb\\b|gb\\b|mo\\b|go\\b|read|m[ée]moire|octets|megabytes", "vectors?|vecteurs?|dimension"), {"s": share("filter|match|keep|filtre|correspond|of\\b"), "n": n("vectors?|points?|documents?|chunks?|million|vecteurs?"), "d": n("dimensions?|values|components?|-d\\b|composantes?"), "w": of("dtype", default="4")}, "{s}*{n}*{d}*{w}", "bytes",
    ),
    Formula(
        "time of hops one after the other", "retrieval/multi-hop.md",
        ("hops?|sauts?|rounds?|iterations?", "time|long|latency|seconds?|temps|dur"), {"h": n("hops?|sauts?|rounds?|iterations?"), "a": of("time", "model|generat|llm|writ|decision|mod[èe]le"), "b": of("time", "search|retriev|recherche|look", "0")}, "{h}*({a}+{b})", "time",
    ),
    Formula(
        "tokens of passages over hops", "retrieval/multi-hop.md",
        ("hops?|sauts?|rounds?|searches", "tokens?|jetons?", "passages?|chunks?|results?"), {"h": n("hops?|sauts?|rounds?|searches"), "k": n("passages?|chunks?|results?"), "t": n("tokens?|jetons?|each|of\\b")}, "{h}*{k}*{t}", unit="tokens",
    ),
    Formula(
        "share of a text that a repeated query makes", "retrieval/hyde.md",
        ("repeat|r[ée]p[ée]t", _PERCENT, "query|question|requ[êe]te"), {"r": n("times|repeat|fois|r[ée]p[ée]t"), "q": n("query|question|words?|tokens?|requ[êe]te|mots?"), "d": n("passage|document|hypothetical|answer|text|texte")}, "{r}*{q}/({r}*{q}+{d})", "share",
    ),
    Formula(
        "candidates of several rewritten queries", "retrieval/query-rewriting.md",
        ("rewrit|variants?|reformul|queries|requ[êe]tes?|versions?", "passages?|candidates?|results?|r[ée]sultats?", "at most|total|how many|combien|in all|au plus"), {"q": n("rewrit|variants?|reformul|queries|requ[êe]tes?|versions?"), "k": n("passages?|candidates?|results?|each|top|r[ée]sultats?|chacun")}, "{q}*{k}", unit="passages",
    ),
    Formula(
        "size of the codebooks of product quantization", "retrieval/ivf-pq.md",
        ("codebooks?|dictionnaires?|pq\\b|product", "bytes|kb\\b|mb\\b|octets|size|memory|m[ée]moire|taille", "centroids?|256|entries|codebooks?"), {"d": n("dimensions?|components?|values|composantes?|-d\\b"), "c": n("centroids?|entries|256|each", "256"), "b": of("dtype", default="4")}, "{d}*{c}*{b}", "bytes",
    ),
    Formula(
        "worst shared rank that beats a first place in rank fusion", "retrieval/rank-fusion.md",
        ("rrf|rank fusion|fusion", "rank|rang|place", "both|two|lists?|deux|listes?", "beat|until|up to|overtak|pass|still|how (?:low|far)|bat|d[ée]pass|jusqu"), {"k": n("k\\b|constant|constante", "60"), "m": n("lists?|listes?|both|two|deux", "2")}, "{m}*({k}+1)-{k}",
    ),
)  # fmt: skip
