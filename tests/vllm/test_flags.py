"""The flags that the page explains and the compose profile uses are flags of the installed vLLM."""

from __future__ import annotations

import os
import re
import shlex
import subprocess

import pytest

from tests.servers.vllm import ROOT, VENV

pytestmark = [pytest.mark.vllm, pytest.mark.timeout(600)]

_NOT_VLLM = {"--profile"}  # of docker compose


def test_every_flag_is_in_the_servers_own_help() -> None:
    command = [str(VENV / "bin" / "vllm"), "serve", "--help=all"]
    told = subprocess.run(  # noqa: S603 - our own environment
        command, capture_output=True, text=True, check=True, env={**os.environ, "VLLM_NO_USAGE_STATS": "1"}
    ).stdout
    known = set(re.findall(r"--[a-z][a-z-]*", told))
    page = (ROOT / "infra" / "vllm" / "README.md").read_text(encoding="utf-8")
    explained = set(re.findall(r"--[a-z][a-z-]*", page.partition("## Memory")[0])) - _NOT_VLLM
    script = (ROOT / "infra" / "vllm" / "serve_cpu.sh").read_text(encoding="utf-8")
    served = set(re.findall(r"--[a-z][a-z-]*", script))
    assert shlex.join(sorted((explained | served) - known)) == ""
