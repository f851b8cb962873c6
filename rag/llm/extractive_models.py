"""Questions on a model that is not known: they go to the tool that says what would do instead."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rag.llm.extractive_numbers import computed
from rag.llm.quantities import plain, unknown_model

_KNOWN, _WRITTEN = "mistral-7b", "mistral 7b"


def of_unknown_model(
    question: str, alike: Mapping[str, float] | None = None
) -> tuple[str, dict[str, Any]] | None:
    """The call that a known model in its place would lead to, by its own name; nothing where there is none.

    ``alike`` as in ``computed``. A question that gives the dimensions itself needs no model.
    """
    text = plain(question)
    name = unknown_model(text)
    call = computed(text.replace(name, _WRITTEN), alike) if name else None
    if call is None or call[1].get("model") != _KNOWN:
        return None
    return call[0], {**call[1], "model": name}
