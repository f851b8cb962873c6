"""Runs a compiled embedding model, without PyTorch."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from rag.embedding.base import Vectors
from rag.embedding.card import read_card
from rag.embedding.runtime import load_onnxruntime
from rag.errors import ConfigurationError

if TYPE_CHECKING:
    from tokenizers import Encoding

IDS, MASK, VECTORS, TOKENS = "ids", "mask", "vectors", "token_vectors"
"""Of a compiled model: inputs, int64 ``[batch, tokens]``; outputs, float32 ``[batch, dimension]`` of texts
and ``[batch, tokens, dimension]`` of their tokens."""


class Session:
    """The compiled model in ``file`` behind the tokenizer of ``folder``; threads may share it.

    Raises:
        ConfigurationError: the file is damaged.
    """

    def __init__(self, file: Path, folder: Path) -> None:
        from tokenizers import Tokenizer

        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._tokenizer.enable_truncation(read_card(folder).window)
        self._tokenizer.no_padding()
        onnxruntime = load_onnxruntime()
        options = onnxruntime.SessionOptions()
        # The callers are the threads: two texts on a core each are done sooner than both on both cores.
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        try:
            self._model = onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
        except Exception as error:  # the runtime's errors have no base of their own
            raise ConfigurationError(
                f"{file} cannot be loaded ({error}): delete its folder, and the model is compiled again"
            ) from error

    def embed(self, texts: Sequence[str]) -> Vectors:
        """Vectors of unit length, float32 ``[len(texts), dimension]``; a text too long is cut.

        One text at a time. Dynamic quantization scales activations by the largest of the whole batch, so
        that in a batch a text's vector would depend on its neighbours: seen down to a cosine of 0.98.
        """
        encodings = self._tokenizer.encode_batch(list(texts))
        return np.concatenate([self._run(VECTORS, encoding) for encoding in encodings])

    def embed_tokens(self, text: str) -> Vectors:
        """A vector of unit length for each token of ``text``, float32 ``[tokens, dimension]``."""
        tokens: Vectors = self._run(TOKENS, self._tokenizer.encode(text))[0]
        return tokens

    def _run(self, output: str, encoding: Encoding) -> Vectors:
        inputs = {
            IDS: np.array([encoding.ids], dtype=np.int64),
            MASK: np.array([encoding.attention_mask], dtype=np.int64),
        }
        return np.asarray(self._model.run([output], inputs)[0], dtype=np.float32)
