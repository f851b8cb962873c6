"""Our chat model and our embedder in the forms that RAGAS asks for."""

from __future__ import annotations

from collections import Counter
from typing import Any, Protocol

from pydantic import ValidationError

from eval.judges.patient import PatientChat
from eval.judges.replies import ReplyCache, reply_key
from rag.embedding.base import Vectors
from rag.errors import ModelCut
from rag.llm.base import ChatRequest, Message

# Each verdict repeats its statement and gives a reason: RAGAS's own 1,024 cut long answers off.
_MAX_TOKENS = 4096
_TEMPERATURE = 0.01  # RAGAS's own
_SHOWN = 60  # characters of a reply that is not what was asked for


class QuestionEmbedder(Protocol):
    """What RAGAS needs of an embedder: it compares questions with questions."""

    @property
    def name(self) -> str:
        """The model."""

    async def embed_query(self, text: str) -> Vectors:
        """float32 ``[dimension]``."""


def ragas_llm(chat: PatientChat, judge: str, cache: ReplyCache | None = None) -> Any:
    """A model for one metric of one row; ``replies`` keeps what it said, as the models RAGAS asked for.

    ``judge`` names the method, its version and the model, under which ``cache`` keeps what is well-formed.
    """
    from ragas.llms.base import InstructorBaseRagasLLM

    class ChatModelLLM(InstructorBaseRagasLLM):
        def __init__(self) -> None:
            self.replies: list[Any] = []
            self._asked: Counter[str] = Counter()

        def generate(self, prompt: str, response_model: Any) -> Any:
            raise NotImplementedError("the metrics are asked through ascore")

        async def agenerate(self, prompt: str, response_model: Any) -> Any:
            request = ChatRequest(
                (Message("user", prompt),),
                chat.deadline(),
                schema=response_model.model_json_schema(),
                max_tokens=_MAX_TOKENS,
                temperature=_TEMPERATURE,
            )
            key = reply_key(judge, request, self._asked[prompt])
            self._asked[prompt] += 1
            known = await cache.get(key) if cache else None
            if known is None:
                said = _parsed(await _text(chat, request), response_model)
                if cache:
                    await cache.put(key, said.model_dump_json())
            else:
                said = response_model.model_validate_json(known)
                chat.spent.cached += 1
            self.replies.append(said)
            return said

    return ChatModelLLM()


def ragas_embeddings(embedder: QuestionEmbedder) -> Any:
    """Our embedder as RAGAS wants one; every text that it embeds is a question."""
    from ragas.embeddings.base import BaseRagasEmbedding

    class EmbedderEmbedding(BaseRagasEmbedding):
        def embed_text(self, text: str, **_: Any) -> list[float]:
            raise NotImplementedError("the metrics are asked through ascore")

        async def aembed_text(self, text: str, **_: Any) -> list[float]:
            return [float(value) for value in await embedder.embed_query(text)]

    return EmbedderEmbedding()


async def _text(chat: PatientChat, request: ChatRequest) -> str:
    reply = await chat.complete(request)
    if reply.finish == "length":
        raise ModelCut(f"the judge's reply was cut off at {request.max_tokens} tokens")
    return reply.text


def _parsed(text: str, response_model: Any) -> Any:
    try:
        return response_model.model_validate_json(text)
    except ValidationError as error:
        wrong = error.errors(include_url=False, include_input=False)[0]["msg"]
        said = " ".join(text.split())[:_SHOWN]
        raise ValueError(f"the judge's reply is no {response_model.__name__} ({wrong}): {said!r}") from error
