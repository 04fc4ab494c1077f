"""What is seen of takes counts as well: closed eyes, blur, and heads that jump at joins."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

import smartcut as sc
from smartcut.annotation import Faces
from smartcut.best_takes.aligning import HeardWord, aligned, takes_of
from smartcut.best_takes.choosing import best_reading
from smartcut.best_takes.recording import Curve, Heads, TakeRecording
from smartcut.best_takes.weighing import Candidate, Weighing
from smartcut.stage import Picture
from smartcut.stages._take_eyes import EyesAnalysis, EyesListener, eyes_asked
from tests.builders.drawn_faces import RATE, face, shot, write_film

SCRIPT = ("the", "old", "lighthouse", "on", "the", "hill")


def recording(name: str) -> TakeRecording:
    """A word each half second, which lasts 0.3 s, in a silent film."""
    words = tuple(HeardWord(w, n / 2, n / 2 + 0.3) for n, w in enumerate(SCRIPT))
    nothing = np.zeros(0)
    return TakeRecording(
        name, words, (1.0,) * len(words), 3.0, 0.02, nothing, nothing, np.zeros((8, 0))
    )


def curve(values: list[float]) -> Curve:
    """A value for each word."""
    return Curve(np.arange(len(values)) / 2 + 0.15, np.array(values))


def chosen(*recordings: TakeRecording, **weights: float) -> list[str]:
    """Which recording each word is from."""
    layers: list[list[Candidate]] = [[] for _ in SCRIPT]
    for number, own in enumerate(recordings):
        for take in takes_of(aligned(SCRIPT, own.words)):
            for place, heard in take.places:
                layers[place].append(Candidate(number, number, heard))
    passages = best_reading(Weighing(SCRIPT, recordings, layers, weights))
    return [recordings[p.recording].name for p in passages for _ in p.candidates]


def test_closed_eyes_and_blur_are_avoided() -> None:
    one, two = recording("one"), recording("two")
    asleep = replace(one, eyes=curve([0, 0, 0, 0, 1, 1]))
    awake = replace(two, eyes=curve([1, 1, 0, 0, 0, 0]))
    found = chosen(asleep, awake)
    assert found[:2] == ["one", "one"]
    assert found[4:] == ["two", "two"]
    assert chosen(asleep, awake, eyes=0) == ["one"] * 6
    sharp = replace(one, sharpness=curve([1.0] * 6))
    blurred = replace(two, sharpness=curve([1.0, 1.0, 0.2, 0.2, 1.0, 1.0]))
    assert chosen(blurred, sharp) == ["one"] * 6


def test_joins_lie_where_the_head_is_where_it_was() -> None:
    """One has to be left for the other: there is one place at which the head does not jump."""
    times = np.arange(0, 3, 0.1)

    def heads(x: np.ndarray) -> Heads:
        return Heads(times, np.stack([x, np.full(len(x), 0.5), np.full(len(x), 0.2)], 1))

    one = replace(recording("one"), eyes=curve([0, 0, 0, 0, 0, 1]), heads=heads(np.full(30, 0.3)))
    # The other's head is where the first's is about the second word, and elsewhere later.
    moves = np.where(times < 1.0, 0.3, 0.7)
    two = replace(recording("two"), eyes=curve([1, 0, 0, 0, 0, 0]), heads=heads(moves))
    found = chosen(one, two, eyes=3)
    assert found in (["one"] + ["two"] * 5, ["one"] * 2 + ["two"] * 4)


def looked_at(pictures: list[np.ndarray], faces: Faces) -> list[float]:
    """How far the eyes are closed in each of the pictures."""
    import cv2

    listener = EyesListener(EyesAnalysis(faces=eyes_asked(faces)))
    for number, rgb in enumerate(pictures):
        gray = np.asarray(cv2.resize(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), (960, 540)))
        listener.feed(Picture(Fraction(number) / RATE, number, gray))
    return list(listener.finish().values[0])


@pytest.mark.slow
@pytest.mark.weights("blazeface")
def test_closed_eyes_of_a_face_are_seen(tmp_path: Path) -> None:
    """A drawn face closes its eyes for 0.6 s."""

    def place(time: float) -> tuple[float, float]:
        return 0.5, 0.5

    parts = [(face(140), 2.0), (face(140, is_asleep=True), 0.6), (face(140), 2.0)]
    pictures = [one for drawn, lasts in parts for one in shot(3, lasts, [(drawn, place)])]
    film = sc.open(write_film(tmp_path / "film.mp4", pictures)) | sc.faces()
    faces = film.cut().data(Faces, "faces", "film")
    assert faces is not None
    closed = looked_at(pictures, faces)
    first, last = 50, 65
    assert max(closed[: first - 1]) < 0.3
    assert max(closed[last + 1 :]) < 0.3
    assert min(closed[first:last]) > 0.4
    assert np.mean(closed[first:last]) > 0.7
