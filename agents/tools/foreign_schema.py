"""The schema of another program's tool: checked before the tool is offered, and nothing is fetched for it.

Its regular expressions are not run: one can be written to take years on thirty letters. What they ask for is
left to the program, which checks its arguments itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from rag.errors import ConfigurationError, ToolError

MAX_TOLD = 200
"""Characters of what a check says."""


def check_schema(schema: Mapping[str, Any]) -> None:
    """Whether arguments can be checked against ``schema``, in the draft of JSON Schema that it names.

    Raises:
        ConfigurationError: a type that there is not, a pattern that is none, nested without end.
    """
    from jsonschema.exceptions import SchemaError

    try:
        _draft(schema).check_schema(schema)
    except SchemaError as error:
        raise ConfigurationError(
            f"its schema is wrong at {error.json_path}: {error.message[:MAX_TOLD]}"
        ) from error
    except RecursionError as error:
        raise ConfigurationError("its schema is nested too deep") from error


def check_arguments(name: str, arguments: Mapping[str, Any], schema: Mapping[str, Any]) -> None:
    """``arguments`` against a schema that ``check_schema`` let pass.

    Raises:
        ToolError: they do not follow it, or it refers to what does not stand in it.
    """
    from jsonschema.exceptions import best_match
    from referencing import Registry
    from referencing.exceptions import Unresolvable

    try:
        # The registry is empty: without one, an address in the schema would be opened.
        validator = _without_patterns(_draft(schema))(_of_one_draft(schema), registry=Registry())
        worst = best_match(validator.iter_errors(dict(arguments)))
    except (Unresolvable, RecursionError) as error:
        raise ToolError(
            f"{name} was not called: its schema refers to what is not in it: {str(error)[:MAX_TOLD]}"
        ) from error
    if worst is not None:
        raise ToolError(f"{name} was not called: {worst.json_path}: {worst.message[:MAX_TOLD]}")


def _draft(schema: Mapping[str, Any]) -> Any:
    """The validator of the draft that ``$schema`` names; else of the protocol's own, 2020-12."""
    from jsonschema import Draft202012Validator
    from jsonschema.validators import validator_for

    return validator_for(schema, default=Draft202012Validator)


@cache
def _without_patterns(draft: Any) -> Any:
    """A validator like ``draft`` that runs no regular expression of a schema, wherever it stands."""
    from jsonschema.validators import extend

    closed = draft.VALIDATORS["additionalProperties"]

    def passes(*_: Any) -> Iterator[Any]:
        return iter(())

    def additional(validator: Any, value: Any, instance: Any, schema: Mapping[str, Any]) -> Iterator[Any]:
        # Which names are additional only the patterns could say.
        return iter(()) if "patternProperties" in schema else closed(validator, value, instance, schema)

    unchecked = dict.fromkeys(("pattern", "patternProperties", "unevaluatedProperties"), passes)
    made: Any = extend(draft, {**unchecked, "additionalProperties": additional})  # type: ignore[no-untyped-call]
    return made


def _of_one_draft(schema: Any) -> Any:
    """``schema`` without ``$schema``, at which the validator would change to one that runs patterns."""
    match schema:
        case Mapping():
            return {key: _of_one_draft(value) for key, value in schema.items() if key != "$schema"}
        case list():
            return [_of_one_draft(value) for value in schema]
        case _:
            return schema
