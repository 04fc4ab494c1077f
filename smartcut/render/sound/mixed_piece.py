"""A sound track as it is mixed and encoded: made once, and kept in the cache."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import TypeVar

from smartcut.cache import key_of
from smartcut.errors import RenderError
from smartcut.interchange.json import tells
from smartcut.media import encode_sound
from smartcut.media.ahead import ahead
from smartcut.render.job import Rendering
from smartcut.render.pieces import known_sound
from smartcut.render.sound.mixdown import mixed
from smartcut.render.sound.plan import SoundPlan
from smartcut.stage import Context, Stopped

T = TypeVar("T")

# Blocks of sound, of a second or less, that are mixed while those before are encoded.
_MIXED_AHEAD = 4


def mixed_piece(rendering: Rendering, plan: SoundPlan, context: Context) -> tuple[Path, list[str]]:
    """The encoded mix, from the cache or made now, and what was noted when it was made."""
    assert plan.key is not None
    container, wanted = rendering.output.container, plan.sound
    notes_key = key_of("sound-notes", 1, {"sound": plan.key})
    found = known_sound(plan, container, context)
    notes = context.cache.load(notes_key, tells(list[str]))
    if found is None or notes is None:
        suffix = container.sound_piece
        settings = encode_sound.AudioSettings(
            wanted.codec, wanted.rate, wanted.layout, wanted.bitrate, wanted.depth or "s16"
        )
        label = f"mix {rendering.output.path.name}{_numbered(rendering, plan)}"
        context.progress.start(label, None)
        mixing = mixed(plan, rendering.duration, rendering.speech)
        with (
            mixing as (blocks, said),
            context.cache.create(plan.key, suffix) as path,
            closing(ahead(_until_stopped(blocks, context), _MIXED_AHEAD)) as ready,
        ):
            encode_sound.encode_audio(path, suffix, settings, ready)
            notes = list(said)
            context.cache.store(notes_key, notes)  # first: a sound without is mixed again
        context.progress.done(label)
        found = known_sound(plan, container, context)
    if found is None:
        raise RenderError("the mixed sound vanished from the cache; is the disk full?")
    return found, notes


def _numbered(rendering: Rendering, plan: SoundPlan) -> str:
    place = rendering.sounds.index(plan)
    return f", sound track {place + 1}" if place else ""


def _until_stopped(items: Iterator[T], context: Context) -> Iterator[T]:
    for item in items:
        if context.stopping.is_set():
            raise Stopped
        yield item
