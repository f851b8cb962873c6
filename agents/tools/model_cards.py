"""Shapes of known models, as the handbook's pages give them."""

from __future__ import annotations

from dataclasses import dataclass

from rag.errors import ToolError


@dataclass(frozen=True, slots=True)
class ModelCard:
    """A decoder without biases: SwiGLU layers, two norms each, separate input and output vocabulary tables.

    ``experts`` feed-forward networks a layer, of which a token uses ``active``; ``window`` is the number of
    positions that a token sees, where it is limited.
    """

    name: str
    layers: int
    width: int
    heads: int
    kv_heads: int
    head_dim: int
    hidden: int
    vocabulary: int
    experts: int = 1
    active: int = 1
    window: int | None = None

    @property
    def attention(self) -> int:
        """Weights of the projections of one layer: Q and O, then K and V."""
        return 2 * self.width * self.heads * self.head_dim + 2 * self.width * self.kv_heads * self.head_dim

    def _all(self, experts: int, tables: int) -> int:
        router = self.width * self.experts if self.experts > 1 else 0
        layer = self.attention + experts * 3 * self.width * self.hidden + router
        return self.layers * layer + tables * self.vocabulary * self.width

    @property
    def parameters(self) -> int:
        """Everything that is stored."""
        return self._all(self.experts, tables=2) + (2 * self.layers + 1) * self.width

    @property
    def multiplied(self) -> int:
        """Weights that one token meets in matrix products: no norms, no input table, active experts only."""
        return self._all(self.active, tables=1)


MISTRAL_7B = ModelCard("Mistral 7B", 32, 4096, 32, 8, 128, 14336, 32000, window=4096)
MIXTRAL_8X7B = ModelCard("Mixtral 8x7B", 32, 4096, 32, 8, 128, 14336, 32000, experts=8, active=2)
LLAMA_2_7B = ModelCard("Llama 2 7B", 32, 4096, 32, 32, 128, 11008, 32000)

CARDS = {"mistral-7b": MISTRAL_7B, "mixtral-8x7b": MIXTRAL_8X7B, "llama-2-7b": LLAMA_2_7B}


def model_card(name: str) -> ModelCard:
    """The card called ``name``, however it is written.

    Raises:
        ToolError: it is none of those known; the message lists them.
    """
    key = _plain(name)
    for known, card in CARDS.items():
        if key == _plain(known):
            return card
    raise ToolError(f"{name!r} is no model known here ({', '.join(CARDS)}): give its dimensions instead")


def _plain(name: str) -> str:
    return "".join(letter for letter in name.casefold() if letter.isalnum())
