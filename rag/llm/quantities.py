"""The quantities in a question, English or French: each number with its kind and where it stands.

``1,200``, ``2 048``, ``0,30``, ``40 million``, ``six`` and ``three in ten`` are numbers; ``60 ms``, ``5%``,
``16.1 GB``, ``36 euros an hour`` and ``eight arrive per second`` have a kind as well, and are brought to base
units: seconds, bytes, shares of one, per second.
"""

# ruff: noqa: E501 - patterns are read as wholes
from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Literal

from rag.language import detect_language
from rag.llm.cards import peaks
from rag.llm.numerals import LETTERS, NUMBER, SCALES, TWO_VALUED, read_number

Kind = Literal[
    "number",
    "share",
    "time",
    "bytes",
    "bits",
    "bandwidth",
    "money",
    "wage",
    "price",
    "rate",
    "flops",
    "dtype",
    "model",
    "unread",
]
MOST = 12
"""Quantities that are read of one question."""
_FEW = 4
_HUNDRED = 100

_WORDS = {
    "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16, "seventeen": 17,
    "eighteen": 18, "nineteen": 19, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60,
    "seventy": 70, "eighty": 80, "ninety": 90, "hundred": 100, "a dozen": 12, "deux": 2, "trois": 3,
    "quatre": 4, "cinq": 5, "sept": 7, "huit": 8, "neuf": 9, "dix": 10, "onze": 11, "douze": 12, "treize": 13,
    "quatorze": 14, "quinze": 15, "seize": 16, "dix-sept": 17, "dix-huit": 18, "dix-neuf": 19, "vingt": 20,
    "trente": 30, "quarante": 40, "cinquante": 50, "soixante": 60, "quatre-vingts": 80, "quatre-vingt": 80,
    "une dizaine": 10, "une douzaine": 12, "une vingtaine": 20, "une trentaine": 30, "une centaine": 100,
    "cent": 100, "deux cents": 200, "trois cents": 300, "quatre cents": 400, "cinq cents": 500, "fourth": 4, "seventh": 7, "eighth": 8, "ninth": 9, "eleventh": 11, "twelfth": 12, "twice": 2, "thrice": 3, "both": 2,
}  # fmt: skip
_TENS = "twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|vingt|trente|quarante|cinquante|soixante"
_ONES = "one|two|three|four|five|six|seven|eight|nine|deux|trois|quatre|cinq|sept|huit|neuf"
_WORDS |= {
    f"{ten}-{one}": _WORDS[ten] + _WORDS.get(one, 1) for ten in _TENS.split("|") for one in _ONES.split("|")
}
_PARTS = {
    "half": "0.5", "moitié": "0.5", "demie": "0.5", "demi": "0.5", "quarter": "0.25", "quart": "0.25", "fifth": "0.2", "cinquième": "0.2",
    "tenth": "0.1", "dixième": "0.1", "third": "1/3", "tiers": "1/3", "sixth": "1/6",
}  # fmt: skip
# A part after "a", "one" or a number and before "of", a place elsewhere: "third in one list, tenth in another".
_PLACES = {"third": "3", "fifth": "5", "sixth": "6", "tenth": "10"}
_BEFORE_PART = re.compile(r"\b(?:an?|one|the other) $")
_SCALES = SCALES | LETTERS | {"terabyte": 10**12}
_TIMES = {
    "ms": "0.001", "millisecond": "0.001", "milliseconds": "0.001", "milliseconde": "0.001",
    "millisecondes": "0.001", "µs": "0.000001", "us": "0.000001", "microseconds": "0.000001", "microsecondes": "0.000001", "s": "1", "sec": "1", "second": "1", "seconds": "1",
    "seconde": "1", "secondes": "1", "min": "60", "minute": "60", "minutes": "60", "h": "3600", "hour": "3600",
    "hours": "3600", "heure": "3600", "heures": "3600", "day": "86400", "days": "86400", "jour": "86400",
    "jours": "86400", "week": "604800", "weeks": "604800", "semaine": "604800", "semaines": "604800",
    "month": "2592000", "months": "2592000", "mois": "2592000", "year": "31536000",
    "years": "31536000", "ans": "31536000",
}  # fmt: skip
_PREFIXES = {
    "": 1,
    "k": 10**3,
    "m": 10**6,
    "g": 10**9,
    "t": 10**12,
    "ki": 2**10,
    "mi": 2**20,
    "gi": 2**30,
    "ti": 2**40,
}
_PRECISIONS = {"half": "16", "demi": "16", "single": "32", "simple": "32", "double": "64"}
_DTYPES = {"32": "4", "16": "2", "8": "1", "4": "0.5", "64": "8"}

_SPELT = "|".join(sorted(_WORDS, key=len, reverse=True))
_NUMBER = (
    rf"(?:(?P<digits>{NUMBER}(?:e[+-]?\d{{1,2}}(?!\d))?|(?<!\d)\.\d+)"
    rf"|(?P<word>\b(?<!pour )(?:{_SPELT})\b)|(?P<alone>\b(?:an?|one|une?)(?=[ -](?:thousand|million|milliard"
    r"|billion|trillion|hundred|terabyte)s?\b)|\bune?(?= (?:seconde|minute|heure|journée|semaine)\b)|\bone(?= (?:extra|more|spare|additional|byte|bit|minute|hour|second|day|week|month)\b)|\bun(?= (?:octet|bit)\b)|\ba(?= byte (?:each|per|a)\b)))"
)
_OCTETS = ("o", "ko", "mo", "go", "to")
_SCALE = rf"(?:[ -]?(?P<scale>(?:{'|'.join(sorted(SCALES | LETTERS, key=len, reverse=True))})\b(?!/)))?"
# What goes on after a number that was read: a letter, a digit or a power. Ordinals and factors are whole.
_UNREAD = re.compile(
    r"e[+-]?\d|(?!(?:st|nd|rd|th|ers?|[èe]res?|[èe]mes?|nde?|e|x)(?![^\W\d]))(?!x\d)(?:\w|[.,']\d| ?(?:\^|\*\*))"
)
_TIME = "|".join(sorted(_TIMES, key=len, reverse=True))
_UNIT = (
    r"(?:[ -]*(?:(?P<share>%|percent\b|per cent\b|pour cent\b|percentage points?\b|points?\b|(?P<mille>‰|per mille\b|pour mille\b))"
    r"|(?P<line>(?P<lines>[kmgt]?)(?:bits?/s|bps)\b)"
    r"|(?P<money>(?:d')?euros?\b|€|\$|eur\b|dollars?\b|cents\b)"
    r"|(?P<flops>[kmgtp]?flops?(?:/s|ps)\b|tops\b|[tp]flops\b(?! (?:per|a|of|de|par)\b))"
    r"|(?P<bytes>(?P<prefix>[kmgt]i?)?b\b|(?P<multiple>[kmg])?o\b(?! (?:to|through|there|into|in|on|from|back|out|by|past)\b)|to\b(?= de | ?[.,;?!/])|(?:kilo|méga|mega|giga|tera)?(?:bytes?|octets?)\b)(?P<speed>/s| per second| par seconde)?"
    r"|(?P<bits>bits?\b)"
    # An adjective may stand between: "25 idle minutes".
    # It is no unit itself: a 30-day month is 30 days.
    rf"|(?:(?<=[ -])(?!(?:{_TIME}|an?|per|each|every|in|of|and|or|to|par|chaque|en|de|et|le|la)\b)[^\W\d]+ )?(?P<time>(?:{_TIME})\b)))?"
)
_QUANTITY = re.compile(rf"(?<![\w.])(?<!\w\+)(?P<sign>[$€] ?)?{_NUMBER}{_SCALE}{_UNIT}")
_PER = re.compile(
    r"(?P<noun>(?: (?!and\b|et\b|a\b|par\b|per\b|is\b|are\b|how\b|what\b|est\b)[\w'’-]+){0,4})"
    rf"(?:/ ?(?:gpu-)?| (?:per|each|every|par|chaque) (?:[^\W\d]+[ -])?| (?:an?|the|la|le) | (?:de |à )?l')(?P<unit>{_TIME})\b"
)
_RATES = re.compile(r" ?(?P<rate>qps|rps|tps|hz|rpm|tpm)\b")
_PER_MILLION = re.compile(r" ?(?:for a|for one|per|a|le|par|the|du|/) ?(?:1 ?|one )?(?:million|m)\b")
_COUNT = rf"(?:\d+|(?:{_SPELT}|one|une?)(?!-))"
_ROUND = {2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 25, 30, 40, 50, 100, 200, 500, 1000, 2000, 5000, 10000}
_WHOLES = {"hundred": 100, "cent": 100, "cents": 100, "thousand": 1000, "mille": 1000}
_IN_ALL = re.compile(
    rf"(?<!stage )(?<!étage )(?<!stade )(?<!zero[ -])\b(?P<part>{_COUNT}|once)(?: [\w'-]+){{0,3}}? (?:in|out of|of every|sur) (?P<whole>{_COUNT}|an?(?= (?:hundred|thousand)))"
    r"(?: (?P<scale>hundred|thousand|cents?|mille))?\b(?! ?(?:[a-z]*b|ms|s|seconds?|minutes?|hours?|days?|gpus?|cards?|cartes?)\b)"
)
_AND_A_HALF = re.compile(rf"\b(?P<count>{_COUNT}) and a half (?P<unit>{_TIME}|million|billion)\b")
_FRACTION = re.compile(r"(?<![\w./-])(?P<part>[1-9])/(?P<whole>[1-9]\d?)(?![\w/]|[.,]\d|-)")
_PART = re.compile(
    rf"\b(?:(?P<many>two|three|four|deux|trois|quatre|2|3|4) )?(?P<part>{'|'.join(_PARTS)})s?\b(?!-(?:width|life|lives|duplex|vie|precision|précision))"
)
# "A third query" is one more, "a third of the queries" a part.
_ORDINAL = re.compile(
    r" (?:query|search|list|answer|reply|question|passage|page|document|system|model|layer|attempt|call|request|run"
    r"|card|node|shard|replica|stage|step|test|metric|reviewer|judge|expert|token|score|hop|variant|one|finds?|found|has|had|gets?|got|never|misses|fails)\b"
)
_OF_MANY = re.compile(r"(?: an?| de|-)? ?(?P<scale>million|thousand|billion|dozen|milliard)s?\b")
_OF_A_TIME = re.compile(rf"(?: of)?(?:-| an? | d')(?P<unit>{_TIME})\b")
# Before a number with a name of its own, which is not the first of a list: "M = 24, 2% of the nodes".
_NAMED = re.compile(r"(?:=|\b(?:top|ranks?|[b-z])) ?$")
_LISTED = re.compile(r",? (?:and|or|then|to|et|ou|puis|à) |, ?| ?/ ?")
_ALSO = re.compile(
    r"(?:(?! (?:our|my|own|notre|mon) )[^.;:?\d]){0,40}?(?:\b(?:and|et|but|then|versus|against|contre)|,|/) ?(?:for )?"
)
_DTYPE = re.compile(
    r"\b(?:fp|float|bf|int|uint|f)-?(?P<bits>64|32|16|8|4)\b|\b(?P<named>half|demi|single|simple|double)[- ](?:pr[eé]cision|floats?\b|flottants?\b)"
)
# A model by its family, with what tells it from others of it: "llama 3 8b", "mistral small 24b", "gpt-2".
_MODEL = re.compile(
    r"\b(?:(?P<family>mistral|mixtral)(?:'s)?|(?:llama|qwen|gemma|phi|falcon|deepseek|gpt|opt)(?=[- ]?v?\d))"
    r"(?:[- ]?v?\d(?:\.\d+)?(?![\w.]|[ -](?:gpu|card|token|user|request|sequence|conversation)))?"
    r"(?:[- ](?:small|medium|large|nemo|tiny|mini)\b(?:[- ]\d(?:\.\d+)?(?![\w.]))?)?"
    r"(?:[- ]?(?:\d+x)?\d+(?:\.\d+)?b\b)?"
)
_MODELS = {
    "mistral": "mistral-7b",
    "mixtral": "mixtral-8x7b",
    "llama-2": "llama-2-7b",
}
"""The tools' names of models that are called by less."""
# Numbers that are part of another name.
_NAMES = re.compile(
    r"\b(?:(?:rtx|geforce)[ -]?\d+(?: ?(?:ti|super|ada))?|[345]0[6-9]0s?|[ahblv][1-9]\d{1,2}s?|mi\d{3}x?|l4|t4|m/m/1|f1|l2"
    r"|top[- ]p|p9\d|p50|round \d|version \d)(?!\w|,\d)"
)


@dataclass(frozen=True, slots=True)
class Mention:
    """A quantity of a question: ``text[start:end]``, in base units; ``literal`` is it as an expression.

    A small number in letters, a factor and the 5 of ``recall@5`` are ``incidental``: two may count something
    (two experts) or just be said (two assistants), so that nothing is missing where no formula uses it. So is
    what a named card can do. What is ``unread`` goes on in a way that no rule knows: no formula takes it, and
    none is sure beside it.
    """

    start: int
    end: int
    kind: Kind
    literal: str
    incidental: bool = False

    @property
    def value(self) -> float:
        """The literal as a number."""
        above, _, below = self.literal.partition("/")
        return float(above) / float(below or 1)


def plain(question: str) -> str:
    """The question as quantities and cues are looked for in it: lower case, plain spaces and signs."""
    signs = str.maketrans({"\u00a0": " ", "\u202f": " ", "−": "-", "–": "-", "’": "'", "×": "x"})
    return " ".join(question.translate(signs).lower().split())


def mentions(text: str) -> list[Mention]:
    """The quantities of a ``plain`` text, at most ``MOST``, in their order; none stands inside another."""
    models = [*_models(text)]
    cards = [Mention(*peak, incidental=True) for peak in peaks(text)]
    for pattern in (_MODEL, _NAMES):
        text = pattern.sub(lambda match: " " * len(match[0]), text)
    found: list[Mention] = []
    for mention in (*models, *_dtypes(text), *_shares(text), *_numbers(text)):
        if not any(mention.start < other.end and other.start < mention.end for other in found):
            found.append(mention)
    told = {mention.kind for mention in found}
    found += [card for card in cards if card.kind not in told]
    return _priced(text, _listed(text, sorted(found, key=lambda mention: mention.start)[:MOST]))


def without(text: str, found: Iterable[Mention]) -> str:
    """``text`` with blanks where quantities stand: what is left says what is asked for."""
    for mention in found:
        text = text[: mention.start] + " " * (mention.end - mention.start) + text[mention.end :]
    return text


def _listed(text: str, found: list[Mention]) -> list[Mention]:
    """Bare numbers before one with a unit have that unit as well: ``0.5, 1 and 2 seconds``."""
    for place in range(len(found) - 2, -1, -1):
        one, after = found[place], found[place + 1]
        shared = one.kind == "number" and after.kind in ("time", "bytes", "bandwidth", "share", "flops")
        shared = shared and not _NAMED.search(text, 0, one.start)
        if (
            shared
            and _LISTED.fullmatch(text, one.end, after.start)
            and (told := _QUANTITY.match(text, after.start))
        ):
            unit = Decimal(after.literal) / (_number(told) or 1) if "/" not in after.literal else Decimal(1)
            value = Decimal(one.literal) * unit
            found[place] = Mention(one.start, one.end, after.kind, _literal(value))
    return found


def _priced(text: str, found: list[Mention]) -> list[Mention]:
    """Money right after a price and "and" is a price as well: ``0.40 € per million in and 1.20 € out``."""
    for place in range(1, len(found)):
        before, one = found[place - 1], found[place]
        if before.kind == "price" and one.kind == "money" and _ALSO.fullmatch(text, before.end, one.start):
            found[place] = replace(one, kind="price", literal=_literal(Decimal(one.literal) / 10**6))
    return found


def unknown_model(text: str) -> str | None:
    """The first model in a ``plain`` text that the tools do not know, as it stands there."""
    return next((match[0] for match in _MODEL.finditer(text) if _called(match) not in _MODELS.values()), None)


def _models(text: str) -> Iterator[Mention]:
    """The models that the tools know, by their names; no other of the same family stands for one."""
    for match in _MODEL.finditer(text):
        if (known := _called(match)) in _MODELS.values():
            yield Mention(*match.span(), "model", known)


def _called(match: re.Match[str]) -> str:
    name = re.sub(r"'s|(?<=[a-uwyz])(?=\d)", lambda gap: "" if gap[0] else "-", match[0])
    name = re.sub(r"[ -]+", "-", name)
    return _MODELS.get(name, name)


def _dtypes(text: str) -> Iterator[Mention]:
    for match in _DTYPE.finditer(text):
        yield Mention(*match.span(), "dtype", _DTYPES[match["bits"] or _PRECISIONS[match["named"]]])


def _shares(text: str) -> Iterator[Mention]:
    """``three questions in ten``, ``9 fois sur 10``, ``half``, ``half a percent``, ``two thirds``."""
    for match in _IN_ALL.finditer(text):
        part, whole = _count(match["part"]), _count(match["whole"]) * _WHOLES.get(match["scale"] or "", 1)
        if 0 < part < whole and whole in _ROUND:
            yield Mention(*match.span(), "share", f"{part}/{whole}")
    for match in _AND_A_HALF.finditer(text):
        value = Decimal(_count(match["count"])) + Decimal("0.5")
        unit = match["unit"]
        kind: Kind = "time" if unit in _TIMES else "number"
        yield Mention(*match.span(), kind, _literal(value * Decimal(_TIMES.get(unit) or SCALES[unit])))
    for match in _FRACTION.finditer(text):
        if int(match["part"]) < int(match["whole"]):
            yield Mention(*match.span(), "share", match[0])
    for match in _PART.finditer(text):
        percent = re.match(r" (?:an?|one|de|of an?) ?(?:percent|per cent|pour cent)", text[match.end() :])
        counted = match["many"] or _BEFORE_PART.search(text[: match.start()])
        of_many = re.match(r"s\b| of\b(?! \d)", text[match.end("part") :])
        counted = counted and not _ORDINAL.match(text, match.end())
        if match["part"] in _PLACES and not counted and not of_many:
            # "It misses the third": nothing is said of what it counts.
            alone = match["part"] == "third" and not re.match(r" \w", text[match.end() :])
            yield Mention(*match.span(), "number", _PLACES[match["part"]], alone)
            continue
        if scaled := _OF_MANY.match(text, match.end()):
            above, _, below = _PARTS[match["part"]].partition("/")
            value = Decimal(above) * _count(match["many"] or "one") * SCALES[scaled["scale"]]
            yield Mention(match.start(), scaled.end(), "number", _literal(value / Decimal(below or 1)))
            continue
        if timed := _OF_A_TIME.match(text, match.end()):
            above, _, below = _PARTS[match["part"]].partition("/")
            seconds = Decimal(above) * Decimal(_TIMES[timed["unit"]]) / Decimal(below or 1)
            yield Mention(match.start(), timed.end(), "time", _literal(seconds))
            continue
        many = {"two": 2, "deux": 2, "three": 3, "trois": 3, "four": 4, "quatre": 4}.get(
            match["many"] or "", 1
        )
        above, _, below = _PARTS[match["part"]].partition("/")
        top = Decimal(above) * many / (100 if percent else 1)
        yield Mention(
            match.start(), match.end() + (percent.end() if percent else 0), "share",
            f"{_literal(top)}/{below}" if below else _literal(top),
        )  # fmt: skip


def _count(word: str) -> int:
    return int(word) if word.isdigit() else _WORDS.get(word, 1)


def _numbers(text: str) -> Iterator[Mention]:
    for match in _QUANTITY.finditer(text):
        value, end = _number(match), match.end()
        # "Go" and "to" are words elsewhere: "where does position 5,000 go?"
        if match["bytes"] in _OCTETS and not match["speed"] and detect_language(text) != "fr":
            yield Mention(
                match.start(), len(text[: match.start("bytes")].rstrip(" -")), "number", _literal(value)
            )
            continue
        if _UNREAD.match(text, end) or (match["scale"] in TWO_VALUED and detect_language(text) == "fr"):
            yield Mention(match.start(), end, "unread", _literal(value))
            continue
        known = any(match[unit] for unit in ("time", "bytes", "bits", "line", "flops"))
        if known or _is_share(match, value):
            # "In one hour" may just be said.
            yield Mention(match.start(), end, *_measured(match, value), bool(match["alone"]))
            continue
        money = bool(match["money"] or match["sign"])
        per = _PER.match(text, end)
        if money and (million := _PER_MILLION.match(text, end)):
            yield Mention(match.start(), million.end(), "price", _literal(value / 10**6))
        elif letters := _RATES.match(text, end):
            per_minute = letters["rate"].endswith("pm")
            yield Mention(
                match.start(), letters.end(), "rate", _literal(value) + ("/60" if per_minute else "")
            )
        elif per and not (per["noun"] and re.search(r"\d", per["noun"])):
            kind: Kind = "wage" if money else "rate"
            seconds = Decimal(_TIMES[per["unit"]])
            literal = _literal(value) if seconds == 1 else f"{_literal(value)}/{_literal(seconds)}"
            # Nouns between stay outside, so that they can be cues.
            yield Mention(match.start(), end, kind, literal)
        else:
            few = bool(match["word"]) and value <= _FEW
            cut_off = text[: match.start()].endswith("@")  # the k of recall@k
            spoken = bool(match["alone"]) or value == 1 or few or cut_off or text[end : end + 2] == "x "
            yield Mention(match.start(), end, "money" if money else "number", _literal(value), spoken)


def _number(match: re.Match[str]) -> Decimal:
    if match["word"]:
        value = Decimal(_WORDS[match["word"]])
    elif match["alone"]:
        value = Decimal(1)
    else:
        value = read_number(match["digits"])
    return value * _SCALES.get(match["scale"] or "", 1)


def _is_share(match: re.Match[str], value: Decimal) -> bool:
    """Whether it is a part of one hundred: three million points are points of a space."""
    return bool(match["share"]) and (value <= _HUNDRED or not match["share"].startswith("point"))


def _measured(match: re.Match[str], value: Decimal) -> tuple[Kind, str]:
    if match["time"]:
        return "time", _literal(value * Decimal(_TIMES[match["time"]]))
    if match["share"]:
        return "share", _literal(value / (1000 if match["mille"] else 100))
    if match["line"]:
        return "bandwidth", _literal(value * _PREFIXES[match["lines"]] / 8)
    if match["bits"]:
        return "bits", _literal(value)
    if match["flops"]:
        scale = {"k": 10**3, "m": 10**6, "g": 10**9, "t": 10**12, "p": 10**15}.get(match["flops"][0], 1)
        return "flops", _literal(value * scale)
    word = {"kilo": "k", "méga": "m", "mega": "m", "giga": "g", "tera": "t"}
    prefix = (
        match["prefix"]
        or match["multiple"]
        or next((short for long, short in word.items() if match["bytes"].startswith(long)), "")
    )
    prefix = prefix or ("t" if match["bytes"] == "to" else "")
    return ("bandwidth" if match["speed"] else "bytes"), _literal(value * _PREFIXES[prefix])


def _literal(value: Decimal) -> str:
    """A number as an expression has it: without exponent where it is short."""
    return f"{value.normalize():f}" if -8 < value.adjusted() < 16 else f"{value.normalize():e}"
