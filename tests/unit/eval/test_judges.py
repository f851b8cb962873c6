import json
import os
import sys
from collections.abc import Callable
from typing import Any

import pytest

from eval.judges import build_judge
from eval.judges.base import Judgement, Row
from eval.judges.ragas import RagasJudge
from eval.judges.support import SupportJudge
from rag.errors import ConfigurationError, MissingExtra, ModelRefused, UnknownChoice
from rag.llm.base import ChatReply, ChatRequest
from rag.llm.extractive import ExtractiveChat
from rag.llm.scripted import Scripted, ScriptedChat
from rag.types import Answer, Citation
from tests.fakes import HashingEmbedder

STATEMENTS = ["The cache takes 131,072 bytes.", "That is per token."]
QUESTION = "How large is the cache?"
BOTH = ("faithfulness", "answer_relevancy")


def row(text: str = "The cache takes 131,072 bytes per token. [1]", **change: Any) -> Row:
    fields: dict[str, Any] = {
        "question": QUESTION,
        "answer": Answer(text),
        "contexts": ("The cache takes 131,072 bytes per token.",),
        "language": "en",
    }
    return Row(**{**fields, **change})


def verdicts(*given: int) -> str:
    return json.dumps(
        {"statements": [{"statement": "s", "reason": "r", "verdict": verdict} for verdict in given]}
    )


def judge_model(statements: str, judged: str, questions: str) -> Callable[[ChatRequest], Scripted]:
    """Answers by what it is asked for: statements, then verdicts on them, then questions."""

    def reply(request: ChatRequest) -> Scripted:
        schema = json.dumps(request.schema)
        if "noncommittal" in schema:
            return questions
        return judged if "verdict" in schema else statements

    return reply


def ragas(
    statements: str = json.dumps({"statements": STATEMENTS}),
    judged: str = verdicts(1, 0),
    questions: str = json.dumps({"question": QUESTION, "noncommittal": 0}),
) -> tuple[RagasJudge, ScriptedChat]:
    chat = ScriptedChat(judge_model(statements, judged, questions))
    return RagasJudge(chat, HashingEmbedder(), metrics=BOTH), chat


async def test_ragas_scores_with_our_model_and_our_embedder() -> None:
    judge, chat = ragas()
    scores = await judge.score(row())
    assert scores["faithfulness"] == Judgement.scored(1 / 2)
    assert scores["answer_relevancy"].value == pytest.approx(1.0)  # the question generated is the one asked
    assert len(chat.requests) == 2 + 3  # statements and verdicts; RAGAS generates three questions
    assert all(request.schema and request.schema["type"] == "object" for request in chat.requests)
    assert "131,072 bytes per token" in chat.requests[0].messages[0].content


async def test_an_answer_to_another_question_is_less_relevant() -> None:
    judge, _ = ragas(questions=json.dumps({"question": "Who wrote the paper?", "noncommittal": 0}))
    value = (await judge.score(row()))["answer_relevancy"].value
    assert value is not None
    assert value < 0.9


async def test_the_numbers_are_those_of_ragas_called_directly() -> None:
    from ragas.llms.base import InstructorBaseRagasLLM
    from ragas.metrics.collections import Faithfulness

    class Recorded(InstructorBaseRagasLLM):
        def generate(self, prompt: str, response_model: Any) -> Any:
            raise NotImplementedError

        async def agenerate(self, prompt: str, response_model: Any) -> Any:
            said = verdicts(1, 0, 1) if "verdict" in str(response_model.model_json_schema()) else three
            return response_model.model_validate_json(said)

    three = json.dumps({"statements": [*STATEMENTS, "It is large."]})
    direct = await Faithfulness(llm=Recorded()).ascore(
        user_input=QUESTION, response="x", retrieved_contexts=["y"]
    )
    judge, _ = ragas(statements=three, judged=verdicts(1, 0, 1))
    assert (await judge.score(row()))["faithfulness"].value == direct.value == 2 / 3


async def test_a_judge_that_answers_prose_is_a_failure_with_its_reason() -> None:
    judge, _ = ragas(statements="Sure! Here are the statements.", questions="I would ask about caches.")
    scores = await judge.score(row())
    assert {one.status for one in scores.values()} == {"failed"}
    assert all("Invalid JSON" in one.why and "Output" in one.why for one in scores.values())
    assert all(one.value is None for one in scores.values())


@pytest.mark.parametrize(
    ("change", "metric", "why"),
    [
        ({"statements": '{"statements": []}', "judged": verdicts()}, "faithfulness", "nan"),
        ({"judged": verdicts(1)}, "faithfulness", "1 verdicts for 2 statements"),
        ({"judged": verdicts(1, 5)}, "faithfulness", "neither 0 nor 1"),
        ({"questions": '{"question": " ", "noncommittal": 0}'}, "answer_relevancy", "empty"),
        ({"questions": '{"question": "", "noncommittal": 0}'}, "answer_relevancy", "no question"),
        (
            {"questions": '{"question": "Who?", "noncommittal": 7}'},
            "answer_relevancy",
            "neither 0 nor 1 (AnswerRelevance",
        ),
    ],
)
async def test_a_task_half_done_is_a_failure_and_not_a_score(
    change: dict[str, str], metric: str, why: str
) -> None:
    judge, _ = ragas(**change)
    score = (await judge.score(row()))[metric]
    assert score.status == "failed"
    assert why in score.why


async def test_a_reply_that_was_cut_off_is_a_failure() -> None:
    chat = ScriptedChat(lambda _: ChatReply('{"statements": []}', "length", "scripted"))
    scores = await RagasJudge(chat, HashingEmbedder(), metrics=BOTH).score(row())
    assert "cut off" in scores["faithfulness"].why


async def test_a_model_that_refuses_is_a_failure_that_names_it() -> None:
    chat = ScriptedChat(lambda _: ModelRefused("401: wrong key"))
    scores = await RagasJudge(chat, HashingEmbedder(), metrics=BOTH).score(row())
    assert {one.why for one in scores.values()} == {"ModelRefused: 401: wrong key"}


async def test_ragas_is_not_asked_about_an_abstention() -> None:
    judge, chat = ragas()
    scores = await judge.score(row(answer=Answer("Nothing answers this.", abstained=True)))
    assert {one.status for one in scores.values()} == {"not_applicable"}
    assert not chat.requests


async def test_faithfulness_does_not_apply_without_passages() -> None:
    judge, _ = ragas()
    scores = await judge.score(row(contexts=()))
    assert scores["faithfulness"].status == "not_applicable"
    assert scores["answer_relevancy"].status == "scored"


def test_usage_statistics_are_off_and_the_environment_is_as_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RAGAS_DO_NOT_TRACK", raising=False)
    ragas()
    from ragas._analytics import do_not_track

    assert do_not_track()
    assert "RAGAS_DO_NOT_TRACK" not in os.environ


def test_a_missing_ragas_is_told_with_the_extra_that_brings_it(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == "ragas"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(sys, "meta_path", [_Absent(), *sys.meta_path])
    with pytest.raises(MissingExtra, match=r"pip install 'ardoise\[ragas\]'"):
        build_judge("ragas", ScriptedChat([]), HashingEmbedder())


class _Absent:
    """Says that there is no ragas."""

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> None:
        if name.partition(".")[0] == "ragas":
            raise ModuleNotFoundError("No module named 'ragas'", name="ragas")


def test_judges_are_built_by_name() -> None:
    chat, embedder = ScriptedChat([]), HashingEmbedder()
    assert build_judge("none", chat, embedder) is None
    assert isinstance(build_judge("support", chat, embedder), SupportJudge)
    with pytest.raises(UnknownChoice, match="none, support, ragas"):
        build_judge("gpt", chat, embedder)
    with pytest.raises(UnknownChoice, match="context_recall"):
        build_judge("ragas", chat, embedder, metrics=["recall"])


def test_the_extractive_backend_is_no_judge_and_what_to_do_is_told() -> None:
    with pytest.raises(ConfigurationError, match="ARDOISE_JUDGE__LLM=mistral"):
        build_judge("ragas", ExtractiveChat(HashingEmbedder()), HashingEmbedder())


def cited(*supported: bool) -> tuple[Citation, ...]:
    return tuple(
        Citation(marker, f"c{marker}", "d", "d", 0, 1, None, "q", good)
        for marker, good in enumerate(supported, 1)
    )


async def test_the_offline_judge_counts_supported_citations_and_the_sentences_that_carry_one() -> None:
    text = (
        "The cache takes much memory [2]. Pages keep fragmentation low. [1] "
        "Batches share model weights [2][1]. Blocks hold sixteen tokens each. [2] Requests wait in a queue."
    )
    scores = await SupportJudge().score(row(answer=Answer(text, cited(True, False))))
    assert scores["supported_citations"] == Judgement.scored(1 / 2)
    assert scores["cited_sentences"] == Judgement.scored(2 / 5)


async def test_the_offline_judge_does_not_score_what_rests_on_nothing() -> None:
    abstained = await SupportJudge().score(row(answer=Answer("No.", abstained=True)))
    computed = await SupportJudge().score(row(answer=Answer("42"), contexts=()))
    assert {one.status for one in [*abstained.values(), *computed.values()]} == {"not_applicable"}


async def test_an_answer_without_citations_has_none_to_support() -> None:
    scores = await SupportJudge().score(row(answer=Answer("The cache takes much memory.")))
    assert scores["supported_citations"].status == "not_applicable"
    assert scores["cited_sentences"] == Judgement.scored(0.0)
