"""Makes claims that a passage of the handbook supports, and others that it does not, from its questions.

python infra/scripts/handbook_claims.py            writes eval/data/claims/claims.jsonl
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable
from pathlib import Path

from eval.questions import Question, read_questions
from rag.lexical import numbers

ROOT = Path(__file__).resolve().parents[2]
QUESTIONS = ROOT / "eval" / "data" / "handbook" / "questions.jsonl"
OUT = ROOT / "eval" / "data" / "claims" / "claims.jsonl"
EACH = 12
"""Claims of each unsupported kind, at most."""

_NUMBER = re.compile(r"(?<![\w.,])\d+(?:[.,]\d+)*(?![\w.,]*\d)")
_NEGATED = [
    (" is ", " is not "),
    (" are ", " are not "),
    (" can ", " cannot "),
    (" has ", " has no "),
    (" est ", " n'est pas "),
    (" sont ", " ne sont pas "),
]
_DENIES = re.compile(
    r"\b(?:no|not|nothing|none|never|without|only|ne|pas|sans|seulement)\b|n'", re.IGNORECASE
)
_OPPOSITES = [
    ("prefill", "decode"),
    ("query", "value"),
    ("more", "less"),
    ("before", "after"),
    ("larger", "smaller"),
    ("higher", "lower"),
    ("first", "last"),
    ("precision", "recall"),
    ("dense", "sparse"),
    ("memory", "compute"),
    ("plus", "moins"),
    ("avant", "après"),
]
_NAMES = [
    ("Mistral 7B", "Llama 2 7B"),
    ("GQA", "MQA"),
    ("RoPE", "ALiBi"),
    ("BM25", "SPLADE"),
    ("HNSW", "IVF"),
    ("RRF", "MMR"),
    ("nDCG", "MAP"),
    ("DPO", "PPO"),
    ("GPTQ", "AWQ"),
    ("LoRA", "BitFit"),
    ("AdamW", "Adafactor"),
    ("ZeRO", "GPipe"),
    ("H100", "A100"),
    ("FP8", "INT4"),
    ("bf16", "fp16"),
    ("SQLite", "MongoDB"),
    ("MCP", "REST"),
    ("ColBERT", "DPR"),
    ("SentencePiece", "WordPiece"),
    ("RGPD", "CCPA"),
    ("NCCL", "Gloo"),
    ("TPOT", "TTFT"),
    ("V100", "P100"),
    ("DiskANN", "ScaNN"),
]


def other_number(claim: str) -> str | None:
    """The claim with its first number doubled and one more."""
    found = _NUMBER.search(claim)
    if found is None:
        return None
    value = next(iter(numbers(found.group())))
    changed = f"{2 * value + 1:g}" if value % 1 else f"{int(2 * value + 1):,}"
    return claim[: found.start()] + changed + claim[found.end() :]


def negated(claim: str) -> str | None:
    """The claim with its first verb denied; none that denies or limits something already."""
    if _DENIES.search(claim):
        return None
    for plain, denied in _NEGATED:
        if plain in claim and denied not in claim:
            return claim.replace(plain, denied, 1)
    return None


def other_term(claim: str) -> str | None:
    """The claim with one term turned into its opposite or neighbour."""
    for pair in _OPPOSITES:
        for one, other in (pair, pair[::-1]):
            if re.search(rf"\b{one}\b", claim) and not re.search(rf"\b{other}\b", claim):
                return re.sub(rf"\b{one}\b", other, claim, count=1)
    return None


def other_name(claim: str) -> str | None:
    """The claim with a model, method or thing named in it turned into another of its kind."""
    for pair in _NAMES:
        for one, other in (pair, pair[::-1]):
            if re.search(rf"\b{one}\b", claim) and other not in claim:
                return re.sub(rf"\b{one}\b", other, claim)
    return None


def plain_claims() -> list[Question]:
    """Questions whose answer is a sentence that one quote alone carries, in the quote's language."""
    return [
        one
        for one in read_questions(QUESTIONS)
        if one.answerable
        and one.type not in ("cross_lingual", "adversarial", "numeric")
        and len(one.gold) == 1
        and len(one.answer.split()) >= 6
        and numbers(one.answer) <= numbers(one.gold[0].quote)
    ]


def claims() -> list[dict[str, object]]:
    """The rows, the same at every run: each changed claim stands beside the claim as it was."""
    pool = plain_claims()
    random.Random(0).shuffle(pool)  # noqa: S311 - a fixed order, no secret
    changes: list[tuple[str, Callable[[str], str | None]]] = [
        ("negated", negated),
        ("other_term", other_term),
        ("other_number", other_number),
        ("other_name", other_name),
    ]
    rows: list[dict[str, object]] = []
    used: list[Question] = []
    for kind, change in changes:
        made = [(one, text) for one in pool if one not in used and (text := change(one.answer))][:EACH]
        rows += [_row(one, text, one.gold[0].quote, kind) for one, text in made]
        used += [one for one, _ in made]
    strangers = [one for one in pool if one not in used][:EACH]
    quotes = [one.gold[0].quote for one in strangers]
    shifted = [*quotes[1:], *quotes[:1]]
    rows += [
        _row(one, one.answer, quote, "other_quote") for one, quote in zip(strangers, shifted, strict=True)
    ]
    return rows + [_row(one, one.answer, one.gold[0].quote, "supported") for one in [*used, *strangers]]


def _row(question: Question, claim: str, quote: str, kind: str) -> dict[str, object]:
    return {
        "id": f"{kind}-{question.id}",
        "question": question.question,
        "claim": claim,
        "quote": quote,
        "supported": kind == "supported",
        "lang": question.lang,
        "kind": kind,
    }


def text() -> str:
    """The file's content."""
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in claims())


if __name__ == "__main__":
    OUT.write_text(text(), encoding="utf-8")
