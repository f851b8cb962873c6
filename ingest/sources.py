"""What a document is made from: its bytes, how to read them, and what to call it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from ingest.loaders import loader_for
from rag.errors import UnreadableFile
from rag.language import detect_language
from rag.types import Document

MAX_BYTES = 50_000_000


class Source(Protocol):
    """Something that becomes a document, read only once it is known to have changed."""

    @property
    def uri(self) -> str:
        """The document's URI and id."""

    @property
    def origin(self) -> str:
        """The ingested folder or corpus that it belongs to, by name."""

    @property
    def place(self) -> str:
        """Where it was read from, for people."""

    def read(self) -> bytes:
        """Its bytes: the same bytes make the same document.

        Raises:
            UnreadableFile: too large, or the system does not let it be read.
        """

    def document(self, data: bytes) -> Document:
        """The document that these bytes are.

        Raises:
            BadInput: they are none; the message does not repeat the URI.
        """


@dataclass(frozen=True, slots=True)
class FileSource:
    """A file of a format that has a loader."""

    uri: str
    origin: str
    path: Path
    max_bytes: int = MAX_BYTES

    @property
    def place(self) -> str:
        """The file's path."""
        return str(self.path)

    def read(self) -> bytes:
        """The file's bytes, at most ``max_bytes`` of them."""
        try:
            with self.path.open("rb") as file:
                data = file.read(self.max_bytes + 1)
        except OSError as error:
            raise UnreadableFile(f"the file cannot be read: {error.strerror or error}") from error
        if len(data) > self.max_bytes:
            raise UnreadableFile(
                f"the file is larger than {self.max_bytes / 1e6:g} MB, the most that is read: split it"
            )
        return data

    def document(self, data: bytes) -> Document:
        """The file as text; its language is the one that its front matter names, else the detected one."""
        loader = loader_for(self.path)
        loaded = loader.load(data)
        return Document(
            id=self.uri,
            text=loaded.text,
            uri=self.uri,
            mime=loader.mime,
            language=language_of(loaded.text, loaded.metadata.get("lang")),
            metadata={"modified": self._modified(), **loaded.metadata},
            pages=loaded.pages,
        )

    def _modified(self) -> str:
        """When the file was last changed, in ISO 8601: a date that every document can be filtered by."""
        seconds = self.path.stat().st_mtime
        return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")


def language_of(text: str, declared: Any = None) -> str:
    """The declared language as a two-letter code (``fr`` for ``fr-CA``), else the language of the text."""
    code = str(declared or "").replace("_", "-").partition("-")[0].strip().lower()
    if code.isascii() and code.isalpha() and len(code) == 2:
        return code
    return detect_language(text)
