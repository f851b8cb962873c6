"""Follow-ups that ask the same of something else: the earlier question with a quantity or name exchanged."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from math import inf, log

from rag.language import detect_language
from rag.lexical import content_stems
from rag.llm.quantities import Mention, mentions, plain

_INSTEAD = re.compile(
    r"(?P<new>[\w.,%]+) (?:instead of|rather than|au lieu de|plutôt que) (?P<old>[\w.,%]*[\w%])",
    re.IGNORECASE,
)
# A question of its own kind; what only asks for the same again is taken out first.
_ASKS_ANEW = re.compile(
    r"\b(?:what|how|why|which|who|when|where|do|does|did|is|are|can|will|wouldn't|couldn't|shouldn't"
    r"|que|quels?|quelles?|comment|pourquoi|où|quand|est)\b",
    re.IGNORECASE,
)
_ASKS_AGAIN = re.compile(
    r"\b(?:(?:what|how) about|what if|(?:would|will) (?:it|that) be"
    r"|how (?:many|much|long|often|large|big)(?: (?:is|are|would) (?:it|that)(?: be)?)?"
    r"|qu'en est-il|combien(?: est-ce)?(?: en faut-il)?|et si)\b",
    re.IGNORECASE,
)
# "And AWQ?", "Et pour Mixtral ?": nothing but another subject.
_OPENS = re.compile(r"^\W*(?:and|but|or|what about|how about|et|mais|quid|qu'en est-il)\b", re.IGNORECASE)
_NAMED = re.compile(r"(?<![.?!] )\b[A-Z][\w.+-]*\w(?: (?:[A-Z\d][\w.+-]*\w|\d(?![\w.])))*")
_RATE = re.compile(
    r"(?: (?!and\b|et\b|a\b|par\b|per\b)[\w'’-]+){0,4}"
    r"(?:/ ?| (?:per|an?|each|every|par|chaque) | (?:de |à )?l')"
    r"(?:s|sec|second|minute|min|hour|h|day|week|month|year|seconde|heure|jour|semaine|mois|an)\b"
)
_WORD = re.compile(r"[\w.-]*\w")
_NOUN = re.compile(r"[ -]*([^\W\d]{3,})")
_LABEL = re.compile(r"([^\W\d]+) ?(?:=|of|de) ?$")
_SAME = re.compile(r"\b(?:at|of|with) the same \w+\b|\b(?:de la|à la|du|au) même \w+\b", re.IGNORECASE)
_REPEATED = 0.6
"""Likeness of two questions' words, in their order, from which the one asks the same as the other."""


@dataclass(frozen=True, slots=True)
class _Spot:
    """A quantity where it stands in its question, with what names it."""

    mention: Mention
    end: int  # of a rate, with the time that it is counted by
    noun: str
    label: str


def swapped(question: str, before: str) -> str:
    """``before`` with what ``question`` puts in another's place; empty if it puts nothing there.

    "With 63 instead of 90?" names both; "And for 16000?", "And in int8?" and "And Mixtral 8x7B?" change the
    quantity of their kind, and "And AWQ?" the only name. One that says more than that asks something else.
    """
    return _instead(question, before) or _by_quantity(question, before) or _by_name(question, before)


def repeats(question: str, before: str) -> bool:
    """Whether ``question`` is ``before`` with other words of content in it, as one made by ``swapped`` is."""
    asked, said = (_WORD.findall(plain(text)) for text in (question, before))
    put = " ".join(word for word in asked if word not in said)
    return SequenceMatcher(None, asked, said).ratio() >= _REPEATED and bool(_stems(put) or _numbered(put))


def _instead(question: str, before: str) -> str:
    swap = _INSTEAD.search(question)
    if swap is None or swap["new"][-1:].isdigit() != swap["old"][-1:].isdigit():
        return ""
    found = re.search(rf"\b{re.escape(swap['old'])}\b", before)
    return f"{before[: found.start()]}{swap['new']}{before[found.end() :]}" if found else ""


def _by_quantity(question: str, before: str) -> str:
    question = _INSTEAD.sub(lambda swap: question[swap.start() : swap.end("new")], question)
    asked, earlier = _shown(question), _shown(before)
    new, old = list(_spots(asked)), list(_spots(earlier))
    new = [spot for spot in new if not spot.mention.incidental] or new
    if not new or _says_more(asked, new, before):
        return ""
    puts: dict[tuple[int, int], str] = {}
    added = ""
    for spot in new:
        text = asked[spot.mention.start : spot.end]
        place = _counterpart(spot, [one for one in old if all(one.mention.start != at for at, _ in puts)])
        if place is not None:
            end = place.end if spot.mention.kind == "rate" else place.mention.end
            puts[place.mention.start, end] = text
        elif spot.mention.kind == "dtype":
            added += f" in {text}"
        elif spot.noun:
            added += f" with {text} {spot.noun}"
        else:
            return ""
    made = earlier
    for start, end in sorted(puts, reverse=True):
        made = f"{made[:start]}{puts[start, end]}{made[end:]}"
    made = re.sub(r"\s*\??\s*$", lambda ending: f"{added}{ending[0]}", made, count=1)
    return made if made != earlier else ""


def _by_name(question: str, before: str) -> str:
    opening = _OPENS.match(question)
    if opening is None or _ASKS_ANEW.search(question, opening.end()):
        return ""
    rest = question[opening.end() :]
    new, old = _NAMED.findall(rest), set(_NAMED.findall(before.partition(" ")[2]))
    if len(new) != 1 or old & set(new) or not set(_stems(rest)) <= {*_stems(new[0]), *_stems(before)}:
        return ""
    # A model's name has a number in it, a method's has not.
    alike = [name for name in old if _numbered(name) == _numbered(new[0])] or list(old)
    return before.replace(alike[0], new[0]) if len(alike) == 1 else ""


def _shown(question: str) -> str:
    """The question with plain spaces, so that quantities stand in it where they do in its ``plain`` form."""
    shown, read = " ".join(question.split()), plain(question)
    return shown if len(shown) == len(read) else read  # a letter's small form may be longer


def _spots(shown: str) -> Iterator[_Spot]:
    text = plain(shown)
    for mention in mentions(text):
        rate = _RATE.match(text, mention.end) if mention.kind == "rate" else None
        noun, label = _NOUN.match(text, mention.end), _LABEL.search(text[: mention.start])
        yield _Spot(
            mention,
            rate.end() if rate else mention.end,
            noun[1] if noun else "",
            label[1] if label else "",
        )


def _says_more(asked: str, new: Sequence[_Spot], before: str) -> bool:
    """Whether a follow-up asks for something else than the earlier question does, of other quantities."""
    rest = asked
    for spot in sorted(new, key=lambda one: one.mention.start, reverse=True):
        rest = f"{rest[: spot.mention.start]} {rest[spot.end :]}"
    rest = _SAME.sub(" ", _ASKS_AGAIN.sub(" ", rest))
    if _ASKS_ANEW.search(rest) or re.search(r"[.?!;:]\s+\w", rest):
        return True
    nouns = [noun for spot in new for noun in _stems(spot.noun)]
    return not set(_stems(rest)) <= {*_stems(before), *nouns}


def _counterpart(spot: _Spot, old: Sequence[_Spot]) -> _Spot | None:
    """The quantity that ``spot`` takes the place of: of its kind, called the same, nearest in size."""
    kinds = {"dtype": ("dtype", "bits"), "bits": ("bits", "dtype"), "number": ("number", "rate")}
    accepted = kinds.get(spot.mention.kind, (spot.mention.kind,))
    alike = [one for one in old if one.mention.kind in accepted and not _called_otherwise(spot, one)]
    return min(alike, key=lambda one: (-_called_alike(spot, one), _distance(spot, one)), default=None)


def _called_alike(one: _Spot, other: _Spot) -> int:
    nouns = bool(one.noun) and _stems(one.noun) == _stems(other.noun)
    return nouns + (bool(one.label) and one.label == other.label)


def _called_otherwise(one: _Spot, other: _Spot) -> bool:
    """Whether two numbers count different things: 4 sequences are not put for 8,000 tokens."""
    mine, theirs = _stems(one.noun), _stems(other.noun)
    return one.mention.kind == "number" and bool(mine and theirs) and mine != theirs


def _distance(one: _Spot, other: _Spot) -> float:
    """How many times the one is the other; nothing for names."""
    if one.mention.kind == "model":
        return 0.0
    sizes = one.mention.value, other.mention.value
    return abs(log(sizes[0] / sizes[1])) if min(sizes) > 0 else inf


def _numbered(name: str) -> bool:
    return any(character.isdigit() for character in name)


def _stems(text: str) -> list[str]:
    return content_stems(text, detect_language(text))
