"""Questions that lean on the conversation before them, recognised and joined to it by rule."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from rag.answer.abstention import is_abstention
from rag.language import detect_language
from rag.lexical import content_stems
from rag.llm.base import Message
from rag.llm.extractive_functions import gone_on, sum_of
from rag.llm.extractive_swaps import exchanges, repeats, swapped

# Words that point back into the conversation; "how long does it take" and "is it true" point nowhere.
_POINTING = re.compile(
    r"\b(?:(?<!does )(?<!is )(?<!was )(?<!would )it|its|they|them|their|that|this|these|those|ones?|same"
    r"|il|elle|ils|elles|cela|ça|celui|celle|leurs?|lui|ce|ces|cette|même)\b",
    re.IGNORECASE,
)
_STANDS_FOR = re.compile(
    r"\b(?:it|its|they|them|their|that|this|these|those|ones?|same|such|there"
    r"|il|elle|ils|elles|cela|ça|celui|celle|leurs?)\b",
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
_NEW_SUBJECT = re.compile(
    r"^\W*(?:(?:leave|forget) (?:that|it)|never mind|(?:on )?another (?:matter|question|subject|topic|note)"
    r"|something else|by the way|autre (?:chose|question|sujet)|laissons (?:cela|ça)|au fait|rien à voir"
    r"|changeons de sujet)\b",
    re.IGNORECASE,
)
# "What is BM25?", "Qu'est-ce qu'un index ?" say all: they name something, or ask for one of many.
_COMPLETE = re.compile(
    r"^\W*(?i:what(?:'s| is| are)|qu'est-ce qu(?:e |')|c'est quoi )\W*"
    r"(?:(?i:an?|une?) \w+|(?:(?i:the|le|la|les) |[lL]')?(?=[\w-]*[A-Z\d])[\w.+-]+(?: [A-Z\d][\w.+-]*)*)\W*$"
)
_ASKED_BEFORE = re.compile(
    r"\b(?:what did I (?:just )?ask(?: you)?|(?:what|which) (?:was|is) my (?=\w+ question)"
    r"|quelle (?:était|est|fut) ma"
    r"|qu'ai-je (?:demandé|posé)|qu'est-ce que (?:j'ai|je t'ai|je vous ai) demandé)"
    r"\W*(?:(?:question )?(?:au |the |en |d')?)?(?:(?P<first>first|at first|première?|début|premier|abord)"
    r"|last|before|previous(?:ly)?|just now|dernière?|avant|précédente?|dernier)(?: question)?\W*$",
    re.IGNORECASE,
)
_ASKED = (
    ("Your question before: “{}”", "The first question that I have of you here: “{}”"),
    ("Votre question précédente : « {} »", "La première question que j'ai de vous ici : « {} »"),
)
_ASKED_NOTHING = ("Nothing was asked before.", "Rien n'a été demandé auparavant.")
# "And how far is it to the moon?": the first word goes on, the rest asks in full.
_ASKS_IN_FULL = re.compile(
    r"^\W*(?:and|but|so|et|mais)\W+(?:what|which|who|where|how|quel(?:le)?s?|qui|où|comment|combien)\b(?=(?:\W+\w+){3})",
    re.IGNORECASE,
)
SUMMARY = "(Earlier in this conversation)\n"
"""Before the beginning of a conversation that was shortened; by rule, a line for each message."""
_LINE = re.compile(r"^(?P<role>user|assistant): (?P<said>.*)$", re.MULTILINE)
_CUT = re.compile(r"… \[cut: [\d,]+ characters\]$")
_FEW, _SOME, _MANY = 3, 7, 11  # words of content
_SAID = 240
"""Characters of the answer before that are taken in: its first sentence or two."""
_PHRASES = 6
"""Phrases of the question before, and of the answer, that a follow-up may point at."""
_TURNS = 6
"""Questions that are gone back over, each the one before with other quantities."""
_MARKER = re.compile(r"\s*\[\d+\]")
_WORD_OR_STOP = re.compile(r"[\w'’.+()/-]*[\w)]|[,;:?.!]")


def follow_up(question: str, messages: Sequence[Message]) -> str:
    """``question`` with the one before it in front, where it leans on it ("And why is that?").

    Where that one leaned too, the one that both are about comes first. A question is taken for a follow-up
    that says little by itself, or not much and points back. One that only puts a quantity or name in
    another's place ("And AWQ?") becomes the earlier question with it. One that was joined or put so already
    stays as it is, and so does one that announces another subject.
    """
    before = _before(question, messages)
    if not before or own_part(question, messages):
        return question
    if any(repeats(question, one) for one in (before[-1], " ".join(before))) and not _GOING_ON.match(
        question
    ):
        return question
    if _NEW_SUBJECT.match(question) or _COMPLETE.match(question.replace("’", "'")):
        return question
    # A sum is complete however short it is.
    if not leans(question) and (_length(question) > _SOME or sum_of(question)):
        return question
    return " ".join(_exchanged(question, before) or [*before, question])


def leads(question: str, messages: Sequence[Message]) -> list[str]:
    """What a question was joined to, or what it asks again with other quantities; the latest first.

    Then what that is itself with other quantities, and so on.
    """
    own = own_part(question, messages)
    found = [question.removesuffix(own).strip() if own else question]
    for before in reversed([" ".join(before) for before in _led(question, messages)]):
        if before and exchanges(found[-1], before):
            found.append(before)
    return found[: _TURNS + 1] if own else found[1 : _TURNS + 1]


def leading(messages: Sequence[Message]) -> str:
    """What a next question would go on from: the last one, made self-contained; empty if there is none."""
    return " ".join(_before("", messages))


def asked_before(question: str, messages: Sequence[Message]) -> str:
    """What is answered to "What did I ask first?"; empty where something else is asked."""
    match = _ASKED_BEFORE.search(question.replace("’", "'"))
    if match is None:
        return ""
    language = detect_language(question)
    # The last message is this question.
    asked = [one.content for one in _turns(messages[:-1]) if one.role == "user" and one.content]
    if not asked:
        return _ASKED_NOTHING[language == "fr"]
    first = bool(match["first"])
    told = asked[0] if first else asked[-1]
    return _ASKED[language == "fr"][first].format(told)


def leans(question: str) -> bool:
    """Whether the words of ``question`` point back at what was said or go on with it."""
    length = _length(question)
    going = _GOING_ON.search(question)
    if length <= _FEW and (going or _POINTING.search(question)):
        return True
    if length <= _SOME and (going or _LEANING.search(question)):
        return True
    return length <= _MANY and bool(_POINTING.search(question))


def in_full(question: str) -> bool:
    """Whether ``question`` may be asked without the one before it, however short or joined to it."""
    if not leans(question):
        return True
    return not (_POINTING.search(question) or _LEANING.search(question)) and bool(
        _ASKS_IN_FULL.match(question)
    )


def own_part(question: str, messages: Sequence[Message]) -> str:
    """What a joined question asks itself, without the earlier ones that ``follow_up`` put in front of it.

    Empty where nothing was put there.
    """
    # The last message may be a prompt with passages, so any turn's question may be the one in front.
    leads = [" ".join(before) + " " for before in _led(question, messages) if before]
    return question.removeprefix(
        max((led for led in leads if question.startswith(led)), key=len, default=question)
    )


def searches(question: str, own: str) -> list[dict[str, str]]:
    """What to look up for a joined question: words of the user's, never those of an answer.

    The whole, and its own part in the documents that the question before it is about. One that is only short
    may also have changed the subject, and is looked up by itself too.
    """
    within = {"query": own, "about": question.removesuffix(own).strip()}
    return [{"query": question}, within, *([] if leans(own) else [{"query": own}])]


@dataclass(frozen=True, slots=True)
class FollowUp:
    """The own part of a joined question, and what it may stand for.

    ``said`` is the beginning of the answer before it, ``told`` all that was said, with ``own`` at the end.
    ``readings`` are ``own`` with a phrase of what was said in the place of what points at it, or beside it.
    """

    own: str
    said: str
    told: str
    readings: tuple[str, ...]


def read_follow_up(question: str, messages: Sequence[Message]) -> FollowUp | None:
    """How a joined question can be read; ``None`` for one that nothing was put in front of."""
    own = own_part(question, messages)
    if not own:
        return None
    before, said = question.removesuffix(own).strip(), _said(messages)
    phrases = dict.fromkeys([*_phrases(before)[-_PHRASES:], *_phrases(said)[:_PHRASES]])
    readings = tuple(_put(phrase, own) for phrase in phrases) or (own,)
    return FollowUp(own, said, " ".join(filter(None, (before, said, own))), readings)


def _before(question: str, messages: Sequence[Message]) -> list[str]:
    """The question before this one; in front of it, if it leaned on others, the one that they began with."""
    return list(_led(question, messages))[-1]


def _led(question: str, messages: Sequence[Message]) -> Iterator[list[str]]:
    """After each question what leads to the next one: see ``_before``.

    One that put a quantity or name in another's place stands there as the question that it asked. One that
    found no answer leads to nothing, or to what it leaned on.
    """
    before: list[str] = []
    yield before
    asked = [one for one in _turns(messages) if one.role == "assistant" or one.content != question]
    for one, reply in zip_longest(asked, asked[1:]):
        if one.role != "user":
            continue
        if not one.content:
            before = []
        elif before and (made := _exchanged(one.content, before)):
            before = made
        elif reply and reply.role == "assistant" and is_abstention(reply.content):
            before = before if leans(one.content) else []
        else:
            before = [before[0], one.content] if before and leans(one.content) else [one.content]
        yield before


def _exchanged(question: str, before: Sequence[str]) -> list[str]:
    """``before`` with what ``question`` puts in another's place or does to its sum; empty if nothing."""
    if (expression := sum_of(before[-1])) and (made := gone_on(question, expression)):
        return [f"{made}?"]
    if len(before) > 1 and (made := swapped(question, " ".join(before))):
        return [made]
    made = swapped(question, before[-1])
    return [*before[:-1], made] if made else []


def _turns(messages: Sequence[Message]) -> Iterator[Message]:
    """The messages, with those of a summary by rule in its place; a question cut there says nothing."""
    for message in messages:
        if message.role != "user" or not message.content.startswith(SUMMARY):
            yield message
            continue
        for line in _LINE.finditer(message.content):
            cut = line["role"] == "user" and _CUT.search(line["said"])
            yield Message("user" if line["role"] == "user" else "assistant", "" if cut else line["said"])


def _said(messages: Sequence[Message]) -> str:
    answered = [message.content for message in messages if message.role == "assistant"]
    said = " ".join(_MARKER.sub("", answered[-1]).split()) if answered else ""
    return said if len(said) <= _SAID else said[:_SAID].rpartition(" ")[0]


def _phrases(text: str) -> list[str]:
    """The runs of words of content: of "a long-context model reads the text first" three."""
    language, phrases = detect_language(text), [list[str]()]
    for word in _WORD_OR_STOP.findall(text):
        if content_stems(word, language):
            phrases[-1].append(word)
        else:
            phrases.append([])
    return [" ".join(words) for words in phrases if words]


def _put(phrase: str, own: str) -> str:
    """``own`` with ``phrase`` for the first word that points back, or in brackets behind."""
    pointing = _STANDS_FOR.search(own)
    if pointing is None:
        return f"{own.rstrip(' ?.')} ({phrase})?"
    return f"{own[: pointing.start()]}{phrase}{own[pointing.end() :]}"


def _length(question: str) -> int:
    return len(content_stems(question, detect_language(question)))
