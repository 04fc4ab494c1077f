"""A hand that drags the playhead about and corrects the cut now and then: what memory it takes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.builders.studio import StudioPage, StudioProcess

# Seconds of one turn: drags with rests between, in which what is sought comes.
_TURN = 10
_DRAG = """
(seconds) => new Promise(async done => {
    const { store } = await import('/page/store.js');
    const end = performance.now() + 1000 * seconds;
    let at = store.playhead, sought = 0, isPlaying = false;
    const move = () => {
        if (performance.now() > end) { store.pause(); return done(); }
        if (isPlaying) { store.pause(); isPlaying = false; }
        at = (at + 7.3) % store.state.duration;
        store.seek(at);
        const rests = ++sought % 24 === 0;
        if (rests) { store.play(); isPlaying = true; }
        setTimeout(move, rests ? 1500 : 60);
    };
    move();
})
"""
_EDITS = """
async number => {
    const { store } = await import('/page/store.js');
    const first = store.programme()[0];
    const match = { id: first.id, source: first.source, start: first.start, end: first.end };
    if (number % 2) await store.undo();
    else await store.edit([{ set: { segment: match, speed: number % 4 ? 2 : 1.5 } }]);
}
"""
_HELD = """
() => {
    const { player } = document.querySelector('studio-stage').deck;
    const seconds = ranges => ranges.reduce((sum, [a, b]) => sum + b - a, 0);
    const [picture, sound] = [player.picture.ranges, player.sound.ranges];
    return { pictures_s: seconds(picture), sound_s: seconds(sound),
        ranges: picture.length + sound.length,
        videos: document.querySelectorAll('video').length };
}
"""


@dataclass(frozen=True)
class HeldMemory:
    """What is held at one moment."""

    at_s: float
    """Seconds of scrubbing before it."""
    server_cpu_s: float
    """Processor time of the server since it began."""
    server_mb: float
    """Resident memory of the server."""
    heap_mb: float
    """The page's JavaScript, after what is no longer needed has been collected."""
    browser_mb: float
    """Resident memory of all processes of the browser."""
    pictures_s: float
    """Seconds in the SourceBuffer of the picture."""
    sound_s: float
    ranges: int
    """Of both SourceBuffers."""
    videos: int


def scrubbed(page: StudioPage, server: StudioProcess, seconds: float) -> Iterator[HeldMemory]:
    """Scrub for so many seconds: each drag is of 24 places 60 ms apart, then plays 1.5 s; every ten
    seconds a speed is set, or that is undone. Yields what is held after each of these turns."""
    client = page.page.context.new_cdp_session(page.page)
    client.send("Performance.enable")
    for number in range(round(seconds / _TURN)):
        page.page.evaluate(_DRAG, _TURN)
        yield _held(page, server, client, _TURN * (number + 1))
        page.page.evaluate(_EDITS, number)


def _held(page: StudioPage, server: StudioProcess, client: Any, at: float) -> HeldMemory:
    page.settled()
    client.send("HeapProfiler.collectGarbage")
    metrics = {
        one["name"]: one["value"] for one in client.send("Performance.getMetrics")["metrics"]
    }
    return HeldMemory(
        at,
        server.cpu_seconds(),
        server.memory() / 1e6,
        metrics["JSHeapUsedSize"] / 1e6,
        _browser_bytes() / 1e6,
        **page.page.evaluate(_HELD),
    )


def _browser_bytes() -> int:
    import psutil

    mine = psutil.Process().children(recursive=True)
    return sum(one.memory_info().rss for one in mine if "chrom" in one.name())
