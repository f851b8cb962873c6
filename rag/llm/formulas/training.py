"""Formulas of the handbook's pages on training: optimizer, memory, sharding, adapters, cost."""

# ruff: noqa: E501 - a table, in which a pattern is one cell
from __future__ import annotations

from rag.llm.formulas.base import Formula, n, of, share
from rag.llm.formulas.words import CARDS, DTYPE, MEMORY, PARAMETERS, SERVING, STATES

_DECAY, _RATE = (
    "decay|d[ée]croissance|weight_decay|λ|lambda",
    "learning rate|lr\\b|taux|pas\\b|rate|step size",
)
_ACTIVATIONS = (
    "activation|backward|r[ée]tropropag|passe arri[èe]re|kept|gard[ée]|recalcul|recomput|checkpoint"
)
_SEQUENCE, _BATCH = (
    "sequence|s[ée]quences?|tokens?|s\\b|jetons?|positions?|long|de\\b|of\\b",
    "batch|lot|b\\b|sequences|s[ée]quences",
)
_H = "width|h\\b|hidden|largeur|d\\b|wide|large de"

FORMULAS = (
    Formula(
        "half-life under weight decay", "training/adamw.md",
        ("ln 2 over lr·λ, roughly: steps for an untouched weight to halve?", "Gradient-free parameter under AdamW: number of updates until fifty percent is left?",
         "After how many steps has weight decay halved a weight that gets no gradient?", "When is an idle weight down to half its size under decoupled decay?", "Après combien de pas un poids sans gradient a-t-il perdu la moitié de sa valeur ?", "With this learning rate and decay, how many steps until an unused weight has halved?"),
        (_DECAY, "half|moiti[ée]|halv"),
        {"lr": n("learning rate|lr\\b|pas|taux d'apprentissage|step size|rate"), "w": n(_DECAY + "|adamw"), "h": share("half|moiti[ée]", "0.5")},
        "log(0.5)/log(1-{lr}*{w})", unit="steps",
    ),
    Formula(
        "weight left after decay", "training/adamw.md",
        ("(1 − lr·λ)^t for a parameter that sees no gradient?", "Share of a frozen-out weight still there after so many decayed steps?",
         "What fraction of a weight without gradient is left after steps of weight decay?", "How much of an idle weight remains after so many AdamW updates?", "Quelle part d'un poids sans gradient reste après tant de pas ?", "Percentage of an untouched weight that survives so many steps?"),
        (_DECAY, "left|remain|reste|keep|surviv|share|fraction|still"),
        {"lr": n(_RATE), "w": n(_DECAY), "t": n("steps?|updates?|pas\\b|it[ée]rations?", least=2)}, "(1-{lr}*{w})**{t}", "share", never="lost|shrunk|shrink|gone|perdu|r[ée]tr[ée]ci",
    ),
    Formula(
        "weight lost to decay", "training/adamw.md",
        ("Parameter without gradient under AdamW: percent shaved off after so many steps?",
         "By what percentage has a weight without gradient shrunk after steps of weight decay?", "How much of an idle weight is gone after so many AdamW updates?", "De combien un poids sans gradient a-t-il diminué après tant de pas ?", "Weight decay alone, no gradient: how far down has the parameter come?"),
        (_DECAY, "lost|lose|shrunk|shrink|gone|smaller|perd|diminu|r[ée]tr[ée]ci"),
        {"lr": n(_RATE), "w": n(_DECAY), "t": n("steps?|updates?|pas\\b|it[ée]rations?", least=2)}, "1-(1-{lr}*{w})**{t}", "share", never="half|moiti|left|remain|reste|surviv|keep|still",
    ),
    Formula(
        "shrinkage of one step of decay", "training/adamw.md",
        ("1 − lr·λ?", "Par quel facteur un pas d'AdamW multiplie-t-il un poids sans gradient ?",
         "By which factor does decoupled weight decay shrink a weight in one step?",),
        (_DECAY, "factor|multipl|facteur", "step|pas\\b"), {"lr": n(_RATE), "w": n(_DECAY)}, "1-{lr}*{w}", never="half|moiti",
    ),
    Formula(
        "window of a moving average", "training/adamw.md",
        ("1/(1 − β) for this beta2?", "How many past steps does v effectively average with this β2?", "Quelle fenêtre de moyenne pour ce β2 ?",
         "Over about how many steps does a moving average such as Adam's second moment with this beta remember?", "Averaging horizon of squared gradients for this beta2?", "Sur combien de pas environ Adam moyenne-t-il les carrés des gradients ?", "How long is the memory, in steps, of an exponential average with this beta?"),
        ("β|beta|moment|moving average|moyenne", "window|steps?|fen[êe]tre|memory|average over|horizon|pas\\b"),
        {"b": share("β_?[12]?|beta_?[12]?|moment|coefficient")}, "1/(1-{b})", unit="steps",
    ),
    Formula(
        "first Adam step without bias correction", "training/adamw.md",
        ("(1 − β1)/√(1 − β2) at step one when the correction is forgotten?", "A port of Adam forgot to correct the bias: initial step relative to the learning rate?",
         "How many times the learning rate is Adam's first update without bias correction?", "Bias correction is missing: how long is the very first step?", "Combien de fois le pas vaut la première mise à jour sans correction du biais ?", "Adam's running means start at zero and nobody corrects them: size of step one in learning rates?"),
        ("adam|β|beta", "bias|biais|correction", "first|premi[èe]r|step"),
        {"b1": share("β_?1|beta_?1|first|premier", "0.9"), "b2": share("β_?2|beta_?2|second", "0.999")}, "(1-{b1})/sqrt(1-{b2})",
    ),
    Formula(
        "Adam step after a long run of zeros", "training/adamw.md",
        ("One gradient after a long quiet stretch: update over learning rate?", "Gradient rare après une longue suite de zéros : combien de fois le pas ?",
         "How many learning rates long is Adam's step when one gradient follows a long run of zeros?", "Sparse gradients: how large a step can a single gradient cause?", "Gradients are zero for ages, then one arrives: the step is how many learning rates?"),
        ("adam|β|beta", "zeros?|sparse|silence|single gradient|one gradient|rare"), {"b1": share("β_?1|beta_?1|first", "0.9"), "b2": share("β_?2|beta_?2|second", "0.999")}, "(1-{b1})/sqrt(1-{b2})", never="correction",
    ),
    Formula(
        "largest update of Adam after a long silence", "training/adamw.md",
        ("With these betas, what's the largest multiple of the learning rate any gradient history can produce?", "Cauchy-Schwarz bound on Adam's ratio for these betas?", "Borne supérieure d'un pas d'Adam, en pas d'apprentissage ?",
         "How many times the learning rate can Adam's update reach at most?", "Upper bound of an Adam step over all gradient histories?"),
        ("adam", "largest|most|maxim|worst|exceed|reach|plus grand|bound"), {"b1": share("β_?1|beta_?1|first|betas?", "0.9"), "b2": share("β_?2|beta_?2|second|betas?|and|et", "0.999")}, "(1-{b1})/sqrt((1-{b2})*(1-{b1}**2/{b2}))",
    ),
    Formula(
        "bias-corrected moment", "training/adamw.md",
        ("m / (1 − β^t)?", "Raw moving average at step t: value after dividing by one minus beta to the t?", "Moment d'Adam corrigé du biais à ce pas ?",
         "What is Adam's moment after bias correction at this step?",),
        ("bias|biais|correct", "moment|adam|m̂|v̂|m\\b"), {"m": n("moment|m\\b|average|m =|value|is\\b"), "b": share("β|beta"), "t": n("step|t\\b|pas\\b|[ée]tape|after")}, "{m}/(1-{b}**{t})",
    ),
    Formula(
        "memory of Adam's moments", "training/adamw.md",
        ("Two fp32 numbers per weight for the optimizer: gigabytes?", "Octets des deux moments d'Adam pour ce modèle ?",
         "How much memory do Adam's two moments take?", "Gigabytes for the two running averages of the optimizer, in fp32?", "Combien de Go pour les deux moyennes mobiles d'Adam ?", "The optimizer's m and v for a model of so many parameters: how many GB?", "State that Adam adds to the weights: size?", "How many GB do Adam's two averages take in fp32?"),
        ("adam|optimi[sz]er|moment", "moments?|states?|[ée]tats?|averages?|moyennes?|\\bm and v\\b|momentum", MEMORY),
        {"p": n(PARAMETERS, least=1e5), "_k": n("moments?|averages?|states?|moyennes?", "2"), "b": of("dtype", DTYPE, "4")}, "2*{p}*{b}", "bytes", never="zero\\b|stage|shard|parallel|ppo|policy|four|gradients?|master|mixed|zero|8-bit",
    ),
    Formula(
        "learning rate during a linear warm-up", "training/questions-entretien.html",
        ("Peak rate, warm-up length, current step: rate now?", "Échauffement linéaire jusqu'au pic : taux à cette itération ?",
         "What is the learning rate at a step of the linear warm-up?", "The rate climbs in a straight line to its peak over so many steps: how large is it at this one?", "Que vaut le pas d'apprentissage à cette itération de l'échauffement linéaire ?", "Halfway up the warm-up ramp: which rate is used?"),
        ("warm-?up|[ée]chauffement|mont|linear|lin[ée]aire|straight|droite|climb|ramp", "learning rate|lr\\b|taux|pas\\b|it[ée]rations?"),
        {"lr": n("to\\b|peak|learning rate|lr\\b|maxim|[àa]\\b|jusqu'[àa]"), "n": n("steps|over|warm-?up|[ée]tapes|pas\\b|it[ée]rations|sur\\b", least=2), "s": n("step\\b|at step|after|[àa] l'[ée]tape|au pas|it[ée]ration\\b|[àa] la|[èe]?e\\b")}, "{lr}*{s}/{n}",
    ),
    Formula(
        "tokens for a model by Chinchilla's ratio", "training/questions-entretien.html",
        ("D = 20·N: tokens?", "Compute-optimal corpus for this many weights?", "How much text should this model see according to Hoffmann?",
         "How many training tokens does Chinchilla's rule of twenty per parameter ask for?", "Compute-optimal data for a model of so many parameters?", "Combien de jetons pour tant de paramètres selon la loi de Chinchilla ?", "Twenty tokens per parameter: how large a corpus?"),
        ("chinchilla|compute-optimal|hoffmann|optimal", "tokens?|jetons?|data"), {"p": n(PARAMETERS, least=1e5)}, "20*{p}", unit="tokens", never="tokens per parameter|jetons par",
    ),
    Formula(
        "bytes that FSDP moves for a step", "training/fsdp-zero.md",
        ("3Ψ elements per GPU and step: gigabytes?", "Two all-gathers and a reduce-scatter: bytes per card?",
         "How many gigabytes does each GPU receive and send in a step of fully sharded data parallelism?", "Traffic per GPU and step at ZeRO stage 3?", "Combien de Go par carte et par pas circulent avec ZeRO étage 3 ?", "How much data does one FSDP step push through each GPU's link?"),
        ("fsdp|zero|shard", "communicat|moves?|push|through|traffic|send|receiv|network|exchange|transf|cross|link|volume|circul"), {"_s": n("stage|zero|[ée]tage|stade", "3"), "p": n(PARAMETERS, least=1e5), "b": of("dtype", DTYPE, "2")}, "3*{p}*{b}", "bytes", never="exact|[ée]tat|states?\\b|holds?\\b|(?:stages?|[ée]tages?|stades?|zero)[ -]?[12]\\b",
    ),
    Formula(
        "bytes that data parallelism moves for a step", "training/fsdp-zero.md",
        ("2Ψ elements per GPU for an all-reduce of the gradients: gigabytes?", "Volume échangé par carte et par pas en parallélisme de données ?", "ZeRO-1 or 2: traffic of a step?",
         "How many gigabytes does each GPU move per step in plain data parallelism or ZeRO stages 1 and 2?",),
        ("zero|data parallel|all-reduce|shard", "communicat|moves?|traffic|send|receiv|network|exchange|transf|cross|link|volume|circul"), {"_s": n("stage|zero|[ée]tage|stade", "1"), "p": n(PARAMETERS, least=1e5), "b": of("dtype", DTYPE, "2")}, "2*{p}*{b}", "bytes", never="(?:stages?|[ée]tages?|stades?|zero)[ -]?3\\b|fsdp|fully",
    ),
    Formula(
        "training states with optimizer and gradients sharded", "training/fsdp-zero.md",
        ("ZeRO-2 memory per GPU?", "2Ψ + 14Ψ/N?",
         "How much model state does each GPU hold when optimizer states and gradients are sharded and the weights are whole?", "Gradients and Adam states split over the cards, full weights on each: memory per card?"),
        ("shard|split|partition|r[ée]parti|spread|cut", "gradients?", "optimi[sz]er|adam|states?", MEMORY + "|hold"),
        {"p": n(PARAMETERS, least=1e5), "g": n(CARDS, least=2)}, "2*{p}+14*{p}/{g}", "bytes", never=SERVING + "|stage|weights? sharded|everything|all three", needs=STATES,
    ),
    Formula(
        "training states with only the optimizer sharded", "training/fsdp-zero.md",
        ("ZeRO-1 memory per GPU?", "4Ψ + 12Ψ/N?", "Seuls les états de l'optimiseur sont répartis : Go par carte ?",
         "How much model state does each GPU hold when only the optimizer states are sharded?", "ZeRO stage 1: optimizer states sharded only, GB per GPU?"),
        ("shard|split|partition|r[ée]parti", "only|just|seul", "optimi[sz]er|adam", MEMORY + "|hold"),
        {"p": n(PARAMETERS, least=1e5), "g": n(CARDS, least=2)}, "4*{p}+12*{p}/{g}", "bytes", never=SERVING + "|(?:stages?|[ée]tages?|zero)[ -]?[23]\\b|gradients? and", needs=STATES,
    ),
    Formula(
        "cards that fully sharded states need", "training/fsdp-zero.md",
        ("16Ψ over the memory of a card: minimum number of cards?",
         "On how many GPUs must everything be sharded so that the states fit in so many gigabytes each?", "Fewest cards for training a model with ZeRO stage 3, given the memory per card?", "Combien de cartes au moins pour que les états tiennent, tout réparti ?", "Smallest number of GPUs on which this model can be trained with everything sharded?"),
        ("shard|zero|fsdp|split|r[ée]parti", "how many|fewest|combien|number", CARDS), {"_s": n("stage|zero|[ée]tage", "3"), "p": n(PARAMETERS, least=1e5), "m": of("bytes")}, "ceil(16*{p}/{m})", unit="GPUs", never=SERVING + "|(?:stages?|[ée]tages?|stades?|zero)[ -]?[12]\\b|infer|serv", needs=STATES,
    ),
    Formula(
        "memory of full mixed-precision training with Adam", "training/memoire-entrainement.md",
        ("Full fine-tune with Adam in mixed precision: GB before activations?",
         "16 bytes per parameter: GB?", "Weights, grads, master copy and two moments: total memory without activations?", "Poids, gradients, copie maîtresse et moments : combien de Go ?",
         "How much memory do weights, gradients and Adam states take in mixed-precision training of a model?", "Model state of a full training run before any activation?", "Combien de Go d'état du modèle en précision mixte avec Adam, avant les activations ?", "How many GB before the first batch when everything is trained in bf16 with fp32 master weights and Adam?"),
        ("train|entra[îi]n|fine-tun|adam|mix", MEMORY, "adam|mixed|full|complet|mixte|states?|[ée]tats?"), {"p": n(PARAMETERS + "|billion|milliards?", least=1e5), "g": n(CARDS, "1")}, "16*{p}/{g}", "bytes", needs=STATES,
        never=SERVING + "|compute\\b|recomput|flops?\\b|lora|adapter|adaptateur|nf4|shard|stage|frozen|moments|averages|ppo|critic|dpo|reference",
    ),
    Formula(
        "activations of a layer", "training/memoire-entrainement.md",
        ("s·b·h·(34 + 5·a·s/h): bytes to keep for the backward pass?", "Nothing recomputed, attention matrices stored: GB that the layers keep until the backward pass?", "Mémoire des activations d'une couche GPT, matrices d'attention gardées ?",
         "How much memory do the activations of transformer layers take in training without recomputation?", "Bytes a GPT layer keeps for the backward pass, attention matrices included?", "Combien d'octets d'activations par couche sans recalcul ?"),
        ("activation|backward", MEMORY),
        {"s": n(_SEQUENCE, least=16), "b": n(_BATCH, "1"), "h": n(_H, least=64), "a": n("heads?|t[êe]tes?|a\\b"), "l": n("layers|couches", "1")}, "{l}*{s}*{b}*{h}*(34+5*{a}*{s}/{h})", "bytes", never="(?<!sans )(?<!without )(?<!nothing )(?<!nothing is )(?<!no )(?<!rien n.est )(?<!aucun )(?:recalcul|recomput|checkpoint)|flash|selective|s[ée]lecti",
    ),
    Formula(
        "activations of a layer without the attention matrix", "training/memoire-entrainement.md",
        ("34·s·b·h per layer: GB of activations?", "Selective recomputation: memory held for the backward pass?",
         "How much memory do activations take with flash attention or selective recomputation of the attention scores?", "What is kept for the backward pass when no score matrix is stored?", "Combien d'activations avec FlashAttention, sans garder les matrices d'attention ?", "FlashAttention, tant de couches, telle largeur, une séquence : combien de Go d'activations ?"),
        (_ACTIVATIONS, "flash|selective|s[ée]lecti|without (?:the )?(?:attention|score)|no (?:score|attention)", MEMORY),
        {"s": n(_SEQUENCE, least=16), "b": n(_BATCH, "1"), "h": n(_H, least=64), "l": n("layers|couches", "1")}, "34*{l}*{s}*{b}*{h}", "bytes",
    ),
    Formula(
        "activations kept with full checkpointing", "training/memoire-entrainement.md",
        ("2·s·b·h per layer: memory of the checkpoints?", "Only block inputs stored: GB over all layers?",
         "How much memory do activations take when only the input of each layer is kept and the rest is recomputed?", "Gradient checkpointing on every layer: what stays in memory?", "Combien reste-t-il en mémoire avec le recalcul complet ?", "Recalcul complet, tant de couches, telle largeur, tel lot : Go d'activations gardées ?"),
        (_ACTIVATIONS, "full|checkpoint|only the inputs?|recomput|recalcul|complet", MEMORY),
        {"s": n(_SEQUENCE, least=16), "b": n(_BATCH, "1"), "h": n(_H, least=64), "l": n("layers|couches", "1")}, "2*{l}*{s}*{b}*{h}", "bytes", never="flash|selective|s[ée]lectif|heads?|t[êe]tes?",
    ),
    Formula(
        "memory of the logits", "training/memoire-entrainement.md",
        ("tokens × vocabulary × 4 bytes?", "Output scores over the vocabulary for the whole sequence in fp32: size?",
         "How much memory do the logits of all positions take over the vocabulary?", "Size of the output tensor before the loss, one number per token and vocabulary entry?", "Combien de Mo pour le tenseur de logits ?", "Cross-entropy over a big vocabulary: how large is the tensor of scores in fp32?", "Quelle mémoire pour les logits de plusieurs séquences sur tout le vocabulaire ?"),
        ("logits?", MEMORY),
        {"t": n("tokens?|sequence|positions?|jetons?|prompt|s[ée]quence"), "s": n("sequences|s[ée]quences|batch|lot", "1"), "v": n("vocabular|vocabulaire|entries|entr[ée]es", least=256), "b": of("dtype", DTYPE, "4")}, "{s}*{t}*{v}*{b}", "bytes", never="gradients?",
    ),
    Formula(
        "training states fully sharded", "training/fsdp-zero.md",
        ("16Ψ/N: GB per GPU?", "FULL_SHARD over so many ranks: model state on each?",
         "How much model state does each GPU hold with FSDP full sharding or ZeRO stage 3?", "Weights, gradients and optimizer all spread over the cards: gigabytes on each?", "Combien de Go d'état par carte quand tout est réparti ?", "ZeRO-3 splits a model over so many cards: gigabytes of states left on each?"),
        ("fsdp|full(?:y)?[- ]shard|zero-?3|stage 3|everything|all (?:three|states)|stade 3|[ée]tage 3|tout est", MEMORY, "each|per|every|chaque|par|state|hold"), {"_s": n("stage|zero|[ée]tage|stade", "3"), "p": n(PARAMETERS + "|shard|of\\b", least=1e5), "g": n(CARDS, least=2)}, "16*{p}/{g}", "bytes", never=SERVING + "|(?:stages?|[ée]tages?|stades?|zero)[ -]?[12]\\b|only|communicat|moves?|push|traffic|send|link|volume|per step|each step|par pas", needs=STATES,
    ),
    Formula(
        "steps until decay leaves a share", "training/adamw.md",
        ("After how many steps has weight decay brought an idle weight down to a share of its size?", "Untouched weight under decoupled decay: steps until only so many percent are left?", "Après combien de pas ne reste-t-il qu'une part d'un poids sans gradient ?"),
        (_DECAY, "how many|combien|until|steps|pas\\b", "left|remain|reste|down to|only|percent|%"),
        {"lr": n(_RATE), "w": n(_DECAY), "s": share("left|remain|reste|down to|only|percent|%|tenth|quarter")}, "log({s})/log(1-{lr}*{w})", unit="steps", needs="how many|combien|when|until|quand", never="half|halv|moiti|lost|perdu",
    ),
    Formula(
        "beta of a window", "training/adamw.md",
        ("Which beta2 averages squared gradients over about so many steps?", "Quel β2 pour une fenêtre de tant de pas ?", "1 − 1/n: which beta?"),
        ("β_?2?|beta_?2?", "which|what|quel", "steps?|window|pas\\b|fen[êe]tre"), {"n": n("steps?|window|over|pas\\b|fen[êe]tre|last", least=2)}, "1-1/{n}", bounds=(0.0, 1.0), needs="(?:which|what|quel(?:le)?) (?:value of )?(?:β|beta)",
    ),
    Formula(
        "memory of 8-bit Adam's moments", "training/adamw.md",
        ("How much memory do Adam's two moments take in 8 bits?", "8-bit optimizer states: GB for this model?", "Combien de Go pour les moments d'Adam sur 8 bits ?"),
        ("adam|optimi[sz]er|moment", "8-bit|8 bits?|int8|block-wise", MEMORY), {"p": n(PARAMETERS, least=1e5), "_k": n("moments?|states?", "2"), "_b": of("bits", default="8")}, "2*{p}", "bytes", needs="8-bit|8 bits?|int8", never="sav|nf4|qlora",
    ),
    Formula(
        "learning rate scaled by the root of the batch", "training/adamw.md",
        ("Batch size grows: which learning rate does square-root scaling give for Adam?", "√-scaling of the rate from one batch size to another?", "Quel pas d'apprentissage après agrandissement du lot, en racine carrée ?"),
        ("square[- ]?root|sqrt|racine|√|adam", "batch|lot\\b", "learning rate|lr\\b|pas\\b|taux"), {"lr": n("learning rate|lr\\b|pas|taux|rate"), "a": n("from|batch|of\\b|de\\b|lot", least=2), "b": n("to\\b|batch|[àa]\\b", least=2)}, "{lr}*sqrt({b}/{a})", never="linear|lin[ée]aire|sgd|warm",
    ),
    Formula(
        "learning rate scaled with the batch", "training/adamw.md",
        ("Batch size grows: which learning rate does linear scaling give?", "Linear scaling rule from one batch size to another?"),
        ("linear|lin[ée]aire|sgd|proportion", "batch|lot\\b", "learning rate|lr\\b|pas\\b|taux"), {"lr": n("learning rate|lr\\b|pas|taux|rate"), "a": n("from|batch|of\\b|de\\b|lot", least=2), "b": n("to\\b|batch|[àa]\\b", least=2)}, "{lr}*{b}/{a}", never="square|root|racine|warm",
    ),
    Formula(
        "exact bytes that FSDP moves for a step", "training/fsdp-zero.md",
        ("What is the exact collective volume of a ZeRO-3 step per GPU, with the factor (N − 1)/N?", "3Ψ·(N−1)/N in bf16: gigabytes each card exchanges?", "ZeRO stage 3 on so many GPUs: how many GB does each exchange per step?", "Volume exact échangé par carte et par pas à l'étage 3 ?"),
        ("fsdp|zero|shard|3ψ", "communicat|moves?|push|traffic|send|receiv|network|exchange|transf|volume|circul|[ée]chang", CARDS), {"_s": n("stage|zero|zero-|[ée]tage|stade", "3"), "p": n(PARAMETERS, least=1e5), "g": n(CARDS, least=2), "b": of("dtype", DTYPE, "2")}, "3*{p}*{b}*({g}-1)/{g}", "bytes", needs="exact|n ?[−-] ?1", never="(?:stages?|[ée]tages?|stades?|zero)[ -]?[12]\\b",
    ),
    Formula(
        "exact bytes that data parallelism moves for a step", "training/fsdp-zero.md",
        ("What is the exact volume of an all-reduce of the gradients per GPU, with the factor (N − 1)/N?", "2Ψ·(N−1)/N: gigabytes per card in plain data parallelism?"),
        ("zero|data[- ]parallel|all-reduce|shard", "communicat|moves?|push|traffic|send|receiv|network|exchange|transf|volume|circul|[ée]chang", CARDS), {"_s": n("stage|zero|zero-|[ée]tage|stade", "1"), "p": n(PARAMETERS, least=1e5), "g": n(CARDS, least=2), "b": of("dtype", DTYPE, "2")}, "2*{p}*{b}*({g}-1)/{g}", "bytes", needs="exact|n ?[−-] ?1", never="(?:stages?|[ée]tages?|stades?|zero)[ -]?3\\b|fsdp|fully",
    ),
    Formula(
        "time that FSDP's traffic takes", "training/fsdp-zero.md",
        ("How long does a ZeRO-3 step spend moving its parameters and gradients over a link of this speed?", "3Ψ bytes over the bandwidth: seconds per step?", "Combien de temps dure l'échange d'un pas FSDP sur ce réseau ?"),
        ("fsdp|zero-?3|stage 3|fully", "time|long|seconds?|ms\\b|temps|secondes?"), {"_s": n("stage|zero|zero-|[ée]tage|stade", "3"), "p": n(PARAMETERS, least=1e5), "b": of("dtype", DTYPE, "2"), "bw": of("bandwidth")}, "3*{p}*{b}/{bw}", "time", never="(?:stages?|[ée]tages?|stades?|zero)[ -]?[12]\\b|exact",
    ),
    Formula(
        "time that data parallelism's traffic takes", "training/fsdp-zero.md",
        ("How long does the all-reduce of the gradients of plain data parallelism take over a link of this speed?", "2Ψ bytes over the bandwidth: seconds per step at ZeRO stage 1 or 2?"),
        ("zero|data[- ]parallel|all-reduce", "time|long|seconds?|ms\\b|temps|secondes?"), {"_s": n("stage|zero|zero-|[ée]tage|stade", "1"), "p": n(PARAMETERS, least=1e5), "b": of("dtype", DTYPE, "2"), "bw": of("bandwidth")}, "2*{p}*{b}/{bw}", "time", never="(?:stages?|[ée]tages?|stades?|zero)[ -]?3\\b|fsdp|fully|tensor|token|exact",
    ),
    Formula(
        "buffer of a gathered block", "training/fsdp-zero.md",
        ("How large is the transient buffer of a gathered FSDP unit of so many parameters?", "One block gathered at a time in bf16: MB of temporary weights?", "Quelle mémoire transitoire pour un bloc rassemblé par FSDP ?"),
        ("fsdp|gather|stage 3|zero-?3|rassembl", "block|unit|layer|bloc|couche", MEMORY), {"p": n(PARAMETERS + "|of\\b", least=1e4), "b": of("dtype", DTYPE, "2")}, "{p}*{b}", "bytes", needs="gather|transient|buffer|tampon|rassembl|transitoire", never="prefetch|step|link|traffic",
    ),
    Formula(
        "buffer of a gathered block with one prefetched", "training/fsdp-zero.md",
        ("How large is the transient buffer of FSDP with one unit gathered and the next prefetched?",),
        ("fsdp|gather|stage 3|zero-?3", "prefetch|next", MEMORY), {"p": n(PARAMETERS + "|of\\b", least=1e4), "b": of("dtype", DTYPE, "2")}, "2*{p}*{b}", "bytes", needs="prefetch",
    ),
    Formula(
        "bytes per parameter at ZeRO stage 1", "training/fsdp-zero.md",
        ("How many bytes per parameter does each GPU hold at ZeRO stage 1?", "4 + 12/N for this many cards?"),
        ("zero|shard|stage", "bytes (?:per|a|each) parameter|octets par param[èe]tre", "stage 1|zero-1|optimi[sz]er"), {"_s": n("stage|zero|zero-|[ée]tage", "1"), "g": n(CARDS, least=2)}, "4+12/{g}", needs="stage 1|zero-1|[ée]tage 1|only the optimi", unit="bytes",
    ),
    Formula(
        "bytes per parameter at ZeRO stage 2", "training/fsdp-zero.md",
        ("How many bytes per parameter does each GPU hold at ZeRO stage 2?", "2 + 14/N for this many cards?"),
        ("zero|shard|stage", "bytes (?:per|a|each) parameter|octets par param[èe]tre", "stage 2|zero-2|gradients"), {"_s": n("stage|zero|zero-|[ée]tage", "2"), "g": n(CARDS, least=2)}, "2+14/{g}", needs="stage 2|zero-2|[ée]tage 2|gradients and optimi", unit="bytes",
    ),
    Formula(
        "cards that a partly sharded optimizer needs", "training/fsdp-zero.md",
        ("On how many GPUs must only the optimizer be sharded so that the states fit in so many gigabytes each?", "Fewest cards at ZeRO stage 1, given the memory per card?"),
        ("shard|zero", "how many|fewest|combien|number", CARDS, "stage 1|zero-1|only the optimi"), {"_s": n("stage|zero|zero-|[ée]tage", "1"), "p": n(PARAMETERS, least=1e5), "m": of("bytes")}, "ceil(12*{p}/({m}-4*{p}))", unit="GPUs", needs="stage 1|zero-1|[ée]tage 1|only the optimi",
    ),
    Formula(
        "memory of the logits and their gradient", "training/memoire-entrainement.md",
        ("How much memory do the logits over the vocabulary and their gradient take together?", "Logits plus their gradient for one sequence in fp32: GB?", "Combien de Go prennent les logits et leur gradient réunis ?"),
        ("logits?", "gradients?", MEMORY), {"t": n("tokens?|sequence|positions?|jetons?|prompt|s[ée]quence"), "s": n("sequences|s[ée]quences|batch|lot", "1"), "v": n("vocabular|vocabulaire|entries|entr[ée]es", least=256), "b": of("dtype", DTYPE, "4")}, "2*{s}*{t}*{v}*{b}", "bytes", needs="gradients?",
    ),
    Formula(
        "size of a model by Chinchilla's ratio", "training/questions-entretien.html",
        ("Which model size suits so many training tokens by Chinchilla's twenty tokens per parameter?", "Corpus given: compute-optimal number of parameters?", "Quelle taille de modèle pour tant de jetons selon Chinchilla ?"),
        ("chinchilla|compute-optimal|hoffmann|optimal", "size|large|big|how many parameters|taille|combien de param"), {"t": n("tokens?|jetons?|corpus", least=1e5), "_r": n("tokens per parameter|ratio|jetons par", "20")}, "{t}/20", unit="parameters", needs="how (?:large|big)|how many parameters|size|taille|combien de param", never="flops?|budget",
    ),
    Formula(
        "size of a model that a compute budget trains best", "training/questions-entretien.html",
        ("Which model size is compute-optimal for so many FLOPs, with twenty tokens per parameter?", "√(C/120): parameters for this budget?", "Budget d'opérations et règle des vingt jetons par paramètre : quelle taille de modèle ?"),
        ("chinchilla|compute-optimal|hoffmann|optimal|twenty|20 tokens|vingt", "flops?|budget|compute|op[ée]rations", "size|large|big|parameters|taille"), {"c": n("flops?|budget|compute|op[ée]rations", least=1e15), "_r": n("tokens per|tokens a|jetons par", "20")}, "sqrt({c}/120)", unit="parameters", never="how many tokens|combien de jetons",
    ),
    Formula(
        "tokens that a compute budget trains on best", "training/questions-entretien.html",
        ("How many tokens are compute-optimal for so many FLOPs, with twenty tokens per parameter?",),
        ("chinchilla|compute-optimal|hoffmann|optimal|twenty|20 tokens|vingt", "flops?|budget|compute|op[ée]rations", "tokens|jetons|data"), {"c": n("flops?|budget|compute|op[ée]rations", least=1e15), "_r": n("tokens per|tokens a|jetons par", "20")}, "20*sqrt({c}/120)", unit="tokens", needs="how many tokens|combien de jetons|how much data",
    ),
    Formula(
        "what decay takes off a weight in one step", "training/adamw.md",
        ("How much does decoupled weight decay take off a weight of this value in one step?", "lr·λ·θ?", "Combien la décroissance retire-t-elle à un poids de cette valeur en un pas ?"),
        (_DECAY, "one step|single step|per step|un pas|take|subtract|retire"), {"lr": n(_RATE), "w": n(_DECAY), "x": n("value|weight of|of\\b|θ|theta|valeur|poids de")}, "{lr}*{w}*{x}", needs="(?:weight|parameter|poids|value|θ|theta)\\D{0,14}\\d", never="factor|left|remain|half|percent|%",
    ),
    Formula(
        "share of a constant gradient in its moving average", "training/adamw.md",
        ("After so many steps of the same gradient, what share of it has Adam's uncorrected moving average reached?", "1 − β^t?", "Après tant de pas de gradient constant, quelle part la moyenne non corrigée atteint-elle ?"),
        ("β|beta|moment|average|moyenne", "share|fraction|percent|%|part\\b|reach", "steps?|pas\\b"), {"b": share("β_?[12]?|beta_?[12]?|moment"), "t": n("steps?|after|pas\\b|t\\b", least=1)}, "1-{b}**{t}", "share", needs="share|fraction|percent|%|part\\b|how much", never="decay|window|correct(?:ed|ion) moment",
    ),
)  # fmt: skip
