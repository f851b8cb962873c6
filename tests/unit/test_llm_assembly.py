"""Deltas become one reply, however a server splits them; what is incomplete is cut, not complete."""

from __future__ import annotations

import json
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.errors import ContentFiltered, ModelCut
from rag.llm.assembly import Assembly
from rag.llm.base import ToolCall
from rag.llm.failures import Source
from rag.types import Usage

KEY = "sk-live-0123456789"


def _assembly() -> Assembly:
    return Assembly(Source("backend", "model", KEY))


@given(
    st.dictionaries(st.text(max_size=8), st.text(max_size=20), max_size=3),
    st.lists(st.integers(0, 200), max_size=8),
)
def test_arguments_join_wherever_they_were_cut(arguments: dict[str, str], cuts: list[int]) -> None:
    written = json.dumps(arguments)
    edges = sorted({0, len(written), *(cut % (len(written) + 1) for cut in cuts)})
    assembly = _assembly()
    assembly.add_call(0, "id1", "tool", None)
    for start, end in pairwise(edges):
        assembly.add_call(0, None, None, written[start:end])
    assembly.add(finish="tool_calls")
    assert assembly.reply().tool_calls == (ToolCall("id1", "tool", arguments),)


def test_calls_interleaved_by_index_stay_apart() -> None:
    assembly = _assembly()
    assembly.add_call(0, "a", "one", '{"x"')
    assembly.add_call(1, "b", "two", '{"y"')
    assembly.add_call(0, None, None, ": 1}")
    assembly.add_call(1, "null", None, ": 2}")  # what mistralai writes for no id
    assembly.add(finish="tool_calls")
    assert assembly.reply().tool_calls == (ToolCall("a", "one", {"x": 1}), ToolCall("b", "two", {"y": 2}))


def test_another_id_under_the_same_index_is_another_call() -> None:
    assembly = _assembly()
    assembly.add_call(0, "a", "one", {"x": 1})
    assembly.add_call(0, "b", "one", {"x": 2})
    assembly.add(finish="tool_calls")
    assert [call.arguments for call in assembly.reply().tool_calls] == [{"x": 1}, {"x": 2}]


def test_a_call_without_arguments_or_id_has_an_empty_object_and_an_id() -> None:
    assembly = _assembly()
    assembly.add_call(0, None, "tool", None)
    assembly.add(finish="stop")
    reply = assembly.reply()
    assert reply.tool_calls == (ToolCall("call0", "tool", {}),)
    assert reply.finish == "tool_calls"  # vLLM says "stop" after a call that was required


@pytest.mark.parametrize(
    ("reason", "finish"), [("stop", "stop"), ("length", "length"), ("model_length", "length")]
)
def test_finish_reasons_of_both_protocols_are_known(reason: str, finish: str) -> None:
    assembly = _assembly()
    assembly.add("text", finish=reason)
    assert assembly.reply().finish == finish


@pytest.mark.parametrize("reason", [None, "error", "abort"])
def test_a_reply_without_a_good_end_is_cut(reason: str | None) -> None:
    assembly = _assembly()
    assembly.add("half an ans", finish=reason)
    with pytest.raises(ModelCut, match=reason or "without a finish reason") as cut:
        assembly.reply()
    assert not cut.value.by_content


def test_a_reply_that_a_filter_withheld_says_so_and_is_no_failure_of_the_backend() -> None:
    assembly = _assembly()
    assembly.add("half an ans", finish="content_filter")
    with pytest.raises(ContentFiltered, match=r"backend \(model\): .* content filter") as filtered:
        assembly.reply(tool_required=True)
    assert filtered.value.by_content


@pytest.mark.parametrize("arguments", ['{"x": ', "[1]", "nonsense"])
def test_a_call_whose_arguments_are_no_object_is_cut(arguments: str) -> None:
    assembly = _assembly()
    assembly.add_call(0, "a", "tool", arguments)
    assembly.add(finish="tool_calls")
    with pytest.raises(ModelCut, match="'tool'") as cut:
        assembly.reply()
    assert cut.value.by_content


def test_a_required_call_that_never_came_is_cut() -> None:
    assembly = _assembly()
    assembly.add('{"name": "search_cor', finish="length")  # vLLM sends a call cut by max_tokens as text
    with pytest.raises(ModelCut, match="required"):
        assembly.reply(tool_required=True)


def test_what_later_events_do_not_carry_stays() -> None:
    assembly = _assembly()
    assembly.add("a", model="reported", usage=Usage(1, 2))
    assembly.add("b", finish="stop")
    reply = assembly.reply()
    assert (reply.text, reply.model, reply.usage) == ("ab", "reported", Usage(1, 2))


@given(st.sampled_from(["", "sk-", "sk-live-01234567x ", "s"]), st.lists(st.integers(0, 200), max_size=8))
def test_the_key_is_neither_shown_nor_kept_however_it_is_split(before: str, cuts: list[int]) -> None:
    said = f"{before}The key is {KEY.upper()}, sk-"
    edges = sorted({0, len(said), *(cut % len(said) for cut in cuts)})
    assembly = _assembly()
    shown = [assembly.add(said[start:end]) for start, end in pairwise(edges)]
    shown.append(assembly.add(finish="stop"))
    assert "".join(shown) == assembly.reply().text == f"{before}The key is ***, sk-"


def test_a_placeholder_of_a_key_changes_no_answer() -> None:
    assembly = Assembly(Source("vllm", "model", "EMPTY"))
    assert assembly.add("an empty cac") == "an empty cac"
    assert assembly.add("he empt", finish="stop") == "he empt"


def test_the_key_is_in_no_name_argument_model_or_message() -> None:
    escaped = "".join(f"\\u{ord(letter):04x}" for letter in KEY)
    assembly = _assembly()
    assembly.add_call(0, KEY, f"tool {KEY}", f'{{"{KEY}": "{escaped}"}}')
    assembly.add(finish="tool_calls", model=KEY)
    reply = assembly.reply()
    assert reply.tool_calls == (ToolCall("***", "tool ***", {"***": "***"}),)
    assert reply.model == "***"


@pytest.mark.parametrize("before", [0, 70])  # at 70 the message is cut inside the key
def test_the_key_is_not_in_what_is_quoted_of_a_useless_reply(before: int) -> None:
    assembly = _assembly()
    assembly.add_call(0, "a", "tool", "x" * before + KEY)
    assembly.add(finish="tool_calls")
    with pytest.raises(ModelCut, match="broken off") as cut:
        assembly.reply()
    assert "sk-" not in str(cut.value)
    other = _assembly()
    other.add("half an ans", finish=KEY)
    with pytest.raises(ModelCut, match=r"ended with '\*\*\*'"):
        other.reply()


def test_half_a_character_is_replaced_in_text_and_arguments() -> None:
    assembly = _assembly()
    assert assembly.add("a \ud800 b", finish="stop") == "a \ufffd b"
    assembly.add_call(0, "a", "tool", '{"x": "\\ud800"}')
    assert assembly.reply().tool_calls[0].arguments == {"x": "\ufffd"}


@pytest.mark.parametrize(
    ("told", "usage"),
    [
        (Usage(-5, 10**400), Usage(0, 10**9)),
        (SimpleNamespace(prompt_tokens=None, completion_tokens="many"), Usage()),
        (SimpleNamespace(), Usage()),
        ([1], Usage()),
        ("many", Usage()),
    ],
)
def test_a_usage_is_read_as_far_as_it_can_be(told: object, usage: Usage) -> None:
    assembly = _assembly()
    assembly.add("a", finish="stop", usage=told)
    assert assembly.reply().usage == usage


@pytest.mark.parametrize("arguments", ["[" * 100_000, '{"x": ' + "[" * 70 + "]" * 70 + "}", "1" * 5000])
def test_arguments_that_nobody_could_walk_are_broken_off(arguments: str) -> None:
    assembly = _assembly()
    assembly.add_call(0, "a", "tool", arguments)
    assembly.add(finish="tool_calls")
    with pytest.raises(ModelCut, match="'tool'"):
        assembly.reply()


def test_only_so_many_calls_are_put_together() -> None:
    assembly = _assembly()
    for number in range(64):
        assembly.add_call(number, f"id{number}", "tool", "{}")
    with pytest.raises(ModelCut, match="more than 64 tool calls") as cut:
        assembly.add_call(64, "id64", "tool", "{}")
    assert cut.value.by_content


def test_only_so_much_is_taken_in_as_arguments() -> None:
    assembly = _assembly()
    assembly.add_call(0, "a", "tool", "x" * 60_000)
    with pytest.raises(ModelCut, match="100,000 characters"):
        assembly.add_call(1, "b", "tool", "x" * 60_000)


@pytest.mark.parametrize("field", ["text", "finish", "model"])
def test_what_is_no_string_is_told_by_its_type(field: str) -> None:
    told: dict[str, Any] = {field: ["stop"]}
    with pytest.raises(TypeError):
        _assembly().add(**told)
