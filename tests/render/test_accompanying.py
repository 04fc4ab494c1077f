"""Styles of subtitles, picture subtitles, fonts, covers and further pictures: kept, or told of."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import imageio_ffmpeg
import pytest

import smartcut as sc
from smartcut.media.probe import probe
from smartcut.media.texts import read_payloads, text_streams
from smartcut.source import Attachment, SubtitleStream
from smartcut.testing import write_bar_coded

ASS = """[Script Info]
PlayResX: 160
PlayResY: 90
[V4+ Styles]
Format: Name, Fontname, Fontsize, PrimaryColour, Bold, Alignment
Style: Odd,Arial,20,&H0000FFFF,1,8
[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
Dialogue: 0,0:00:00.20,0:00:00.90,Odd,,0,0,0,,{\\i1}first{\\i0}
Dialogue: 1,0:00:01.00,0:00:01.80,Odd,,0,0,0,,second\\Nline
"""
SRT = "1\n00:00:00,200 --> 00:00:00,900\n<i>first</i>\n\n2\n00:00:01,000 --> 00:00:01,800\nsecond\n"

Make = Callable[..., Path]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Makes a file of two seconds by FFmpeg: the picture is input 0."""
    write_bar_coded(tmp_path / "plain.mp4", frames=60, size=(160, 90), gop=15, b_frames=0)
    (tmp_path / "t.ass").write_text(ASS)
    (tmp_path / "t.srt").write_text(SRT)
    (tmp_path / "f.ttf").write_bytes(b"\0\1\0\0" + bytes(60))
    ffmpeg = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-nostdin", "-y"]

    def made(name: str, arguments: str) -> Path:
        command = [*ffmpeg, "-i", "plain.mp4", *arguments.split(), name]
        subprocess.run(command, cwd=tmp_path, check=True)
        return tmp_path / name

    made("c.png", "-frames:v 1")
    return made


def subtitles(path: Path) -> list[tuple[str, list[tuple[float, float, bytes]]]]:
    """(codec, (start, end, payload) of each packet) of each subtitle stream."""
    found = []
    with av.open(str(path)) as container:
        for stream in container.streams.subtitles:
            packets = [
                (float(p.pts * p.time_base), float((p.pts + p.duration) * p.time_base), bytes(p))
                for p in container.demux(stream)
                if p.size > 2
            ]
            found.append((stream.codec_context.codec.canonical_name, packets))
            container.seek(0)
    return found


def render(path: Path, out: Path, *ranges: str, **how: Any) -> tuple[str, ...]:
    return (sc.open(path) | sc.trim(ranges=list(ranges))).render(out, **how).notes


@pytest.mark.parametrize("mode", ["auto", "encode"])
def test_ass_keeps_its_styles_in_matroska(make: Make, mode: str, tmp_path: Path) -> None:
    how = "-i t.ass -map 0 -map 1 -c copy -metadata:s:s:0 language=deu -metadata:s:s:0 title=Signs"
    path, out = make("a.mkv", f"{how} -disposition:s:0 forced"), tmp_path / "o.mkv"
    notes = render(path, out, "0.5-1.5", mode=mode)
    ((codec, packets),) = subtitles(out)
    assert codec == "ass"
    assert [p[:2] for p in packets] == [(0, pytest.approx(0.4)), (0.5, 1)]
    assert [p[2] for p in packets] == [
        b"0,0,Odd,,0,0,0,,{\\i1}first{\\i0}",
        b"1,1,Odd,,0,0,0,,second\\Nline",
    ]
    with av.open(str(out)) as container:
        (stream,) = container.streams.subtitles
        assert b"Style: Odd,Arial,20" in (stream.codec_context.extradata or b"")
    (kept,) = text_streams(probe(out))
    assert (kept.language, kept.title, kept.roles) == ("deu", "Signs", ("forced",))
    assert not notes


def test_ass_in_mp4_keeps_its_text_and_a_note_says_so(make: Make, tmp_path: Path) -> None:
    path, out = make("a.mkv", "-i t.ass -map 0 -map 1 -c copy"), tmp_path / "o.mp4"
    (note,) = render(path, out, "0-2")
    assert "styles of its ASS subtitles are left out" in note
    assert ".mkv" in note
    ((codec, packets),) = subtitles(out)
    assert codec == "mov_text"
    assert [p[2][2:] for p in packets] == [b"first", b"second\nline"]


def test_styles_of_mp4_text_stay_in_mp4_and_are_told_of_elsewhere(
    make: Make, tmp_path: Path
) -> None:
    path = make("a.mp4", "-i t.srt -map 0 -map 1 -c copy -c:s mov_text")
    source = probe(path)
    (stream,) = text_streams(source)
    assert b"styl" in read_payloads(source, stream)[0][1]
    assert not render(path, tmp_path / "o.mp4", "0-2")
    ((codec, packets),) = subtitles(tmp_path / "o.mp4")
    assert codec == "mov_text"
    assert b"styl" in packets[0][2]
    (note,) = render(path, tmp_path / "o.mkv", "0-2")
    assert "styles of its subtitles (mov_text) are left out" in note


def test_italics_of_subrip_stay_in_matroska(make: Make, tmp_path: Path) -> None:
    path = make("a.mkv", "-i t.srt -map 0 -map 1 -c copy -c:s srt")
    assert not render(path, tmp_path / "o.mkv", "0-2")
    ((codec, packets),) = subtitles(tmp_path / "o.mkv")
    assert (codec, packets[0][2]) == ("subrip", b"<i>first</i>")
    (note,) = render(path, tmp_path / "o.mp4", "0-2")
    assert "styles" in note


@pytest.mark.parametrize("suffix", [".mkv", ".mp4"])
def test_subtitles_in_another_encoding_become_utf8(make: Make, tmp_path: Path, suffix: str) -> None:
    text = "1\n00:00:00,200 --> 00:00:00,900\nDéjà “vu” – Zoë\n"
    (tmp_path / "w.srt").write_bytes(text.encode("cp1252"))
    path = make("a.mkv", "-i w.srt -map 0 -map 1 -c copy")
    assert "Déjà “vu”".encode("cp1252") in subtitles(path)[0][1][0][2]
    (note,) = render(path, tmp_path / f"o{suffix}", "0-2")
    assert "a: its subtitles are not UTF-8; they were read as Windows-1252" in note
    ((_, packets),) = subtitles(tmp_path / f"o{suffix}")
    assert packets[0][2].endswith("Déjà “vu” – Zoë".encode())


def test_timed_text_of_mp4_in_another_encoding_becomes_utf8(make: Make, tmp_path: Path) -> None:
    path = make("a.mp4", "-i t.srt -map 0 -map 1 -c copy -c:s mov_text")
    # As programs write it that take no heed of encodings: of the same length, so the file is whole.
    path.write_bytes(path.read_bytes().replace(b"second", "zwölf!".encode("cp1252")))
    (note,) = render(path, tmp_path / "o.mp4", "0-2")
    assert "not UTF-8" in note
    ((_, packets),) = subtitles(tmp_path / "o.mp4")
    assert packets[1][2] == b"\0\7" + "zwölf!".encode()


def test_picture_subtitles_are_copied_into_matroska(make: Make, tmp_path: Path) -> None:
    path = bitmaps(tmp_path)
    assert not render(path, tmp_path / "o.mkv", "0.5-1.5", "0-0.4")
    ((codec, packets),) = subtitles(tmp_path / "o.mkv")
    assert codec == "dvd_subtitle"
    before = {p[0]: p[2] for p in subtitles(path)[0][1]}
    assert [(p[0], p[2]) for p in packets] == [
        (0, before[0.2]),
        (0.5, before[1.0]),
        (1.2, before[0.2]),
    ]
    (note,) = render(path, tmp_path / "o.mp4", "0-2")
    assert "subtitles are pictures and left out" in note
    assert ".mkv" in note


def bitmaps(folder: Path) -> Path:
    """The picture with DVD subtitles: two packets at 0.2 and 1 s, of 0.7 s."""
    from fractions import Fraction

    path = folder / "bitmaps.mkv"
    with av.open(str(folder / "plain.mp4")) as source, av.open(str(path), "w") as output:
        template = source.streams.video[0]
        video = output.add_stream_from_template(template, opaque=True)
        shown = output.add_mux_stream("dvd_subtitle", time_base=Fraction(1, 1000))
        for number, start in enumerate((200, 1000)):
            packet = av.Packet(bytes([0, 12, 0, 6, number, 0, 0, 6, 1, 255, 255, 255]))
            packet.stream, packet.time_base = shown, Fraction(1, 1000)
            packet.pts = packet.dts = start
            packet.duration = 700
            output.mux(packet)
        for packet in source.demux(template):
            if packet.size:
                packet.stream = video
                output.mux(packet)
    assert isinstance(probe(path).others[0], SubtitleStream)
    return path


def test_fonts_are_kept_in_matroska_and_told_of_elsewhere(make: Make, tmp_path: Path) -> None:
    path = make("a.mkv", "-map 0 -c copy -attach f.ttf -metadata:s:t mimetype=font/ttf")
    assert Attachment(2, "file", "f.ttf", "font/ttf") in probe(path).others
    assert not render(path, tmp_path / "o.mkv", "0.3-1.5")
    with av.open(str(tmp_path / "o.mkv")) as container:
        (font,) = (s for s in container.streams if s.type == "attachment")
        assert bytes(font.data) == (tmp_path / "f.ttf").read_bytes()
        assert font.metadata["filename"] == "f.ttf"
    (note,) = render(path, tmp_path / "o.mp4", "0-2")
    assert "attachment f.ttf is left out" in note
    assert not render(path, tmp_path / "p.mp4", "0-2", follow=False)


@pytest.mark.parametrize("suffix", ["mp4", "mkv"])
def test_covers_are_kept(suffix: str, make: Make, tmp_path: Path) -> None:
    how = "-i c.png -map 0 -map 1 -c copy -disposition:v:1 attached_pic"
    path = make("a.mp4", how)
    out = tmp_path / f"o.{suffix}"
    assert not render(path, out, "0.3-1.5")
    (cover,) = (s for s in probe(out).others if isinstance(s, Attachment))
    assert (cover.kind, cover.mimetype) == ("cover", "image/png")
    with av.open(str(out)) as container:
        picture = next(container.decode(container.streams[cover.index]))
        assert (picture.width, picture.height) == (160, 90)
        assert len(list(probe(out).others)) == 1
    (note,) = render(path, tmp_path / "o.mov", "0-2")
    assert "cover cover.png is left out" in note


def test_a_second_picture_is_told_of(make: Make, tmp_path: Path) -> None:
    path = make("a.mkv", "-i plain.mp4 -map 0:v -map 1:v -c copy")
    (note,) = render(path, tmp_path / "o.mp4", "0-2")
    assert "2 video streams, of which number 0 is shown" in note
    assert "video: 1" in note
