"""A learned style in words, as numbers, and as the YAML of a pipeline with its figures."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

from smartcut.learning_style.estimates import Estimate
from smartcut.learning_style.grade import LearnedGrade
from smartcut.learning_style.silences import DEFAULT_RULE
from smartcut.learning_style.style import LearnedStyle
from smartcut.report.learned_captions import caption_rows, captions_held_back, plain_captions

Row = tuple[str, str, str]
"""A setting, its value as YAML has it, and what is to be said of it."""


def style_text(style: LearnedStyle) -> str:
    """Every setting with its interval, what the films do not carry, and films held back."""
    rows = [
        *_highlights(style), *_tighten(style), *_colour(style, None), *caption_rows(style.captions)
    ]  # fmt: skip
    return "\n".join(
        [
            f"{len(style.films)} films: {', '.join(style.films)}",
            *_pace(style),
            *(f"{name}: {value}    {told}".rstrip() for name, value, told in rows),
            *(f"left out: {reason}" for reason in style.left_out),
            *_held_back(style),
        ]
    )


def style_yaml(style: LearnedStyle, table: Path | None = None) -> str:
    """A pipeline that runs; its comments say each figure, its interval and what it is of.

    ``table`` is where the table of colours of such a style is.
    """
    head = [
        f"Learned from {len(style.films)} films: {', '.join(style.films)}.",
        "In brackets: the interval that holds 95 % of samples drawn again, and of how many.",
        *_pace(style),
        *_held_back(style),
        *(f"left out: {reason}" for reason in style.left_out),
    ]
    lines = [f"# {line}" for text in head for line in text.splitlines()]
    lines += ["", "stages:", *(f"  - {stage}" for stage in _before(style))]
    for stage, rows in (
        ("highlights", list(_highlights(style))),
        ("tighten", list(_tighten(style))),
        ("lut" if table else "colour", list(_colour(style, table))),
        ("subtitles", list(caption_rows(style.captions))),
    ):
        if rows:
            lines += [f"  - {stage}:", *_block(rows)]
    return "\n".join([*lines, "  - render", ""])


def style_plain(style: LearnedStyle) -> dict[str, Any]:
    """All of it, as in JSON."""
    pace = style.pace
    plain: dict[str, Any] = {
        "films": list(style.films),
        "by": style.basis,
        "shot": pace.shot.to_plain(),
        "shot_spread": pace.spread.to_plain(),
        "cuts_per_minute": round(pace.per_minute, 2),
        "left_out": list(style.left_out),
    }
    if style.silences and style.held_back:
        found = style.silences
        plain["tighten"] = {
            "before": found.before.to_plain(),
            "after": found.after.to_plain(),
            "min_cut": found.min_cut.to_plain() if found.min_cut else None,
            "shortest_pause_cut": round(found.shortest, 3),
            "speed": found.speed,
            "held_back": [
                {"film": name, "share": round(one.share, 4), "edges": one.edges, "extra": one.extra}
                for name, one in zip(style.films, style.held_back.films, strict=True)
            ],
            "share": round(style.held_back.whole.share, 4),
            "share_of_defaults": round(style.held_back.default.share, 4),
        }
    if style.weighing and style.lengths:
        plain["highlights"] = {
            "min_length": style.lengths.shortest.to_plain(),
            "max_length": style.lengths.longest.to_plain(),
            "weights": {
                one.signal: {
                    **one.share.to_plain(),
                    "slope": round(one.slope, 3),
                    "standard_error": round(one.error, 3),
                    "is_told": one.is_told,
                }
                for one in style.weighing.weights
            },
            "held_back_auc": [round(auc, 4) for auc in style.weighing.held_back],
            "auc": round(style.weighing.auc, 4),
        }
    if style.grade:
        plain["colour"] = _plain_grade(style.grade)
    if style.captions:
        plain["subtitles"] = plain_captions(style.captions)
    return plain


def _plain_grade(grade: LearnedGrade) -> dict[str, Any]:
    settings = grade.grade.settings if grade.grade else {}
    return {
        "by": "settings" if grade.grade else "table",
        "settings": {name: found.to_plain() for name, found in settings.items()},
        "stretches": grade.stretches,
        "held_back": [
            {"film": one.film, "before": round(one.before, 2), "after": round(one.after, 2)}
            for one in grade.films
        ],
        "before": round(grade.before, 2),
        "after": round(grade.after, 2),
        "after_by_settings": round(grade.by_settings, 2),
    }


# ------------------------------------------------------------------------------- the settings


def _before(style: LearnedStyle) -> Iterator[str]:
    """The stages that the settings need."""
    names = [one.signal for one in style.weighing.weights if one.is_told] if style.weighing else []
    if "speech" in names or style.captions or (style.silences and style.basis == "words"):
        yield "transcribe"
    yield from (name for name in names if name != "speech")


def _highlights(style: LearnedStyle) -> Iterator[Row]:
    lengths, weighing = style.lengths, style.weighing
    if lengths is None or weighing is None:
        return
    whole = lengths.whole
    spans = f"{min(whole):.1f} to {max(whole):.1f} s"
    yield "duration", f"{median(whole):.1f}s", f"median of {len(whole)} films, {spans}"
    yield (
        "min_length",
        f"{lengths.shortest.value:.2f}s",
        "1 in 20 is shorter" + _in(lengths.shortest),
    )
    yield "max_length", f"{lengths.longest.value:.2f}s", "1 in 20 is longer" + _in(lengths.longest)
    yield (
        "weights",
        "",
        (
            f"shares; {weighing.chosen} passages chosen, {weighing.left} left, "
            f"AUC {weighing.auc:.2f} on films held back"
        ),
    )
    for one in weighing.weights:
        if one.is_told:
            interval = f"{one.share.low:.2f} to {one.share.high:.2f}"
            slope = f"slope {one.slope:.2f}, standard error {one.error:.2f}"
            yield f"  {one.signal}", f"{one.share.value:.2f}", f"({interval}); {slope}"


def _tighten(style: LearnedStyle) -> Iterator[Row]:
    found = style.silences
    if found is None:
        return
    yield "by", "words" if style.basis == "words" else "auto", ""
    before, after = found.before, found.after
    value = f"[{before.value:.3f}s, {after.value:.3f}s]"
    yield "margin", value, f"before{_in(before, 3)}, after{_in(after, 3)}"
    told = f"the shortest pause that was cut lasts {found.shortest:.2f} s"
    if found.min_cut:
        yield "min_cut", f"{found.min_cut.value:.3f}s", f"{_in(found.min_cut, 3).strip()}; {told}"
    if found.speed:
        yield "silence", f"speed {found.speed:g}", "the median of pauses played faster"


#: Digits and units of settings of `colour`.
_COLOUR = {
    "exposure": (2, " EV"),
    "contrast": (2, ""),
    "saturation": (2, ""),
    "temperature": (0, " K"),
    "tint": (2, ""),
}


def _colour(style: LearnedStyle, table: Path | None) -> Iterator[Row]:
    grade = style.grade
    if grade is None:
        return
    if grade.grade is None:
        told = f"settings of `colour` leave {grade.by_settings:.1f} of films held back"
        yield "file", json.dumps(str(table or "")), f"{told}, this table {grade.after:.1f}"
        return
    for name, found in grade.grade.settings.items():
        digits, unit = _COLOUR[name]
        interval = f"({found.low:.{digits}f} to {found.high:.{digits}f}{unit}, n = {found.count})"
        yield name, f"{found.value:.{digits}f}", interval


def _in(found: Estimate, digits: int = 2) -> str:
    return f" ({found.low:.{digits}f} to {found.high:.{digits}f} s, n = {found.count})"


def _block(rows: list[Row]) -> Iterator[str]:
    settings = [f"      {name}: {value}".rstrip() for name, value, _ in rows]
    width = max(map(len, settings)) + 2
    for line, (_, _, told) in zip(settings, rows, strict=True):
        yield f"{line:<{width}}# {told}" if told else line


# -------------------------------------------------------------------------------- what is said


def _pace(style: LearnedStyle) -> Iterator[str]:
    pace = style.pace
    yield (
        f"shots: median {pace.shot.value:.2f} s{_in(pace.shot)}, half of them within "
        f"{pace.spread.value:.2f} s{_in(pace.spread)}, {pace.per_minute:.1f} cuts a minute"
    )


def _held_back(style: LearnedStyle) -> Iterator[str]:
    """How well each film is explained by the others."""
    if style.held_back:
        whole, default = style.held_back.whole, style.held_back.default
        each = ", ".join(f"{one.share:.0%}" for one in style.held_back.films)
        rule = f"{DEFAULT_RULE.before:g} s margins"
        yield (
            f"films held back: {whole.share:.0%} of {whole.edges} edges of cuts in pauses within "
            f"0.1 s ({each}), {whole.extra} pauses cut that stayed; tighten's own {rule}: "
            f"{default.share:.0%}, {default.extra}"
        )
    if style.weighing:
        each = ", ".join(f"{auc:.2f}" for auc in style.weighing.held_back)
        yield (
            f"films held back: of pairs of a passage chosen and one left, {style.weighing.auc:.0%} "
            f"are told apart rightly (AUC {each}; chance 0.50)"
        )
    if style.grade:
        grade = style.grade
        each = ", ".join(f"{one.before:.1f} to {one.after:.1f}" for one in grade.films)
        yield (
            f"films held back: colours differ from the sources' by (CIE 1976, median) "
            f"{grade.before:.1f}, {grade.after:.1f} under the grade of the others ({each}); "
            f"{grade.stretches} stretches"
        )
    if style.captions:
        yield captions_held_back(style.captions)
