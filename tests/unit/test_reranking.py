"""Rerankers: the choice among them, and a cross-encoder made for the test."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.errors import ConfigurationError, UnknownChoice
from rag.llm.scripted import ScriptedChat
from rag.reranking import build_reranker
from rag.reranking.cross_encoder import CrossEncoderReranker
from rag.reranking.none import NoReranker
from rag.types import Chunk, Hit
from tests.fakes import HashingEmbedder


def hits(*texts: str) -> list[Hit]:
    return [Hit(Chunk(f"id-{n}", "d", text, 0, len(text)), 1 / (n + 1)) for n, text in enumerate(texts)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cross-encoder of a few thousand random weights over a handful of words."""
    import torch
    from transformers import BertConfig, BertForSequenceClassification, BertTokenizer

    folder = tmp_path_factory.mktemp("cross") / "tiny"
    words = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "cat", "dog", "sits", "runs", "far"]
    vocabulary = folder.parent / "vocab.txt"
    vocabulary.write_text("\n".join(words))
    torch.manual_seed(0)
    config = BertConfig(
        vocab_size=len(words),
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
        initializer_range=1.0,
    )
    config.num_labels = 1
    BertForSequenceClassification(config).save_pretrained(folder)
    BertTokenizer(vocab=str(vocabulary)).save_pretrained(folder)
    return folder


async def test_none_keeps_the_hits_as_they_are() -> None:
    given = hits("a", "b")
    assert await NoReranker().rerank("q", given) == given


def test_auto_is_none_where_there_are_no_weights_and_says_so() -> None:
    reranker, why = build_reranker("auto")
    assert reranker.name == "none"
    assert why == "the weights of cross-encoder/ms-marco-MiniLM-L6-v2 are not on this machine"


def test_late_interaction_runs_on_the_embedders_own_weights_where_it_is_asked_for() -> None:
    assert build_reranker("auto", embedder=HashingEmbedder())[0].name == "none"
    reranker, why = build_reranker("late_interaction", embedder=HashingEmbedder())
    assert reranker.name == "late_interaction(hashing-64)"
    assert why == "it needs no weights but the embedder's"


def test_a_reranker_asked_for_without_what_it_needs_says_what_that_is() -> None:
    with pytest.raises(ConfigurationError, match="compares the vectors of tokens, which no embedder"):
        build_reranker("late_interaction")
    with pytest.raises(ConfigurationError, match="set ARDOISE_LLM"):
        build_reranker("llm")


def test_the_llm_reranker_asks_the_model_that_it_is_given() -> None:
    reranker, _ = build_reranker("llm", chat=ScriptedChat([]))
    assert reranker.name == "llm(scripted)"


def test_a_cross_encoder_asked_for_without_weights_says_how_to_get_them() -> None:
    with pytest.raises(ConfigurationError, match="hf download nobody/model"):
        build_reranker("cross_encoder", model="nobody/model")


def test_a_folder_that_is_no_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"has no model\.safetensors"):
        build_reranker("auto", folder=tmp_path)


def test_an_unknown_reranker_names_the_choices() -> None:
    with pytest.raises(
        UnknownChoice, match="'best': choose one of auto, cross_encoder, late_interaction, llm, none"
    ):
        build_reranker("best")


@pytest.mark.weights
async def test_the_cross_encoder_orders_hits_by_its_own_scores(folder: Path) -> None:
    reranker, why = build_reranker("auto", model=str(folder), batch_size=2)
    assert isinstance(reranker, CrossEncoderReranker)
    assert why == f"its weights are in {folder}"
    given = hits("cat sits", "dog runs far", "cat", "dog", "far far far")
    best = await reranker.rerank("cat runs", given)
    assert sorted(hit.chunk.id for hit in best) == [hit.chunk.id for hit in given]
    scores = [hit.rerank_score or 0.0 for hit in best]
    assert scores == sorted(scores, reverse=True)
    alone = {hit.chunk.id: (await reranker.rerank("cat runs", [hit]))[0].rerank_score for hit in given}
    assert {hit.chunk.id: hit.rerank_score for hit in best} == pytest.approx(alone, abs=1e-5)


@pytest.mark.weights
async def test_equal_scores_keep_their_order(folder: Path) -> None:
    reranker, _ = build_reranker("cross_encoder", folder=folder)
    best = await reranker.rerank("cat", hits("dog", "dog", "dog"))
    assert [hit.chunk.id for hit in best] == ["id-0", "id-1", "id-2"]
    assert await reranker.rerank("cat", []) == []
