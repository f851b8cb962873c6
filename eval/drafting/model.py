"""Questions from a chat model, as JSON of a schema."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import resources

from pydantic import BaseModel, ConfigDict, ValidationError

from eval.drafting.base import Draft
from rag.errors import ModelCut
from rag.llm.base import ChatModel, ChatRequest, Message
from rag.resilience.deadline import Deadline
from rag.types import Document

_MAX_CHARACTERS = 12_000  # of a document that a prompt shows: the rest is not asked about
_MAX_TOKENS = 2048


class _Drafted(BaseModel):
    model_config = ConfigDict(extra="forbid")

    question: str
    answer: str
    quote: str


class _Reply(BaseModel):
    model_config = ConfigDict(extra="forbid")

    questions: list[_Drafted]


class ModelDrafter:
    """Asks ``chat`` for ``per_document`` questions about the beginning of each document."""

    def __init__(self, chat: ChatModel, *, per_document: int = 3, deadline_s: float = 120.0) -> None:
        self.name = f"model ({chat.name})"
        self._chat = chat
        self._per_document = per_document
        self._deadline_s = deadline_s

    async def draft(self, document: Document) -> Sequence[Draft]:
        """What the model drafted.

        Raises:
            ModelCut: its reply is no JSON of the schema.
            ModelRefused, ModelUnavailable, DeadlineExceeded: as the model raises them.
        """
        template = resources.files(__package__).joinpath("prompt.md").read_text(encoding="utf-8")
        shown = document.text[:_MAX_CHARACTERS]
        prompt = template.replace("{count}", str(self._per_document)).replace("{document}", shown)
        request = ChatRequest(
            (Message("user", prompt),),
            Deadline.after(self._deadline_s),
            schema=_Reply.model_json_schema(),
            max_tokens=_MAX_TOKENS,
        )
        reply = await self._chat.complete(request)
        try:
            drafted = _Reply.model_validate_json(reply.text).questions
        except ValidationError:
            raise ModelCut(f"{self._chat.name} wrote no JSON of questions: {reply.text[:60]!r}") from None
        return [
            Draft(document.id, document.language, one.question.strip(), one.answer.strip(), one.quote)
            for one in drafted
        ]
