"""A browser plays spliced files through: it is stricter about parameter sets than FFmpeg."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction as F
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from itertools import groupby
from pathlib import Path
from queue import Empty, Queue
from threading import Thread
from typing import Any

import pytest

import smartcut as sc
from smartcut.media.index import video_index
from smartcut.media.probe import probe
from smartcut.testing import write_bar_coded
from tests.builders.browser import CHROMIUM

pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="Chromium is not installed: apt-get install chromium"
)

# The page reads the bar code of every frame that it shows, and sends the numbers at the end.
PAGE = """<!doctype html><video muted playsinline src="NAME"></video><script>
const video = document.querySelector("video"), canvas = document.createElement("canvas");
const numbers = [];
const send = what => fetch("/result", {method: "POST", body: JSON.stringify(what)});
function number() {
  canvas.width = video.videoWidth; canvas.height = video.videoHeight;
  const pen = canvas.getContext("2d", {willReadFrequently: true});
  pen.drawImage(video, 0, 0);
  const row = pen.getImageData(0, canvas.height * 5 / 12 | 0, canvas.width, 1).data;
  let value = 0;
  for (let bit = 0; bit < 16; bit++)
    if (row[4 * Math.floor((bit + .5) * canvas.width / 17) + 1] > 128) value |= 1 << bit;
  return value;
}
function look() { numbers.push(number()); video.requestVideoFrameCallback(look); }
video.requestVideoFrameCallback(look);
video.onerror = () => send({error: video.error.message});
video.onended = () => {
  const quality = video.getVideoPlaybackQuality();
  send({numbers, duration: video.duration, width: video.videoWidth,
        frames: quality.totalVideoFrames, corrupted: quality.corruptedVideoFrames || 0});
};
video.defaultPlaybackRate = video.playbackRate = 3;
video.play().catch(error => send({error: String(error)}));
</script>"""

# Media Source Extensions: what players of HLS in browsers do with each segment.
SEGMENTED = """<script>
async function open_segments(video) {
  const text = async name => (await fetch(name)).text();
  const master = await text("NAME");
  const codecs = [...master.matchAll(/CODECS="([^"]+)"/g)][HEIGHT][1];
  const name = master.split("\\n").filter(line => line.endsWith(".m3u8"))[HEIGHT];
  const folder = name.slice(0, name.lastIndexOf("/") + 1), lines = (await text(name)).split("\\n");
  const parts = [/URI="([^"]+)"/.exec(lines.join())[1], ...lines.filter(x => x.endsWith(".m4s"))];
  const source = new MediaSource();
  video.src = URL.createObjectURL(source);
  await new Promise(done => source.addEventListener("sourceopen", done, {once: true}));
  const buffer = source.addSourceBuffer(`video/mp4; codecs="${codecs}"`);
  for (const part of parts) {
    buffer.appendBuffer(await (await fetch(folder + part)).arrayBuffer());
    await new Promise(done => buffer.addEventListener("updateend", done, {once: true}));
  }
  source.endOfStream();
}
const ready = open_segments(document.querySelector("video"))
  .then(() => video.play()).catch(error => send({error: String(error)}));
</script>"""

STREAMS: dict[str, tuple[str, dict[str, Any]]] = {
    "h264": ("mp4", {"b_frames": 3}),
    "h264_main": ("mp4", {"options": {"profile": "main", "x264-params": "slices=4"}}),
    "vp9": (
        "webm",
        {
            "encoder": "libvpx-vp9",
            "audio": "libopus",
            "options": {"cpu-used": "8", "b": "800k", "deadline": "realtime"},
        },
    ),
    "av1": (
        "mp4",
        {
            "encoder": "libsvtav1",
            "options": {"preset": "9", "crf": "16", "svtav1-params": "lp=1"},
        },
    ),
}


class Handler(SimpleHTTPRequestHandler):
    """Serves a folder and takes the page's answer."""

    def __init__(self, results: Queue[dict[str, Any]], *args: Any, **how: Any) -> None:
        self.results = results
        super().__init__(*args, **how)

    def do_POST(self) -> None:
        length = int(self.headers["Content-Length"])
        self.results.put(json.loads(self.rfile.read(length)))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *args: Any) -> None:
        pass


@contextmanager
def served(folder: Path, results: Queue[dict[str, Any]]) -> Iterator[str]:
    handler = partial(Handler, results, directory=str(folder))
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def page_of(path: Path, height: int = 0) -> str:
    """A page that plays a file, or a height of a playlist by its number, segment by segment."""
    if path.suffix != ".m3u8":
        return PAGE.replace("NAME", path.name)
    plays = "video.play().catch(error => send({error: String(error)}));"
    return (
        (PAGE.replace(' src="NAME"', "").replace(plays, "") + SEGMENTED)
        .replace("NAME", path.name)
        .replace("HEIGHT", str(height))
    )


def played(path: Path, profile: Path, height: int = 0) -> dict[str, Any]:
    """What Chromium has to say after playing the file to its end."""
    assert CHROMIUM is not None
    (path.parent / "page.html").write_text(page_of(path, height))
    results: Queue[dict[str, Any]] = Queue()
    with served(path.parent, results) as address:
        flags = "--headless --no-sandbox --disable-gpu --no-first-run --disable-sync "
        flags += "--disable-background-networking --disable-component-update "
        flags += f"--autoplay-policy=no-user-gesture-required --user-data-dir={profile}"
        command = [CHROMIUM, *flags.split(), "--remote-debugging-port=0", f"{address}/page.html"]
        browser = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            return results.get(timeout=90)
        except Empty:
            return {"error": "the browser did not come to the end"}
        finally:
            browser.kill()
            browser.wait()


@pytest.mark.parametrize("name", STREAMS)
def test_chromium_plays_copied_and_encoded_parts_through(name: str, tmp_path: Path) -> None:
    suffix, how = STREAMS[name]
    source, out = tmp_path / f"in.{suffix}", tmp_path / f"out.{suffix}"
    write_bar_coded(source, frames=150, **how)
    steps = sc.open(source) | sc.trim(ranges=["0.4-2.7", "1.5-3.9"])
    result = steps.render(out)
    manifest = json.loads((tmp_path / "out.manifest.json").read_text())
    assert {i["how"] for i in manifest["intervals"]} == {"copy", "encode"}
    index = video_index(probe(source))
    expected = [
        n
        for s in result.cut.segments
        for n in range(index.boundary_near(s.range.start), index.boundary_near(s.range.end))
    ]
    seen = played(out, tmp_path / "profile")
    assert "error" not in seen
    assert seen["corrupted"] == 0
    assert abs(seen["duration"] - len(expected) / F(30)) < 0.1
    assert seen["frames"] == len(expected)
    # A busy machine shows fewer frames than it decodes, and some twice, but all in their order.
    shown = [number for number, _ in groupby(seen["numbers"])]
    remaining = iter(expected)
    assert all(number in remaining for number in shown)
    assert len(shown) > 10


@pytest.mark.parametrize("height", [0, 1])
def test_chromium_plays_the_segments_of_a_playlist(height: int, tmp_path: Path) -> None:
    source, out = tmp_path / "in.mp4", tmp_path / "out.m3u8"
    write_bar_coded(source, frames=300, size=(320, 180))
    (sc.open(source) | sc.trim(ranges=["0-5", "6-9.5"])).render(out, heights=[180, 90])
    seen = played(out, tmp_path / "profile", height)
    assert "error" not in seen
    assert seen["corrupted"] == 0
    assert seen["width"] == [320, 160][height]
    assert seen["frames"] == 255
    assert abs(seen["duration"] - 8.5) < 0.1
    shown = [number for number, _ in groupby(seen["numbers"])]
    remaining = iter([*range(150), *range(180, 285)])
    assert all(number in remaining for number in shown)
    assert len(shown) > 10
