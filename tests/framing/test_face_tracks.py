"""From single sightings of faces to tracks."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise

from smartcut.annotation import Faces, FaceSighting, Shot, Shots
from smartcut.framing.tracks import Box, joined
from smartcut.timebase import Range

QUARTER = Fraction(1, 4)


def seen(*sightings: tuple[int, float, float], network: str = "blazeface") -> list[FaceSighting]:
    """Sightings of faces a tenth of the picture wide: (time in quarters, left, score)."""
    return [FaceSighting(at, (x, 0.4, 0.1, 0.2), score, network) for at, x, score in sightings]


def tracks(
    sightings: Sequence[FaceSighting], cuts: Sequence[int] = (), second: str | None = None
) -> list[list[int]]:
    """The times of each track's sightings; shots begin at ``cuts``, in quarters."""
    edges = [Fraction(0), *(at * QUARTER for at in cuts), Fraction(100)]
    shots = Shots(tuple(Shot(Range(a, b), 0, 1) for a, b in pairwise(edges)))
    ordered = tuple(sorted(sightings, key=lambda one: one.at))
    found = joined(Faces(QUARTER, ordered), shots, second)
    return [[one.at for one in track] for track in found.tracks()]


def test_two_faces_that_pass_by_stay_two() -> None:
    right = seen(*((i, 0.1 + 0.03 * i, 0.9) for i in range(8)))
    still = seen(*((i, 0.7, 0.8) for i in range(8)))
    assert tracks([*right, *still]) == [[*range(8)], [*range(8)]]


def test_a_face_ends_with_its_shot_though_the_next_one_is_at_the_same_place() -> None:
    both = seen(*((i, 0.4, 0.9) for i in range(12)))
    assert tracks(both, cuts=[5]) == [[*range(5)], [*range(5, 12)]]
    assert tracks(both) == [[*range(12)]]


def test_a_short_absence_is_bridged_and_a_long_one_is_not() -> None:
    face = seen(*((i, 0.4, 0.9) for i in (0, 1, 2, 6, 7, 8)))
    assert tracks(face) == [[0, 1, 2, 6, 7, 8]]
    gone = seen(*((i, 0.4, 0.9) for i in (0, 1, 2, 7, 8, 9)))
    assert tracks(gone) == [[0, 1, 2], [7, 8, 9]]


def test_a_face_that_comes_nearer_is_one() -> None:
    boxes: list[Box] = [(0.4, 0.4, 0.08, 0.1), (0.38, 0.35, 0.18, 0.26), (0.35, 0.3, 0.3, 0.5)]
    grows = [FaceSighting(i, box, 0.8, "blazeface") for i, box in enumerate(boxes)]
    assert tracks(grows) == [[0, 1, 2]]


def test_what_no_network_is_sure_of_does_not_count() -> None:
    assert tracks(seen((0, 0.4, 0.9), (1, 0.4, 0.9))) == []
    weak = seen(*((i, 0.4, 0.45) for i in range(8)))
    assert tracks(weak) == []
    unsure = seen(*((i, 0.4, 0.6) for i in range(8)))
    assert tracks(unsure) == [[*range(8)]]
    # A second network looked and saw nothing there; or saw the same.
    assert tracks(unsure, second="centerface") == []
    confirmed = [*unsure, *seen((4, 0.41, 0.7), network="centerface")]
    assert tracks(confirmed, second="centerface") == [[0, 1, 2, 3, 4, 4, 5, 6, 7]]
