"""Formulas of the handbook's pages on a decoder's layers: parameters, arithmetic, experts, norms, residuals."""

# ruff: noqa: E501 - a table, in which a pattern is one cell
from __future__ import annotations

from rag.llm.formulas.base import Formula, n, of
from rag.llm.formulas.words import DTYPE, HIDDEN, LAYERS, MEMORY, PARAMETERS, WEIGHTS, WIDTH

_GATED = "(?s:^(?!.*(?:two matri|deux matri|classic|old-style|relu|gelu|ungated|without (?:a )?gate)))"
_FFN, _FLOP = (
    "swiglu|gate\\b|gated|feed-forward|ffn|glu\\b|mlp",
    "flop|operations|op[ée]rations|compute|arithmetic",
)
_KV = "kv heads?|key-value|kv|cl[ée]-valeur"

FORMULAS = (
    Formula(
        "parameters of a whole decoder", "transformer/compter-les-parametres.md",
        ("Config of a Llama-like net, separate vocabulary tables: total size?", "How big is this model, all matrices counted, from its dimensions?", "Layers, d_model, heads, KV heads, d_ff, vocab: parameter total?",
         "How many parameters does a whole decoder have, given layers, width, heads, hidden size and vocabulary?",
         "Total parameter count of a Llama-style or Mistral-style model from its configuration, with separate input and output tables?",
         "Combien de paramètres en tout pour ce décodeur, vocabulaire compris ?"),
        (WEIGHTS, "vocabular|vocabulaire", LAYERS),
        {"l": n(LAYERS), "d": n("d\\b|d_?model|model width|width|largeur", least=64), "q": n("query heads?|heads?|t[êe]tes?"), "kv": n(_KV), "h": n("head dimension|of width|of dimension|dimension|wide|each of"),
         "f": n(HIDDEN, least=64), "v": n("vocabular|vocabulaire|entries|entr[ée]es", least=256)},
        "{l}*(2*{d}*{q}*{h}+2*{d}*{kv}*{h}+3*{d}*{f}+2*{d})+{d}+2*{v}*{d}", unit="parameters",
    ),
    Formula(
        "parameters by the rule 12·L·d²", "transformer/compter-les-parametres.md",
        ("12·L·d² for this depth and width?", "Ordre de grandeur d'un modèle d'après sa profondeur et sa largeur ?", "GPT-like stack, so many blocks of this width: ballpark of its weights without the vocabulary?",
         "How many parameters does a transformer have by the rule of thumb 12 times layers times width squared?",
         "Rough non-embedding size of a model from its depth and width alone?",
         "Combien de poids hors vocabulaire à la louche, avec la règle rapide, pour tant de couches de cette largeur ?", "Estimate a GPT's size from its number of layers and its width?", "Quick estimate: how big is a transformer with this depth and width?", "Sur un décodeur de tant de couches et de telle largeur, quelle taille annonce la règle rapide, sans le vocabulaire ?", "Back-of-the-envelope parameter count from depth and width?"),
        (WEIGHTS + "|size|taille|big|large", "ballpark|back-of|thumb|old-school|rough|rule|estimate|approxim|roughly|12|r[èe]gle|estim|louche|rapide|thumb"), {"_r": n("12|r[èe]gle|rule", "12"), "l": n(LAYERS), "d": n(WIDTH, least=64)}, "12*{l}*{d}**2", unit="parameters", never="swiglu|mlp\\b|ffn|feed-forward|vocabular\\w* (?:of|size|with)|\\d[\\d, ]* (?:entries|entr[ée]es)|heads?\\b|t[êe]tes|one layer|a layer\\b|bias|gpt-2",
    ),
    Formula(
        "weights of one vocabulary table", "transformer/compter-les-parametres.md",
        ("V·d for one matrix?", "Sharing the input and output embeddings: weights that go away?", "How large is the embedding matrix of this vocabulary and width?",
         "How many parameters does one embedding table of the vocabulary have, shared between input and output?",
         "How many weights does tying the output matrix to the input embedding save?",
         "Combien de poids économise-t-on en liant la matrice de sortie à la matrice d'entrée ?", "Si je lie les deux matrices de vocabulaire, combien de paramètres disparaissent ?"),
        ("tied|tying|tie\\b|shared?|single|one table|embedding table|embedding matrix|only the (?:input|embedding)|lie\\b|li[ée]es?|lier|liant|partag|r[ée]utilis|reus", WEIGHTS, "vocabular|vocabulaire|entries|entr[ée]es|tokens"),
        {"v": n("vocabular|vocabulaire|entries|entr[ée]es|tokens?", least=256), "d": n(WIDTH, least=64)}, "{v}*{d}", unit="parameters", never="untied|not tied|separate|s[ée]par[ée]es?",
    ),
    Formula(
        "size of weights at so many bits", "transformer/compter-les-parametres.md",
        ("A checkpoint of so many billion weights at this many bits apiece: file size?", "Taille sur disque de tant de milliards de poids quantifiés à tant de bits ?", "parameters × bits / 8: gigabytes?",
         "How many gigabytes do the weights of a model take at this many bits per weight?",
         "Disk size of a quantised checkpoint with scales counted in its bits per weight?",
         "Combien de Go pèse un modèle de tant de milliards de poids à tant de bits chacun ?", "Storage of a checkpoint when each weight takes so many bits?", "Combien pèsent tant de milliards de paramètres en 16 bits ?"),
        (WEIGHTS + "|model", "bits?", MEMORY + "|disk|disque"), {"p": n(PARAMETERS + "|billion|milliards?", least=1e5), "b": of("bits", "bits?|at\\b|each|chacun")}, "{p}*{b}/8", "bytes", never="adam|optimi[sz]er|moments?|gradients?|train|entra[îi]n|lora|adapter|nf4",
    ),
    Formula(
        "weights of a SwiGLU network", "transformer/ffn-swiglu.md",
        ("3·d·d_ff for this layer?", "Gated feed-forward, d_model and d_ff given: how many parameters in all layers?",
         "How many parameters do the three matrices of a gated SwiGLU feed-forward network have?",
         "Weights in the gate, up and down projections of a layer?",
         "Combien de poids dans le réseau feed-forward SwiGLU d'une couche ?", "Gated MLP of this model width and inner width: parameter count of one layer?", "How many weights sit in an FFN with three matrices?", "Trois matrices par réseau feed-forward : combien de paramètres ?", "How many weights do gate, up and down hold together?"),
        (_GATED, _FFN, WEIGHTS),
        {"d": n(WIDTH, least=8), "h": n(HIDDEN, least=8), "l": n("layers|couches", "1")}, "3*{d}*{h}*{l}", unit="parameters", never="flop|operations|experts?",
    ),
    Formula(
        "weights of a classic feed-forward network", "transformer/ffn-swiglu.md",
        ("Plain MLP: up matrix and down matrix, how many weights?", "2·d·d_ff?",
         "How many parameters does a classic feed-forward network with two matrices have?",
         "Weights of an ungated ReLU or GELU feed-forward layer?",
         "Combien de poids dans un réseau feed-forward classique à deux matrices ?"),
        ("relu|gelu|classic|old-style|two-matri|two matri|deux matrices|ungated|without (?:a )?gate|sans porte", WEIGHTS),
        {"d": n(WIDTH, least=8), "h": n(HIDDEN, least=8)}, "2*{d}*{h}", unit="parameters", never="vocabul",
    ),
    Formula(
        "hidden width of equal cost", "transformer/ffn-swiglu.md",
        ("8/3 of the model width?", "What d_ff gives a SwiGLU the budget of a 4x MLP?", "Quel d_ff pour SwiGLU à budget égal ?",
         "Which hidden size makes a gated feed-forward network cost as much as a classic one four times as wide as the model?",
         "What hidden width keeps the weight count when a plain FFN becomes a SwiGLU?",
         "Quelle largeur cachée donne à SwiGLU autant de poids qu'un réseau classique ?", "If we swap GELU for SwiGLU and refuse to grow, how wide may the inner layer be?", "Same budget, three matrices instead of two: inner width?"),
        ("swiglu|gated|glu\\b", "hidden|cach[ée]e|inner|d_?ff|width|largeur", "refuse|without grow|same|equal|match|[ée]gal|m[êe]me|budget|keep|parity|as many|as much|autant"),
        {"d": n(WIDTH, least=8)}, "8/3*{d}",
    ),
    Formula(
        "FLOPs of a SwiGLU network per token", "transformer/ffn-swiglu.md",
        ("Two operations for each weight of gate, up and down: FLOPs per token?", "Feed-forward arithmetic for one token in one block?",
         "How many FLOPs per token does the SwiGLU feed-forward network of one layer cost?",
         "How much arithmetic does one gated block spend on each token?",
         "Combien d'opérations par jeton pour le feed-forward d'une couche ?"),
        (_FFN, _FLOP), {"d": n(WIDTH, least=8), "h": n(HIDDEN, least=8), "l": n("layers|couches", "1")}, "6*{d}*{h}*{l}", unit="FLOP",
    ),
    Formula(
        "columns of the fused gate and up projection", "transformer/ffn-swiglu.md",
        ("W_gate and W_up merged into one matmul: output width?",
         "How many columns does the fused gate and up projection have?",
         "Gate and up are computed in a single multiplication: how wide is it?"),
        ("gate", "up\\b", "fus|single|one|together|merg|columns?|wide"), {"h": n(HIDDEN + "|width", least=8)}, "2*{h}", unit="columns", never="parameters?|weights?",
    ),
    Formula(
        "SiLU of a number", "transformer/ffn-swiglu.md",
        ("z · sigmoid(z) at this z?", "Swish activation of this value?",
         "What is SiLU or swish of this number?", "What does the SiLU activation return for this input?", "Que vaut SiLU de ce nombre ?"),
        ("silu|swish",), {"z": n("silu|swish|\\(|of\\b|at\\b|de\\b|for|input")}, "{z}/(1+exp(-{z}))", never="-\\d|minus|moins",
    ),
    Formula(
        "SiLU of a negative number", "transformer/ffn-swiglu.md",
        ("z · sigmoid(z) at this negative z?",
         "What is SiLU or swish of this negative number?", "What does the SiLU activation return for minus this?"),
        ("silu|swish", "-\\d|minus|moins|negative"), {"z": n("silu|swish|\\(|of\\b|at\\b|de\\b|for|input|-|minus|moins")}, "-{z}/(1+exp({z}))",
    ),
    Formula(
        "parameters of a layer", "transformer/compter-les-parametres.md",
        ("How many parameters does one decoder layer have, with its attention, gated feed-forward network and two norms?", "Width, heads, KV heads, head width and hidden size: weights of a block?", "Combien de paramètres dans une couche, normes comprises ?", "Parameters of all the layers without the vocabulary?"),
        (WEIGHTS, "layer|couche|block|bloc"),
        {"l": n("layers|couches|blocks|blocs", "1", least=2), "d": n("d\\b|d_?model|model width|width|largeur", least=64), "q": n("query heads?|heads?|t[êe]tes?"), "kv": n(_KV), "h": n("head dimension|of width|of dimension|wide|each of|larges? de|dimension"), "f": n(HIDDEN, least=64)},
        "{l}*(2*{d}*{q}*{h}+2*{d}*{kv}*{h}+3*{d}*{f}+2*{d})", unit="parameters", never="vocabular|vocabulaire|entries",
    ),
    Formula(
        "parameters of a decoder with tied tables", "transformer/compter-les-parametres.md",
        ("How many parameters does a whole decoder have whose output matrix is tied to the embedding?", "Combien de paramètres en tout si les matrices de vocabulaire sont liées ?"),
        (WEIGHTS, "vocabular|vocabulaire", "(?<!un)tied|tying|share|li[ée]es|partag"),
        {"l": n(LAYERS), "d": n("d\\b|d_?model|model width|width|largeur", least=64), "q": n("query heads?|heads?|t[êe]tes?"), "kv": n(_KV), "h": n("head dimension|of width|of dimension|dimension|wide|each of"),
         "f": n(HIDDEN, least=64), "v": n("vocabular|vocabulaire|entries|entr[ée]es", least=256)},
        "{l}*(2*{d}*{q}*{h}+2*{d}*{kv}*{h}+3*{d}*{f}+2*{d})+{d}+{v}*{d}", unit="parameters", needs="(?<!un)(?<!not )tied|tying|li[ée]es|partag",
    ),
    Formula(
        "share of a model in one vocabulary table", "transformer/compter-les-parametres.md",
        ("What share of a model's parameters is its tied vocabulary matrix?", "Embedding table over total parameters, in percent?", "Quelle part des paramètres représente la matrice de vocabulaire ?"),
        ("vocabular|vocabulaire|embedding", "share|part\\b|percent|%|fraction|pour cent"),
        {"v": n("vocabular|vocabulaire|entries|entr[ée]es", least=256), "d": n(WIDTH, least=64), "p": n(PARAMETERS + "|total", least=1e6)}, "{v}*{d}/{p}", "share", never="two|both|deux|separate|untied|s[ée]par",
    ),
    Formula(
        "share of a model in both vocabulary tables", "transformer/compter-les-parametres.md",
        ("What share of a model's parameters sits in its two separate vocabulary matrices?", "Untied input and output tables over the total, in percent?", "Quelle part des paramètres dans les deux matrices de vocabulaire ?"),
        ("vocabular|vocabulaire|embedding", "share|part\\b|percent|%|fraction|pour cent"),
        {"v": n("vocabular|vocabulaire|entries|entr[ée]es", least=256), "d": n(WIDTH, least=64), "p": n(PARAMETERS + "|total", least=1e6), "_k": n("tables|matri", "2")}, "2*{v}*{d}/{p}", "share", needs="two|both|deux|separate|untied|s[ée]par",
    ),
    Formula(
        "size of weights with a scale per group", "transformer/compter-les-parametres.md",
        ("How large is a model whose weights take so many bits, with one scale of some bits for each group of them?", "4-bit weights plus a 16-bit scale shared by every group: file size in GB?", "Poids sur tant de bits et une échelle pour chaque groupe : combien de Go ?", "Quantized checkpoint, scales included: gigabytes?"),
        (WEIGHTS, "scales?|[ée]chelles?", "bits?|fp16|fp32", MEMORY),
        {"p": n(PARAMETERS + "|billion|milliards?", least=1e5), "b": of("bits", "bits?|weights?|int4|4-bit|8-bit|poids|each"), "s": of("bits", "scales?|[ée]chelles?|fp16|fp32|16-bit|32-bit"), "g": n("groups?|every|shared by|blocks?|for each|groupes?|per|par\\b|pour|them|weights?", least=4)},
        "{p}*({b}+{s}/{g})/8", "bytes", needs="scales?|[ée]chelles?", never="double",
    ),
    Formula(
        "bits per weight with a scale per group", "transformer/compter-les-parametres.md",
        ("How many bits does a weight really take, with one scale for each group of weights?", "Effective bits per weight when a 16-bit scale is shared by a group?", "Combien de bits par poids en comptant l'échelle du groupe ?"),
        ("bits? (?:per|a|each)|bits? par|effective|real", "scales?|[ée]chelles?", WEIGHTS),
        {"b": of("bits", "weights?|int4|4-bit|8-bit|poids|each"), "s": of("bits", "scales?|[ée]chelles?|fp16|fp32|16-bit|32-bit"), "g": n("groups?|every|shared by|blocks?|for each|groupes?|per|par\\b|pour|them|weights?", least=4)},
        "{b}+{s}/{g}", unit="bits", needs="scales?|[ée]chelles?", never="overhead|extra|add\\b|cost|double|constant for (?:every|each)|themselves|gb\\b|go\\b|memory|size",
    ),
    Formula(
        "vocabulary padded to a multiple", "transformer/compter-les-parametres.md",
        ("To how many entries is a vocabulary padded at the next multiple of a number?", "Rows of the embedding table once rounded up to a multiple of 64 or 128?", "Vocabulaire complété au multiple suivant : combien d'entrées ?"),
        ("vocabular|vocabulaire", "pad|round|multiple|compl[ée]t|arrond"), {"v": n("vocabular|vocabulaire|entries|entr[ée]es", least=256), "m": n("multiple (?:of|de)|multiple", below="v")}, "ceil({v}/{m})*{m}", unit="entries", needs="multiple", never="d_?ff|hidden|swiglu|weights?|parameters?",
    ),
    Formula(
        "hidden width of equal cost, rounded up", "transformer/ffn-swiglu.md",
        ("Which hidden size does a gated network get at equal cost, rounded up to a multiple of a number?", "LLaMA's way: 8/3 of the width, then the next multiple of 256: d_ff?", "Quelle largeur cachée à budget égal, arrondie au multiple supérieur ?", "Swap a 4x MLP for a gated one without growing, hidden size a multiple of something: what goes in the config?"),
        ("swiglu|gated|glu\\b|llama|gate\\b", "hidden|cach[ée]e|inner|d_?ff|width|largeur", "multiple|round|arrond"),
        {"_x": n("plain|mlp|times", "4"), "d": n("width|d_?model|dimension|wide|d =|d=|d\\b|largeur", least=64), "m": n("multiple (?:of|de)|multiple", least=2, below="d")}, "ceil(8*{d}/(3*{m}))*{m}", needs="multiple", never="vocabul",
    ),
    Formula(
        "weights of a SwiGLU network told by its ratio", "transformer/ffn-swiglu.md",
        ("How many weights has a gated network whose hidden width is so many times the model's?", "Hidden size a multiple of the width, three matrices: parameters per layer?"),
        (_FFN, WEIGHTS, "times|fois|x the"), {"d": n(WIDTH, least=64), "k": n("times|fois|x\\b|ratio"), "l": n("layers|couches", "1", least=2)}, "3*{k}*{d}**2*{l}", unit="parameters", needs="times (?:the|as|that|d\\b|wider|its)|fois (?:la|plus)|x the|× ?d", never="experts?|same|equal|budget",
    ),
    Formula(
        "bytes of feed-forward weights read per token", "transformer/ffn-swiglu.md",
        ("How many gigabytes of feed-forward weights are read to decode one token?", "Bandwidth bill of the gated layers: bytes read per generated token?", "Combien d'octets de poids feed-forward lus par jeton généré ?"),
        (_FFN, "read|lus?\\b|traffic|bandwidth|bytes|gb\\b|go\\b"), {"d": n(WIDTH, least=64), "h": n(HIDDEN, least=64), "l": n(LAYERS, "1"), "b": of("dtype", DTYPE, "2")}, "3*{d}*{h}*{l}*{b}", "bytes", never="all-?reduce|kv\\b|cache",
    ),
    Formula(
        "parameters of a GPT-2 layer", "transformer/compter-les-parametres.md",
        ("How many parameters does a GPT-2 layer of this width have, biases and two LayerNorms included?", "12·d² + 13·d?", "Combien de paramètres dans une couche de GPT-2, biais compris ?"),
        ("gpt-?2|bias|biais", "layer|couche|block|bloc", WEIGHTS), {"d": n(WIDTH, least=64)}, "12*{d}**2+13*{d}", unit="parameters", needs="gpt-?2|bias|biais", never="vocabular|vocabulaire|without bias|sans biais|layers\\b|couches",
    ),
    Formula(
        "parameters of a whole GPT-2", "transformer/compter-les-parametres.md",
        ("How many parameters does a GPT-2-style model have, with biases, learned positions and tied vocabulary?", "Layers, width, vocabulary and positions of a GPT-2: total?", "Combien de paramètres pour un modèle à la GPT-2, positions apprises et matrices liées ?"),
        ("gpt-?2|learned positions|positions apprises", WEIGHTS, "vocabular|vocabulaire"), {"l": n(LAYERS), "d": n(WIDTH, least=64), "v": n("vocabular|vocabulaire|entries|entr[ée]es", least=256), "s": n("positions?", "1024", least=64)}, "{l}*(12*{d}**2+13*{d})+{v}*{d}+{s}*{d}+2*{d}", unit="parameters", needs="gpt-?2|learned positions|positions apprises",
    ),
    Formula(
        "weights missed by counting two matrices", "transformer/compter-les-parametres.md",
        ("How many weights does one miss by counting two matrices instead of three in a SwiGLU network?", "Forgetting the gate matrix: error in parameters over all layers?", "Combien de poids oublie-t-on en comptant deux matrices pour SwiGLU ?"),
        ("miss|forget|forgot|short|error|oubli", "matri|gate", WEIGHTS), {"_a": n("two|instead|deux", "2"), "_b": n("three|trois", "3"), "d": n(WIDTH, least=64), "h": n(HIDDEN, least=64), "l": n(LAYERS, "1")}, "{d}*{h}*{l}", unit="parameters", needs="miss|forget|forgot|short|error|oubli",
    ),
    Formula(
        "share of a layer's weights in its attention", "transformer/compter-les-parametres.md",
        ("What share of a layer's weights does attention hold, given heads, KV heads and hidden width?", "Attention over attention plus gated feed-forward, in percent?", "Quelle part des poids d'une couche revient à l'attention ?"),
        ("attention", "share|percent|%|part\\b|fraction", "feed-forward|ffn|layer|couche|hidden"), {"d": n("d\\b|d_?model|model width|width|largeur", least=64), "q": n("query heads?|heads?|t[êe]tes?"), "kv": n(_KV), "h": n("head dimension|of width|of dimension|wide|each of|larges? de"), "f": n(HIDDEN, least=64)}, "(2*{d}*{q}*{h}+2*{d}*{kv}*{h})/(2*{d}*{q}*{h}+2*{d}*{kv}*{h}+3*{d}*{f})", "share", never="flop|tokens?|context|visible",
    ),
    Formula(
        "output of a SwiGLU unit", "transformer/ffn-swiglu.md",
        ("What does a SwiGLU hidden unit give when its gate reads one number and its up projection another?", "SiLU(gate) times up for these two values?", "Valeur d'une unité SwiGLU : porte et projection montante données ?"),
        ("gate|porte|swiglu", "up\\b|value|other|montante", "unit|give|output|contribut|hidden|product|unit[ée]"), {"g": n("gate|gating|porte|silu"), "u": n("up\\b|value|other|montante|linear")}, "{g}/(1+exp(-{g}))*{u}", needs="gate|porte|swiglu", never="-\\d|minus|moins|width|d_|wide|weights?|parameters?|columns?",
    ),
    Formula(
        "output of a SwiGLU unit with a negative gate", "transformer/ffn-swiglu.md",
        ("What does a SwiGLU hidden unit give when its gate reads a negative number?",),
        ("gate|porte|swiglu", "up\\b|value|other|montante", "-\\d|minus|moins|negative"), {"g": n("gate|gating|porte|silu|minus|-"), "u": n("up\\b|value|other|montante|linear")}, "-{g}/(1+exp({g}))*{u}", needs="(?:gate|porte|silu)\\D{0,30}(?:-\\d|minus|moins)", never="width|d_|wide|weights?|parameters?|up\\D{0,12}(?:-\\d|minus|moins)",
    ),
)  # fmt: skip
