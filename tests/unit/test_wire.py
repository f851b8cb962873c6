"""Messages as servers take them: in turns, as Hugging Face's templates of Mistral's models demand."""

from __future__ import annotations

import ssl
from unittest.mock import Mock

import pytest

from rag.llm.base import Message, ToolCall
from rag.llm.mistral import MistralChat
from rag.llm.wire import wire_messages


def test_neighbours_of_one_role_travel_as_one_message() -> None:
    said = [
        Message("system", "Rules."),
        Message("user", "Earlier: caches."),
        Message("user", "How large?"),
        Message("assistant", "Large."),
        Message("user", "Computed: 3."),
        Message("user", "Why?"),
    ]
    assert wire_messages(said) == [
        {"role": "system", "content": "Rules."},
        {"role": "user", "content": "Earlier: caches.\n\nHow large?"},
        {"role": "assistant", "content": "Large."},
        {"role": "user", "content": "Computed: 3.\n\nWhy?"},
    ]


def test_calls_and_their_results_stay_apart() -> None:
    call = ToolCall("a", "search", {})
    said = [
        Message("assistant", "", (call,)),
        Message("tool", "one", (), "a", "search"),
        Message("tool", "two", (), "b", "search"),
        Message("assistant", "x"),
        Message("assistant", "", (call,)),
    ]
    assert [one["role"] for one in wire_messages(said)] == [one.role for one in said]


def test_both_clients_of_mistrals_sdk_share_the_tls_context_that_takes_long_to_make(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    make = Mock(return_value=ssl.create_default_context())
    monkeypatch.setattr(ssl, "create_default_context", make)
    MistralChat("mistral-small-latest", "key")
    make.assert_called_once()
