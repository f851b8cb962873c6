"""What routes ask FastAPI for."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Header, Request

from app.system import System


def _system(request: Request) -> System:
    system: System = request.app.state.system
    return system


TheSystem = Annotated[System, Depends(_system)]
Accept = Annotated[str, Header()]
