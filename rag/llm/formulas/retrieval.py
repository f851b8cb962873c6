"""Formulas of the handbook's pages on retrieval."""

# ruff: noqa: E501 - a table, in which a pattern is one cell
from __future__ import annotations

from rag.llm.formulas.base import Formula, n, of, share

_MEMORY = "memory|ram|bytes|gb|gib|go\\b|mb\\b|mo\\b|m[ée]moire|octets|space|size|big|take|gigabytes|megabytes|place|disk|weigh|p[èe]s"
_VECTORS = "vectors?|embeddings?|vecteurs?|plongements?|chunks?|points?|entries|passages?|documents?|items?"
_DIMENSION = (
    "dimensions?|components?|d\\b|-?d vectors?|of size|composantes?|of length|values|-dimensional|wide"
)
_CHANCE = "probabilit|chance|often|percent|%|share|how likely|odds|pour cent|part|rate|taux|risque"

FORMULAS = (
    Formula(
        "pieces of a document with overlap", "retrieval/chunking.md",
        "How many chunks or windows does a document give when neighbours overlap?",
        ("overlap|shared|chevauch|recouvr|common|commun", "pieces?|chunks?|windows?|morceaux|passages?|fen[êe]tres?|segments?"),
        {"t": n("document|manual|text|tokens?|long|texte|file|report|page"), "s": n("windows?|chunks?|pieces?|size|of\\b|fen[êe]tres?|morceaux|taille"),
         "o": n("overlap|shared|chevauch|recouvr|common|commun|repeat")},
        "ceil(({t}-{s})/({s}-{o}))+1", unit="chunks",
    ),
    Formula(
        "text stored twice by overlap", "retrieval/chunking.md",
        "By how much does overlap increase the text that is stored?",
        ("overlap|shared|chevauch|recouvr", "more|extra|overhead|plus|inflat|suppl[ée]mentaire|grow|larger"),
        {"s": n("windows?|chunks?|size|pieces?|of\\b|morceaux|taille"), "o": n("overlap|shared|chevauch|recouvr")}, "{s}/({s}-{o})-1", "share",
    ),
    Formula(
        "chance that a boundary cuts an answer", "retrieval/chunking.md",
        "How likely is it that a chunk boundary cuts an answer of this length?",
        ("cut|split|boundar|coup|fronti[èe]re|across", _CHANCE, "answer|sentence|span|r[ée]ponse|fact"),
        {"a": n("answer|sentence|span|r[ée]ponse|fact|long"), "s": n("windows?|chunks?|size|pieces?|morceaux")}, "({a}-1)/{s}", "share",
    ),
    Formula(
        "passages that fit a budget", "retrieval/chunking.md",
        "How many passages fit in the room left in the context?",
        ("budget|room|context|window|place|left|remain|reste", "fit|hold|how many|combien|tien", "passages?|chunks?|pieces?|morceaux"),
        {"b": n("budget|room|context|window|contexte|place"), "s": n("each|chunks?|passages?|pieces?|of\\b|morceaux|chacun")}, "floor({b}/{s})", unit="passages",
    ),
    Formula(
        "distance of unit vectors", "retrieval/embeddings.md",
        "What is the Euclidean distance of two unit vectors with this cosine similarity?",
        ("euclid|l2\\b|distance|apart|far", "cosine|cosinus|similarit|similitude|dot product"),
        {"c": n("cosine|cosinus|similarit|dot")}, "sqrt(2-2*{c})",
    ),
    Formula(
        "cosine of unit vectors", "retrieval/embeddings.md",
        "What is the cosine similarity of two unit vectors at this Euclidean distance?",
        ("euclid|l2\\b|distance|apart", "what (?:is the )?(?:cosine|similarity)|which cosine|quel cosinus|cosine does|in cosine|similarity is"),
        {"d": n("distance|apart|euclid|l2")}, "1-{d}**2/2",
    ),
    Formula(
        "memory of vectors", "retrieval/embeddings.md",
        "How much memory do vectors of this dimension take?",
        (_VECTORS, _MEMORY), {"n": n(_VECTORS), "d": n(_DIMENSION), "b": of("dtype", default="4")}, "{n}*{d}*{b}", "bytes",
    ),
    Formula(
        "time to scan vectors", "retrieval/embeddings.md",
        "How long does an exact scan that reads all vectors take?",
        (_VECTORS, "scan|exact|brute|flat|read|parcour|lire|compare|exhausti", "time|long|seconds?|ms\\b|temps|secondes?"),
        {"n": n(_VECTORS), "d": n(_DIMENSION), "b": of("dtype", default="4"), "bw": of("bandwidth")}, "{n}*{d}*{b}/{bw}", "time",
    ),
    Formula(
        "forward passes to compare all pairs", "retrieval/bi-and-cross-encoders.md",
        "How many cross-encoder passes does it take to compare every pair of sentences?",
        ("pairs?|paires?|every|all|toutes", "cross|passes|pairwise|comparisons?|paires?|jointly|each other"),
        {"n": n("sentences?|documents?|texts?|phrases?|items?|passages?|textes?|titles?|snippets?")}, "{n}*({n}-1)/2", unit="pairs",
    ),
    Formula(
        "question-negative pairs of a batch", "retrieval/bi-and-cross-encoders.md",
        "How many pairs of a question and an in-batch negative does a batch give?",
        ("batch|lot", "negatives?|n[ée]gatif"), {"b": n("batch|lot|pairs?|questions?")}, "{b}*({b}-1)", unit="pairs",
    ),
    Formula(
        "FLOPs of a cross-encoder", "retrieval/bi-and-cross-encoders.md",
        "How many FLOPs does a cross-encoder spend to rerank passages?",
        ("cross-encoder|rerank|encoder|scorer|reclass", "flop|operations|compute|op[ée]rations|arithmetic"),
        {"p": n("parameters?|weights?|param[èe]tres?|model", least=1e5), "t": n("tokens?|jetons?|long"), "n": n("pairs?|passages?|candidates?|documents?|paires?|candidats?", "1")},
        "2*{p}*{t}*{n}", unit="FLOP",
    ),
    Formula(
        "time of a cross-encoder", "retrieval/reranking.md",
        "How long does it take a cross-encoder to rerank passages on this card?",
        ("cross-encoder|rerank|encoder|reclass", "time|long|ms\\b|seconds?|temps|dur|milliseconds"),
        {"p": n("parameters?|weights?|param[èe]tres?|model", least=1e5), "t": n("tokens?|jetons?|long"), "n": n("pairs?|passages?|candidates?|documents?|paires?|candidats?", "1"), "f": of("flops")},
        "2*{p}*{t}*{n}/{f}", "time",
    ),
    Formula(
        "bytes of a late-interaction passage", "retrieval/bi-and-cross-encoders.md",
        "How many bytes does late interaction keep for a passage, with one vector per token?",
        ("colbert|late interaction|interaction tardive|multi-vector|per token|token vectors?", _MEMORY),
        {"t": n("tokens?|passage|jetons?"), "d": n(_DIMENSION, "128"), "b": of("dtype", default="2")}, "{t}*{d}*{b}", "bytes",
    ),
    Formula(
        "calls of a sliding listwise reranker", "retrieval/reranking.md",
        "How many calls does a listwise reranker with a sliding window need for these candidates?",
        ("listwise|list-wise|window|fen[êe]tre|sliding|glissant", "calls?|appels?|times|passes|prompts?"),
        {"n": n("passages?|candidates?|documents?|candidats?"), "w": n("windows?|fen[êe]tres?|of\\b|at a time"), "s": n("step|stride|moved?|pas\\b|advance|slid|by\\b")},
        "({n}-{w})/{s}+1", unit="calls",
    ),
    Formula(
        "score of reciprocal rank fusion", "retrieval/rank-fusion.md",
        "What reciprocal rank fusion score does a document get at this rank in the lists?",
        ("rrf|reciprocal rank fusion|rank fusion|fus", "score|worth|points|get|contribut|gives?|obtient|vaut"),
        {"r": n("ranks?|rang|place|position|rank[ée]d|ranked|th\\b|-th|e\\b"), "k": n("k\\b|constant|constante", "60"), "m": n("lists?|listes?|legs?|rankings?|retrievers?|classements?", "1")},
        "{m}/({k}+{r})",
    ),
    Formula(
        "idf of BM25", "retrieval/bm25.md",
        "What is the BM25 idf of a term that occurs in some of the documents?",
        ("idf|inverse document|rarity|raret[ée]|weight of (?:a|the) (?:word|term)|poids", "documents?|chunks?|pages?|collection|passages?"),
        {"n": n("documents?|chunks?|collection|corpus|among|out of|of\\b|sur\\b|parmi"), "df": n("contain|hold|appear|occur|present|with|in\\b|contienn|appara[îi]|dans\\b|document frequency|df\\b|have")},
        "log(1+({n}-{df}+0.5)/({df}+0.5))",
    ),
    Formula(
        "term frequency component of BM25", "retrieval/bm25.md",
        "What does a term's frequency count in BM25, saturated by k1 and the length of the passage?",
        ("bm25|k1|saturat|term frequency", "times|fois|count|occurr|frequency|appears?|repeat"),
        {"f": n("times|fois|occurr|count|appears?|repeat|term"), "k": n("k1\\b|k_1", "1.2"), "b": n("b\\b", "0.75"),
         "dl": n("document|passage|chunk|long|text|terms?|words?", "1"), "avg": n("average|mean|moyenne|avg", "1")},
        "{f}*({k}+1)/({f}+{k}*(1-{b}+{b}*{dl}/{avg}))",
    ),
    Formula(
        "most that a term's frequency can give", "retrieval/bm25.md",
        "What is the most that a repeated term can contribute in BM25, given k1?",
        ("k1\\b|k_1", "ceiling|most|maxim|limit|bound|never exceed|asymptot|plafond|at most"), {"k": n("k1\\b|k_1")}, "{k}+1",
    ),
    Formula(
        "min-max normalised score", "retrieval/rank-fusion.md",
        "What does min-max normalisation make of a score between the smallest and the largest?",
        ("min-?max|normali[sz]", "score"), {"x": n("score|document|candidate|of\\b"), "lo": n("min|worst|lowest|smallest|from|plus bas|bottom"), "hi": n("max|best|highest|top|to\\b|plus haut")},
        "({x}-{lo})/({hi}-{lo})",
    ),
    Formula(
        "memory of HNSW links", "retrieval/hnsw.md",
        "How much memory do the links of an HNSW graph take?",
        ("hnsw|graph|graphe", "links?|edges?|neighbou?rs?|liens?|ar[êe]tes?|overhead", _MEMORY),
        {"n": n(_VECTORS + "|nodes?|centroids?|n[œo]euds?", "1"), "m": n("m\\b|links?|degree|neighbou?rs?|liens?")}, "{n}*4*(2*{m}+{m}/({m}-1))", "bytes",
    ),
    Formula(
        "memory of vectors with an HNSW graph", "retrieval/hnsw.md",
        "How much memory do vectors take together with their HNSW graph?",
        ("hnsw|graph|graphe", _VECTORS, _MEMORY),
        {"n": n(_VECTORS), "d": n(_DIMENSION), "b": of("dtype", default="4"), "m": n("m\\b|links?|neighbou?rs?|liens?")}, "{n}*({d}*{b}+2*{m}*4)", "bytes",
    ),
    Formula(
        "level factor of HNSW", "retrieval/hnsw.md",
        "What is the level multiplier of HNSW for this M?",
        ("hnsw|m_?l\\b", "level|layer|niveau|couche|ml\\b|m_l", "factor|facteur|multipl|normali|scale|parameter"), {"m": n("m\\b|links?")}, "1/log({m})",
    ),
    Formula(
        "nodes above the bottom layer", "retrieval/hnsw.md",
        "How many nodes of an HNSW graph are also in the layer above the bottom?",
        ("hnsw|graph|graphe", "layer 1|above|upper|first layer|second layer|couche|sup[ée]rieur|next layer"),
        {"n": n(_VECTORS + "|nodes?|million"), "m": n("m\\b|links?")}, "{n}/{m}", unit="nodes",
    ),
    Formula(
        "lists that make IVF cheapest", "retrieval/ivf-pq.md",
        "Which number of IVF lists makes the work of a query smallest?",
        ("ivf|lists?|cells?|nlist|listes?|cellules?", "nlist|how many lists|combien de (?:listes|cellules)|best|optimal|smallest|cheapest|minim|number of (?:lists|cells)"),
        {"p": n("probes?|nprobe|visit|sond|scanned"), "n": n(_VECTORS)}, "sqrt({p}*{n})", unit="lists",
    ),
    Formula(
        "vectors that an IVF search scans", "retrieval/ivf-pq.md",
        "How many vectors does an IVF query compare when it probes some of the lists?",
        ("ivf|lists?|cells?|nlist|listes?|cellules?", "scan|compar|visit|look|read|examin|parcour|score|distances?"),
        {"p": n("probes?|nprobe|visit|sond"), "n": n(_VECTORS), "l": n("lists?|nlist|cells?|listes?|cellules?|centroids?")}, "{p}*{n}/{l}", unit="vectors",
    ),
    Formula(
        "vectors of an IVF list", "retrieval/ivf-pq.md",
        "How many vectors does an IVF list hold on average?",
        ("ivf|lists?|cells?|nlist|listes?|cellules?", "average|per list|each|moyenne|par liste|in a list|mean|hold"),
        {"n": n(_VECTORS), "l": n("lists?|nlist|cells?|listes?|cellules?|centroids?")}, "{n}/{l}", unit="vectors",
    ),
    Formula(
        "training vectors for centroids", "retrieval/ivf-pq.md",
        "How many training vectors are needed at least to learn the centroids of the lists?",
        ("centroids?|k-means|lists?|nlist|listes?", "train|entra[îi]n|learn|sample|faiss"), {"l": n("centroids?|lists?|nlist|cells?|listes?")}, "39*{l}", unit="vectors",
    ),
    Formula(
        "compression by product quantization", "retrieval/ivf-pq.md",
        "By what factor does product quantization compress a vector?",
        ("pq\\b|product.quanti|codes?|compress|quantification", "ratio|times|factor|smaller|fois|facteur|compress"),
        {"d": n(_DIMENSION), "m": of("bytes", "codes?|pq|each|per vector|octets"), "b": of("dtype", default="4")}, "{d}*{b}/{m}",
    ),
    Formula(
        "memory of product-quantized codes", "retrieval/ivf-pq.md",
        "How much memory do the product quantization codes of all vectors take?",
        ("pq\\b|product.quanti|codes?|sub-?vectors?|quantification", _MEMORY),
        {"n": n(_VECTORS), "m": of("bytes", "codes?|pq|each|per vector|octets")}, "{n}*{m}", "bytes",
    ),
    Formula(
        "recall of several queries", "retrieval/query-rewriting.md",
        "How likely is it that at least one of several rewritten queries finds the passage?",
        ("at least one|au moins une?|any of|one of|union|together|l'une", _CHANCE),
        {"p": share("probabilit|chance|each|every|chaque|recall|find|succe|alone|seule"), "n": n("quer|rewrit|attempt|variants?|requ[êe]tes?|tries|tentatives?|versions?|samples?|trials?|shards?|times|attaques?|attacks?")},
        "1-(1-{p})**{n}", "share",
    ),
    Formula(
        "time to write tokens", "retrieval/hyde.md",
        "How many seconds does it take a model to write a text of so many tokens?",
        ("tokens?|jetons?", "time|long|seconds?|wait|cost|add|latency|temps|secondes?|dur|how much"),
        {"t": n("tokens?|jetons?|passage|rewrite|document"), "r": of("rate", "tokens?|jetons?|speed|vitesse")}, "{t}/{r}", "time",
    ),
    Formula(
        "everything goes right in a chain of steps", "retrieval/multi-hop.md",
        "How often does a chain of steps, each of which succeeds with some probability, succeed as a whole?",
        ("(?s:^(?!.*(?:bonferroni|threshold|seuil|at least one|au moins|must|need|require|target|faut)))", _CHANCE, "steps?|hops?|all|every|chain|[ée]tapes?|sauts?|tous|toutes|whole|calls?|entire|in a row|searches|shards?|each|n[œo]uds?|machines?|services?|both"),
        {"p": share("probabilit|chance|each|every|chaque|success|succ[èe]s|correct|right|hits?|finds?|reliab|fiab|up\\b|available|%|supported"),
         "n": n("-?steps?|hops?|searches|calls?|[ée]tapes?|sauts?|shards?|machines?|services?|components?|claims?|times|facts?|tool|appels?|sentences?|dependenc")},
        "{p}**{n}", "share",
    ),
    Formula(
        "success that each step needs", "retrieval/multi-hop.md",
        "How reliable must each step be for the whole chain to reach a target?",
        (_CHANCE + "|how good|reliab", "each|every|per|chaque|individual|single", "target|want|need|reach|must|aim|requir|so that|faut|viser?|atteindre"),
        {"p": share("overall|whole|total|target|want|reach|complete|global|all|succe|of the time"), "n": n("-?steps?|hops?|searches|calls?|[ée]tapes?|shards?|machines?|services?")},
        "{p}**(1/{n})", "share",
    ),
    Formula(
        "chance of any failure among many", "retrieval/sharding-embeddings.md",
        "How often is a query slowed or incomplete because at least one of its shards is slow or down?",
        ("fail|slow|miss|late|down|panne|[ée]chou|lent|partial|incomplete|any|at least one|beyond|p99|tail|au moins", _CHANCE, "shards?|nodes?|machines?|servers?|replicas?|n[œo]uds?|serveurs?|fan"),
        {"p": share("fail|slow|miss|late|down|panne|each|chaque|own|beyond|exceed|of (?:its|the) time|time"), "n": n("shards?|nodes?|machines?|servers?|n[œo]uds?|serveurs?")},
        "1-(1-{p})**{n}", "share",
    ),
    Formula(
        "candidates that a post-filter needs", "retrieval/metadata-filters.md",
        "How many candidates must be fetched so that enough remain after filtering the results?",
        ("filter|filtre|condition|match|where", "candidates?|fetch|retrieve|how many|candidats?|ask for|oversampl"),
        {"k": n("results?|hits?|keep|want|top|r[ée]sultats?|need|end up"), "s": share("match|pass|satisf|keep|hold|correspond|of the|share|selectiv")}, "{k}/{s}", unit="candidates",
    ),
    Formula(
        "candidates that survive a post-filter", "retrieval/metadata-filters.md",
        "How many of the results survive a filter applied after the search?",
        ("filter|filtre|condition|match|where", "surviv|left|remain|restent|keep|garde"),
        {"k": n("results?|hits?|candidates?|top|r[ée]sultats?|candidats?|ef"), "s": share("match|pass|satisf|hold|correspond|of the|share|selectiv")}, "{k}*{s}",
    ),
    Formula(
        "bitmap of a filter", "retrieval/metadata-filters.md",
        "How large is a filter's bitmap over all documents?",
        ("bitmap|bitset|one bit|un bit|bit per|bit mask", _MEMORY), {"n": n(_VECTORS + "|million|rows?")}, "{n}/8", "bytes",
    ),
    Formula(
        "memory of binary vectors", "retrieval/embeddings.md",
        "How much memory do binary quantized vectors with one bit per component take?",
        ("binary|binaire|one bit|1 bit|1-bit|un bit", _VECTORS, _MEMORY), {"n": n(_VECTORS), "d": n(_DIMENSION)}, "{n}*{d}/8", "bytes",
    ),
    Formula(
        "time to embed a collection", "retrieval/incremental-indexing.md",
        "How long does it take to embed a whole collection of chunks?",
        ("embed|encod|index|vectori|re-?process", "time|long|hours?|minutes?|temps|heures?|seconds?"),
        {"n": n(_VECTORS + "|snippets?|texts?|textes?"), "t": n("tokens?|jetons?", "1"), "r": of("rate", "tokens?|jetons?|snippets?|chunks?|texts?|passages?")}, "{n}*{t}/{r}", "time",
    ),
    Formula(
        "candidates behind tombstones", "retrieval/incremental-indexing.md",
        "How many neighbours must be visited to find enough live ones when some entries are deleted?",
        ("tombston|deleted|dead|supprim|mort", "candidates?|how many|neighbou?rs|fetch|go through|candidats?|voisins?|top"),
        {"k": n("top|results?|neighbou?rs?|hits?|live|r[ée]sultats?|voisins?"), "s": share("tombston|deleted|dead|supprim|mort")}, "{k}/(1-{s})",
    ),
    Formula(
        "share of dead entries", "retrieval/incremental-indexing.md",
        "What share of the index is dead entries after days of updates without compaction?",
        ("dead|deleted|tombston|stale|mort|supprim", "share|percent|part|%|proportion", "day|jour|daily"),
        {"u": share("day|daily|jour|replaced|updated|chang|renouvel"), "t": of("time", "days?|jours?|compact|after|weeks?|month")}, "{u}*{t}/86400/(1+{u}*{t}/86400)", "share",
    ),
    Formula(
        "machines that hold an index", "retrieval/sharding-embeddings.md",
        "How many machines are needed to hold an index in memory?",
        ("machines?|nodes?|servers?|n[œo]uds?|shards?|serveurs?|hosts?", "how many|combien|number of"),
        {"b": of("bytes", "index|vectors?|data|total|copy|donn[ée]es|collection"), "r": of("bytes", "each|machine|node|ram|server|chacun|n[œo]ud|usable|per")}, "ceil({b}/{r})",
    ),
    Formula(
        "work of an IVF search", "retrieval/ivf-pq.md",
        "How many distances does an IVF query compute in all, to centroids and to the vectors of the lists that it probes?",
        ("ivf|lists?|cells?|nlist|listes?|cellules?", "all|total|cost|both|centroids?|distances|work|co[ûu]t|travail"),
        {"p": n("probes?|nprobe|visit|sond"), "n": n(_VECTORS), "l": n("lists?|nlist|cells?|listes?|cellules?|centroids?")}, "{l}+{p}*{n}/{l}", unit="distances",
    ),
    Formula(
        "weighted sum of a dense and a lexical score", "retrieval/rank-fusion.md",
        "What is the fused score of a dense and a lexical score with a weight alpha for the dense one?",
        ("weight|α|alpha|convex|linear|poids", "dense|vector|lexical|bm25|sparse"), {"a": n("α|alpha|weight|poids"), "x": n("dense|vector|embedding"), "y": n("lexical|bm25|sparse|keyword")}, "{a}*{x}+(1-{a})*{y}",
    ),
    Formula(
        "score of maximal marginal relevance", "retrieval/reranking.md",
        "What is the MMR score of a candidate, given its relevance, its similarity to what is already chosen and lambda?",
        ("mmr|marginal",), {"l": n("λ|lambda|weight|poids"), "r": n("relevan|query|question|pertinen"), "s": n("similar|selected|chosen|redundan|closest|choisi")}, "{l}*{r}-(1-{l})*{s}",
    ),
)  # fmt: skip
