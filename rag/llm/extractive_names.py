"""Names in a question, and which of them no passage holds: what is found is then about something else."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from rag.lexical import content_stems
from rag.llm.abbreviations import expand
from rag.llm.base import Passage

# "KV", "iPhone", "w4a16", "GPT-5", "Qwen2.5", "max_batch"; not "2,048": a plain number is the asker's own.
_NAME = re.compile(r"\b(?:[^\W_]*[A-Z][^\W_]*(?:[-.]\d+\b)?|[^\W\d_][^\W_]*\d[^\W_]*|[^\W\d_]+_\w+)")
_YEAR = re.compile(r"\b(?:in|since|by|until|en|depuis|avant) (20[0-3]\d)\b(?! \w)")
_SIZE = re.compile(r"\d+[A-Za-z]?")  # "70B" counts something
_VERSION = re.compile(r"[-.]\d+$")
_ELISION = re.compile(r"^\W*(?:[A-Za-z]|[Qq]u)['’]")
_SENTENCE_ENDS = re.compile(r"[.!?:…][\"'»”)]*$")
# Names that say nothing of the subject: a story happens on some Monday.
_ANYWHERE = re.compile(
    r"ok|ai|ia|(?:mon|tues|wednes|thurs|fri|satur|sun)day|january|february|march|april|may|june|july|august"
    r"|(?:septem|octo|novem|decem)ber",
    re.IGNORECASE,
)
_LONG = 6  # letters of a name that a longer word may begin with: "Postgres", "PostgreSQL"


def missing_names(question: str, passages: Sequence[Passage]) -> set[str]:
    """Names of ``question`` that no passage holds, neither as written nor in another form.

    Of a name with a version the version has to be there too: GPT-2 says nothing of GPT-5.
    """
    languages = {passage.language for passage in passages}
    text = " ".join(f"{passage.title} {passage.text}" for passage in passages)
    held = {stem for language in languages for stem in content_stems(text, language)}

    def holds(name: str) -> bool:
        if _VERSION.search(name):
            written = r"\W?".join(map(re.escape, re.split(r"\W", name)))
            return re.search(rf"(?<!\w){written}(?!\w)", text, re.IGNORECASE) is not None
        if len(name) >= _LONG and any(stem.startswith(name.lower()) for stem in held):
            return True
        forms = (name, *expand(name))
        return any(set(content_stems(form, language)) <= held for form in forms for language in languages)

    return {name for name in names(question) if not holds(name)}


def names(question: str) -> Iterator[str]:
    """What ``question`` calls by a name, years with it: "in 2031"."""
    yield from _YEAR.findall(question)
    begins = True
    for word in question.split():
        elided = _ELISION.sub("", word)
        for name in _NAME.findall(elided):
            # A capital that begins a sentence is grammar; inside a word ("iPhone") or after "l'" it is not.
            grammar = begins and elided == word and name.isalpha() and name[1:] == name[1:].lower()
            if not (grammar or _SIZE.fullmatch(name) or _ANYWHERE.fullmatch(name)):
                yield name
        begins = _SENTENCE_ENDS.search(word) is not None
