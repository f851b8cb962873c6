"""Links between documents of one collection, as Markdown writes them."""

from __future__ import annotations

import posixpath
import re

_LINK = re.compile(r"\]\((?P<path>[^()\s#?]+)(?:#[^()\s]*)?\)")
_ADDRESS = re.compile(r"^(?:[a-z][a-z0-9+.-]*:|/)", re.IGNORECASE)


def linked(text: str, document_id: str) -> list[str]:
    """The ids that the relative links in ``text``, a part of ``document_id``, name, in their order.

    ``[BM25](../retrieval/bm25.md)`` in ``handbook/agents/react.md`` names ``handbook/retrieval/bm25.md``.
    Addresses, and links to the document itself, are left out. Whether there is such a document is not
    known here.
    """
    folder = posixpath.dirname(document_id)
    paths = (link["path"] for link in _LINK.finditer(text))
    named = (posixpath.normpath(posixpath.join(folder, path)) for path in paths if not _ADDRESS.match(path))
    return [one for one in dict.fromkeys(named) if one != document_id and not one.startswith("..")]
