"""Hedging: a second call beside one that is slow to begin; whichever speaks first is heard.

"The tail at scale" (Dean and Barroso, 2013): the slowest calls are slow by chance, and seldom twice in a row.
It costs calls, so it is off unless the settings say after how long.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace

from rag.llm.base import ChatDelta
from rag.resilience.policy import Policy

Begin = Callable[[], AsyncGenerator[ChatDelta]]


async def hedged(begin: Begin, policy: Policy, after_s: float) -> AsyncGenerator[ChatDelta]:
    """The stream of ``begin()``, or of a second one where the first is silent for ``after_s`` seconds.

    The second call is made only if ``policy`` can spare it. The loser is cancelled before anything is passed
    on; a call that fails leaves the word to the other. Counted as ``hedges`` by which call was ``heard``.

    Raises:
        ModelError, DeadlineExceeded: as the calls raise them, once none is left.
    """
    async with AsyncExitStack() as open_calls:
        calls = [_Call(begin())]
        open_calls.push_async_callback(calls[0].close)
        if await _silent(calls[0], policy, after_s) and policy.affords_hedge():
            calls.append(_Call(begin()))
            open_calls.push_async_callback(calls[1].close)
        heard = await _first_to_speak(calls)
        if len(calls) > 1:
            policy.count_hedge("first" if heard is calls[0] else "second")
        for call in calls:
            if call is not heard:
                await call.close()
        delta = heard.first.result()
        while delta is not None:
            if delta.reply is not None and len(calls) > 1:
                delta = replace(delta, reply=replace(delta.reply, hedged=True))
            yield delta
            delta = await anext(heard.stream, None)


class _Call:
    """A stream, asked for its first piece at once."""

    def __init__(self, stream: AsyncGenerator[ChatDelta]) -> None:
        self.stream = stream
        self.first = asyncio.create_task(self._begin())

    async def _begin(self) -> ChatDelta | None:
        return await anext(self.stream, None)

    async def close(self) -> None:
        """Ends the call and frees its place; a second time does nothing."""
        self.first.cancel()
        # Its failure, if it has one, is no news: another call was heard, or the caller has left.
        await asyncio.gather(self.first, return_exceptions=True)
        await self.stream.aclose()


async def _silent(call: _Call, policy: Policy, after_s: float) -> bool:
    """Waits for the call's first piece; whether ``after_s`` seconds passed without one."""
    timer = asyncio.ensure_future(policy.sleep(after_s))
    try:
        await asyncio.wait((call.first, timer), return_when=asyncio.FIRST_COMPLETED)
        return not call.first.done()
    finally:
        timer.cancel()


async def _first_to_speak(calls: Sequence[_Call]) -> _Call:
    """The call that has a first piece, or where all have failed the last one that did."""
    running = list(calls)
    while True:
        await asyncio.wait([call.first for call in running], return_when=asyncio.FIRST_COMPLETED)
        for call in [one for one in running if one.first.done()]:
            if len(running) == 1 or call.first.exception() is None:
                return call
            running.remove(call)
