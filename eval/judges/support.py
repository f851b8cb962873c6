"""An offline judge: our own support checker. It is lexical, and no substitute for a model's reading."""

from __future__ import annotations

import re
from collections.abc import Mapping

from eval.judges.base import Judgement, Row
from rag.lexical import content_stems
from rag.sentences import split_sentences

_MARKER = re.compile(r"\[(\d+)\]")
_AFTER_STOP = re.compile(r"([.!?…]+)((?:\s*\[\d+\])+)")
_FEWEST_WORDS = 3
"""Content words of a sentence that states something; shorter ones are headings and pleasantries."""


class SupportJudge:
    """``supported_citations``: share of citations that no check of ``rag/answer/support.py`` flags;
    ``cited_sentences``: share of the answer's sentences that carry such a citation.
    """  # noqa: D205 - two metrics, a line each

    name = "support (lexical checker of citations)"
    metrics = ("supported_citations", "cited_sentences")
    spent: Mapping[str, int] = {}

    async def score(self, row: Row) -> Mapping[str, Judgement]:
        """Both metrics; neither applies to an abstention, nor to an answer made without passages."""
        answer = row.answer
        if answer.abstained:
            return dict.fromkeys(self.metrics, Judgement.not_applicable("the answer abstains"))
        if not row.contexts:
            return dict.fromkeys(self.metrics, Judgement.not_applicable("the answer rests on no passages"))
        good = {citation.marker for citation in answer.citations if citation.supported}
        supported = [citation.supported for citation in answer.citations]
        carried = [bool(markers & good) for markers in _markers_by_sentence(answer.text, row.language)]
        return {
            "supported_citations": _share(supported, "the answer has no citations"),
            "cited_sentences": _share(carried, "the answer has no sentence that states something"),
        }


def _markers_by_sentence(text: str, language: str) -> list[set[int]]:
    # A marker behind a full stop belongs to the sentence before it; the splitter gives it to the next.
    text = _AFTER_STOP.sub(r"\2\1", text)
    return [
        {int(number) for number in _MARKER.findall(sentence.text)}
        for sentence in split_sentences(text)
        if len(content_stems(_MARKER.sub("", sentence.text), language)) >= _FEWEST_WORDS
    ]


def _share(flags: list[bool], otherwise: str) -> Judgement:
    return Judgement.scored(sum(flags) / len(flags)) if flags else Judgement.not_applicable(otherwise)
