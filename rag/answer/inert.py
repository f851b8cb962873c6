"""Words that nothing acts on: no address that a page would fetch or link, no character that a terminal obeys.

An address written into an answer can carry what the answer was made from to whoever owns it, and a Markdown
image is fetched without a click; a mail address is where a reader is told to send what nobody should have. So
an answer holds no address, of e-mail neither, that its question does not hold; where a passage names one, the
citation's quote shows it, as data.
"""

from __future__ import annotations

import re

LEFT_OUT = {"en": "(address left out)", "fr": "(adresse omise)"}
"""What stands in an address's place, by language: in a Markdown link it is no destination."""

# A browser takes a backslash for a slash, and Markdown reads HTML's names for either.
_COLON = r"(?::|&colon;|&#0*58;|&#x0*3a;)"
_SLASH = r"(?:[/\\]|&sol;|&bsol;|&#0*(?:47|92);|&#x0*(?:2f|5c);)"
_REST = r"[^\s<>\"'`)\]}]*"
_ADDRESS = re.compile(
    rf"(?:https?|wss?|ftps?|file){_COLON}[^\s<>\"'`)\]}}]+"
    rf"|\b[a-z][a-z0-9+.-]*{_COLON}{_SLASH}{{2}}{_REST}"
    rf"|{_SLASH}{{2}}(?:[\w\u200c\u200d-]+\.)+[^\W\d_]{{2,}}{_REST}"
    rf"|\bwww\.{_REST}"
    rf"|\b(?:javascript|vbscript|mailto|blob){_COLON}{_REST}"
    rf"|\bdata{_COLON}[\w/+.-]*[;,]{_REST}",
    re.IGNORECASE,
)
# A letter ends it: "mAP@0.5" is no address.
_MAIL = re.compile(
    r"(?<![\w.+-])[\w.+-]+(?:@|&commat;|&#0*64;|&#x0*40;)(?:[\w-]+\.)+(?=[\w-]*[^\W\d_])[\w-]+",
    re.IGNORECASE,
)
_STOPS = ".,;:!?*_"
# Elements that fetch, run or send something where a page shows an answer's HTML as it is.
_ELEMENT = re.compile(
    r"<(?=/?(?:a|audio|base|embed|form|iframe|img|input|link|math|meta|object|script|style|svg|video)\b)",
    re.IGNORECASE,
)
# What terminals obey, what turns the reading direction round, and what is not seen at all. Joiners inside
# words of some scripts (U+200C, U+200D) stay.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b\u2060-\u2064\ufeff\u202a-\u202e\u2066-\u2069"
    "\U000e0000-\U000e007f\U000e0100-\U000e01ef]"
)
_LONGEST = 4096  # characters without white space that a stream holds back


def plain(text: str) -> str:
    """``text`` without characters that a terminal obeys or that nobody sees; line breaks and tabs stay."""
    return _UNSEEN.sub("", text)


def addresses(text: str) -> list[str]:
    """The addresses in ``text``, those of e-mail too, as they are written."""
    seen = plain(text)
    return [match[0].rstrip(_STOPS) for match in (*_ADDRESS.finditer(seen), *_MAIL.finditer(seen))]


def inert(text: str, question: str = "", language: str = "en") -> str:
    """``text`` with nothing in it that acts; addresses that ``question`` holds word for word stay."""
    left_out = LEFT_OUT.get(language, LEFT_OUT["en"])

    def replaced(match: re.Match[str]) -> str:
        address = match[0].rstrip(_STOPS)
        return match[0] if address in question else left_out + match[0][len(address) :]

    return _ELEMENT.sub("‹", _MAIL.sub(replaced, _ADDRESS.sub(replaced, plain(text))))


class InertStream:
    """``inert`` for a text that comes in pieces: what may still become an address waits for its end.

    No pattern crosses white space, so the pieces together are ``inert`` of the whole.
    """

    def __init__(self, question: str = "", language: str = "en") -> None:
        self._question = question
        self._language = language
        self._held = ""

    def feed(self, text: str) -> str:
        """What can be shown now."""
        held = self._held + plain(text)
        end = max((at for at, character in enumerate(held, 1) if character.isspace()), default=0)
        if len(held) - end > _LONGEST:
            end = len(held)
        self._held = held[end:]
        return inert(held[:end], self._question, self._language)

    def rest(self) -> str:
        """What was held back; the next piece begins anew."""
        held, self._held = self._held, ""
        return inert(held, self._question, self._language)
