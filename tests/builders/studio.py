"""The studio as its users have it: the command in a process of its own, its page in Chromium."""

from __future__ import annotations

import base64
import io
import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.request import Request, urlopen

import numpy as np

from tests.builders.browser import Chromium, Watched

if TYPE_CHECKING:
    from playwright.sync_api import Page

# Runs in the page before its own scripts. It notes when each <video> shows its first frame, reads
# the bar code of frames, and collects those that are shown while one plays.
PROBE = """
window.probe = {
  firsts: [], shown: [], isCollecting: false,
  number(video, width = video.videoWidth, height = video.videoHeight) {
    const canvas = probe.canvas ??= document.createElement("canvas");
    canvas.width = width;
    canvas.height = 1;
    const pen = probe.pen ??= canvas.getContext("2d", {willReadFrequently: true});
    pen.drawImage(video, 0, height * 5 / 12 | 0, width, 1, 0, 0, width, 1);
    const row = pen.getImageData(0, 0, width, 1).data;
    let value = 0;
    for (let bit = 0; bit < 16; bit++)
      if (row[4 * Math.floor((bit + .5) * width / 17) + 1] > 128) value |= 1 << bit;
    return value;
  },
  video() { return document.querySelector("studio-stage video:not(.waiting)"); },
  // A frame with its own time: by now it may be the one after that of the callback.
  collect(video) {
    const frame = new VideoFrame(video);
    const number = probe.number(frame, frame.displayWidth, frame.displayHeight);
    probe.shown.push([frame.timestamp / 1e6, number]);
    frame.close();
  },
  watch(video) {
    let isFirst = true;
    const look = (now, frame) => {
      if (isFirst) {
        isFirst = false;
        const at = performance.now();
        probe.firsts.push({at, time: frame.mediaTime, number: probe.number(video)});
      }
      if (probe.isCollecting && video === probe.video()) probe.collect(video);
      video.requestVideoFrameCallback(look);
    };
    video.requestVideoFrameCallback(look);
  },
};
const drawn = new MutationObserver(() => {
  if (document.title === "smartcut studio" || probe.drawn) return;
  probe.drawn = performance.now();
  drawn.disconnect();
});
drawn.observe(document, {childList: true, subtree: true, characterData: true});
const make = document.createElement;
document.createElement = function (name, ...rest) {
  const made = make.call(this, name, ...rest);
  if (name === "video") probe.watch(made);
  return made;
};
"""


@dataclass
class StudioProcess:
    """A running `smartcut studio`."""

    address: str
    """With its token."""
    process: subprocess.Popen[str]

    @property
    def origin(self) -> str:
        return self.address.partition("/?")[0]

    @property
    def token(self) -> str:
        return self.address.partition("token=")[2]

    def cpu_seconds(self) -> float:
        """Processor time of the process and those that it started, since their beginning."""
        import psutil

        whole = psutil.Process(self.process.pid)
        times = [one.cpu_times() for one in (whole, *whole.children(recursive=True))]
        return sum(t.user + t.system for t in times)

    def read(self, path: str, body: Any = None) -> bytes:
        """What the server answers to a program with its token."""
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        with urlopen(Request(f"{self.origin}{path}", data, headers), timeout=60) as answer:
            content: bytes = answer.read()
            return content

    def ask(self, path: str, body: Any = None) -> Any:
        """The same, where it is JSON."""
        return json.loads(self.read(path, body))

    def wait_until_open(self, timeout: float = 120.0) -> None:
        """Until the stages have run and the cut is planned."""
        end = time.monotonic() + timeout
        while self.ask("/api/state").get("opening"):
            assert time.monotonic() < end, "the cut was not planned in time"
            time.sleep(0.05)

    def wait_until_idle(self, timeout: float = 60.0) -> None:
        """Until the server works on nothing: what a closed page had asked for has ended."""
        end, before = time.monotonic() + timeout, -1.0
        while (now := self.cpu_seconds()) - before > 0.02 and time.monotonic() < end:
            before = now
            time.sleep(0.5)

    def memory(self) -> int:
        """Resident bytes."""
        import psutil

        return int(psutil.Process(self.process.pid).memory_info().rss)


@contextmanager
def studio(*arguments: object, cache: Path) -> Iterator[StudioProcess]:
    """The command with these arguments, until the block ends."""
    command = [sys.executable, "-m", "smartcut", "studio", *map(str, arguments)]
    environment = {**os.environ, "SMARTCUT_CACHE": str(cache)}
    process = subprocess.Popen(
        [*command, "--no-open", "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        found = re.match(r"http://127\.0\.0\.1:\d+/\?token=\S+", line)
        assert found, (line, process.stderr and process.stderr.read())
        yield StudioProcess(found[0], process)
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


class StudioPage:
    """The studio's page in a browser, with what was seen in it."""

    def __init__(self, watched: Watched) -> None:
        self.watched = watched
        self.page: Page = watched.page

    @classmethod
    def open(cls, chromium: Chromium, studio: StudioProcess, **how: Any) -> StudioPage:
        """The page, from its address on; returns when it is loaded, not when it shows a frame."""
        watched = chromium.open(
            studio.address, before=lambda page: page.add_init_script(PROBE), **how
        )
        return cls(watched)

    def state(self) -> dict[str, Any]:
        """What the server says now."""
        found: dict[str, Any] = self.page.evaluate("fetch('/api/state').then(a => a.json())")
        return found

    def firsts(self, count: int = 1, timeout: float = 60.0) -> list[dict[str, float]]:
        """The first frame of each <video>, once there are so many: at (ms), time (s), number."""
        self.wait(f"probe.firsts.length >= {count}", timeout)
        found: list[dict[str, float]] = self.page.evaluate("probe.firsts")
        return found

    def drawn(self) -> float:
        """Milliseconds from going to the address until the cut's state was drawn."""
        self.wait("probe.drawn")
        return float(self.page.evaluate("probe.drawn"))

    def wait(self, condition: str, timeout: float = 60.0) -> None:
        """Until an expression of JavaScript holds; the page's policy forbids to wait for texts."""
        for _ in range(int(timeout / 0.02)):
            if self.page.evaluate(f"!!({condition})"):
                return
            self.page.wait_for_timeout(20)
        raise AssertionError(f"{condition} does not hold after {timeout} s: {self.watched.errors}")

    def number_at(self, time: float) -> int:
        """The bar code of the frame that is shown at a time, after a seek."""
        number: int = self.page.evaluate(
            """time => new Promise((done, failed) => {
                const video = probe.video();
                const look = (_, frame) => done(probe.number(video));
                video.requestVideoFrameCallback(look);
                setTimeout(() => failed(`no frame at ${time}`), 30000);
                video.currentTime = time;
            })""",
            time,
        )
        return number

    def picture_at(self, time: float) -> np.ndarray:
        """The frame that is shown at a time, as RGB; seen after a seek."""
        from PIL import Image

        self.number_at(time)
        text: str = self.page.evaluate(
            """() => {
                const video = probe.video(), canvas = document.createElement("canvas");
                [canvas.width, canvas.height] = [video.videoWidth, video.videoHeight];
                canvas.getContext("2d").drawImage(video, 0, 0);
                return canvas.toDataURL("image/png");
            }"""
        )
        data = base64.b64decode(text.partition(",")[2])
        return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))

    def settled(self) -> None:
        """Until the page has the frame that was sought last, and nothing is asked for."""
        self.wait("(video => video && !video.seeking && video.readyState > 1)(probe.video())")
        self.page.wait_for_timeout(300)

    def kilobytes(self) -> float:
        """Size of the page's own files, as they were sent."""
        size: float = self.page.evaluate(
            "performance.getEntriesByType('resource').filter(one => one.name.includes('/page/'))"
            ".reduce((sum, one) => sum + one.decodedBodySize, 0)"
        )
        return size / 1000

    def close(self) -> None:
        self.page.context.close()

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def timed_edit(self, key: str) -> float:
        """Milliseconds from a key that edits until the new version's first frame is shown."""
        before = len(self.page.evaluate("probe.firsts"))
        self.page.evaluate(
            "addEventListener('keydown', () => { probe.pressed = performance.now(); }, "
            "{capture: true, once: true})"
        )
        self.press(key)
        shown = self.firsts(before + 1)[before]["at"]
        return float(shown - self.page.evaluate("probe.pressed"))
