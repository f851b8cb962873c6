"""The last box of the whiteboard: hits and a question to an answer, also while the model is down."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import Any

from rag.answer.abstention import abstention, is_abstention
from rag.answer.citations import cite, listed
from rag.answer.review import Review, Reviewed
from rag.context import Context, build_context
from rag.errors import SURVIVABLE, ArdoiseError, ModelCut, ModelRefused, PromptTooLong
from rag.llm.base import ChatModel, ChatReply, ChatRequest, Evidence, Message
from rag.llm.extractive import EXTRACTIVE
from rag.resilience.deadline import Deadline
from rag.resilience.policy import failure_label
from rag.telemetry.metrics import Metrics
from rag.telemetry.stages import Stages
from rag.types import Answer, Citation, Degradation, Grade, Hit, TraceStep, Usage

OnToken = Callable[[str], None]
Recall = Callable[[str, Deadline], Awaitable[Answer | None]]
"""A question to an answer that was given before, if one is kept; it raises nothing of its own."""

_SHARE = 0.6  # of the time left for models that one may take while another stands behind it


@dataclass(frozen=True, slots=True)
class AnswerLimits:
    """Tokens of prompt and answer, and the time kept back for the fallback.

    The defaults fit a window of 8,192 tokens. Extraction takes well under the reserve on two cores.
    """

    prompt_tokens: int = 6000
    answer_tokens: int = 1024
    reserve_s: float = 5.0
    reserve_share: float = 0.25  # of what is left, where that is less than the reserve

    def within(self, window: int | None) -> AnswerLimits:
        """These limits where prompt and answer fit ``window`` tokens, of which the answer takes at most half.

        The same where the window is not known, or has room for both.
        """
        if window is None:
            return self
        answer = min(self.answer_tokens, window // 2)
        return replace(self, prompt_tokens=min(self.prompt_tokens, window - answer), answer_tokens=answer)


class Answerer:
    """Answers with the chat model it is given, and goes down the ladder when that one cannot.

    The rungs: ``others`` in their order, an answer that ``recall`` still has, and ``fallback``. Each rung is
    written down in ``degraded`` and in the trace, and counted as ``rungs`` by ``model`` and ``outcome``. An
    answer that met its token limit is kept, as another model would meet it too, and graded ``cut``.
    ``review`` looks at the citations once more; without it the checks by words are all.
    """

    def __init__(
        self,
        fallback: ChatModel,
        limits: AnswerLimits | None = None,
        others: Sequence[ChatModel] = (),
        recall: Recall | None = None,
        metrics: Metrics | None = None,
        review: Review | None = None,
    ) -> None:
        self._fallback = fallback
        self._limits = limits or AnswerLimits()
        self._others = others
        self._recall = recall
        self._metrics = metrics or Metrics()
        self._review = review

    async def answer(
        self,
        question: str,
        hits: Sequence[Hit],
        chat: ChatModel,
        language: str,
        deadline: Deadline,
        history: Sequence[Message] = (),
        on_token: OnToken | None = None,
        on_retract: OnToken | None = None,
        parts: Sequence[str] = (),
    ) -> Answer:
        """The answer with checked citations; ``timings``: ``context``, ``generate``, ``cite``, ``review``.

        ``on_token`` gets the text as it is written. When a model breaks off after its first words,
        ``on_retract`` gets the reason, and ``on_token`` then the next rung's text; without ``on_retract``
        nothing is streamed after them: ``Answer.text`` is what counts. ``parts`` are what the question asks
        for one by one, where somebody took it apart.

        Raises:
            ModelRefused: the model's backend says that the request, the key or the model's name is wrong.
            DeadlineExceeded: no time is left, not even for the fallback.
        """
        attempt = _Attempt(
            question,
            hits,
            language,
            history,
            self._limits,
            deadline,
            self._review,
            self._metrics,
            on_token,
            on_retract,
            parts,
        )
        if not hits:
            attempt.say(abstention(language))
            grade: Grade = "extractive" if chat.name == EXTRACTIVE else "full"
            return await attempt.answer(grade, None, ChatReply(abstention(language), "stop", "none"))
        if chat.name == EXTRACTIVE:
            return await attempt.answer("extractive", *await attempt.run(chat, deadline))
        written = await self._by_a_model(attempt, chat, deadline)
        if written is None and self._recall is not None:
            written = attempt.recalled(await self._recall(question, deadline))
        if written is None:
            written = await attempt.answer("extractive", *await attempt.run(self._fallback, deadline))
        return written

    async def _by_a_model(self, attempt: _Attempt, chat: ChatModel, deadline: Deadline) -> Answer | None:
        """The answer of ``chat``, or of the first of the others that can; nothing if none can.

        Only the refusal of ``chat`` is told: another model that is set up wrongly is one rung less.
        """
        reserve = min(self._limits.reserve_s, self._limits.reserve_share * deadline.remaining)
        models = (chat, *self._others)
        for place, model in enumerate(models):
            until = Deadline(deadline.at - reserve, deadline.clock)
            if model is not models[-1]:
                until = until.share(_SHARE)
            try:
                context, reply = await attempt.run(model, until)
            except (*SURVIVABLE, ModelRefused) as error:
                if deadline.remaining <= 0 or (place == 0 and isinstance(error, ModelRefused)):
                    raise
                attempt.failed(model, error)
                continue
            grade: Grade = "full" if place == 0 else "other_model"
            return await attempt.answer("cut" if reply.finish == "length" else grade, context, reply)
        return None


class _Attempt:
    """One question on its way: what was tried, said and measured so far."""

    def __init__(
        self,
        question: str,
        hits: Sequence[Hit],
        language: str,
        history: Sequence[Message],
        limits: AnswerLimits,
        deadline: Deadline,
        review: Review | None,
        metrics: Metrics,
        on_token: OnToken | None,
        on_retract: OnToken | None,
        parts: Sequence[str],
    ) -> None:
        self._question = question
        self._hits = hits
        self._language = language
        self._history = history
        self._limits = limits
        self._deadline = deadline
        self._review = review
        self._metrics = metrics
        self._on_token = on_token
        self._on_retract = on_retract
        self._parts = parts
        self._said = False
        self._stages = Stages()
        self.degraded: list[Degradation] = []
        self.rungs: list[dict[str, Any]] = []

    async def run(self, chat: ChatModel, deadline: Deadline) -> tuple[Context, ChatReply]:
        """Asks ``chat``; its words go to ``on_token`` unless another model's went there and still stand.

        Raises:
            PromptTooLong: a model would have to answer without a passage, and could only make something up.
        """

        async def count(messages: Sequence[Message]) -> int:
            return (await chat.count_tokens(messages)).tokens

        with self._stages.time("context"):
            async with deadline.limit("context"):
                limits = self._limits.within(await chat.window())
                context = await build_context(
                    self._question,
                    self._hits,
                    self._language,
                    count=count,
                    budget=limits.prompt_tokens,
                    history=self._history,
                    parts=self._parts,
                )
                prompt = await chat.count_tokens(context.messages)
        if chat.name != EXTRACTIVE and not context.evidence.passages:
            raise PromptTooLong(
                f"{chat.name}: beside instructions and question no passage fits a prompt of"
                f" {limits.prompt_tokens:,} tokens"
            )
        request = ChatRequest(
            context.messages, deadline, max_tokens=limits.answer_tokens, evidence=context.evidence
        )
        with self._stages.time("generate"):
            reply = await self._generate(chat, request)
        if not reply.text.strip():
            raise ModelCut(f"{chat.name}: an empty answer")
        if reply.finish == "length":
            why = f"the answer was cut at {limits.answer_tokens} tokens"
            self.degraded.append(Degradation(chat.name, why, reply.finish))
        hedge = {"hedged": True} if reply.hedged else {}
        outcome = "length" if reply.finish == "length" else "answered"
        counted = {"counted": prompt.tokens, "estimated": prompt.estimated}
        self._step(chat.name, outcome, prompt_tokens=counted, **hedge)
        return context, reply

    def failed(self, chat: ChatModel, error: ArdoiseError) -> None:
        """Notes that ``chat`` could not answer, and takes back what it has said."""
        self.degraded.append(Degradation(chat.name, str(error), failure_label(error)))
        self._step(chat.name, failure_label(error))
        if self._said and self._on_retract is not None:
            self._said = False
            self._on_retract(str(error))

    def recalled(self, kept: Answer | None) -> Answer | None:
        """An answer given before, as the answer now; nothing where none is kept."""
        if kept is None:
            return None
        self._step("cache", "answered")
        if not self._said:
            self.say(kept.text)
        trace = self._trace({"model": "cache", "passages": [cited.chunk_id for cited in kept.citations]})
        return replace(
            kept,
            grade="cached",
            degraded=tuple(self.degraded),
            usage=Usage(),
            timings=self._stages.ms,
            trace=trace,
        )

    async def _generate(self, chat: ChatModel, request: ChatRequest) -> ChatReply:
        if self._on_token is None or self._said:
            return await chat.complete(request)
        async with aclosing(chat.stream(request)) as deltas:
            async for delta in deltas:
                if delta.reply is not None:
                    return delta.reply
                self.say(delta.text)
        raise ModelCut(f"{chat.name}: the stream ended without a reply")

    def say(self, text: str) -> None:
        """Passes words on to whoever listens."""
        if self._on_token is not None and text:
            self._said = True
            self._on_token(text)

    async def answer(self, grade: Grade, context: Context | None, reply: ChatReply) -> Answer:
        """The answer that ``reply`` makes."""
        with self._stages.time("cite"):
            context = context or Context((), Evidence(self._question, ()), ())
            text, citations = cite(reply.text, context.evidence.passages, context.hits, chunks=context.chunks)
        abstained = is_abstention(reply.text)
        reviewed = await self._reviewed(() if abstained else citations)
        flagged = Counter(flag for one in reviewed.citations for flag in one.flags)
        detail = {
            "model": reply.model,
            "finish": reply.finish,
            "passages": [chunk.id for passage in context.chunks for chunk in passage],
            "abstained": abstained,
            **(
                {"checks": {"flagged": dict(flagged), **reviewed.detail}}
                if flagged or reviewed.detail
                else {}
            ),
        }
        return Answer(
            text=text,
            citations=listed(reviewed.citations),
            abstained=abstained,
            grade=grade,
            degraded=(*self.degraded, *reviewed.degraded),
            usage=reply.usage + reviewed.usage,
            timings=self._stages.ms,
            trace=self._trace(detail),
        )

    async def _reviewed(self, citations: tuple[Citation, ...]) -> Reviewed:
        if self._review is None or not citations:
            return Reviewed(citations)
        with self._stages.time("review"):
            return await self._review.look(citations, self._deadline)

    def _step(self, model: str, outcome: str, **more: object) -> None:
        self.rungs.append({"model": model, "outcome": outcome, **more})
        self._metrics.rungs.labels(model, outcome).inc()

    def _trace(self, detail: dict[str, Any]) -> tuple[TraceStep, ...]:
        return (TraceStep("answer", sum(self._stages.ms.values()), {**detail, "rungs": self.rungs}),)
