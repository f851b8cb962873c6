"""Further formulas of the handbook's pages on transformers, training and retrieval."""

# ruff: noqa: E501 - a table, in which a pattern is one cell
from __future__ import annotations

from rag.llm.formulas.base import Formula, n, of, share

_WIDTH = "d\\b|d_?model|model width|width|dimension|largeur|wide"
_LAYERS = "layers?|couches?|blocks?|blocs?"
_PERCENT = "%|percent|pour cent|share|part\\b|fraction|proportion"

FORMULAS = (
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
)  # fmt: skip
