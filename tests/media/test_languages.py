"""Language tags are those of ISO 639-2, whatever a source or a user calls the language."""

from __future__ import annotations

from fractions import Fraction as F
from pathlib import Path

import av
import pytest

import smartcut as sc
from smartcut.media import mux
from smartcut.media.containers import CONTAINERS
from smartcut.media.languages import language_tag, terminological
from smartcut.media.piece_files import VideoPiece
from smartcut.media.probe import probe
from smartcut.source import SubtitleStream
from smartcut.testing import write_bar_coded
from smartcut.timebase import Range


@pytest.mark.parametrize(
    ("given", "mp4", "matroska"),
    [
        ("en", "eng", "eng"),
        ("de", "deu", "ger"),
        ("fra", "fra", "fre"),
        ("fre", "fra", "fre"),
        ("pt-BR", "por", "por"),
        ("zh_Hans", "zho", "chi"),
        ("EN", "eng", "eng"),
        ("yue", "yue", "yue"),
        ("english", None, None),
        ("xx", None, None),
        ("und", None, None),
        (None, None, None),
    ],
)
def test_tags_fit_the_container(given: str | None, mp4: str | None, matroska: str | None) -> None:
    assert language_tag(given, "mp4") == mp4
    assert language_tag(given, "matroska") == language_tag(given, "webm") == matroska
    assert terminological(given) == mp4


@pytest.mark.parametrize(
    ("given", "written"),
    [("de", "ger"), ("fr", "fra"), ("en", "eng"), ("sv", "sve"), ("zu", None), ("yue", None)],
)
def test_quicktime_knows_some_languages(given: str, written: str | None) -> None:
    assert language_tag(given, "mov") == written


@pytest.mark.parametrize(
    ("name", "written"),
    [("o.mp4", "fra"), ("o.mov", "fra"), ("o.mkv", "fre"), ("o.webm", "fre")],
)
def test_sound_and_subtitles_say_their_language(name: str, written: str, tmp_path: Path) -> None:
    sound, out = tmp_path / ("a.webm" if name == "o.webm" else "a.mp4"), tmp_path / name
    codecs = ("libopus", "libvpx-vp9") if name == "o.webm" else ("aac", "libx264")
    write_bar_coded(sound, frames=15, audio=codecs[0], encoder=codecs[1])
    heard = probe(sound).audio
    assert heard is not None
    piece = mux.SoundPiece(sound, heard.index, (Range(F(0), F(1, 2)),), "fr")
    texts = [mux.TextTrack([(Range(F(0), F(1, 4)), "Bonjour")], "fr-CA")]
    mux.write(out, CONTAINERS[out.suffix], mux.Parts(sounds=[piece], texts=texts))
    with av.open(str(out)) as opened:
        assert [s.language for s in opened.streams if s.type != "data"] == [written, written]
    source = probe(out)
    assert source.audio is not None
    assert source.audio.language == "fra"


@pytest.mark.parametrize("language", ["deu", "nld", "zho", "fra", "ces", "swe", "hrv"])
def test_mov_says_languages_that_it_has_numbers_for(language: str, tmp_path: Path) -> None:
    sound, out = tmp_path / "a.mp4", tmp_path / "o.mov"
    write_bar_coded(sound, frames=5)
    piece = mux.SoundPiece(sound, 1, (Range(F(0), F(1, 6)),), language)
    mux.write(out, CONTAINERS[".mov"], mux.Parts(sounds=[piece]))
    source = probe(out)
    assert source.audio is not None
    assert source.audio.language == language


@pytest.mark.parametrize(("name", "lost"), [("o.mov", True), ("o.mp4", False), ("o.mkv", False)])
def test_a_language_that_the_container_cannot_say_is_noted(
    name: str, lost: bool, tmp_path: Path
) -> None:
    sound, source, out = tmp_path / "a.mp4", tmp_path / "zulu.mkv", tmp_path / name
    write_bar_coded(sound, frames=30, size=(160, 90))
    texts = [mux.TextTrack([(Range(F(0), F(1, 2)), "Sawubona")], "zul")]
    heard = probe(sound).audio
    assert heard is not None
    piece = mux.SoundPiece(sound, heard.index, (Range(F(0), F(1)),), "eng")
    picture = VideoPiece(sound, 0, 1000)
    mux.write(
        source, CONTAINERS[".mkv"], mux.Parts([picture], F(1, 1000), sounds=[piece], texts=texts)
    )
    result = (sc.open(source) | sc.trim(end="0.8")).render(out)
    said = [n for n in result.notes if "language of its subtitles (zul) cannot be said" in n]
    assert len(said) == lost
    assert all(".mp4 or .mkv" in note for note in said)
    (text,) = [s for s in probe(out).others if isinstance(s, SubtitleStream)]
    assert text.language == (None if lost else "zul")
