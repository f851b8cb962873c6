"""Formulas of the handbook's pages on quantized weights, activations and caches."""

# ruff: noqa: E501 - a table, in which a pattern is one cell
from __future__ import annotations

from rag.llm.formulas.base import Formula, n, of, share

# The sign of a quantity is not read: the lesser bound is taken as negative only where a minus stands.
_MINUS = "-\\d|minus|negative|moins"
_NO_MINUS = f"(?s:^(?!.*(?:{_MINUS})))"

FORMULAS = (
    Formula(
        "step of a symmetric int8 grid", "inference/int8-quantization.md",
        ("What is the step of a symmetric int8 grid, given the largest magnitude?",
         "The largest absolute value is known: how wide is one level of 8-bit quantization?",
         "Scale factor for absmax int8?",
         "absolute maximum over 127?",
         "int8 absmax scale of a row?"),
        ("int8|8-bit|8 bits|absmax|symmetric|sym[ée]tri", "scale|step|grid|[ée]chelle|pas\\b|spacing|granul"),
        {"m": n("absmax|largest|maxim|peak|magnitude|plus grand|max|outlier|reach")}, "{m}/127",
    ),
    Formula(
        "largest rounding error of an int8 grid", "inference/int8-quantization.md",
        ("What is the largest rounding error of an absmax int8 grid?",
         "How far off can a value be after symmetric 8-bit rounding in the worst case?",
         "int8 absmax: by how much can a value be off after rounding?",
         "half a step of an 8-bit grid?"),
        ("int8|8-bit|8 bits|absmax", "error|erreur|off by|worst|au pire"),
        {"m": n("absmax|largest|maxim|peak|magnitude|plus grand|max|outlier|reach")}, "{m}/127/2",
    ),
    Formula(
        "step of an asymmetric 4-bit grid", "inference/int4-quantization.md",
        ("What is the spacing of an asymmetric 4-bit grid from the smallest to the largest value?",
         "A group of weights runs from a minimum to a maximum, with sixteen levels: how far apart are the levels?",
         "Width of a level when weights between two bounds are stored in 4 bits?",
         "min and max of a group of weights: quantisation step?",
         "range over fifteen: int4 step?"),
        ("4-bit|4 bits|int4|levels?|niveaux|sixteen|asymmetric|asym[ée]tri", "scale|step|grid|wide|apart|[ée]chelle|pas\\b|spacing"),
        {"lo": n("from|min|between|lowest|de\\b|entre|smallest|-"), "hi": n("to\\b|max|and|highest|à|et\\b|largest"), "n": n("levels?|niveaux|values?", "16")}, "({hi}+{lo})/({n}-1)", never=_NO_MINUS,
    ),
    Formula(
        "step of an asymmetric 4-bit grid between two positive values", "inference/int4-quantization.md",
        ("What is the spacing of a 4-bit grid between two positive bounds?",),
        ("4-bit|4 bits|int4|levels?|niveaux|asymmetric|asym[ée]tri", "scale|step|grid|[ée]chelle|pas\\b|spacing|wide|apart"),
        {"lo": n("from|min|between|lowest|de\\b|entre|smallest", below="hi"), "hi": n("to\\b|max|and|highest|à|et\\b|largest"), "n": n("levels?|niveaux|values?", "16")},
        "({hi}-{lo})/({n}-1)", never=_MINUS,
    ),
    Formula(
        "SmoothQuant's factor", "inference/int8-quantization.md",
        ("By which factor does SmoothQuant divide activations, given their maximum and that of the weights?",
         "Smoothing moves the difficulty from activations to weights: by what number is a channel divided?",
         "Channel where activations peak high and weights are small: smoothing scale s?",
         "X peaks at one value, W at another, migration strength alpha: smoothing factor?"),
        ("smoothquant|smooth", "factor|facteur|divi|scale"),
        {"a": share("α|alpha|strength|migration|exponent", "0.5"), "x": n("activations?"), "w": n("weights?|poids")}, "{x}**{a}/{w}**(1-{a})",
    ),
    Formula(
        "bits per weight of a grouped format", "inference/int4-quantization.md",
        ("How many bits does each weight really take when quantized in groups with a scale and a zero point?",
         "What does a 4-bit weight really cost in bits once the scale that a group shares is counted?",
         "Effective bits of a value when every few of them share a 16-bit scale and a zero point?",
         "Storage per cached value with a scale and a zero point for each group?",
         "bits per value for groups with a 16-bit scale and zero point?",
         "4 bits plus the scale spread over the group: how many bits per weight?"),
        ("groups?|groupes?|blocks? of|blocs? de|scale|share|[ée]chelle", "bits? (?:per|a) weight|bits? par poids|effective|bits"),
        {"b": of("dtype", "weights?|poids|codes?|values?|int|cache|gptq|awq", "0.5"), "s": of("dtype", "scale|[ée]chelle", "2"), "z": of("dtype", "zero|z[ée]ro|offset|minim", "0"),
         "g": n("groups?|groupes?|weights?|blocks?|values?|each|every|share")},
        "8*{b}+8*({s}+{z})/{g}", unit="bits",
    ),
    Formula(
        "size of quantized weights", "inference/int4-quantization.md",
        ("How many gigabytes do the weights of a model take at this precision or number of bits?",
         "How heavy is the file of a model with so many billion parameters if each weight costs some bits?",
         "Weights on disk: parameters times bits?",
         "Combien pèsent les poids d'un modèle à ce nombre de bits ?",
         "billions of parameters at so many bits a weight: GB on disk?",
         "A 70B model in 4 bits: gigabytes?"),
        ("bits?|fp16|bf16|fp32|int8|int4|fp8", "memory|bytes|gb|gib|go\\b|m[ée]moire|octets|size|weigh|taille|big|gigabytes|p[èe]se|occup|vram",
         "weights?|parameters?|model|param[èe]tres?|poids|mod[èe]le|billion|milliard"),
        {"p": n("parameters?|weights?|model|param[èe]tres?|poids|mod[èe]le", least=1e5), "b": of("dtype", "bits?|in\\b|en\\b|at\\b|à\\b")},
        "{p}*{b}", "bytes",
    ),
    Formula(
        "largest rounding error of an asymmetric 4-bit grid", "inference/int4-quantization.md",
        ("What is the largest rounding error of a 4-bit group from its smallest to its largest weight?",
         "Worst error when weights between two bounds are rounded to sixteen levels?"),
        ("4-bit|4 bits|int4|levels?|niveaux|sixteen|asymmetric|asym[ée]tri", "error|erreur|off by|worst|au pire"),
        {"lo": n("from|min|between|lowest|de\\b|entre|smallest|-"), "hi": n("to\\b|max|and|highest|à|et\\b|largest"), "n": n("levels?|niveaux|values?", "16")},
        "({hi}+{lo})/({n}-1)/2", never=_NO_MINUS,
    ),
    Formula(
        "bits per weight of a block format", "inference/int4-quantization.md",
        ("How many bits per weight is a block of so many weights stored in so many bytes?",
         "A GGUF block packs weights into some bytes: bits for each weight?"),
        ("bits?", "block|pack|format|gguf|bloc", "weights?|poids|values?"),
        {"w": n("weights?|poids|values?"), "b": of("bytes", "block|bytes|octets")},
        "{b}*8/{w}", unit="bits",
    ),
    Formula(
        "size of a model with two precisions", "inference/int8-quantization.md",
        ("How much does a model weigh whose layers are stored in few bits and whose embeddings and output head stay in 16 bits?",
         "Layers on one precision, embeddings and head on another: size of the file in GB?",
         "9 billion weights in the layers go to int8 and half a billion in the table and the head stay in fp16: total weight?",
         "Les couches passent en int8 et la table avec la tête de sortie reste en 16 bits : poids total en Go ?",
         "Milliards de paramètres dans les couches en 8 bits, le reste en 16 bits : combien de Go en tout ?"),
        ("layers?|couches?", "embedding|head|table|rest|vocab|t[êe]te", "gb\\b|gib|go\\b|weigh|size|memory|big|heavy|p[èe]se"),
        {"p": n("layers?|couches?|matri", least=1e5), "q": n("embedding|head|table|rest|t[êe]te", least=1e5, below="p"), "b": of("dtype", "layers?|couches?"), "c": of("dtype", "rest|embedding|head|table|left|reste", "2")},
        "{p}*{b}+{q}*{c}", "bytes",
    ),
    Formula(
        "value after absmax int8 and back", "inference/int8-quantization.md",
        ("What does a value come back as after absmax int8 quantization?",
         "The largest entry of a vector is known: what becomes of a small entry after 8-bit rounding and back?"),
        ("int8|8-bit|8 bits|absmax", "come back|comes back|become|back|dequanti|after|stored|revien|devien"),
        {"x": n("value|entry|number|of\\b|small|valeur", below="m"), "m": n("absmax|largest|maxim|peak|biggest|outlier|reach|max|plus grand")},
        "round({x}/({m}/127))*{m}/127",
    ),
    Formula(
        "cached bytes per token at a number of bits", "inference/quantization-and-kv-cache.md",
        "How many bytes per token does a cache take whose values cost so many bits?",
        ("cache|kv", "bytes|octets|kib", "bits?"),
        {"l": n("layers?|couches?"), "h": n("kv heads?|heads?|t[êe]tes?"), "d": n("dimension|size|width|of\\b|head dim|each"), "b": of("bits", "bits?|value")},
        "2*{l}*{h}*{d}*{b}/8", "bytes",
    ),
)  # fmt: skip
