"""A real browser, spoken to by its own DevTools protocol over two pipes: nothing to install.

Every wait is for a state, with a limit that a slow machine does not reach.
"""

from __future__ import annotations

import base64
import itertools
import json
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

#: Seconds until the browser is given up.
LIMIT = 90.0
PROGRAM = shutil.which("chromium") or shutil.which("chromium-browser") or ""
_LAUNCH = """
import fcntl, os, sys
ends = [fcntl.fcntl(int(fd), fcntl.F_DUPFD, 20) for fd in sys.argv[1:3]]
os.dup2(ends[0], 3); os.dup2(ends[1], 4)
for end in ends: os.close(end)
os.execv(sys.argv[3], sys.argv[3:])
"""
_FLAGS = (
    "--headless=new", "--no-sandbox", "--remote-debugging-pipe", "--disable-gpu",
    "--disable-dev-shm-usage", "--no-first-run", "--disable-extensions",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-default-apps", "--no-default-browser-check", "--force-color-profile=srgb",
)  # fmt: skip


class Browser:
    """One process; `page` opens a tab."""

    def __init__(self, profile: Path) -> None:
        theirs_in, self._out = os.pipe()
        self._in, theirs_out = os.pipe()
        self._process = subprocess.Popen(
            [sys.executable, "-c", _LAUNCH, str(theirs_in), str(theirs_out), PROGRAM, *_FLAGS,
             f"--user-data-dir={profile}", "about:blank"],
            pass_fds=(theirs_in, theirs_out), env={**os.environ, "HOME": str(profile)},
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        os.close(theirs_in)
        os.close(theirs_out)
        self._numbers = itertools.count(1)
        self._changed = threading.Condition()
        self._answers: dict[int, dict[str, Any]] = {}
        self.events: list[dict[str, Any]] = []
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        rest = b""
        while chunk := os.read(self._in, 1 << 20):
            *whole, rest = (rest + chunk).split(b"\0")
            with self._changed:
                for text in whole:
                    told = json.loads(text)
                    if "id" in told:
                        self._answers[told["id"]] = told
                    else:
                        self.events.append(told)
                self._changed.notify_all()

    def call(self, method: str, session: str | None = None, **parameters: Any) -> dict[str, Any]:
        number = next(self._numbers)
        told: dict[str, Any] = {"id": number, "method": method, "params": parameters}
        if session:
            told["sessionId"] = session
        content = memoryview(json.dumps(told).encode() + b"\0")
        while content:
            content = content[os.write(self._out, content) :]
        with self._changed:
            assert self._changed.wait_for(lambda: number in self._answers, LIMIT), method
            answer = self._answers.pop(number)
        assert "error" not in answer, (method, answer["error"])
        result: dict[str, Any] = answer["result"]
        return result

    def page(self, width: int = 1280, height: int = 900, scheme: str = "light") -> Page:
        context = self.call("Target.createBrowserContext")["browserContextId"]
        target = self.call("Target.createTarget", url="about:blank", browserContextId=context)
        made = self.call("Target.attachToTarget", targetId=target["targetId"], flatten=True)
        page = Page(self, made["sessionId"])
        for domain in ("Page", "Runtime", "Log", "Network"):
            page.call(f"{domain}.enable")
        page.size(width, height)
        page.prefer(scheme)
        return page

    def close(self) -> None:
        try:
            self.call("Browser.close")
        finally:
            try:
                self._process.wait(20)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._reader.join(20)
            os.close(self._out)
            os.close(self._in)


class Page:
    """One tab, with storage of its own."""

    def __init__(self, browser: Browser, session: str) -> None:
        self._browser = browser
        self._session = session

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        return self._browser.call(method, self._session, **parameters)

    def size(self, width: int, height: int) -> None:
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width, height=height, deviceScaleFactor=1, mobile=width < 600,
        )  # fmt: skip

    def prefer(self, scheme: str) -> None:
        features = [
            {"name": "prefers-color-scheme", "value": scheme},
            {"name": "prefers-reduced-motion", "value": "reduce"},
        ]
        self.call("Emulation.setEmulatedMedia", features=features)

    def open(self, url: str, headers: Mapping[str, str] | None = None) -> None:
        if headers:
            self.call("Network.setExtraHTTPHeaders", headers=dict(headers))
        self.call("Page.navigate", url=url)

    def ask(self, expression: str) -> Any:
        """What an expression is worth; a promise is waited for."""
        told = self.call(
            "Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True,
            allowUnsafeEvalBlockedByCSP=True,
        )  # fmt: skip
        assert "exceptionDetails" not in told, (expression, told["exceptionDetails"])
        return told["result"].get("value")

    def wait(self, expression: str) -> Any:
        """Look again and again until an expression is true; answers its worth."""
        end, nobody = time.monotonic() + LIMIT, threading.Event()
        calm = f"(() => {{ try {{ return {expression} }} catch {{ return null }} }})()"
        while not (worth := self.ask(calm)):
            assert time.monotonic() < end, (expression, self.ask("document.body.innerText"))
            nobody.wait(0.03)
        return worth

    @property
    def text(self) -> str:
        return str(self.ask("document.body.innerText"))

    def press(self, key: str, text: str = "", shift: bool = False) -> None:
        codes = {"Tab": 9, "Enter": 13, "Escape": 27, "ArrowDown": 40, "ArrowUp": 38, "End": 35,
                 "Home": 36, "PageDown": 34, " ": 32}  # fmt: skip
        told = {"key": key, "code": key, "windowsVirtualKeyCode": codes.get(key, 0),
                "modifiers": 8 if shift else 0}  # fmt: skip
        text = text or {"Enter": "\r", " ": " "}.get(key, "")
        down = {**told, "text": text} if text else told
        self.call("Input.dispatchKeyEvent", type="keyDown", **down)
        self.call("Input.dispatchKeyEvent", type="keyUp", **told)

    def type(self, text: str) -> None:
        for letter in text:
            self.press(letter, text=letter)

    def screenshot(self, file: Path) -> None:
        told = self.call("Page.captureScreenshot", format="png")
        file.write_bytes(base64.b64decode(told["data"]))

    @property
    def complaints(self) -> list[str]:
        """What the browser had to say against the page: errors, and what the policy stopped."""
        found = []
        for event in self._browser.events:
            if event.get("sessionId") != self._session:
                continue
            if event["method"] == "Log.entryAdded" and event["params"]["entry"]["level"] == "error":
                found.append(event["params"]["entry"]["text"])
            if event["method"] == "Runtime.exceptionThrown":
                found.append(json.dumps(event["params"]["exceptionDetails"]))
        return found

    @property
    def requested(self) -> list[str]:
        """Every address that the tab has asked for."""
        return [
            event["params"]["request"]["url"]
            for event in self._browser.events
            if event.get("sessionId") == self._session
            and event["method"] == "Network.requestWillBeSent"
        ]


@contextmanager
def browser(profile: Path) -> Iterator[Browser]:
    """A browser until the block ends."""
    made = Browser(profile)
    try:
        yield made
    finally:
        made.close()
