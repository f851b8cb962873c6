"""Deltas become one reply, however a server splits them; what is incomplete is cut, not complete."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.errors import ContentFiltered, ModelCut
from rag.llm.assembly import Assembly
from rag.llm.base import ToolCall
from rag.types import Usage


def _assembly() -> Assembly:
    return Assembly("backend (model)", "model")


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
