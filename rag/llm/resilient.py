"""A chat model that retries, queues and holds back as its policy says; still a chat model."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import replace
from functools import partial

from rag.errors import ModelUnavailable
from rag.llm.base import ChatDelta, ChatModel, ChatReply, ChatRequest, Message, TokenCount, ToolSpec
from rag.llm.hedging import hedged
from rag.llm.tokens import estimate
from rag.resilience.policy import Policy

# A count past this many times the estimate, with a long template beside it, is none.
_MOST = 10
_TEMPLATE = 1000


class ResilientChat:
    """``inner`` under ``policy``; what still fails is raised for the ladder to go on.

    A stream is retried only before its first piece: words that were shown cannot be said again. Where the
    policy hedges, a stream that is slow to begin gets a second call beside it.
    """

    def __init__(self, inner: ChatModel, policy: Policy) -> None:
        self._inner = inner
        self._policy = policy
        self._counts = True

    @property
    def name(self) -> str:
        """The backend's own name."""
        return self._inner.name

    async def complete(self, request: ChatRequest) -> ChatReply:
        """The whole reply; raises as ``ChatModel`` says."""
        self._policy.begin()
        for retry in range(1, self._policy.limits.retries + 2):
            try:
                async with self._policy.call(request.deadline):
                    reply = await self._inner.complete(request)
            except ModelUnavailable as error:
                await self._policy.wait_to_retry(error, retry, request.deadline)
            else:
                self._replied(reply)
                return reply
        raise AssertionError("the last retry either answers or raises")

    async def stream(self, request: ChatRequest) -> AsyncGenerator[ChatDelta]:
        """The reply as it is written; raises as ``ChatModel`` says."""
        began = self._policy.begin()
        request = replace(request, idle_s=self._policy.limits.idle_s)
        last: ChatDelta | None = None
        for retry in range(1, self._policy.limits.retries + 2):
            try:
                async with aclosing(self._begin(request)) as deltas:
                    async for delta in deltas:
                        if last is None:
                            self._policy.count_first_token(began)
                        last = delta
                        if delta.reply is None:
                            yield delta
            except ModelUnavailable as error:
                if last is not None:
                    raise
                await self._policy.wait_to_retry(error, retry, request.deadline)
            else:
                break
        if last is not None and last.reply is not None:
            self._replied(last.reply)
            # Only now: who has the reply reads no further, and the place must be free by then.
            yield last

    def _replied(self, reply: ChatReply) -> None:
        self._counts = True
        self._policy.count_usage(reply.usage)

    def _begin(self, request: ChatRequest) -> AsyncGenerator[ChatDelta]:
        after_s = self._policy.limits.hedge_after_s
        if after_s is None:
            return self._call(request)
        return hedged(partial(self._call, request), self._policy, after_s)

    async def _call(self, request: ChatRequest) -> AsyncGenerator[ChatDelta]:
        async with (
            self._policy.call(request.deadline),
            aclosing(self._inner.stream(request)) as deltas,
        ):
            async for delta in deltas:
                yield delta

    async def count_tokens(self, messages: Sequence[Message], tools: Sequence[ToolSpec] = ()) -> TokenCount:
        """As the backend counts; an estimate where it does not answer, or is left alone. It raises nothing.

        A prompt is counted in parts: after one that was not counted the rest are estimates, until a reply
        shows that the backend is back. So is what cannot be a count. The breaker is told nothing: a server
        may count slowly, or not at all, and answer well; and in an outage the call that follows would count
        as a second failure.
        """
        if self._left_alone():
            return estimate(messages, tools)
        try:
            counted = await self._inner.count_tokens(messages, tools)
        except ModelUnavailable:
            self._counts = False
            return estimate(messages, tools)
        likely = estimate(messages, tools)
        return counted if 0 < counted.tokens <= _MOST * (likely.tokens + _TEMPLATE) else likely

    async def window(self) -> int | None:
        """As the backend says; not known while it is left alone."""
        return None if self._left_alone() else await self._inner.window()

    def _left_alone(self) -> bool:
        return not self._counts or self._policy.breaker.state != "closed"

    async def close(self) -> None:
        """Closes the backend."""
        await self._inner.close()
