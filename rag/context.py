"""From hits to a prompt: numbered passages within a token budget, delimited as data."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.resources import files
from string import Template

from rag.answer.abstention import ABSTENTION, abstention
from rag.llm.base import Evidence, Message, Passage
from rag.passages import Stretch, distinct, merged, trimmed
from rag.sentences import split_sentences
from rag.types import Chunk, Hit

Count = Callable[[Sequence[Message]], Awaitable[int]]

HISTORY_SHARE = 0.25
"""Most of a prompt's budget that goes to what was said before: the passages matter more."""

HISTORY_FLOOR = 0.125
"""What of the room beside instructions and question is the conversation's before the passages take theirs."""

_USER_PART = "<!-- user -->"
_DELIMITER = re.compile(r"<(?=\s*/?\s*passage\b)", re.IGNORECASE)
_SMALLEST_ROOM = 32  # tokens: less holds no sentence between its delimiters
_FIRST_SENTENCES = 3  # of a message that is shortened
_SENTENCE = 200  # characters that one of them takes at most: code and tables have no full stops
_WIDEST = 999  # a marker with as many digits as any: passages are counted before they are numbered


@dataclass(frozen=True, slots=True)
class Context:
    """A prompt and what stands in it.

    ``hits[i]`` is the passage with marker ``i + 1``, its chunk's text that of the passage: part of a chunk,
    or several that are neighbours. ``chunks[i]`` are those chunks as they were found.
    """

    messages: tuple[Message, ...]
    evidence: Evidence
    hits: tuple[Hit, ...]
    chunks: tuple[tuple[Chunk, ...], ...] = ()


async def build_context(
    question: str,
    hits: Sequence[Hit],
    language: str,
    *,
    count: Count,
    budget: int,
    history: Sequence[Message] = (),
    parts: Sequence[str] = (),
) -> Context:
    """The prompt for ``question``, of at most ``budget`` tokens as ``count`` counts them.

    Hits go in by rank, each text once; one that does not fit is trimmed to the sentences that share most
    with the question. Neighbours are joined to one passage. ``history`` keeps its latest turns, the oldest of
    them shortened: those that fit an eighth of the room go in before the passages, and what the passages
    leave goes to more of them, up to a quarter of the budget. The system part comes first and never changes,
    so that a server can reuse its prefix. With a budget too small for any passage the prompt holds none.
    ``parts`` of the question go with the evidence.
    """
    template = _template(language)
    system = Message("system", template.system)
    bare = Message("user", template.user.substitute(passages="", question=question))
    room = budget - await count([system, bare])
    least = await _recent(history, count, int(HISTORY_FLOOR * room))
    kept = await count(least) if least else 0
    chosen, room = await _fill(distinct(hits), question, count, room - kept)
    recent = await _recent(history, count, min(room + kept, int(HISTORY_SHARE * budget)))

    stretches = merged(chosen)
    passages = tuple(_passage(stretch, number) for number, stretch in enumerate(stretches, 1))
    shown = "\n\n".join(_rendered(passage) for passage in passages)
    user = Message("user", template.user.substitute(passages=shown, question=question))
    return Context(
        (system, *recent, user),
        Evidence(question, passages, language, tuple(parts)),
        tuple(stretch.hit for stretch in stretches),
        tuple(stretch.chunks for stretch in stretches),
    )


@dataclass(frozen=True, slots=True)
class _Prompt:
    system: str
    user: Template


@lru_cache(maxsize=len(ABSTENTION))
def _template(language: str) -> _Prompt:
    known = language if language in ABSTENTION else "en"
    text = files("rag.prompts").joinpath(f"answer.{known}.md").read_text(encoding="utf-8")
    system, user = text.split(_USER_PART)
    return _Prompt(Template(system.strip()).substitute(abstention=abstention(known)), Template(user.strip()))


async def _fill(
    stretches: Sequence[Stretch], question: str, count: Count, room: int
) -> tuple[list[Stretch], int]:
    """The stretches that fit ``room`` tokens, whole or trimmed, and the room that is left."""
    chosen: list[Stretch] = []
    for stretch in stretches:
        if room < _SMALLEST_ROOM:
            break
        tokens = await _tokens(stretch, count)
        if tokens <= room:
            chosen.append(stretch)
        else:
            fits, tokens = await _longest(trimmed(stretch, question), count, room)
            chosen += [fits] if fits else []
        room -= tokens
    return chosen, room


async def _longest(parts: Sequence[Stretch], count: Count, room: int) -> tuple[Stretch | None, int]:
    """The longest of ever longer parts that fits ``room`` tokens, and its tokens."""
    fits, taken, low, high = None, 0, 0, len(parts)
    while low < high:
        middle = (low + high) // 2
        tokens = await _tokens(parts[middle], count)
        if tokens <= room:
            fits, taken, low = parts[middle], tokens, middle + 1
        else:
            high = middle
    return fits, taken


async def _recent(history: Sequence[Message], count: Count, room: int) -> list[Message]:
    """The latest turns that fit; of the one before them, the beginnings of what was said."""
    recent: list[Message] = []
    for turn in reversed(_turns(history)):
        if await count([*turn, *recent]) > room:
            for shorter in _shortened(turn):
                if await count([*shorter, *recent]) <= room:
                    return [*shorter, *recent]
            break
        recent = [*turn, *recent]
    return recent


def _shortened(turn: Sequence[Message]) -> Iterator[list[Message]]:
    """A turn ever shorter: the beginning of its last message, at last the first sentence of each."""
    *before, last = turn
    for sentences in range(_FIRST_SENTENCES, 0, -1):
        yield [*before, _beginning(last, sentences)]
    yield [_beginning(message, 1) for message in turn]


def _beginning(message: Message, sentences: int) -> Message:
    """The message's first sentences, with a mark where it went on."""
    text = message.content
    ends = [sentence.end for sentence in split_sentences(text)[:sentences]]
    end = min([*ends[-1:], sentences * _SENTENCE])
    return message if end >= len(text.rstrip()) else replace(message, content=f"{text[:end]} […]")


def _turns(history: Sequence[Message]) -> list[list[Message]]:
    """Each of a user's messages with what answers it; an answer to nothing is left out."""
    turns: list[list[Message]] = []
    for message in history:
        if message.role == "user":
            turns.append([message])
        elif turns:
            turns[-1].append(message)
    return turns


def _passage(stretch: Stretch, marker: int) -> Passage:
    chunk = stretch.hits[0].chunk
    title = " › ".join(chunk.headings) or str(chunk.metadata.get("title") or chunk.document_id)
    language = str(chunk.metadata.get("language") or "en")
    return Passage(marker, stretch.text, title, language, chunk.document_id)


async def _tokens(stretch: Stretch, count: Count) -> int:
    return await count([Message("user", _rendered(_passage(stretch, _WIDEST)))])


def _rendered(passage: Passage) -> str:
    """The passage between delimiters; what looks like a delimiter inside it is made harmless here only."""
    title = re.sub(r'[<>"\s]+', " ", passage.title).strip()
    text = _DELIMITER.sub("&lt;", passage.text)
    return f'<passage n="{passage.marker}" title="{title}">\n{text}\n</passage>'
