"""Formulas of the handbook's page on FLOPs: time, cards and shares, also of Mistral 7B, whose shape is known."""

# ruff: noqa: E501 - a table, in which a pattern is one cell
from __future__ import annotations

from rag.llm.formulas.base import Formula, n, of, share
from rag.llm.formulas.words import CARDS, LAYERS, PARAMETERS, TIME, WEIGHTS, WIDTH

_FROZEN = "lora|adapter|adaptateur|frozen|gel[ée]|fig[ée]"
_FLOP = "flop|operations|op[ée]rations|compute|arithmetic|calcul"
_ATTENTION = "attention|scores?"
_UTILISED = "utili[sz]ation|mfu|of (?:its |the |their )?(?:bf16 |dense )?peak|peak|cr[êe]te|efficien|busy|sustain|occup"
_GPU_TIME = "gpu[- ]?(?:hours?|days?)|(?:heures?|jours?)[- ]gpu|card-hours"
_TOKENS = "tokens?|jetons?"
_MISTRAL = "mistral[ -]7b"
_N = "7112491008"  # weights of Mistral 7B in matrix products: all but the input table and the norms

FORMULAS = (
    Formula(
        "FLOPs per token at a context", "transformer/flops-per-token.md",
        ("How many FLOPs does a token cost at this context, weights and attention together?", "2·N + 4·n·d·L for this model?", "Combien d'opérations par jeton, attention comprise, à ce contexte ?"),
        (_FLOP, _ATTENTION, "per token|each token|a token|one token|par jeton|next token", "context|visible|positions|contexte"),
        {"p": n(PARAMETERS, least=1e6), "t": n("context|visible|positions?|tokens?|contexte", least=16), "d": n(WIDTH, least=64), "l": n(LAYERS)}, "2*{p}+4*{t}*{d}*{l}", unit="FLOP", needs="attention|scores?", never="share|percent|%|ignor|without|alone|only",
    ),
    Formula(
        "what attention adds to the arithmetic of the weights", "transformer/flops-per-token.md",
        ("By how many percent does attention raise the arithmetic per token at this context?", "4·n·d·L over 2·N: what does the quadratic part add?", "De combien de pour cent l'attention alourdit-elle le calcul par jeton ?"),
        (_ATTENTION, "percent|%|share|add|pour cent|extra|more", "context|visible|positions|contexte|tokens?"),
        {"p": n(PARAMETERS, least=1e6), "t": n("context|visible|positions?|tokens?|sees?|contexte", least=16), "d": n(WIDTH, least=64), "l": n(LAYERS)}, "4*{t}*{d}*{l}/(2*{p})", "share", bounds=(0.0, 1e3),
    ),
    Formula(
        "what attention adds to the arithmetic of Mistral 7B", "transformer/flops-per-token.md",
        ("How much extra arithmetic, in percent, does attention cost Mistral 7B for a token that sees so many positions?", "Mistral 7B at a long context: attention FLOPs relative to those of the weights?", "De combien l'attention alourdit-elle le calcul de Mistral 7B à ce contexte ?"),
        (_ATTENTION, "percent|%|share|add|pour cent|extra|more", "mistral"),
        {"_m": of("model"), "t": n("context|visible|positions?|tokens?|sees?|contexte", least=16)}, f"4*{{t}}*4096*32/(2*{_N})", "share", needs=_MISTRAL, bounds=(0.0, 1e3), never="utili[sz]|mfu|peak|cache",
    ),
    Formula(
        "attention FLOPs of Mistral 7B for a token", "transformer/flops-per-token.md",
        ("How many GFLOP do Mistral 7B's attention scores and values cost per token at so many visible positions?", "Mistral 7B decoding with this context: FLOPs of attention alone?"),
        (_ATTENTION, _FLOP, "mistral"), {"_m": of("model"), "t": n("context|visible|positions?|tokens?|sees?", least=16)}, "4*{t}*4096*32", unit="FLOP", needs=_MISTRAL, never="percent|%|share|prompt|prefill|train",
    ),
    Formula(
        "time of training with frozen weights", "transformer/flops-per-token.md",
        ("How long does a LoRA fine-tune take on these GPUs at this utilisation?", "Adapters on a frozen model, 4 FLOPs per parameter and token: minutes on one card?", "Combien de temps dure un affinage LoRA à ce taux d'utilisation ?", "No weight gradients for the base: wall-clock time of the run?"),
        (_FROZEN, TIME, "token|jeton"),
        {"p": n(PARAMETERS + "|base", least=1e5), "t": n(_TOKENS, least=1e3), "g": n(CARDS, "1"), "u": share(_UTILISED), "f": of("flops", default="312e12")}, "4*{p}*{t}/({g}*{u}*{f})", "time", needs=_FROZEN, never="how many flops|euros",
    ),
    Formula(
        "time of training with frozen weights at a sustained rate", "transformer/flops-per-token.md",
        ("How long does a LoRA fine-tune take when the card sustains so many TFLOP/s?",),
        (_FROZEN, TIME, "token|jeton"),
        {"p": n(PARAMETERS + "|base", least=1e5), "t": n(_TOKENS, least=1e3), "g": n(CARDS, "1"), "f": of("flops")}, "4*{p}*{t}/({g}*{f})", "time", needs=_FROZEN, never="how many flops|peak|%",
    ),
    Formula(
        "time of training with full recomputation", "transformer/flops-per-token.md",
        ("How long does training take when every block is recomputed and the hardware runs at this utilisation?", "Durée d'un entraînement avec recalcul complet des activations ?"),
        ("recomput|recalcul|checkpointing", TIME, "train|entra[îi]n"),
        {"p": n(PARAMETERS, least=1e5), "t": n(_TOKENS, least=1e3), "g": n(CARDS, "1"), "u": share(_UTILISED + "|hardware", "1"), "f": of("flops", default="312e12")}, "8*{p}*{t}/({g}*{u}*{f})", "time", needs="recomput|recalcul|checkpointing", never=_FROZEN + "|mfu|model flops",
    ),
    Formula(
        "training throughput at a utilisation", "transformer/flops-per-token.md",
        ("How many tokens per second does training reach at this MFU on these GPUs?", "Peak, MFU, number of cards and model size: training tokens a second?", "Combien de jetons par seconde pour cet entraînement à ce MFU ?"),
        ("train|mfu|entra[îi]n", "tokens? (?:per|a|/|each) ?s|tokens/s|jetons? par seconde|throughput|d[ée]bit"),
        {"p": n(PARAMETERS, least=1e5), "g": n(CARDS, "1"), "u": share(_UTILISED), "f": of("flops", default="312e12")}, "{u}*{g}*{f}/(6*{p})", unit="tokens/s", never="decod|generat|inference|prefill|" + _FROZEN,
    ),
    Formula(
        "cards that train a model in a given time", "transformer/flops-per-token.md",
        ("How many GPUs are needed to train a model on so many tokens within so many days?", "Deadline, MFU, parameters and corpus: size of the cluster?", "Combien de cartes pour entraîner ce modèle en tant de jours ?"),
        ("how many|combien", CARDS, "train|entra[îi]n", "days?|weeks?|hours?|jours?|semaines?|within|deadline"),
        {"p": n(PARAMETERS, least=1e5), "t": n(_TOKENS, least=1e3), "u": share(_UTILISED, "1"), "f": of("flops", default="312e12"), "d": of("time", "in\\b|within|days?|weeks?|deadline|jours?|en\\b")}, "ceil(6*{p}*{t}/({u}*{f}*{d}))", unit="GPUs", needs="how many|combien|number of|size of", never=_FROZEN + "|gpu-hours|recomput",
    ),
    Formula(
        "model FLOPs utilisation of Mistral 7B", "transformer/flops-per-token.md",
        ("What MFU does training Mistral 7B at so many tokens per second mean on these cards?", "Training a model of Mistral 7B's shape: share of the A100s' peak?", "Quel MFU pour un entraînement de Mistral 7B à ce débit ?"),
        ("mfu|utili[sz]ation|share of|percent|%|peak", _TOKENS, "mistral"),
        {"_m": of("model"), "r": of("rate", "tokens?|jetons?|pushes|second"), "g": n(CARDS, "1"), "f": of("flops", default="312e12")}, f"6*{_N}*{{r}}/({{g}}*{{f}})", "share", needs="mfu|train|entra[îi]n|utili[sz]",
    ),
    Formula(
        "FLOPs of training Mistral 7B", "transformer/flops-per-token.md",
        ("How many FLOPs does it take to train or fully fine-tune Mistral 7B on so many tokens?", "6·N·D for Mistral 7B?", "Combien d'opérations pour affiner Mistral 7B sur tant de jetons ?"),
        (_FLOP, "train|entra[îi]n|fine-?tun|affin", "mistral"), {"_m": of("model"), "t": n(_TOKENS, least=1e3)}, "6*7241732096*{t}", unit="FLOP", needs=_MISTRAL, never=_FROZEN + "|mfu|how long|hours|minutes|recomput",
    ),
    Formula(
        "FLOPs of training Mistral 7B with frozen weights", "training/fine-tune-or-prompt.md",
        ("How many FLOPs does a LoRA fine-tune of Mistral 7B take on so many tokens?", "Combien d'opérations pour affiner Mistral 7B avec LoRA ?"),
        (_FLOP, _FROZEN, "mistral"), {"_m": of("model"), "t": n(_TOKENS, least=1e3)}, "4*7241732096*{t}", unit="FLOP", needs=_FROZEN, never="how long|hours|minutes",
    ),
    Formula(
        "time of training Mistral 7B", "training/fine-tune-or-prompt.md",
        ("How long does a full fine-tune of Mistral 7B take on so many tokens at this utilisation?", "Mistral 7B, training tokens, A100 at part of its peak: minutes?", "Combien de temps pour affiner Mistral 7B sur tant de jetons ?"),
        ("train|entra[îi]n|fine-?tun|affin", TIME, "mistral"), {"_m": of("model"), "t": n(_TOKENS, least=1e3), "g": n(CARDS, "1"), "u": share(_UTILISED), "f": of("flops", default="312e12")}, "6*7241732096*{t}/({g}*{u}*{f})", "time", needs=_MISTRAL, never=_FROZEN + "|gpu-hours|prefill|prompt",
    ),
    Formula(
        "time of training Mistral 7B with frozen weights", "training/fine-tune-or-prompt.md",
        ("How long does a LoRA fine-tune of Mistral 7B take on so many tokens at this utilisation?", "Affinage LoRA de Mistral 7B : combien de minutes sur une carte ?"),
        (_FROZEN, TIME, "mistral"), {"_m": of("model"), "t": n(_TOKENS, least=1e3), "g": n(CARDS, "1"), "u": share(_UTILISED), "f": of("flops", default="312e12")}, "4*7241732096*{t}/({g}*{u}*{f})", "time", needs=_FROZEN, never="gpu-hours",
    ),
    Formula(
        "work lost to padding", "transformer/flops-per-token.md",
        ("What share of a batch's FLOPs is wasted when sequences are padded to the longest?", "Mean length and padded length: part of the arithmetic spent on filler?", "Quelle part du calcul part en remplissage ?"),
        ("padd|filler|remplissage|rembourr", "wast|share|part\\b|percent|%|lost|perdu"), {"m": n("mean|average|real|moyenne", below="x"), "x": n("longest|padded|to\\b|maxim|each|length|[àa]\\b")}, "1-{m}/{x}", "share", never="vocab",
    ),
    Formula(
        "operations of multiply-adds", "transformer/flops-per-token.md",
        ("A profiler reports so many multiply-accumulates: how many FLOPs is that?", "MACs to FLOPs?", "Combien de FLOP pour tant de multiplications-additions ?"),
        ("macs?\\b|multiply-(?:adds?|accumulates?)|multiplications-additions", _FLOP), {"m": n("macs?\\b|gmacs?|multiply|g\\b|multiplications")}, "2*{m}", unit="FLOP", needs="macs?\\b|multiply-(?:adds?|accumulates?)|multiplications-additions", never="centroids?|codes?",
    ),
    Formula(
        "FLOPs of a forward pass per token", "transformer/flops-per-token.md",
        ("2·N per token: how much for this prompt?", "Inference arithmetic for a model of so many parameters over so many tokens?", "Combien de FLOP pour faire lire tant de jetons à ce modèle ?",
         "How many floating-point operations does a model need for a forward pass over tokens, or to generate them?",
         "Compute to read a prompt and write an answer with a model of so many parameters?",
         "Combien d'opérations pour générer des jetons avec ce modèle ?", "Two operations per weight and token: how much is that for this text?"),
        ("(?s:^(?!.*\\b(?:pre)?train|.*entra[îi]n))", _FLOP, "token|jeton|forward|decod"),
        {"p": n(PARAMETERS, least=1e5), "t": n("tokens?|prompt|jetons?", "1")},
        "2*{p}*{t}", unit="FLOP", never="chinchilla|(?:billion|trillion) tokens|milliards de (?:jetons|tokens)|sparse|experts?|times less|fine-?tun|mfu",
    ),
    Formula(
        "FLOPs of training", "transformer/flops-per-token.md",
        ("Compute budget, in FLOPs, of pretraining so many parameters on so many tokens?", "6·N·D?", "Budget de calcul d'un pré-entraînement : paramètres et jetons donnés ?",
         "How many FLOPs does it take to train a model on so many tokens?",
         "Total compute of a pretraining run from parameters and tokens?",
         "Combien d'opérations faut-il pour entraîner un modèle sur tant de jetons ?", "Training this size of network on this corpus: how much compute?", "6ND for this run?", "Somebody trained a network on a corpus: how much arithmetic was that?", "How many operations went into this pretraining?", "Parameters and tokens of a Chinchilla-like run: FLOPs?"),
        ("flop|arithmetic|compute|operations|op[ée]rations|calcul", "train|entra[îi]n|pretrain|fine-?tun|show|chinchilla|(?:billion|trillion) tokens|milliards de (?:jetons|tokens)"),
        {"p": n(PARAMETERS, least=1e5), "t": n("tokens?|jetons?")}, "6*{p}*{t}", unit="FLOP", never=_FROZEN + "|recomput|recalcul|checkpointing",
    ),
    Formula(
        "FLOPs of training with frozen weights", "transformer/flops-per-token.md",
        ("4 FLOPs per frozen parameter and token: total for this LoRA run?", "Adapters on a frozen base: arithmetic for so many tokens?",
         "How many FLOPs does fine-tuning with adapters on a frozen model take?",
         "Compute of a LoRA run, where no weight gradients of the base are computed?",
         "Combien d'opérations pour affiner avec LoRA un modèle gelé ?"),
        (_FROZEN, "flop|compute|operations|op[ée]rations|calcul", "token|jeton"),
        {"p": n(PARAMETERS + "|base", least=1e5), "t": n("tokens?|jetons?")}, "4*{p}*{t}", unit="FLOP",
    ),
    Formula(
        "FLOPs of training with full recomputation", "transformer/flops-per-token.md",
        ("8·N·D with activation checkpointing on every block?", "Recalcul complet des activations : combien d'opérations exécutées pour l'entraînement ?", "Everything is recomputed in the backward pass: FLOPs really executed in the run?",
         "How many FLOPs are executed in training when every block is recomputed in the backward pass?",),
        ("flop|compute|operations|op[ée]rations|calcul", "recomput|recalcul|checkpointing", "token|jeton"),
        {"p": n(PARAMETERS, least=1e5), "t": n("tokens?|jetons?")}, "8*{p}*{t}", unit="FLOP",
    ),
    Formula(
        "time of training", "transformer/flops-per-token.md",
        ("Cluster of accelerators at this share of peak, parameters and tokens known: days of training?", "6ND over the cluster's useful FLOP/s: how long?", "Fine-tuning all weights on one GPU at so much of its peak: minutes?", "Durée d'un entraînement avec tant de cartes à ce taux d'utilisation ?",
         "How long does training a model take on these GPUs at this utilisation?",
         "Minutes to fine-tune a model on a single card at part of its peak?",
         "How many days of training for so many parameters and tokens on a cluster?",
         "Combien d'heures dure l'entraînement sur ces accélérateurs ?", "How long until my cluster has trained the model, at this MFU?", "We rent accelerators that peak at so much and reach a part of it: how many days for this model and corpus?", "Wall-clock time of a run on so many cards?"),
        ("train|entra[îi]n|fine-tun|run\\b|model", "gpu-hours|days?|hours?|long|how many|jours?|heures?|time|temps|combien|minutes"),
        {"p": n(PARAMETERS, least=1e5), "t": n("tokens?|jetons?", least=1e3), "g": n(CARDS, "1"), "u": share(_UTILISED), "f": of("flops", default="312e12")},
        "6*{p}*{t}/({g}*{u}*{f})", "time", never=_FROZEN + "|gpu-hours",
    ),
    Formula(
        "time of training at a sustained rate", "transformer/flops-per-token.md",
        ("Each chip really delivers so many TFLOP/s: how long to train this model on these tokens?", "Une grappe de tant de puces soutient tant de TFLOP/s chacune : combien d'heures d'entraînement ?", "N billion parameters, D billion tokens, sustained TFLOP/s per accelerator: hours?",
         "How long does training take when each accelerator sustains so many TFLOP/s?",
         "Combien de temps dure l'entraînement si chaque accélérateur soutient ce débit ?"),
        ("train|entra[îi]n|fine-tun", "days?|hours?|long|how many|jours?|heures?|time|temps|combien|minutes", "sustain|soutien|tien|deliver|effective|achiev|real|measured|manage|flop"),
        {"p": n(PARAMETERS, least=1e5), "t": n("tokens?|jetons?", least=1e3), "g": n(CARDS, "1"), "f": of("flops")}, "6*{p}*{t}/({g}*{f})", "time", never=_FROZEN + "|peak|%|" + _GPU_TIME,
    ),
    Formula(
        "GPU time of training at a sustained rate", "transformer/flops-per-token.md",
        ("How many GPU-hours or GPU-days does training take when each accelerator sustains so many TFLOP/s?",
         "Combien de temps GPU coûte l'entraînement si chaque accélérateur soutient ce débit ?"),
        (_GPU_TIME, "train|entra[îi]n|fine-tun", "sustain|souten|soutien|deliver|effective|achiev|real|measured|manage|flop"),
        {"p": n(PARAMETERS, least=1e5), "t": n("tokens?|jetons?", least=1e3), "_g": n(CARDS, "1"), "f": of("flops")}, "6*{p}*{t}/{f}", "time", unit="GPU", needs=_GPU_TIME, never=_FROZEN + "|peak|%",
    ),
    Formula(
        "time of an amount of operations", "transformer/flops-per-token.md",
        ("A run of so many FLOPs on these GPUs at this utilisation: days?", "Temps de calcul d'un budget de FLOP sur cette grappe ?",
         "How long do these cards need for so many FLOPs at this utilisation?",
         "In how many days does a cluster get through a compute budget?",
         "En combien de temps ces cartes font-elles tant d'opérations ?"),
        ("flops?\\b|operations|op[ée]rations", "days?|hours?|long|jours?|heures?|time|temps|minutes|seconds?", CARDS),
        {"c": n("flops?\\b|operations|op[ée]rations|budget", least=1e12), "g": n(CARDS, "1"), "u": share(_UTILISED, "1"), "f": of("flops")}, "{c}/({g}*{u}*{f})", "time",
    ),
    Formula(
        "model FLOPs utilisation", "transformer/flops-per-token.md",
        ("Tokens per second, model size, number of GPUs and their peak: MFU?", "My cluster pushes so many tokens a second through training: what percent of peak is that?", "Quelle part de la crête atteint ce débit d'entraînement ?",
         "What is the MFU of a training run, given its tokens per second, parameters and peak?",
         "Which share of the hardware's peak does my training throughput reach?",
         "Quel MFU pour un entraînement à tant de jetons par seconde ?", "Training throughput against the theoretical peak of the card: what utilisation is that?"),
        ("mfu|utili[sz]ation|share of|percent|%", "tokens?|jetons?", "parameter|model|param[èe]tre|mod[èe]le"),
        {"r": of("rate", "tokens?|jetons?|pushes|second"), "p": n(PARAMETERS, least=1e5), "g": n(CARDS, "1"), "f": of("flops")}, "6*{p}*{r}/({g}*{f})", "share",
    ),
    Formula(
        "hardware utilisation with recomputation", "transformer/flops-per-token.md",
        ("MFU told, every activation recomputed: what are the chips really doing in percent of peak?", "Quel taux d'utilisation du matériel derrière ce MFU avec recalcul complet ?",
         "What hardware utilisation does a model FLOPs utilisation mean with full activation recomputation?",
         "We recompute all blocks at this MFU: what does the hardware really do?", "A run shows this MFU with complete activation recomputation: HFU?"),
        ("mfu|model flops", "hfu|hardware|mat[ée]riel|recomput|checkpointing|recalcul"),
        {"u": share("mfu|utili[sz]ation|model")}, "{u}*8/6", "share",
    ),
    Formula(
        "model utilisation behind a hardware utilisation", "transformer/flops-per-token.md",
        ("The profiler shows this hardware utilisation and all blocks are recomputed: MFU?", "HFU de tant avec recalcul complet : quel MFU ?",
         "Which MFU lies behind this hardware FLOPs utilisation with full recomputation?",),
        ("mfu|model flops", "hfu|hardware", "behind|means?|what mfu|which mfu|real"), {"u": share("hfu|hardware")}, "{u}*6/8", "share",
    ),
    Formula(
        "tokens per parameter of a training run", "transformer/flops-per-token.md",
        ("Corpus size over model size: tokens seen by each weight?", "Combien de jetons par paramètre pour cet entraînement ?",
         "How many training tokens per parameter is that?", "Ratio of data to model size of a run?"),
        ("tokens? (?:per|for each|a) parameter|jetons? par param[èe]tre",), {"t": n("tokens?|jetons?"), "p": n(PARAMETERS, least=1e5)}, "{t}/{p}",
    ),
    Formula(
        "tokens from which attention costs more than the weights", "transformer/flops-per-token.md",
        ("Context length at which 4·n·d·L equals 2·N?", "À partir de quel contexte l'attention coûte-t-elle autant que les poids ?",
         "From how many tokens of context does attention cost as much arithmetic as the weights?",
         "At which context length do scores and weights need equal FLOPs per token?"),
        ("attention|scores?", WEIGHTS, "as much|equal|same|match|exceed|overtake|from|autant|[ée]gal"), {"p": n(PARAMETERS, least=1e5), "d": n(WIDTH), "l": n(LAYERS)}, "2*{p}/(4*{d}*{l})", unit="tokens",
    ),
    Formula(
        "tokens that a compute budget trains on", "transformer/flops-per-token.md",
        ("C/(6N): tokens affordable?", "We can spend so many FLOPs on a model of this size: on how much text?",
         "On how many tokens can a model of so many parameters be trained with this many FLOPs?", "A compute budget and a model size: how much data does the 6ND rule allow?", "Combien de jetons permet un budget d'opérations pour ce modèle ?"),
        ("flop|operations|op[ée]rations|compute|budget", "how many(?: \\w+)? tokens|tokens can|how much data|combien de jetons|on how many", "parameter|model|param[èe]tre|mod[èe]le"), {"c": n("flops?|operations|op[ée]rations|budget|compute", least=1e15), "p": n(PARAMETERS, least=1e5, below="c")}, "{c}/(6*{p})", unit="tokens",
    ),
    Formula(
        "parameters that a compute budget trains", "transformer/flops-per-token.md",
        ("C/(6D): largest model?", "Budget de calcul et corpus fixés : combien de paramètres ?",
         "How large a model can be trained on so many tokens with this many FLOPs?", "A compute budget and a data set: how many parameters does the 6ND rule allow?"),
        ("flop|operations|op[ée]rations|compute|budget", "how (?:large|big) a|how many parameters|combien de param[èe]tres", "tokens?|jetons?"), {"c": n("flops?|operations|op[ée]rations|budget|compute", least=1e15), "t": n("tokens?|jetons?", least=1e5, below="c")}, "{c}/(6*{t})", unit="parameters",
    ),
    Formula(
        "GPU-hours of training", "transformer/flops-per-token.md",
        ("Accelerator-hours for so many parameters and tokens at this MFU?", "6ND over useful FLOP/s of one card: GPU-hours?",
         "How many GPU-hours does training a model on so many tokens take at this utilisation?", "Total accelerator time of a pretraining run, on one card or many?", "Combien d'heures-GPU pour entraîner ce modèle ?"),
        (_GPU_TIME, "train|entra[îi]n"), {"p": n(PARAMETERS, least=1e5), "t": n("tokens?|jetons?", least=1e3), "_g": n(CARDS, "1"), "u": share(_UTILISED), "f": of("flops", default="312e12")}, "6*{p}*{t}/({u}*{f})", "time", unit="GPU",
    ),
    Formula(
        "FLOPs of a prompt and its answer", "transformer/flops-per-token.md",
        ("Prompt and completion lengths, model size: total inference FLOPs?", "2·N for every token read or written in one request?",
         "How many FLOPs does it take to read a prompt and generate an answer with a model of so many parameters?", "How much compute goes into answering with so many tokens after a prompt, attention aside?", "Combien d'opérations pour lire une invite et générer la réponse ?"),
        (_FLOP, "prompt|invite|question", "generat|answer|output|reply|g[ée]n[ée]r|r[ée]pon"), {"p": n(PARAMETERS, least=1e5), "i": n("prompt|input|invite|-token|read"), "o": n("answer|output|generat|reply|with|r[ée]ponse|new")}, "2*{p}*({i}+{o})", unit="FLOP", never="\\btrain",
    ),
)  # fmt: skip
