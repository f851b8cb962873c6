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
        "How many operations do the attention scores of a prompt cost?",
        ("attention|scores?", "flop|operations|op[ée]rations|arithmetic"), {"t": n("tokens?|prompt|jetons?|sequence|context"), "d": n(_WIDTH), "l": n(_LAYERS, "1")}, "4*{t}**2*{d}*{l}", unit="operations",
    ),
    Formula(
        "operations of attention for one new token with a cache", "transformer/attention.md",
        "How many operations does attention cost for one new token when the keys and values are cached?",
        ("attention|scores?", "flop|operations|op[ée]rations|arithmetic", "new token|next token|each token|one token|decod|cached|nouveau|d[ée]cod|written"), {"t": n("tokens?|context|jetons?|past|positions?"), "d": n(_WIDTH), "l": n(_LAYERS, "1")}, "4*{t}*{d}*{l}", unit="operations",
    ),
    Formula(
        "share of the square that a causal mask leaves", "transformer/causal-mask.md",
        "What share of the attention square does the causal mask leave?",
        ("causal|mask|masque|decoder", _PERCENT, "visible|left|leaves?|remain|square|useful|kept|carr[ée]|reste|comput"), {"n": n("tokens?|jetons?|sequence|prompt|positions?|over|sur\\b|long")}, "({n}+1)/(2*{n})", "share",
    ),
    Formula(
        "bytes of text in a token", "transformer/tokenizers.md",
        "How many bytes of text does a token hold on average?",
        ("bytes per token|bytes (?:a|each)|octets par jeton|bytes in a token|compress",), {"b": of("bytes"), "t": n("tokens?|jetons?")}, "{b}/{t}", unit="bytes per token",
    ),
    Formula(
        "words that a window holds", "transformer/tokenisation-langues-riches.md",
        "How many words fit in a context window, given the tokens per word?",
        ("words?|mots?", "window|context|fit|hold|fen[êe]tre|contexte|tien"), {"w": n("window|context|fen[êe]tre|contexte|-token|of\\b"), "r": n("tokens? (?:per|a|each) word|jetons? par mot|tokens?|jetons?|each|fertilit")}, "{w}/{r}", unit="words",
    ),
    Formula(
        "tokens that a text takes by its words", "transformer/tokenisation-langues-riches.md",
        "How many tokens does a text of so many words take?",
        ("words?|mots?", "how many tokens|combien de (?:jetons|tokens)|tokens (?:will|does|do)|in tokens|en jetons"), {"w": n("words?|mots?|text"), "r": n("tokens? (?:per|a|each) word|jetons? par mot|per word|each|fertilit")}, "{w}*{r}", unit="tokens",
    ),
    Formula(
        "parameters by the rule 12·L·d²", "transformer/compter-les-parametres.md",
        "How many parameters does a transformer have by the rule of thumb 12 times layers times width squared?",
        ("parameters?|weights?|param[èe]tres?|poids", "rule|estimate|approxim|roughly|12|r[èe]gle|estim|count"), {"l": n(_LAYERS), "d": n(_WIDTH)}, "12*{l}*{d}**2", unit="parameters",
    ),
    Formula(
        "tokens per parameter of a training run", "transformer/flops-per-token.md",
        "How many training tokens per parameter is that?",
        ("tokens? (?:per|for each|a) parameter|jetons? par param[èe]tre|chinchilla",), {"t": n("tokens?|jetons?"), "p": n("parameters?|model|weights?|param[èe]tres?|mod[èe]le", least=1e5)}, "{t}/{p}",
    ),
    Formula(
        "largest component of a normalised vector", "transformer/normalisation.md",
        "What is the largest value that a component of a normalised vector can reach?",
        ("normali[sz]|rmsnorm|norm\\b", "largest|maxim|most|reach|at most|biggest|plus grand|exceed"), {"d": n(_WIDTH + "|components?|vector|numbers|of\\b")}, "sqrt({d})",
    ),
    Formula(
        "bytes of the residual stream of a token over all layers", "transformer/residual-stream.md",
        "How many bytes does the residual stream or hidden state take for a token over the layers?",
        ("residual|r[ée]siduel|hidden state", "bytes|kib|mib|gib|memory|m[ée]moire|octets|kb\\b|mb\\b"), {"d": n(_WIDTH), "l": n(_LAYERS, "1"), "t": n("tokens?|jetons?|positions?", "1"), "b": of("dtype", default="2")}, "{d}*{l}*{t}*{b}", "bytes",
    ),
    Formula(
        "probability of the better of two tokens at a temperature", "transformer/sampling.md",
        "What is the probability of the more likely of two tokens, given the gap of their logits and the temperature?",
        ("temperature|temp[ée]rature", "logits?|gap|difference|[ée]cart", "probab|chance|likely|share|%"), {"g": n("logits?|gap|difference|higher|[ée]cart|apart"), "t": n("temperature|temp[ée]rature|t =|t=", "1")}, "1/(1+exp(-{g}/{t}))", "share",
    ),
    Formula(
        "weights of the experts of a mixture", "transformer/mixture-of-experts.md",
        "How many weights do the experts of a mixture of experts have?",
        ("experts?", "weights?|parameters?|poids|param[èe]tres?"), {"e": n("experts?"), "d": n(_WIDTH), "h": n("hidden|cach[ée]e|d_?ff|inner|intermediate"), "l": n(_LAYERS, "1")}, "3*{e}*{d}*{h}*{l}", unit="parameters",
    ),
    Formula(
        "weights of one vocabulary table", "transformer/compter-les-parametres.md",
        "How many parameters does one embedding table of the vocabulary have, shared between input and output?",
        ("tied|shared|single|one table|embedding table|embedding matrix|only the (?:input|embedding)|li[ée]es?|partag", "weights?|parameters?|poids|param[èe]tres?", "vocabular|vocabulaire|entries|tokens"), {"v": n("vocabular|vocabulaire|entries|entr[ée]es|tokens?"), "d": n(_WIDTH)}, "{v}*{d}", unit="parameters",
    ),
    Formula(
        "learning rate during a linear warm-up", "training/adamw.md",
        "What is the learning rate at a step of the linear warm-up?",
        ("warm-?up|[ée]chauffement|mont[ée]e", "learning rate|lr\\b|taux|pas d'apprentissage"), {"lr": n("to\\b|peak|learning rate|lr\\b|maxim|[àa]\\b"), "n": n("steps|over|warm-?up|[ée]tapes|pas\\b"), "s": n("step\\b|at step|after|[àa] l'[ée]tape|au pas")}, "{lr}*{s}/{n}",
    ),
    Formula(
        "euros a month that shorter prompts save", "training/fine-tune-or-prompt.md",
        "How much money a month do shorter prompts save?",
        ("sav|[ée]conomi|drop|remov|shorter|less", "month|mois"), {"t": n("tokens?|jetons?|each|shorter"), "c": of("rate", "calls?|requests?|month|requ[êe]tes?|appels?|mois|monthly", per=2592000), "p": of("price")}, "{t}*{c}*{p}", "money", "a month",
    ),
    Formula(
        "reward taken off by the KL penalty", "training/rlhf-ppo.md",
        "How much does the KL penalty take off the reward?",
        ("kl\\b|divergence", "reward|r[ée]compense|penalt|p[ée]nalit"), {"b": n("β|beta|penalt|coefficient|weight"), "k": n("nats?|away|divergence|distance|kl|moved|far")}, "{b}*{k}",
    ),
    Formula(
        "memory of the four models of PPO", "training/rlhf-ppo.md",
        "How much memory do the four models of PPO take, two trained and two frozen?",
        ("frozen|ppo|policy|policies|reference|gel[ée]s?", "memory|gb\\b|go\\b|m[ée]moire|gigabytes"), {"p": n("parameters?|billion|b\\b|param[èe]tres?|milliard", least=1e5), "a": n("trained|policies|policy|train", "2"), "z": n("frozen|reference|gel[ée]s?", "2"), "x": of("bytes", "trained|each", "16"), "y": of("bytes", "frozen|and", "2")}, "({a}*{x}+{z}*{y})*{p}", "bytes",
    ),
    Formula(
        "memory of full mixed-precision training with Adam", "training/memoire-entrainement.md",
        "How much memory do weights, gradients and Adam states take in mixed-precision training of a model?",
        ("train|entra[îi]n|fine-tun", "memory|gb\\b|go\\b|m[ée]moire|gigabytes|bytes", "adam|mixed|full|complet|mixte|states?|[ée]tats?"), {"p": n("parameters?|weights?|model|param[èe]tres?|billion|milliard", least=1e5), "g": n("gpus?|cards?|cartes?", "1")}, "16*{p}/{g}", "bytes",
    ),
    Formula(
        "share of a model that an adapter trains", "training/lora-qlora.md",
        "What share of a model's parameters does an adapter train?",
        ("adapter|lora|adaptateur|trainable|trained", _PERCENT), {"a": n("adapter|lora|adaptateur|train"), "m": n("model|total|whole|mod[èe]le|parameters|of\\b|billion")}, "{a}/{m}", "share",
    ),
    Formula(
        "share of a square matrix that a low-rank adapter trains", "training/lora-qlora.md",
        "What percentage of a matrix's weights does a low-rank adapter train?",
        ("adapter|lora|adaptateur|low-rank|rank|rang", _PERCENT, "matri|layer|square|carr[ée]e"), {"r": n("rank|rang|r\\b"), "a": n("matri|by|x\\b|square|carr|from"), "b": n("matri|by|x\\b|to\\b")}, "{r}*({a}+{b})/({a}*{b})", "share",
    ),
    Formula(
        "extra bits per weight of quantisation constants", "training/lora-qlora.md",
        "How many bits per weight do the quantisation constants of blocks add?",
        ("constants?|scales?|constantes?", "bits? (?:per|a|each)|bits? par|overhead|extra"), {"b": of("bits", "constants?|scales?|each|constantes?"), "g": n("blocks?|groups?|weights?|blocs?|groupes?|every")}, "{b}/{g}", unit="bits",
    ),
    Formula(
        "best distance before over-optimisation of a reward", "training/reward-hacking.md",
        "At which distance from the base policy does the gold reward reach its peak before over-optimisation?",
        ("reward|r[ée]compense|gold|over-?optimi", "peak|best|maxim|optim|sommet|highest"), {"a": n("α|alpha", "1"), "b": n("β|beta")}, "{a}/(2*{b})",
    ),
    Formula(
        "preference that DPO gives the chosen answer", "training/dpo.md",
        "How probable does DPO's model make the chosen answer, given beta and the difference of log-ratios?",
        ("dpo|preference|pr[ée]f[ée]rence", "probab|chance|likely|how sure"), {"b": n("β|beta"), "d": n("difference|gap|log-ratio|margin|[ée]cart|ratio")}, "1/(1+exp(-{b}*{d}))", "share",
    ),
    Formula(
        "passage slots that a sliding reranker reads", "retrieval/reranking.md",
        "How many passage slots does a sliding-window listwise reranker read in total?",
        ("rerank|listwise|sliding|window|fen[êe]tre|glissant", "slots?|passages? (?:are |does |in )?(?:read|look|all|total)|look|reads?|lit|lus?"), {"n": n("passages?|candidates?|documents?|over|candidats?"), "w": n("windows?|fen[êe]tres?|of\\b|at a time"), "s": n("step|stride|moved?|pas\\b|advance|by\\b")}, "{w}*(({n}-{w})/{s}+1)", unit="slots",
    ),
    Formula(
        "tokens of a collection to embed", "retrieval/incremental-indexing.md",
        "How many tokens have to be embedded for a collection of chunks or for the part that changes?",
        ("embed|index|encod|vectori|re-?process|plong", "tokens?|jetons?"), {"n": n("chunks?|passages?|documents?|pages?|fragments?|million"), "t": n("tokens?|jetons?|each|of\\b"), "u": share("day|daily|chang|updat|replac|jour|renouvel", "1")}, "{n}*{t}*{u}", unit="tokens",
    ),
    Formula(
        "dead entries after some days", "retrieval/incremental-indexing.md",
        "How many dead entries pile up after days of updates?",
        ("dead|deleted|tombston|stale|mort|supprim|obsol", "how many|combien|number|entries"), {"u": share("day|daily|chang|updat|replac|jour|renouvel"), "n": n("chunks?|entries|vectors?|passages?|million|points?|fragments?"), "t": of("time", "days?|after|jours?|weeks?|without")}, "{u}*{n}*{t}/86400", unit="entries",
    ),
    Formula(
        "vectors that a volume of data holds", "retrieval/sharding-embeddings.md",
        "How many vectors of this dimension does a volume of data hold?",
        ("how many|combien", "vectors?|vecteurs?|embeddings?"), {"b": of("bytes"), "d": n("dimensions?|values|components?|-d\\b|composantes?|of\\b"), "w": of("dtype", default="4")}, "{b}/({d}*{w})", unit="vectors",
    ),
    Formula(
        "share of vectors that move when shards are added by modulo", "retrieval/sharding-embeddings.md",
        "What share of the vectors has to move when a shard is added and placement is by hash modulo?",
        ("shards?|nodes?|n[œo]uds?|machines?", "modulo|hash|mov|d[ée]plac|rehash|relocat", _PERCENT), {"a": n("from|shards?|nodes?|has|de\\b"), "b": n("to\\b|shards?|nodes?|[àa]\\b")}, "1-1/{b}+0*{a}", "share",
    ),
    Formula(
        "results that each shard holds of the true best", "retrieval/sharding-embeddings.md",
        "How many of the true best results lie on each shard on average?",
        ("shards?|nodes?|n[œo]uds?", "true|best|top|average|expect|moyenne|meilleurs?"), {"k": n("true|best|top|results?|meilleurs?|neighbou?rs?"), "s": n("shards?|nodes?|n[œo]uds?")}, "{k}/{s}", unit="results",
    ),
    Formula(
        "bytes that shards send for one query", "retrieval/sharding-embeddings.md",
        "How many bytes do the shards send back for one query?",
        ("shards?|nodes?|n[œo]uds?", "bytes|kb\\b|ko\\b|network|traffic|octets|r[ée]seau|send"), {"s": n("shards?|nodes?|n[œo]uds?"), "k": n("results?|candidates?|each|top|r[ée]sultats?"), "b": of("bytes", "each|per|id|score|result")}, "{s}*{k}*{b}", "bytes",
    ),
    Formula(
        "memory of the vectors that match a filter", "retrieval/metadata-filters.md",
        "How much memory do the vectors that match a filter take?",
        ("filter|match|filtre|correspond", "memory|bytes|mb\\b|gb\\b|mo\\b|go\\b|read|m[ée]moire|octets|megabytes", "vectors?|vecteurs?|dimension"), {"s": share("filter|match|keep|filtre|correspond|of\\b"), "n": n("vectors?|points?|documents?|chunks?|million|vecteurs?"), "d": n("dimensions?|values|components?|-d\\b|composantes?"), "w": of("dtype", default="4")}, "{s}*{n}*{d}*{w}", "bytes",
    ),
    Formula(
        "time of hops one after the other", "retrieval/multi-hop.md",
        "How long do several hops take one after the other, each with a search and a model call?",
        ("hops?|sauts?|rounds?|iterations?", "time|long|latency|seconds?|temps|dur"), {"h": n("hops?|sauts?|rounds?|iterations?"), "a": of("time", "model|generat|llm|writ|decision|mod[èe]le"), "b": of("time", "search|retriev|recherche|look", "0")}, "{h}*({a}+{b})", "time",
    ),
    Formula(
        "tokens of passages over hops", "retrieval/multi-hop.md",
        "How many tokens of passages does the model read over several hops?",
        ("hops?|sauts?|rounds?|searches", "tokens?|jetons?", "passages?|chunks?|results?"), {"h": n("hops?|sauts?|rounds?|searches"), "k": n("passages?|chunks?|results?"), "t": n("tokens?|jetons?|each|of\\b")}, "{h}*{k}*{t}", unit="tokens",
    ),
    Formula(
        "share of a text that a repeated query makes", "retrieval/hyde.md",
        "What share of the text is the query when it is repeated in front of a hypothetical passage?",
        ("repeat|r[ée]p[ée]t", _PERCENT, "query|question|requ[êe]te"), {"r": n("times|repeat|fois|r[ée]p[ée]t"), "q": n("query|question|words?|tokens?|requ[êe]te|mots?"), "d": n("passage|document|hypothetical|answer|text|texte")}, "{r}*{q}/({r}*{q}+{d})", "share",
    ),
    Formula(
        "candidates of several rewritten queries", "retrieval/query-rewriting.md",
        "How many passages do several rewritten queries return at most?",
        ("rewrit|variants?|reformul|queries|requ[êe]tes?|versions?", "passages?|candidates?|results?|r[ée]sultats?", "at most|total|how many|combien|in all|au plus"), {"q": n("rewrit|variants?|reformul|queries|requ[êe]tes?|versions?"), "k": n("passages?|candidates?|results?|each|top|r[ée]sultats?|chacun")}, "{q}*{k}", unit="passages",
    ),
    Formula(
        "size of the codebooks of product quantization", "retrieval/ivf-pq.md",
        "How large are the codebooks of product quantization?",
        ("codebooks?|dictionnaires?|pq\\b|product", "bytes|kb\\b|mb\\b|octets|size|memory|m[ée]moire|taille", "centroids?|256|entries|codebooks?"), {"d": n("dimensions?|components?|values|composantes?|-d\\b"), "c": n("centroids?|entries|256|each", "256"), "b": of("dtype", default="4")}, "{d}*{c}*{b}", "bytes",
    ),
    Formula(
        "worst shared rank that beats a first place in rank fusion", "retrieval/rank-fusion.md",
        "Up to which rank in both lists does a document beat one that is first in a single list under rank fusion?",
        ("rrf|rank fusion|fusion", "rank|rang|place", "both|two|lists?|deux|listes?", "beat|until|up to|overtak|pass|still|how (?:low|far)|bat|d[ée]pass|jusqu"), {"k": n("k\\b|constant|constante", "60"), "m": n("lists?|listes?|both|two|deux", "2")}, "{m}*({k}+1)-{k}",
    ),
    Formula(
        "probability of the first of three tokens", "transformer/sampling.md",
        "With what probability is the first of three tokens with these logits drawn at a temperature?",
        ("logits?", "probab|chance|likely|often|share|%"), {"a": n("logits?|first"), "b": n("logits?|and"), "c": n("logits?|and"), "t": n("temperature|temp[ée]rature|t =|t=", "1")},
        "exp({a}/{t})/(exp({a}/{t})+exp({b}/{t})+exp({c}/{t}))", "share",
    ),
    Formula(
        "probability left to a token by renormalising", "transformer/sampling.md",
        "What probability do the two tokens kept by top-p or top-k get after renormalising?",
        ("renormali|top-?[kp]|nucleus|kept|keeps?|gard", "probab"), {"a": n("probab|first|most"), "b": n("probab|second|and|other")}, "{a}/({a}+{b})", "share",
    ),
    Formula(
        "root mean square of two components", "transformer/normalisation.md",
        "What is the root mean square by which RMSNorm divides a vector with these components?",
        ("rms|root mean square|moyenne quadratique", "components?|vector|vecteur|composantes?"), {"a": n("components?|vector|\\(|vecteur|composantes?"), "b": n("components?|vector|and|,|et")}, "sqrt(({a}**2+{b}**2)/2)",
    ),
    Formula(
        "tokens from which attention costs more than the weights", "transformer/flops-per-token.md",
        "From how many tokens of context does attention cost as much arithmetic as the weights?",
        ("attention|scores?", "weights?|parameters?|poids|param", "as much|equal|same|match|exceed|overtake|from|autant|[ée]gal"), {"p": n("parameters?|weights?|param[èe]tres?|model", least=1e5), "d": n(_WIDTH), "l": n(_LAYERS)}, "2*{p}/(4*{d}*{l})", unit="tokens",
    ),
    Formula(
        "activations of a layer without the attention matrix", "training/memoire-entrainement.md",
        "How much memory do activations take with flash attention or selective recomputation of the attention scores?",
        ("activation", "flash|selective|s[ée]lecti|without (?:the )?(?:attention|score)", "memory|gb|go\\b|bytes|m[ée]moire|octets"),
        {"s": n("sequence|s[ée]quence|tokens?|s\\b|jetons?"), "b": n("batch|lot|b\\b", "1"), "h": n("width|h\\b|hidden|largeur|d\\b"), "l": n(_LAYERS, "1")}, "34*{l}*{s}*{b}*{h}", "bytes",
    ),
    Formula(
        "activations kept with full checkpointing", "training/memoire-entrainement.md",
        "How much memory do activations take when only the input of each layer is kept and the rest is recomputed?",
        ("activation|checkpoint", "checkpoint|only the inputs?|recomput|recalcul", "memory|gb|go\\b|bytes|m[ée]moire|octets"),
        {"s": n("sequence|s[ée]quence|tokens?|s\\b|jetons?"), "b": n("batch|lot|b\\b", "1"), "h": n("width|h\\b|hidden|largeur|d\\b"), "l": n(_LAYERS, "1")}, "2*{l}*{s}*{b}*{h}", "bytes",
    ),
    Formula(
        "memory of an adapter", "training/lora-qlora.md",
        "How large is the file of an adapter or a model with so many parameters in 16 bits?",
        ("adapter|lora|adaptateur", "mb\\b|gb\\b|mo\\b|go\\b|file|fichier|megabytes|disk|bytes"), {"p": n("parameters?|weights?|adapter|param[èe]tres?", least=1e4), "b": of("dtype", default="2")}, "{p}*{b}", "bytes",
    ),
    Formula(
        "reward at a distance from the base policy", "training/reward-hacking.md",
        "What is the gold reward d(α − βd) at this distance from the base policy?",
        ("gold|true|real|or\\b", "reward|r[ée]compense", "distance|d =|d=|[àa] d"), {"a": n("α|alpha", "1"), "b": n("β|beta"), "d": n("distance|d\\b")}, "{d}*({a}-{b}*{d})",
    ),
    Formula(
        "greatest gold reward", "training/reward-hacking.md",
        "How high does the gold reward get at most before over-optimisation?",
        ("gold|true|real", "reward|r[ée]compense", "how (?:high|much|large)|value|at most|maximum|peak|greatest"), {"a": n("α|alpha", "1"), "b": n("β|beta")}, "{a}**2/(4*{b})",
    ),
    Formula(
        "divergence of two probabilities of a token", "training/rlhf-ppo.md",
        "What KL contribution in nats does a token give whose probability rose from the reference to the policy?",
        ("kl\\b|nats?|log-?ratio", "probab"), {"a": n("policy|now|to\\b|new|rose|politique"), "b": n("reference|from|old|base|r[ée]f[ée]rence")}, "log({a}/{b})", unit="nats",
    ),
    Formula(
        "bytes that FSDP moves for a step", "training/fsdp-zero.md",
        "How many gigabytes does each GPU receive and send in a step of fully sharded data parallelism?",
        ("fsdp|zero|shard", "communicat|moves?|traffic|send|receiv|network|exchange|transf"), {"p": n("parameters?|weights?|model|param[èe]tres?", least=1e5), "b": of("dtype", default="2")}, "3*{p}*{b}", "bytes",
    ),
    Formula(
        "score of reciprocal rank fusion of two ranks", "retrieval/rank-fusion.md",
        "What reciprocal rank fusion score does a passage get that is at one rank in the dense list and at another in the BM25 list?",
        ("rrf|reciprocal rank fusion|rank fusion|fus", "score|worth|points|get|sum|obtient|vaut"), {"a": n("ranks?|rang|place|position|rank[ée]d|th\\b|-th|list|in\\b"), "b": n("ranks?|rang|place|position|rank[ée]d|th\\b|-th|list|in\\b"), "k": n("k\\b|constant|constante", "60")}, "1/({k}+{a})+1/({k}+{b})",
    ),
    Formula(
        "BM25 score of a term", "retrieval/bm25.md",
        "What BM25 score does a passage get from a term that some of the documents contain and that occurs several times in it?",
        ("bm25", "score|contribut|worth|weight|vaut"),
        {"n": n("documents?|chunks?|collection|corpus|out of|of\\b|sur\\b"), "df": n("contain|hold|appear|occur|in\\b|contienn|dans\\b|have"), "f": n("times|fois|occurr|repeat"), "k": n("k1\\b|k_1", "1.2"), "b": n("b\\b", "0.75"), "dl": n("words?|tokens?|terms?|long", "1"), "avg": n("average|mean|moyenne|avg", "1")},
        "log(1+({n}-{df}+0.5)/({df}+0.5))*{f}*({k}+1)/({f}+{k}*(1-{b}+{b}*{dl}/{avg}))",
    ),
    Formula(
        "overlap that keeps every answer whole", "retrieval/chunking.md",
        "Which overlap of neighbouring chunks makes sure that an answer of this length always stands whole in one of them?",
        ("overlap|chevauch|recouvr", "whole|never cut|always|entire|intact|guarante|suffi|enti[èe]r"), {"a": n("answer|sentence|span|tokens?|r[ée]ponse|long")}, "{a}-1", unit="tokens",
    ),
    Formula(
        "share of the vectors' memory that links add", "retrieval/hnsw.md",
        "How much do HNSW links add to the memory of the vectors, in percent?",
        ("hnsw|graph", "links?|edges?|overhead|liens?", _PERCENT), {"m": n("m\\b|links?"), "d": n("dimensions?|components?|d\\b|-d\\b|values"), "b": of("dtype", default="4")}, "4*(2*{m}+{m}/({m}-1))/({d}*{b})", "share",
    ),
    Formula(
        "share of nodes above the bottom layer", "retrieval/hnsw.md",
        "What share of the nodes of an HNSW graph is above the bottom layer?",
        ("hnsw|graph", "layer|above|upper|couche|niveau", _PERCENT), {"m": n("m\\b|links?")}, "1/{m}", "share",
    ),
    Formula(
        "share of a collection that an IVF search scans", "retrieval/ivf-pq.md",
        "What share of the collection does an IVF query scan with so many probes?",
        ("ivf|lists?|cells?|nprobe|probes?", _PERCENT), {"p": n("probes?|nprobe|visit|sond"), "l": n("lists?|nlist|cells?|listes?|cellules?|centroids?|of\\b")}, "{p}/{l}", "share",
    ),
    Formula(
        "weight of a query among hypothetical passages", "retrieval/hyde.md",
        "What share does the query have in the average of its vector with those of several hypothetical passages?",
        ("hyde|hypothetical|hypoth[ée]tique", "average|mean|moyenne", _PERCENT + "|weight|poids"), {"n": n("passages?|documents?|hypothetical|texts?")}, "1/({n}+1)", "share",
    ),
    Formula(
        "live results among those returned", "retrieval/incremental-indexing.md",
        "How many live results are left of the top ones when dead entries pile up for days?",
        ("live|alive|vivant|valid", "results?|r[ée]sultats?|top", "day|jour|daily"), {"k": n("top|results?|r[ée]sultats?"), "u": share("day|daily|jour|replaced|updated|chang|renouvel"), "t": of("time", "days?|jours?|after|weeks?|month")}, "{k}/(1+{u}*{t}/86400)",
    ),
    Formula(
        "matching neighbours of a node under a filter", "retrieval/metadata-filters.md",
        "How many of a node's neighbours in HNSW's bottom layer match a selective filter?",
        ("filter|match|filtre", "neighbou?rs?|links?|voisins?"), {"m": n("m\\b|links?"), "s": share("match|pass|filter|satisf|filtre|of\\b")}, "2*{m}*{s}",
    ),
    Formula(
        "memory of the chunks' vectors of documents", "systems/rag-10k-users.md",
        "How much memory do the vectors of documents take that are cut into several chunks each?",
        ("documents?|pages?", "chunks?|passages?|fragments?", "memory|mb\\b|gb\\b|mo\\b|go\\b|m[ée]moire|bytes|space|size"), {"n": n("documents?|pages?|articles?|files?"), "c": n("chunks?|passages?|fragments?|each"), "d": n("dimensions?|components?|-d\\b|values|dimensional"), "b": of("dtype", default="4")}, "{n}*{c}*{d}*{b}", "bytes",
    ),
    Formula(
        "time to embed documents of several chunks", "systems/rag-10k-users.md",
        "How long does it take to embed documents of several chunks each at so many chunks per second?",
        ("documents?|pages?", "chunks?|passages?|fragments?", "time|long|hours?|minutes?|seconds?|temps|heures?"), {"n": n("documents?|pages?|articles?|files?"), "c": n("chunks?|passages?|fragments?|each"), "r": of("rate", "chunks?|passages?|fragments?|texts?")}, "{n}*{c}/{r}", "time",
    ),
    Formula(
        "scale of LoRA's update", "training/lora-qlora.md",
        "By which factor is LoRA's update scaled, given alpha and the rank?",
        ("lora", "scal|factor|multipl|facteur|[ée]chelle"), {"a": n("α|alpha"), "r": n("r\\b|rank|rang")}, "{a}/{r}",
    ),
    Formula(
        "bits per weight of doubly quantised constants", "training/lora-qlora.md",
        "How many bits per weight do the constants take with double quantisation?",
        ("double|second|twice|deux fois", "bits?", "quanti"), {"x": of("bits", "first|constants?|8", "8"), "a": n("blocks? of|blocs? de|block|weights?"), "y": of("bits", "second|fp32|32", "32"), "b": n("groups? of|constants?|every|second")}, "{x}/{a}+{y}/({a}*{b})", unit="bits",
    ),
    Formula(
        "bias-corrected moment", "training/adamw.md",
        "What is Adam's moment after bias correction at this step?",
        ("bias|biais|correct", "moment|adam|m̂|v̂|m\\b"), {"m": n("moment|m\\b|average|m =|value|is\\b"), "b": share("β|beta"), "t": n("step|t\\b|pas\\b|[ée]tape|after")}, "{m}/(1-{b}**{t})",
    ),
    Formula(
        "largest update of Adam after a long silence", "training/adamw.md",
        "How many times the learning rate can Adam's update reach at most?",
        ("adam", "largest|most|maxim|worst|exceed|reach|plus grand"), {"b1": share("β_?1|beta_?1|first"), "b2": share("β_?2|beta_?2|second")}, "(1-{b1})/sqrt((1-{b2})*(1-{b1}**2/{b2}))",
    ),
    Formula(
        "reward less the KL penalty", "training/rlhf-ppo.md",
        "What reward is left after the KL penalty?",
        ("kl\\b|divergence|nats", "reward|r[ée]compense"), {"r": n("reward|score|r[ée]compense"), "b": n("β|beta|coefficient|penalt|weight"), "k": n("nats?|kl|divergence|distance|away")}, "{r}-{b}*{k}",
    ),
    Formula(
        "clipped objective of PPO", "training/rlhf-ppo.md",
        "What does PPO's clipped objective count for a positive advantage and this probability ratio?",
        ("ppo|clip", "ratio|advantage|avantage|rapport"), {"r": n("ratio|ρ|rapport|times"), "e": share("ε|epsilon|clip"), "a": n("advantage|avantage")}, "min({r},1+{e})*{a}",
    ),
    Formula(
        "reward of reinforcement learning at a distance", "training/reward-hacking.md",
        "What is the gold reward of reinforcement learning, d(α − β log d), at this distance?",
        ("reward|r[ée]compense|gold", "log\\b|reinforcement|rl\\b"), {"a": n("α|alpha", "1"), "b": n("β|beta"), "d": n("distance|d\\b")}, "{d}*({a}-{b}*log({d}))",
    ),
)  # fmt: skip
