"""Formulas of the handbook's pages on indexes over many machines and over time."""

# ruff: noqa: E501 - a table, in which a pattern is one cell
from __future__ import annotations

from rag.llm.formulas.base import Formula, n, of, share
from rag.llm.formulas.words import CARDS, CHANCE, PARAMETERS, PERCENT, STATES

_VECTORS = "vectors?|embeddings?|vecteurs?|plongements?|chunks?|points?|entries|passages?|documents?|items?"

FORMULAS = (
    Formula(
        "cards that hold a model's weights", "inference/int4-quantization.md",
        ("70B in bf16 on 80 GB cards: fewest cards for the weights alone?",
         "How many GPUs of so many gigabytes hold the weights of a model at this precision?", "Combien de cartes pour loger les poids d'un modèle à cette précision ?"),
        ("how many|combien|fewest", CARDS, "weights?|poids|model|mod[èe]le|hold|fit"), {"p": n(PARAMETERS, least=1e7), "b": of("dtype"), "m": of("bytes")}, "ceil({p}*{b}/{m})", unit="GPUs", never=STATES + "|adapter|lora|cache|tokens?|users?",
    ),
    Formula(
        "tokens of a collection to embed", "retrieval/incremental-indexing.md",
        ("How many tokens have to be embedded for a collection of chunks or for the part that changes?",
         "How many tokens go through the embedder for all chunks?"),
        ("embed|index|encod|vectori|re-?process|plong", "tokens?|jetons?"), {"n": n("chunks?|passages?|documents?|pages?|fragments?|million"), "t": n("tokens?|jetons?|each|of\\b"), "u": share("day|daily|chang|updat|replac|jour|renouvel", "1")}, "{n}*{t}*{u}", unit="tokens", never="flops?|gflop|parameters?|weights?|encoder",
    ),
    Formula(
        "dead entries after some days", "retrieval/incremental-indexing.md",
        ("How many dead entries pile up after days of updates?",
         "Deleted vectors left behind after weeks without compaction?"),
        ("dead|deleted|tombston|stale|mort|supprim|obsol", "how many|combien|number|entries"), {"u": share("day|daily|chang|updat|replac|jour|renouvel"), "n": n("chunks?|entries|vectors?|passages?|million|points?|fragments?"), "t": of("time", "days?|after|jours?|weeks?|without")}, "{u}*{n}*{t}/86400", unit="entries",
    ),
    Formula(
        "vectors that a volume of data holds", "retrieval/sharding-embeddings.md",
        ("How many vectors of this dimension does a volume of data hold?",
         "How many embeddings of this size fill a terabyte?"),
        ("how many|combien", "vectors?|vecteurs?|embeddings?"), {"b": of("bytes"), "d": n("dimensions?|values|components?|-d\\b|composantes?|of\\b"), "w": of("dtype", default="4")}, "{b}/({d}*{w})", unit="vectors",
    ),
    Formula(
        "share of vectors that move when shards are added by modulo", "retrieval/sharding-embeddings.md",
        ("What share of the vectors has to move when a shard is added and placement is by hash modulo?",
         "We add a node under hash mod N: percentage of data that changes place?"),
        ("shards?|nodes?|n[œo]uds?|machines?", "modulo|hash|mov|d[ée]plac|rehash|relocat", PERCENT), {"a": n("from|shards?|nodes?|has|de\\b"), "b": n("to\\b|shards?|nodes?|[àa]\\b")}, "1-1/{b}+0*{a}", "share",
    ),
    Formula(
        "results that each shard holds of the true best", "retrieval/sharding-embeddings.md",
        ("How many of the true best results lie on each shard on average?",
         "Expected part of the global top on one partition?"),
        ("shards?|nodes?|n[œo]uds?", "true|best|top|average|expect|moyenne|meilleurs?"), {"k": n("true|best|top|results?|meilleurs?|neighbou?rs?"), "s": n("shards?|nodes?|n[œo]uds?")}, "{k}/{s}", unit="results",
    ),
    Formula(
        "bytes that shards send for one query", "retrieval/sharding-embeddings.md",
        ("How many bytes do the shards send back for one query?",
         "Each shard sends back hits with an identifier and a score: kB on the wire per query?",
         "shards times results times bytes per result: merge traffic?"),
        ("shards?|nodes?|n[œo]uds?", "bytes|kb\\b|ko\\b|network|traffic|octets|r[ée]seau|send"), {"s": n("shards?|nodes?|n[œo]uds?"), "k": n("results?|candidates?|each|top|r[ée]sultats?"), "b": of("bytes", "each|per|id|score|result")}, "{s}*{k}*{b}", "bytes",
    ),
    Formula(
        "live results among those returned", "retrieval/incremental-indexing.md",
        ("How many live results are left of the top ones when dead entries pile up for days?",
         "Of the hits returned how many are still valid after days of changes?"),
        ("live|alive|vivant|valid", "results?|r[ée]sultats?|top", "day|jour|daily"), {"k": n("top|results?|r[ée]sultats?"), "u": share("day|daily|jour|replaced|updated|chang|renouvel"), "t": of("time", "days?|jours?|after|weeks?|month")}, "{k}/(1+{u}*{t}/86400)",
    ),
    Formula(
        "chance of any failure among many", "retrieval/sharding-embeddings.md",
        ("How often is a query slowed or incomplete because at least one of its shards is slow or down?",
         "Each partition is slow once in a while: how often does a query wait for at least one laggard?",
         "Odds that at least one of many servers is late?",
         "shards, each late with some probability: percent of queries that hit at least one late shard?"),
        ("fail|slow|miss|late|down|panne|[ée]chou|lent|partial|incomplete|any|at least one|beyond|p99|tail|au moins", CHANCE, "shards?|nodes?|machines?|servers?|replicas?|n[œo]uds?|serveurs?|fan"),
        {"p": share("fail|slow|miss|late|down|panne|each|chaque|own|beyond|exceed|of (?:its|the) time|time"), "n": n("shards?|nodes?|machines?|servers?|n[œo]uds?|serveurs?")},
        "1-(1-{p})**{n}", "share",
    ),
    Formula(
        "time to embed a collection", "retrieval/incremental-indexing.md",
        ("How long does it take to embed a whole collection of chunks?",
         "Re-embedding everything at so many tokens a second: how many hours?",
         "How long does a full rebuild of the index take?",
         "Combien d'heures pour revectoriser tout le corpus ?",
         "chunks, tokens each, tokens per second of embedding throughput: hours for a rebuild?"),
        ("embed|encod|index|vectori|re-?process", "time|long|hours?|minutes?|temps|heures?|seconds?"),
        {"n": n(_VECTORS + "|snippets?|texts?|textes?"), "t": n("tokens?|jetons?", "1"), "r": of("rate", "tokens?|jetons?|snippets?|chunks?|texts?|passages?")}, "{n}*{t}/{r}", "time",
    ),
    Formula(
        "candidates behind tombstones", "retrieval/incremental-indexing.md",
        ("How many neighbours must be visited to find enough live ones when some entries are deleted?",
         "Some hits are deleted documents: how many should be requested so that enough live ones remain?"),
        ("tombston|deleted|dead|supprim|mort", "candidates?|how many|neighbou?rs|fetch|go through|candidats?|voisins?|top"),
        {"k": n("top|results?|neighbou?rs?|hits?|live|r[ée]sultats?|voisins?"), "s": share("tombston|deleted|dead|supprim|mort")}, "{k}/(1-{s})",
    ),
    Formula(
        "share of dead entries", "retrieval/incremental-indexing.md",
        ("What share of the index is dead entries after days of updates without compaction?",
         "Documents are replaced daily without compaction: what share of the index is dead weight?",
         "Proportion of tombstones after weeks of updates?",
         "daily update rate and days without compaction: percent of dead entries?"),
        ("dead|deleted|tombston|stale|mort|supprim", "share|percent|part|%|proportion", "day|jour|daily"),
        {"u": share("day|daily|jour|replaced|updated|chang|renouvel"), "t": of("time", "days?|jours?|compact|after|weeks?|month"), "_n": n("chunks?|entries|vectors?|passages?|million|points?|fragments?", "0")}, "{u}*{t}/86400/(1+{u}*{t}/86400)", "share",
    ),
    Formula(
        "machines that hold an index", "retrieval/sharding-embeddings.md",
        ("How many machines are needed to hold an index in memory?",
         "The index takes so many gigabytes and a machine offers less: machines per copy?",
         "Nodes needed for this much data?",
         "Combien de machines pour contenir l'index ?",
         "terabytes of vectors and usable gigabytes per node: nodes for one copy?"),
        ("machines?|nodes?|servers?|n[œo]uds?|shards?|serveurs?|hosts?", "how many|combien|number of"),
        {"b": of("bytes", "index|vectors?|data|total|copy|donn[ée]es|collection"), "r": of("bytes", "each|machine|node|ram|server|chacun|n[œo]ud|usable|per")}, "ceil({b}/{r})",
    ),
    Formula(
        "time of a daily update of an index", "retrieval/incremental-indexing.md",
        ("How long does the daily job take that embeds only the chunks that changed?",
         "Part of the chunks was touched since yesterday: minutes for tonight's re-embedding?",
         "Combien de temps dure la mise à jour quotidienne des fragments modifiés ?",
         "changed share of the chunks, tokens each, throughput: minutes a day?"),
        ("day|daily|night|yesterday|chang|touch|updat|jour|modif", "embed|index|encod|job|vectori|plong", "time|long|minutes?|hours?|seconds?|temps|heures?"),
        {"n": n("chunks?|passages?|fragments?|million|collection"), "u": share("day|daily|chang|touch|updat|replac|jour|modif"), "t": n("tokens?|jetons?|each|of\\b"), "r": of("rate", "tokens?|jetons?")},
        "{n}*{u}*{t}/{r}", "time",
    ),
    Formula(
        "live results at a share of dead entries", "retrieval/incremental-indexing.md",
        ("How many live results come back on average when a share of the index is dead and removed after the search?",
         "Part of the index is tombstones: of the hits asked for, how many are usable?"),
        ("live|usable|valid|come back|vivant|utilisable|left", "dead|tombston|delet|mort|supprim", "how many|combien|results?"),
        {"k": n("ask|top|results?|request|hits?|r[ée]sultats?"), "s": share("dead|tombston|delet|mort|supprim|index")},
        "{k}*(1-{s})", unit="results", never="how many candidates|must|walk|visit|go through|combien de candidats",
    ),
    Formula(
        "share of data that moves when one node is added by modulo", "retrieval/sharding-embeddings.md",
        ("What share of the vectors moves when hash modulo the number of nodes gets one more node?",
         "We add one more node to a modulo placement: percentage of data that changes place?",
         "hash mod N, from N to N plus one: share moved?"),
        ("modulo|mod n|hash", "add|more|new|extra|th\\b|another|ajout", "share|percent|%|fraction|part"),
        {"b": n("add|th\\b|to\\b|nodes?|shards?|machines?")},
        "1-1/{b}", "share", never="from \\d+",
    ),
    Formula(
        "bytes that shards send with identifiers and scores", "retrieval/sharding-embeddings.md",
        "How many bytes do shards send that each return hits with an identifier of some bytes and a score of some bytes?",
        ("shards?|nodes?|n[œo]uds?|partitions?", "id\\b|ids\\b|identifi", "score"),
        {"s": n("shards?|nodes?|n[œo]uds?|partitions?"), "k": n("results?|hits?|pairs?|top|candidates?|each|r[ée]sultats?"), "a": of("dtype", "id\\b|ids\\b|identifi"), "b": of("dtype", "score")},
        "{s}*{k}*({a}+{b})", "bytes",
    ),
)  # fmt: skip
