"""One decode for many analyses.

:func:`listen` feeds every listener what it asked for from a single pass over the pictures and a
single pass over the sound. Pictures are reduced straight from the luma and chroma planes to each
asked size, once for all listeners that ask for the same.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import closing
from dataclasses import dataclass
from fractions import Fraction
from itertools import dropwhile, tee
from threading import Event, Lock
from typing import Any

import numpy as np
from av.video.frame import VideoFrame

from smartcut.media.ahead import ahead
from smartcut.media.audio import as_channels, at_rate, gathered, native_blocks
from smartcut.media.decode import frames
from smartcut.media.index import VideoIndex
from smartcut.media.reduce import Reducer
from smartcut.media.sampling import cost_of, sampled, wanted_frames
from smartcut.media.sparse import picked
from smartcut.source import Source
from smartcut.stage import Frames, Listener, Picture, Samples, Sound
from smartcut.usable import taken_cores, usable_cores

Wish = tuple[Frames | Sound, Listener]

# Decoding only some frames has to cost less than this share of decoding all: where it saves little,
# the codec may have no frames to skip.
WORTH = 0.75
# Pictures made ahead of the listeners: a network may take its time over a batch of them.
_AHEAD = 32
# Threads of the decoder for each core: pictures in work keep the cores busy while one is reduced.
_THREADS = 3
_MOST_THREADS = 16
# How often to look whether the run is to stop while only sound is left, in seconds.
_LOOK = 0.2


@dataclass(frozen=True, slots=True)
class Pass:
    """One way through a source: ``frames`` are to be decoded of ``total``."""

    kind: str
    """``pictures`` or ``sound``."""
    sparse: bool
    frames: int
    total: int
    reason: str


@dataclass(frozen=True, slots=True)
class SourcePart:
    """A stretch of a source's pictures, to be looked at apart from the rest."""

    first: int
    last: int
    """Frames ``first`` to ``last`` - 1."""
    after: tuple[int, ...]
    """For each listener: how many pictures past the stretch it gets as well."""
    among: tuple[Frames, ...]
    """All that is asked of the source: it says which way the pictures are decoded."""


def passes(wishes: Sequence[Frames | Sound], index: VideoIndex | None) -> list[Pass]:
    """How the wishes would be served, and why; decodes nothing."""
    found = []
    pictures = [w for w in wishes if isinstance(w, Frames)]
    if pictures and index is not None:
        found.append(_picture_pass(pictures, index))
    sound = [w for w in wishes if isinstance(w, Sound)]
    if sound:
        found.append(Pass("sound", False, 0, 0, f"sound once, for {_listeners(len(sound))}"))
    return found


def _listeners(count: int) -> str:
    return "one analysis" if count == 1 else f"{count} analyses"


def _picture_pass(wishes: Sequence[Frames], index: VideoIndex) -> Pass:
    total, who = len(index), _listeners(len(wishes))
    near = _near(wishes, index)
    if any(w.every == "frame" for w in wishes):
        return Pass("pictures", False, total, total, f"every frame, once, for {who}{near}")
    needed = _needed(wishes, index)
    cost = cost_of(needed, index)
    share = cost.total / max(total, 1)
    found = f"{len(needed)} pictures for {who}"
    if share >= WORTH or index.is_counted:
        why = "has no timestamps to seek by" if index.is_counted else "has too few key frames"
        reason = f"every frame, once, for {who}: the file {why} for {len(needed)} pictures{near}"
        return Pass("pictures", False, total, total, reason)
    if cost.frames == cost.runs:
        reason = f"{found}, all of them key frames{near}: nothing else is decoded"
    else:
        skipped = "B pictures" if cost.bases else "those that nothing refers to"
        reason = (
            f"{found}{near}: {cost.frames} of {total} frames decoded, from the key frame before "
            f"each, skipping {skipped}"
        )
    reason += f"; about {share:.0%} of the work of decoding every frame"
    return Pass("pictures", True, cost.frames, total, reason)


def _needed(wishes: Sequence[Frames], index: VideoIndex) -> np.ndarray:
    """int64 (N,): the numbers of all frames wished for, rising, each once."""
    found = [n for w in wishes for n, _ in wanted_frames(w, index)]
    return np.unique(np.array(found, np.int64))


def _near(wishes: Sequence[Frames], index: VideoIndex) -> str:
    """In words: which pictures are not taken at the asked time."""
    at_rates = [sampled(w, index) for w in wishes if isinstance(w.every, Fraction)]
    parts = [
        f"{s.near} of {len(s.numbers)} asked times answered with "
        f"{'a key frame' if s.are_keys else 'the last frame that needs no B picture,'} at most "
        f"{float(s.within):.3g} s off"
        for s in at_rates
        if s.near
    ]
    return f" ({'; '.join(parts)})" if parts else ""


def listen(
    source: Source,
    wishes: Sequence[Wish],
    index: VideoIndex | None,
    on_progress: Callable[[Fraction], None] | None = None,
    part: SourcePart | None = None,
    gpu: int | None = None,
) -> None:
    """Feed every listener to the end of the source; what a listener raises comes through.

    With a ``part``, listeners of pictures get those of it, the same as they would be of the whole.
    Listeners of pictures are fed in this thread, while others decode and reduce ahead; those of
    sound are fed in a thread of their own. ``gpu`` numbers a graphics chip that decodes what it
    can.
    """
    advance = on_progress or (lambda time: None)
    pictures = [(w, x) for w, x in wishes if isinstance(w, Frames)]
    sounds = [(w, x) for w, x in wishes if isinstance(w, Sound)]
    ended, heard = Event(), [Fraction(0)]
    with ThreadPoolExecutor(1) as pool:
        hears = sounds and source.audio
        hearing = pool.submit(_hear, source, sounds, ended, heard) if hears else None

        def look(time: Fraction) -> None:
            if hearing is not None and hearing.done():
                hearing.result()  # what went wrong there ends this pass too
            advance(time)

        try:
            if pictures and index is not None:
                with _one_opencv_thread:
                    _see(source, pictures, index, look, part, gpu)
            while hearing is not None and not wait([hearing], _LOOK).done:
                advance(heard[0] if not pictures or index is None else index.end)
            if hearing is not None:
                hearing.result()
        finally:
            ended.set()


class _OneOpenCVThread:
    """While any source is seen, OpenCV works on one thread.

    On pictures this small its threads cost more than they save, and decoding has them. The number
    is that of the process: the first to see sets it, the last puts it back.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._inside = self._before = 0

    def __enter__(self) -> None:
        import cv2

        with self._lock:
            if not self._inside:
                self._before = cv2.getNumThreads()
                cv2.setNumThreads(1)
            self._inside += 1

    def __exit__(self, *error: object) -> None:
        import cv2

        with self._lock:
            self._inside -= 1
            if not self._inside:
                cv2.setNumThreads(self._before)


_one_opencv_thread = _OneOpenCVThread()


# ------------------------------------------------------------------------------------ pictures


def _see(
    source: Source,
    wishes: list[tuple[Frames, Listener]],
    index: VideoIndex,
    advance: Callable[[Fraction], None],
    part: SourcePart | None,
    gpu: int | None,
) -> None:
    assert source.video is not None
    queues: list[Iterable[_Asked]] = [_wanted(wish, index) for wish, _ in wishes]
    first, last = 0, len(index)
    asked = [wish for wish, _ in wishes]
    needed = None
    if part:
        parts = [
            _of_part(_wanted(wish, index), part, after)
            for wish, after in zip(asked, part.after, strict=True)
        ]
        numbers = sorted({number for queue in parts for _, number, _ in queue})
        first, last = part.first, max([part.last, *(n + 1 for n in numbers[-1:])])
        queues, asked, needed = [*parts], list(part.among), numbers
    decoded: Iterator[tuple[int, VideoFrame]]
    if _picture_pass(asked, index).sparse:
        decoded = picked(
            source, index, _needed(asked, index).tolist() if needed is None else needed, gpu
        )
    else:
        decoded = frames(source, index, first, last, threads=_threads(), roughly=True, gpu=gpu)
    reducer = Reducer(source.video)
    with closing(ahead(_reduced(decoded, wishes, queues, reducer), _AHEAD)) as ready:
        for number, pictures in ready:
            while not taken_cores.leave_any(_LOOK):
                advance(index.time_of(number))
            for place, picture in pictures:
                wishes[place][1].feed(picture)
            if number % 30 == 0:
                advance(index.time_of(number))


_Asked = tuple[int, int, Fraction]
"""(place among a wish's pictures, frame number, time to report)."""


def _wanted(wish: Frames, index: VideoIndex) -> Iterator[_Asked]:
    """Every picture that the wish is to get, in order."""
    return ((k, number, time) for k, (number, time) in enumerate(wanted_frames(wish, index)))


def _of_part(asked: Iterator[_Asked], part: SourcePart, after: int) -> list[_Asked]:
    """Those of the part, and so many after it."""
    left = dropwhile(lambda one: one[1] < part.first, asked)
    found: list[_Asked] = []
    beyond = 0
    for one in left:
        beyond += one[1] >= part.last
        if beyond > after:
            break
        found.append(one)
    return found


def _threads() -> int:
    return min(_MOST_THREADS, _THREADS * usable_cores())


def _reduced(
    decoded: Iterator[tuple[int, VideoFrame]],
    wishes: Sequence[tuple[Frames, Listener]],
    wanted: Sequence[Iterable[_Asked]],
    reducer: Reducer,
) -> Iterator[tuple[int, list[tuple[int, Picture]]]]:
    """(frame number, (wish's place, picture) for each wish for this frame), each made once."""
    keys = [reducer.key(wish) for wish, _ in wishes]
    queues = [iter(pictures) for pictures in wanted]
    heads = [next(queue, None) for queue in queues]
    for number, frame in decoded:
        asked: list[tuple[int, int, Fraction]] = []
        for place, queue in enumerate(queues):
            while (head := heads[place]) is not None and head[1] == number:
                asked.append((place, head[0], head[2]))
                heads[place] = next(queue, None)
        if asked:
            needed = list(dict.fromkeys(keys[place] for place, _, _ in asked))
            made = dict(zip(needed, reducer(frame, needed), strict=True))
            yield number, [(p, Picture(time, k, made[keys[p]])) for p, k, time in asked]


# --------------------------------------------------------------------------------------- sound


def _hear(
    source: Source, wishes: list[tuple[Sound, Listener]], ended: Event, heard: list[Fraction]
) -> None:
    """Feed all listeners from one decode; of more than two channels, one for each mix of them.

    ``heard`` holds the time that was reached.
    """
    assert source.audio is not None
    kinds: dict[tuple[int, int], list[Listener]] = defaultdict(list)
    for wish, listener in wishes:
        kinds[wish.rate, wish.channels].append(listener)
    decodes: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for rate, channels in kinds:
        have = source.audio.channels
        decodes[have if have <= 2 else channels].append((rate, channels))
    for decoded_channels, served in decodes.items():
        blocks = gathered(native_blocks(source, decoded_channels), source.audio.sample_rate)
        for kind, start, values in _at_rates(blocks, source.audio.sample_rate, served):
            if ended.is_set():
                return
            for listener in kinds[kind]:
                listener.feed(Samples(start, values))
            heard[0] = max(heard[0], Fraction(start + values.shape[1], kind[0]))


def _at_rates(
    blocks: Iterator[tuple[int, np.ndarray]], native: int, kinds: Sequence[tuple[int, int]]
) -> Iterator[tuple[tuple[int, int], int, np.ndarray]]:
    """((rate, channels), position, block) of the same sound for each kind, side by side."""

    def mixed(copy: Iterator[tuple[int, np.ndarray]], channels: int) -> Iterator[Any]:
        return ((at, as_channels(block, channels)) for at, block in copy)

    copies = tee(blocks, len(kinds))
    streams = {
        (rate, channels): at_rate(mixed(copy, channels), native, rate, channels)
        for copy, (rate, channels) in zip(copies, kinds, strict=True)
    }
    reached = dict.fromkeys(streams, 0.0)
    while reached:  # the one that is furthest behind, so that few blocks have to be kept
        kind = min(reached, key=lambda k: reached[k])
        item = next(streams[kind], None)
        if item is None:
            del reached[kind]
            continue
        at, values = item
        reached[kind] = (at + values.shape[1]) / kind[0]
        yield kind, at, values
