"""The command ``ardoise`` with an empty home, in this process: imports are done once."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from app.cli import cli

Run = Callable[..., Result]
ENGLISH = "all-MiniLM-L6-v2"
"""One encoder instead of the default's two where a test is not about them: half the time to compile."""


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where embedders are compiled to, once for all tests of all workers."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "compiled"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture
def ardoise(tmp_path: Path, models: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs ``ardoise`` with these words, and with settings from the environment by name."""
    for name in [key for key in os.environ if key.startswith(("ARDOISE_", "MISTRAL_", "QDRANT_"))]:
        monkeypatch.delenv(name)

    def run(*words: str, **environ: str) -> Result:
        home = tmp_path / "home"
        if not home.exists():
            home.mkdir()
            (home / "models").symlink_to(models, target_is_directory=True)
        env = {"ARDOISE_HOME": str(home), "ARDOISE_EMBEDDER": ENGLISH, **environ}
        return CliRunner().invoke(cli, list(words), env=env, prog_name="ardoise")

    return run


def told(done: Result, code: int) -> str:
    """The one line of an error."""
    assert isinstance(done.exception, SystemExit), done.exception
    assert done.exit_code == code, done.stderr
    assert done.stdout == ""
    lines = [line for line in done.stderr.splitlines() if line.startswith("ardoise: ")]
    assert len(lines) == 1, done.stderr
    return lines[0]
