"""A sweep of answers on small deterministic parts: who answers is scripted, and every call is counted."""

import json
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from eval.answers import Asked
from eval.beir import Dataset, read_dataset
from eval.diagnosis import Seen
from eval.judges.base import Judge
from eval.judges.support import SupportJudge
from eval.prices import Price
from eval.questions import Question
from eval.sweep.answer_kit import AnswerKit, Ground, Respondent, Spending
from eval.sweep.asking import asked_dataset
from eval.sweep.kit import Kit
from eval.sweep.run import Sweep
from eval.sweep.space import Space, Values
from rag.errors import ModelUnavailable
from rag.resilience.deadline import Deadline
from rag.retriever import SearchRequest, SearchResult
from rag.types import Answer, Citation, TraceStep, Usage
from tests.unit.eval.sweep_parts import in_memory, kit, write_random_collection

USAGE = Usage(100, 10)
PRICE = Price(2.0, 8.0, "EUR", date(2026, 1, 31))
MODEL = "scripted:clever"
BY_RULE = "extractive"
Fails = Callable[[Question, int], bool]


def write_labelled(folder: Path, questions: int = 4) -> Dataset:
    """A random collection; each question but the last asks for a document's first words, which are there."""
    write_random_collection(folder, 0, documents=12)
    rows = [json.loads(line) for line in (folder / "corpus.jsonl").read_text().splitlines()]
    labelled = []
    for number in range(questions):
        row, last = rows[number], number == questions - 1
        gold = [] if last else [{"document_id": row["_id"], "quote": row["text"]}]
        labelled.append(
            {
                "id": f"a{number}",
                "question": f"what of {row['text']}?",
                "answer": "" if last else row["text"],
                "gold": gold,
                "answerable": not last,
            }
        )
    (folder / "questions.jsonl").write_text("\n".join(map(json.dumps, labelled)))
    return read_dataset(folder)


class Scripted:
    """Answers with the gold quote while its model is good and abstains where nothing is to be known."""

    def __init__(self, made: Kit, ground: Ground, values: Values, script: "Script") -> None:
        self._retriever = made.retriever(ground.index, made.embedder, made.sparse, made.fusion, made.reranker)
        self._ground = ground
        self._values = values
        self._script = script

    async def passages(self, question: Question) -> SearchResult:
        self._script.calls["passages"] += 1
        request = SearchRequest(question.question, Deadline.after(60), self._values.get("top_k", 3))
        return await self._retriever.search(request)

    async def ask(self, question: Question) -> Asked:
        script, found = self._script, self._ground.found
        script.calls["ask"] += 1
        script.asked[question.id] += 1
        if script.fails(question, script.asked[question.id]):
            raise ModelUnavailable("scripted is down")
        hits = (await self.passages(question)).hits if found is None else found[question.question]
        step = TraceStep("answer", 1.0, {"passages": [hit.chunk.id for hit in hits]})
        if not question.answerable:
            return Asked(Answer("Nothing.", abstained=True, usage=USAGE, trace=(step,)), (), hits=hits)
        (gold,) = question.gold
        cited = Citation(1, "c", gold.document_id, gold.document_id, 0, 1, None, gold.quote, True)
        wrong = script.lies(question, script.asked[question.id])
        said = Answer("No.", usage=USAGE, trace=(step,))
        if not wrong:
            said = replace(said, text=f"{question.answer} [1]", citations=(cited,))
        searches = (question.question,)
        return Asked(said, tuple(hit.chunk.text for hit in hits), hits=hits, searches=searches)

    async def look_back(self, question: Question, asked: Asked) -> Seen:
        self._script.calls["look_back"] += 1
        ids = [hit.chunk.id for hit in asked.hits]
        gold = {one.document_id for one in question.gold}
        holders = frozenset(hit.chunk.id for hit in asked.hits if hit.chunk.document_id in gold)
        return Seen([holders] if gold else [], {"dense": ids}, ids, context=ids)


class Script:
    """The kits of a sweep, and what was asked of them; settings: graph, model, budget, those of ``kit``."""

    def __init__(self, fails: Fails = lambda *_: False, lies: Fails = lambda *_: False) -> None:
        self.calls: Counter[str] = Counter()
        self.asked: Counter[str] = Counter()
        self.fails = fails
        self.lies = lies

    def __call__(self, values: Values) -> Kit:
        made, model = kit(values), values.get("model", MODEL)
        agent = values.get("graph") == "agent"

        @asynccontextmanager
        async def respondent(ground: Ground) -> AsyncIterator[Respondent]:
            yield Scripted(made, ground, values, self)

        @asynccontextmanager
        async def judge(name: str, metrics: tuple[str, ...]) -> AsyncIterator[Judge | None]:
            self.calls[f"judge {name}"] += 1
            yield SupportJudge()

        answers = AnswerKit(
            agent=agent,
            model=model,
            by_rule=model == BY_RULE,
            respondent=respondent,
            judge=judge,
            finding={"top_k": values.get("top_k", 3), "k": values.get("k", 60)},
            saying={"budget": values.get("budget", 1)},
            modules=("tests.unit.eval.sweep_answers",),
            to_say=Spending() if model == BY_RULE else Spending(1, 90, 20),
        )
        return replace(made, answers=answers)


def answer_sweep(folder: Path, axes: dict[str, tuple[Any, ...]], script: Script, **change: Any) -> Sweep:
    """A sweep over the data set in ``folder``/data."""
    dataset = write_labelled(folder / "data")
    given = {
        "measures": ("right", "token_f1", "abstention_precision", "abstention_recall"),
        "primary": "right",
        "prices": {"clever": PRICE},
    }
    baseline = {name: values[0] for name, values in axes.items()}
    space = Space("answers", axes, baseline=baseline, **{**given, **change})
    asked = asked_dataset(dataset, space.questions)
    return Sweep(space, asked, script, folder / "sweep", folder / "timings.json", indexes=in_memory)
