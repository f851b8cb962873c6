"""Where the recursive chunker cuts, and the headings that chunks carry."""

from __future__ import annotations

from ingest.chunkers.headings import Outline, title_of
from ingest.chunkers.lines import Kind, read_lines
from ingest.chunkers.recursive import RecursiveChunker
from rag.headed import with_headings
from rag.types import Document
from tests.fakes import HashingEmbedder


def document(text: str, mime: str = "text/markdown", **metadata: object) -> Document:
    return Document("d.md", text, "d.md", mime, "en", metadata)


def cut(text: str, size: int, overlap: int = 0, mime: str = "text/markdown") -> list[str]:
    chunker = RecursiveChunker(size, overlap, HashingEmbedder().token_spans)
    return [chunk.text for chunk in chunker.split(document(text, mime))]


def test_a_heading_is_the_first_place_to_cut() -> None:
    text = "## One\n\na b c d\n\ne f g h\n\n## Two\n\ni j k l"
    # 3 + 4 + 4 tokens, then 3 + 4: all fit but the last section
    assert cut(text, 16) == ["## One\n\na b c d\n\ne f g h", "## Two\n\ni j k l"]


def test_then_come_blank_lines_then_sentences_then_words() -> None:
    assert cut("a b c d e\n\nf g h. i j", 9) == ["a b c d e", "f g h. i j"]
    assert cut("a b c. D e f g h i", 8) == ["a b c.", "D e f g h i"]
    assert cut("a b c d e f g h i j", 8) == ["a b c d e f g h", "i j"]


def test_a_wrapped_line_is_no_better_place_than_a_word() -> None:
    # The sentence ends on the third line; the line breaks before it are the page's
    assert cut("A b c\nd e f.\nG h i j k\nl m n.", 12) == ["A b c\nd e f.", "G h i j k\nl m n."]


def test_a_heading_never_ends_a_chunk() -> None:
    chunks = cut("## One\n\na b c d e f\n\n## Two\n\ng h i j k l m n o p q r s t", 12)
    assert chunks[0] == "## One\n\na b c d e f"
    assert chunks[1].startswith("## Two\n\ng h")


def test_code_and_tables_stay_whole_when_they_fit() -> None:
    code = "```\na = 1\n\nb = 2\n```"  # 6 signs of the fences and 6 tokens
    assert cut(f"one two three. Four five six.\n\n{code}\n\nseven", 14)[1] == code + "\n\nseven"
    table = "| a | b |\n| c | d |"
    assert cut(f"one two three four five\n{table}\nsix", 12) == ["one two three four five", f"{table}\nsix"]


def test_a_table_stays_whole_even_if_that_leaves_a_chunk_nearly_empty() -> None:
    table = "| a | b |\n| c | d |"  # 10 tokens
    assert cut(f"Intro\n{table}", 10) == ["Intro", table]


def test_a_table_larger_than_a_chunk_is_cut_between_rows() -> None:
    rows = [f"| r{number} | x |" for number in range(6)]  # 5 tokens each
    assert cut("\n".join(rows), 11) == ["\n".join(rows[start : start + 2]) for start in (0, 2, 4)]


def test_the_overlap_starts_at_a_sentence_and_never_crosses_a_heading() -> None:
    assert cut("A b c d. E f g. H i j k l.", 10, overlap=5) == ["A b c d. E f g.", "E f g. H i j k l."]
    assert cut("## A\n\nb c d e. F g.\n\n## H\n\ni j k l", 12, overlap=6) == [
        "## A\n\nb c d e. F g.",
        "## H\n\ni j k l",
    ]


def test_an_overlap_in_which_a_heading_stands_starts_there() -> None:
    text = "Ab. Cd.\n\n## Ef\n\nGh ij. Kl mn op qr.\n\nSt uv wx yz ab cd ef gh."
    assert cut(text, 20, overlap=15) == [
        "Ab. Cd.\n\n## Ef\n\nGh ij. Kl mn op qr.",
        "## Ef\n\nGh ij. Kl mn op qr.\n\nSt uv wx yz ab cd ef gh.",
    ]


def test_without_a_sentence_in_reach_the_overlap_starts_at_a_word() -> None:
    assert cut("a b c d e f g h i j k", 8, overlap=2) == ["a b c d e f g h", "g h i j k"]


def test_chunks_carry_their_headings() -> None:
    text = "# Guide\n\nintro\n\n## Part\n\none\n\n### Detail\n\ntwo\n\n## Next\n\nthree\n"
    outline = Outline(document(text))
    assert outline.path_at(text.index("intro")) == ("Guide",)
    assert outline.path_at(text.index("## Part")) == ("Guide", "Part")
    assert outline.path_at(text.index("two")) == ("Guide", "Part", "Detail")
    assert outline.path_at(text.index("three")) == ("Guide", "Next")


def test_a_title_of_the_metadata_comes_first_and_only_once() -> None:
    text = "# KV cache\n\n## Size\n\nx"
    assert Outline(document(text, title="KV cache")).path_at(len(text)) == ("KV cache", "Size")
    assert Outline(document(text, title="Notes")).path_at(len(text)) == ("Notes", "KV cache", "Size")
    assert Outline(document("plain", "application/pdf", title="Report")).path_at(0) == ("Report",)


def test_headings_that_follow_each_other_belong_to_the_chunk_that_starts_with_them() -> None:
    text = "# Guide\n\n## Part\n\none"
    assert Outline(document(text)).path_at(0) == ("Guide", "Part")


def test_signs_in_code_and_in_plain_text_are_no_headings() -> None:
    text = "```sh\n# a comment\n```\n\n~~~\n# another\n~~~\n\n#hashtag\n\n    # indented"
    assert Outline(document(text)).path_at(len(text)) == ()
    assert Outline(document("# not Markdown\n\nx", "text/plain")).path_at(17) == ()


def test_a_fence_inside_a_list_closes_and_text_after_it_is_text() -> None:
    kinds = [line.kind for line in read_lines("- ```\n  # x\n  ```\n# Real\n", markdown=True)]
    assert kinds == [Kind.CODE, Kind.CODE, Kind.CODE, Kind.HEADING]


def test_underlined_headings_are_headings_and_rules_are_not() -> None:
    text = "Title\n=====\n\nSection\n-------\n\ntext\n\n---\n\n- item\n---\n"
    assert Outline(document(text)).path_at(len(text)) == ("Title", "Section")


def test_the_title_is_the_metadata_s_or_the_first_top_heading() -> None:
    assert title_of(document("# One\n\n# Two", title="Given")) == "Given"
    assert title_of(document("## Zero\n\n# One #\n\n# Two")) == "One"
    assert title_of(document("no heading")) is None


def test_what_is_embedded_names_the_headings_that_the_text_lacks() -> None:
    assert with_headings(("Guide", "Part"), "text") == "Guide > Part\ntext"
    assert with_headings(("Guide", "Part"), "## Part\n\ntext") == "Guide\n## Part\n\ntext"
    assert with_headings(("Guide", "Part"), "# Guide\n\n## Part\n\ntext") == "# Guide\n\n## Part\n\ntext"
    assert with_headings((), "text") == "text"
