"""How every command speaks: results on stdout, everything else on stderr, errors in one line."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from typing import Annotated, Any, TypeVar

import typer
from pydantic import BaseModel, ValidationError
from rich.console import Console
from rich.text import Text

from rag.answer.inert import plain
from rag.errors import ArdoiseError, BadInput, MissingKey

T = TypeVar("T")
R = TypeVar("R", bound=BaseModel)

JsonFlag = Annotated[bool, typer.Option("--json", help="Print one JSON document on stdout, nothing else.")]
Collection = Annotated[str | None, typer.Option(help="Collection to work on.", show_default="default")]

BAD_INPUT, FAILURE, INTERRUPTED = 2, 1, 130


class PlainConsole(Console):
    """A console on which a document's text is text: what a terminal would obey in it is left out."""

    def render_str(self, text: str, **how: Any) -> Text:
        """``text`` as it is printed."""
        return super().render_str(plain(text), **how)


out = PlainConsole(highlight=False, soft_wrap=True)
err = PlainConsole(stderr=True, highlight=False, soft_wrap=True)


def print_json(value: Any) -> None:
    """Writes one JSON document on stdout."""
    sys.stdout.write(json.dumps(value, ensure_ascii=False, indent=2) + "\n")


def run(work: Coroutine[Any, Any, T]) -> T:
    """Runs a command's work; an expected error ends the process with one line and the agreed exit code."""
    with errors_told():
        return asyncio.run(work)


@contextmanager
def errors_told() -> Iterator[None]:
    """Turns the project's errors into one line on stderr: exit 2 for what the caller can mend, else 1."""
    try:
        yield
    except MissingKey as error:
        _tell(error)
        raise typer.Exit(FAILURE) from None
    except BadInput as error:
        _tell(error)
        raise typer.Exit(BAD_INPUT) from None
    except ArdoiseError as error:
        _tell(error)
        raise typer.Exit(FAILURE) from None
    except KeyboardInterrupt:
        err.print("ardoise: stopped; what was finished is kept, and the same command goes on from there")
        raise typer.Exit(INTERRUPTED) from None
    except BrokenPipeError:
        # Whoever read our output has stopped: nothing is left to say to anybody.
        sys.stderr.close()
        raise typer.Exit(FAILURE) from None
    except OSError as error:
        where = f" ({error.filename})" if error.filename else ""
        err.print(f"ardoise: {error.strerror or error}{where}: check ARDOISE_HOME", style="red", markup=False)
        raise typer.Exit(FAILURE) from None


def request_of(kind: type[R], **fields: Any) -> R:
    """A request from a command's arguments, checked as the HTTP API checks it.

    Raises:
        BadInput: an argument out of bounds.
    """
    try:
        return kind.model_validate(fields)
    except ValidationError as error:
        mistakes = "; ".join(
            f"{'.'.join(map(str, mistake['loc']))}: {mistake['msg']} (got {str(mistake['input'])[:80]!r})"
            for mistake in error.errors(include_url=False)
        )
        raise BadInput(mistakes) from None


def _tell(error: ArdoiseError) -> None:
    err.print(f"ardoise: {error}", style="red", markup=False)
