"""Formulas of the handbook's pages on positions: rotary embeddings and sliding windows."""

# ruff: noqa: E501 - a table, in which a pattern is one cell
from __future__ import annotations

from math import inf

from rag.llm.formulas.base import Formula, n, of
from rag.llm.formulas.words import LAYERS, MEMORY

_SLIDING = "window|fen[êe]tre|sliding|glissant"
_ROTARY = "rope|rotary|rotat|rotation"
_CACHE_EACH = "cache|kv|per token|par jeton|each token|a token"

FORMULAS = (
    Formula(
        "pairs inside a sliding window", "transformer/sliding-window-attention.md",
        ("W(W+1)/2 + (n−W)·W?", "Attention limited to the newest tokens: how many query-key scores for the whole document?", "Fenêtre de W sur n jetons : nombre de couples visibles ?",
         "How many query-key pairs are computed with a sliding attention window over a longer text?",
         "A long text passes through a limited window: how many pairs get a score?",
         "Combien de paires sont calculées avec une fenêtre glissante ?", "How many attention scores are calculated per head and layer for a document with a local window?", "Local attention: query-key products over the whole text?", "Local attention over the last tokens of a long log: pairs evaluated?", "Each token only looks at its most recent predecessors: total number of comparisons?"),
        (_SLIDING + "|local|last|recent|limited", "pairs?|paires?|couples?|combinations?|scores?|entries|visible"),
        {"n": n("sequence|tokens?|prompt|positions?|text|s[ée]quence|texte|jetons?"), "w": n("window|fen[êe]tre|w\\b|last|derniers", below="n")},
        "{w}*({w}+1)/2+({n}-{w})*{w}", unit="pairs",
    ),
    Formula(
        "pairs that a sliding window saves", "transformer/sliding-window-attention.md",
        ("Full causal against windowed attention: ratio of scored pairs?", "Combien de fois moins de scores avec une fenêtre qu'avec l'attention complète ?",
         "By what factor does a sliding window cut the number of scored pairs compared with a full causal mask?",
         "How many times fewer attention scores are there with the window than without?"),
        (_SLIDING, "factor|times (?:fewer|less)|facteur|fois moins|sav", "scores?|pairs?|arithmetic|computation"),
        {"n": n("sequence|tokens?|prompt|positions?|text|s[ée]quence|texte|jetons?"), "w": n("window|fen[êe]tre|w\\b|last|derniers", below="n")},
        "{n}*({n}+1)/2/({w}*({w}+1)/2+({n}-{w})*{w})", never="cache|memory|are (?:computed|calculated|scored)|visible",
    ),
    Formula(
        "theoretical reach of stacked windows", "transformer/sliding-window-attention.md",
        ("W × L: attention span on paper?", "How far back could something have been said and still leak into the current token, layer by layer?", "Portée théorique d'un empilement de couches à fenêtre ?",
         "From how many tokens back can information reach the top when layers with a sliding window are stacked?",
         "Theoretical attention span of a stack of windowed layers?",
         "Jusqu'où remonte en théorie l'information avec des couches à fenêtre glissante ?", "Number of layers times the window: how far back can a token be influenced?", "How long a history can a windowed model see in theory?", "Window per layer and depth of the model: how far does the receptive field extend?"),
        (_SLIDING, "reach|see|far|travel|span|port[ée]e|loin|theor|th[ée]or|look|influence"),
        {"l": n(LAYERS), "w": n("window|fen[êe]tre|w\\b|tokens?|jetons?")}, "{l}*{w}", unit="tokens", never="exact|itself|current one|includ|at most|receptive",
    ),
    Formula(
        "exact receptive field of stacked windows", "transformer/sliding-window-attention.md",
        ("Each layer adds W − 1 positions: total reach with the current token?", "L·(W−1)+1 for this stack?",
         "What is the exact receptive field of stacked layers whose window counts the token itself?",
         "Each layer sees so many keys, itself included: how many tokens can the top draw on at most?",
         "Quel est le champ réceptif exact, jeton courant compris ?", "How many tokens, counting itself, can influence the topmost state of a windowed stack?"),
        (_SLIDING + "|keys|tokens|cl[ée]s", LAYERS, "exact|itself|current|includ|at most|receptive|r[ée]ceptif|compris"),
        {"l": n(LAYERS), "w": n("window|fen[êe]tre|w\\b|keys?|sees?|tokens?|jetons?|cl[ée]s?")}, "{l}*({w}-1)+1", unit="tokens",
    ),
    Formula(
        "cache saved by a rolling buffer", "transformer/sliding-window-attention.md",
        ("Context over window: factor on cache memory?", "Only the last W positions are stored: how many times less cache than the whole text?",
         "How many times smaller is the KV cache with a rolling buffer of one window than with the full context?",
         "A ring buffer keeps only the last window: by what factor does the cache shrink?",
         "Combien de fois le tampon tournant réduit-il le cache ?", "Long prompts and a window: by how much does keeping only the window cut the KV cache?"),
        (_SLIDING + "|rolling|ring", "cache|memory|m[ée]moire|smaller|shrink|sav|factor|facteur|times"),
        {"n": n("context|tokens?|sequence|prompt|long|text"), "w": n("window|fen[êe]tre|w\\b", below="n")}, "{n}/{w}",
    ),
    Formula(
        "slot of a rolling buffer", "transformer/sliding-window-attention.md",
        ("i mod W?", "Ring cache: which row does the key of this position overwrite?", "À quel emplacement du cache circulaire s'écrit ce jeton ?",
         "In which slot of a rolling buffer are the key and value of a position stored?",
         "Where does position i land in a ring-shaped cache of W places?",
         "Dans quelle case du tampon tournant va la clé de cette position ?", "Which entry of a circular cache does token number i overwrite?"),
        ("rolling|ring|circular|tournant|buffer|wrap|modul", "slot|place|where|land|case|index|overwrit"),
        {"i": n("position|token number|token|i\\b"), "w": n("slots?|places?|window|buffer|entries|cases?|w\\b|fen[êe]tre")}, "{i}-{w}*floor({i}/{w})",
    ),
    Formula(
        "most cache of a sequence with a window", "transformer/sliding-window-attention.md",
        ("Window times bytes per token: cap on a sequence's cache?", "Taille maximale du cache d'une séquence quand la fenêtre est pleine ?",
         "How much cache can one sequence hold at most when a window caps it?",
         "Upper bound of a conversation's KV memory with a rolling buffer?",
         "Combien de mémoire de cache au plus par séquence avec une fenêtre ?", "However long the chat, a window limits its cache: to how many bytes?", "A conversation grows for ever but the window does not: most memory it can hold?"),
        (_SLIDING + "|rolling", "cache|kv", MEMORY + "|most|cap"),
        {"w": n("window|fen[êe]tre|tokens?|slots?|w\\b"), "e": of("bytes", _CACHE_EACH), "s": n("sequences?|conversations?|requests?", "1")}, "{w}*{e}*{s}", "bytes",
    ),
    Formula(
        "longest RoPE wavelength", "transformer/rope.md",
        ("How many tokens until the laziest rotary pair has gone round once?", "Base and head width known: period of the last frequency?", "2π·base^((d−2)/d)?", "La paire la plus lente : combien de jetons pour un tour complet ?",
         "After how many tokens does the slowest rotary pair of a head make a full turn, given the base theta?",
         "Wavelength of the slowest pair of a rotary embedding?",
         "En combien de jetons la paire la plus lente de RoPE fait-elle un tour ?", "How long is the wavelength of the slowest rotation for this theta and head dimension?", "How many tokens until the slowest dimension pair has spun once?"),
        (_ROTARY + "|pair|base", "wavelength|longueur d'onde|period|p[ée]riode|turn|tour|slow|cycle|lent"),
        {"base": n("base|theta|θ", least=100), "d": n("head|t[êe]te|dimension|width|wide", "128")},
        "2*pi*{base}**(({d}-2)/{d})", unit="tokens",
    ),
    Formula(
        "wavelength of a pair of RoPE", "transformer/rope.md",
        ("Pair i of the rotary embedding: tokens per full circle?", "2π·base^(2i/d) for this index?",
         "What is the wavelength in tokens of the i-th rotary pair of a head?",
         "How many tokens does rotary pair number i need for a turn?",
         "Quelle est la longueur d'onde de la paire numéro i de RoPE ?"),
        (_ROTARY, "pair|paire|wavelength|longueur d'onde|turn|tour"),
        {"i": n("pairs? (?:number|no\\.?)?|i\\b|i =|paire|number|index"), "base": n("base|theta|θ", least=100), "d": n("head|t[êe]te|dimension|width|wide", "128")}, "2*pi*{base}**(2*{i}/{d})", unit="tokens", needs="(?:pairs?|paires?|frequency|dimension) (?:number |num[ée]ro |index |no\\.? ?|n° ?|i ?= ?|#)?\\d|i ?=|\\d+(?:st|nd|rd|th|e) (?:rotary |frequency )?pair|index", never="laz|slowest|fastest|last\\b|lente|rapide",
    ),
    Formula(
        "rotating pairs of a head", "transformer/rope.md",
        ("Head width over two: rotary angles?", "Combien de paires RoPE dans une tête de cette largeur ?",
         "How many pairs does RoPE rotate in a head of this dimension?",
         "Into how many two-component pairs is a head cut by rotary embeddings?", "How many rotation frequencies does a head of this size have?"),
        (_ROTARY, "pairs?|paires?|frequenc|fr[ée]quence|angles?"),
        {"d": n("head|t[êe]te|dimension|width|wide|d_?h")}, "{d}/2", unit="pairs",
    ),
    Formula(
        "scale of positions by interpolation", "transformer/rope.md",
        ("Context stretched linearly: rotation of the fastest pair between neighbouring tokens, in radians?", "De combien de radians la paire la plus rapide tourne-t-elle par jeton après interpolation ?",
         "By which factor are positions multiplied when the context is extended by position interpolation?",
         "A model trained on a short context has a longer text squeezed into its range: by how many radians does the fastest pair turn between neighbours?",
         "Angle between two neighbouring tokens for the quickest rotary pair after stretching the context?",
         "Quel angle entre deux jetons voisins après interpolation des positions ?", "Extending the context from a short to a long one with linear interpolation: by what do I multiply the position indices?"),
        (_ROTARY + "|position|radian", "interpol|stretch|compress|extend|[ée]tend|rescal|squeez|fit into"),
        {"old": n("trained|pretrained|original|from|entra[îi]n|initial|seen"), "new": n("to\\b|target|extend|new|[ée]tend|nouve|squeeze|stretch|longer")},
        "{old}/{new}", unit="radian", never="factor s\\b|divid",
    ),
    Formula(
        "factor of position interpolation", "transformer/rope.md",
        ("Positions are divided by what to fit a longer text into the trained range?", "Target context over trained context: s?", "Facteur s de l'interpolation de positions ?",
         "By which factor s does position interpolation divide the positions to reach a longer context?",),
        ("position|interpol", "divid|divis|factor s\\b"),
        {"old": n("trained|pretrained|original|from|entra[îi]n|initial|seen"), "new": n("to\\b|target|extend|new|[ée]tend|nouve|reach|longer")}, "{new}/{old}",
    ),
    Formula(
        "angle of a pair of RoPE per token", "transformer/rope.md",
        ("By how many radians does pair i of a rotary embedding turn from one token to the next?", "θ_i = base^(−2i/d) for this pair?", "De combien de radians la paire i tourne-t-elle par jeton ?"),
        (_ROTARY + "|theta|θ", "radians?|angle|theta_|θ_", "pair|paire|i\\b"),
        {"i": n("pairs? (?:number|no\\.?)?|i\\b|i =|paire|number|index"), "base": n("base", "10000", least=100), "d": n("head|t[êe]te|dimension|width|wide|d =", "128")}, "{base}**(-2*{i}/{d})", unit="radian", never="position|interpol|stretch|fastest|slowest|neighbou?rs",
    ),
    Formula(
        "angle of a pair of RoPE at a position", "transformer/rope.md",
        ("By what angle is pair i of a head rotated at this position?", "m·θ_i for position m and pair i?", "De quel angle la paire i est-elle tournée à cette position ?"),
        (_ROTARY, "angle|radians?|turned", "position", "pair|paire"),
        {"m": n("position|at\\b|m ="), "i": n("pairs? (?:number|no\\.?)?|i\\b|i =|paire|number|index"), "base": n("base|theta|θ", "10000", least=100), "d": n("head|t[êe]te|dimension|width|wide|d =", "128")}, "{m}*{base}**(-2*{i}/{d})", unit="radian", never="interpol|stretch",
    ),
    Formula(
        "pairs of RoPE that never turn once in training", "transformer/rope.md",
        ("How many rotary pairs have a wavelength longer than the training context?", "How many of a head's pairs never complete a full circle within the trained length?", "Combien de paires ont une longueur d'onde supérieure au contexte d'entraînement ?"),
        ("pairs?|paires?", "longer than|exceed|never (?:complete|turn|finish|see)|less than (?:a|one) (?:full )?(?:turn|circle)|sup[ée]rieure|wavelength", "train|context|seen|length|tokens|entra[îi]n"),
        {"n": n("train|context|length|tokens?|jetons?|entra[îi]n", least=16), "base": n("base|theta|θ", "10000", least=100), "d": n("head|t[êe]te|dimension|width|wide|d =", "128", below="n"), "_p": n("pairs?|paires?|of the", "64")}, "{d}/2-1-floor({d}/2*log({n}/(2*pi))/log({base}))", unit="pairs", needs="how many|combien|number",
    ),
    Formula(
        "turn of the slowest pair over a context", "transformer/rope.md",
        ("What share of a full turn does the slowest rotary pair make over the training context?", "Quelle part d'un tour la paire la plus lente fait-elle sur ce contexte ?"),
        ("slow|lent|last pair", "turn|circle|tour|rotation", "share|fraction|part|percent|%"),
        {"n": n("context|tokens?|length|train|jetons?"), "base": n("base|theta|θ", "10000", least=100), "d": n("head|t[êe]te|dimension|width|wide|d =", "128", below="n")}, "{n}/(2*pi*{base}**(({d}-2)/{d}))", "share", bounds=(0.0, inf),
    ),
    Formula(
        "share of the cache that alternating local layers keep", "transformer/sliding-window-attention.md",
        ("Every second layer has a window, the others see everything: what share of the full cache is kept?", "Interleaved local and global layers at this context: cache against full attention?", "Une couche sur deux à fenêtre : quelle part du cache complet ?"),
        ("every (?:second|other)|alternat|interleav|half (?:of )?the layers|une couche sur deux", "window|local|fen[êe]tre", "cache"), {"n": n("context|tokens?|long|jetons?|sequence"), "w": n("window|local|fen[êe]tre", below="n")}, "(1+{w}/{n})/2", "share", needs="every (?:second|other)|alternat|interleav|half (?:of )?the layers|une couche sur deux",
    ),
    Formula(
        "cache of a window and its sinks", "transformer/sliding-window-attention.md",
        ("A stream keeps a few sink tokens and a window: how much cache does it hold?", "Window plus attention sinks, bytes per token: memory of an endless chat?"),
        ("sinks?|initial tokens|first tokens", "window|fen[êe]tre", MEMORY), {"s": n("sinks?|initial|first"), "w": n("window|fen[êe]tre|recent|last"), "e": of("bytes", _CACHE_EACH)}, "({s}+{w})*{e}", "bytes", needs="sinks?|initial tokens|first tokens",
    ),
)  # fmt: skip
