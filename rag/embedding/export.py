"""From PyTorch to ONNX, and from fp32 to int8: what compiling an embedding model is made of."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from rag.embedding.base import Vectors
from rag.embedding.runtime import load_onnxruntime
from rag.embedding.sentence_transformer import load_model
from rag.embedding.session import IDS, MASK, TOKENS, VECTORS
from rag.embedding.weights import Weights

_OPSET = 17
"""The first ONNX operator set with LayerNormalization as one operator."""


def export(weights: Weights, file: Path, samples: Sequence[str]) -> Vectors:
    """Writes a BERT model with mean pooling as fp32 ONNX: vectors of texts and of tokens, of unit length.

    Returns what the original makes of ``samples``, float32 ``[len(samples), dimension]``, to compare with.

    Raises:
        ConfigurationError: the weights are not the expected ones.
    """
    import torch

    model = load_model(weights, device="cpu", model_kwargs={"attn_implementation": "eager"})
    bert: Any = model[0].auto_model

    class Encoder(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.bert = bert

        def forward(self, ids: torch.Tensor, mask: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
            states = self.bert(input_ids=ids, attention_mask=mask).last_hidden_state
            kept = mask.unsqueeze(-1).to(states.dtype)
            mean = (states * kept).sum(1) / kept.sum(1).clamp(min=1e-9)
            normalize = torch.nn.functional.normalize
            return normalize(mean, dim=1), normalize(states, dim=2)

    ones = torch.ones(2, 16, dtype=torch.long)
    with warnings.catch_warnings():
        # The tracing exporter is announced to go; the other one needs a package more.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            Encoder().eval(),
            (ones, ones),
            str(file),
            input_names=[IDS, MASK],
            output_names=[VECTORS, TOKENS],
            dynamic_axes={
                IDS: {0: "batch", 1: "tokens"},
                MASK: {0: "batch", 1: "tokens"},
                VECTORS: {0: "batch"},
                TOKENS: {0: "batch", 1: "tokens"},
            },
            opset_version=_OPSET,
            dynamo=False,
        )
    vectors = model.encode(list(samples), show_progress_bar=False, normalize_embeddings=True)
    return np.asarray(vectors, dtype=np.float32)


def quantize(whole: Path, small: Path) -> None:
    """Writes the model in ``whole`` with int8 weights, a scale a channel; activations scale as they come.

    Weights take 7 bits of the 8: processors without VNNI add up pairs of products in 16 bits, which 8 would
    overflow. The file is then right on every processor.
    """
    load_onnxruntime()
    from onnxruntime.quantization import QuantType, quantize_dynamic

    with _root_logger_kept():
        quantize_dynamic(whole, small, weight_type=QuantType.QInt8, per_channel=True, reduce_range=True)


@contextmanager
def _root_logger_kept() -> Iterator[None]:
    """The quantizer talks to the root logger, which gives that a handler too: neither is for our users."""
    root = logging.getLogger()
    handlers = root.handlers[:]
    root.addFilter(_nothing)
    try:
        yield
    finally:
        root.removeFilter(_nothing)
        root.handlers[:] = handlers


def _nothing(_record: logging.LogRecord) -> bool:
    return False
