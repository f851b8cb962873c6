"""Whether a quote supports a claim, by checks that need no model; each has a name and flags by itself.

They read words: they do not see through translation, and not through a paraphrase in other words. What they
know of denial and of opposites are lists of words, which hold what is common and not what is possible.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from rag.answer.entities import missing, without_entities
from rag.lexical import content_stems, numbers


@dataclass(frozen=True, slots=True)
class Support:
    """When a quote supports the sentence it is cited for."""

    # Share of the claim's content words that the quote holds. Half leaves room for the words with which
    # a model joins and introduces what it took.
    overlap: float = 0.5
    # Two sentences are quoted instead of one where they hold this much more of the claim.
    worth_a_sentence: float = 0.25
    # A claim with fewer content words ("as in [1]") is read together with its whole sentence.
    fewest_words: int = 3


@dataclass(frozen=True, slots=True)
class Pair:
    """A claim and the quote it is cited for; its names may stand ``around``: in the passage or its title."""

    claim: str
    quote: str
    language: str
    around: str = ""


# Two words of which a claim has the one where its quote has the other: what is said is another thing. Some
# are opposites anywhere, some the two sides of a thing that this field has two of.
_OPPOSITES = """
first last|before after|above below|more less|more fewer|most least|most fewest|higher lower|high low
highest lowest|larger smaller|large small|largest smallest|longer shorter|long short|faster slower
fast slow|better worse|best worst|increases decreases|increase decrease|raises lowers|rises falls
grows shrinks|gains loses|maximum minimum|max min|upper lower|left right|start end|begins ends
input output|read write|reads writes|same different|equal different|inside outside|cheap expensive
early late|precision recall|dense sparse|memory compute|bandwidth latency|latency throughput
prefill decode|query value|query key|key value|forward backward|training inference|encoder decoder
positive negative|true false|online offline|client server|rows columns|row column|public private
local global|static dynamic|strong weak|new old|add remove|premier dernier|première dernière|avant après
plus moins|supérieur inférieur|supérieure inférieure|grand petit|grande petite|augmente diminue
monte baisse|meilleur pire|rapide lent|entrée sortie|précision rappel|dense creux|dense creuse
requête valeur|requête clé|clé valeur|haut bas|haute basse|court long|courte longue|fort faible
forte faible|vrai faux|vraie fausse|gauche droite|début fin
"""
_OTHER = {
    (one, other)
    for pair in re.split(r"[|\n]", _OPPOSITES.strip())
    for one, other in (pair.split(), pair.split()[::-1])
}
_WORD = re.compile(r"[^\W\d_]+|\d[\d.,]*")
_SIDE = 2  # words on each side of a swapped one, of which one has to agree

_DENIAL = re.compile(
    r"\b(?:not|no|never|none|nothing|nobody|neither|nor|without|cannot|unable|fails? to|lacks?"
    r"|pas|jamais|aucune?|rien|ni|sans)\b|n['’]t\b",
    re.IGNORECASE,
)
# They limit or compare and deny nothing; "no:" in front of a claim answers the question.
_NO_DENIAL = re.compile(
    r"\b(?:not only|not just|no (?:more|less|fewer|longer) than|no matter|nothing but|pas seulement)\b"
    r"|^\W*(?:no|non|not|pas)\b[^:;,.]*[:;,.]",
    re.IGNORECASE,
)
_ASIDE = re.compile(
    r"\([^()]*\)|[\"“«][^\"“”«»]*[\"”»]"
)  # what is said there is an example or somebody else's
_CLAUSE = re.compile(
    r"[.;:!?]\s|[,–—]\s|\||\b(?:but|while|whereas|mais|tandis que|alors que)\b", re.IGNORECASE
)
_SHARED = 0.5  # of a clause's words: then both speak of the same


def flags(pair: Pair, support: Support) -> tuple[str, ...]:
    """The names of ``CHECKS`` that find against the claim; none where the quote supports it."""
    return tuple(name for name, agrees in CHECKS.items() if not agrees(pair, support))


def _words_agree(pair: Pair, support: Support) -> bool:
    wanted = set(content_stems(pair.claim, pair.language))
    return share(wanted, pair.quote, pair.language) >= support.overlap


def _numbers_agree(pair: Pair, _: Support) -> bool:
    return numbers(without_entities(pair.claim, pair.language)) <= numbers(pair.quote)


CHECKS: Mapping[str, Callable[[Pair, Support], bool]] = {
    "words": _words_agree,
    "numbers": _numbers_agree,
    "entities": lambda pair, _: not missing(pair.claim, f"{pair.quote} {pair.around}", pair.language),
    "opposites": lambda pair, _: swapped(pair.claim, pair.quote) is None,
    "denial": lambda pair, _: not denied_once(pair.claim, pair.quote, pair.language),
}
"""What is compared, and whether it agrees: enough of the claim's words; all of its numbers; its names,
identifiers and dates, in the passage if not in the quote; no word in the place of its opposite; nothing that
is denied in one of the two only.
"""


def share(wanted: set[str], quote: str, language: str) -> float:
    """Share of ``wanted`` stems that the quote holds; 0 for none wanted."""
    return len(wanted & set(content_stems(quote, language))) / len(wanted) if wanted else 0.0


def swapped(claim: str, quote: str) -> tuple[str, str] | None:
    """A word of the claim and its opposite in the quote's same place, where neither text has both."""
    said, found = _words(claim), _words(quote)
    both = set(said) & set(found)
    for place, word in enumerate(said):
        for other in set(found) - both:
            if word not in both and (word, other) in _OTHER:
                around = _around(said, place)
                if any(around & _around(found, at) for at, one in enumerate(found) if one == other):
                    return word, other
    return None


def denied_once(claim: str, quote: str, language: str) -> bool:
    """Whether a clause of the claim is denied where the quote's nearest clause is not, or the reverse."""
    clauses = [(set(content_stems(clause, language)), denies) for clause, denies in _clauses(quote)]
    for clause, denies in _clauses(claim):
        wanted = set(content_stems(clause, language))
        near = [(len(wanted & held) / len(wanted), other) for held, other in clauses] if wanted else []
        best = max((part for part, _ in near), default=0.0)
        if best >= _SHARED and all(other != denies for part, other in near if part == best):
            return True
    return False


def _clauses(text: str) -> list[tuple[str, bool]]:
    """The clauses of a text, and for each whether something is denied in it."""
    text = _NO_DENIAL.sub(" ", _ASIDE.sub(" ", text))
    return [(clause, bool(_DENIAL.search(clause))) for clause in _CLAUSE.split(text) if clause.strip()]


def _words(text: str) -> list[str]:
    return [word.casefold() for word in _WORD.findall(text)]


def _around(words: Sequence[str], place: int) -> set[str]:
    return {*words[max(0, place - _SIDE) : place], *words[place + 1 : place + 1 + _SIDE]}
