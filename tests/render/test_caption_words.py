"""Every word is marked, or comes, in the frames that are shown while it is spoken: no others."""

from __future__ import annotations

import json
from bisect import bisect_right
from fractions import Fraction as F
from itertools import pairwise
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import smartcut as sc
from smartcut.annotation import Word
from smartcut.cut import Captions
from smartcut.drawers.captions import BurnedCaptions, CaptionText, CaptionWord
from smartcut.looks import find_look, look_names
from smartcut.render.captions.cues import Cue, cues
from smartcut.render.captions.layout import lay_out
from smartcut.render.captions.motion import hides_words
from smartcut.render.captions.states import order
from smartcut.text_style import TextStyle
from smartcut.timebase import Range

MARKING = [name for name in look_names() if find_look(name).style.follows_words]
BRIDGED = F(1, 4)


def texts(found: tuple[Cue, ...]) -> tuple[CaptionText, ...]:
    return tuple(
        CaptionText(
            start=cue.range.start, end=cue.range.end, lines=cue.lines,
            words=tuple(
                CaptionWord(start=w.range.start, end=w.range.end, text=w.text) for w in cue.words
            ),
        )
        for cue in found
    )  # fmt: skip


@st.composite
def speech(draw: st.DrawFn) -> tuple[Word, ...]:
    """Words of any length, some of them overlapping, with rests of any length."""
    words, at = [], F(draw(st.integers(0, 20)), 30)
    for number in range(draw(st.integers(1, 12))):
        lasts = F(draw(st.integers(1, 40)), draw(st.sampled_from([30, 48, 97])))
        words.append(Word(Range(at, at + lasts), f"w{number}"))
        at += lasts + F(draw(st.integers(-1, 40)), draw(st.sampled_from([25, 60, 100])))
        at = max(at, words[-1].range.start)
    return tuple(words)


@st.composite
def frame_times(draw: st.DrawFn) -> list[F]:
    """The starts of frames, at an even rate or a variable one."""
    variable = [F(33, 1000), F(67, 1000), F(1, 50)]
    steps = draw(st.sampled_from([[F(1, 30)], [F(1001, 24000)], [F(1, 60)], variable]))
    times = [F(0)]
    while times[-1] < 16 and len(times) < 700:
        times.append(times[-1] + steps[len(times) % len(steps)])
    return times


@settings(max_examples=40, deadline=None)
@given(speech(), frame_times(), st.sampled_from(MARKING))
def test_a_word_is_marked_in_the_frames_of_its_time(
    words: tuple[Word, ...], frames: list[F], name: str
) -> None:
    style = find_look(name).style
    found = cues(words, Captions(burn=True, style=style))
    drawer = BurnedCaptions(texts=texts(found), **dict(style))
    starts = [cue.range.start for cue in found]
    until = {(n, k): _until(cue, k) for n, cue in enumerate(found) for k in range(len(cue.words))}
    for start, end in pairwise(frames):
        number = bisect_right(starts, start) - 1
        cue = found[number] if number >= 0 else None
        spoken = [
            k
            for k, word in enumerate(cue.words if cue else ())
            if word.range.start <= start < until[number, k]
        ]
        seen = drawer.seen(Range(start, end), F(99))
        if spoken:
            assert seen is not None, "a caption is there as long as one of its words is spoken"
            assert seen.state is not None
            assert cue is not None
            assert order(cue)[seen.state.begun - 1] == spoken[-1]
            assert seen.state.is_spoken
            assert seen.state.step is None or seen.state.step > 0, "something of it is seen"
        elif seen is not None:
            assert seen.state is not None
            assert not seen.state.is_spoken


def _until(cue: Cue, number: int) -> F:
    """The end of a word's time, or the beginning of the next where that follows at once."""
    end = cue.words[number].range.end
    if number + 1 == len(cue.words):
        return end
    following = cue.words[number + 1].range.start
    return following if following < end + BRIDGED else end


@pytest.mark.parametrize("name", [n for n in MARKING if hides_words(find_look(n).style)])
def test_words_that_come_one_by_one_are_not_there_before(name: str) -> None:
    from tests.builders.captions import captions_at

    words = tuple(Word(Range(F(k), F(k + 1)), t) for k, t in enumerate(("one", "two", "three")))
    style = find_look(name).style.model_copy(update={"box": None})
    captions = Captions(burn=True, style=style)
    from smartcut.render.captions.fit import fitted

    found = fitted(words, captions, Range(F(0), F(3)), (320, 180))
    (cue,) = found.cues
    layout = lay_out(cue, (320, 180), found.captions.style)
    for k in range(3):
        (box,) = (b for word, b in layout.word_boxes(style) if word == k)
        # Outlines of the words beside it reach into its box; the first letter begins at its edge.
        inner = 0 if style.animation == "typewriter" else 4
        left, right = int(box[0]) + inner, int(box[2]) - inner
        for number in range(90):
            frame = captions_at(found, (320, 180), F(number, 30), F(1, 30))
            drawn = bool((frame[:, left:right].max(axis=(0, 2)) > 8).any())
            assert drawn == (number >= 30 * k), (k, number)


SPOKEN = [(0.30, 0.72, "ab"), (0.72, 1.10, "cd"), (1.30, 1.34, "ef"), (2.10, 2.61, "gh"),
          (2.80, 3.40, "ij"), (3.50, 3.95, "kl")]  # fmt: skip


@pytest.fixture(scope="module", params=["even", "variable"])
def film(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("words") / "a.mkv"
    write_grey(path, (33, 34, 67, 40, 20) if request.param == "variable" else (40,))
    words = [{"word": text, "start": start, "end": end} for start, end, text in SPOKEN]
    segment = {"start": 0.3, "end": 3.95, "text": " ".join(w[2] for w in SPOKEN), "words": words}
    path.with_suffix(".json").write_text(json.dumps({"language": "en", "segments": [segment]}))
    return path


def write_grey(path: Path, steps: tuple[int, ...], frames: int = 110) -> None:
    """Grey pictures whose lengths in 1/1000 s follow each other so."""
    with av.open(str(path), "w") as container:
        video: Any = container.add_stream("libx264", rate=25, options={"preset": "ultrafast"})
        video.width, video.height, video.pix_fmt = 320, 180, "yuv420p"
        video.time_base = video.codec_context.time_base = F(1, 1000)
        at = 0
        for number in range(frames):
            frame = av.VideoFrame.from_ndarray(np.full((180, 320, 3), 90, np.uint8), format="rgb24")
            frame.pts, frame.time_base = at, F(1, 1000)
            container.mux(video.encode(frame.reformat(format="yuv420p")))
            at += steps[number % len(steps)]
        container.mux(video.encode(None))


def test_marks_are_in_the_decoded_frames_of_each_word(film: Path, tmp_path: Path) -> None:
    style = TextStyle(size=0.09, outline_width=0, colour="#00ff00", highlight_box="#ff0000")
    cut = sc.open(film) | sc.transcribe(text=film.with_suffix(".json"))
    # Where frames begin, which is where a speed may change.
    fast, slow = (_pictures(film)[number][0] for number in (51, 77))
    cut = cut | sc.speed(factor=2, start=fast, end=slow) | sc.speed(factor=F(1, 2), start=slow)
    look = style.model_dump(exclude_defaults=True)
    (cut | sc.subtitles(sidecar="none", burn=True, style=look)).render(tmp_path / "o.mkv")
    shown = [(word, *(timeline(F(str(t)), fast, slow) for t in times)) for *times, word in SPOKEN]
    places: dict[int, set[int]] = {}
    for time, picture in _pictures(tmp_path / "o.mkv"):
        red = (picture[..., 0] > 150) & (picture[..., 1] < 90) & (picture[..., 2] < 90)
        marked = [
            k
            for k, (_, start, end) in enumerate(shown)
            if start <= time < (shown[k + 1][1] if _follows(shown, k) else end)
        ]
        assert bool(red.sum() > 40) == bool(marked), time
        if marked:
            places.setdefault(marked[-1], set()).add(round(np.nonzero(red)[1].mean()))
    assert sorted(places) == [0, 1, 2, 3, 4, 5], "each word has its frame, however short"
    assert all(max(where) - min(where) <= 1 for where in places.values()), "and its own place"
    middles = [min(places[k]) for k in range(6)]
    assert middles[:3] == sorted(middles[:3])
    assert middles[3:] == sorted(middles[3:])


def timeline(time: F, fast: F, slow: F) -> F:
    """As it is up to a time, then at twice the speed, and from another on at half."""
    if time <= fast:
        return time
    if time <= slow:
        return fast + (time - fast) / 2
    return fast + (slow - fast) / 2 + (time - slow) * 2


def _follows(shown: list[tuple[str, F, F]], k: int) -> bool:
    return k + 1 < len(shown) and shown[k + 1][1] - shown[k][2] < BRIDGED


def _pictures(path: Path) -> list[tuple[F, np.ndarray]]:
    with av.open(str(path)) as container:
        found = [
            (f.pts * f.time_base, f.to_ndarray(format="rgb24")) for f in container.decode(video=0)
        ]
    return [(time - found[0][0], picture) for time, picture in found]
