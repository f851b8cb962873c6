"""What labels alone say of an answer: citations against gold passages, words against a reference."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping

from eval.judges.base import Judgement
from eval.questions import Question
from eval.text import covered, exact_match, token_f1
from rag.types import Answer, Citation

METRICS = (
    "citation_precision_documents",
    "citation_recall_documents",
    "citation_precision_quotes",
    "citation_recall_quotes",
    "quote_coverage",
    "exact_match",
    "token_f1",
)
_MARKER = re.compile(r"\[\d+\]")
QUOTED = 0.5
"""The share of its words (see ``eval.text.covered``) from which a gold quote counts as cited."""


def score_answer(question: Question, answer: Answer) -> Mapping[str, Judgement]:
    """A judgement for each of ``METRICS``.

    Of an unanswerable question only the abstention matters, so none applies. An answerable one that gets
    an abstention scores 0 in recall, coverage and F1, and has no citations to be precise.

    - ``citation_precision_documents``: share of citations whose document is a gold one;
    - ``citation_recall_documents``: share of gold documents that are cited;
    - ``citation_precision_quotes``: share of citations that quote a gold passage of their document, or
      are part of one (half of its words or more);
    - ``citation_recall_quotes``: share of gold quotes of which citations hold half of the words or more;
    - ``quote_coverage``: share of the words of a gold quote that citations hold, averaged over the quotes;
    - ``exact_match``: 1 if the answer's words are the reference's, articles aside, else 0 (SQuAD, 2016);
    - ``token_f1``: overlap of words with the reference answer.
    """
    if not question.answerable:
        return dict.fromkeys(METRICS, Judgement.not_applicable("the question is unanswerable"))
    cited = () if answer.abstained else answer.citations
    gold_documents = {gold.document_id for gold in question.gold}
    coverage = [covered(gold.quote, _quotes(cited, gold.document_id)) for gold in question.gold]
    return {
        "citation_precision_documents": _share(cite.document_id in gold_documents for cite in cited),
        "citation_recall_documents": _share(
            document in {cite.document_id for cite in cited} for document in sorted(gold_documents)
        ),
        "citation_precision_quotes": _share(_is_gold(cite, question) for cite in cited),
        "citation_recall_quotes": _share(share >= QUOTED for share in coverage),
        "quote_coverage": Judgement.scored(sum(coverage) / len(coverage)),
        "exact_match": _against_reference(question, answer, exact_match),
        "token_f1": _against_reference(question, answer, token_f1),
    }


def is_right(question: Question, answer: Answer, scores: Mapping[str, Judgement]) -> bool:
    """Whether an answer counts as right where no model judges it: a rule of labels, not a reading.

    Nothing answers an unanswerable question, so an abstention is right there, and there only. Another answer
    is right if its citations hold every gold quote, or if its ``token_f1`` is a half or more.
    """
    if answer.abstained or not question.answerable:
        return answer.abstained and not question.answerable
    cited, said = scores["citation_recall_quotes"].value, scores["token_f1"].value
    return cited == 1 or (said is not None and said >= QUOTED)


def _share(right: Iterable[bool]) -> Judgement:
    flags = list(right)
    if not flags:
        return Judgement.not_applicable("nothing is cited")
    return Judgement.scored(sum(flags) / len(flags))


def _quotes(cited: Iterable[Citation], document: str) -> list[str]:
    return [cite.quote for cite in cited if cite.document_id == document]


def _is_gold(cite: Citation, question: Question) -> bool:
    quotes = [gold.quote for gold in question.gold if gold.document_id == cite.document_id]
    return covered(cite.quote, quotes) >= QUOTED or any(
        covered(quote, [cite.quote]) >= QUOTED for quote in quotes
    )


def _against_reference(question: Question, answer: Answer, measure: Callable[[str, str], float]) -> Judgement:
    if not question.answer.strip():
        return Judgement.not_applicable("the question has no reference answer")
    text = "" if answer.abstained else _MARKER.sub("", answer.text)
    return Judgement.scored(measure(text, question.answer))
