"""One decode for all: what is decoded and made how often, in which order, and how it ends."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from fractions import Fraction as F
from pathlib import Path
from threading import active_count, current_thread
from typing import Any

import av
import cv2
import numpy as np
import pytest
from av.video.frame import VideoFrame

from smartcut.media import audio as sound_module
from smartcut.media import listen as listen_module
from smartcut.media import reduce as reduce_module
from smartcut.media.ahead import ahead
from smartcut.media.decode import frames
from smartcut.media.index import video_index
from smartcut.media.listen import listen
from smartcut.media.probe import probe
from smartcut.media.reduce import Halved, Reducer
from smartcut.stage import Frames, Picture, Samples, Sound
from smartcut.testing import write_bar_coded


class Listener:
    """Counts what it gets; ``then`` is called with each."""

    def __init__(self, then: Callable[[Any], None] = lambda item: None) -> None:
        self.items: list[Picture | Samples] = []
        self.threads: set[str] = set()
        self.then = then

    def feed(self, item: Picture | Samples) -> None:
        self.items.append(item)
        self.threads.add(current_thread().name)
        self.then(item)

    def finish(self) -> Any:
        raise NotImplementedError


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("one-pass") / "film.mp4"
    write_bar_coded(path, size=(320, 180), frames=90, gop=30)
    return path


def heard(film: Path, *pairs: tuple[Frames | Sound, Listener]) -> None:
    source = probe(film)
    listen(source, pairs, video_index(source))


# ------------------------------------------------------------------------------- nothing twice


def test_each_frame_is_decoded_once_and_each_picture_made_once(
    film: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    decoded: Counter[int] = Counter()
    made: Counter[tuple[int, Any]] = Counter()
    halved: Counter[tuple[int, ...]] = Counter()
    real_frames, real_made, real_resize = listen_module.frames, Reducer._made, Halved._half

    def counting(*args: Any, **kwargs: Any) -> Iterator[Any]:
        for number, frame in real_frames(*args, **kwargs):
            decoded[number] += 1
            yield number, frame

    def making(self: Reducer, frame: Any, planes: Any, *key: Any) -> Any:
        made[frame.pts, key] += 1
        return real_made(self, frame, planes, *key)

    def halving(self: Halved, pixels: np.ndarray) -> np.ndarray:
        halved[pixels.shape] += 1
        return real_resize(self, pixels)

    monkeypatch.setattr(listen_module, "frames", counting)
    monkeypatch.setattr(Reducer, "_made", making)
    monkeypatch.setattr(Halved, "_half", halving)
    gray, colour, same = Frames((160, 90), "gray"), Frames((40, 22)), Frames(90, "gray", F(4))
    pairs = [(wish, Listener()) for wish in (gray, gray, colour, colour, same)]
    heard(film, *pairs)
    assert decoded == Counter(range(90))
    # 90 lines of 320 x 180 are 160 x 90: one picture serves three wishes.
    sizes = Counter(key[0] for (_, key), times in made.items() for _ in range(times))
    assert sizes == {(160, 90): 90, (40, 22): 90}
    # Luma is halved down to 160 x 90 and 40 x 22, each of the two chroma planes to 40 x 22.
    assert halved == {(180, 320): 90, (90, 160): 90 + 2 * 90, (45, 80): 90 + 2 * 90}
    assert [len(x.items) for _, x in pairs] == [90, 90, 90, 90, 12]


def test_sound_is_decoded_once_for_all_rates(film: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = []
    real = sound_module._decoded

    def counting(*args: Any) -> Any:
        opened.append(args)
        return real(*args)

    monkeypatch.setattr(sound_module, "_decoded", counting)
    wishes = [Sound(48_000, 2), Sound(16_000), Sound(48_000), Sound(16_000)]
    pairs = [(wish, Listener()) for wish in wishes]
    heard(film, *pairs)
    assert len(opened) == 1
    for (wish, listener), (rate, channels) in zip(
        pairs, [(48_000, 2), (16_000, 1), (48_000, 1), (16_000, 1)], strict=True
    ):
        got = np.concatenate([block.values for block in listener.items], axis=1)
        source = probe(film)
        alone = [block for _, block in sound_module.resampled(source, rate, channels)]
        assert np.array_equal(got, np.concatenate(alone, axis=1)), wish


def test_a_picture_does_not_depend_on_company(film: Path) -> None:
    alone, among = Listener(), Listener()
    wish = Frames((48, 27), "rgb", F(7))
    heard(film, (wish, alone))
    heard(film, (Frames(90), Listener()), (wish, among), (Frames((48, 27), "gray"), Listener()))
    assert len(alone.items) == 21
    for a, b in zip(alone.items, among.items, strict=True):
        assert isinstance(a, Picture)
        assert isinstance(b, Picture)
        assert (a.time, a.index) == (b.time, b.index)
        assert np.array_equal(a.pixels, b.pixels)


def test_halving_is_the_mean_of_four_pixels() -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (36, 64), np.uint8)
    mean = pixels.reshape(18, 2, 32, 2).astype(float).mean(axis=(1, 3))
    assert np.abs(Halved(pixels).reduced((32, 18)) - mean).max() <= 0.5
    assert np.array_equal(Halved(pixels).reduced((64, 36)), pixels)


def test_gray_stays_gray_in_colour() -> None:
    levels = np.arange(16, 236, dtype=np.uint8).reshape(11, 20)
    chroma = np.full_like(levels, 128)
    rgb = reduce_module.yuv_to_rgb([levels, chroma, chroma], "bt709", False)
    assert np.array_equal(rgb[..., 0], rgb[..., 1])
    assert np.array_equal(rgb[..., 0], rgb[..., 2])
    assert np.abs(rgb[..., 0] - (levels.astype(float) - 16) * 255 / 219).max() < 1


# ----------------------------------------------------------------------------- threads and ends


def test_listeners_are_fed_by_the_caller_while_others_work_ahead(film: Path) -> None:
    pictures, sound = Listener(), Listener()
    before = active_count()
    heard(film, (Frames(45, "gray"), pictures), (Sound(16_000), sound))
    assert pictures.threads == {current_thread().name}
    assert current_thread().name not in sound.threads
    assert active_count() == before


def test_what_a_listener_of_pictures_raises_ends_the_pass(film: Path) -> None:
    def fail(item: Any) -> None:
        if item.index == 3:
            raise RuntimeError("enough")

    listener, before = Listener(fail), active_count()
    with pytest.raises(RuntimeError, match="enough"):
        heard(film, (Frames(45, "gray"), listener), (Sound(16_000), Listener()))
    assert len(listener.items) == 4
    assert active_count() == before


def test_what_a_listener_of_sound_raises_ends_the_pass(film: Path) -> None:
    def fail(item: Any) -> None:
        raise RuntimeError("too loud")

    pictures = Listener(lambda item: time.sleep(0.02))
    with pytest.raises(RuntimeError, match="too loud"):
        heard(film, (Frames(45, "gray"), pictures), (Sound(16_000), Listener(fail)))
    assert len(pictures.items) < 90


def test_what_progress_raises_ends_the_pass_also_while_only_sound_is_left(film: Path) -> None:
    def stop(at: F) -> None:
        raise KeyboardInterrupt

    source = probe(film)
    slow = Listener(lambda item: time.sleep(0.1))
    started = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        listen(source, [(Sound(48_000, 2), slow)], None, on_progress=stop)
    assert time.monotonic() - started < 2
    assert len(slow.items) < 10


def test_work_ahead_keeps_order_and_stays_within_its_room() -> None:
    made: list[int] = []

    def numbers() -> Iterator[int]:
        for i in range(50):
            made.append(i)
            yield i

    for taken, item in enumerate(ahead(numbers(), 4)):
        time.sleep(0.001)
        assert item == taken
        assert len(made) <= taken + 1 + 4 + 1
    assert made == list(range(50))


def test_an_error_ahead_comes_after_what_was_made_before_it() -> None:
    def numbers() -> Iterator[int]:
        yield 1
        yield 2
        raise ValueError("damaged")

    got = []
    with pytest.raises(ValueError, match="damaged"):
        for item in ahead(numbers(), 8):
            got.append(item)
    assert got == [1, 2]


def test_closing_ends_the_work_and_closes_what_is_worked_on() -> None:
    ended = []

    def numbers() -> Iterator[int]:
        try:
            yield from range(10_000_000)
        finally:
            ended.append(True)

    before = active_count()
    items = ahead(numbers(), 4)
    assert next(items) == 0
    items.close()
    assert ended == [True]
    assert active_count() == before


def coloured(path: Path, options: dict[str, str]) -> None:
    """Twelve frames of soft patches of colour that move, 640 x 360."""
    patches = np.random.default_rng(3).integers(40, 216, (9, 16, 3)).astype(np.uint8)
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream("libx264", rate=30, options={"crf": "10", **options})
        stream.width, stream.height, stream.pix_fmt = 640, 360, "yuv420p"
        for k in range(12):
            moved = np.roll(patches, k // 3, axis=1)
            picture = cv2.resize(moved, (640, 360), interpolation=cv2.INTER_CUBIC)
            container.mux(stream.encode(VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode(None))


@pytest.mark.parametrize(
    "params", ["colormatrix=bt709", "colormatrix=smpte170m", "bframes=0"], ids=str
)
def test_pictures_that_are_not_averaged_are_those_of_opencv(tmp_path: Path, params: str) -> None:
    """The detectors of PySceneDetect see what they see when it reads the file by itself."""
    path = tmp_path / "a.mp4"
    coloured(path, {"x264-params": params})
    source = probe(path)
    assert source.video is not None
    reducer = Reducer(source.video)
    key = reducer.key(Frames((256, 144), "rgb", "frame", averaged=False))
    capture = cv2.VideoCapture(str(path))
    for _, frame in frames(source, video_index(source), 0, 12):
        _, read = capture.read()
        small = cv2.resize(read, (256, 144), interpolation=cv2.INTER_LINEAR)
        apart = np.abs(reducer(frame, [key])[0][:, :, ::-1].astype(int) - small)
        assert apart.mean() < 0.5
        assert apart.max() <= 3
