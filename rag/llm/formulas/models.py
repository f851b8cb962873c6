"""Questions on a model's memory and arithmetic: they go to the tools of these names, whose arguments slots are."""

# ruff: noqa: E501 - a table, in which a pattern is one cell
from __future__ import annotations

from rag.llm.formulas.base import Formula, n, of
from rag.llm.formulas.words import SERVING, STATES

_MEMORY = "memory|ram|vram|bytes|gb\\b|gib\\b|mib\\b|mb\\b|kib\\b|go\\b|mo\\b|m[ée]moire|octets|size|big|occup|weigh|p[èe]s|heavy|lourd|gigabytes|space|place|co[ûu]t|cost"
_AMOUNT = (
    _MEMORY
    + "|how (?:much|large)[^?]{0,20}cache|combien de cache|cache[^?]{0,40} (?:needs?|takes?|requires?|prend|occupe)"
)
_HEADLINE = "(?<!.)(?:the |le )?(?:(?:kv|key-value) cache|cache kv) (?:size )?(?:of|for|de|du|pour) (?=.*(?:token|jeton))"
_CACHE = "kv|cache|context|contexte|conversation|key-value|cl[ée]-valeur"
_TOKENS = "tokens?|jetons?|positions?|context|contexte|-token|long"
_MANY = "conversations?|sequences?|s[ée]quences?|users?|requests?|streams?|batch|lot|requ[êe]tes?|utilisateurs?|sessions?|at once|in parallel"
_PRECISION = "(?:fp|bf|int|float)-?\\d|\\d+(?:[.,]\\d+)?[- ]?bits?|bytes?|octets?|half|precision|pr[ée]cision"
_CARDS = "gpus?|cards?|cartes?|a100|h100|devices?"
_TRAINING = "train|pre-?train|entra[îi]n|pr[ée]-?entra[îi]n|fine-?tun|backward|r[ée]tropropag"
# Memory of a GPU without a word on the cache is all that it holds.
_WHOLE = "(?s:^(?!.*(?:cache|\\bkv|key|cl[ée]|left|free|libre|weights?|poids)).*(?:gpu memory|vram|m[ée]moire gpu))"

FORMULAS = (
    Formula(
        "KV cache of a known model", "inference/kv-cache.md",
        ("How much KV cache memory does this model need for a context of tokens?",
         "How many bytes of keys and values does a chat of this length hold for this model?",
         "Memory per conversation of a model in fp16?",
         "Combien pèse le cache d'une conversation de ce modèle ?",
         "Mixtral, one long request, fp16: GiB of cache?",
         "How many gigabytes do so many users with this context need on Llama 2 7B?"),
        (_CACHE, _AMOUNT + "|" + _HEADLINE),
        {"model": of("model"), "tokens": n(_TOKENS, "1"), "sequences": n(_MANY, "1"), "gpus": n(_CARDS, "1"),
         "dtype": of("dtype", default="2")},
        "", "bytes", tool="kv_cache_size", never=_WHOLE,
    ),
    Formula(
        "KV cache of a shape", "inference/kv-cache.md",
        ("How much KV cache memory per token does a model with these layers and key-value heads need?",
         "So many layers with a few key-value heads of some size, one or two bytes a value: what does a token cost in cache?",
         "Bytes of keys and values stored for a token?",
         "Combien d'octets de cache par jeton pour ces couches et ces têtes ?",
         "layers, kv heads, head dimension, bf16, users and tokens each: how many GB of cache?",
         "What does one token of context weigh for an 80-layer net?"),
        ("kv|cache|key-value|cl[ée]-valeur|cl[ée]s et valeurs|keys and values", _MEMORY),
        {"layers": n("layers?|couches?"), "_heads": n("query heads?|t[êe]tes? de requ[êe]te", "0"), "kv_heads": n("kv heads?|key-value heads?|t[êe]tes? kv|t[êe]tes? cl[ée]|kv|heads?|t[êe]tes?"),
         "head_dim": n("of width|width|head dimension|head_dim|dimension|of size|wide|largeur|each of"), "dtype": of("dtype", _PRECISION, "2"),
         "tokens": n(_TOKENS, "1"), "sequences": n(_MANY, "1")},
        "", "bytes", tool="kv_cache_size", never="groups? of|for every \\d+ values|zero point|groupes? de",
    ),
    Formula(
        "arithmetic of a known model", "transformer/flops-per-token.md",
        "How many FLOPs does this model spend per token?",
        ("flop|operations|op[ée]rations", "token|jeton|decod|d[ée]cod|g[ée]n[ée]r"),
        {"model": of("model"), "tokens": n("tokens?|jetons?|prompt", "1")}, "", tool="model_flops", never=_TRAINING,
    ),
    Formula(
        "weights of a known model", "inference/int4-quantization.md",
        ("How much GPU memory do the weights of this model take?",
         "How heavy is this model at this precision?",
         "Will the weights of this model at so many bits fit on the card?"),
        ("weights?|poids|parameters?|param[èe]tres?|load|charg|fit|tien", _MEMORY),
        {"model": of("model"), "bits": of("bits", "bits?"), "gpus": n(_CARDS, "1")}, "", "bytes", tool="gpu_memory",
    ),
    Formula(
        "weights and cache of a known model", "inference/7b-on-one-gpu.md",
        ("Mistral 7B in 16 bits, 12 users of 4,000 tokens: VRAM needed?",
         "How much GPU memory does this model need for so many users with this many tokens each?",
         "Combien de mémoire GPU faut-il pour servir ce modèle à tant d'utilisateurs de tant de jetons ?"),
        ("gpu memory|vram|m[ée]moire gpu", _TOKENS, _MANY),
        {"model": of("model"), "bits": of("bits", "bits?|in\\b|en\\b", "16"), "tokens": n(_TOKENS, least=16), "sequences": n(_MANY, "1"), "gpus": n(_CARDS, "1")},
        "", "bytes", tool="gpu_memory", needs=_WHOLE, never=_TRAINING,
    ),
    Formula(
        "training states", "training/fsdp-zero.md",
        "How much GPU memory do weights, gradients and optimizer states take in training, sharded by ZeRO?",
        ("train|entra[îi]n|fine-tun|zero|fsdp|adam", _MEMORY + "|states?|[ée]tats?", "stage|zero|fsdp|shard|partition|[ée]tage|r[ée]parti|full|compl[eè]t|mixed precision"),
        {"parameters": n("parameters?|model|weights?|param[èe]tres?|mod[èe]le|billion|milliard"), "gpus": n(_CARDS, "1"), "zero_stage": n("stage|zero|niveau|[ée]tage", "0")},
        "", "bytes", tool="gpu_memory", fixed={"purpose": "training"}, needs=STATES, never=SERVING + "|fsdp|full(?:y)?[- ]shard|everything|push|traffic|cross|link|communicat|mov",
    ),
    Formula(
        "training states of a known model", "training/fsdp-zero.md",
        "How much GPU memory does it take to train this model, with states sharded by ZeRO?",
        ("train|entra[îi]n|fine-tun|zero|fsdp|adam", _MEMORY + "|states?|[ée]tats?", "stage|zero|fsdp|shard|partition|[ée]tage|r[ée]parti|full|compl[eè]t|mixed precision"),
        {"model": of("model"), "gpus": n(_CARDS, "1"), "zero_stage": n("stage|zero|niveau|[ée]tage", "0")},
        "", "bytes", tool="gpu_memory", fixed={"purpose": "training"}, needs=STATES, never=SERVING + "|fsdp|full(?:y)?[- ]shard|everything|push|traffic|cross|link|communicat|mov",
    ),
)  # fmt: skip
