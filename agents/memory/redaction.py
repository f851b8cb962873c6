"""Taking a deleted document out of what was said: its citations, its passages, and quoted sentences."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from typing import Any

from rag.llm.base import Message
from rag.sentences import split_sentences
from rag.types import Citation, Hit

REMOVED = "[removed]"
"""Stands where quoted sentences stood."""

_RUN = 8
"""Words in a row that are a quote: fewer are a name, a phrase or a fact that any text may share."""
_FEWEST = 3  # words of a sentence that can be a quote as a whole

_WORD = re.compile(r"\w+(?:[.,]\d+)*")
_MARKER = re.compile(r"\[\d+\]")
# One mark for several sentences, without the markers of the citations that went.
_REPEATED = re.compile(rf"{re.escape(REMOVED)}(?:\s*(?:{re.escape(REMOVED)}|{_MARKER.pattern}))+")
_ASKED = ("question", "query")  # the user's own words, in a state


class Redaction:
    """The documents to take out: their ids, and their texts to know quotes by.

    A sentence is quoted if it shares ``_RUN`` words in a row with a text, or as a whole stands in one. What a
    model said in other words cannot be told from what it knew, and stays.
    """

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._ids = frozenset(texts)
        self._runs = set[str]()
        self._texts = list[str]()
        for text in texts.values():
            words = _words(text)
            self._runs.update(_runs(words))
            self._texts.append(f" {' '.join(words)} ")

    def without(self, value: Any) -> Any:
        """``value`` without the documents: equal to ``value`` where there is nothing of them in it.

        Goes through lists, tuples, mappings and the dataclasses of the system. What the user said stays.
        """
        match value:
            case str():
                return self.text(value)
            case Message(role="user"):
                return value
            case Mapping():
                return {key: one if key in _ASKED else self.without(one) for key, one in value.items()}
            case list() | tuple():
                return type(value)(self.without(one) for one in value if not self._of_them(one))
            case _ if is_dataclass(value) and not isinstance(value, type):
                parts = {field.name: self.without(getattr(value, field.name)) for field in fields(value)}
                return replace(value, **parts)
        return value

    def text(self, text: str) -> str:
        """``text`` with ``REMOVED`` in the place of the sentences that are quoted."""
        for sentence in reversed(split_sentences(text)):
            if self._quoted(sentence.text):
                text = text[: sentence.start] + REMOVED + text[sentence.end :]
        return _REPEATED.sub(REMOVED, text)

    def _quoted(self, sentence: str) -> bool:
        words = _words(_MARKER.sub(" ", sentence))
        if len(words) >= _RUN:
            return any(run in self._runs for run in _runs(words))
        whole = f" {' '.join(words)} "
        return len(words) >= _FEWEST and any(whole in text for text in self._texts)

    def _of_them(self, value: Any) -> bool:
        match value:
            case Citation(document_id=document_id):
                return document_id in self._ids
            case Hit(chunk=chunk):
                return chunk.document_id in self._ids
        return False


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())


def _runs(words: Sequence[str]) -> list[str]:
    return [" ".join(words[start : start + _RUN]) for start in range(len(words) - _RUN + 1)]
