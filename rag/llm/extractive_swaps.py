"""Follow-ups that ask the same of something else: the earlier question with a quantity or name exchanged."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import dropwhile, takewhile
from math import inf, log

from rag.language import detect_language
from rag.lexical import content_stems
from rag.llm.quantities import Mention, mentions, plain, without

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
    r"|what percentage is (?:it|that)"
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
_AMOUNT = re.compile(r" ?(?:/|\b(?:per|an?|each|every|par|le|la|les|pour)\b)")
"""What follows the amount in a price: "$2 per million"."""
_WORD = re.compile(r"[\w.-]*\w")
_AFTER = re.compile(r"[ -]*(?:(?:of|de) |d')?((?:(?!(?:per|par|each|every|chaque)\b)[^\W\d][\w-]* ?){0,2})")
_USERS = re.compile(r"utilisat(?:eur|rice)")
"""Whose stem is that of "utiliser", a word that only links."""
_BEFORE = re.compile(r"[^\W\d][\w-]*|[^\w\s]")
_LINKS = ("of", "de", "d", "'", "is", "are", "at", "est", "sont", "=")
"""What may stand between a name and its quantity: "a recall of 0.6", "recall is 0.6", "k = 60"."""
_LINKED = re.compile(r"\b(?:is|are|est|sont) $", re.IGNORECASE)
_SAME = re.compile(r"\b(?:at|of|with) the same \w+\b|\b(?:de la|à la|du|au) même \w+\b", re.IGNORECASE)
_IN, _WITH = ("in", "en"), ("with", "avec")
_ADDED = 1
"""Words of content that name a quantity which is added: "with 4 users"."""
_REPEATED = 0.6
"""Likeness of two questions' words, in their order, from which the one asks the same as the other."""


@dataclass(frozen=True, slots=True)
class _Spot:
    """A quantity where it stands in its question, with what names it."""

    mention: Mention
    end: int  # of a rate, with the time that it is counted by
    noun: str  # the words after it, "KV heads" of "8 KV heads"
    nouns: frozenset[str]  # their stems
    names: frozenset[str]  # … and those of the words before it, "recall" of "recall is 0.6"


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


def exchanges(question: str, before: str) -> bool:
    """Whether ``question`` is ``before`` with other quantities, or one more, and asks for nothing else."""
    texts = (plain(question), plain(before))
    new, old = (set(_stems(without(text, mentions(text)))) for text in texts)
    return texts[0] != texts[1] and old <= new and len(new - old) <= _ADDED


def asks_anew(question: str) -> bool:
    """Whether a follow-up asks by itself: "And why 8?" wants another answer, "And with 8?" the same again."""
    return bool(_ASKS_ANEW.search(_ASKS_AGAIN.sub(" ", question)))


def clashes(question: str, before: str) -> bool:
    """Whether ``question`` gives a quantity that may be one of ``before``, but not which one it is.

    From both together no number is computed: it would be that of another case.
    """
    language = detect_language(before)
    old = list(_spots(_shown(before), language))
    given = (spot for spot in _spots(_shown(question), language) if not spot.mention.incidental)
    return any(_may_be(spot, one) for spot in given for one in old)


def _instead(question: str, before: str) -> str:
    swap = _INSTEAD.search(question)
    if swap is None or swap["new"][-1:].isdigit() != swap["old"][-1:].isdigit():
        return ""
    found = re.search(rf"\b{re.escape(swap['old'])}\b", before)
    return f"{before[: found.start()]}{swap['new']}{before[found.end() :]}" if found else ""


def _by_quantity(question: str, before: str) -> str:
    question = _INSTEAD.sub(lambda swap: question[swap.start() : swap.end("new")], question)
    asked, earlier = _shown(question), _shown(before)
    language = detect_language(before)
    new, old = list(_spots(asked, language)), list(_spots(earlier, language))
    new = [spot for spot in new if not spot.mention.incidental] or new
    if not new or _says_more(asked, new, before):
        return ""
    puts: dict[tuple[int, int], str] = {}
    added, french = "", language == "fr"
    for spot in new:
        text = asked[spot.mention.start : spot.end]
        place = _counterpart(spot, [one for one in old if all(one.mention.start != at for at, _ in puts)])
        if place is not None:
            end = place.end if spot.mention.kind == "rate" else place.mention.end
            if (spot.mention.kind, place.mention.kind) == ("money", "price"):
                end = place.mention.start + len(_AMOUNT.split(earlier[place.mention.start : end], 1)[0])
            puts[place.mention.start, end] = text
        elif spot.mention.kind == "dtype":
            added += f" {_IN[french]} {text}"
        elif spot.noun and spot.mention.kind == "number" and not any(_may_be(spot, one) for one in old):
            added += f" {_WITH[french]} {text} {spot.noun}"
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


def _spots(shown: str, language: str) -> Iterator[_Spot]:
    text, read = plain(shown), 0
    for mention in mentions(text):
        rate = _RATE.match(text, mention.end) if mention.kind == "rate" else None
        before = _BEFORE.findall(text[read : max(read, mention.start)])[::-1]
        label = list(dropwhile(_LINKS.__contains__, before))[:2]
        after = _AFTER.match(text, mention.end)
        noun = [*takewhile(lambda word: _content(word, language), after[1].split() if after else ())]
        read = mention.end + (after.end(1) - after.start(1) if after and noun else 0)
        end = rate.end() if rate else mention.end
        nouns = frozenset(stem for word in noun for stem in _content(word, language))
        if mention.kind in ("model", "dtype"):  # names themselves
            yield _Spot(mention, end, "", frozenset(), frozenset())
            continue
        named = takewhile(lambda word: content_stems(word, language), label)
        symbol = label[:1] if before[:1] == ["="] else []
        labels = [*content_stems(" ".join(named), language), *symbol]
        yield _Spot(mention, end, " ".join(noun), nouns, nouns.union(labels))


def _content(word: str, language: str) -> list[str]:
    return content_stems(word, language) or _USERS.findall(word)


def _says_more(asked: str, new: Sequence[_Spot], before: str) -> bool:
    """Whether a follow-up asks for something else than the earlier question does, of other quantities."""
    rest = asked
    for spot in sorted(new, key=lambda one: one.mention.start, reverse=True):
        # "If the recall is 0.9" asks nothing.
        rest = f"{_LINKED.sub('', rest[: spot.mention.start])} {rest[spot.end :]}"
    rest = _SAME.sub(" ", _ASKS_AGAIN.sub(" ", rest))
    if _ASKS_ANEW.search(rest) or re.search(r"[.?!;:]\s+\w", rest):
        return True
    nouns = [noun for spot in new for noun in _stems(spot.noun)]
    return not set(_stems(rest)) <= {*_stems(before), *nouns}


def _counterpart(spot: _Spot, old: Sequence[_Spot]) -> _Spot | None:
    """The quantity that ``spot`` takes the place of: one called the same, or the only one of its kind.

    One without a name takes the place of the nearest in size.
    """
    kin = [one for one in old if _of_a_kind(spot, one)]
    alike = [one for one in kin if not spot.names or _called_alike(spot, one)]
    if not alike and len(kin) == 1 and (spot.mention.kind != "number" or not kin[0].names):
        return kin[0]
    return min(alike, key=lambda one: (-_shared(spot, one), _distance(spot, one)), default=None)


def _of_a_kind(one: _Spot, other: _Spot) -> bool:
    kinds = {
        "dtype": ("dtype", "bits"),
        "bits": ("bits", "dtype"),
        "number": ("number", "rate"),
        "money": ("money", "price"),
    }
    return other.mention.kind in kinds.get(one.mention.kind, (one.mention.kind,))


def _called_alike(one: _Spot, other: _Spot) -> bool:
    """Whether what both count is the same, or one name says no more than the other: heads, KV heads."""
    if not one.names or not other.names:
        return False
    same = bool(one.nouns) and one.nouns == other.nouns
    return same or one.names <= other.names or other.names <= one.names


def _may_be(one: _Spot, other: _Spot) -> bool:
    """Whether both may be the same, so that to add the one would count it twice."""
    unsure = one.mention.kind != "number" or not one.names or not other.names
    return _of_a_kind(one, other) and (unsure or not one.names.isdisjoint(other.names))


def _shared(one: _Spot, other: _Spot) -> int:
    """How many words both names have; one that stands on the same side of its number counts twice."""
    before = (one.names - one.nouns) & (other.names - other.nouns)
    return len(one.names & other.names) + len(one.nouns & other.nouns) + len(before)


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
