"""Footage that sample_media lacks, made for the pictures: faces, voices, hiss, a shaken hand."""

from __future__ import annotations

import wave
from pathlib import Path
from typing import Any

import av
import numpy as np
from PIL import Image

import smartcut as sc
from docs.pictures.charts import HARBOUR, MATCH
from tests.builders.drawn_faces import face, shot, write_film
from tests.builders.toy_translator import toy_translator

RATE = 16_000
BT2020_OF_BT709 = np.array(
    [[0.6274, 0.3293, 0.0433], [0.0691, 0.9195, 0.0114], [0.0164, 0.088, 0.8956]]
)


def wav(path: Path, samples: np.ndarray, rate: int = RATE) -> Path:
    """One channel of -1..1."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes((np.clip(samples, -1, 1) * 32767).astype("<i2").tobytes())
    return path


def two_faces(path: Path) -> Path:
    """Two drawn heads; one of them goes by."""
    still, goes = face(110), face(90)
    things = [
        (still, lambda time: (0.25, 0.5)),
        (goes, lambda time: (0.85 - 0.1 * time, 0.45)),
    ]
    return write_film(path, shot(4, 3, things))


def two_voices(path: Path) -> Path:
    """The narrator, and the same played a third faster, which is another voice."""
    narrator = sc.open(HARBOUR).audio(rate=RATE, channels=1)[0]
    ball = sc.open(MATCH).audio(rate=RATE, channels=1)[0]
    sentences = [narrator[8_000:58_000], narrator[102_000:142_000], narrator[212_000:250_000]]
    places = np.arange(0, 36_000 * 3, 1.34)
    others = [
        np.interp(places, np.arange(len(s)), s, right=0)
        for s in (narrator[102_000:142_000], ball[6_000:44_000], narrator[8_000:58_000])
    ]
    parts = [one for pair in zip(sentences, others, strict=True) for one in pair]
    return wav(path, np.concatenate([np.append(_spoken(p), np.zeros(6_000)) for p in parts]))


def _spoken(samples: np.ndarray) -> np.ndarray:
    """Without the silence at its end."""
    loud = np.nonzero(np.abs(samples) > 0.02)[0]
    return np.asarray(samples[: loud[-1] + 1_600])


#: Seconds of each take over which there is noise.
SPOILED = {"one": [(6.5, 8.8)], "two": [(0.6, 3.6), (13.4, 15.4)]}


def two_takes(folder: Path, film: Any) -> list[Path]:
    """The narrator twice: a slam over a sentence of one, a hiss over two of the other."""
    rate = 48_000
    clean = film.audio(rate=rate, channels=1)[0][: 16 * rate]
    random = np.random.default_rng(5)
    paths = []
    for name, spoiled in SPOILED.items():
        samples = clean + random.normal(0, 0.0008, len(clean))
        for start, end in spoiled:
            part = slice(round(start * rate), round(end * rate))
            samples[part] += random.normal(0, 0.06, part.stop - part.start)
        paths.append(wav(folder / f"{name}.wav", samples, rate))
    return paths


def hissing(path: Path) -> Path:
    """The narrator in a noisy room."""
    clean = sc.open(HARBOUR).audio(rate=48_000, channels=1)[0][: 10 * 48_000]
    noise = np.random.default_rng(2).normal(0, 0.012, len(clean))
    return wav(path, clean + noise, 48_000)


def shaken(path: Path) -> Path:
    """The harbour by an unsteady hand: six seconds of a still that moves."""
    still = Image.fromarray(sc.open(HARBOUR).frame(8)).resize((768, 432))
    pictures = []
    for number in range(150):
        t = number / 25
        x = 24 + 7 * np.sin(2 * np.pi * 2.3 * t) + 4 * np.sin(2 * np.pi * 5.1 * t + 2) + 3 * t
        y = 24 + 6 * np.sin(2 * np.pi * 3.1 * t + 1) + 3 * np.sin(2 * np.pi * 4.7 * t)
        box = (x, y, x + 640, y + 360)
        pictures.append(np.asarray(still.resize((640, 360), Image.Resampling.BICUBIC, box)))
    return write_film(path, pictures)


def woven(path: Path) -> Path:
    """A rolling ball, 25 frames a second of two fields each, the upper one first."""
    film = sc.open(MATCH) | sc.trim(end="4s")
    small = [np.asarray(Image.fromarray(rgb).resize((640, 360))) for _, rgb in film.frames()]
    pictures = []
    for first, second in zip(small[::2], small[1::2], strict=True):
        both = first.copy()
        both[1::2] = second[1::2]
        pictures.append(both)
    return write_film(path, pictures)


def bright(path: Path, trc: int = 16, primaries: int = 9, matrix: int = 9) -> Path:
    """One second of the sunset in HDR: PQ and BT.2020, its brightest as bright as 1000 nits.

    What the file says of it are the codes of ITU-T H.273.
    """
    rgb = sc.open(HARBOUR).frame(2)[::2, ::2].astype(float) / 255
    light = rgb**2.4
    nits = 120 * light + 880 * light.max(axis=2, keepdims=True) ** 6 * light
    wide = nits @ BT2020_OF_BT709.T
    power = (wide / 10_000) ** 0.1593017578125
    coded = ((0.8359375 + 18.8515625 * power) / (1 + 18.6875 * power)) ** 78.84375
    luma = coded @ (0.2627, 0.678, 0.0593)
    planes = (luma, (coded[..., 2] - luma) / 1.8814, (coded[..., 0] - luma) / 1.4746)
    levels = [64 + 876 * planes[0], *(512 + 896 * plane for plane in planes[1:])]
    depth16 = np.stack([np.round(level).astype(np.uint16) for level in levels])
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream("ffv1", rate=25)
        stream.height, stream.width = rgb.shape[:2]
        stream.pix_fmt = "yuv444p10le"
        for name, code in (
            ("color_trc", trc),
            ("color_primaries", primaries),
            ("colorspace", matrix),
        ):
            setattr(stream.codec_context, name, code)
        stream.codec_context.color_range = 1
        for _ in range(25):
            frame = av.VideoFrame(stream.width, stream.height, stream.pix_fmt)
            for plane, level in zip(frame.planes, depth16, strict=True):
                padded = np.zeros((plane.height, plane.line_size // 2), np.uint16)
                padded[:, : plane.width] = level
                plane.update(padded.tobytes())
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def translator(folder: Path) -> Path:
    """A model that knows one sentence, word by word."""
    english = "A small boat is sailing home before the night."
    german = "Ein kleines Boot segelt nach Hause vor der Nacht."
    return toy_translator(folder, dict(zip(english.split(), german.split(), strict=True)))
