"""Questions that lean on the conversation before them, recognised and joined to it by rule."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.language import detect_language
from rag.lexical import content_stems
from rag.llm.base import Message
from rag.llm.extractive_arithmetic import find_expression

# Words that point back into the conversation; "how long does it take" and "is it true" point nowhere.
_POINTING = re.compile(
    r"\b(?:(?<!does )(?<!is )(?<!was )(?<!would )it|its|they|them|their|that|this|these|those|ones?|same"
    r"|il|elle|ils|elles|cela|ça|celui|celle|leurs?|lui|ce|ces|cette|même)\b",
    re.IGNORECASE,
)
_GOING_ON = re.compile(
    r"^\s*(?:and|but|so|why|how so|then|or|still|same|just|(?:would|could|should|is)n't"
    r"|et|mais|alors|donc|pourquoi|ou)\b",
    re.IGNORECASE,
)
# What only an earlier turn can be compared with or added to.
_LEANING = re.compile(
    r"\b(?:instead|else|though|also|still|too|more|less|rather|second|other|another|several of|such|different"
    r"|anything|the point|the catch|plutôt|aussi|encore|autre|davantage)\b|\b(?:what|how) (?:if|about)\b",
    re.IGNORECASE,
)
_INSTEAD = re.compile(
    r"(?P<new>[\w.,%]+) (?:instead of|rather than|au lieu de|plutôt que) (?P<old>[\w.,%]*[\w%])",
    re.IGNORECASE,
)
# "And AWQ?", "Et pour Mixtral ?": nothing but another subject for what was asked before.
_ONLY_SUBJECT = re.compile(
    r"^\W*(?:and|but|or|what about|how about|et|mais|quid|qu'en est-il)\b"
    r"(?!.*\b(?:what|how|why|which|who|when|where|do|does|did|is|are|can|will"
    r"|que|quels?|quelles?|comment|pourquoi|combien|où|quand|est)\b)(?P<rest>[^?]*)\W*$",
    re.IGNORECASE,
)
_NAMED = re.compile(r"(?<![.?!] )\b[A-Z][\w.+-]*\w(?: (?:[A-Z\d][\w.+-]*\w))*")
_FEW, _SOME, _MANY = 3, 7, 11  # words of content
_SAID = 240
"""Characters of the answer before that a search takes in: its first sentence or two."""


def follow_up(question: str, messages: Sequence[Message]) -> str:
    """``question`` with the one before it in front, where it leans on it ("And why is that?").

    Where that one leaned too, the one that both are about comes first. A question is taken for a follow-up
    that says little by itself, or not much and points back. One that only puts a number or name in another's
    place ("And AWQ?") becomes the earlier question with it; one that has the earlier question in front
    already stays as it is.
    """
    before = _before(question, messages)
    if not before or own_part(question, messages):
        return question
    # A sum is complete however short it is.
    if not leans(question) and (_length(question) > _SOME or find_expression(question)):
        return question
    return _swapped(question, before[-1]) or " ".join([*before, question])


def leans(question: str) -> bool:
    """Whether the words of ``question`` point back at what was said or go on with it."""
    length = _length(question)
    going = _GOING_ON.search(question)
    if length <= _FEW and (going or _POINTING.search(question)):
        return True
    if length <= _SOME and (going or _LEANING.search(question)):
        return True
    return length <= _MANY and bool(_POINTING.search(question))


def own_part(question: str, messages: Sequence[Message]) -> str:
    """What a joined question asks itself, without the earlier ones that ``follow_up`` put in front of it.

    Empty where nothing was put there.
    """
    own = question
    for message in messages:
        if message.role == "user":
            own = own.removeprefix(f"{message.content} ")
    return own if own != question else ""


def searches(question: str, own: str, messages: Sequence[Message]) -> list[str]:
    """What to look up for a joined question: with the answer before, which names what it points at.

    One that is only short may also have changed the subject, and is looked up by itself too.
    """
    said = _said(messages)
    joined = [f"{question[: -len(own)]}{said} {own}", f"{said} {own}"] if said else [question]
    return joined if leans(own) else [*joined, own]


def _before(question: str, messages: Sequence[Message]) -> list[str]:
    """The question before this one; in front of it, if it leaned on others, the one that they began with."""
    asked = [one.content for one in messages if one.role == "user" and one.content != question]
    first = len(asked) - 1
    while first > 0 and leans(asked[first]):
        first -= 1
    return [asked[first], asked[-1]] if first < len(asked) - 1 else asked[-1:]


def _swapped(question: str, before: str) -> str:
    """``before`` with the number or name that ``question`` puts in another's place; empty if it does not."""
    swap = _INSTEAD.search(question)
    if swap and re.search(rf"\b{re.escape(swap['old'])}\b", before):
        return re.sub(rf"\b{re.escape(swap['old'])}\b", swap["new"], before, count=1)
    subject = _ONLY_SUBJECT.search(question)
    if subject is None or _length(subject["rest"]) > _FEW:
        return ""
    new, old = _NAMED.findall(subject["rest"]), set(_NAMED.findall(before.partition(" ")[2]))
    if len(new) == len(old) == 1 and not old & set(new):
        return before.replace(old.pop(), new[0])
    return ""


def _said(messages: Sequence[Message]) -> str:
    answered = [message.content for message in messages if message.role == "assistant"]
    said = " ".join(answered[-1].split()) if answered else ""
    return said if len(said) <= _SAID else said[:_SAID].rpartition(" ")[0]


def _length(question: str) -> int:
    return len(content_stems(question, detect_language(question)))
