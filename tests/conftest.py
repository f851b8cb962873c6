"""What holds for every test: no network, and no model hub."""

from __future__ import annotations

import os
import socket
from typing import Any

import pytest
from hypothesis import settings

# A deadline per example is a timed test: a busy machine would fail it.
settings.register_profile("suite", deadline=None)
settings.load_profile("suite")

os.environ["HF_HUB_OFFLINE"] = "1"

LOOPBACK = ("127.0.0.1", "::1", "localhost")


@pytest.fixture(autouse=True)
def no_network(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes a real call fail the test; with the marker ``socket`` the loopback interface is allowed."""
    local = request.node.get_closest_marker("socket") is not None
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family == socket.AF_UNIX or (local and address[0] in LOOPBACK):
            return connect(self, address)
        raise AssertionError(f"a test tried to reach {address}: mark it `socket` if that is on this machine")

    monkeypatch.setattr(socket.socket, "connect", guarded)
