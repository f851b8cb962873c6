"""Questions without a model: from sentences that define something, and from headings."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from eval.drafting.base import Draft
from ingest.chunkers.headings import Outline, title_of
from rag.sentences import Sentence, split_sentences
from rag.types import Document

_DEFINES = {
    "en": re.compile(r"(?:(?:The|A|An)\s)?(?P<term>[^,.:;()|]{3,50}?)\s(?:is|are)\s(?:an?|the)\s"),
    "fr": re.compile(
        r"(?:(?:Le|La|Les|Un|Une)\s|L['’])?(?P<term>[^,.:;()|]{3,50}?)\s(?:est|sont)\s(?:une?|la|les?|des)\s"
    ),
}
_PRONOUN = re.compile(
    r"(?:it|this|that|these|those|they|there|which|what|here|ce|cela|il|elle|ils|elles)\b", re.IGNORECASE
)
_ASKS = {
    "en": ("What is {}?", "What does “{}” say about “{}”?"),
    "fr": ("Qu'est-ce que {} ?", "Que dit « {} » de « {} » ?"),
}
_PROSE = re.compile(r"[A-ZÀ-ÖØ-Þ«“].*[.!?…]$", re.DOTALL)
_FEWEST_WORDS = 6


class HeadingDrafter:
    """``What is X?`` for a sentence "X is a …", and one question for the first sentence under a heading.

    Such questions share their words with the page, so they are easier than what people ask.
    """

    name = "headings and definitions"

    async def draft(self, document: Document) -> Sequence[Draft]:
        """At most one question a sentence, in the order of the document."""
        return list(_drafts(document))


def _drafts(document: Document) -> Iterator[Draft]:
    language = document.language if document.language in _ASKS else "en"
    what_is, says = _ASKS[language]
    outline, title = Outline(document), title_of(document) or document.id
    opened: tuple[str, ...] = ()
    for sentence in split_sentences(document.text):
        if not _is_prose(sentence):
            continue
        path = outline.path_at(sentence.start)
        first, opened = path != opened and len(path) > 1, path
        defined = _DEFINES[language].match(sentence.text)
        if defined and not _PRONOUN.match(defined["term"]):
            question = what_is.format(defined["term"])
        elif first:
            question = path[-1] if path[-1].endswith("?") else says.format(title, path[-1])
        else:
            continue
        yield Draft(document.id, document.language, question, sentence.text, sentence.text)


def _is_prose(sentence: Sentence) -> bool:
    return bool(_PROSE.match(sentence.text)) and len(sentence.text.split()) >= _FEWEST_WORDS
