"""A graph on a scripted model and a scripted corpus: what the tests of the agent share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from agents.bounds import Bounds
from agents.events import Event, NodeDone
from agents.run import resume, run
from agents.state import Context
from agents.tools import Tool, ToolResult, default_tools
from rag.answer.answerer import Answerer
from rag.index.filters import Filter
from rag.llm.base import ChatModel, ChatReply, ToolCall
from rag.llm.extractive import ExtractiveChat
from rag.resilience.deadline import Deadline
from rag.telemetry.stages import Stages
from rag.types import Chunk, Hit, LegScore
from tests.fakes import HASHED, HashingEmbedder

TEXT = "The KV cache of Mistral 7B takes 131,072 bytes per token. Paging removes fragmentation."


def hit(cosine: float, text: str = TEXT) -> Hit:
    chunk = Chunk("c1", "book/kv.md", text, 0, len(text), ("KV cache",), metadata={"language": "en"})
    return Hit(chunk, 0.03, {"dense": LegScore(1, cosine), "sparse": LegScore(1, 7.0)})


class Corpus:
    """A search that returns what a test says, query by query, and remembers the queries."""

    def __init__(self, *found: Sequence[Hit]) -> None:
        self.found = list(found)
        self.queries: list[str] = []

    async def __call__(self, query: str, deadline: Deadline, /, filter: Filter | None = None) -> list[Hit]:
        self.queries.append(query)
        return list(self.found.pop(0) if len(self.found) > 1 else self.found[0])


QUESTION = "How many bytes per token does the KV cache take?"


def context(
    chat: ChatModel, corpus: Corpus, bounds: Bounds | None = None, more_tools: Sequence[Tool] = ()
) -> Context:
    offline = ExtractiveChat(HashingEmbedder(), HASHED)
    tools = default_tools(corpus) | {tool.name: tool for tool in more_tools}
    return Context(chat, offline, tools, Answerer(offline), Deadline.after(60), bounds=bounds or Bounds())


async def events(graph: Any, question: str, ctx: Context, thread: str = "t") -> list[Event]:
    return [event async for event in run(graph, question, ctx, thread if graph.checkpointer else None)]


def calls(*tools: tuple[str, dict[str, Any]]) -> ChatReply:
    made = tuple(ToolCall(str(i), name, arguments) for i, (name, arguments) in enumerate(tools))
    return ChatReply("", "tool_calls", "scripted", made)


def nodes(happened: list[Event]) -> list[str]:
    return [event.step.node for event in happened if isinstance(event, NodeDone)]


SEARCH = calls(("search_corpus", {"query": "KV cache bytes per token"}))


class Killed(BaseException):
    """The process dies here: nothing catches it."""


class Lethal(Stages):
    """A stopwatch that kills the run as a node starts."""

    def __init__(self, node: str, times: int = 1) -> None:
        super().__init__()
        self._node, self._left = node, times

    def time(self, stage: str) -> Any:
        if stage == self._node:
            self._left -= 1
            if self._left == 0:
                raise Killed(stage)
        return super().time(stage)


class Counted:
    """Two tools that count their calls; the second one can be told to die."""

    def __init__(self) -> None:
        self.called: list[str] = []
        self.dies = False

    def tool(self, name: str, side_effects: bool = False) -> Tool:
        async def work(arguments: Mapping[str, Any], deadline: Deadline) -> ToolResult:
            if name == "second" and self.dies:
                # The first one has finished by now: it is called before, and waits for nothing.
                self.dies = False
                raise Killed(name)
            self.called.append(name)
            return ToolResult(f"{name} says {arguments.get('x')}")

        return Tool(name, name, {"type": "object"}, work, side_effects=side_effects)


async def resumed(graph: Any, ctx: Context, approve: bool | None = None, thread: str = "t") -> list[Event]:
    return [event async for event in resume(graph, ctx, thread, approve)]
