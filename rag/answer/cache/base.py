"""The contract of a store of answers, and what an answer holds for."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from typing import Protocol

from rag.embedding.base import Vectors
from rag.types import Answer


@dataclass(frozen=True, slots=True)
class Scope:
    """What an answer holds for; the same question in another scope is another question.

    ``version`` is the collection's, so that any change of its documents leaves all answers behind it;
    ``prompts`` and ``settings`` are digests of what shapes an answer; ``tenant`` is who may read it.
    """

    collection: str
    version: str
    model: str
    prompts: str = ""
    settings: str = ""
    tenant: str = ""

    @property
    def digest(self) -> str:
        """A name for the scope that says nothing of the tenant: 32 hexadecimal digits."""
        values = json.dumps([getattr(self, one.name) for one in fields(self)])
        return hashlib.sha256(values.encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer with its question, and when it was given (seconds since 1970).

    ``vector`` is the question's, float32 of shape ``[dimension]``, where questions are compared by meaning.
    """

    question: str
    answer: Answer
    at: float
    vector: Vectors | None = field(default=None, compare=False)


class AnswerStore(Protocol):
    """Keeps answers by scope and key, within a number of entries and a time, of which it forgets the rest.

    Raises, from every method but ``close``:
        StorageError: the store cannot be reached, or holds what cannot be read.
    """

    async def get(self, scope: Scope, key: str) -> Kept | None:
        """What is kept under ``key``; now it is the entry used last."""

    async def put(self, scope: Scope, key: str, kept: Kept) -> None:
        """Keeps an answer; the entry used longest ago goes where there are too many."""

    async def vectors(self, scope: Scope) -> tuple[Sequence[str], Vectors]:
        """The keys of the scope that have a vector, and those: float32 of shape ``[keys, dimension]``."""

    async def forget(self, collection: str) -> None:
        """Erases all answers about a collection, in all its versions."""

    async def close(self) -> None:
        """Lets go of connections."""
