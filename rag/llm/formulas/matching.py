"""Which formula a question asks for: one that is about the same and takes the quantities that it gives."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from math import exp

from rag.llm.formulas.asked import asks_for
from rag.llm.formulas.base import Formula, Match, Slot
from rag.llm.formulas.guards import is_possible, leaves_unclaimed, takes_another_period
from rag.llm.quantities import Kind, Mention, without

_NEAREST = 30  # formulas that are looked at for what they answer; the right one was among 20
_FAR = 7  # words between a quantity and what names it, from which on it names something else
_UNNAMED = {"number": 0.05, "share": 0.25, "rate": 0.2}  # what a quantity of the right kind is worth unnamed
_WIDEST = 8  # bytes of a number
_JUST_SAID = 0.4  # taken off where a quantity may just be said: "two assistants"
_OPTIONAL = 0.15  # … where there is a default
_COUNTED = re.compile(r"\b(?:how many|combien d(?:e |'))(?P<what>(?: ?[^\W\d][\w/-]*){1,3})")
_COMMON: tuple[Kind, ...] = ("number", "model", "dtype", "bits")
_ACCEPTED: Mapping[Kind, tuple[Kind, ...]] = {
    "number": ("number", "rate"),
    "share": ("share", "number", "rate"),
    "rate": ("rate", "number"),
    "dtype": ("dtype", "bits", "bytes"),
    "bits": ("bits", "number", "dtype"),
    "money": ("money", "wage", "number"),
}
# They say what is spoken of, also where no formula needs them: "in fp16", "a 4-bit grid", "on Mistral 7B".
_SPOKEN_OF: tuple[Kind, ...] = ("model", "dtype", "bits")


@dataclass(frozen=True, slots=True)
class Weights:
    """What counts how much for a formula: log-odds, by regression on the questions for practice.

    ``infra/scripts/fit_formulas.py`` fits them again.
    """

    alike: float = 3.33
    behind: float = -3.85
    about: float = 1.41
    all_about: float = 1.26  # if all patterns stand in the question
    alone: float = 1.09
    named: float = 2.8
    used: float = 0.21
    unused: float = -2.75
    agrees: float = 0.69
    other: float = -1.73
    unit: float = 0.25
    other_unit: float = -0.52
    bias: float = -4.04
    least: float = 0.5  # chance of being right below which nothing is computed


@dataclass(frozen=True, slots=True)
class Fit:
    """How a formula fits a question.

    ``alike`` is the likeness of what is asked, ``behind`` how much less it is than that of the most alike
    formula; ``about`` is the share of the formula's patterns in the question, and ``alone`` is 1 divided by
    the number of formulas with all of theirs, if this is one; ``named`` says how well the quantities are
    named on average: all 0 to 1. ``used`` and ``unused`` count quantities. ``agrees`` and
    ``other`` tell whether its kind of number is asked for, ``unit`` and ``other_unit`` whether its unit is.
    """

    match: Match
    alike: float
    behind: float
    about: float
    alone: float
    named: float
    used: int
    unused: int
    agrees: bool
    other: bool
    unit: bool
    other_unit: bool

    def score(self, weights: Weights) -> float:
        """How well it fits, all in all."""
        return (
            weights.bias
            + weights.alike * self.alike
            + weights.behind * self.behind
            + weights.about * self.about
            + weights.all_about * (self.about == 1)
            + weights.alone * self.alone
            + weights.named * self.named
            + weights.used * self.used
            + weights.unused * self.unused
            + weights.agrees * self.agrees
            + weights.other * self.other
            + weights.unit * self.unit
            + weights.other_unit * self.other_unit
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
    question unused, where what it gives cannot be (see ``guards``), or where it is not likely enough to be
    right, among the others and none of them. Nor is there one for words that may just be said ("two models"),
    unless a number is asked for.
    """
    if asks_for(without(text, found)) is None and all(mention.incidental for mention in found):
        return None
    fitting = fits(text, found, formulas, alike or {})
    if not fitting:
        return None
    odds = [exp(fit.score(weights)) for fit in fitting]
    best = fitting[odds.index(max(odds))]
    same = sum(one for one, fit in zip(odds, fitting, strict=True) if fit.match.result == best.match.result)
    sure = same / (1 + sum(odds)) >= weights.least and not best.unused
    return best.match if sure and is_possible(best.match) else None


def fits(
    text: str, found: Sequence[Mention], formulas: Sequence[Formula], alike: Mapping[str, float]
) -> list[Fit]:
    """Those with all their patterns in the text, and those most alike, with the quantities in their slots."""
    nearest = set(sorted(alike, key=lambda name: alike[name], reverse=True)[:_NEAREST])
    whole = {formula.name for formula in formulas if _share_about(text, formula) == 1}
    likely = [formula for formula in formulas if formula.name in nearest | whole]
    best = max(alike.values(), default=0.0)
    return [
        fit
        for formula in likely
        if (fit := _fitted(text, found, formula, alike.get(formula.name, 0.0), best, len(whole)))
    ]


def _fitted(
    text: str, found: Sequence[Mention], formula: Formula, alike: float, best: float, whole: int
) -> Fit | None:
    """``formula`` with the question's quantities where they fit best; ``None`` if a slot stays empty."""
    names = list(formula.slots)
    if formula.never and _pattern(formula.never).search(text):
        return None
    if formula.needs and not _pattern(formula.needs).search(text):
        return None
    if leaves_unclaimed(text, found, formula):
        return None
    if sum(slot.default is None for slot in formula.slots.values()) > len(found):
        return None
    scores = [_scores(text, found, slot) for slot in formula.slots.values()]
    spoken = [mention.incidental for mention in found]
    places = _assigned(scores, [slot.default is not None for slot in formula.slots.values()], spoken)
    if places is None or not any(place >= 0 for place in places):
        return None
    bound: dict[str, tuple[int, ...]] = {
        name: (place,) for name, place in zip(names, places, strict=True) if place >= 0
    }
    for name, slot, fitting in zip(names, formula.slots.values(), scores, strict=True):
        if slot.many and name in bound:
            taken = {place for one in bound.values() for place in one}
            more = (place for place, fit in enumerate(fitting) if fit and not spoken[place])
            bound[name] = tuple(sorted({*bound[name], *(place for place in more if place not in taken)}))
    if takes_another_period(text, found, (slot for name, slot in formula.slots.items() if name not in bound)):
        return None
    bound = _ordered(found, formula, bound)
    used = {place for one in bound.values() for place in one}
    left = [mention for place, mention in enumerate(found) if place not in used]
    asked, about = asks_for(without(text, found)), _share_about(text, formula)
    unit, other_unit = _counted(text, formula)
    return Fit(
        match=Match(formula, _literals(found, formula, bound)),
        alike=alike,
        behind=best - alike,
        about=about,
        alone=1 / whole if about == 1 else 0.0,
        named=sum(scores[names.index(name)][one[0]] for name, one in bound.items()) / len(bound),
        used=len(used),
        unused=sum(not mention.incidental and mention.kind not in _SPOKEN_OF for mention in left),
        agrees=asked == formula.gives,
        other=asked not in (None, formula.gives) and formula.unit not in text.split(),
        unit=unit,
        other_unit=other_unit,
    )


def _ordered(
    found: Sequence[Mention], formula: Formula, bound: Mapping[str, tuple[int, ...]]
) -> dict[str, tuple[int, ...]]:
    """``bound`` with the quantities of two slots exchanged where the one that has to be less is not."""
    ordered = dict(bound)
    # Once for each slot: of three that have to grow, one may move by two places.
    for name, slot in [*formula.slots.items()] * len(formula.slots):
        less, more = ordered.get(name), ordered.get(slot.below)
        if not less or not more or slot.many or formula.slots[slot.below].many:
            continue
        if found[less[0]].value > found[more[0]].value:
            ordered[name], ordered[slot.below] = more, less
    return ordered


def _counted(text: str, formula: Formula) -> tuple[bool, bool]:
    """Whether the question counts what the formula gives, and whether it counts something else."""
    counted = _COUNTED.search(text)
    if not counted or not formula.unit:
        return False, False
    same = any(_stem(word) in map(_stem, counted["what"].split()) for word in formula.unit.lower().split())
    return same, not same


def _stem(word: str) -> str:
    return word.rstrip("s")


def _share_about(text: str, formula: Formula) -> float:
    return sum(bool(_pattern(about).search(text)) for about in formula.about) / len(formula.about)


def _assigned(
    scores: Sequence[Sequence[float]], optional: Sequence[bool], spoken: Sequence[bool]
) -> tuple[int, ...] | None:
    """The mention of each slot (-1: its default), so that the sum of the scores is greatest.

    Of mentions that fit about as well, those that may just be said stay out.
    """

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
                options.append((score + rest - _JUST_SAID * spoken[place], (place, *chosen)))
        # Of equals the first in the text: "10 GPUs for 8 hours and 4 for 16".
        return max(
            options,
            key=lambda option: (option[0], [-place for place in option[1]]),
            default=(float("-inf"), ()),
        )

    total, chosen = assign(0, 0)
    return None if total == float("-inf") else chosen


def _literals(
    found: Sequence[Mention], formula: Formula, bound: Mapping[str, tuple[int, ...]]
) -> dict[str, str]:
    literals: dict[str, str] = {}
    for name, slot in formula.slots.items():
        filled = [_in_slot(found[place], slot) for place in bound.get(name, ())]
        literals[name] = slot.many.join(filled) if filled else slot.default or ""
        if slot.many:
            literals[name] = f"({literals[name]})"
            literals[f"{name}_count"] = str(len(filled))
    return literals


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
    if slot.kind == "dtype" and mention.kind == "bytes" and mention.value > _WIDEST:
        return 0.0
    # With a default nothing has to be found: what is common takes its place only where it is named.
    unnamed = _UNNAMED.get(slot.kind, 0.3)
    if slot.default is not None:
        unnamed = 0.0 if slot.kind in _COMMON else _OPTIONAL
    if not slot.cues:
        return unnamed + 0.3
    if slot.kind == "share" and mention.kind == "number" and slot.default is None:
        unnamed = 0.15 if 0 < mention.value < 1 else 0.0
    named = max((_near(text, found, mention, cue) for cue in cues), default=0.0)
    # A bare number may be a share or a rate whose unit was left out, but one with its unit goes first.
    if mention.kind == slot.kind:
        return max(unnamed, named)
    return max(unnamed if slot.kind == "share" else 0.0, 0.7 * named)


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
    if slot.kind == "bits" and mention.kind == "dtype":
        return f"{8 * mention.value:g}"
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
