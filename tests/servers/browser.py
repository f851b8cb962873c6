"""A headless Chromium and its pages, through the browser's own remote protocol.

https://chromedevtools.github.io/devtools-protocol/
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from tempfile import TemporaryDirectory
from typing import Any

from websockets.sync.client import ClientConnection, connect

PATIENCE_S = 20
"""Seconds that a page has to become what a test waits for."""
_NAMES = ("chromium", "chromium-browser", "google-chrome")
_FLAGS = (
    "--headless=new",
    "--remote-debugging-port=0",
    "--no-first-run",
    "--no-proxy-server",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",
    "--disable-extensions",
    "--disable-gpu",
)


def program() -> str | None:
    """The browser; ``None`` where none is installed."""
    return next((path for name in _NAMES if (path := shutil.which(name))), None)


class Browser:
    """One connection to a browser, through which its pages are reached too."""

    def __init__(self, wire: ClientConnection) -> None:
        self._wire = wire
        self._numbers = count(1)
        self._events: list[dict[str, Any]] = []

    def call(self, method: str, session: str | None = None, **params: Any) -> Any:
        """What a method of the protocol gives; with a session it is a page's."""
        number = next(self._numbers)
        sent = {"id": number, "method": method, "params": params}
        self._wire.send(json.dumps(sent | ({"sessionId": session} if session else {})))
        while (said := self._read()).get("id") != number:
            pass
        assert "error" not in said, (method, said["error"])
        return said["result"]

    def wait_for(self, event: str, session: str) -> None:
        """Returns once ``event`` has happened on a page since it was opened."""
        while not self.happened(event, session):
            self._read()

    def happened(self, event: str, session: str) -> list[Any]:
        """What is known so far of each ``event`` on a page."""
        return [
            one["params"] for one in self._events if (one["method"], one.get("sessionId")) == (event, session)
        ]

    def _read(self) -> dict[str, Any]:
        said: dict[str, Any] = json.loads(self._wire.recv(timeout=PATIENCE_S))
        if "method" in said:
            self._events.append(said)
        return said


class Page:
    """A page that is read as its scripts see it and used as a person uses it, by keys and clicks."""

    def __init__(self, browser: Browser, url: str) -> None:
        self._browser = browser
        # Of its own: no other page's cookies, caches or connections.
        self._context = browser.call("Target.createBrowserContext")["browserContextId"]
        target = browser.call("Target.createTarget", url="about:blank", browserContextId=self._context)
        attached = browser.call("Target.attachToTarget", targetId=target["targetId"], flatten=True)
        self._session = attached["sessionId"]
        self._call("Page.enable")
        self._call("Runtime.enable")
        self._call("Page.navigate", url=url)
        browser.wait_for("Page.loadEventFired", self._session)

    def evaluate(self, expression: str) -> Any:
        """What JavaScript gives, as JSON; a promise is waited for."""
        done = self._call("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in done, done["exceptionDetails"]
        return done["result"].get("value")

    def until(self, condition: str) -> Any:
        """What JavaScript gives once that counts as true."""
        look = f"() => {{ const it = {condition}; it ? done(it) : setTimeout(look, 10); }}"
        try:
            return self.evaluate(f"new Promise((done) => {{ const look = {look}; look(); }})")
        except TimeoutError:
            shown = self.evaluate("document.body.innerText")
            raise AssertionError(f"{condition}: not so after {PATIENCE_S} s. It shows: {shown}") from None

    def text(self, selector: str) -> str:
        """The text of the first such element, once there is one with any."""
        return str(self.until(f"document.querySelector({json.dumps(selector)})?.textContent"))

    def type(self, text: str) -> None:
        """Types into what has the focus, and Enter."""
        self._call("Input.insertText", text=text)
        for kind in ("keyDown", "keyUp"):
            self._call("Input.dispatchKeyEvent", type=kind, key="Enter", text="\r", windowsVirtualKeyCode=13)

    def click(self, selector: str) -> None:
        """Clicks in the middle of the first such element, once it is there to be seen."""
        where = self.until(
            f"((it) => {{ it?.scrollIntoView({{block: 'center'}}); const box = it?.getClientRects()[0];"
            " return box && {x: box.x + box.width / 2, y: box.y + box.height / 2}; })"
            f"(document.querySelector({json.dumps(selector)}))"
        )
        for kind in ("mousePressed", "mouseReleased"):
            self._call("Input.dispatchMouseEvent", type=kind, button="left", clickCount=1, **where)

    def thrown(self) -> list[Any]:
        """Errors that no script of the page has caught."""
        return self._browser.happened("Runtime.exceptionThrown", self._session)

    def close(self) -> None:
        """Closes the page and its connections."""
        self._browser.call("Target.disposeBrowserContext", browserContextId=self._context)

    def _call(self, method: str, **params: Any) -> Any:
        return self._browser.call(method, self._session, **params)


@contextmanager
def running_browser(path: str) -> Iterator[Browser]:
    """A browser with a profile of its own, which goes with it."""
    # Its sandbox refuses to run as root, which is who runs in a container.
    flags = [*_FLAGS, *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    with TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        command = [path, *flags, f"--user-data-dir={folder}", "about:blank"]
        with subprocess.Popen(  # noqa: S603 - our own
            command, stderr=subprocess.PIPE, text=True, env=os.environ | {"HOME": folder}
        ) as process:
            assert process.stderr is not None
            said = iter(process.stderr)
            found = (re.search(r"DevTools listening on (\S+)", line) for line in said)
            address = next((match[1] for match in found if match), None)
            assert address, f"{path} ended before it could be reached"
            # What it goes on to say is read, or it would wait for a reader.
            reader = threading.Thread(target=list, args=(said,), daemon=True)
            reader.start()
            try:
                with connect(address, max_size=None, proxy=None) as wire:
                    yield Browser(wire)
            finally:
                process.terminate()
                reader.join(PATIENCE_S)
