"""What RAGAS scores although the judge did not do its task, told from the judge's own replies."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

_MADE = {
    "StatementGeneratorOutput": "statements",
    "TopicExtractionOutput": "topics",
    "ClaimDecompositionOutput": "claims",
}
"""Replies that list what is to be judged, and where."""
_FLAGS: Mapping[str, Callable[[Any], list[Any]]] = {
    "NLIStatementOutput": lambda reply: [one.verdict for one in reply.statements],
    "TopicClassificationOutput": lambda reply: list(reply.classifications),
    "ContextRecallOutput": lambda reply: [one.attributed for one in reply.classifications],
    "ContextPrecisionOutput": lambda reply: [reply.verdict],
    "AnswerRelevanceOutput": lambda reply: [reply.noncommittal],
}
"""Replies that judge, and their flags. RAGAS types them as numbers and would average a 7."""
_ONE_EACH = ("NLIStatementOutput", "TopicClassificationOutput")
"""Replies that owe a verdict to each item of the list before them."""


def flaw(replies: Sequence[Any]) -> str:
    """What the judge left undone in the replies of one metric, in their order; empty when it did its task.

    RAGAS fills up with zeros, or leaves out, what a judge did not judge: a score all the same.
    """
    made, what = 0, ""
    for reply in replies:
        kind = type(reply).__name__
        if kind in _MADE:
            what = _MADE[kind]
            made = len(getattr(reply, what))
            if kind == "ClaimDecompositionOutput" and not made:
                return "the judge found no claims in a text that has some"
        flags = _FLAGS[kind](reply) if kind in _FLAGS else []
        if kind in _ONE_EACH and len(flags) != made:
            return f"the judge gave {len(flags)} verdicts for {made} {what}"
        if any(flag not in (0, 1) for flag in flags):
            return f"the judge gave a verdict that is neither 0 nor 1 ({kind})"
    questions = [reply.question for reply in replies if type(reply).__name__ == "AnswerRelevanceOutput"]
    return "the judge generated no question" if questions and not any(questions) else ""
