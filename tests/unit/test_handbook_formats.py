"""The handbook's PDF, DOCX and HTML pages say what their Markdown sources say."""

from __future__ import annotations

import io
import re
import zipfile
from collections import Counter
from pathlib import Path

import pytest

import make_formats
from ingest.loaders import loader_for
from ingest.loaders.base import Loaded

FORMATS = make_formats.FORMATS
MINE = [pytest.param(name, suffix, id=name + suffix) for name, suffix in FORMATS.items()]


def shipped(name: str, suffix: str) -> Path:
    path: Path = make_formats.HANDBOOK / f"{name}{suffix}"
    return path


def loaded(path: Path, data: bytes) -> Loaded:
    return loader_for(path).load(data)


def words(text: str) -> Counter[str]:
    return Counter(re.findall(r"\w+", text.lower()))


def source(name: str) -> str:
    """The body as it reads: a link's address is not part of the text."""
    body: str = make_formats.read(make_formats.SOURCES / f"{name}.md").body
    return re.sub(r"\]\([^)]*\)", "]", body)


def entries(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        return {name: package.read(name) for name in package.namelist()}


def test_every_source_is_shipped_in_one_format_only() -> None:
    sources = {
        path.relative_to(make_formats.SOURCES).with_suffix("").as_posix()
        for path in make_formats.SOURCES.rglob("*.md")
    }
    assert sources == set(FORMATS)
    assert sorted(FORMATS.values()) == [".docx", ".docx", ".html", ".html", ".pdf", ".pdf"]
    for name, suffix in FORMATS.items():
        theme, _, slug = name.partition("/")
        assert [path.name for path in (make_formats.HANDBOOK / theme).glob(f"{slug}.*")] == [slug + suffix]


@pytest.mark.parametrize(("name", "suffix"), MINE)
def test_a_shipped_page_is_fresh(name: str, suffix: str) -> None:
    path = shipped(name, suffix)
    there = path.read_bytes()
    made = make_formats.written(make_formats.read(make_formats.SOURCES / f"{name}.md"), suffix)
    # Compressed bytes differ between builds of zlib, so what they hold is compared
    match suffix:
        case ".html":
            assert made == there, "run make formats"
        case ".docx":
            assert entries(made) == entries(there), "run make formats"
        case _:
            assert loaded(path, made) == loaded(path, there), "run make formats"


@pytest.mark.parametrize("suffix", sorted(set(FORMATS.values())))
def test_writing_twice_gives_the_same_bytes(suffix: str) -> None:
    page = make_formats.read(make_formats.SOURCES / "retrieval/aide-memoire-recherche.md")
    assert make_formats.written(page, suffix) == make_formats.written(page, suffix)


@pytest.mark.parametrize(("name", "suffix"), MINE)
def test_a_shipped_page_loads_with_title_headings_and_words(name: str, suffix: str) -> None:
    path = shipped(name, suffix)
    page = loaded(path, path.read_bytes())
    front = make_formats.read(make_formats.SOURCES / f"{name}.md").front
    assert page.metadata == {"title": front["title"], "lang": front["lang"]}
    expected = words(source(name))
    recall = (expected & words(page.text)).total() / expected.total()
    assert recall >= 0.98
    flat = " ".join(page.text.split())
    for marks, heading in re.findall(r"^(#+) (.*)$", source(name), re.MULTILINE):
        # Text of a PDF has no marks
        assert " ".join((heading if suffix == ".pdf" else f"{marks} {heading}").split()) in flat


def test_the_writers_refuse_what_they_would_lose() -> None:
    page = make_formats.Page({"title": "t", "lang": "en"}, "# t\n\n```\ncode\n```\n")
    with pytest.raises(ValueError, match="fence: only headings, paragraphs, bullets and tables"):
        _ = page.blocks
    greek = make_formats.Page({"title": "t", "lang": "en"}, "λ\n")
    with pytest.raises(ValueError, match="t: not in the font: λ"):
        make_formats.as_pdf(greek)
    with pytest.raises(ValueError, match=r"no writer for \.odt"):
        make_formats.written(page, ".odt")
