"""Spans before they are made: drafts, unplayed kinds, cancelled work, damaged sources."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from fractions import Fraction as F
from pathlib import Path
from threading import Event
from time import sleep

import numpy as np
import pytest

import smartcut as sc
from smartcut.errors import SourceError
from smartcut.media.codec_strings import USUAL, mime_in
from smartcut.render.sound.mixdown import mixed
from smartcut.render.span_pieces import known_piece
from smartcut.render.write import write_all
from smartcut.testing import write_bar_coded
from tests.builders.playing import heard_in, playing, seen_in


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("previewed") / "a.mp4"
    write_bar_coded(path, frames=135, size=(160, 90), gop=30)
    return path


def titled(source: Path) -> sc.Pipeline:
    return sc.open(source)[F("0.5") : F("4.5")] | sc.title(text="Hello", at="0s", duration="1s")


def slowly(rgb: np.ndarray) -> np.ndarray:
    sleep(0.02)  # so that there is something left to cancel
    return rgb


def test_a_cancelled_encoding_leaves_nothing_and_the_file_is_the_same(
    source: Path, tmp_path: Path
) -> None:
    film = titled(source) | sc.apply(slowly, end="1.5s")
    out, other = tmp_path / "out.mp4", tmp_path / "other.mp4"
    film.render(other, cache=False)
    with playing(film, out) as (playback, rendering, context):
        chunks = playback.show(rendering)
        first = next(chunk for chunk in chunks if chunk.kind == "encode")
        span = rendering.spans[first.span]
        with closing(playback.fragment(first.key)) as parts:  # type: ignore[type-var]
            next(parts)
        playback.close()
        assert known_piece(span, context) is None
        assert not list(context.cache.root.rglob("*.nut*"))
    with playing(film, out) as (playback, rendering, context):
        for chunk in playback.show(rendering):
            for _ in playback.fragment(chunk.key, draft=True):
                pass
            for _ in playback.fragment(chunk.key):
                pass
        write_all(film.cut(), rendering.job, context)
    assert out.read_bytes() == other.read_bytes()


def test_a_draft_has_the_frames_and_times_of_its_span(source: Path, tmp_path: Path) -> None:
    with playing(titled(source), tmp_path / "out.mp4") as (playback, rendering, _):
        chunk = playback.show(rendering)[0]
        assert chunk.kind == "encode"
        drafts = [
            seen_in(playback.fragment(chunk.key, draft=True, height=height))
            for height in (None, 50, 50, 5000)
        ]
        assert [draft[0].pixels.shape for draft in drafts] == [
            (135, 160), (75, 88), (75, 88), (135, 160)
        ]  # fmt: skip
        assert not playback.is_ready(chunk.key)
        whole = seen_in(playback.fragment(chunk.key))
        assert playback.is_ready(chunk.key)
        for draft in drafts:
            assert [one.at for one in draft] == [one.at for one in whole]
            assert [one.number for one in draft] == [one.number for one in whole]
        apart = drafts[0][10].pixels.astype(int) - whole[10].pixels
        assert np.abs(apart).mean() < 3
        after = seen_in(playback.fragment(chunk.key, draft=True, height=50))
        assert after[0].pixels.shape == (135, 160)


def test_what_the_browser_does_not_play_is_shown_as_drafts(source: Path, tmp_path: Path) -> None:
    with playing(titled(source), tmp_path / "out.mp4") as (playback, rendering, context):
        as_is = playback.show(rendering)
        playback.plays = USUAL - {"h264"}
        chunks = playback.show(rendering)
        assert {chunk.kind for chunk in chunks} == {"encode"}
        assert all("does not play h264 in yuv420p" in chunk.reason for chunk in chunks)
        assert not {one.key for one in chunks} & {one.key for one in as_is}
        shown = []
        for chunk in chunks:
            data = b"".join(playback.fragment(chunk.key))
            assert mime_in(data).startswith('video/mp4; codecs="avc1.42c0')
            assert playback.is_ready(chunk.key)
            shown += [(chunk.start + one.at, one) for one in seen_in([data])]
        encoded = [span for span in rendering.spans if span.kind == "encode"]
        assert all(known_piece(span, context) for span in encoded)
        write_all(rendering.cut, rendering.job, context)
    written = seen_in(tmp_path / "out.mp4")
    assert [(time, one.number) for time, one in shown] == [(w.at, w.number) for w in written]


def test_loudness_is_that_measured_last_until_it_is_known(source: Path, tmp_path: Path) -> None:
    changed = Event()
    film = sc.open(source)[F("0.5") : F("4.5")]
    with playing(film, tmp_path / "out.mp4", on_sound=changed.set) as (playback, rendering, _):
        (plan,) = rendering.sounds
        loud = replace(plan.track.cut, mix=replace(plan.track.cut.mix, loudness=-20.0))
        plan = replace(plan, track=replace(plan.track, cut=loud), passed=None, key="a")
        playback.show(replace(rendering, sounds=(plan,)))
        before, note = playback.sound_key, playback.sound_note
        assert note is not None
        assert "measured" in note
        _, quiet = heard_in(playback.sound())
        assert changed.wait(20)
        assert playback.sound_note is None
        assert playback.sound_key != before
        _, heard = heard_in(playback.sound())
        with mixed(plan, rendering.duration, rendering.speech) as (blocks, _):
            mix = np.concatenate(list(blocks), axis=1)
        assert np.array_equal(heard, np.clip(np.rint(mix * 32768), -32768, 32767))
        assert np.abs(quiet.astype(int)).max() != np.abs(heard.astype(int)).max()
        louder = replace(plan, key="b")
        playback.show(replace(rendering, sounds=(louder,)))
        assert playback.sound_note == note
        assert np.array_equal(heard_in(playback.sound())[1], heard)
        playback.show(replace(rendering, sounds=(plan,)))
        assert playback.sound_note is None


def test_a_source_that_has_become_shorter_is_named(source: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.mp4"
    copy.write_bytes(source.read_bytes())
    with playing(sc.open(copy)[F(1) : F(4)], tmp_path / "out.mp4") as (playback, rendering, _):
        chunks = playback.show(rendering)
        assert {chunk.kind for chunk in chunks} == {"copy"}
        copy.write_bytes(source.read_bytes()[:20_000])
        with pytest.raises(SourceError, match=r"copy.mp4 cannot be read"):
            list(playback.fragment(chunks[-1].key))


def test_edges_and_copied_parts_as_drafts(source: Path, tmp_path: Path) -> None:
    film = sc.open(source)[F("0.5") : F("4.5")]
    with playing(film, tmp_path / "out.mp4") as (playback, rendering, context):
        edge, copied, *_ = playback.show(rendering)
        assert (edge.kind, copied.kind) == ("encode", "copy")
        quick = seen_in(playback.fragment(edge.key, draft=True, height=50))
        assert known_piece(rendering.spans[0], context) is not None
        assert quick[0].pixels.shape == (135, 160)
        drafted = seen_in(playback.fragment(copied.key, draft=True, height=50))
        as_is = seen_in(playback.fragment(copied.key))
        assert drafted[0].pixels.shape == (75, 88)
        assert [(one.at, one.number) for one in drafted] == [(o.at, o.number) for o in as_is]


def test_a_draft_may_begin_inside_its_chunk(source: Path, tmp_path: Path) -> None:
    film = sc.open(source) | sc.title(text="Hello", at="0.2s", duration="4.2s")
    with playing(film, tmp_path / "out.mp4") as (playback, rendering, _):
        chunk = max(playback.show(rendering), key=lambda chunk: chunk.frames)
        assert chunk.kind == "encode"
        assert chunk.frames > 120
        late = seen_in(playback.fragment(chunk.key, draft=True, start=F("3.3")))
        assert seen_in(playback.fragment(chunk.key, draft=True, start=F("3.9")))[0].at == 3
        near = seen_in(playback.fragment(chunk.key, draft=True, start=F("0.9")))
        assert (near[0].at, late[0].at, len(near), len(late)) == (
            0, 3, chunk.frames, chunk.frames - 90
        )  # fmt: skip
        assert [(one.at, one.number) for one in late] == [(o.at, o.number) for o in near[90:]]
        assert np.abs(late[5].pixels.astype(int) - near[95].pixels).mean() < 3
        whole = seen_in(playback.fragment(chunk.key, draft=True, start=F("3.3")))
        assert len(whole) == chunk.frames
