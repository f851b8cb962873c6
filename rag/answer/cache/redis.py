"""Answers in Redis, shared by all processes of a service.

An answer is a JSON string that expires by itself; a hash per scope holds the questions' vectors; a sorted
set knows which entry was used longest ago. Names begin with ``ardoise:answers`` and hold no question.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from rag.answer.cache.base import Kept, Scope
from rag.embedding.base import Vectors
from rag.errors import ConfigurationError, MissingExtra, StorageError
from rag.types import Answer

if TYPE_CHECKING:
    from redis.asyncio import Redis

_PREFIX = "ardoise:answers"
_TIMEOUT_S = 1.0  # a cache that takes longer than that is slower than it is worth
_SLICE = 500


class RedisStore:
    """At most ``entries`` answers, each for ``kept_s`` seconds of the server's clock.

    Raises:
        ConfigurationError: ``url`` is none of a Redis server (``redis://``, ``rediss://``, ``unix://``).
        MissingExtra: the package ``redis`` is not installed.
    """

    def __init__(self, url: str, entries: int, kept_s: float) -> None:
        # Its types allow for replies as text, which this client does not decode.
        self._redis: Any = _client(url)
        self._entries = entries
        self._kept_ms = max(1, round(kept_s * 1000))

    async def get(self, scope: Scope, key: str) -> Kept | None:
        """See ``AnswerStore``."""
        name = _entry(scope, key)
        with _errors():
            written = await self._redis.get(name)
            if written is None:
                return None
            await self._redis.zadd(_USED, {name: await self._redis.incr(_TURN)}, xx=True)
        return _read(written)

    async def put(self, scope: Scope, key: str, kept: Kept) -> None:
        """See ``AnswerStore``."""
        name = _entry(scope, key)
        with _errors():
            turn = await self._redis.incr(_TURN)
            async with self._redis.pipeline(transaction=True) as together:
                together.set(name, _written(kept), px=self._kept_ms)
                together.zadd(_USED, {name: turn})
                if kept.vector is not None:
                    together.hset(_vectors(scope), key, kept.vector.astype(np.float32).tobytes())
                    together.pexpire(_vectors(scope), self._kept_ms)
                together.zcard(_USED)
                *_, count = await together.execute()
            if count > self._entries:
                oldest = await self._redis.zpopmin(_USED, count - self._entries)
                await self._erase([name for name, _ in oldest])

    async def vectors(self, scope: Scope) -> tuple[Sequence[str], Vectors]:
        """See ``AnswerStore``; an answer that has expired may still be named."""
        with _errors():
            found = await self._redis.hgetall(_vectors(scope))
        rows = [np.frombuffer(row, dtype=np.float32) for row in found.values()]
        return [key.decode() for key in found], np.array(rows, dtype=np.float32)

    async def forget(self, collection: str) -> None:
        """See ``AnswerStore``."""
        of_it = f"{_PREFIX}:{_name(collection)}:*"
        with _errors():
            names = [name async for name in self._redis.scan_iter(match=of_it, count=_SLICE)]
            for start in range(0, len(names), _SLICE):
                part = names[start : start + _SLICE]
                await self._redis.zrem(_USED, *part)
                await self._redis.delete(*part)

    async def close(self) -> None:
        """Closes the connections."""
        await self._redis.aclose()

    async def _erase(self, names: Sequence[bytes]) -> None:
        async with self._redis.pipeline(transaction=False) as together:
            for name in names:
                above, _, key = name.rpartition(b":")
                together.delete(name)
                together.hdel(above + b":vectors", key)
            await together.execute()


_USED = f"{_PREFIX}::used"
_TURN = f"{_PREFIX}::turn"


def _client(url: str) -> Redis:
    try:
        from redis.asyncio import Redis
    except ImportError:
        raise MissingExtra("the answer cache in Redis", "redis", "redis") from None
    try:
        # Its own retries are off: what is not there at once is a miss.
        return Redis.from_url(
            url, socket_timeout=_TIMEOUT_S, socket_connect_timeout=_TIMEOUT_S, retry=None, max_connections=64
        )
    except ValueError:
        # The URL may hold a password: it is not repeated.
        raise ConfigurationError(
            "REDIS_URL is no address of a Redis server: it begins with redis://, rediss:// or unix://"
        ) from None


def _name(collection: str) -> str:
    """A collection's name without what a pattern would read as a wildcard."""
    return hashlib.sha256(collection.encode()).hexdigest()[:16]


def _entry(scope: Scope, key: str) -> str:
    return f"{_PREFIX}:{_name(scope.collection)}:{scope.digest}:{key}"


def _vectors(scope: Scope) -> str:
    return f"{_PREFIX}:{_name(scope.collection)}:{scope.digest}:vectors"


@contextmanager
def _errors() -> Iterator[None]:
    from redis.exceptions import RedisError

    try:
        yield
    except (RedisError, OSError) as error:
        raise StorageError(f"the answer cache in Redis does not work: {type(error).__name__}") from None


@lru_cache(maxsize=1)
def _codec() -> Any:
    from pydantic import TypeAdapter

    return TypeAdapter(tuple[str, Answer, float])


def _written(kept: Kept) -> bytes:
    return bytes(_codec().dump_json((kept.question, kept.answer, kept.at)))


def _read(written: bytes) -> Kept:
    try:
        return Kept(*_codec().validate_json(written))
    except ValueError as error:
        raise StorageError("the answer cache in Redis holds what is no answer") from error
