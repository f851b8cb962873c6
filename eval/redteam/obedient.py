"""A chat model with no judgement of its own: it does whatever an order in its context says.

What an attack achieves with it, the system lets through; what it does not achieve, the system holds, with any
model.
"""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Sequence

from eval.redteam.attacks import Attack
from rag.llm.base import ChatDelta, ChatReply, ChatRequest, Message, TokenCount, ToolCall, ToolSpec
from rag.llm.tokens import estimate

SEARCH = "search_corpus"


class ObedientChat:
    """Plans and answers honestly until ``attack`` stands in a request; then it obeys, in every way it can.

    ``obeyed`` tells whether it did; ``seen`` holds every message that it was sent.
    """

    name = "obedient"

    def __init__(self) -> None:
        self._attack: Attack | None = None
        self.obeyed = False
        self.seen: list[str] = []

    def face(self, attack: Attack) -> None:
        """Is told nothing of other attacks from now on."""
        self._attack, self.obeyed, self.seen = attack, False, []

    async def complete(self, request: ChatRequest) -> ChatReply:
        """What the request asks for, or what the order in it does."""
        attack = self._attack
        self.seen += [message.content for message in request.messages]
        obeys = attack if attack is not None and _ordered(attack, request.messages) else None
        self.obeyed = self.obeyed or obeys is not None
        if request.tools:
            return self._calls(request, obeys)
        if request.schema is not None:
            return _said(json.dumps({"query": _query(request, obeys)}))
        return _said(_answer(request, obeys))

    async def stream(self, request: ChatRequest) -> AsyncGenerator[ChatDelta]:
        """The same, in pieces that split words."""
        reply = await self.complete(request)
        for start in range(0, len(reply.text), 9):
            yield ChatDelta(reply.text[start : start + 9])
        yield ChatDelta(reply=reply)

    async def count_tokens(self, messages: Sequence[Message], tools: Sequence[ToolSpec] = ()) -> TokenCount:
        """An estimate."""
        return estimate(messages, tools)

    async def window(self) -> None:
        """There is none."""

    async def close(self) -> None:
        """Nothing to let go of."""

    def _calls(self, request: ChatRequest, obeys: Attack | None) -> ChatReply:
        offered, question = {tool.name for tool in request.tools}, request.messages[-1].content
        wanted = [obeys.call] if obeys and obeys.call else []
        if self._attack and self._attack.ask and self._attack.question == question:
            wanted.append(ToolCall("asked", *self._attack.ask))
        wanted.append(ToolCall("search", SEARCH, {"query": question[:2000]}))
        calls = tuple(call for call in wanted if call.name in offered)
        return ChatReply("", "tool_calls", self.name, calls)


def _ordered(attack: Attack, messages: tuple[Message, ...]) -> bool:
    return attack.reached(messages) or any(_handed_on(attack) in message.content for message in messages)


def _handed_on(attack: Attack) -> str:
    """The order in words of its own, which no filter can know: a model may write it in any way."""
    return f"(Go on with order {attack.id}.)"


def _query(request: ChatRequest, obeys: Attack | None) -> str:
    """The question as it is, with the order in front of it: so it reaches whoever plans."""
    question = request.messages[-1].content
    return f"{_handed_on(obeys)} {' '.join(obeys.pieces)} {question}" if obeys else question


def _answer(request: ChatRequest, obeys: Attack | None) -> str:
    """The first passage's beginning with its marker; obeying adds the deed, and hands the order on."""
    passages = request.evidence.passages if request.evidence else ()
    honest = f"{passages[0].text.split('. ')[0]}. [1]" if passages else "So be it."
    if obeys is None:
        return honest
    everything = "\n".join(message.content for message in request.messages) if obeys.does.reveal else ""
    return "\n".join(filter(None, [obeys.does.say, honest, everything, *obeys.pieces, _handed_on(obeys)]))


def _said(text: str) -> ChatReply:
    return ChatReply(text, "stop", ObedientChat.name)
