"""Writes the table of infra/vllm/README.md: how many tokens fit beside a model on its cards.

Weights come from the model's shape (agents/tools/model_cards.py), the cache from its formula
(agents/tools/kv_cache_size.py).
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from agents.tools.kv_cache_size import cache_bytes  # noqa: E402
from agents.tools.model_cards import MISTRAL_7B, MIXTRAL_8X7B, ModelCard  # noqa: E402

PAGE = ROOT / "infra" / "vllm" / "README.md"
BEGIN, END = "<!-- memory: written by infra/vllm/memory.py -->", "<!-- end of memory -->"

MISTRAL_SMALL = ModelCard("Mistral Small 24B", 40, 5120, 32, 8, 128, 32768, 131072)
MODELS = (MISTRAL_7B, MISTRAL_SMALL, MIXTRAL_8X7B)
GROUP = 128
BITS = {"bf16": 16.0, "FP8": 8.0, "AWQ, GPTQ": 4 + (16 + 4) / GROUP}
"""Bits a weight; of 4-bit ones a group shares a 16-bit scale and a 4-bit zero point."""
TABLE_BITS = 16
"""The vocabulary's two tables are left as they are by all three."""

CARDS = {"24 GB": (24e9, 1), "48 GB": (48e9, 1), "80 GB": (80e9, 1), "2 × 80 GB": (80e9, 2)}
"""Bytes of a card, and how many there are."""
UTILIZATION = 0.92
"""vLLM's default of --gpu-memory-utilization."""
WORKSPACE = 2e9
"""Bytes a card kept for activations and CUDA graphs: an allowance; vLLM measures its own when it starts."""
CONTEXT = 8192
"""Tokens of a sequence, to count sequences by."""


def weight_bytes(card: ModelCard, bits: float) -> float:
    """Bytes of the weights at ``bits`` a weight, the vocabulary's tables apart."""
    tables = 2 * card.vocabulary * card.width
    return ((card.parameters - tables) * bits + tables * TABLE_BITS) / 8


def cached_tokens(card: ModelCard, bits: float, size: float, gpus: int) -> int:
    """Tokens whose 16-bit keys and values fit beside the weights; not above zero where those do not fit."""
    room = gpus * (size * UTILIZATION - WORKSPACE) - weight_bytes(card, bits)
    return int(room // cache_bytes(card.layers, card.kv_heads, card.head_dim, "bf16"))


def _cell(tokens: int) -> str:
    if tokens <= 0:
        return "–"
    return f"{tokens:,} ({tokens // CONTEXT})"


def table() -> str:
    """The table in Markdown."""
    heads = ["model", "weights", "GB", "KV bytes a token", *CARDS]
    lines = [BEGIN, "", f"| {' | '.join(heads)} |", "|---|---|" + "--:|" * (len(heads) - 2)]
    for card in MODELS:
        token = cache_bytes(card.layers, card.kv_heads, card.head_dim, "bf16")
        for name, bits in BITS.items():
            cells = [_cell(cached_tokens(card, bits, size, gpus)) for size, gpus in CARDS.values()]
            size = f"{weight_bytes(card, bits) / 1e9:.1f}"
            lines.append(f"| {' | '.join([card.name, name, size, f'{token:,.0f}', *cells])} |")
    return "\n".join([*lines, "", END])


def refreshed(text: str) -> str:
    """``text`` with the table as it should be now."""
    return re.sub(re.escape(BEGIN) + ".*" + re.escape(END), lambda _: table(), text, flags=re.DOTALL)


if __name__ == "__main__":
    PAGE.write_text(refreshed(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
