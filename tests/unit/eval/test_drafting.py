import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from eval.beir import read_dataset
from eval.beir_folder import write_beir, write_questions
from eval.drafting.base import Draft
from eval.drafting.finding import finder
from eval.drafting.headings import HeadingDrafter
from eval.drafting.making import make_questions
from eval.drafting.model import ModelDrafter
from eval.questions import Gold, Question, read_questions
from eval.quotes import read_gold_quotes
from ingest.chunkers.whole import WholeChunker
from rag.errors import BadInput, ModelCut, ModelRefused
from rag.llm.scripted import ScriptedChat
from rag.types import Document
from tests.fakes import HashingEmbedder

TEXT = (
    "# KV cache\n\nA KV cache is a store of keys and values for past tokens.\n\n"
    "## How large is it?\n\nMistral 7B takes 131,072 bytes of it per token in fp16.\n\n"
    "It is a large sum of memory.\n"
)
PAGE = Document("d/kv.md", TEXT, "d/kv.md", "text/markdown", "en", {"title": "KV cache"})
DEFINITION = "A KV cache is a store of keys and values for past tokens."
SIZE = "Mistral 7B takes 131,072 bytes of it per token in fp16."


class Fixed:
    """Drafts what it was given, whatever the document."""

    name = "fixed"

    def __init__(self, *drafts: Draft) -> None:
        self._drafts = drafts

    async def draft(self, document: Document) -> Sequence[Draft]:
        return self._drafts


def draft(question: str, quote: str = SIZE, answer: str = "131,072 bytes") -> Draft:
    return Draft(PAGE.id, "en", question, answer, quote)


async def yes(_: Draft) -> bool:
    return True


async def test_definitions_and_headings_become_questions_with_quotes_to_the_letter() -> None:
    drafts = await HeadingDrafter().draft(PAGE)
    assert [(one.question, one.quote) for one in drafts] == [
        ("What is KV cache?", DEFINITION),
        ("How large is it?", SIZE),
    ]


async def test_what_cannot_be_used_is_dropped_and_counted_by_reason() -> None:
    async def finds(one: Draft) -> bool:
        return "weather" not in one.question

    drafts = [
        draft("How many bytes does a token take?"),
        draft("So how many bytes does a token take?", DEFINITION),
        draft("Invented?", "This stands nowhere in it."),
        draft("  "),
        draft("How is the weather?"),
        draft("What is a KV cache?", DEFINITION),
    ]
    made = await make_questions([PAGE], Fixed(*drafts), HashingEmbedder(), finds, wanted=9)
    assert [one.question for one in made.questions] == [drafts[0].question, drafts[5].question]
    assert made.dropped == {
        "near_duplicate": 1,
        "quote_not_in_document": 1,
        "incomplete": 1,
        "not_found_by_search": 1,
    }
    assert made.view()["drafts"] == len(drafts)
    assert all(one.synthetic and one.type == "synthetic" for one in made.questions)


async def test_a_seed_makes_the_same_questions_again() -> None:
    pages = [
        Document(f"d/{n}.md", TEXT, f"d/{n}.md", "text/markdown", "en", {"title": f"T{n}"}) for n in range(9)
    ]

    async def made(seed: int, order: int) -> list[str]:
        found = await make_questions(
            pages[::order], HeadingDrafter(), HashingEmbedder(), yes, wanted=2, seed=seed
        )
        return [one.gold[0].document_id for one in found.questions]

    assert await made(1, 1) == await made(1, -1)
    assert len({tuple(await made(seed, 1)) for seed in range(9)}) > 1


async def test_a_model_drafts_by_schema_and_one_that_writes_prose_costs_its_document_only() -> None:
    reply = json.dumps({"questions": [{"question": "How large?", "answer": "131,072 bytes", "quote": SIZE}]})
    other = Document("d/z.md", TEXT, "d/z.md", "text/markdown", "en")
    chat = ScriptedChat(["Sure, here are some.", reply])
    made = await make_questions([PAGE, other], ModelDrafter(chat), HashingEmbedder(), yes, wanted=5)
    assert made.dropped == {"documents_that_the_model_failed_on": 1}
    assert [one.answer for one in made.questions] == ["131,072 bytes"]
    assert "<document>" in chat.requests[0].messages[0].content
    with pytest.raises(ModelCut):
        await ModelDrafter(ScriptedChat(["prose"])).draft(PAGE)


async def test_a_wrong_key_is_told_and_not_counted() -> None:
    with pytest.raises(ModelRefused):
        await make_questions(
            [PAGE], ModelDrafter(ScriptedChat([ModelRefused("401")])), HashingEmbedder(), yes, wanted=1
        )


async def test_no_usable_draft_is_an_error_that_says_why() -> None:
    with pytest.raises(BadInput, match="1 incomplete"):
        await make_questions([PAGE], Fixed(draft("")), HashingEmbedder(), yes, wanted=1)


def test_a_search_finds_the_quote_of_a_question_that_shares_its_words() -> None:
    other = Document("d/o.md", "Queues wait for workers.", "d/o.md", "text/plain", "en")
    finds = finder([PAGE, other], WholeChunker(), 1)
    assert finds(draft("How many bytes of Mistral per token?"))
    assert not finds(draft("What do queues wait for?"))


def question(**change: object) -> Question:
    fields = {"id": "q1", "question": "How large?", "gold": (Gold(document_id=PAGE.id, quote=SIZE),)}
    return Question.model_validate({**fields, "answerable": True, "split": "dev", **change})


def test_files_and_questions_make_a_folder_that_every_evaluation_reads(tmp_path: Path) -> None:
    write_beir(tmp_path / "beir", [PAGE], [question(), question(id="q2", answerable=False, gold=())])
    for split in (None, "dev"):
        dataset = read_dataset(tmp_path / "beir", split)
        assert dataset.qrels == {"q1": {PAGE.id: 1}}
    assert read_gold_quotes(tmp_path / "beir", ["q1"], dataset.documents())
    assert len(read_questions(tmp_path / "beir" / "questions.jsonl")) == 2
    with pytest.raises(BadInput, match="already"):
        write_beir(tmp_path / "beir", [PAGE], [question()])


def test_gold_quotes_that_are_not_in_their_documents_are_counted_and_nothing_is_written(
    tmp_path: Path,
) -> None:
    wrong = question(gold=({"document_id": PAGE.id, "quote": "of another page"},))
    with pytest.raises(BadInput, match=r"1 gold quotes.*'q1'"):
        write_beir(tmp_path / "beir", [PAGE], [wrong])
    assert not (tmp_path / "beir").exists()


def test_written_questions_read_back_as_they_were(tmp_path: Path) -> None:
    asked = (question(synthetic=True),)
    write_questions(tmp_path / "q.jsonl", asked)
    assert read_questions(tmp_path / "q.jsonl") == asked
