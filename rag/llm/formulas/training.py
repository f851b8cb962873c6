"""Formulas of the handbook's pages on training: optimizer, memory, sharding, adapters, cost."""

# ruff: noqa: E501 - a table, in which a pattern is one cell
from __future__ import annotations

from rag.llm.formulas.base import Formula, n, of, share
from rag.llm.formulas.words import CARDS, MEMORY, MONTHS, PARAMETERS, PERCENT, SERVING, STATES

_ADAPTER = "lora|adapter|adaptateur|low-rank|rang|rank"
_TRAIN = "train|entra[îi]n|fine-tun|adam|state|[ée]tat|zero|shard"
_SQUARE = "square|carr[ée]e?|side|wide|dimension|width|matri|sur|by"
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
        ("After how many steps has weight decay halved a weight that gets no gradient?", "When is an idle weight down to half its size under decoupled decay?", "Après combien de pas un poids sans gradient a-t-il perdu la moitié de sa valeur ?", "With this learning rate and decay, how many steps until an unused weight has halved?"),
        (_DECAY, "half|moiti[ée]|halv"),
        {"lr": n("learning rate|lr\\b|pas|taux d'apprentissage|step size|rate"), "w": n(_DECAY + "|adamw"), "h": share("half|moiti[ée]", "0.5")},
        "log(0.5)/log(1-{lr}*{w})", unit="steps",
    ),
    Formula(
        "weight left after decay", "training/adamw.md",
        ("What fraction of a weight without gradient is left after steps of weight decay?", "How much of an idle weight remains after so many AdamW updates?", "Quelle part d'un poids sans gradient reste après tant de pas ?", "Percentage of an untouched weight that survives so many steps?"),
        (_DECAY, "left|remain|reste|keep|surviv|share|fraction|still"),
        {"lr": n(_RATE), "w": n(_DECAY), "t": n("steps?|updates?|pas\\b|it[ée]rations?", least=2)}, "(1-{lr}*{w})**{t}", "share", never="lost|shrunk|shrink|gone|perdu|r[ée]tr[ée]ci",
    ),
    Formula(
        "weight lost to decay", "training/adamw.md",
        ("By what percentage has a weight without gradient shrunk after steps of weight decay?", "How much of an idle weight is gone after so many AdamW updates?", "De combien un poids sans gradient a-t-il diminué après tant de pas ?", "Weight decay alone, no gradient: how far down has the parameter come?"),
        (_DECAY, "lost|lose|shrunk|shrink|gone|smaller|perd|diminu|r[ée]tr[ée]ci"),
        {"lr": n(_RATE), "w": n(_DECAY), "t": n("steps?|updates?|pas\\b|it[ée]rations?", least=2)}, "1-(1-{lr}*{w})**{t}", "share", never="half|moiti|left|remain|reste|surviv|keep|still",
    ),
    Formula(
        "shrinkage of one step of decay", "training/adamw.md",
        ("By which factor does decoupled weight decay shrink a weight in one step?",),
        (_DECAY, "factor|multipl|facteur", "step|pas\\b"), {"lr": n(_RATE), "w": n(_DECAY)}, "1-{lr}*{w}", never="half|moiti",
    ),
    Formula(
        "window of a moving average", "training/adamw.md",
        ("Over about how many steps does a moving average such as Adam's second moment with this beta remember?", "Averaging horizon of squared gradients for this beta2?", "Sur combien de pas environ Adam moyenne-t-il les carrés des gradients ?", "How long is the memory, in steps, of an exponential average with this beta?"),
        ("β|beta|moment|moving average|moyenne", "window|steps?|fen[êe]tre|memory|average over|horizon|pas\\b"),
        {"b": share("β_?[12]?|beta_?[12]?|moment|coefficient")}, "1/(1-{b})", unit="steps",
    ),
    Formula(
        "first Adam step without bias correction", "training/adamw.md",
        ("How many times the learning rate is Adam's first update without bias correction?", "Bias correction is missing: how long is the very first step?", "Combien de fois le pas vaut la première mise à jour sans correction du biais ?", "Adam's running means start at zero and nobody corrects them: size of step one in learning rates?"),
        ("adam|β|beta", "bias|biais|correction", "first|premi[èe]r|step"),
        {"b1": share("β_?1|beta_?1|first|premier", "0.9"), "b2": share("β_?2|beta_?2|second", "0.999")}, "(1-{b1})/sqrt(1-{b2})",
    ),
    Formula(
        "Adam step after a long run of zeros", "training/adamw.md",
        ("How many learning rates long is Adam's step when one gradient follows a long run of zeros?", "Sparse gradients: how large a step can a single gradient cause?", "Gradients are zero for ages, then one arrives: the step is how many learning rates?"),
        ("adam|β|beta", "zeros?|sparse|silence|single gradient|one gradient|rare"), {"b1": share("β_?1|beta_?1|first", "0.9"), "b2": share("β_?2|beta_?2|second", "0.999")}, "(1-{b1})/sqrt(1-{b2})", never="correction",
    ),
    Formula(
        "largest update of Adam after a long silence", "training/adamw.md",
        ("How many times the learning rate can Adam's update reach at most?", "Upper bound of an Adam step over all gradient histories?"),
        ("adam", "largest|most|maxim|worst|exceed|reach|plus grand|bound"), {"b1": share("β_?1|beta_?1|first"), "b2": share("β_?2|beta_?2|second")}, "(1-{b1})/sqrt((1-{b2})*(1-{b1}**2/{b2}))",
    ),
    Formula(
        "bias-corrected moment", "training/adamw.md",
        ("What is Adam's moment after bias correction at this step?",),
        ("bias|biais|correct", "moment|adam|m̂|v̂|m\\b"), {"m": n("moment|m\\b|average|m =|value|is\\b"), "b": share("β|beta"), "t": n("step|t\\b|pas\\b|[ée]tape|after")}, "{m}/(1-{b}**{t})",
    ),
    Formula(
        "memory of Adam's moments", "training/adamw.md",
        ("How much memory do Adam's two moments take?", "Gigabytes for the two running averages of the optimizer, in fp32?", "Combien de Go pour les deux moyennes mobiles d'Adam ?", "The optimizer's m and v for a model of so many parameters: how many GB?", "State that Adam adds to the weights: size?", "How many GB do Adam's two averages take in fp32?"),
        ("adam|optimi[sz]er|moment", "moments?|states?|[ée]tats?|averages?|moyennes?|\\bm and v\\b|momentum", MEMORY),
        {"p": n(PARAMETERS, least=1e5), "_k": n("moments?|averages?|states?|moyennes?", "2"), "b": of("dtype", default="4")}, "2*{p}*{b}", "bytes", never="zero\\b|stage|shard|parallel|ppo|policy|four|gradients?|master|mixed|zero|8-bit",
    ),
    Formula(
        "learning rate during a linear warm-up", "training/questions-entretien.html",
        ("What is the learning rate at a step of the linear warm-up?", "The rate climbs in a straight line to its peak over so many steps: how large is it at this one?", "Que vaut le pas d'apprentissage à cette itération de l'échauffement linéaire ?", "Halfway up the warm-up ramp: which rate is used?"),
        ("warm-?up|[ée]chauffement|mont|linear|lin[ée]aire|straight|droite|climb|ramp", "learning rate|lr\\b|taux|pas\\b|it[ée]rations?"),
        {"lr": n("to\\b|peak|learning rate|lr\\b|maxim|[àa]\\b|jusqu'[àa]"), "n": n("steps|over|warm-?up|[ée]tapes|pas\\b|it[ée]rations|sur\\b", least=2), "s": n("step\\b|at step|after|[àa] l'[ée]tape|au pas|it[ée]ration\\b|[àa] la|[èe]?e\\b")}, "{lr}*{s}/{n}",
    ),
    Formula(
        "tokens for a model by Chinchilla's ratio", "training/questions-entretien.html",
        ("How many training tokens does Chinchilla's rule of twenty per parameter ask for?", "Compute-optimal data for a model of so many parameters?", "Combien de jetons pour tant de paramètres selon la loi de Chinchilla ?", "Twenty tokens per parameter: how large a corpus?"),
        ("chinchilla|compute-optimal|hoffmann|optimal", "tokens?|jetons?|data"), {"p": n(PARAMETERS, least=1e5)}, "20*{p}", unit="tokens", never="tokens per parameter|jetons par",
    ),
    Formula(
        "euros a month that shorter prompts save", "training/fine-tune-or-prompt.md",
        ("How much money a month do shorter prompts save?", "What do the few-shot examples in the prompt cost us each month?", "Combien coûtent par mois les exemples de l'invite ?", "Dropping so many prompt tokens from all monthly requests: what does it save in euros?", "A few-shot prefix, monthly traffic and a price per million: how much would tuning save monthly?"),
        ("sav|[ée]conomi|drop|remov|shorter|less|cost|examples?|drag|carr|co[ûu]t", MONTHS),
        {"t": n("tokens?|jetons?|each|shorter"), "c": of("rate", "calls?|requests?|month|requ[êe]tes?|appels?|mois|monthly", per=2592000), "p": of("price")}, "{t}*{c}*{p}", "money", "a month",
    ),
    Formula(
        "months until tuning is paid for", "training/fine-tune-or-prompt.md",
        ("After how many months is a fine-tuning project paid for by the prompt tokens it saves?", "When does dropping the few-shot examples repay the training?", "En combien de mois l'affinage est-il amorti ?", "We spent so much on a fine-tune that shortens every prompt: months to break even?"),
        ("tun|train|ajust|affin", "months?|mois|paid|pay|break|rentab|amorti"),
        {"cost": of("money", "cost|project|co[ûu]t|budget|projet|spend|price of"), "t": n("tokens?|jetons?|shorter|drop|remov|sav"),
         "calls": of("rate", "calls?|requests?|requ[êe]tes?|appels?|monthly|month|mois", per=2592000), "price": of("price", "tokens?|million")},
        "{cost}/({t}*{calls}*{price})", unit="months",
    ),
    Formula(
        "months until a monthly saving pays a cost", "training/fine-tune-or-prompt.md",
        ("After how many months does a saving of so many euros a month repay what the fine-tune cost?",),
        ("months?|mois", "sav|[ée]conomi|pay|break|rentab|amorti"), {"c": of("money", "cost|project|co[ûu]t|spend|invest"), "s": of("wage", "sav|month|mois|[ée]conomi", per=2592000)}, "{c}/{s}", unit="months",
    ),
    Formula(
        "bytes that FSDP moves for a step", "training/fsdp-zero.md",
        ("How many gigabytes does each GPU receive and send in a step of fully sharded data parallelism?", "Traffic per GPU and step at ZeRO stage 3?", "Combien de Go par carte et par pas circulent avec ZeRO étage 3 ?", "How much data does one FSDP step push through each GPU's link?"),
        ("fsdp|zero|shard", "communicat|moves?|push|through|traffic|send|receiv|network|exchange|transf|cross|link|volume|circul"), {"_s": n("stage|zero|[ée]tage|stade", "3"), "p": n(PARAMETERS, least=1e5), "b": of("dtype", default="2")}, "3*{p}*{b}", "bytes", never="stages? [12]\\b|zero-[12]",
    ),
    Formula(
        "bytes that data parallelism moves for a step", "training/fsdp-zero.md",
        ("How many gigabytes does each GPU move per step in plain data parallelism or ZeRO stages 1 and 2?",),
        ("zero|data parallel|all-reduce|shard", "communicat|moves?|traffic|send|receiv|network|exchange|transf|cross|link|volume|circul"), {"_s": n("stage|zero|[ée]tage|stade", "1"), "p": n(PARAMETERS, least=1e5), "b": of("dtype", default="2")}, "2*{p}*{b}", "bytes", never="stage 3|fsdp|fully|zero-3",
    ),
    Formula(
        "training states with optimizer and gradients sharded", "training/fsdp-zero.md",
        ("How much model state does each GPU hold when optimizer states and gradients are sharded and the weights are whole?", "Gradients and Adam states split over the cards, full weights on each: memory per card?"),
        ("shard|split|partition|r[ée]parti", "gradients?", "optimi[sz]er|adam|states?", MEMORY + "|hold"),
        {"p": n(PARAMETERS, least=1e5), "g": n(CARDS, least=2)}, "2*{p}+14*{p}/{g}", "bytes", never=SERVING + "|stage|weights? sharded|everything|all three", needs=STATES,
    ),
    Formula(
        "training states with only the optimizer sharded", "training/fsdp-zero.md",
        ("How much model state does each GPU hold when only the optimizer states are sharded?", "ZeRO stage 1: optimizer states sharded only, GB per GPU?"),
        ("shard|split|partition|r[ée]parti", "only|just|seul", "optimi[sz]er|adam", MEMORY + "|hold"),
        {"p": n(PARAMETERS, least=1e5), "g": n(CARDS, least=2)}, "4*{p}+12*{p}/{g}", "bytes", never=SERVING + "|stage [23]|zero-?[23]|gradients? and", needs=STATES,
    ),
    Formula(
        "cards that fully sharded states need", "training/fsdp-zero.md",
        ("On how many GPUs must everything be sharded so that the states fit in so many gigabytes each?", "Fewest cards for training a model with ZeRO stage 3, given the memory per card?", "Combien de cartes au moins pour que les états tiennent, tout réparti ?", "Smallest number of GPUs on which this model can be trained with everything sharded?"),
        ("shard|zero|fsdp|split|r[ée]parti", "how many|fewest|combien|number", CARDS), {"_s": n("stage|zero|[ée]tage", "3"), "p": n(PARAMETERS, least=1e5), "m": of("bytes")}, "ceil(16*{p}/{m})", unit="GPUs", never=SERVING + "|stages? [12]\\b|zero-[12]|infer|serv", needs=STATES,
    ),
    Formula(
        "weights of a LoRA adapter", "training/lora-qlora.md",
        ("How many weights does a LoRA adapter of this rank train on a matrix?", "Trainable parameters that a low-rank correction of a projection adds?", "Combien de poids LoRA apprend-il sur une matrice à ce rang ?", "A rank-r adapter on a rectangular matrix trains how many numbers?"),
        (_ADAPTER, "weights?|parameters?|poids|param[èe]tres?|train|entra[îi]n"),
        {"r": n("r\\b|rank|rang"), "a": n("matri|by|to|x\\b|d_?in|from|input|entr[ée]e|linear|layer", least=8),
         "b": n("matri|by|to|x\\b|d_?out|output|sortie|linear|layer", least=8), "m": n("matrices|layers|modules|couches", "1")},
        "{m}*{r}*({a}+{b})", unit="parameters", never="\\bq,? ?(?:and|et|k)|quer(?:y|ies) and|share|percent|%|part des|pour cent|fraction",
    ),
    Formula(
        "weights of a LoRA adapter on a square matrix", "training/lora-qlora.md",
        ("How many weights does a LoRA adapter of this rank train on a square matrix?",),
        (_ADAPTER, "weights?|parameters?|poids|param[èe]tres?|train|entra[îi]n", "square|carr[ée]e?"),
        {"r": n("rank|rang|r\\b"), "d": n("square|matri|width|carr|dimension|side", least=8), "m": n("matrices|modules", "1")}, "{m}*{r}*2*{d}", unit="parameters", never="share|percent|%|part des|pour cent|fraction",
    ),
    Formula(
        "share of a square matrix that a low-rank adapter trains", "training/lora-qlora.md",
        ("What percentage of a matrix's weights does a low-rank adapter train?", "LoRA on a projection: which part of its weights is learned?", "Quelle part des poids d'une matrice LoRA apprend-il ?", "What percent of a square weight matrix does this rank adapt?"),
        (_ADAPTER, PERCENT, "matri|layer|square|carr[ée]e"), {"r": n("rank|rang|r\\b"), "a": n(_SQUARE + "|from|de\\b", least=8), "b": n("matri|by|x\\b|to\\b|sur\\b", least=8)}, "{r}*({a}+{b})/({a}*{b})", "share",
    ),
    Formula(
        "share of a square matrix of one side that a low-rank adapter trains", "training/lora-qlora.md",
        ("What percentage of a square matrix's weights does a low-rank adapter train?", "Rank r on a square projection of this side: how much of it is trained?"),
        (_ADAPTER, PERCENT, "square|carr[ée]e"), {"r": n("rank|rang|r\\b"), "d": n(_SQUARE, least=8)}, "2*{r}/{d}", "share",
    ),
    Formula(
        "share of a model that an adapter trains", "training/lora-qlora.md",
        ("What share of a model's parameters does an adapter train?", "Trainable part of the whole model with these adapters?"),
        ("adapter|lora|adaptateur|trainable|trained", PERCENT), {"a": n("adapter|lora|adaptateur|train", least=1e3), "m": n("model|total|whole|mod[èe]le|parameters|of\\b|billion", least=1e5)}, "{a}/{m}", "share",
    ),
    Formula(
        "scale of LoRA's update", "training/lora-qlora.md",
        ("By which factor is LoRA's update scaled, given alpha and the rank?", "What number multiplies B·A·x?", "Par quel facteur LoRA multiplie-t-il sa correction ?"),
        ("lora|b·a|α|alpha", "scal|factor|multipl|facteur|[ée]chelle"), {"a": n("α|alpha"), "r": n("r\\b|rank|rang")}, "{a}/{r}", never="stabil|rslora",
    ),
    Formula(
        "scale of rank-stabilised LoRA's update", "training/lora-qlora.md",
        ("By which factor does rank-stabilised LoRA scale its update?", "rsLoRA's multiplier for this alpha and rank?", "Quel facteur utilise LoRA à rang stabilisé ?"),
        ("stabil|rslora", "scal|factor|multipl|facteur|[ée]chelle"), {"a": n("α|alpha"), "r": n("r\\b|rank|rang")}, "{a}/sqrt({r})",
    ),
    Formula(
        "extra bits per weight of quantisation constants", "training/lora-qlora.md",
        ("How many bits per weight do the quantisation constants of blocks add?", "One fp32 scale for a block of weights: what does it cost per weight?", "Combien de bits par poids coûtent les échelles de blocs ?", "A full-precision scale per group of weights: overhead in bits a weight?", "Groups of weights share one 16-bit scale: what's the overhead per weight in bits?"),
        ("constants?|scales?|constantes?|[ée]chelles?", "bits? (?:per|a|each)|bits? par|overhead|extra"), {"b": of("bits", "constants?|scales?|each|constantes?"), "g": n("blocks?|groups?|weights?|blocs?|groupes?|every", least=2)}, "{b}/{g}", unit="bits", never="double|really|effective|en r[ée]alit[ée]|in all|codes?\\b",
    ),
    Formula(
        "bits per weight of doubly quantised constants", "training/lora-qlora.md",
        ("How many bits per weight do the constants take with double quantisation?",),
        ("double|second|twice|deux fois", "bits?", "quanti"), {"x": of("bits", "first|constants?|8", "8"), "a": n("blocks? of|blocs? de|block|weights?"), "y": of("bits", "second|fp32|32", "32"), "b": n("groups? of|constants?|every|second")}, "{x}/{a}+{y}/({a}*{b})", unit="bits",
    ),
    Formula(
        "size of a QLoRA base", "training/lora-qlora.md",
        ("How large is the frozen base of QLoRA in NF4 with double quantization?", "Gigabytes of so many weights stored as 4-bit NormalFloat?", "Combien de Go pour la base gelée en NF4 ?", "So many billion parameters in NF4 with double quantisation: gigabytes?"),
        ("nf4|qlora|normalfloat", MEMORY), {"_m": of("bits", "bits?", "4.127"), "_d": of("dtype", default="0.5"), "p": n(PARAMETERS + "|base|billion|milliards?", least=1e5)}, "4.127*{p}/8", "bytes",
    ),
    Formula(
        "memory of an adapter", "training/lora-qlora.md",
        ("How large is the file of an adapter or a model with so many parameters in 16 bits?", "Disk size of LoRA weights?"),
        ("adapter|lora|adaptateur", "mb\\b|gb\\b|mo\\b|go\\b|file|fichier|megabytes|disk|bytes"), {"p": n("parameters?|weights?|adapter|param[èe]tres?", least=1e4), "b": of("dtype", default="2")}, "{p}*{b}", "bytes", never="gradients?|moments?|adam|optimi[sz]er|nf4",
    ),
    Formula(
        "memory of training an adapter", "training/lora-qlora.md",
        ("How much memory do adapter weights, their gradients and Adam's moments take in fp32?", "Optimizer footprint of so many trainable LoRA parameters?", "Combien de mémoire pour entraîner un adaptateur, gradients et moments compris ?", "Adapters only: memory for their weights, gradients and optimizer?"),
        ("adapter|lora|adaptateur|trainable", "gradients?|moments?|adam|optimi[sz]er", MEMORY), {"p": n("parameters?|weights?|adapter|param[èe]tres?", least=1e4), "_d": of("dtype", default="4")}, "16*{p}", "bytes", never=SERVING, needs=STATES,
    ),
    Formula(
        "memory of full mixed-precision training with Adam", "training/memoire-entrainement.md",
        ("How much memory do weights, gradients and Adam states take in mixed-precision training of a model?", "Model state of a full training run before any activation?", "Combien de Go d'état du modèle en précision mixte avec Adam, avant les activations ?", "How many GB before the first batch when everything is trained in bf16 with fp32 master weights and Adam?"),
        ("train|entra[îi]n|fine-tun|adam|mix", MEMORY, "adam|mixed|full|complet|mixte|states?|[ée]tats?"), {"p": n(PARAMETERS + "|billion|milliards?", least=1e5), "g": n(CARDS, "1")}, "16*{p}/{g}", "bytes", needs=STATES,
        never=SERVING + "|lora|adapter|adaptateur|nf4|shard|stage|frozen|moments|averages",
    ),
    Formula(
        "activations of a layer", "training/memoire-entrainement.md",
        ("How much memory do the activations of transformer layers take in training without recomputation?", "Bytes a GPT layer keeps for the backward pass, attention matrices included?", "Combien d'octets d'activations par couche sans recalcul ?"),
        ("activation|backward", MEMORY),
        {"s": n(_SEQUENCE, least=16), "b": n(_BATCH, "1"), "h": n(_H, least=64), "a": n("heads?|t[êe]tes?|a\\b"), "l": n("layers|couches", "1")}, "{l}*{s}*{b}*{h}*(34+5*{a}*{s}/{h})", "bytes", never="(?<!sans )(?<!without )(?:recalcul|recomput|checkpoint)|flash|selective|s[ée]lecti",
    ),
    Formula(
        "activations of a layer without the attention matrix", "training/memoire-entrainement.md",
        ("How much memory do activations take with flash attention or selective recomputation of the attention scores?", "What is kept for the backward pass when no score matrix is stored?", "Combien d'activations avec FlashAttention, sans garder les matrices d'attention ?", "FlashAttention, tant de couches, telle largeur, une séquence : combien de Go d'activations ?"),
        (_ACTIVATIONS, "flash|selective|s[ée]lecti|without (?:the )?(?:attention|score)|no (?:score|attention)", MEMORY),
        {"s": n(_SEQUENCE, least=16), "b": n(_BATCH, "1"), "h": n(_H, least=64), "l": n("layers|couches", "1")}, "34*{l}*{s}*{b}*{h}", "bytes",
    ),
    Formula(
        "activations kept with full checkpointing", "training/memoire-entrainement.md",
        ("How much memory do activations take when only the input of each layer is kept and the rest is recomputed?", "Gradient checkpointing on every layer: what stays in memory?", "Combien reste-t-il en mémoire avec le recalcul complet ?", "Recalcul complet, tant de couches, telle largeur, tel lot : Go d'activations gardées ?"),
        (_ACTIVATIONS, "full|checkpoint|only the inputs?|recomput|recalcul|complet", MEMORY),
        {"s": n(_SEQUENCE, least=16), "b": n(_BATCH, "1"), "h": n(_H, least=64), "l": n("layers|couches", "1")}, "2*{l}*{s}*{b}*{h}", "bytes", never="flash|selective|s[ée]lectif|heads?|t[êe]tes?",
    ),
    Formula(
        "memory of the logits", "training/memoire-entrainement.md",
        ("How much memory do the logits of all positions take over the vocabulary?", "Size of the output tensor before the loss, one number per token and vocabulary entry?", "Combien de Mo pour le tenseur de logits ?", "Cross-entropy over a big vocabulary: how large is the tensor of scores in fp32?", "Quelle mémoire pour les logits de plusieurs séquences sur tout le vocabulaire ?"),
        ("logits?", MEMORY),
        {"t": n("tokens?|sequence|positions?|jetons?|prompt|s[ée]quence"), "s": n("sequences|s[ée]quences|batch|lot", "1"), "v": n("vocabular|vocabulaire|entries|entr[ée]es", least=256), "b": of("dtype", default="4")}, "{s}*{t}*{v}*{b}", "bytes",
    ),
    Formula(
        "training states fully sharded", "training/fsdp-zero.md",
        ("How much model state does each GPU hold with FSDP full sharding or ZeRO stage 3?", "Weights, gradients and optimizer all spread over the cards: gigabytes on each?", "Combien de Go d'état par carte quand tout est réparti ?", "ZeRO-3 splits a model over so many cards: gigabytes of states left on each?"),
        ("fsdp|full(?:y)?[- ]shard|zero-?3|stage 3|everything|all (?:three|states)|stade 3|[ée]tage 3|tout est", MEMORY, "each|per|every|chaque|par|state|hold"), {"_s": n("stage|zero|[ée]tage|stade", "3"), "p": n(PARAMETERS + "|shard|of\\b", least=1e5), "g": n(CARDS, least=2)}, "16*{p}/{g}", "bytes", never=SERVING + "|stage [12]\\b|zero-?[12]\\b|only|communicat|moves?|push|traffic|send|link|volume|step", needs=STATES,
    ),
    Formula(
        "weights of LoRA on the four attention matrices", "training/lora-qlora.md",
        ("How many weights do LoRA adapters on q, k, v and o train, all square, over the layers?",), (_ADAPTER, "q, ?k, ?v(?:,? (?:and|et))? ?,?o\\b|qkvo|all four", "weights?|parameters?|poids|param[èe]tres?|trainable"), {"r": n("r\\b|rank|rang"), "d": n(_SQUARE + "|all", least=64), "_d": n("by|x\\b|sur", "0", least=64), "l": n("layers|couches|blocks", "1"), "_k": n("four|matrices|quatre", "4")}, "4*{r}*2*{d}*{l}", unit="parameters",
    ),
    Formula(
        "weights of LoRA on the query and value matrices", "training/lora-qlora.md",
        ("How many weights do LoRA adapters on the query and value matrices train, both square, over the layers?",), (_ADAPTER, "q (?:and|et) v\\b|quer(?:y|ies) and values?", "weights?|parameters?|poids|param[èe]tres?|trainable"), {"r": n("r\\b|rank|rang"), "d": n(_SQUARE + "|all", least=64), "_d": n("by|x\\b|sur", "0", least=64), "l": n("layers|couches|blocks", "1")}, "2*{r}*2*{d}*{l}", unit="parameters",
    ),
)  # fmt: skip
