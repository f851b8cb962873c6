"""Formulas of the handbook's pages on a decoder's layers: parameters, arithmetic, experts, norms, residuals."""

# ruff: noqa: E501 - a table, in which a pattern is one cell
from __future__ import annotations

from rag.llm.formulas.base import Formula, n, of, share
from rag.llm.formulas.words import CARDS, HIDDEN, LAYERS, MEMORY, PARAMETERS, WEIGHTS, WIDTH

_GATED = "(?s:^(?!.*(?:two matri|deux matri|classic|old-style|relu|gelu|ungated|without (?:a )?gate)))"
_FFN, _FLOP = (
    "swiglu|gate\\b|gated|feed-forward|ffn|glu\\b|mlp",
    "flop|operations|op[ée]rations|compute|arithmetic",
)
_KV = "kv heads?|key-value|kv|cl[ée]-valeur"
_RESIDUAL = "residual|r[ée]siduel|stream|skip connection|\\bblocks?\\b|blocs?"
_ADAPTERS = "lora|adapter|adaptateur|frozen|gel[ée]|fig[ée]"
_GPU_TIME = "gpu[- ]?(?:hours?|days?)|(?:heures?|jours?)[- ]gpu|card-hours"
_UTILISED = "utili[sz]ation|mfu|of (?:its |the |their )?peak|peak|cr[êe]te|efficien|busy|sustain|occup"

FORMULAS = (
    Formula(
        "parameters of a whole decoder", "transformer/compter-les-parametres.md",
        ("How many parameters does a whole decoder have, given layers, width, heads, hidden size and vocabulary?",
         "Total parameter count of a Llama-style or Mistral-style model from its configuration, with separate input and output tables?",
         "Combien de paramètres en tout pour ce décodeur, vocabulaire compris ?"),
        (WEIGHTS, "vocabular|vocabulaire", LAYERS),
        {"l": n(LAYERS), "d": n("d\\b|d_?model|model width|width|largeur", least=64), "q": n("query heads?|heads?|t[êe]tes?"), "kv": n(_KV), "h": n("head dimension|of width|of dimension|dimension|wide|each of"),
         "f": n(HIDDEN, least=64), "v": n("vocabular|vocabulaire|entries|entr[ée]es", least=256)},
        "{l}*(2*{d}*{q}*{h}+2*{d}*{kv}*{h}+3*{d}*{f}+2*{d})+{d}+2*{v}*{d}", unit="parameters",
    ),
    Formula(
        "parameters by the rule 12·L·d²", "transformer/compter-les-parametres.md",
        ("How many parameters does a transformer have by the rule of thumb 12 times layers times width squared?",
         "Rough non-embedding size of a model from its depth and width alone?",
         "Combien de poids hors vocabulaire à la louche, avec la règle rapide, pour tant de couches de cette largeur ?", "Estimate a GPT's size from its number of layers and its width?", "Quick estimate: how big is a transformer with this depth and width?", "Sur un décodeur de tant de couches et de telle largeur, quelle taille annonce la règle rapide, sans le vocabulaire ?", "Back-of-the-envelope parameter count from depth and width?"),
        (WEIGHTS + "|size|taille|big|large", "rule|estimate|approxim|roughly|12|r[èe]gle|estim|louche|rapide|thumb"), {"_r": n("12|r[èe]gle|rule", "12"), "l": n(LAYERS), "d": n(WIDTH, least=64)}, "12*{l}*{d}**2", unit="parameters", never="swiglu|mlp\\b|ffn|feed-forward|vocabulary|heads?\\b|t[êe]tes",
    ),
    Formula(
        "weights of one vocabulary table", "transformer/compter-les-parametres.md",
        ("How many parameters does one embedding table of the vocabulary have, shared between input and output?",
         "How many weights does tying the output matrix to the input embedding save?",
         "Combien de poids économise-t-on en liant la matrice de sortie à la matrice d'entrée ?", "Si je lie les deux matrices de vocabulaire, combien de paramètres disparaissent ?"),
        ("tied|tying|tie\\b|shared?|single|one table|embedding table|embedding matrix|only the (?:input|embedding)|lie\\b|li[ée]es?|lier|liant|partag|r[ée]utilis|reus", WEIGHTS, "vocabular|vocabulaire|entries|entr[ée]es|tokens"),
        {"v": n("vocabular|vocabulaire|entries|entr[ée]es|tokens?", least=256), "d": n(WIDTH, least=64)}, "{v}*{d}", unit="parameters", never="untied|not tied|separate|s[ée]par[ée]es?",
    ),
    Formula(
        "size of weights at so many bits", "transformer/compter-les-parametres.md",
        ("How many gigabytes do the weights of a model take at this many bits per weight?",
         "Disk size of a quantised checkpoint with scales counted in its bits per weight?",
         "Combien de Go pèse un modèle de tant de milliards de poids à tant de bits chacun ?", "Storage of a checkpoint when each weight takes so many bits?", "Combien pèsent tant de milliards de paramètres en 16 bits ?"),
        (WEIGHTS + "|model", "bits?", MEMORY + "|disk|disque"), {"p": n(PARAMETERS + "|billion|milliards?", least=1e5), "b": of("bits", "bits?|at\\b|each|chacun")}, "{p}*{b}/8", "bytes", never="adam|optimi[sz]er|moments?|gradients?|train|entra[îi]n|lora|adapter|nf4",
    ),
    Formula(
        "weights of a SwiGLU network", "transformer/ffn-swiglu.md",
        ("How many parameters do the three matrices of a gated SwiGLU feed-forward network have?",
         "Weights in the gate, up and down projections of a layer?",
         "Combien de poids dans le réseau feed-forward SwiGLU d'une couche ?", "Gated MLP of this model width and inner width: parameter count of one layer?", "How many weights sit in an FFN with three matrices?", "Trois matrices par réseau feed-forward : combien de paramètres ?", "How many weights do gate, up and down hold together?"),
        (_GATED, _FFN, WEIGHTS),
        {"d": n(WIDTH, least=8), "h": n(HIDDEN, least=8), "l": n("layers|couches", "1")}, "3*{d}*{h}*{l}", unit="parameters", never="flop|operations|experts?",
    ),
    Formula(
        "weights of a classic feed-forward network", "transformer/ffn-swiglu.md",
        ("How many parameters does a classic feed-forward network with two matrices have?",
         "Weights of an ungated ReLU or GELU feed-forward layer?",
         "Combien de poids dans un réseau feed-forward classique à deux matrices ?"),
        ("relu|gelu|classic|old-style|two-matri|two matri|deux matrices|ungated|without (?:a )?gate|sans porte", WEIGHTS),
        {"d": n(WIDTH, least=8), "h": n(HIDDEN, least=8)}, "2*{d}*{h}", unit="parameters", never="vocabul",
    ),
    Formula(
        "hidden width of equal cost", "transformer/ffn-swiglu.md",
        ("Which hidden size makes a gated feed-forward network cost as much as a classic one four times as wide as the model?",
         "What hidden width keeps the weight count when a plain FFN becomes a SwiGLU?",
         "Quelle largeur cachée donne à SwiGLU autant de poids qu'un réseau classique ?", "If we swap GELU for SwiGLU and refuse to grow, how wide may the inner layer be?", "Same budget, three matrices instead of two: inner width?"),
        ("swiglu|gated|glu\\b", "hidden|cach[ée]e|inner|d_?ff|width|largeur", "refuse|without grow|same|equal|match|[ée]gal|m[êe]me|budget|keep|parity|as many|as much|autant"),
        {"d": n(WIDTH, least=8)}, "8/3*{d}",
    ),
    Formula(
        "FLOPs of a SwiGLU network per token", "transformer/ffn-swiglu.md",
        ("How many FLOPs per token does the SwiGLU feed-forward network of one layer cost?",
         "How much arithmetic does one gated block spend on each token?",
         "Combien d'opérations par jeton pour le feed-forward d'une couche ?"),
        (_FFN, _FLOP), {"d": n(WIDTH, least=8), "h": n(HIDDEN, least=8), "l": n("layers|couches", "1")}, "6*{d}*{h}*{l}", unit="FLOP",
    ),
    Formula(
        "columns of the fused gate and up projection", "transformer/ffn-swiglu.md",
        ("How many columns does the fused gate and up projection have?",
         "Gate and up are computed in a single multiplication: how wide is it?"),
        ("gate", "up\\b", "fus|single|one|together|merg|columns?|wide"), {"h": n(HIDDEN + "|width", least=8)}, "2*{h}", unit="columns", never="parameters?|weights?",
    ),
    Formula(
        "SiLU of a number", "transformer/ffn-swiglu.md",
        ("What is SiLU or swish of this number?", "What does the SiLU activation return for this input?", "Que vaut SiLU de ce nombre ?"),
        ("silu|swish",), {"z": n("silu|swish|\\(|of\\b|at\\b|de\\b|for|input")}, "{z}/(1+exp(-{z}))", never="-\\d|minus|moins",
    ),
    Formula(
        "FLOPs of a forward pass per token", "transformer/flops-per-token.md",
        ("How many floating-point operations does a model need for a forward pass over tokens, or to generate them?",
         "Compute to read a prompt and write an answer with a model of so many parameters?",
         "Combien d'opérations pour générer des jetons avec ce modèle ?", "Two operations per weight and token: how much is that for this text?"),
        ("(?s:^(?!.*\\b(?:pre)?train|.*entra[îi]n))", _FLOP, "token|jeton|forward|decod"),
        {"p": n(PARAMETERS, least=1e5), "t": n("tokens?|prompt|jetons?", "1")},
        "2*{p}*{t}", unit="FLOP", never="chinchilla|(?:billion|trillion) tokens|milliards de (?:jetons|tokens)|sparse|experts?|times less|fine-?tun|mfu",
    ),
    Formula(
        "FLOPs of training", "transformer/flops-per-token.md",
        ("How many FLOPs does it take to train a model on so many tokens?",
         "Total compute of a pretraining run from parameters and tokens?",
         "Combien d'opérations faut-il pour entraîner un modèle sur tant de jetons ?", "Training this size of network on this corpus: how much compute?", "6ND for this run?", "Somebody trained a network on a corpus: how much arithmetic was that?", "How many operations went into this pretraining?", "Parameters and tokens of a Chinchilla-like run: FLOPs?"),
        ("flop|arithmetic|compute|operations|op[ée]rations|calcul", "train|entra[îi]n|pretrain|fine-?tun|show|chinchilla|(?:billion|trillion) tokens|milliards de (?:jetons|tokens)"),
        {"p": n(PARAMETERS, least=1e5), "t": n("tokens?|jetons?")}, "6*{p}*{t}", unit="FLOP", never=_ADAPTERS + "|recomput|recalcul|checkpointing",
    ),
    Formula(
        "FLOPs of training with frozen weights", "transformer/flops-per-token.md",
        ("How many FLOPs does fine-tuning with adapters on a frozen model take?",
         "Compute of a LoRA run, where no weight gradients of the base are computed?",
         "Combien d'opérations pour affiner avec LoRA un modèle gelé ?"),
        (_ADAPTERS, "flop|compute|operations|op[ée]rations|calcul", "token|jeton"),
        {"p": n(PARAMETERS + "|base", least=1e5), "t": n("tokens?|jetons?")}, "4*{p}*{t}", unit="FLOP",
    ),
    Formula(
        "FLOPs of training with full recomputation", "transformer/flops-per-token.md",
        ("How many FLOPs are executed in training when every block is recomputed in the backward pass?",),
        ("flop|compute|operations|op[ée]rations|calcul", "recomput|recalcul|checkpointing", "token|jeton"),
        {"p": n(PARAMETERS, least=1e5), "t": n("tokens?|jetons?")}, "8*{p}*{t}", unit="FLOP",
    ),
    Formula(
        "time of training", "transformer/flops-per-token.md",
        ("How long does training a model take on these GPUs at this utilisation?",
         "Minutes to fine-tune a model on a single card at part of its peak?",
         "How many days of training for so many parameters and tokens on a cluster?",
         "Combien d'heures dure l'entraînement sur ces accélérateurs ?", "How long until my cluster has trained the model, at this MFU?", "We rent accelerators that peak at so much and reach a part of it: how many days for this model and corpus?", "Wall-clock time of a run on so many cards?"),
        ("train|entra[îi]n|fine-tun|run\\b|model", "gpu-hours|days?|hours?|long|how many|jours?|heures?|time|temps|combien|minutes"),
        {"p": n(PARAMETERS, least=1e5), "t": n("tokens?|jetons?", least=1e3), "g": n(CARDS, "1"), "u": share(_UTILISED), "f": of("flops", default="312e12")},
        "6*{p}*{t}/({g}*{u}*{f})", "time", never=_ADAPTERS + "|gpu-hours",
    ),
    Formula(
        "time of training at a sustained rate", "transformer/flops-per-token.md",
        ("How long does training take when each accelerator sustains so many TFLOP/s?",
         "Combien de temps dure l'entraînement si chaque accélérateur soutient ce débit ?"),
        ("train|entra[îi]n|fine-tun", "days?|hours?|long|how many|jours?|heures?|time|temps|combien|minutes", "sustain|soutien|tien|deliver|effective|achiev|real|measured|manage|flop"),
        {"p": n(PARAMETERS, least=1e5), "t": n("tokens?|jetons?", least=1e3), "g": n(CARDS, "1"), "f": of("flops")}, "6*{p}*{t}/({g}*{f})", "time", never=_ADAPTERS + "|peak|%|" + _GPU_TIME,
    ),
    Formula(
        "GPU time of training at a sustained rate", "transformer/flops-per-token.md",
        ("How many GPU-hours or GPU-days does training take when each accelerator sustains so many TFLOP/s?",
         "Combien de temps GPU coûte l'entraînement si chaque accélérateur soutient ce débit ?"),
        (_GPU_TIME, "train|entra[îi]n|fine-tun", "sustain|souten|soutien|deliver|effective|achiev|real|measured|manage|flop"),
        {"p": n(PARAMETERS, least=1e5), "t": n("tokens?|jetons?", least=1e3), "_g": n(CARDS, "1"), "f": of("flops")}, "6*{p}*{t}/{f}", "time", unit="GPU", needs=_GPU_TIME, never=_ADAPTERS + "|peak|%",
    ),
    Formula(
        "time of an amount of operations", "transformer/flops-per-token.md",
        ("How long do these cards need for so many FLOPs at this utilisation?",
         "In how many days does a cluster get through a compute budget?",
         "En combien de temps ces cartes font-elles tant d'opérations ?"),
        ("flops?\\b|operations|op[ée]rations", "days?|hours?|long|jours?|heures?|time|temps|minutes|seconds?", CARDS),
        {"c": n("flops?\\b|operations|op[ée]rations|budget", least=1e12), "g": n(CARDS, "1"), "u": share(_UTILISED, "1"), "f": of("flops")}, "{c}/({g}*{u}*{f})", "time",
    ),
    Formula(
        "model FLOPs utilisation", "transformer/flops-per-token.md",
        ("What is the MFU of a training run, given its tokens per second, parameters and peak?",
         "Which share of the hardware's peak does my training throughput reach?",
         "Quel MFU pour un entraînement à tant de jetons par seconde ?", "Training throughput against the theoretical peak of the card: what utilisation is that?"),
        ("mfu|utili[sz]ation|share of|percent|%", "tokens?|jetons?", "parameter|model|param[èe]tre|mod[èe]le"),
        {"r": of("rate", "tokens?|jetons?|pushes|second"), "p": n(PARAMETERS, least=1e5), "g": n(CARDS, "1"), "f": of("flops")}, "6*{p}*{r}/({g}*{f})", "share",
    ),
    Formula(
        "hardware utilisation with recomputation", "transformer/flops-per-token.md",
        ("What hardware utilisation does a model FLOPs utilisation mean with full activation recomputation?",
         "We recompute all blocks at this MFU: what does the hardware really do?", "A run shows this MFU with complete activation recomputation: HFU?"),
        ("mfu|model flops", "hfu|hardware|mat[ée]riel|recomput|checkpointing|recalcul"),
        {"u": share("mfu|utili[sz]ation|model")}, "{u}*8/6", "share",
    ),
    Formula(
        "model utilisation behind a hardware utilisation", "transformer/flops-per-token.md",
        ("Which MFU lies behind this hardware FLOPs utilisation with full recomputation?",),
        ("mfu|model flops", "hfu|hardware", "behind|means?|what mfu|which mfu|real"), {"u": share("hfu|hardware")}, "{u}*6/8", "share",
    ),
    Formula(
        "tokens per parameter of a training run", "transformer/flops-per-token.md",
        ("How many training tokens per parameter is that?", "Ratio of data to model size of a run?"),
        ("tokens? (?:per|for each|a) parameter|jetons? par param[èe]tre",), {"t": n("tokens?|jetons?"), "p": n(PARAMETERS, least=1e5)}, "{t}/{p}",
    ),
    Formula(
        "tokens from which attention costs more than the weights", "transformer/flops-per-token.md",
        ("From how many tokens of context does attention cost as much arithmetic as the weights?",
         "At which context length do scores and weights need equal FLOPs per token?"),
        ("attention|scores?", WEIGHTS, "as much|equal|same|match|exceed|overtake|from|autant|[ée]gal"), {"p": n(PARAMETERS, least=1e5), "d": n(WIDTH), "l": n(LAYERS)}, "2*{p}/(4*{d}*{l})", unit="tokens",
    ),
    Formula(
        "distinct experts of a batch", "transformer/mixture-of-experts.md",
        ("How many different experts are loaded on average when a batch of tokens each picks some of them?",
         "Expected number of experts that a layer wakes up for several tokens decoded together?",
         "Combien d'experts différents un lot de jetons touche-t-il en moyenne ?", "A batch decoded on a mixture of experts: how many expert networks have to be read per layer?", "Random routing: how many of the experts does this batch use on average?", "Users decode at once on Mixtral: how many of the experts get read in each layer on average?"),
        ("experts?", "distinct|different|diff[ée]rent|load|charg|touch|average|moyenne|read|lus?|wake|awake"),
        {"e": n("experts?|out of|parmi|choose from|among"), "k": n("picking|picks?|takes?|choos|top-?|chois|active|each", "2", below="e"), "b": n("tokens?|jetons?|batch|lot|decoded|together")},
        "{e}*(1-(1-{k}/{e})**{b})", unit="experts",
    ),
    Formula(
        "distinct experts of a batch, told as a share", "transformer/mixture-of-experts.md",
        ("How many different experts are loaded on average when a batch of tokens each picks some of them?",
         "Expected number of experts that a layer wakes up for several tokens decoded together?",
         "Combien d'experts différents un lot de jetons touche-t-il en moyenne ?", "A batch decoded on a mixture of experts: how many expert networks have to be read per layer?", "Random routing: how many of the experts does this batch use on average?", "Users decode at once on Mixtral: how many of the experts get read in each layer on average?"),
        ("experts?", "distinct|different|diff[ée]rent|load|charg|touch|average|moyenne|read|lus?|wake|awake"),
        {"r": share("experts?|of\\b|picking|picks?|choos|chois"), "b": n("tokens?|jetons?|batch|lot|decoded|together")},
        "{r_whole}*(1-(1-{r})**{b})", unit="experts",
    ),
    Formula(
        "capacity of an expert", "transformer/mixture-of-experts.md",
        ("How many tokens can one expert take, given the capacity factor, the tokens of the batch and the experts?",
         "Beyond how many tokens does an expert drop what it is sent?",
         "Combien de jetons un expert accepte-t-il avec ce facteur de capacité ?", "Slots per expert of a top-1 layer with fixed shapes?", "Each expert is capped at a multiple of its fair share of the tokens: seats per expert?", "Room in every expert before tokens are dropped?"),
        ("experts?", "capacity|capacit[ée]|slots?|accept|room|drop|seats?|cap\\b|capped|fair share"),
        {"f": n("factor|facteur|capacity|times|slack|share"), "t": n("tokens?|jetons?|batch|lot", least=2), "e": n("experts?")}, "{f}*{t}/{e}", unit="tokens",
    ),
    Formula(
        "weights of the experts of a mixture", "transformer/mixture-of-experts.md",
        ("How many weights do the experts of a mixture of experts have?", "Parameters in all gated experts of the layers together?"),
        ("experts?", WEIGHTS), {"e": n("experts?"), "d": n(WIDTH, least=64), "h": n(HIDDEN, least=64), "l": n(LAYERS, "1")}, "3*{e}*{d}*{h}*{l}", unit="parameters",
    ),
    Formula(
        "arithmetic that a mixture saves", "transformer/mixture-of-experts.md",
        ("How many times less arithmetic does a sparse model with fewer active parameters need than a dense one of its size?",
         "A model owns many weights and uses some of them per token: by what factor is its compute smaller?",
         "Combien de fois moins de calcul pour un modèle à paramètres actifs qu'un modèle dense ?", "Total and active parameters of a mixture: how much cheaper per token than dense?"),
        ("sparse|moe|experts?|active|actifs", "times|factor|fois|facteur|ratio", PARAMETERS), {"t": n("total|owns?|holds?|weights?|parameters?|all", least=1e5), "a": n("active|uses?|runs?|of them|per token|actifs", least=1e5)}, "{t}/{a}", unit="times",
    ),
    Formula(
        "size of Mixtral's weights", "transformer/mixture-of-experts.md",
        ("How many gigabytes does Mixtral take at this many bits per weight?", "All of Mixtral's experts loaded, quantised: how much memory?", "Combien de Go pour Mixtral à tant de bits par poids ?", "Fitting all eight experts in memory at so many bits: gigabytes?"),
        ("mixtral", MEMORY, "bits?|quanti"), {"_m": of("model"), "b": of("bits", "bits?")}, "46702792704*{b}/8", "bytes", never="cache",
    ),
    Formula(
        "first component of a pair after RMSNorm", "transformer/normalisation.md",
        ("What does RMSNorm with gain 1 make of the first component of a vector of two components?", "RMSNorm of a pair of numbers: the first of the two results?"),
        ("rms", "components?|vector|pair|composantes?|vecteur|\\(", "first|become|return|give|premi[èe]re"), {"_g": n("gain|g =", "1"), "a": n("\\("), "b": n("\\)|,|and")}, "{a}/sqrt(({a}**2+{b}**2)/2)", never="root mean square|divid|second|last",
    ),
    Formula(
        "second component of a pair after RMSNorm", "transformer/normalisation.md",
        ("What does RMSNorm with gain 1 make of the second component of a vector of two components?",),
        ("rms", "second|last|other|deuxi[èe]me"), {"_g": n("gain|g =", "1"), "a": n("\\("), "b": n("\\)|,|and")}, "{b}/sqrt(({a}**2+{b}**2)/2)",
    ),
    Formula(
        "root mean square of two components", "transformer/normalisation.md",
        ("What is the root mean square by which RMSNorm divides a vector with these components?", "By which number does RMSNorm divide this pair of values?"),
        ("rms|root[- ]mean[- ]square|moyenne quadratique", "components?|vector|vecteur|composantes?|divis|divid|\\("), {"a": n("components?|vector|\\(|vecteur|composantes?"), "b": n("components?|vector|and|,|et")}, "sqrt(({a}**2+{b}**2)/2)", never="become|first|second|return",
    ),
    Formula(
        "largest component of a normalised vector", "transformer/normalisation.md",
        ("What is the largest value that a component of a normalised vector can reach?", "How far can a single outlier stick out after RMSNorm, before the gain?", "Quelle est la plus grande valeur d'une composante après RMSNorm ?", "Ceiling for a single entry after RMS normalisation, gain left out?"),
        ("normali[sz]|rmsnorm|norm\\b|rms", "ceiling|cap\\b|largest|maxim|most|reach|at most|biggest|plus grand|exceed"), {"d": n(WIDTH + "|components?|-dim|dim\\b|vector|numbers|of\\b", least=2)}, "sqrt({d})",
    ),
    Formula(
        "parameters of all norms", "transformer/normalisation.md",
        ("How many parameters do all the RMSNorm gains of a pre-norm model have, the final one included?", "Gains of two norms per block and a last one: how many numbers?", "Combien de paramètres dans toutes les RMSNorm du modèle ?", "Two RMSNorms per block and one at the end: parameter total of the norms?"),
        ("rms|norms?\\b|gains?", WEIGHTS, LAYERS), {"l": n(LAYERS), "d": n(WIDTH, least=8)}, "(2*{l}+1)*{d}", unit="parameters",
    ),
    Formula(
        "terms of the residual sum", "transformer/residual-stream.md",
        ("Of how many contributions is the final residual stream of a network with these layers the sum?", "Blocks that each write two updates, plus the embedding: how many vectors are added up?", "De combien de termes l'état final est-il la somme ?", "How many things are added together to make the final hidden state?"),
        (_RESIDUAL, "terms?|contributions?|termes?|sum|somme|summands?|vectors?"), {"_u": n("updates?|writes?|each", "2"), "l": n(LAYERS)}, "2*{l}+1", unit="terms",
    ),
    Formula(
        "growth of the residual stream", "transformer/residual-stream.md",
        ("By how much does the norm of the residual stream grow over the layers?", "Standard deviation of the last state if the embedding and all updates are independent with unit variance?", "Quel écart-type au sommet si toutes les mises à jour sont indépendantes ?", "How spread out are the components of the final state, if every sublayer adds an independent unit-variance vector?"),
        (_RESIDUAL, "grow|norm|standard deviation|[ée]cart-type|root|magnitude|times|fois|large|spread"), {"l": n(LAYERS)}, "sqrt(2*{l}+1)", never="variance of the (?:final|last)|share",
    ),
    Formula(
        "initial scale of a branch's output", "transformer/residual-stream.md",
        ("By which factor does GPT-2 scale the initial weights of the residual branches' output projections?", "How much smaller do the weights that write to the stream start, given the number of blocks?", "Par quel facteur réduire les poids résiduels à l'initialisation ?", "Init of residual projections in a deep net, the GPT-2 way: which multiplier?"),
        ("residual|r[ée]siduel|branch|gpt-2|stream", "init|scale|[ée]chelle|factor|facteur|multipl|start|shrunk"), {"l": n(LAYERS)}, "1/sqrt(2*{l})",
    ),
    Formula(
        "bytes of the residual stream of a token over all layers", "transformer/residual-stream.md",
        ("How many bytes does the residual stream or hidden state take for a token over the layers?",
         "What does one pipeline stage hand to the next for each token?",
         "Memory of activation checkpoints kept at block boundaries only?",
         "Combien d'octets par jeton passent d'un étage du pipeline au suivant ?", "Pipeline parallelism: how many bytes of activations does a micro-batch send between stages?", "A token's state in 16 bits: how many KiB travel between stages?", "Layer inputs saved for recomputation: gigabytes kept?"),
        ("residual|r[ée]siduel|hidden state|pipeline|stage|boundar|checkpoint|[ée]tage", MEMORY), {"d": n(WIDTH, least=64), "l": n(LAYERS, "1"), "t": n("tokens?|jetons?|positions?", "1"), "b": of("dtype", default="2")}, "{d}*{l}*{t}*{b}", "bytes",
    ),
    Formula(
        "SiLU of a negative number", "transformer/ffn-swiglu.md",
        ("What is SiLU or swish of this negative number?", "What does the SiLU activation return for minus this?"),
        ("silu|swish", "-\\d|minus|moins|negative"), {"z": n("silu|swish|\\(|of\\b|at\\b|de\\b|for|input|-|minus|moins")}, "-{z}/(1+exp({z}))",
    ),
    Formula(
        "tokens that a compute budget trains on", "transformer/flops-per-token.md",
        ("On how many tokens can a model of so many parameters be trained with this many FLOPs?", "A compute budget and a model size: how much data does the 6ND rule allow?", "Combien de jetons permet un budget d'opérations pour ce modèle ?"),
        ("flop|operations|op[ée]rations|compute|budget", "how many(?: \\w+)? tokens|tokens can|how much data|combien de jetons|on how many", "parameter|model|param[èe]tre|mod[èe]le"), {"c": n("flops?|operations|op[ée]rations|budget|compute", least=1e15), "p": n(PARAMETERS, least=1e5, below="c")}, "{c}/(6*{p})", unit="tokens",
    ),
    Formula(
        "parameters that a compute budget trains", "transformer/flops-per-token.md",
        ("How large a model can be trained on so many tokens with this many FLOPs?", "A compute budget and a data set: how many parameters does the 6ND rule allow?"),
        ("flop|operations|op[ée]rations|compute|budget", "how (?:large|big) a|how many parameters|combien de param[èe]tres", "tokens?|jetons?"), {"c": n("flops?|operations|op[ée]rations|budget|compute", least=1e15), "t": n("tokens?|jetons?", least=1e5, below="c")}, "{c}/(6*{t})", unit="parameters",
    ),
    Formula(
        "GPU-hours of training", "transformer/flops-per-token.md",
        ("How many GPU-hours does training a model on so many tokens take at this utilisation?", "Total accelerator time of a pretraining run, on one card or many?", "Combien d'heures-GPU pour entraîner ce modèle ?"),
        (_GPU_TIME, "train|entra[îi]n"), {"p": n(PARAMETERS, least=1e5), "t": n("tokens?|jetons?", least=1e3), "_g": n(CARDS, "1"), "u": share(_UTILISED), "f": of("flops", default="312e12")}, "6*{p}*{t}/({u}*{f})", "time", unit="GPU",
    ),
    Formula(
        "FLOPs of a prompt and its answer", "transformer/flops-per-token.md",
        ("How many FLOPs does it take to read a prompt and generate an answer with a model of so many parameters?", "How much compute goes into answering with so many tokens after a prompt, attention aside?", "Combien d'opérations pour lire une invite et générer la réponse ?"),
        (_FLOP, "prompt|invite|question", "generat|answer|output|reply|g[ée]n[ée]r|r[ée]pon"), {"p": n(PARAMETERS, least=1e5), "i": n("prompt|input|invite|-token|read"), "o": n("answer|output|generat|reply|with|r[ée]ponse|new")}, "2*{p}*({i}+{o})", unit="FLOP", never="\\btrain",
    ),
    Formula(
        "distinct experts of Mixtral", "transformer/mixture-of-experts.md",
        ("How many of Mixtral's eight experts get read in each layer on average when so many sequences decode at once?", "Mixtral with a small batch: expected number of different experts per layer?"),
        ("mixtral", "experts?", "average|expected|distinct|different|moyenne|many"), {"_m": of("model"), "b": n("tokens?|users?|sequences?|batch|streams?|requests?|conversations?"), "_e": n("experts?|eight|of the", "8"), "_k": n("two|picks?|active|each", "2")}, "8*(1-(6/8)**{b})", unit="experts", never="bits?|gb\\b|weigh",
    ),
)  # fmt: skip
