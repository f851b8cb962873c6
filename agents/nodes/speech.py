"""What an answer says while it is written: told as events, and inert before anybody hears it."""

from __future__ import annotations

from collections.abc import Callable

from agents.events import Event, Retracted, Token
from rag.answer.inert import InertStream, inert


class Speech:
    """The stream of one answer; all that is said, less what was taken back, is the answer's text."""

    def __init__(self, emit: Callable[[Event], None], question: str, language: str) -> None:
        self._emit = emit
        self._question = question
        self._language = language
        self._stream = InertStream(question, language)
        self._doubtful = self._held = ""

    def say(self, text: str) -> None:
        """Tells words as they come; the end of them may wait for what follows."""
        self._held += text
        if self._doubtful.startswith(self._held):
            return
        self._tell(self._stream.feed(self._held))
        self._doubtful = self._held = ""

    def withhold(self, sentence: str) -> None:
        """Holds the next words back as long as they may be the beginning of ``sentence``."""
        self._doubtful = sentence

    def dropped(self) -> bool:
        """Forgets the words held back; whether they were all that was said since ``withhold``."""
        held, self._doubtful, self._held = self._held, "", ""
        return bool(held)

    def retract(self, why: str) -> None:
        """Takes back what was said so far."""
        self.dropped()
        self._stream.rest()
        self._emit(Retracted(why))

    def end(self) -> None:
        """Tells what still waited."""
        self._tell(self._stream.feed(self._held))
        self.dropped()
        self._tell(self._stream.rest())

    def written(self, text: str) -> str:
        """The whole text as it was told."""
        return inert(text, self._question, self._language)

    def _tell(self, text: str) -> None:
        if text:
            self._emit(Token(text))
