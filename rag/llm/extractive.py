"""The offline default: answers with cited sentences of the passages, plans tool calls by rule.

It is no language model and says so by its name. What it says about the world is quoted word for word,
and it says that nothing answers the question where no sentence comes near enough.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncGenerator, Mapping, Sequence

from rag.answer.abstention import abstention
from rag.embedding.base import Embedder
from rag.errors import DeadlineExceeded, ModelRefused
from rag.language import detect_language
from rag.llm.base import ChatDelta, ChatReply, ChatRequest, Evidence, Message, TokenCount, ToolSpec
from rag.llm.extractive_choice import pick
from rag.llm.extractive_follow_ups import FollowUp, follow_up, leads, read_follow_up
from rag.llm.extractive_intents import to_read
from rag.llm.extractive_numbers import UNCOMPUTED, Earlier, earlier, left_uncomputed, scattered, unplaced
from rag.llm.extractive_orders import asked_of_orders, orders
from rag.llm.extractive_plan import plan, rewrite
from rag.llm.extractive_scoring import Scorer, Tuning
from rag.llm.extractive_sentences import Candidate, candidates
from rag.llm.formulas import FORMULAS
from rag.llm.formulas.likeness import Likeness
from rag.llm.quantities import mentions, plain
from rag.llm.tokens import estimate
from rag.resilience.deadline import Deadline

EXTRACTIVE = "extractive"
_MOST_CANDIDATES = 64  # embedded per question: about six passages of 250 tokens, the best-ranked first
_MOST_OF_PARTS = 96  # … where a question asks for several things, which stand in more passages
_MOST_FOREIGN = 24  # … and in another language, by an encoder that may take ten times as long
_LIKENESS_SHARE = 0.05  # of the time left: what a question waits at most for the vectors of formulas


class ExtractiveChat:
    """Answers from ``request.evidence``, fills a ``{"query"}`` schema, or calls the tools offered.

    The question is ``evidence.question``, else the text of the last user message.
    """

    name = EXTRACTIVE

    def __init__(self, embedder: Embedder, tuning: Tuning | None = None) -> None:
        self._tuning = tuning or Tuning()
        self._scorer = Scorer(embedder, self._tuning)
        self._likeness = Likeness(embedder, FORMULAS)

    async def complete(self, request: ChatRequest) -> ChatReply:
        """The whole reply, with no tokens used.

        Raises:
            ModelRefused: a schema without ``query``, or a tool is required and none offered is known.
            DeadlineExceeded: the sentences could not be embedded in time.
        """
        async with request.deadline.limit(EXTRACTIVE):
            return await self._reply(request)

    async def stream(self, request: ChatRequest) -> AsyncGenerator[ChatDelta]:
        """The reply sentence by sentence; raises as ``complete`` does."""
        reply = await self.complete(request)
        for line in reply.text.splitlines(keepends=True):
            for sentence in _sentences(line):
                yield ChatDelta(sentence)
        yield ChatDelta(reply=reply)

    async def count_tokens(self, messages: Sequence[Message], tools: Sequence[ToolSpec] = ()) -> TokenCount:
        """An estimate: nothing here has a window that could overflow."""
        return estimate(messages, tools)

    async def window(self) -> None:
        """There is none."""

    async def warm_up(self) -> None:
        """Embeds the formulas' wordings with each encoder, in which a question may meet them.

        Raises:
            Overloaded, ConfigurationError: as the embedder raises them.
        """
        for language in ("en", "fr"):
            await self._likeness.prepare(language)

    async def close(self) -> None:
        """Nothing to let go of."""

    async def _reply(self, request: ChatRequest) -> ChatReply:
        question = request.evidence.question if request.evidence else _last_question(request.messages)
        language = request.evidence.language if request.evidence else "en"
        if request.schema is not None:
            return _said(_filled(request.schema, question, language))
        if request.evidence is None and request.tools and request.tool_choice != "none":
            asked = follow_up(question, request.messages)
            alike = await self._alike(asked, request.deadline)
            before = await self._before(asked, request)
            calls = plan(asked, request.tools, request.messages, alike, before)
            if calls:
                return ChatReply("", "tool_calls", EXTRACTIVE, calls)
            if request.tool_choice == "required":
                offered = ", ".join(tool.name for tool in request.tools)
                raise ModelRefused(
                    f"extractive plans by rule, and no rule calls one of {offered}: offer search_corpus"
                )
        quoted = await self._quoted(request.evidence, request) if request.evidence else ""
        return _said(quoted or abstention(language))

    async def _quoted(self, evidence: Evidence, request: ChatRequest) -> str:
        """The sentences that answer, each with its marker, a line per passage; all of what was to be read."""
        found = first_candidates(evidence)
        if not found:
            return ""
        follows = read_follow_up(evidence.question, request.messages)
        asked = follows.own if follows else evidence.question
        texts = [passage.text for passage in evidence.passages]
        # What was read is one passage; several were searched for, as the part asked for was not there.
        if to_read(asked) and len(evidence.passages) == 1:
            return _lines(evidence, found)
        if not asked_of_orders(evidence.question):
            found = [candidate for candidate in found if not orders(candidate.text)]
        if not found:
            return ""
        alike = await self._alike(asked, request.deadline)
        if unplaced(asked, texts, alike):
            return ""
        scored = await self._scorer.answering(evidence, found, follows)
        if not scored:
            return ""
        said = _lines(evidence, pick(scored, evidence.passages, self._tuning))
        if await self._uncomputed(evidence, follows, request) or (
            not follows and scattered(asked, texts, alike)
        ):
            return f"{UNCOMPUTED.get(evidence.language, UNCOMPUTED['en'])}\n{said}"
        return said

    async def _uncomputed(self, evidence: Evidence, follows: FollowUp | None, request: ChatRequest) -> bool:
        """Whether what was computed before is asked of other quantities, and no number came of it."""
        before = await self._before(evidence.question, request)
        if before is None:
            return False
        alike = await self._alike(evidence.question, request.deadline)
        return left_uncomputed(evidence.question, follows.own if follows else "", alike, before)

    async def _before(self, question: str, request: ChatRequest) -> Earlier | None:
        """The question that this one goes on from or asks again otherwise, if a formula answers that."""
        before = None
        for led in reversed(leads(question, request.messages)):
            before = earlier(led, await self._alike(led, request.deadline), before)
        return before

    async def _alike(self, question: str, deadline: Deadline) -> Mapping[str, float] | None:
        """How alike the question is to what each formula answers; only if it has numbers.

        ``None`` as well where a new home's first such question has no time for the vectors of all wordings:
        those that were made are kept, and the formulas' patterns decide alone.
        """
        if not mentions(plain(question)):
            return None
        try:
            async with deadline.share(_LIKENESS_SHARE).limit("likeness"):
                # In a thread: the detector, where it is not yet loaded, takes seconds.
                return await self._likeness.to(question, await asyncio.to_thread(detect_language, question))
        except DeadlineExceeded:
            return None


def first_candidates(evidence: Evidence) -> list[Candidate]:
    """The candidates that are compared: the best passages' first."""
    most = _MOST_OF_PARTS if evidence.parts else _MOST_CANDIDATES
    found, taken = list[Candidate](), Counter[bool]()
    for candidate in candidates(evidence.passages):
        foreign = evidence.passages[candidate.passage].language != evidence.language
        if taken[foreign] < (_MOST_FOREIGN if foreign else most):
            taken[foreign] += 1
            found.append(candidate)
    return found


def _lines(evidence: Evidence, sentences: Sequence[Candidate]) -> str:
    """Each sentence with its marker, a line per passage."""
    lines: dict[int, list[str]] = {}
    for sentence in sentences:
        marker = evidence.passages[sentence.passage].marker
        lines.setdefault(marker, []).append(f"{' '.join(sentence.text.split())} [{marker}]")
    return "\n".join(" ".join(line) for line in lines.values())


def _said(text: str) -> ChatReply:
    return ChatReply(text, "stop", EXTRACTIVE)


def _filled(schema: object, question: str, language: str) -> str:
    properties = schema.get("properties", {}) if isinstance(schema, dict) else {}
    if set(properties) != {"query"}:
        raise ModelRefused(
            f"extractive fills a schema whose only property is 'query', not {sorted(properties)}: use a model"
        )
    return json.dumps({"query": rewrite(question, language)}, ensure_ascii=False)


def _last_question(messages: Sequence[Message]) -> str:
    return next((message.content for message in reversed(messages) if message.role == "user"), "")


def _sentences(line: str) -> list[str]:
    """``line`` cut after each marker, so that the pieces join to the line."""
    pieces = line.replace("] ", "] \0").split("\0")
    return [piece for piece in pieces if piece]
