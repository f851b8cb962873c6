"""Formulas of the handbook's pages on transformers and on training."""

# ruff: noqa: E501 - a table, in which a pattern is one cell
from __future__ import annotations

from rag.llm.formulas.base import Formula, n, of, share

_LAYERS, _WIDTH = "layers?|couches?|blocks?|blocs?", "d\\b|d_?model|model width|width|dimension|largeur|wide"
_TOKENS = "tokens?|jetons?|positions?|words?|long|length|sequence|s[ée]quence|prompt"
_TRAIN = "lora|adapter|adaptateur|low-rank|rang"
_GATED = "(?s:^(?!.*(?:two matri|deux matri|classic|old-style|relu|gelu|ungated|without (?:a )?gate)))"

FORMULAS = (
    Formula(
        "pairs that a causal mask leaves visible", "transformer/causal-mask.md",
        ("causal|decoder|d[ée]codeur|masque?|autoregressive|autor[ée]gressif|earlier|preceding",
         "pairs?|paires?|combinations?|combinaisons?|scores?|entries|couples?|cells?|cases?|visible"),
        {"n": n(_TOKENS)}, "{n}*({n}+1)/2", unit="pairs",
    ),
    Formula(
        "pairs inside a sliding window", "transformer/sliding-window-attention.md",
        ("sliding|window|fen[êe]tre|glissant", "pairs?|paires?|couples?|combinations?|scores?|entries|visible"),
        {"n": n("sequence|tokens?|prompt|positions?|text|s[ée]quence|texte"), "w": n("window|fen[êe]tre|w\\b")},
        "{w}*({w}+1)/2+({n}-{w})*{w}", unit="pairs",
    ),
    Formula(
        "theoretical reach of stacked windows", "transformer/sliding-window-attention.md",
        ("window|fen[êe]tre|sliding|glissant", "reach|see|far|travel|span|port[ée]e|loin|theor|th[ée]or|look|influence"),
        {"l": n(_LAYERS), "w": n("window|fen[êe]tre|w\\b|tokens?|jetons?")}, "{l}*{w}", unit="tokens",
    ),
    Formula(
        "cache saved by a rolling buffer", "transformer/sliding-window-attention.md",
        ("window|fen[êe]tre|sliding|glissant|rolling", "cache|memory|m[ée]moire|smaller|shrink|sav|factor|facteur|times"),
        {"n": n("context|tokens?|sequence|prompt|long|texte"), "w": n("window|fen[êe]tre|w\\b")}, "{n}/{w}",
    ),
    Formula(
        "scale of attention scores", "transformer/attention.md",
        ("attention|score|dot|query|key|produit", "divid|scal|divis|[ée]chelle|standard deviation|[ée]cart-type|spread"),
        {"d": n("head|t[êe]te|d_?k|d_?h|dimension|width|components?|wide")}, "sqrt({d})",
    ),
    Formula(
        "longest RoPE wavelength", "transformer/rope.md",
        ("rope|rotary|rotat|rotation", "wavelength|longueur d'onde|period|p[ée]riode|turn|tour|slow|cycle|lent"),
        {"base": n("base|theta|θ"), "d": n("head|t[êe]te|dimension|width|wide", "128")},
        "2*pi*{base}**(({d}-2)/{d})", unit="tokens",
    ),
    Formula(
        "rotating pairs of a head", "transformer/rope.md",
        ("rope|rotary|rotat", "pairs?|paires?|frequenc|fr[ée]quence|angles?"),
        {"d": n("head|t[êe]te|dimension|width|wide|d_?h")}, "{d}/2", unit="pairs",
    ),
    Formula(
        "scale of positions by interpolation", "transformer/rope.md",
        ("rope|rotary|position", "interpol|stretch|compress|extend|[ée]tend|rescal"),
        {"old": n("trained|pretrained|original|from|entra[îi]n|initial"), "new": n("to\\b|target|extend|new|[ée]tend|nouve")},
        "{old}/{new}",
    ),
    Formula(
        "growth of the residual stream", "transformer/residual-stream.md",
        ("residual|r[ée]siduel", "grow|norm|standard deviation|[ée]cart-type|root|magnitude|times|fois|large"),
        {"l": n(_LAYERS)}, "sqrt(2*{l}+1)",
    ),
    Formula(
        "initial scale of a branch's output", "transformer/residual-stream.md",
        ("residual|r[ée]siduel|branch|gpt-2", "init|scale|[ée]chelle|factor|facteur|multipl|start"),
        {"l": n(_LAYERS)}, "1/sqrt(2*{l})",
    ),
    Formula(
        "terms of the residual sum", "transformer/residual-stream.md",
        ("residual|r[ée]siduel", "terms?|contributions?|termes?|sum|somme|summands?|vectors?"),
        {"l": n(_LAYERS)}, "2*{l}+1", unit="terms",
    ),
    Formula(
        "weights of a SwiGLU network", "transformer/ffn-swiglu.md",
        (_GATED, "swiglu|gated|feed-forward|ffn|glu\\b|mlp", "weights?|parameters?|poids|param[èe]tres?"),
        {"d": n(_WIDTH), "h": n("hidden|cach[ée]e|d_?ff|ffn|inner|intermediate|interm[ée]diaire")},
        "3*{d}*{h}", unit="parameters",
    ),
    Formula(
        "weights of a classic feed-forward network", "transformer/ffn-swiglu.md",
        ("relu|gelu|classic|old-style|two-matri|two matri|deux matrices|ungated|without (?:a )?gate|sans porte", "weights?|parameters?|poids|param[èe]tres?"),
        {"d": n(_WIDTH), "h": n("hidden|cach[ée]e|d_?ff|ffn|inner|intermediate|interm[ée]diaire")},
        "2*{d}*{h}", unit="parameters",
    ),
    Formula(
        "hidden width of equal cost", "transformer/ffn-swiglu.md",
        ("swiglu|gated|glu\\b", "hidden|cach[ée]e|inner|d_?ff|width|largeur", "same|equal|match|match|[ée]gal|m[êe]me|budget|keep|parity|as many"),
        {"d": n(_WIDTH)}, "8/3*{d}",
    ),
    Formula(
        "FLOPs of a SwiGLU network per token", "transformer/ffn-swiglu.md",
        ("swiglu|gated|feed-forward|ffn|glu\\b", "flop|operations|op[ée]rations"),
        {"d": n(_WIDTH), "h": n("hidden|cach[ée]e|d_?ff|ffn|inner|intermediate")}, "6*{d}*{h}", unit="FLOP",
    ),
    Formula(
        "weights of grouped-query attention", "transformer/mha-mqa-gqa.md",
        ("attention|heads?|t[êe]tes?|projection|gqa|mqa", "weights?|parameters?|poids|param[èe]tres?"),
        {"d": n("d\\b|d_?model|model width|width|model dimension|largeur"), "q": n("query heads?|heads?|t[êe]tes? de requ[êe]te|t[êe]tes?"),
         "kv": n("kv heads?|key-value heads?|kv|cl[ée]-valeur|t[êe]tes? kv"), "h": n("head dimension|of width|of dimension|dimension|wide|each of")},
        "2*{d}*{q}*{h}+2*{d}*{kv}*{h}", unit="parameters",
    ),
    Formula(
        "weights of multi-head attention", "transformer/mha-mqa-gqa.md",
        ("multi-head|mha|attention", "weights?|parameters?|poids|param[èe]tres?"),
        {"d": n(_WIDTH)}, "4*{d}**2", unit="parameters",
    ),
    Formula(
        "query heads that share a key-value head", "transformer/mha-mqa-gqa.md",
        ("heads?|t[êe]tes?|gqa", "share|group|smaller|factor|times|fois|facteur|partag|shrink|reduc|r[ée]du|ratio"),
        {"q": n("query heads?|heads?|t[êe]tes?"), "kv": n("kv heads?|key-value|kv|cl[ée]-valeur|groups?")}, "{q}/{kv}",
    ),
    Formula(
        "distinct experts of a batch", "transformer/mixture-of-experts.md",
        ("experts?", "distinct|different|diff[ée]rent|load|charg|touch|average|moyenne|read|lus?"),
        {"e": n("experts?|out of|parmi|choose from|among"), "k": n("experts?|picking|picks?|choos|top-?|chois|active|each", "2"),
         "b": n("tokens?|jetons?|batch|lot|decoded|together")},
        "{e}*(1-(1-{k}/{e})**{b})", unit="experts",
    ),
    Formula(
        "distinct experts of a batch", "transformer/mixture-of-experts.md",
        ("experts?", "distinct|different|diff[ée]rent|load|charg|touch|average|moyenne|read|lus?"),
        {"r": share("experts?|of\\b|picking|picks?|choos|chois"), "b": n("tokens?|jetons?|batch|lot|decoded|together")},
        "{r_whole}*(1-(1-{r})**{b})", unit="experts",
    ),
    Formula(
        "capacity of an expert", "transformer/mixture-of-experts.md",
        ("experts?", "capacity|capacit[ée]|slots?|accept|room"),
        {"f": n("factor|facteur"), "t": n("tokens?|jetons?|batch|lot"), "e": n("experts?")}, "{f}*{t}/{e}", unit="tokens",
    ),
    Formula(
        "bits per byte", "transformer/tokenizers.md",
        ("nats?|loss|perte|entropy", "bytes?|octets?|bits? per byte|vocabular|compar"),
        {"loss": n("nats?|loss|perte|entropy|entropie"), "b": of("bytes", "bytes?|octets?")}, "{loss}/(log(2)*{b})", unit="bits per byte",
    ),
    Formula(
        "entries of a byte-level BPE vocabulary", "transformer/tokenizers.md",
        ("bpe|byte-level|merges?|fusions?", "vocabular|entries|entr[ée]es|vocabulaire|size|taille"),
        {"m": n("merges?|fusions?"), "s": n("special|control|sp[ée]cia", "0")}, "256+{m}+{s}", unit="entries",
    ),
    Formula(
        "weights of both vocabulary tables", "transformer/tokenizers.md",
        ("vocabular|vocabulaire|embedding|table|lm head|output matrix", "weights?|parameters?|poids|param[èe]tres?"),
        {"v": n("vocabular|vocabulaire|entries|entr[ée]es|tokens?"), "d": n(_WIDTH)}, "2*{v}*{d}", unit="parameters",
    ),
    Formula(
        "tokens per word", "transformer/tokenisation-langues-riches.md",
        ("words?|mots?", "tokens? per word|jetons? par mot|fertilit|average|moyenne"),
        {"t": n("tokens?|jetons?", least=5), "w": n("words?|mots?", least=5)}, "{t}/{w}",
    ),
    Formula(
        "FLOPs of a forward pass per token", "transformer/flops-per-token.md",
        ("(?s:^(?!.*\\b(?:pre)?train|.*entra[îi]n))", "flop|operations|op[ée]rations|arithmetic|compute\\b", "token|jeton|forward|decod"),
        {"p": n("parameters?|weights?|model|param[èe]tres?|poids|mod[èe]le", least=1e5), "t": n("tokens?|prompt|jetons?", "1")},
        "2*{p}*{t}", unit="FLOP",
    ),
    Formula(
        "FLOPs of training", "transformer/flops-per-token.md",
        ("flop|compute|operations|op[ée]rations|calcul", "train|entra[îi]n|pretrain"),
        {"p": n("parameters?|weights?|model|param[èe]tres?|poids|mod[èe]le", least=1e5), "t": n("tokens?|jetons?")},
        "6*{p}*{t}", unit="FLOP",
    ),
    Formula(
        "time of training", "transformer/flops-per-token.md",
        ("train|entra[îi]n|fine-tun", "gpu-hours|days?|hours?|long|how many|jours?|heures?|time|temps|combien|minutes"),
        {"p": n("parameters?|weights?|model|param[èe]tres?|mod[èe]le", least=1e5), "t": n("tokens?|jetons?"), "g": n("gpus?|cards?|cartes?|a100|h100", "1"),
         "u": share("utili[sz]ation|mfu|of (?:its |the |their )?peak|peak|cr[êe]te|efficien"), "f": of("flops", default="312e12")},
        "6*{p}*{t}/({g}*{u}*{f})", "time",
    ),
    Formula(
        "hardware utilisation with recomputation", "transformer/flops-per-token.md",
        ("mfu|model flops", "hfu|hardware|mat[ée]riel|recomput|checkpointing|recalcul"),
        {"u": share("mfu|utili[sz]ation|model")}, "{u}*8/6", "share",
    ),
    Formula(
        "chance that it never comes in independent trials", "transformer/sampling.md",
        ("never|jamais|no |none|not once|without|aucun", "probabilit|chance|often|share|how likely|odds|risque|%|percent"),
        {"p": share("probabilit|chance|each|every|chaque|rate"), "n": n("tokens?|steps?|times|trials?|draws?|jetons?|tirages?|attempts?|calls?|essais")},
        "(1-{p})**{n}", "share",
    ),
    Formula(
        "entropy of equal choices", "transformer/sampling.md",
        ("entrop", "uniform|equal|[ée]gal|equiprob|[ée]quiprob|maxim|at most"),
        {"n": n("tokens?|choices|candidates|outcomes|choix|options|equally")}, "log({n})", unit="nats",
    ),
    Formula(
        "threshold of min-p", "transformer/sampling.md",
        ("min-?p\\b",), {"m": n("min-?p"), "p": share("most likely|top|best|highest|maxim|plus probable|probab")}, "{m}*{p}",
    ),
    Formula(
        "weights of a LoRA adapter", "training/lora-qlora.md",
        (_TRAIN, "weights?|parameters?|poids|param[èe]tres?|train|entra[îi]n"),
        {"r": n("r\\b|rank|rang"), "a": n("matri|by|to|x\\b|d_?in|from|input|entr[ée]e|linear|layer"),
         "b": n("matri|by|to|x\\b|d_?out|output|sortie|linear|layer"), "m": n("matrices|layers|modules|couches", "1")},
        "{m}*{r}*({a}+{b})", unit="parameters",
    ),
    Formula(
        "weights of a LoRA adapter on a square matrix", "training/lora-qlora.md",
        (_TRAIN, "weights?|parameters?|poids|param[èe]tres?|train|entra[îi]n", "square|carr[ée]e?"),
        {"r": n("r\\b|rank|rang"), "d": n("square|matri|width|carr|dimension|side"), "m": n("matrices|modules", "1")},
        "{m}*{r}*2*{d}", unit="parameters",
    ),
    Formula(
        "half-life under weight decay", "training/adamw.md",
        ("decay|d[ée]croissance|weight_decay|λ|lambda", "half|moiti[ée]|halv"),
        {"lr": n("learning rate|lr\\b|pas|taux d'apprentissage|step size|rate"), "w": n("decay|λ|lambda|weight_decay|d[ée]croissance|adamw"),
         "h": share("half|moiti[ée]", "0.5")},
        "log(0.5)/log(1-{lr}*{w})", unit="steps",
    ),
    Formula(
        "weight left after decay", "training/adamw.md",
        ("decay|d[ée]croissance|λ|lambda", "left|remain|reste|keep|share|fraction|still"),
        {"lr": n("learning rate|lr\\b|taux d'apprentissage|step size"), "w": n("decay|λ|lambda|d[ée]croissance"), "t": n("steps?|updates?|pas\\b|it[ée]rations?")},
        "(1-{lr}*{w})**{t}", "share",
    ),
    Formula(
        "window of a moving average", "training/adamw.md",
        ("β|beta|moment|moving average|moyenne", "window|steps?|fen[êe]tre|memory|average over|horizon|pas\\b"),
        {"b": share("β_?[12]?|beta_?[12]?|moment|coefficient")}, "1/(1-{b})", unit="steps",
    ),
    Formula(
        "first Adam step without bias correction", "training/adamw.md",
        ("adam", "bias|biais|correction", "first|premi[èe]r|step"),
        {"b1": share("β_?1|beta_?1|first|premier", "0.9"), "b2": share("β_?2|beta_?2|second", "0.999")},
        "(1-{b1})/sqrt(1-{b2})",
    ),
    Formula(
        "memory of Adam's moments", "training/adamw.md",
        ("adam", "moments?|states?|[ée]tats?", "memory|gb|go\\b|bytes|m[ée]moire|gigabytes"),
        {"p": n("parameters?|weights?|model|param[èe]tres?|poids|mod[èe]le", least=1e5), "b": of("dtype", default="4")}, "2*{p}*{b}", "bytes",
    ),
    Formula(
        "months until tuning is paid for", "training/fine-tune-or-prompt.md",
        ("tun|train|ajust|affin", "months?|mois|paid|pay|break|rentab|amorti"),
        {"cost": of("money", "cost|project|co[ûu]t|budget|projet|spend|price of"), "t": n("tokens?|jetons?|shorter|drop|remov|sav"),
         "calls": of("rate", "calls?|requests?|requ[êe]tes?|appels?|monthly|month|mois", per=2592000), "price": of("price", "tokens?|million")},
        "{cost}/({t}*{calls}*{price})", unit="months",
    ),
    Formula(
        "comparisons that a ranking gives", "training/rlhf-ppo.md",
        ("rank|class|order|list", "pairs?|pairwise|comparisons?|paires?|comparaisons?"),
        {"k": n("answers?|responses?|r[ée]ponses?|candidates?|passages?|completions?|items?|documents?")}, "{k}*({k}-1)/2", unit="pairs",
    ),
    Formula(
        "preference by Bradley-Terry", "training/rlhf-ppo.md",
        ("bradley|reward|r[ée]compense|preferr|prefer", "probabilit|chance|how likely|often|win"),
        {"a": n("reward|score|scores?|difference|[ée]cart|gap|higher|points?")}, "1/(1+exp(-{a}))", "share",
    ),
    Formula(
        "KL of the best of n", "training/reward-hacking.md",
        ("best-of|best of|top-scoring|keep|meilleur|highest|draw|sampl", "kl\\b|divergence|far|distance|loin|nats"),
        {"n": n("answers?|samples?|responses?|candidates?|draws?|r[ée]ponses?|best-of-|best of|n\\b|completions?|draw")},
        "log({n})-({n}-1)/{n}", unit="nats",
    ),
    Formula(
        "margin of DPO", "training/dpo.md",
        ("dpo|preference", "margin|marge|reward|r[ée]compense"),
        {"b": n("β|beta"), "a": n("chosen|preferred|choisie|good|better"), "c": n("rejected|rejet|bad|worse|other")}, "{b}*({a}-{c})",
    ),
    Formula(
        "loss of DPO", "training/dpo.md",
        ("dpo|preference", "loss|perte"), {"b": n("β|beta"), "d": n("difference|gap|log-ratio|margin|[ée]cart|ratio")}, "-log(1/(1+exp(-{b}*{d})))",
    ),
    Formula(
        "loss of DPO from its margin", "training/dpo.md",
        ("dpo|preference", "loss|perte", "margin|marge"), {"m": n("margin|marge")}, "-log(1/(1+exp(-{m})))",
    ),
    Formula(
        "activations of a layer", "training/memoire-entrainement.md",
        ("activation", "memory|gb|go\\b|bytes|m[ée]moire|octets|gigabytes"),
        {"s": n("sequence|s[ée]quence|tokens?|s\\b|jetons?"), "b": n("batch|lot|b\\b", "1"), "h": n("width|h\\b|hidden|largeur|d\\b"), "a": n("heads?|t[êe]tes?|a\\b"), "l": n(_LAYERS, "1")},
        "{l}*{s}*{b}*{h}*(34+5*{a}*{s}/{h})", "bytes",
    ),
    Formula(
        "memory of the logits", "training/memoire-entrainement.md",
        ("logits?", "memory|gb|go\\b|mb\\b|megabytes|mo\\b|bytes|m[ée]moire|octets|big|weigh|gigabytes"),
        {"t": n("tokens?|sequence|positions?|jetons?|prompt|s[ée]quence"), "v": n("vocabular|vocabulaire|entries|entr[ée]es"), "b": of("dtype", default="4")},
        "{t}*{v}*{b}", "bytes",
    ),
)  # fmt: skip
