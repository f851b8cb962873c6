"""The answer comes from the model that was asked, or from the next rung, and says which and why."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Sequence

import pytest

from rag.answer.abstention import ABSTENTION
from rag.answer.answerer import Answerer, AnswerLimits
from rag.answer.cache.answers import worth_keeping
from rag.answer.review import Review
from rag.embedding.base import Vectors
from rag.errors import ArdoiseError, DeadlineExceeded, ModelCut, ModelRefused, ModelUnavailable
from rag.llm.base import ChatDelta, ChatModel, ChatReply, ChatRequest, Message, TokenCount, ToolSpec
from rag.llm.extractive import ExtractiveChat
from rag.llm.scripted import Broken, Scripted, ScriptedChat
from rag.llm.tokens import estimate
from rag.resilience.deadline import Deadline
from rag.telemetry.metrics import Metrics
from rag.types import Answer, Chunk, Hit, Usage
from tests.fakes import HASHED, HashingEmbedder

QUESTION = "What does the KV cache store?"
TEXT = "The KV cache stores keys and values. Attention reads all of it at each step."
HITS = [Hit(Chunk("c1", "d1", TEXT, 0, len(TEXT), ("KV cache",), metadata={"language": "en"}), 1.0)]
SAID = "It stores keys and values in the KV cache [1]."
EXTRACT = "The KV cache stores keys and values. [1]"


async def ask(
    chat: ChatModel, heard: list[str] | None = None, hits: Sequence[Hit] = HITS, seconds: float = 20.0
) -> Answer:
    answerer = Answerer(ExtractiveChat(HashingEmbedder(), HASHED), AnswerLimits())
    on_token = None if heard is None else heard.append
    return await answerer.answer(QUESTION, hits, chat, "en", Deadline.after(seconds), on_token=on_token)


class SilentChat(ScriptedChat):
    """Never answers: it waits for the deadline of the request it got."""

    async def complete(self, request: ChatRequest) -> ChatReply:
        async with request.deadline.limit("silent"):
            await asyncio.Event().wait()
        raise AssertionError

    async def stream(self, request: ChatRequest) -> AsyncGenerator[ChatDelta]:
        yield ChatDelta(reply=await self.complete(request))


async def test_the_models_answer_is_cited_and_graded_full() -> None:
    answer = await ask(ScriptedChat([ChatReply(SAID, "stop", "m", usage=Usage(5, 6))]))
    assert answer.text == SAID
    assert [(c.marker, c.quote, c.supported) for c in answer.citations] == [
        (1, "The KV cache stores keys and values.", True)
    ]
    assert (answer.grade, answer.degraded, answer.abstained) == ("full", (), False)
    assert answer.usage == Usage(5, 6)
    assert list(answer.timings) == ["context", "generate", "cite"]
    assert answer.trace[0].node == "answer"


async def test_tokens_are_passed_on_as_they_come_and_join_to_the_reply() -> None:
    heard: list[str] = []
    await ask(ScriptedChat([SAID]), heard)
    assert len(heard) > 1
    assert "".join(heard) == SAID


async def test_the_prompt_holds_passages_history_and_evidence() -> None:
    chat = ScriptedChat([SAID])
    history = [Message("user", "Hello"), Message("assistant", "Hi")]
    answerer = Answerer(ExtractiveChat(HashingEmbedder(), HASHED), AnswerLimits(answer_tokens=99))
    await answerer.answer(QUESTION, HITS, chat, "fr", Deadline.after(20), history)
    (request,) = chat.requests
    assert [message.role for message in request.messages] == ["system", "user", "assistant", "user"]
    assert TEXT in request.messages[-1].content
    assert request.max_tokens == 99
    assert request.evidence is not None
    assert (request.evidence.question, request.evidence.language) == (QUESTION, "fr")


@pytest.mark.parametrize(
    "failure",
    [
        ModelUnavailable("mistral (m) is unavailable: HTTP 503"),
        ModelCut("mistral (m): the reply ended without a finish reason"),
        Broken("The KV ca", ModelCut("mistral (m): the reply ended without a finish reason")),
        DeadlineExceeded("the deadline passed during mistral (m)"),
    ],
)
@pytest.mark.parametrize("streaming", [False, True])
async def test_a_model_that_fails_leaves_the_answer_to_extraction(failure: Scripted, streaming: bool) -> None:
    answer = await ask(ScriptedChat([failure]), [] if streaming else None)
    assert answer.text.startswith(EXTRACT)
    assert answer.grade == "extractive"
    (degradation,) = answer.degraded
    assert degradation.part == "scripted"
    assert "mistral (m)" in degradation.why
    assert all(citation.supported for citation in answer.citations)


@pytest.mark.parametrize("streaming", [False, True])
async def test_a_model_that_would_see_no_passage_is_not_asked(streaming: bool) -> None:
    class Crowded(ScriptedChat):
        """Counts as no server does."""

        async def count_tokens(
            self, messages: Sequence[Message], tools: Sequence[ToolSpec] = ()
        ) -> TokenCount:
            return TokenCount(10**9)

    chat = Crowded([SAID])
    answer = await ask(chat, [] if streaming else None)
    assert chat.requests == []
    assert answer.grade == "extractive"
    assert answer.text.startswith(EXTRACT)
    (degradation,) = answer.degraded
    assert (degradation.part, degradation.reason) == ("scripted", "prompt_too_long")
    assert "no passage fits a prompt of 6,000 tokens" in degradation.why


@pytest.mark.parametrize("empty", ["", " \n"])
async def test_an_empty_answer_is_no_answer(empty: str) -> None:
    answer = await ask(ScriptedChat([empty]))
    assert answer.grade == "extractive"
    assert "empty" in answer.degraded[0].why


async def test_after_a_models_first_words_the_fallback_is_not_streamed() -> None:
    heard: list[str] = []
    answer = await ask(ScriptedChat([Broken("The KV ca", ModelCut("cut"))]), heard)
    assert "".join(heard) == "The KV ca"
    assert answer.text.startswith(EXTRACT)


async def test_before_a_models_first_words_the_fallback_is_streamed() -> None:
    heard: list[str] = []
    answer = await ask(ScriptedChat([ModelUnavailable("down")]), heard)
    assert "".join(heard) == answer.text


async def test_a_silent_model_leaves_time_for_the_fallback() -> None:
    answer = await ask(SilentChat([]), seconds=1.0)
    assert answer.grade == "extractive"
    assert "deadline" in answer.degraded[0].why


async def test_without_time_for_a_fallback_the_deadline_is_exceeded() -> None:
    clock = iter([0.0, *[99.0] * 50])
    deadline = Deadline(10.0, lambda: next(clock))
    answerer = Answerer(ExtractiveChat(HashingEmbedder(), HASHED))
    with pytest.raises(DeadlineExceeded):
        await answerer.answer(QUESTION, HITS, ScriptedChat([SAID]), "en", deadline)


async def test_a_refusal_is_told_and_not_covered_up() -> None:
    with pytest.raises(ModelRefused, match="key"):
        await ask(ScriptedChat([ModelRefused("check the key")]))


async def test_a_failure_of_extraction_itself_is_told() -> None:
    class Failing(HashingEmbedder):
        async def embed_query(self, text: str) -> Vectors:
            raise DeadlineExceeded("during embedding")

    answerer = Answerer(ExtractiveChat(HashingEmbedder(), HASHED))
    with pytest.raises(ArdoiseError, match="during embedding"):
        await answerer.answer(QUESTION, HITS, ExtractiveChat(Failing()), "en", Deadline.after(20))


async def test_extraction_that_was_asked_for_is_its_own_grade_and_no_degradation() -> None:
    answer = await ask(ExtractiveChat(HashingEmbedder(), HASHED))
    assert answer.text.startswith(EXTRACT)
    assert (answer.grade, answer.degraded) == ("extractive", ())


@pytest.mark.parametrize("streaming", [False, True])
async def test_an_answer_cut_at_its_token_limit_is_kept_at_a_grade_of_its_own(streaming: bool) -> None:
    answer = await ask(ScriptedChat([ChatReply(SAID, "length", "m")]), [] if streaming else None)
    assert (answer.grade, answer.text) == ("cut", SAID)
    assert [(one.part, one.why) for one in answer.degraded] == [
        ("scripted", "the answer was cut at 1024 tokens")
    ]
    assert [rung["outcome"] for rung in answer.trace[0].detail["rungs"]] == ["length"]
    assert not worth_keeping(answer)


@pytest.mark.parametrize(
    ("window", "prompt", "answer"),
    [(None, 6000, 1024), (8192, 6000, 1024), (4096, 4096 - 1024, 1024), (1000, 500, 500)],
)
async def test_prompt_and_answer_fit_the_models_window_together(
    window: int | None, prompt: int, answer: int
) -> None:
    chat = ScriptedChat([ChatReply(SAID, "length", "m")], window)
    sentences = [f"Sentence {n} of a page is about the KV cache. " * 5 for n in range(400)]
    hits = [Hit(Chunk(f"c{n}", f"d{n}", text, 0, len(text)), 1.0) for n, text in enumerate(sentences)]
    cut = await ask(chat, hits=hits)
    (request,) = chat.requests
    assert request.max_tokens == answer
    assert 0.8 * prompt < estimate(request.messages).tokens <= prompt
    assert cut.degraded[0].why == f"the answer was cut at {answer} tokens"


@pytest.mark.parametrize("estimated", [False, True])
async def test_the_trace_says_how_long_the_prompt_was_and_whether_that_is_an_estimate(
    estimated: bool,
) -> None:
    class Counted(ScriptedChat):
        async def count_tokens(
            self, messages: Sequence[Message], tools: Sequence[ToolSpec] = ()
        ) -> TokenCount:
            return TokenCount(100 * len(messages), estimated)

    answer = await ask(Counted([SAID]))
    (rung,) = answer.trace[0].detail["rungs"]
    assert rung["prompt_tokens"] == {"counted": 2 * 100, "estimated": estimated}


async def test_what_another_model_was_cut_in_is_cut_as_well() -> None:
    other, metrics = ScriptedChat([ChatReply(SAID, "length", "m")]), Metrics()
    fallback = ExtractiveChat(HashingEmbedder(), HASHED)
    answerer = Answerer(fallback, others=[other], metrics=metrics)
    down = ScriptedChat([ModelUnavailable("down")])
    answer = await answerer.answer(QUESTION, HITS, down, "en", Deadline.after(20))
    assert answer.grade == "cut"
    assert metrics.count("rungs", model="scripted", outcome="length") == 1


async def test_the_trace_says_which_checks_flagged_and_who_looked_again() -> None:
    wrong = "The KV cache stores 42 keys and values [1]. The KV cache stores keys and values. [1]"
    judge = ScriptedChat([ChatReply('{"supported": [false]}', "stop", "j", usage=Usage(3, 1))])
    answerer = Answerer(ExtractiveChat(HashingEmbedder(), HASHED), review=Review(HashingEmbedder(), judge))
    chat = ScriptedChat([ChatReply(wrong, "stop", "m", usage=Usage(5, 6))])
    answer = await answerer.answer(QUESTION, HITS, chat, "en", Deadline.after(20))
    assert [(one.flags, one.supported) for one in answer.citations] == [
        (("numbers", "judge"), False),
        ((), True),
    ]
    assert answer.trace[0].detail["checks"] == {
        "flagged": {"numbers": 1, "judge": 1},
        "similarity": {"compared": 1},
        "judge": {"model": "scripted", "judged": 1},
    }
    assert answer.usage == Usage(5 + 3, 6 + 1)
    assert list(answer.timings) == ["context", "generate", "cite", "review"]


async def test_a_judge_that_is_down_is_a_degradation_of_an_answer_that_is_still_full() -> None:
    judge = ScriptedChat([ModelUnavailable("vllm (j) is unavailable")])
    answerer = Answerer(ExtractiveChat(HashingEmbedder(), HASHED), review=Review(HashingEmbedder(), judge))
    answer = await answerer.answer(QUESTION, HITS, ScriptedChat([SAID]), "en", Deadline.after(20))
    assert (answer.grade, [one.part for one in answer.degraded]) == ("full", ["judge of citations"])


async def test_a_model_that_abstains_cites_nothing() -> None:
    answer = await ask(ScriptedChat([f"{ABSTENTION['fr']} [1]"]))
    assert answer.abstained
    assert answer.citations == ()


async def test_without_hits_no_model_is_asked() -> None:
    chat, heard = ScriptedChat([]), list[str]()
    answer = await ask(chat, heard, hits=())
    assert answer.abstained
    assert answer.text == "".join(heard) == ABSTENTION["en"]
    assert chat.requests == []
