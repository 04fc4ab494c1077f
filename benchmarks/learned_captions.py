"""How well `smartcut learn` finds planted looks: ``python -m benchmarks.learned_captions``.

Each is learned from three films of half the size of their sources that smartcut rendered with
burned-in captions (crf 20, 28, 24); their cuts are found by `conform`, and what is said is given.
"""

from __future__ import annotations

import argparse
import re
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

import smartcut as sc
from benchmarks.conform_films import made_sources
from benchmarks.conform_material import Filmed
from benchmarks.planted_captions import PlantedCaptions, write_captioned, write_words
from smartcut.errors import SourceError
from smartcut.learning_style.captions import LearnedCaptions
from smartcut.looks import find_look

LOOKS = ("clean", "box", "bold", "karaoke", "punch")
FILMED = Filmed(14, 9300, (640, 360))
HALF, CRF = "320x180", (20, 28, 24)


def planted_looks(looks: Sequence[str]) -> list[PlantedCaptions]:
    """Each as it is, and with another size, margin and number of words at a time."""
    found = []
    for name in looks:
        random = np.random.default_rng([9401, *name.encode()])
        size = find_look(name).style.size * random.choice([0.85, 1.15]) * random.uniform(0.95, 1.05)
        changed = {
            "size": round(float(size), 4),
            "margin": round(float(random.choice([0.04, 0.1]) + random.uniform(-0.01, 0.01)), 4),
            "words_at_once": int(random.integers(2, 5)),
        }
        found += [PlantedCaptions(name), PlantedCaptions(name, tuple(changed.items()))]
    return found


def captions_of(
    films: Sequence[Path], rushes: Path, words: Mapping[str, Path] | None
) -> LearnedCaptions | str:
    """The look that is learned of films; or why none is."""
    try:
        found = sc.learn(list(films), sources=rushes, words=words).learned
    except SourceError as error:
        return re.findall(r"- subtitles: (.*)", str(error))[0]
    return found.captions or next(one for one in found.left_out if one.startswith("subtitles"))


def told(found: LearnedCaptions | str) -> str:
    if isinstance(found, str):
        return f"refused: {found}"
    return (
        f"`{found.look.name}`, overlap {found.overlap:.2f}, explained {found.explained:.2f} of "
        f"films held back; the next, `{found.second}`, explains {found.second_explained:.2f}"
    )


def settings_of(planted: PlantedCaptions, found: LearnedCaptions) -> tuple[int, int, bool]:
    """Sizes and margins within their intervals, of how many, and whether the words are right."""
    assert planted.look is not None
    style = find_look(planted.look).style.model_copy(update=dict(planted.style))
    inside = count = 0
    for name, one in (("size", found.size), ("margin", found.margin)):
        value = getattr(style, name)
        if one is None:
            print(f"  {name} {value:g}: left out")
            continue
        holds = one.low <= value <= one.high
        inside, count = inside + holds, count + 1
        mark = "" if holds else "   <- not within"
        print(f"  {name} {value:g}: {one.value:.4f} ({one.low:.4f} to {one.high:.4f}){mark}")
    print(f"  words at once {style.words_at_once}: {found.look.words}")
    return inside, count, found.look.words == style.words_at_once


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--looks", nargs="+", default=LOOKS, help="Which looks are planted.")
    parser.add_argument("--folder", type=Path, help="Where films are kept.")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        folder = given.folder or Path(made)
        files, _ = made_sources(folder / "rushes", 3, FILMED, 0)
        seed = 9410
        words = write_words(files, seed)
        right = inside = count = counted = 0
        planted = planted_looks(given.looks)
        for number, one in enumerate(planted):
            films = _films(folder / f"{one.look}{number % 2}", files, seed, one)
            begun = time.process_time()
            found = captions_of(films, files[0].parent, words)
            seconds = time.process_time() - begun
            print(f"planted {one.look} {dict(one.style)}: {told(found)}; {seconds:.0f} s in all")
            if isinstance(found, LearnedCaptions):
                right += found.look.name == one.look
                own, of, words_right = settings_of(one, found)
                inside, count, counted = inside + own, count + of, counted + words_right
        print(
            f"of {len(planted)} planted looks {right} are found, {counted} with the words at a "
            f"time; of {count} sizes and margins claimed {inside} lie within their intervals"
        )
        others = {
            "no captions": (PlantedCaptions(),),
            "another look in each film": tuple(map(PlantedCaptions, ("box", "punch", "news"))),
            "captions in one film of three": (PlantedCaptions("box"), *[PlantedCaptions()] * 2),
        }
        for number, (name, looks) in enumerate(others.items()):
            films = _films(folder / f"other{number}", files, seed, *looks)
            print(f"{name}: {told(captions_of(films, files[0].parent, words))}")
        films = _films(folder / f"{planted[0].look}0", files, seed, planted[0])
        print(f"words unknown: {told(captions_of(films, files[0].parent, None))}")


def _films(folder: Path, files: Sequence[Path], seed: int, *planted: PlantedCaptions) -> list[Path]:
    return write_captioned(folder, files, seed, *planted, resolution=HALF, qualities=CRF, count=8)


if __name__ == "__main__":
    main()
