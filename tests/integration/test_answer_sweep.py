"""A sweep of answers with the application's own parts: chain and agent, by rule and over a real wire."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import app.sweeping
from app.evaluation import ask_labelled
from app.sweeping import SettingsChecks, SettingsKits
from eval.beir import Dataset, read_dataset
from eval.sweep.answering import asked_of
from eval.sweep.asking import asked_dataset, read_asked
from eval.sweep.engine.local import Inline
from eval.sweep.file import read_space
from eval.sweep.run import Sweep, Tally, estimate, finish, work
from eval.table import read_table
from rag.errors import BadInput
from rag.types import Usage
from tests.fakes import HashingEmbedder
from tests.servers.provider import COMPLETION_TOKENS, KEY, TEXT, Provider, prompt_tokens, running_provider
from tests.system import small_system
from tests.unit.eval.recorded import Recording

PAGES = {
    "kv": "The KV cache of Mistral 7B takes 131,072 bytes per token.",
    "paging": "Paging removes the fragmentation of the KV cache.",
    "rrf": "Reciprocal rank fusion adds up the reciprocal ranks of each leg.",
}
QUESTIONS = (
    ("q1", "How many bytes per token does the KV cache of Mistral 7B take?", "131,072 bytes", "kv"),
    ("q2", "What removes the fragmentation of the KV cache?", "Paging", "paging"),
    ("q3", "What does reciprocal rank fusion add up?", "the reciprocal ranks", "rrf"),
    ("q4", "Which football club won the league?", "", None),
)
PRICES = "prices:\n  model: {prompt: 2.0, completion: 6.0, currency: EUR, date: 2026-01-31}\n"
FIXED = "fixed: {chunking.chunker: whole, retrieval.top_k: 2}\n"


@pytest.fixture(autouse=True)
def _small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ARDOISE_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(app.sweeping, "build_settings_embedder", lambda _: HashingEmbedder())


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Iterator[Provider]:
    with running_provider() as running:
        monkeypatch.setenv("MISTRAL_API_KEY", KEY)
        monkeypatch.setenv("ARDOISE_MISTRAL_URL", running.url)
        monkeypatch.setenv("ARDOISE_RESILIENCE__RETRIES", "0")
        yield running


@pytest.fixture
def dataset(tmp_path: Path) -> Dataset:
    folder = tmp_path / "data"
    folder.mkdir()
    corpus = [{"_id": name, "title": "", "text": text} for name, text in PAGES.items()]
    labelled = [
        {
            "id": name,
            "question": question,
            "answer": answer,
            "gold": [{"document_id": page, "quote": PAGES[page]}] if page else [],
            "answerable": page is not None,
        }
        for name, question, answer, page in QUESTIONS
    ]
    queries = [{"_id": one["id"], "text": one["question"]} for one in labelled]
    (folder / "corpus.jsonl").write_text("\n".join(map(json.dumps, corpus)))
    (folder / "questions.jsonl").write_text("\n".join(map(json.dumps, labelled)))
    (folder / "queries.jsonl").write_text("\n".join(map(json.dumps, queries)))
    (folder / "qrels.tsv").write_text("query-id\tcorpus-id\tscore\nq1\tkv\t1\n")
    return read_dataset(folder)


def read(tmp_path: Path, dataset: Dataset, text: str) -> Sweep:
    path = tmp_path / "answers.yaml"
    path.write_text(text, encoding="utf-8")
    kits = SettingsKits()
    space = read_space(path, SettingsChecks(kits, dataset.folder))
    asked = asked_dataset(dataset, space.questions)
    return Sweep(space, asked, kits.answering(), tmp_path / "sweep", tmp_path / "timings.json")


def finished(sweep: Sweep) -> list[dict[str, Any]]:
    plan, tally = sweep.plan(), Tally()
    work(sweep, plan, Inline(), lambda *_: None, tally)
    finish(sweep, plan, tally)
    return [json.loads(line) for line in (sweep.folder / "configurations.jsonl").read_text().splitlines()]


def _cost(sweep: Sweep, request: dict[str, Any]) -> float:
    """What the provider's reply to this request cost."""
    return sweep.space.prices["model"].cost(Usage(prompt_tokens(request), COMPLETION_TOKENS))


def test_chain_and_agent_answer_by_rule_with_citations(tmp_path: Path, dataset: Dataset) -> None:
    text = "axes: {graph: [chain, agent], retrieval.mode: [sparse, hybrid]}\nmeasures: [right, token_f1]\n"
    done = finished(read(tmp_path, dataset, text + FIXED))
    assert [one["error"] for one in done] == [None] * 4
    assert [one["repeats"] for one in done] == [1] * 4
    assert all(one["grades"] == {"extractive": len(QUESTIONS)} for one in done)
    assert all(one["metrics"]["right"] >= 0.5 for one in done)
    assert all(one["latency_ms"]["p50"] > 0 for one in done)
    assert all(one["cost"] is None for one in done)


async def test_a_swept_answer_is_that_of_the_system_over_the_ingested_collection(
    tmp_path: Path, dataset: Dataset
) -> None:
    sweep = read(tmp_path, dataset, "axes: {graph: [chain, agent]}\nmeasures: [right]\n" + FIXED)
    await asyncio.to_thread(finished, sweep)
    settings = sweep.kits.settings(sweep.space.fixed)  # type: ignore[attr-defined]
    async with small_system(settings) as system:
        await system.library.ingest([dataset.folder], prune=False, progress=lambda _: None)
        for configuration in sweep.plan().configurations:
            rows = sweep.store.load("generate", configuration.stages["generate.0"]).facts["rows"]
            agent = configuration.values["graph"] == "agent"
            for question, row in zip(read_asked(dataset.folder, None, None), rows, strict=True):
                ours, theirs = asked_of(row), await ask_labelled(system, question, agent)
                assert ours is not None
                assert (ours.answer.text, ours.answer.citations) == (
                    theirs.answer.text,
                    theirs.answer.citations,
                )
                assert [hit.chunk.id for hit in ours.hits] == [hit.chunk.id for hit in theirs.hits]


@pytest.mark.socket
def test_a_model_is_asked_as_often_as_repeats_say_and_paid_by_the_token(
    tmp_path: Path, dataset: Dataset, provider: Provider
) -> None:
    text = (
        "axes: {generation.prompt_tokens: [1000, 2000]}\nrepeats: 3\nmeasures: [right, token_f1]\n"
        "fixed: {generation.llm: mistral, generation.model: model, chunking.chunker: whole}\n"
    )
    sweep = read(tmp_path, dataset, text + PRICES)
    planned = estimate(sweep, sweep.plan(), 1)
    calls = 2 * 3 * len(QUESTIONS)
    assert planned["calls"] == calls
    assert planned["expected_cost"]["currency"] == "EUR"
    done = finished(sweep)
    assert len(provider.requests) == calls
    assert {request["model"] for request in provider.requests} == {"model"}
    spent = [_cost(sweep, request) for request in provider.requests]
    assert 3 * sum(one["cost"] for one in done) == pytest.approx(sum(spent))
    for one in done:
        assert one["error"] is None
        assert one["repeats"] == 3
        assert one["grades"] == {"full": 3 * len(QUESTIONS)}
    rows = read_table(sweep.folder, configuration="c000")
    assert sorted(set(rows["repeat"])) == [0, 1, 2]
    # The provider says the same each time, so nothing varies.
    report = (sweep.folder / "report.md").read_text()
    assert "c000 ran 3 times: its mean has a standard deviation of 0.0000" in report
    answers = sweep.store.load("generate", sweep.plan().configurations[0].stages["generate.2"])
    assert answers.facts["rows"][0]["asked"]["answer"]["text"].startswith(TEXT[:10])


@pytest.mark.socket
def test_an_answer_without_the_model_is_a_failure_of_the_model(
    tmp_path: Path, dataset: Dataset, provider: Provider
) -> None:
    text = (
        "axes: {generation.model: [model, flaky-2]}\nmeasures: [right, token_f1]\n"
        "fixed: {generation.llm: mistral, chunking.chunker: whole}\n"
    )
    good, flaky = finished(read(tmp_path, dataset, text + PRICES))
    assert good["failed"] == {}
    # Two of the questions met a server error, and extraction stood in: that is no answer of this model.
    assert sum(flaky["failed"].values()) == 2
    assert all("answered without the model (extractive)" in why for why in flaky["failed"])
    assert flaky["grades"] == {"full": len(QUESTIONS) - 2}
    assert flaky["cost"] is None


@pytest.mark.socket
def test_a_judge_reads_every_answer_and_its_cost_is_told_apart(
    tmp_path: Path, dataset: Dataset, provider: Provider
) -> None:
    recording = Recording()
    provider.structured = lambda body: recording.text(
        body["response_format"]["json_schema"]["schema"]["title"]
    )
    text = (
        "axes: {generation.model: [model]}\njudge: ragas\nmeasures: [faithfulness, right]\n"
        "fixed: {generation.llm: mistral, chunking.chunker: whole}\n"
    )
    sweep = read(tmp_path, dataset, text + PRICES)
    # Faithfulness takes two calls: the statements of an answer, then whether the passages say so.
    assert estimate(sweep, sweep.plan(), 1)["calls"] == len(QUESTIONS) + 2 * len(QUESTIONS)
    (one,) = finished(sweep)
    judging, price = one["judging"], sweep.space.prices["model"]
    assert judging["calls"] == len(provider.requests) - len(QUESTIONS)
    # Two of the three statements that the judge finds in an answer are supported.
    assert one["metrics"]["faithfulness"] == pytest.approx(2 / 3)
    spent = Usage(judging["prompt_tokens"], judging["completion_tokens"])
    assert judging["cost"]["amount"] == pytest.approx(price.cost(spent))
    answering = [request for request in provider.requests if "response_format" not in request]
    assert one["cost"] == pytest.approx(sum(_cost(sweep, request) for request in answering))


@pytest.mark.socket
@pytest.mark.usefixtures("provider")
def test_a_model_that_is_not_there_fails_its_configuration_and_no_other(
    tmp_path: Path, dataset: Dataset
) -> None:
    text = (
        "axes: {generation.model: [model, nobody]}\nmeasures: [right]\nfixed: {generation.llm: mistral, "
        "chunking.chunker: whole}\n"
    )
    good, unknown = finished(read(tmp_path, dataset, text))
    assert (good["status"], unknown["status"]) == ("done", "failed")
    assert "ModelRefused" in unknown["error"]
    report = (tmp_path / "sweep" / "report.md").read_text()
    assert "1 of 2 configurations failed, and 0 rows of the others." in report


@pytest.mark.parametrize(
    ("text", "place", "what"),
    [
        ("axes: {generation.temperature: [0]}", "line 1, column 8", "choose one of generation.llm"),
        ("axes: {generation.mistral_url: [x]}", "line 1, column 8", "unknown setting"),
        ("axes: {graph: [chain, tree]}", "line 1, column 23", "choose one of chain, agent"),
        ("axes: {agent.steps: [1]}", "line 1, column 22", "greater than or equal to 8"),
        ("axes: {agent.steps: [8]}\n", "line 1, column 8", "shapes answers, which nDCG@10"),
        (
            "axes: {graph: [chain]}\njudge: ragas\nmeasures: [faithfulness]",
            "line 1, column 1",
            "the judge 'ragas' needs a chat model",
        ),
        ("axes: {graph: [chain]}\nmeasures: [right]\nrepeats: 2", "line 3, column 10", "model in the loop"),
        (
            "axes: {generation.llm: [mistral]}\nmeasures: [right]",
            "line 1, column 1",
            "so it is for 1 of 1 configurations",
        ),
    ],
)
def test_what_the_settings_do_not_allow_is_told_with_its_place(
    tmp_path: Path, dataset: Dataset, text: str, place: str, what: str
) -> None:
    with pytest.raises(BadInput) as told:
        read(tmp_path, dataset, text)
    assert f"answers.yaml {place}" in str(told.value)
    assert what in str(told.value)


def test_what_comes_around_the_retriever_can_be_varied_by_its_answers(
    tmp_path: Path, dataset: Dataset
) -> None:
    text = "axes: {retrieval.expansion: [none, decompose], retrieval.mmr: [null, 0.5]}\nmeasures: [right]\n"
    done = finished(read(tmp_path, dataset, text + FIXED))
    assert [one["error"] for one in done] == [None] * 4
    with pytest.raises(BadInput, match=r"no stage for retrieval\.expansion"):
        read(tmp_path, dataset, "axes: {retrieval.expansion: [none, decompose]}\n" + FIXED)
