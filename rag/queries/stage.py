"""Expansion within its time: where it fails, the question is looked up as it stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rag.errors import DeadlineExceeded, ModelError, ModelRefused, Overloaded
from rag.llm.base import Message
from rag.queries.base import Queries, QueryExpander
from rag.resilience.deadline import Deadline
from rag.types import Degradation


@dataclass(frozen=True, slots=True)
class Expansion:
    """How a question is expanded.

    Attributes:
        expander: turns it into queries.
        share: of the time left, what that may take.
    """

    expander: QueryExpander
    share: float = 0.3

    async def run(
        self, query: str, history: Sequence[Message], deadline: Deadline
    ) -> tuple[Queries, tuple[Degradation, ...]]:
        """The queries, and why they are only the question where the expander failed or was late.

        Raises:
            ModelRefused: a model's provider says that key, model name or request is wrong.
        """
        limit = deadline.share(self.share)
        try:
            async with limit.limit("expand"):
                return await self.expander.expand(query, history, limit), ()
        except ModelRefused:
            raise
        except (DeadlineExceeded, ModelError, Overloaded) as error:
            why = f"the question is looked up as it stands: {error}"
            return Queries((query,)), (Degradation("expansion", why),)
