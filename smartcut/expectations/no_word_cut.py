"""`no_word_cut`: no word is cut off."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from typing import Any, ClassVar

from pydantic import Field

from smartcut.annotation import Signal
from smartcut.constraint import Constraint, Offered
from smartcut.cut import Cut
from smartcut.expectation import Checked, Expectation, FinishedFilm, Miss
from smartcut.expectations._pictures import FilmPictures, cuts_of, end_of, pictures_of
from smartcut.expectations._record import joins_of, range_of
from smartcut.expectations._sound import STEPS, FilmSound, sound_of
from smartcut.render.records.spoken import CutWord, cut_words
from smartcut.stage import Analysis
from smartcut.stages._voice import VoiceAnalysis
from smartcut.timebase import Range, TimeParam

#: dB by which a part of a word may be quieter than it was rendered, against the others.
_QUIETER = 18.0
_HEARD = -55.0
# A voice breaks off where it falls by so much within two readings, from no less than this under
# the loudest speech.
_CLIFF, _NEAR_SPEECH = 25.0, 20.0
_SPEAKS = 0.5
_PARTS = 4


class NoWordCut(Expectation):
    """No word is cut off, at a join or elsewhere.

    Where the words are known (a pipeline with `transcribe`, or the manifest of its film), none may
    lose more than `lost` at a join. The manifest keeps how loud each part of each word was
    rendered: one that was muted or clipped since is told. Elsewhere, where somebody speaks right
    up to a join, the sound may not break off.

    ```yaml
    expect: {no_word_cut: true}
    ```
    """

    name: ClassVar[str] = "no_word_cut"
    short: ClassVar[str] = "lost"
    is_usual: ClassVar[bool] = True

    lost: TimeParam = Field(
        Fraction(1, 20),
        ge=0,
        description="What may be missing of a word: times of words are rough.",
    )

    def analyses(self, film: FinishedFilm) -> tuple[Analysis, ...]:
        if film.source.audio is None:
            return ()
        if "words" in film.record:
            return (FilmSound(),)
        return (FilmSound(), VoiceAnalysis(), FilmPictures())

    def foresee(self, cut: Cut) -> Checked | None:
        found = [one for one in cut_words(cut) if one.lost > self.lost]
        return Checked(_told(len(found)), tuple(map(_miss, found)))

    def constrain(self, offered: Sequence[Offered]) -> Iterable[Constraint]:
        yield Constraint(self.name, allowed=tuple(not self._divides(one) for one in offered))

    def _divides(self, one: Offered) -> bool:
        """Whether it begins or ends within a word."""
        return any(
            (word.range.start < edge - self.lost and edge < word.range.end)
            if edge == one.range.start
            else (word.range.start < edge and edge + self.lost < word.range.end)
            for edge in (one.range.start, one.range.end)
            for word in one.words
        )

    def keep(self, film: FinishedFilm) -> Any:
        if film.source.audio is None or not film.record.get("words"):
            return None
        signal = sound_of(film)
        return [[round(v) for v in _profile(signal, range_of(row))] for row in film.record["words"]]

    def check(self, film: FinishedFilm) -> Checked:
        signal = sound_of(film)
        words = film.record.get("words")
        if words is None:
            misses = [*_broken_off(film, signal)]
            return Checked(_told(len(misses)), tuple(misses))
        misses = [
            Miss(f"{row['text'].strip()!r} lacks its {row['cut']}", *_ends(row))
            for row in words
            if row.get("cut") and Fraction(str(row["lost"])) > self.lost
        ]
        if kept := film.kept(self.name, list[list[float]]):
            misses += _quieter(words, kept, signal)
        return Checked(_told(len(misses)), tuple(misses))


def _told(count: int) -> str:
    many = "a word is" if count == 1 else f"{count} words are"
    return f"{many} cut off" if count else "no word is cut off"


def _miss(found: CutWord) -> Miss:
    text = found.word.text.strip()
    told = f"{text!r} lacks its {found.side}: {float(found.lost):.2f} s of it"
    return Miss(told, found.at, found.at)


def _ends(row: dict[str, Any]) -> tuple[Fraction, Fraction]:
    place = range_of(row)
    return place.start, place.end


def _profile(signal: Signal, place: Range) -> Iterator[float]:
    """The loudest level in each part of a stretch, in dB."""
    levels = signal.channel("level")
    for part in range(_PARTS):
        first = place.start + place.duration * part / _PARTS
        last = place.start + place.duration * (part + 1) / _PARTS
        a = int(first * STEPS)
        yield max(levels[a : max(int(last * STEPS), a + 1)], default=-100.0)


def _quieter(
    words: Sequence[dict[str, Any]], kept: Sequence[Sequence[float]], signal: Signal
) -> Iterator[Miss]:
    """Words of which a part is far quieter than it was, less what all have become quieter by."""
    now = [[*_profile(signal, range_of(row))] for row in words]
    changes = sorted(
        a - b for was, is_ in zip(kept, now, strict=False) for a, b in zip(was, is_, strict=False)
    )
    usual = changes[len(changes) // 2] if changes else 0.0
    for row, was, is_ in zip(words, kept, now, strict=False):
        lost = [
            n
            for n, (a, b) in enumerate(zip(was, is_, strict=False))
            if a > _HEARD and a - b - usual > _QUIETER
        ]
        if lost:
            where = "beginning" if lost[0] == 0 else "end" if lost[-1] == _PARTS - 1 else "middle"
            told = "is not heard" if len(lost) == _PARTS else f"lacks its {where}"
            yield Miss(f"{row['text'].strip()!r} {told}", *_ends(row))


def _broken_off(film: FinishedFilm, signal: Signal) -> Iterator[Miss]:
    """Where somebody speaks up to a join, and the sound breaks off there."""
    levels = signal.channel("level")
    voice = film.known(VoiceAnalysis(), Signal)
    if not levels or not voice.pts:
        return
    loudest = sorted(levels)[int(len(levels) * 0.95)]
    for at in _joins(film):
        step = round(at * STEPS)
        for way, side in ((-1, "end"), (1, "beginning")):
            near = [step + way * k - (way < 0) for k in range(1, 3)]
            beyond = [step - way * k - (way > 0) for k in range(2, 10)]
            heard = max((levels[i] for i in near if 0 <= i < len(levels)), default=-100.0)
            after = max((levels[i] for i in beyond if 0 <= i < len(levels)), default=-100.0)
            speaks = _speaks(voice, at + Fraction(way * 4, STEPS))
            if speaks and heard > loudest - _NEAR_SPEECH and heard - after > _CLIFF:
                yield Miss(f"the sound breaks off in a word, which lacks its {side}", at, at)


def _speaks(voice: Signal, at: Fraction) -> bool:
    place = bisect_left(voice.pts, int(at / voice.timebase))
    return max(voice.values[0][max(0, place - 1) : place + 2], default=0.0) >= _SPEAKS


def _joins(film: FinishedFilm) -> tuple[Fraction, ...]:
    """Where the film begins, goes on elsewhere, and ends."""
    if film.record:
        return (Fraction(0), *joins_of(film), film.source.duration)
    if film.source.video is None:
        return (Fraction(0), film.source.duration)
    pictures = pictures_of(film)
    times = pictures.times()
    return (Fraction(0), *(times[n] for n in cuts_of(pictures)), end_of(film))
