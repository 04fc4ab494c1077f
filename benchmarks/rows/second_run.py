"""The reel pipeline on the sample clips: first, again, and after one word of the YAML changed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from benchmarks.bench import Bench
from benchmarks.measure import Peer, Result, paired

TITLE = "second-run: the reel pipeline on the sample clips"
_ROOT = Path(__file__).parents[2]
_WORD, _OTHER_WORD = "an exciting moment of a game", "an exciting moment of a match"


def run(bench: Bench) -> Iterator[Result]:
    """The first run begins with an empty cache; the others find what it left there."""
    text = (_ROOT / "pipelines" / "highlight_reel.yaml").read_text()
    if text.count(_WORD) != 1:
        raise RuntimeError(f"pipelines/highlight_reel.yaml does not say {_WORD!r} once")
    before = bench.pipeline("reel", text)
    after = bench.pipeline("reel-changed", text.replace(_WORD, _OTHER_WORD))
    peers = [
        _reel(bench, "smartcut, first run", before, cold=True),
        _reel(bench, "smartcut, again", before, cold=False),
        _reel(bench, "smartcut, one word changed", after, cold=False),
    ]
    samples, remarks = paired(peers, bench.runs, bench.say)
    yield Result("second-run", "", samples, remarks)


def _reel(bench: Bench, name: str, pipeline: Path, *, cold: bool) -> Peer:
    names = ("sky",) if bench.quick else ("harbour", "match", "sky")
    clips = [str(_ROOT / "sample_media" / f"{x}.mp4") for x in names]
    music = f"music={_ROOT / 'sample_media' / 'music.m4a'}"
    output = ["-o", str(bench.work("reel.mp4"))]
    arguments = ["run", str(pipeline), *clips, "--set", music, *output]
    return bench.smartcut(name, arguments, cold=cold, cache="reel")
