"""How well `smartcut learn` finds planted grades: ``python -m benchmarks.learned_grades``.

Each is learned from three films that smartcut rendered, whose cuts are found by `conform`.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import smartcut as sc
from benchmarks.conform_films import made_sources
from benchmarks.conform_material import Filmed
from benchmarks.planted_pictures import colour, planted_settings, write_graded
from smartcut.cut import Effect
from smartcut.errors import SourceError
from smartcut.learning_style.grade import LearnedGrade
from smartcut.learning_style.grading import NEUTRAL, SETTINGS
from smartcut.render.lut import identity, write_cube

GRADES = 4
FILMED = Filmed(20, 8100, (320, 180))


def grade_of(films: list[Path], rushes: Path) -> LearnedGrade | str:
    """The grade that is learned of films; or why none is."""
    try:
        found = sc.learn(films, sources=rushes).learned
    except SourceError as error:
        return str(error).rpartition("- colour: ")[2]
    reasons = [reason for reason in found.left_out if reason.startswith("colour")]
    return found.grade or (reasons or ["nothing is said"])[0]


def told(grade: LearnedGrade | str) -> str:
    if isinstance(grade, str):
        return f"refused: {grade}"
    by = "settings" if grade.grade else f"a table ({grade.by_settings:.1f} by settings)"
    return f"{by}: {grade.before:.1f} before, {grade.after:.1f} after"


def show_settings(folder: Path, files: list[Path], grades: int) -> None:
    """Random grades: how many planted settings lie within their intervals."""
    inside = settings = extra = 0
    for seed in range(grades):
        planted = planted_settings(8200 + seed)
        films = write_graded(folder / f"grade{seed}", files, 8300 + seed, (colour(planted),))
        grade = grade_of(films, files[0].parent)
        print(f"planted {planted}: {told(grade)}")
        settings += len(planted)
        if isinstance(grade, str) or grade.grade is None:
            continue
        for name in SETTINGS:
            one = grade.grade.settings.get(name)
            value = planted.get(name, getattr(NEUTRAL, name))
            holds = one is not None and one.low <= value <= one.high
            inside += name in planted and holds
            extra += name not in planted and one is not None
            if one is not None:
                mark = "" if holds else "   <- not within"
                print(
                    f"  {name} {value:g}: {one.value:.3f} ({one.low:.3f} to {one.high:.3f}){mark}"
                )
            elif name in planted:
                print(f"  {name} {value:g}: left out")
    print(
        f"of {settings} planted settings {inside} lie within their intervals; "
        f"{extra} are claimed that were not planted"
    )


def split_tone(path: Path) -> Path:
    """A table that no settings of `colour` are: blue shadows, orange lights, a soft curve."""
    rgb = identity().astype(float)
    luma = (rgb @ [0.2126, 0.7152, 0.0722])[..., None]
    curved = rgb + 0.14 * (rgb - 0.5) * (1 - (2 * rgb - 1) ** 2) + 0.05 * (1 - rgb) ** 3
    write_cube(path, (curved + (luma - 0.5) * [0.14, 0.02, -0.18]).clip(0, 1))
    return path


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--grades", type=int, default=GRADES)
    parser.add_argument("--folder", type=Path, help="Where films are kept.")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        folder = given.folder or Path(made)
        files, _ = made_sources(folder / "rushes", 4, FILMED, 0)
        show_settings(folder, files, given.grades)
        lut = Effect("lut", (("file", str(split_tone(folder / "split.cube"))),))
        darker, lighter = (colour({"exposure": value}) for value in (-0.4, 0.5))
        others = {
            "a split tone": write_graded(folder / "table", files, 8400, (lut,)),
            "no grade": write_graded(folder / "plain", files, 8500),
            "two grades in turns": write_graded(folder / "two", files, 8600, (darker,), (lighter,)),
        }
        for name, films in others.items():
            print(f"{name}: {told(grade_of(films, files[0].parent))}")


if __name__ == "__main__":
    main()
