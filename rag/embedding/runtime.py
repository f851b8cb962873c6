"""Loads onnxruntime with its usage statistics off."""

from __future__ import annotations

import os
from types import ModuleType


def load_onnxruntime() -> ModuleType:
    """The module ``onnxruntime``, kept from calling home.

    Since 1.31 it collects events on Linux too, in a database under the user's cache folder, and sends them.
    It reads the switch once, as it is loaded, so ``disable_telemetry_events()`` comes too late.
    """
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
    import onnxruntime

    module: ModuleType = onnxruntime
    return module
