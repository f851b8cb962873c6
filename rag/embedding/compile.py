"""Compiles a BERT sentence-transformers model once for onnxruntime: to fp32, or int8 where that is true."""

from __future__ import annotations

import fcntl
import logging
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from rag.embedding.base import Vectors
from rag.embedding.card import read_json, read_modules
from rag.embedding.session import Session
from rag.embedding.weights import Weights
from rag.errors import ConfigurationError

Precision = Literal["int8", "fp32"]
LEAST_COSINE = 0.98
"""What every sample's vector must have with the original's, or int8 is not used."""
LEAST_WHOLE = 0.999
"""The same for fp32, which has no excuse: below it the model was not compiled rightly."""
_VERSION = "v2"
"""To be raised when the same weights are compiled to something else."""
_log = logging.getLogger(__name__)

SAMPLES = (
    "cat",
    "What is a KV cache?",
    "Qu'est-ce que la fusion par rang réciproque ?",
    "¿Cuánto cuesta un token?",
    "Wie funktioniert ein Transformer?",
    "注意力机制是什么？",
    "def add(a: int, b: int) -> int: return a + b",
    "CVE-2024-3094; 131,072 bytes; 4.2e-3",
    "The KV cache keeps the keys and values of past tokens, so that each step computes one token only.",
    "L'index inversé associe à chaque terme la liste des documents qui le contiennent, avec sa fréquence.",
    "Reciprocal rank fusion adds up the reciprocal ranks of each leg and needs no calibrated scores. " * 8,
    "La recherche hybride réunit les mots exacts de BM25 et le sens des vecteurs denses. " * 20,
)
"""Short and long, English and not, prose and not; the last one is longer than most models' window."""


@dataclass(frozen=True, slots=True)
class Compiled:
    """A compiled model: its file and the precision of its weights."""

    file: Path
    precision: Precision


def why_not(folder: Path) -> str:
    """Why the model in ``folder`` cannot be compiled; empty if it can."""
    kind = read_json(folder / "config.json").get("model_type")
    if kind != "bert":
        return f"its model_type is {kind}, and only bert is compiled"
    steps = [(str(module.get("type")).rpartition(".")[2], module) for module in read_modules(folder)]
    names = [name for name, _ in steps]
    if names not in (["Transformer", "Pooling"], ["Transformer", "Pooling", "Normalize"]):
        return f"its modules are {', '.join(names) or 'not named'}, not Transformer, Pooling and Normalize"
    pooling = read_json(folder / str(steps[1][1].get("path")) / "config.json")
    modes = {key.removeprefix("pooling_mode_") for key, on in pooling.items() if on is True} - {
        "include_prompt"
    }
    if modes != {"mean_tokens"} and pooling.get("pooling_mode") != "mean":
        return "its pooling is not the mean of the tokens"
    if pooling.get("include_prompt") is False:
        return "its pooling leaves its prompts out"
    if read_json(folder / "sentence_bert_config.json").get("do_lower_case"):
        return "it lowers the case outside of its tokenizer"
    return ""


def compile_once(weights: Weights, models: Path, wanted: Precision = "int8") -> Compiled:
    """The compiled model of ``weights`` in ``models``: ``<hash>-<wanted>-v2/<precision>.onnx``.

    It is made if it is not there, which takes PyTorch and half a minute. It appears under its name when
    it is whole and checked; of several processes one makes it and the others wait.

    Raises:
        ConfigurationError: the weights are not the expected ones, what was made of them gives other vectors,
            or ``models`` cannot be written.
    """
    found = _find(weights, models, wanted)
    if found is not None:
        return found
    try:
        models.mkdir(parents=True, exist_ok=True)
        with _locked(models / "lock"):
            return _find(weights, models, wanted) or _compile(weights, models, wanted)
    except OSError as error:
        raise ConfigurationError(
            f"{weights.model} cannot be compiled into {models} ({error}): make that folder writable and leave"
            " it some room, or choose the embedding runtime torch"
        ) from error


def _folder(weights: Weights, wanted: Precision) -> str:
    return f"{(weights.pinned or weights.digest)[:16]}-{wanted}-{_VERSION}"


def _find(weights: Weights, models: Path, wanted: Precision) -> Compiled | None:
    precisions: tuple[Precision, ...] = ("int8", "fp32")
    folder = models / _folder(weights, wanted)
    candidates = (Compiled(folder / f"{name}.onnx", name) for name in precisions)
    return next((made for made in candidates if made.file.is_file()), None)


@contextmanager
def _locked(file: Path) -> Iterator[None]:
    """Waits until no other process holds ``file``; the system frees it when its holder dies."""
    with file.open("a") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


def _compile(weights: Weights, models: Path, precision: Precision) -> Compiled:
    from rag.embedding.export import export, quantize

    _log.info("compiling %s for onnxruntime, once", weights.model)
    unfinished = models / "unfinished"
    shutil.rmtree(unfinished, ignore_errors=True)  # what a killed process left
    unfinished.mkdir()
    whole, small = unfinished / "fp32.onnx", unfinished / "int8.onnx"
    original = export(weights, whole, SAMPLES)
    if precision == "int8":
        quantize(whole, small)
        cosine = _least_cosine(small, weights, original)
        if cosine >= LEAST_COSINE:
            return _finish(Compiled(small, "int8"), weights, models, precision)
        _log.warning(
            "%s stays in fp32, slower than int8: in int8 a sample's cosine with the original is %.3f, "
            "below %s",
            weights.model,
            cosine,
            LEAST_COSINE,
        )
    cosine = _least_cosine(whole, weights, original)
    if not cosine >= LEAST_WHOLE:  # so that NaN does not pass
        shutil.rmtree(unfinished)
        raise ConfigurationError(
            f"{weights.model} does not compile to what it was: a sample's cosine with the original is "
            f"{cosine:.3f}, below {LEAST_WHOLE}. Choose the runtime torch (ARDOISE_EMBEDDING__RUNTIME=torch)"
        )
    return _finish(Compiled(whole, "fp32"), weights, models, precision)


def _least_cosine(file: Path, weights: Weights, original: Vectors) -> float:
    """The worst sample's cosine with the original's vector."""
    return float((Session(file, weights.folder).embed(SAMPLES) * original).sum(axis=1).min())


def _finish(made: Compiled, weights: Weights, models: Path, wanted: Precision) -> Compiled:
    """Gives a whole file its final name, and clears the rest away."""
    final = models / _folder(weights, wanted) / f"{made.precision}.onnx"
    final.parent.mkdir(exist_ok=True)
    with made.file.open("rb+") as file:
        os.fsync(file.fileno())
    made.file.replace(final)
    shutil.rmtree(made.file.parent)
    return Compiled(final, made.precision)
