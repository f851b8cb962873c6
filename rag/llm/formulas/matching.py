"""Which formula a question asks for: one that is about the same and takes the quantities that it gives."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from rag.llm.formulas.asked import asks_for
from rag.llm.formulas.base import Formula, Match, Slot
from rag.llm.quantities import Kind, Mention

_NEAREST = 30  # formulas that are looked at for what they answer; the right one was among 20
_FAR = 7  # words between a quantity and what names it, from which on it names something else
_UNNAMED = {"number": 0.05, "share": 0.25, "rate": 0.2}  # what a quantity of the right kind is worth unnamed
_OPTIONAL = 0.15  # … where there is a default
_COMMON: tuple[Kind, ...] = ("number", "model", "dtype", "bits")
_ACCEPTED: Mapping[Kind, tuple[Kind, ...]] = {
    "number": ("number", "rate"),
    "share": ("share", "number", "rate"),
    "rate": ("rate", "number"),
    "dtype": ("dtype", "bits"),
    "bits": ("bits", "number"),
    "money": ("money", "wage"),
}
# They say what is spoken of, also where no formula needs them: "in fp16", "a 4-bit grid", "on Mistral 7B".
_SPOKEN_OF: tuple[Kind, ...] = ("model", "dtype", "bits")


@dataclass(frozen=True, slots=True)
class Weights:
    """What counts how much for a formula; by regression on the dev questions and our own for tuning."""

    alike: float = 7.7
    about: float = 3.1
    all_about: float = 3.2  # more, if all patterns stand in the question
    named: float = 3.8
    used: float = 2.2  # for each quantity of the question
    unused: float = 2.3  # taken off for each
    other: float = 3.5  # taken off where another kind of number is asked for
    least: float = 9.0  # below this nothing is computed
    clear: float = 0.75  # by how much a formula has to fit better than the next one that says something else


@dataclass(frozen=True, slots=True)
class Fit:
    """How a formula fits a question.

    ``alike`` is the likeness of what is asked, ``about`` the share of the formula's patterns in the question,
    ``named`` how well the quantities are named on average: 0 to 1 all. ``used`` and ``unused`` count
    quantities, ``other`` says that another kind of number is asked for.
    """

    match: Match
    alike: float
    about: float
    named: float
    used: int
    unused: int
    other: bool

    def score(self, weights: Weights) -> float:
        """How well it fits, all in all."""
        return (
            weights.alike * self.alike
            + weights.about * self.about
            + weights.all_about * (self.about == 1)
            + weights.named * self.named
            + weights.used * self.used
            - weights.unused * self.unused
            - weights.other * self.other
        )


def best_match(
    text: str,
    found: Sequence[Mention],
    formulas: Sequence[Formula],
    alike: Mapping[str, float] | None = None,
    weights: Weights = Weights(),
) -> Match | None:
    """The formula of ``formulas`` that the ``plain`` question asks for, if there is one.

    ``alike`` says how alike the question is to each formula, by name; without it, a formula has to have all
    its patterns in the question. Every slot without default needs a quantity of its kind.

    A wrong number is worse than none: there is no match where the best formula leaves a quantity of the
    question unused, where another formula fits about as well and says something else, or where the question
    neither asks for a number in so many words nor has all the formula's patterns.
    """
    likely = _likely(text, formulas, alike or {})
    fits = [fit for formula in likely if (fit := fitted(text, found, formula, alike or {}))]
    scored = sorted(((fit.score(weights), fit) for fit in fits), key=lambda pair: pair[0], reverse=True)
    if not scored:
        return None
    top, best = scored[0]
    wants_a_number = best.about == 1 or asks_for(text) is not None
    if top < weights.least or best.unused or not wants_a_number:
        return None
    near = (fit for score, fit in scored if score > top - weights.clear)
    return best.match if all(fit.match.result == best.match.result for fit in near) else None


def _likely(text: str, formulas: Sequence[Formula], alike: Mapping[str, float]) -> list[Formula]:
    """Those with all their patterns in the text, and those that answer the most alike questions."""
    nearest = set(sorted(alike, key=lambda name: alike[name], reverse=True)[:_NEAREST])
    return [formula for formula in formulas if formula.name in nearest or _share_about(text, formula) == 1]


def fitted(text: str, found: Sequence[Mention], formula: Formula, alike: Mapping[str, float]) -> Fit | None:
    """``formula`` with the question's quantities where they fit best; ``None`` if a slot stays empty."""
    names = list(formula.slots)
    if formula.never and _pattern(formula.never).search(text):
        return None
    if sum(slot.default is None for slot in formula.slots.values()) > len(found):
        return None
    scores = [_scores(text, found, slot) for slot in formula.slots.values()]
    places = _assigned(scores, [slot.default is not None for slot in formula.slots.values()])
    if places is None or not any(place >= 0 for place in places):
        return None
    bound = {name: place for name, place in zip(names, places, strict=True) if place >= 0}
    left = [mention for place, mention in enumerate(found) if place not in bound.values()]
    asked = asks_for(text)
    return Fit(
        match=Match(formula, _literals(found, formula, bound)),
        alike=alike.get(formula.name, 0.0),
        about=_share_about(text, formula),
        named=sum(scores[names.index(name)][place] for name, place in bound.items()) / len(bound),
        used=len(bound),
        unused=sum(not mention.incidental and mention.kind not in _SPOKEN_OF for mention in left),
        other=asked not in (None, formula.gives) and formula.unit not in text.split(),
    )


def _share_about(text: str, formula: Formula) -> float:
    return sum(bool(_pattern(about).search(text)) for about in formula.about) / len(formula.about)


def _assigned(scores: Sequence[Sequence[float]], optional: Sequence[bool]) -> tuple[int, ...] | None:
    """The mention of each slot (-1: its default), so that the sum of the scores is greatest."""

    @cache  # at most slots · 2 ** MOST entries, and gone with the question
    def assign(slot: int, used: int) -> tuple[float, tuple[int, ...]]:
        if slot == len(scores):
            return 0.0, ()
        options = []
        if optional[slot]:
            rest, chosen = assign(slot + 1, used)
            options.append((rest, (-1, *chosen)))
        for place, score in enumerate(scores[slot]):
            if score > 0 and not used & (1 << place):
                rest, chosen = assign(slot + 1, used | (1 << place))
                options.append((score + rest, (place, *chosen)))
        # Of equals the first in the text: "10 GPUs for 8 hours and 4 for 16".
        return max(
            options,
            key=lambda option: (option[0], [-place for place in option[1]]),
            default=(float("-inf"), ()),
        )

    total, chosen = assign(0, 0)
    return None if total == float("-inf") else chosen


def _literals(found: Sequence[Mention], formula: Formula, bound: Mapping[str, int]) -> dict[str, str]:
    return {
        name: _in_slot(found[bound[name]], slot) if name in bound else slot.default or ""
        for name, slot in formula.slots.items()
    }


def _scores(text: str, found: Sequence[Mention], slot: Slot) -> list[float]:
    """How well each mention fits a slot: 0 for another kind, up to 1 with its name beside it."""
    cues = list(_pattern(slot.cues).finditer(text)) if slot.cues else []
    return [_fit(text, found, mention, slot, cues) for mention in found]


def _fit(
    text: str, found: Sequence[Mention], mention: Mention, slot: Slot, cues: Sequence[re.Match[str]]
) -> float:
    if mention.kind not in _ACCEPTED.get(slot.kind, (slot.kind,)):
        return 0.0
    if slot.kind == "share" and not 0 <= Mention(0, 0, "number", _in_slot(mention, slot)).value <= 1:
        return 0.0
    if mention.kind != "model" and mention.value < slot.least:
        return 0.0
    # With a default nothing has to be found: what is common takes its place only where it is named.
    unnamed = _UNNAMED.get(slot.kind, 0.3)
    if slot.default is not None:
        unnamed = 0.0 if slot.kind in _COMMON else _OPTIONAL
    if not slot.cues:
        return unnamed + 0.3
    named = max((_near(text, found, mention, cue) for cue in cues), default=0.0)
    # A bare number may be a share or a rate whose unit was left out, but one with its unit goes first.
    return max(unnamed, named) if mention.kind == slot.kind else 0.7 * named


def _near(text: str, found: Sequence[Mention], mention: Mention, cue: re.Match[str]) -> float:
    """1 for a name that touches the quantity, less for each word, clause and quantity in between."""
    if cue.start() < mention.end and mention.start < cue.end():
        return 1.0
    after = cue.start() >= mention.end
    between = text[mention.end : cue.start()] if after else text[cue.end() : mention.start]
    words = len(between.split())
    if words > _FAR or re.search(r"[.?!;:] ", between):
        return 0.0
    score = (1.0 if after else 0.95) / (1 + 0.25 * words)
    if "," in between or re.search(r"\b(?:and|et|with|avec|but|mais)\b", between):
        score *= 0.6
    low, high = (mention.end, cue.start()) if after else (cue.end(), mention.start)
    crossed = sum(1 for other in found if low <= other.start and other.end <= high)
    return score * 0.4**crossed


def _in_slot(mention: Mention, slot: Slot) -> str:
    """The mention as an expression in the slot's unit."""
    if slot.kind == "dtype" and mention.kind == "bits":
        return f"{mention.literal}/8"
    if slot.kind in ("money", "number", "share") and "/" in mention.literal and mention.kind != "share":
        # "1,460 a month" against what one month brings, "0.995 an hour": the time cancels out.
        return mention.literal.partition("/")[0]
    if slot.per != 1 and mention.kind in ("rate", "wage"):
        above, _, below = mention.literal.partition("/")
        return above if below == str(slot.per) else f"{mention.literal}*{slot.per}"
    return mention.literal


@lru_cache(maxsize=4096)
def _pattern(pattern: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![^\W\d])(?:{pattern})")
