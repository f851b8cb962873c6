"""A model compiled for onnxruntime: once, whole or not at all, and true to the original."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from rag.embedding import build_embedder, export, why_torch
from rag.embedding import compile as compiling
from rag.embedding.base import Vectors
from rag.embedding.compile import SAMPLES, compile_once, why_not
from rag.embedding.onnx import OnnxEmbedder
from rag.embedding.weights import Weights, find_weights
from rag.errors import ConfigurationError, UnknownChoice
from rag.resilience.workers import Workers

WORDS = ["the", "cache", "keeps", "keys", "and", "values", "of", "past", "paging", "removes", "fragmentation"]
TEXTS = ["cache", "the cache keeps keys", " ".join(WORDS * 9), "", "paging removes fragmentation of values"]


@pytest.fixture(scope="session")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A BERT of two layers with random weights, in sentence-transformers' files."""
    import torch
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import BertConfig, BertModel

    folder = tmp_path_factory.mktemp("models") / "tiny-bert"
    (folder / "1_Pooling").mkdir(parents=True)
    specials = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
    vocabulary = {word: place for place, word in enumerate([*specials, *WORDS])}
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(vocabulary),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=64,
        max_position_embeddings=64,
        initializer_range=0.5,
    )
    BertModel(config).save_pretrained(folder)
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    tokenizer.save(str(folder / "tokenizer.json"))
    steps = [("", "Transformer"), ("1_Pooling", "Pooling"), ("2_Normalize", "Normalize")]
    files = {
        "tokenizer_config.json": {"tokenizer_class": "PreTrainedTokenizerFast", "pad_token": "[PAD]"},
        "sentence_bert_config.json": {"max_seq_length": 48},
        "modules.json": [
            {"idx": place, "name": str(place), "path": path, "type": f"sentence_transformers.models.{kind}"}
            for place, (path, kind) in enumerate(steps)
        ],
        "1_Pooling/config.json": {"word_embedding_dimension": 32, "pooling_mode_mean_tokens": True},
    }
    for name, content in files.items():
        (folder / name).write_text(json.dumps(content))
    return folder


@pytest.fixture
def weights(original: Path) -> Weights:
    return find_weights(str(original))


def count_exports(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    made: list[Path] = []
    real = export.export

    def counted(weights: Weights, file: Path, samples: tuple[str, ...]) -> object:
        made.append(file)
        return real(weights, file, samples)

    monkeypatch.setattr(export, "export", counted)
    return made


async def test_the_compiled_model_gives_the_original_vectors(original: Path, tmp_path: Path) -> None:
    compiled = build_embedder(str(original), models=tmp_path, batch_size=2, precision="int8")
    torch = build_embedder(str(original), runtime="torch")
    made, wanted = await compiled.embed_documents(TEXTS), await torch.embed_documents(TEXTS)
    assert compiled.name == f"{torch.name}/int8-onnx"
    assert (compiled.dimension, compiled.max_tokens) == (torch.dimension, torch.max_tokens) == (32, 46)
    assert made.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(made, axis=1), 1, rtol=1e-5)
    assert (made * wanted).sum(axis=1).min() >= compiling.LEAST_COSINE


async def test_fp32_takes_over_with_a_notice_where_int8_is_not_true_enough(
    original: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(compiling, "LEAST_COSINE", 1.5)
    with caplog.at_level(logging.WARNING):
        embedder = build_embedder(str(original), models=tmp_path, precision="int8")
        name = embedder.name
    assert name.endswith("/fp32-onnx")
    assert "tiny-bert stays in fp32" in caplog.text
    wanted = await build_embedder(str(original), runtime="torch").embed_documents(TEXTS)
    np.testing.assert_allclose(await embedder.embed_documents(TEXTS), wanted, atol=1e-5)
    made = count_exports(monkeypatch)
    assert build_embedder(str(original), models=tmp_path, precision="int8").name == name
    assert made == []


async def test_a_text_embeds_the_same_alone_and_in_a_batch(original: Path, tmp_path: Path) -> None:
    embedder = build_embedder(str(original), models=tmp_path, batch_size=len(TEXTS))
    together = await embedder.embed_documents(TEXTS)
    for text, vector in zip(TEXTS, together, strict=True):
        np.testing.assert_allclose(await embedder.embed_query(text), vector, atol=1e-3)


def test_what_only_cuts_texts_compiles_nothing_and_cuts_as_any_runtime_does(
    original: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = count_exports(monkeypatch)
    compiled = build_embedder(str(original), models=tmp_path, cache=tmp_path / "vectors.sqlite")
    assert compiled.token_spans("warm mat")
    assert compiled.tokenizer == build_embedder(str(original), runtime="torch").tokenizer
    assert made == []


def test_what_a_kill_leaves_is_no_model_and_is_cleared_away(
    weights: Weights, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(whole: Path, small: Path) -> None:
        small.write_bytes(whole.read_bytes()[:100])
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(export, "quantize", killed)
        with pytest.raises(KeyboardInterrupt):
            compile_once(weights, tmp_path)
    assert not list(tmp_path.rglob("*-v2/*.onnx"))
    assert (tmp_path / "unfinished" / "int8.onnx").is_file()
    made = compile_once(weights, tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [made.file.parent.name, "lock"]
    assert made.file.parent.name == f"{weights.digest[:16]}-int8-v2"


def test_two_that_compile_at_once_make_one_model(
    weights: Weights, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    exports, made = count_exports(monkeypatch), list[compiling.Compiled]()
    both = [threading.Thread(target=lambda: made.append(compile_once(weights, tmp_path))) for _ in range(2)]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    assert len(exports) == 1
    assert made[0] == made[1]


def test_compiling_is_silent_below_a_warning(
    weights: Weights, tmp_path: Path, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    before = logging.getLogger().handlers[:]
    compile_once(weights, tmp_path)
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []
    assert logging.getLogger().handlers == before
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(("wanted", "least_in_int8"), [("fp32", 0.98), ("int8", 1.5)])
def test_a_model_that_compiles_to_something_else_is_refused_and_not_kept(
    weights: Weights,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    wanted: compiling.Precision,
    least_in_int8: float,
) -> None:
    real = export.export

    def other(weights: Weights, file: Path, samples: tuple[str, ...]) -> Vectors:
        return np.roll(real(weights, file, samples), 1, axis=0)

    monkeypatch.setattr(export, "export", other)
    monkeypatch.setattr(compiling, "LEAST_COSINE", least_in_int8)
    with pytest.raises(ConfigurationError, match=r"tiny-bert does not compile .* below 0\.999.* torch"):
        compile_once(weights, tmp_path, wanted)
    assert [path.name for path in tmp_path.iterdir()] == ["lock"]


async def test_a_damaged_compiled_model_says_what_to_delete(weights: Weights, tmp_path: Path) -> None:
    made = compile_once(weights, tmp_path)
    made.file.write_bytes(made.file.read_bytes()[:1000])
    embedder = OnnxEmbedder(weights, Workers(threads=1), tmp_path, precision="int8")
    with pytest.raises(ConfigurationError, match=r"int8\.onnx cannot be loaded .*delete its folder"):
        await embedder.embed_query("cache")


def test_a_folder_that_cannot_be_written_is_named(weights: Weights, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigurationError, match="cannot be compiled into"):
        compile_once(weights, tmp_path / "file" / "models")


@pytest.mark.parametrize(
    ("file", "content", "why"),
    [
        ("config.json", {"model_type": "roberta"}, "model_type is roberta"),
        ("modules.json", [{"path": "", "type": "x.Transformer"}], "modules are Transformer,"),
        ("1_Pooling/config.json", {"pooling_mode_cls_token": True}, "pooling is not the mean"),
        (
            "1_Pooling/config.json",
            {"pooling_mode_mean_tokens": True, "include_prompt": False},
            "leaves its prompts out",
        ),
        ("sentence_bert_config.json", {"do_lower_case": True}, "lowers the case"),
    ],
)
def test_a_model_of_another_kind_runs_on_pytorch_and_says_why(
    original: Path, tmp_path: Path, file: str, content: object, why: str
) -> None:
    assert why_not(original) == ""
    folder = tmp_path / "other"
    for source in original.rglob("*"):
        target = folder / source.relative_to(original)
        if source.is_file():
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(source.read_bytes())
    (folder / file).write_text(json.dumps(content))
    weights = find_weights(str(folder))
    assert why in why_torch(weights, "auto", tmp_path)
    with pytest.raises(ConfigurationError, match=why):
        why_torch(weights, "onnx", tmp_path)


def test_the_runtime_is_chosen_by_name(weights: Weights, tmp_path: Path) -> None:
    assert why_torch(weights, "torch", tmp_path) == "as configured"
    assert why_torch(weights, "auto", tmp_path) == why_torch(weights, "onnx", tmp_path) == ""
    assert "no folder for compiled models" in why_torch(weights, "auto", None)
    with pytest.raises(UnknownChoice, match="choose one of auto, onnx, torch"):
        why_torch(weights, "tensorrt", tmp_path)


@pytest.mark.weights
async def test_the_default_model_in_int8_is_true_to_the_original(tmp_path: Path) -> None:
    made = build_embedder(models=tmp_path, precision="int8")
    assert made.name == "all-MiniLM-L6-v2@53aa51172d14/int8-onnx"
    wanted = await build_embedder(runtime="torch").embed_documents(SAMPLES)
    assert ((await made.embed_documents(SAMPLES)) * wanted).sum(axis=1).min() >= compiling.LEAST_COSINE


def test_a_process_that_finds_the_model_compiled_loads_no_pytorch(original: Path, tmp_path: Path) -> None:
    compile_once(find_weights(str(original)), tmp_path, "fp32")
    code = (
        "import asyncio, sys; from pathlib import Path; from rag.embedding import build_embedder;"
        f"e = build_embedder({str(original)!r}, models=Path({str(tmp_path)!r})); "
        "asyncio.run(e.embed_query('hello'));"
        "print([name for name in ('torch', 'transformers', 'sentence_transformers') if name in sys.modules])"
    )
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603 (our own code)
    assert done.stdout == "[]\n"


def test_onnxruntime_is_loaded_with_its_usage_statistics_off(tmp_path: Path) -> None:
    code = "from rag.embedding.runtime import load_onnxruntime; load_onnxruntime().SessionOptions()"
    environment = {"HOME": str(tmp_path), "PYTHONPATH": str(Path(__file__).parents[2])}
    subprocess.run([sys.executable, "-c", code], check=True, env=environment)  # noqa: S603
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
