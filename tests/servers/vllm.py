"""The real vLLM without a GPU, as ``make test-vllm`` installs it: on a free port, and always stopped."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv-vllm"
MODEL = "smollm2"
WINDOW = 2048
"""Tokens of the model's context, as infra/vllm/serve_cpu.sh sets it."""

_START_S = 480.0
_STOP_S = 20.0
_ENGINE = "VLLM::EngineCor"  # the kernel keeps 15 characters of a process's name


@dataclass(frozen=True, slots=True)
class Vllm:
    """A server that runs: its address, and its process, the first of a group."""

    url: str
    pid: int

    def metric(self, name: str) -> float:
        """The sum of a Prometheus metric over its series."""
        page = httpx.get(f"{self.url}/metrics", timeout=30).text
        series = re.findall(rf"^{re.escape(name)}\{{.*\}} (\S+)$", page, re.MULTILINE)
        return sum(map(float, series))

    def kill_engine(self) -> None:
        """Kills the process that computes; the one that answers HTTP lives on."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text(encoding="ascii").split()
        for child in children:
            if Path(f"/proc/{child}/comm").read_text(encoding="utf-8").strip() == _ENGINE:
                os.kill(int(child), signal.SIGKILL)


@contextmanager
def running_vllm(log: Path) -> Iterator[Vllm]:
    """The server, once it is healthy; what it prints goes to ``log``."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [str(ROOT / "infra" / "vllm" / "serve_cpu.sh"), str(VENV), str(port)]
    with log.open("wb") as output:
        process = subprocess.Popen(  # noqa: S603 - our own script
            command, cwd=ROOT, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
        )
    try:
        url = f"http://127.0.0.1:{port}"
        _wait_until_healthy(url, process, log)
        yield Vllm(url, process.pid)
    finally:
        _stop(process)


def _wait_until_healthy(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + _START_S
    while time.monotonic() < until:
        try:
            # The wait for its end is the pause between two looks.
            process.wait(timeout=1)
            break
        except subprocess.TimeoutExpired:
            pass
        try:
            if httpx.get(f"{url}/health", timeout=5).status_code == httpx.codes.OK:
                return
        except httpx.TransportError:
            continue
    raise RuntimeError(f"vLLM did not come up; the end of {log}:\n{log.read_text(errors='replace')[-4000:]}")


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Ends the whole group: the engine and its workers outlive a server that was killed."""
    for sign in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, sign)
        except ProcessLookupError:
            break
        try:
            process.wait(timeout=_STOP_S)
        except subprocess.TimeoutExpired:
            continue
