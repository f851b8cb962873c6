"""What a model's own files say of it, read without loading the model."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rag.errors import ConfigurationError

_E5 = re.compile(r"(?:^|/)(?:multilingual-)?e5-(?:small|base|large)(?:-v2|-q4)?$")


@dataclass(frozen=True, slots=True)
class Card:
    """``dimension`` of a vector; ``window``: longest input in tokens, special ones included.

    ``query`` and ``document`` are what the model wants before a question and before a passage.
    """

    dimension: int
    window: int
    query: str = ""
    document: str = ""


def read_card(folder: Path, model: str = "") -> Card:
    """The card of the sentence-transformers model in ``folder``; ``model`` is its name, where that is known.

    Raises:
        ConfigurationError: its files do not say; the message names what is missing.
    """
    transformer = read_json(folder / "config.json")
    dimension = transformer.get("hidden_size")
    for module in read_modules(folder):
        config = read_json(folder / str(module.get("path") or "") / "config.json")
        dimension = config.get("out_features") or config.get("word_embedding_dimension") or dimension
    windows = (
        read_json(folder / "sentence_bert_config.json").get("max_seq_length"),
        read_json(folder / "tokenizer_config.json").get("model_max_length"),
        transformer.get("max_position_embeddings"),
    )
    known = [window for window in windows if isinstance(window, int)]
    if not isinstance(dimension, int) or not known:
        raise ConfigurationError(f"the files in {folder} do not say the model's dimension and input length")
    return Card(dimension, min(known), *_prompts(folder, model))


def _prompts(folder: Path, model: str) -> tuple[str, str]:
    """What goes before a question and before a passage, by sentence-transformers' names for them.

    The E5 models of the hub need theirs and do not say so in their files (Wang et al., 2022).
    """
    prompts = read_json(folder / "config_sentence_transformers.json").get("prompts") or {}
    names = ("document", "passage", "corpus")
    if not prompts and _E5.search(model):
        return "query: ", "passage: "
    return prompts.get("query") or "", next((prompts[name] for name in names if prompts.get(name)), "")


def read_modules(folder: Path) -> list[dict[str, Any]]:
    """The steps of a sentence-transformers model, each with ``type`` and ``path``; none if not said."""
    file = folder / "modules.json"
    return list(json.loads(file.read_text(encoding="utf-8"))) if file.is_file() else []


def read_json(file: Path) -> dict[str, Any]:
    """The object in a JSON file; empty if there is no such file."""
    return dict(json.loads(file.read_text(encoding="utf-8"))) if file.is_file() else {}
