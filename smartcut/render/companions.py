"""What is written beside a film besides its manifest: captions, pictures, chapters, labels."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from smartcut.algebra import turns_in_timeline
from smartcut.files import write_text
from smartcut.interchange.rttm import to_rttm
from smartcut.render.captions.files import write_sidecar
from smartcut.render.captions.told import ORIGINAL
from smartcut.render.chapter_lists import write_chapters
from smartcut.render.chapter_names import chapters_of
from smartcut.render.job import Rendering
from smartcut.render.output import shows_stills
from smartcut.render.overviews import filmstrip, waveform
from smartcut.render.parts import chapters_in
from smartcut.render.pictures import contact_sheet, thumbnail
from smartcut.render.records.labels import write_labels
from smartcut.stage import Context


def write_companions(rendering: Rendering, context: Context) -> list[Path]:
    """Write what is asked for; the answer names the files."""
    output, extras = rendering.output, rendering.job.extras
    beside = list(_sidecars(rendering))
    shows = shows_stills(output)
    if extras.contact_sheet and shows:
        beside.append(output.beside(".sheet.png"))
        contact_sheet(rendering, context.cache, beside[-1])
    if extras.thumbnail and shows:
        beside.append(output.beside(".thumbnail.png"))
        thumbnail(rendering, context.cache, beside[-1])
    if extras.filmstrip and shows:
        beside.append(output.beside(".filmstrip.png"))
        filmstrip(rendering, context.cache, beside[-1])
    if extras.waveform and rendering.sounds and output.container.kind == "stream":
        beside.append(output.beside(".waveform.png"))
        waveform(rendering, beside[-1])
    if extras.speaker_list:
        beside.append(output.beside(".rttm"))
        write_text(beside[-1], to_rttm(turns_in_timeline(rendering.cut), beside[-1].stem))
    if extras.chapter_list:
        listed = chapters_in(rendering.cut, extras) or chapters_of(rendering.cut)
        for suffix in (".chapters.txt", ".chapters.vtt"):
            beside.append(output.beside(suffix))
            write_chapters(beside[-1], listed)
    beside.extend(write_labels(rendering, context))
    return beside


def _sidecars(rendering: Rendering) -> Iterator[Path]:
    """The files of captions, one for each text; those of translations name their language."""
    captions = rendering.cut.captions
    if captions is None:
        return
    told = ((captions.shows[0], rendering.cues), *rendering.told)
    for kind in captions.sidecars:
        for text, cues in told:
            named = "" if text == ORIGINAL else f".{text}"
            styled = rendering.styled
            if kind == "ass" and styled is not None:
                sidecar, own = rendering.output.beside(".ass"), styled.captions
                write_sidecar(sidecar, styled.cues, kind, own.style, styled.size, own.language)
                yield sidecar
                break
            sidecar = rendering.output.beside(f"{named}.{kind}")
            write_sidecar(sidecar, cues, kind)
            yield sidecar
