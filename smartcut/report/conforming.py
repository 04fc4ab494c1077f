"""What `conform` found out, as text."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from smartcut.conforming.parts import FilmPart
from smartcut.conforming.result import Conformed
from smartcut.conforming.sound import SoundPart
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
    "silent": "without its sound",
}


# Words for a confidence, from the highest on, each from its least; seconds of sound that count.
_SURE = ((0.9, "sure"), (0.8, "fairly sure"), (0.0, "doubtful"))
_BRIEF = Fraction(1, 10)


def conform_text(found: Conformed) -> str:
    """A line for each part of the film, and how much of it is explained."""
    lines = [f"{found.film.path}: {len(found.parts)} parts, {found.explained:.1%} explained"]
    lines.extend(f"  {_line(part)}" for part in found.parts)
    lines.extend(f"  sound {heard(one)}" for one in other_sounds(found))
    lines.extend(f"note: {note}" for note in found.notes)
    return "\n".join(lines)


def _line(part: FilmPart) -> str:
    place = f"{_clock(part.place.start)} - {_clock(part.place.end)}"
    if part.source is None:
        return f"{place}  unknown: {KINDS[part.kind]}"
    told = ", ".join([f"from {_clock(part.start)}", *described(part)])
    return f"{place}  {part.source} {told}  ({part.confidence:.2f})"


def surely(confidence: float) -> str:
    """A confidence in a word."""
    return next(word for least, word in _SURE if confidence >= least)


def other_sounds(found: Conformed) -> Iterator[SoundPart]:
    """The sound that is heard under pictures of something else."""
    strange = [p.place for p in found.parts if p.sound in ("other", "unknown")]
    for one in found.sounds:
        inside = (one.place.intersect(place) for place in strange)
        if any(both is not None and both.duration > _BRIEF for both in inside):
            yield one


def heard(sound: SoundPart) -> str:
    """When a sound is heard, and where it comes from."""
    place = f"{_clock(sound.place.start)} - {_clock(sound.place.end)}"
    if sound.source is None:
        return f"{place}  that no original has"
    gain = f", {sound.gain:+.1f} dB" if abs(sound.gain) >= 0.5 else ""
    return f"{place}  of {sound.source} from {_clock(sound.start)}{gain}"


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
