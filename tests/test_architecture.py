"""The whiteboard holds: arrows go one way, files stay small, the map names every file."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import map_tree

ROOT = Path(__file__).parent.parent
BOXES = {
    "rag": set[str](),
    "ingest": {"rag"},
    "agents": {"rag"},
    "eval": {"rag", "ingest", "agents"},
    "app": {"rag", "ingest", "agents", "eval"},
    "practice": {"rag", "ingest", "agents", "eval", "app"},
}
MAX_LINES, MAX_FUNCTION = 400, 60
HEAVY = ("torch", "sentence_transformers", "transformers", "ragas", "mistralai", "openai")
FILES = sorted(path.relative_to(ROOT) for box in BOXES for path in (ROOT / box).rglob("*.py"))


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse((ROOT / path).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


@pytest.mark.parametrize("path", FILES, ids=str)
def test_a_box_imports_only_the_boxes_before_it(path: Path) -> None:
    box = path.parts[0]
    used = {name.partition(".")[0] for name in imports(path)} & set(BOXES)
    assert used <= BOXES[box] | {box}


def test_the_product_imports_nothing_from_the_tests() -> None:
    assert not [path for path in FILES if any(name.startswith("tests") for name in imports(path))]


@pytest.mark.parametrize("path", FILES, ids=str)
def test_files_and_functions_can_be_read_at_one_sitting(path: Path) -> None:
    text = (ROOT / path).read_text(encoding="utf-8")
    assert len(text.splitlines()) <= MAX_LINES
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert (node.end_lineno or 0) - node.lineno < MAX_FUNCTION, node.name


def test_only_the_settings_read_the_environment_and_libraries_are_kept_from_calling_home() -> None:
    readers = [
        path.as_posix()
        for path in FILES
        if re.search(r"\bos\.(environ|getenv)\b", (ROOT / path).read_text(encoding="utf-8"))
    ]
    # Two libraries send usage statistics unless a variable says no while they are loaded.
    assert readers == ["app/settings.py", "eval/judges/ragas.py", "rag/embedding/runtime.py"]


def test_importing_everything_loads_no_model_library_and_reads_no_file() -> None:
    modules = [str(path.with_suffix("")).replace("/", ".").removesuffix(".__init__") for path in FILES]
    code = (
        f"import importlib, sys\nfor name in {modules}: importlib.import_module(name)\n"
        f"print(*[name for name in {HEAVY} if name in sys.modules])"
    )
    done = subprocess.run(  # noqa: S603 - our own interpreter on our own modules
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == []


def test_the_map_of_the_tree_is_fresh_and_every_file_says_what_it_holds() -> None:
    text = (ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8")
    assert map_tree.refreshed(text) == text, "run make format"
    assert [str(path) for path in FILES if not map_tree.first_line(ROOT / path)] == []
