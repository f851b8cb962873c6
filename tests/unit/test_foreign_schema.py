"""Arguments are checked against another program's schema, but no regular expression of it is run."""

from __future__ import annotations

from typing import Any

import pytest

from agents.tools.foreign_schema import check_arguments, check_schema
from rag.errors import ToolError

NEVER = "^(?!)"
"""A pattern that nothing follows: whoever runs it refuses everything."""
SLOW = {"pattern": NEVER}
DRAFT = "https://json-schema.org/draft/2020-12/schema"


@pytest.mark.parametrize(
    "schema",
    [
        {"properties": {"text": SLOW}},
        {"propertyNames": SLOW},
        {"patternProperties": {"": False}},
        {"patternProperties": {NEVER: True}, "additionalProperties": False},
        {"patternProperties": {NEVER: True}, "unevaluatedProperties": False},
        {"allOf": [{"patternProperties": {NEVER: True}}], "unevaluatedProperties": False},
        {"$schema": "http://json-schema.org/draft-07/schema#", "properties": {"text": SLOW}},
        # Where a schema names its draft anew, and where it is said to be no schema at all.
        {"properties": {"text": {"$schema": DRAFT, **SLOW}}},
        {"properties": {"text": {"$ref": "#/default"}}, "default": SLOW},
        {"properties": {"text": {"$ref": "#/default"}}, "default": {"$schema": DRAFT, **SLOW}},
        {"properties": {"text": {"$ref": "#/enum/1"}}, "enum": [{"text": "x"}, {"$schema": DRAFT, **SLOW}]},
        {"$schema": DRAFT, "properties": {"text": {"anyOf": [{"$ref": "#/$defs/a"}]}}, "$defs": {"a": SLOW}},
    ],
)
def test_no_pattern_of_a_schema_is_run(schema: dict[str, Any]) -> None:
    check_schema(schema)
    check_arguments("tool", {"text": "x"}, schema)


@pytest.mark.parametrize(
    ("schema", "says"),
    [
        ({"properties": {"text": {"type": "integer", **SLOW}}}, "not of type 'integer'"),
        ({"additionalProperties": False}, "'text' was unexpected"),
        ({"required": ["number"], "patternProperties": {NEVER: True}}, "'number' is a required property"),
    ],
)
def test_all_else_is_checked(schema: dict[str, Any], says: str) -> None:
    with pytest.raises(ToolError, match=says):
        check_arguments("tool", {"text": "x"}, schema)
