"""What `conform` found out, as text."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from smartcut.conforming.parts import FilmPart
from smartcut.conforming.result import Conformed
from smartcut.conforming.windows import PictureWindow

#: What parts are called that no source explains.
KINDS = {
    "colour": "one colour",
    "title": "a title",
    "still": "a still picture",
    "foreign": "foreign pictures",
}
_SOUNDS = {
    "other": "with the sound of another part",
    "unknown": "with sound that no original has",
}


def conform_text(found: Conformed) -> str:
    """A line for each part of the film, and how much of it is explained."""
    lines = [f"{found.film.path}: {len(found.parts)} parts, {found.explained:.1%} explained"]
    lines.extend(f"  {_line(part)}" for part in found.parts)
    lines.extend(f"note: {note}" for note in found.notes)
    return "\n".join(lines)


def _line(part: FilmPart) -> str:
    place = f"{_clock(part.place.start)} - {_clock(part.place.end)}"
    if part.source is None:
        return f"{place}  unknown: {KINDS[part.kind]}"
    told = ", ".join([f"from {_clock(part.start)}", *described(part)])
    return f"{place}  {part.source} {told}  ({part.confidence:.2f})"


def described(part: FilmPart) -> Iterator[str]:
    """What was done to a part's pictures and sound, in words."""
    if part.transition is not None:
        yield f"{'fades' if part.transition == 'fade' else 'dissolves'} in over {part.blend} frames"
    if part.fade_in:
        yield f"comes in from black over {part.fade_in} frames"
    if part.fade_out:
        yield f"goes out into black over {part.fade_out} frames"
    if part.speed != 1:
        yield "held" if part.speed == 0 else f"speed {float(part.speed):.4g}"
    if part.window.mirrored:
        yield "mirrored"
    if part.end is not None:
        yield f"zoomed from {_window(part.window)} to {_window(part.end)}"
    elif not part.window.is_whole:
        yield f"cropped to {_window(part.window)}"
    if part.covered is not None:
        left, top, right, bottom = part.covered
        place = f"{left:.0%} to {right:.0%} across, {top:.0%} to {bottom:.0%} down"
        yield f"captions or a logo over {place}"
    if part.lead:
        yield f"heard {abs(float(part.lead)):.2f} s {'before' if part.lead > 0 else 'after'} seen"
    if part.sound == "own" and abs(part.gain) >= 0.5:
        yield f"sound {part.gain:+.1f} dB"
    if part.sound in _SOUNDS:
        yield _SOUNDS[part.sound]


def _window(w: PictureWindow) -> str:
    return f"{w.width:.1%} x {w.height:.1%} at {w.left:.1%}, {w.top:.1%}"


def _clock(time: Fraction) -> str:
    minutes, seconds = divmod(float(time), 60)
    return f"{int(minutes):02d}:{seconds:06.3f}"
