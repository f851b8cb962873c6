"""A judge's replies, recorded by prompt: what each schema of RAGAS is answered with."""

import json
from typing import Any

from eval.judges.base import Called, Row
from eval.questions import ToolUse, Turn
from rag.types import Answer

REPLIES: dict[str, list[dict[str, Any]]] = {
    "StatementGeneratorOutput": [{"statements": ["It takes 131,072 bytes.", "Per token.", "It is large."]}],
    "NLIStatementOutput": [
        {"statements": [{"statement": "s", "reason": "r", "verdict": flag} for flag in (1, 0, 1)]}
    ],
    "AnswerRelevanceOutput": [
        {"question": "How large is it?", "noncommittal": 0},
        {"question": "What does the cache take?", "noncommittal": 0},
        {"question": "Who asks?", "noncommittal": 1},
    ],
    "ContextPrecisionOutput": [{"reason": "r", "verdict": flag} for flag in (0, 1, 1)],
    "ContextRecallOutput": [
        {"classifications": [{"statement": "s", "reason": "r", "attributed": flag} for flag in (1, 1, 0)]}
    ],
    "ClaimDecompositionOutput": [{"claims": ["a", "b", "c"]}],
    "WorkflowOutput": [{"user_goal": "to know the size", "end_state": "the size was told"}],
    "CompareOutcomeOutput": [{"reason": "r", "verdict": "1"}],
    "TopicExtractionOutput": [{"topics": ["caches", "cooking", "memory"]}],
    "TopicRefusedOutput": [{"refused_to_answer": flag} for flag in (False, False, True)],
    "TopicClassificationOutput": [{"classifications": [True, False, True]}],
}


class Recording:
    """Answers by the title of the schema; several replies of one kind take turns."""

    def __init__(self, **changed: Any) -> None:
        self._replies = REPLIES | changed
        self._given: dict[str, int] = {}

    def text(self, title: str) -> str:
        said = self._replies[title]
        if isinstance(said, str):
            return said
        place = self._given.get(title, 0)
        self._given[title] = place + 1
        return json.dumps(said[place % len(said)])


def full_row(**change: Any) -> Row:
    """A row that every metric applies to, but those for rows without a reference."""
    fields: dict[str, Any] = {
        "question": "How large is the cache?",
        "answer": Answer("It takes 131,072 bytes per token. [1]"),
        "contexts": ("Queues wait.", "The cache takes 131,072 bytes per token.", "Per token, it is large."),
        "language": "en",
        "reference": "131,072 bytes per token",
        "turns": (Turn(role="user", content="Hello"), Turn(role="assistant", content="Ask away.")),
        "tools": (ToolUse(name="calculator", arguments={"expression": "2*65536"}),),
        "calls": (
            Called("calculator", {"expression": "2*65536"}, "131072"),
            Called("search_corpus", {"query": "cache"}, "3 passages"),
        ),
        "topics": ("Inference",),
    }
    return Row(**{**fields, **change})
