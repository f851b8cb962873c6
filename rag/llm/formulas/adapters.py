"""Formulas of the handbook's pages on adapters, and on tuning against prompting."""

# ruff: noqa: E501 - a table, in which a pattern is one cell
from __future__ import annotations

from rag.llm.formulas.base import Formula, n, of
from rag.llm.formulas.words import DTYPE, MEMORY, MONTHS, PARAMETERS, PERCENT, SERVING, STATES

_ADAPTER = "lora|adapter|adaptateur|low-rank|rang|rank"
_SQUARE = "square|carr[ée]e?|side|wide|dimension|width|matri|sur|by"

FORMULAS = (
    Formula(
        "euros a month that shorter prompts save", "training/fine-tune-or-prompt.md",
        ("tokens × requests × price: monthly bill of the examples in the prompt?", "Retirer les exemples de l'invite : économie mensuelle ?", "Monthly value of the prompt tokens a fine-tune would make unnecessary?",
         "How much money a month do shorter prompts save?", "What do the few-shot examples in the prompt cost us each month?", "Combien coûtent par mois les exemples de l'invite ?", "Dropping so many prompt tokens from all monthly requests: what does it save in euros?", "A few-shot prefix, monthly traffic and a price per million: how much would tuning save monthly?"),
        ("sav|[ée]conomi|drop|remov|shorter|less|cost|examples?|drag|carr|co[ûu]t", MONTHS),
        {"t": n("tokens?|jetons?|each|shorter"), "c": of("rate", "calls?|requests?|month|requ[êe]tes?|appels?|mois|monthly", per=2592000), "p": of("price")}, "{t}*{c}*{p}", "money", "a month",
    ),
    Formula(
        "months until tuning is paid for", "training/fine-tune-or-prompt.md",
        ("One-off cost of a fine-tune against the prompt tokens it drops each month: payback?", "Coût de l'affinage, jetons économisés, trafic et prix : amortissement en mois ?",
         "After how many months is a fine-tuning project paid for by the prompt tokens it saves?", "When does dropping the few-shot examples repay the training?", "En combien de mois l'affinage est-il amorti ?", "We spent so much on a fine-tune that shortens every prompt: months to break even?"),
        ("tun|train|ajust|affin", "months?|mois|paid|pay|break|rentab|amorti"),
        {"cost": of("money", "cost|project|co[ûu]t|budget|projet|spend|price of"), "t": n("tokens?|jetons?|shorter|drop|remov|sav"),
         "calls": of("rate", "calls?|requests?|requ[êe]tes?|appels?|monthly|month|mois", per=2592000), "price": of("price", "tokens?|million")},
        "{cost}/({t}*{calls}*{price})", unit="months",
    ),
    Formula(
        "months until a monthly saving pays a cost", "training/fine-tune-or-prompt.md",
        ("Cost over monthly saving: months?", "Économie mensuelle et coût initial : en combien de mois est-ce rentabilisé ?",
         "After how many months does a saving of so many euros a month repay what the fine-tune cost?",),
        ("months?|mois", "sav|[ée]conomi|pay|break|rentab|amorti"), {"c": of("money", "cost|project|co[ûu]t|spend|invest"), "s": of("wage", "sav|month|mois|[ée]conomi", per=2592000)}, "{c}/{s}", unit="months",
    ),
    Formula(
        "weights of a LoRA adapter", "training/lora-qlora.md",
        ("r·(d_in + d_out)?", "A and B of a LoRA pair: number of trainable weights?", "Adaptateur de rang r sur une matrice d'entrée et de sortie données : paramètres ?",
         "How many weights does a LoRA adapter of this rank train on a matrix?", "Trainable parameters that a low-rank correction of a projection adds?", "Combien de poids LoRA apprend-il sur une matrice à ce rang ?", "A rank-r adapter on a rectangular matrix trains how many numbers?"),
        (_ADAPTER, "weights?|parameters?|poids|param[èe]tres?|train|entra[îi]n"),
        {"r": n("r\\b|rank|rang"), "a": n("matri|by|to|x\\b|d_?in|from|input|entr[ée]e|linear|layer", least=8),
         "b": n("matri|by|to|x\\b|d_?out|output|sortie|linear|layer", least=8), "m": n("matrices|layers|modules|couches", "1")},
        "{m}*{r}*({a}+{b})", unit="parameters", never="\\bq,? ?(?:and|et|k)|quer(?:y|ies) and|share|percent|%|part des|pour cent|fraction",
    ),
    Formula(
        "weights of a LoRA adapter on a square matrix", "training/lora-qlora.md",
        ("2·r·d?", "LoRA sur une matrice carrée : nombre de paramètres appris ?", "Rank r, square d by d: trainable numbers?",
         "How many weights does a LoRA adapter of this rank train on a square matrix?",),
        (_ADAPTER, "weights?|parameters?|poids|param[èe]tres?|train|entra[îi]n", "square|carr[ée]e?"),
        {"r": n("rank|rang|r\\b"), "d": n("square|matri|width|carr|dimension|side", least=8), "m": n("matrices|modules", "1")}, "{m}*{r}*2*{d}", unit="parameters", never="share|percent|%|part des|pour cent|fraction",
    ),
    Formula(
        "share of a square matrix that a low-rank adapter trains", "training/lora-qlora.md",
        ("r(d_in + d_out) over d_in·d_out, in percent?",
         "What percentage of a matrix's weights does a low-rank adapter train?", "LoRA on a projection: which part of its weights is learned?", "Quelle part des poids d'une matrice LoRA apprend-il ?", "What percent of a square weight matrix does this rank adapt?"),
        (_ADAPTER, PERCENT, "matri|layer|square|carr[ée]e"), {"r": n("rank|rang|r\\b"), "a": n(_SQUARE + "|from|de\\b", least=8), "b": n("matri|by|x\\b|to\\b|sur\\b", least=8)}, "{r}*({a}+{b})/({a}*{b})", "share",
    ),
    Formula(
        "share of a square matrix of one side that a low-rank adapter trains", "training/lora-qlora.md",
        ("2r/d in percent?", "Part d'une matrice carrée qu'apprend un adaptateur de rang r ?",
         "What percentage of a square matrix's weights does a low-rank adapter train?", "Rank r on a square projection of this side: how much of it is trained?"),
        (_ADAPTER, PERCENT, "square|carr[ée]e"), {"r": n("rank|rang|r\\b"), "d": n(_SQUARE, least=8)}, "2*{r}/{d}", "share",
    ),
    Formula(
        "share of a model that an adapter trains", "training/lora-qlora.md",
        ("Trainable over total parameters?", "Part des paramètres entraînés avec cet adaptateur ?",
         "What share of a model's parameters does an adapter train?", "Trainable part of the whole model with these adapters?"),
        ("adapter|lora|adaptateur|trainable|trained", PERCENT), {"a": n("adapter|lora|adaptateur|train", least=1e3), "m": n("model|total|whole|mod[èe]le|parameters|of\\b|billion", least=1e5)}, "{a}/{m}", "share",
    ),
    Formula(
        "scale of LoRA's update", "training/lora-qlora.md",
        ("α/r?", "lora_alpha over rank: multiplier?",
         "By which factor is LoRA's update scaled, given alpha and the rank?", "What number multiplies B·A·x?", "Par quel facteur LoRA multiplie-t-il sa correction ?"),
        ("lora|b·a|α|alpha", "scal|factor|multipl|facteur|[ée]chelle"), {"a": n("α|alpha"), "r": n("r\\b|rank|rang")}, "{a}/{r}", never="stabil|rslora",
    ),
    Formula(
        "scale of rank-stabilised LoRA's update", "training/lora-qlora.md",
        ("α/√r?", "use_rslora with this alpha and r: multiplier?",
         "By which factor does rank-stabilised LoRA scale its update?", "rsLoRA's multiplier for this alpha and rank?", "Quel facteur utilise LoRA à rang stabilisé ?"),
        ("stabil|rslora", "scal|factor|multipl|facteur|[ée]chelle"), {"a": n("α|alpha"), "r": n("r\\b|rank|rang")}, "{a}/sqrt({r})",
    ),
    Formula(
        "extra bits per weight of quantisation constants", "training/lora-qlora.md",
        ("One fp32 scale for every so many weights: extra bits per weight?", "Absmax constant of so many bits per block: overhead in bits per weight?",
         "One scale of so many bits shared by a block: extra bits per weight?",
         "How many bits per weight do the quantisation constants of blocks add?", "One fp32 scale for a block of weights: what does it cost per weight?", "Combien de bits par poids coûtent les échelles de blocs ?", "A full-precision scale per group of weights: overhead in bits a weight?", "Groups of weights share one 16-bit scale: what's the overhead per weight in bits?"),
        ("constants?|scales?|constantes?|[ée]chelles?", "bits? (?:per|a|each)|bits? par|overhead|extra"), {"b": of("bits", "constants?|scales?|each|constantes?"), "g": n("blocks?|groups?|weights?|blocs?|groupes?|every", least=2)}, "{b}/{g}", unit="bits", never="double|really|effective|en r[ée]alit[ée]|in all|codes?\\b|constant for (?:every|each)|themselves",
    ),
    Formula(
        "bits per weight of doubly quantised constants", "training/lora-qlora.md",
        ("8-bit scales per block of weights and an fp32 constant for every group of scales: bits per weight lost to that?",
         "8/64 + 32/(64·256) with other block sizes?", "Scales themselves quantised in blocks: overhead per weight?", "Double quantification : bits par poids pour les constantes ?",
         "How many bits per weight do the constants take with double quantisation?",),
        ("double|second|twice|deux fois|themselves|constant for (?:every|each)|groups? of", "bits?|overhead", "quanti|scales?|constants?"), {"x": of("bits", "first|constants?|8", "8"), "a": n("blocks? of|blocs? de|block|weights?"), "y": of("bits", "second|fp32|32|constant", "32"), "b": n("groups? of|constants?|every|second|scales", below=""), "_w": of("bits", "weights?|nf4|4-bit", "4")}, "{x}/{a}+{y}/({a}*{b})", unit="bits",
    ),
    Formula(
        "size of a QLoRA base", "training/lora-qlora.md",
        ("4.127 bits per weight: size of the frozen weights?", "NF4 copy of the linear layers: GB?",
         "How large is the frozen base of QLoRA in NF4 with double quantization?", "Gigabytes of so many weights stored as 4-bit NormalFloat?", "Combien de Go pour la base gelée en NF4 ?", "So many billion parameters in NF4 with double quantisation: gigabytes?"),
        ("nf4|qlora|normalfloat", MEMORY), {"_m": of("bits", "bits?", "4.127"), "_d": of("dtype", default="0.5"), "p": n(PARAMETERS + "|base|billion|milliards?", least=1e5)}, "4.127*{p}/8", "bytes",
    ),
    Formula(
        "memory of an adapter", "training/lora-qlora.md",
        ("Adapter checkpoint in bf16: megabytes?", "Poids d'un fichier d'adaptateur LoRA ?",
         "How large is the file of an adapter or a model with so many parameters in 16 bits?", "Disk size of LoRA weights?"),
        ("adapter|lora|adaptateur", "mb\\b|gb\\b|mo\\b|go\\b|file|fichier|megabytes|disk|bytes"), {"p": n("parameters?|weights?|adapter|param[èe]tres?", least=1e4), "b": of("dtype", DTYPE, "2")}, "{p}*{b}", "bytes", never="gradients?|moments?|adam|optimi[sz]er|nf4",
    ),
    Formula(
        "memory of training an adapter", "training/lora-qlora.md",
        ("16 bytes per trainable parameter of the adapters: gigabytes?", "LoRA weights, grads, m and v, all fp32: memory?",
         "How much memory do adapter weights, their gradients and Adam's moments take in fp32?", "Optimizer footprint of so many trainable LoRA parameters?", "Combien de mémoire pour entraîner un adaptateur, gradients et moments compris ?", "Adapters only: memory for their weights, gradients and optimizer?"),
        ("adapter|lora|adaptateur|trainable", "gradients?|moments?|adam|optimi[sz]er", MEMORY), {"p": n("parameters?|weights?|adapter|param[èe]tres?", least=1e4), "_d": of("dtype", DTYPE, "4")}, "16*{p}", "bytes", never=SERVING, needs=STATES,
    ),
    Formula(
        "weights of LoRA on the four attention matrices", "training/lora-qlora.md",
        ("Adapters of rank r on all four attention projections of every layer: trainable weights?", "LoRA sur q, k, v et o, toutes carrées : combien de paramètres ?",
         "How many weights do LoRA adapters on q, k, v and o train, all square, over the layers?",), (_ADAPTER, "q, ?k, ?v(?:,? (?:and|et))? ?,?o\\b|qkvo|all four", "weights?|parameters?|poids|param[èe]tres?|trainable"), {"r": n("r\\b|rank|rang"), "d": n(_SQUARE + "|all", least=64), "_d": n("by|x\\b|sur", "0", least=64), "l": n("layers|couches|blocks", "1"), "_k": n("four|matrices|quatre", "4")}, "4*{r}*2*{d}*{l}", unit="parameters",
    ),
    Formula(
        "weights of LoRA on the query and value matrices", "training/lora-qlora.md",
        ("The original LoRA recipe, q and v only, all layers: trainable parameters?", "LoRA sur q et v seulement : combien de paramètres ?",
         "How many weights do LoRA adapters on the query and value matrices train, both square, over the layers?",), (_ADAPTER, "q (?:and|et) v\\b|quer(?:y|ies) and values?", "weights?|parameters?|poids|param[èe]tres?|trainable"), {"r": n("r\\b|rank|rang"), "d": n(_SQUARE + "|all", least=64), "_d": n("by|x\\b|sur", "0", least=64), "l": n("layers|couches|blocks", "1")}, "2*{r}*2*{d}*{l}", unit="parameters",
    ),
    Formula(
        "weights of LoRA on all linear layers of Mistral 7B", "training/lora-qlora.md",
        ("How many parameters does LoRA of this rank train on all linear layers of Mistral 7B?", "Rank r on q, k, v, o, gate, up and down of every Mistral 7B layer: trainable weights?", "LoRA sur toutes les matrices linéaires de Mistral 7B : combien de paramètres ?"),
        (_ADAPTER, "mistral", "all linear|every linear|all (?:the )?(?:linear )?(?:matri|layers)|toutes|each linear"), {"_m": of("model"), "r": n("r\\b|r =|rank|rang")}, "81920*{r}*32", unit="parameters", needs="(?=.*(?:lora|adapter|rank|rang)).*mistral[ -]7b", never="share|percent|%|gb\\b|mb\\b|go\\b|mo\\b|bytes|memory|q and v|only|seulement",
    ),
    Formula(
        "share of Mistral 7B that LoRA on all linear layers trains", "training/lora-qlora.md",
        ("What percentage of Mistral 7B's parameters does LoRA of this rank on all linear layers train?",),
        (_ADAPTER, "mistral", PERCENT), {"_m": of("model"), "r": n("r\\b|r =|rank|rang")}, "81920*{r}*32/7241732096", "share", needs="(?=.*(?:lora|adapter|rank|rang)).*mistral[ -]7b", never="q and v|only|square|matrix",
    ),
    Formula(
        "file of a LoRA adapter on all linear layers of Mistral 7B", "training/lora-qlora.md",
        ("How large is the bf16 file of a LoRA adapter of this rank on all linear layers of Mistral 7B?", "Mistral 7B, LoRA everywhere at rank r: megabytes to ship per adapter?"),
        (_ADAPTER, "mistral", MEMORY), {"_m": of("model"), "r": n("r\\b|r =|rank|rang"), "b": of("dtype", DTYPE, "2")}, "81920*{r}*32*{b}", "bytes", needs="(?=.*(?:lora|adapter|rank|rang)).*mistral[ -]7b", never="gradients?|moments?|adam|optimi|train|base|nf4",
    ),
    Formula(
        "weights of LoRA on the query and value matrices of Mistral 7B", "training/lora-qlora.md",
        ("How many parameters does LoRA of this rank train on q and v only of Mistral 7B, over its 32 layers?",),
        (_ADAPTER, "mistral", "q (?:and|et) v|quer(?:y|ies) and values?"), {"_m": of("model"), "r": n("r\\b|r =|rank|rang"), "_l": n("layers|couches", "32")}, "(8192+5120)*{r}*32", unit="parameters", needs="(?=.*(?:lora|adapter|rank|rang)).*mistral[ -]7b",
    ),
    Formula(
        "adapters that a memory holds", "training/lora-qlora.md",
        ("How many LoRA adapters of so many parameters fit in the memory that is left?", "Spare gigabytes over the size of an adapter: how many can stay loaded?", "Combien d'adaptateurs tiennent dans la mémoire restante ?"),
        ("adapters?|lora|adaptateurs?", "how many|combien", "fit|hold|loaded|tien|left|spare|reste"), {"m": of("bytes", "left|spare|memory|fit|reste"), "p": n("parameters?|weights?|each|param[èe]tres?", least=1e4), "b": of("dtype", DTYPE, "2")}, "floor({m}/({p}*{b}))", unit="adapters", needs="how many|combien",
    ),
    Formula(
        "months to pay back at other traffic", "training/fine-tune-or-prompt.md",
        ("A fine-tune pays back in so many months; after how many if traffic is so many times higher?", "Payback at present traffic, traffic multiplied: months?"),
        ("months?|mois", "times (?:the |as much )?traffic|traffic|trafic", "pay|amorti|break"), {"m": of("time", "months?|mois"), "k": n("times|fois|x\\b|traffic")}, "{m}/({k}*2592000)", unit="months", needs="traffic|trafic", never="euros?|€|\\$",
    ),
)  # fmt: skip
