"""Rows of numbers, one a query, as a Parquet file: what the statistics read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from eval.folder import written
from rag.errors import BadInput

ROWS = "rows.parquet"
"""The rows of a run: ``query``, a column a measure, ``ms``, ``error``. A sweep's have ``configuration``,
``repeat`` and ``cost`` too. A score that there is not is null, and ``error`` says why when it failed."""
TEXT = ("configuration", "set", "query", "type", "error", "document")
WHOLE = ("repeat", "rank")
NOT_MEASURES = (*TEXT, *WHOLE, "ms", "cost")


def write_table(folder: Path, rows: Sequence[Mapping[str, Any]], name: str = ROWS) -> None:
    """Writes rows, whole or not at all; all have the columns of the first.

    Raises:
        StorageFull, StorageError: the folder cannot be written.
    """
    import pyarrow
    from pyarrow import parquet

    kinds = dict.fromkeys(TEXT, pyarrow.string()) | dict.fromkeys(WHOLE, pyarrow.int32())
    # Types are given, not guessed: a column of nulls is still one of numbers.
    schema = pyarrow.schema([(column, kinds.get(column, pyarrow.float64())) for column in rows[0]])
    part = folder / f"{name}.part"
    with written(folder):
        folder.mkdir(parents=True, exist_ok=True)
        parquet.write_table(pyarrow.Table.from_pylist(list(rows), schema=schema), part)
        part.replace(folder / name)


def read_table(folder: Path, name: str = ROWS, configuration: str | None = None) -> dict[str, list[Any]]:
    """The columns of a folder's rows, of one configuration when it is named.

    Raises:
        BadInput: there is no such file, it is not Parquet, or it lacks the columns.
    """
    import pyarrow
    from pyarrow import parquet

    filters = [("configuration", "=", configuration)] if configuration is not None else None
    try:
        table = parquet.read_table(folder / name, filters=filters)
    except FileNotFoundError:
        raise BadInput(f"{folder} is not a run: it holds no {name}; write one with --out {folder}") from None
    except (pyarrow.ArrowException, OSError) as error:
        raise BadInput(f"{folder / name} cannot be read: {str(error).splitlines()[0]}") from error
    columns: dict[str, list[Any]] = table.to_pydict()
    if "query" not in columns:
        raise BadInput(f"{folder / name} has no column 'query'; it has {', '.join(columns)}")
    return columns
