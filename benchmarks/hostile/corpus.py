"""The corpus: some 745 hostile files of a few kilobytes each, the same ones for the same seed."""

from __future__ import annotations

import random
import struct
import zlib
from collections.abc import Collection, Iterator
from pathlib import Path

from benchmarks.hostile import damage, sound_media

#: What points elsewhere, or is no media.
TEXTS = {
    "passwd.m3u8": "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n",
    "net.m3u8": "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nhttp://127.0.0.1:9/a.ts\n",
    "named.mp4": "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nh264.ts\n#EXT-X-ENDLIST\n",
    "key.m3u8": '#EXTM3U\n#EXT-X-KEY:METHOD=AES-128,URI="file:///etc/passwd"\n'
    "#EXTINF:9,\nh264.ts\n",
    "list.ffconcat": "ffconcat version 1.0\nfile /etc/passwd\nduration 3\n",
    "list_here.ffconcat": "ffconcat version 1.0\nfile h264.mp4\nfile h264.mp4\n",
    "itself.ffconcat": "ffconcat version 1.0\nfile itself.ffconcat\n",
    "concat.txt": "file '/etc/passwd'\nfile 'http://127.0.0.1:9/a.mp4'\n",
    "session.sdp": "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\n"
    "m=video 5004 RTP/AVP 96\na=rtpmap:96 H264/90000\n",
    "stream.mpd": '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static">'
    "<Period><AdaptationSet><Representation id='0'><BaseURL>file:///etc/passwd</BaseURL>"
    "</Representation></AdaptationSet></Period></MPD>",
    "list.xspf": "<playlist><trackList><track><location>file:///etc/passwd</location></track>"
    "</trackList></playlist>",
    "list.asx": '<asx version="3.0"><entry><ref href="http://127.0.0.1:9/"/></entry></asx>',
    "list.pls": "[playlist]\nFile1=file:///etc/passwd\nNumberOfEntries=1\n",
    "ref.mov.txt": "rtsptextRTSP://127.0.0.1:9/x\n",
    "picture.svg": '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9">'
    '<image href="file:///etc/passwd" width="9" height="9"/></svg>',
    "entity.svg": '<!DOCTYPE s [<!ENTITY a "xxxxxxxx"><!ENTITY b "&a;&a;&a;&a;">]><svg>&b;</svg>',
    "script.avs": 'Import("/etc/passwd")\n',
    "graph.lavfi": "movie=/etc/passwd",
    "meta.ffmeta": ";FFMETADATA1\ntitle=x\n",
    "words.srt": "1\n00:00:00,000 --> 99:59:59,999\n<script>alert(1)</script>\n",
    "words.ass": "[Script Info]\n[Events]\nDialogue: 0,0:00:00.00,9:59:59.99,,,,,,,x\n",
    "page.html": "<html><body>not found</body></html>\n" * 40,
    "plain.txt": "one two three\n" * 400,
    "code.py": "import os\nos.system('true')\n",
    "data.json": '{"a": [1, 2, 3]}',
}


#: What takes longer than all the others together: hours of nothing, claims of hours, vast pictures.
SLOW = frozenset(
    ["gap_1h.mp4", "gap_1h.mkv", "16k.png", "16k.mkv", "flv1-flip6_tail8.flv"]
    + [f"h264-mdhd+12_{ticks}.mp4" for ticks in ("0", "1", "80000000", "ffffffff")]
)


def make(
    folder: Path, seed: int = 0, seeds: tuple[str, ...] = (), *, quick: bool = False
) -> list[Path]:
    """Write the corpus; the files in order.

    ``seeds``: of these whole media alone, for a try. ``quick``: without :data:`SLOW`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    names = seeds or tuple(sound_media.SEEDS)
    made = [sound_media.write_seed(folder, name) for name in names]
    for number, path in enumerate(list(made)):
        data = path.read_bytes()
        for kind, changed in _damaged(path.name, data, seed * 1000 + number):
            made.append(_put(folder / f"{path.stem}-{kind}{path.suffix}", changed))
        other = ".wav" if path.suffix != ".wav" else ".mp4"
        made.append(_put(folder / f"{path.stem}-as{path.suffix[1:]}{other}", data))
    if not seeds:
        made += _odd(folder, SLOW if quick else ())
    made += _texts(folder)
    made += _bytes(folder, seed)
    return [path for path in made if not (quick and path.name in SLOW)]


def _put(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def _damaged(name: str, data: bytes, seed: int) -> Iterator[tuple[str, bytes]]:
    yield from damage.truncated(data)
    yield from damage.flipped(data, seed)
    yield from damage.rearranged(data, seed)
    if name == "h264.mp4":
        yield from damage.edited_boxes(data)
        yield from damage.renamed_boxes(data)
    if name.endswith((".mkv", ".webm")):
        yield from damage.edited_matroska(data)
    if name == "still.png":
        for width, height in ((0, 0), (1, 0x7FFFFFFF), (65535, 65535), (2**31, 2**31), (30000, 9)):
            yield f"{width}x{height}", damage.png_of(width, height, data)


def _odd(folder: Path, but: Collection[str]) -> list[Path]:
    made = []
    for name, write in sound_media.odd_media(folder).items():
        if name not in but:
            write(folder / name)
            made.append(folder / name)
    return made + _joined(folder) + _covers(folder)


def _joined(folder: Path) -> list[Path]:
    """Files whose size, rate or codec changes in the middle."""
    parts = {
        "small.ts": {"size": (64, 48)},
        "large.ts": {"size": (320, 180), "sound_rate": 44_100},
        "mpeg2.ts": {"video": "mpeg2video", "audio": "mp2"},
        "low.aac": {"video": None, "kind": "adts", "sound_rate": 16_000},
        "low.mp3": {"video": None, "audio": "libmp3lame", "sound_rate": 22_050},
        "raw.h264": {"audio": None, "kind": "h264"},
        "raw2.h264": {"audio": None, "kind": "h264", "size": (160, 120)},
    }
    for name, settings in parts.items():
        sound_media.write(folder / name, **settings)  # type: ignore[arg-type]
    joins = {
        "grows.ts": ("small.ts", "large.ts", "small.ts"),
        "other_codec.ts": ("small.ts", "mpeg2.ts"),
        "other_rate.aac": ("sound.aac", "low.aac"),
        "other_rate.mp3": ("sound.mp3", "low.mp3"),
        "chained.ogg": ("opus.ogg", "opus.ogg"),
        "chained.flac": ("sound.flac", "sound.flac"),
        "grows.h264": ("raw.h264", "raw2.h264"),
        "mp4_then_ts.mp4": ("h264.mp4", "small.ts"),
    }
    made = [folder / name for name in parts]
    for name, names in joins.items():
        made.append(_put(folder / name, b"".join((folder / n).read_bytes() for n in names)))
    return made


def _covers(folder: Path) -> list[Path]:
    """An MP3 with a cover picture, and one whose cover is absurd."""
    sound = (folder / "sound.mp3").read_bytes()
    picture = (folder / "still.png").read_bytes()
    return [
        # A name that FFmpeg would take as a pattern, and a file that it would then read.
        _put(folder / "img%03d.png", picture),
        _put(folder / "img000.png", damage.png_of(30000, 9, picture)),
        _put(folder / "cover.mp3", _apic(picture) + sound),
        _put(folder / "cover_huge.mp3", _apic(damage.png_of(65535, 65535, picture)) + sound),
        _put(folder / "cover_cut.mp3", _apic(picture[:60]) + sound),
    ]


def _apic(picture: bytes) -> bytes:
    """An ID3v2.3 tag that holds a picture (id3.org, 4.15)."""
    body = b"\x00image/png\x00\x03\x00" + picture
    frame = b"APIC" + struct.pack(">I", len(body)) + b"\x00\x00" + body
    size = len(frame)
    packed = bytes((size >> shift) & 0x7F for shift in (21, 14, 7, 0))
    return b"ID3\x03\x00\x00" + packed + frame


def _texts(folder: Path) -> list[Path]:
    return [_put(folder / name, text.encode()) for name, text in TEXTS.items()]


def _wav(
    rate: int, channels: int, bits: int, tag: int, data: bytes, said: int | None = None
) -> bytes:
    align = channels * bits // 8
    head = struct.pack("<HHIIHH", tag, channels & 0xFFFF, rate, (rate * align) & 0xFFFFFFFF,
                       align & 0xFFFF, bits)  # fmt: skip
    size = len(data) if said is None else said
    return (
        b"RIFF" + struct.pack("<I", (36 + size) & 0xFFFFFFFF) + b"WAVEfmt " + struct.pack("<I", 16)
        + head + b"data" + struct.pack("<I", size) + data
    )  # fmt: skip


def _bytes(folder: Path, seed: int) -> list[Path]:
    """Rubbish, strange WAVs, bombs, an MP4 without streams."""
    rng = random.Random(seed)
    quiet, wild = bytes(9600), struct.pack("<4f", float("nan"), float("inf"), -1e38, 1.0) * 4000
    moov = b"mvhd" + bytes(12) + struct.pack(">II", 1000, 1000) + bytes(80)
    moov = struct.pack(">I", len(moov) + 4) + moov
    nested = b""
    for _ in range(400):
        nested = struct.pack(">I", len(nested) + 8) + b"moov" + nested
    files = {
        "empty.mp4": b"",
        "one.mp4": b"\x00",
        "ones.mp4": b"\xff" * 5000,
        "zeros.mkv": bytes(5000),
        "noise.ts": rng.randbytes(40_000),
        "noise.mp3": rng.randbytes(40_000),
        "sync.ts": (b"G" + bytes(187)) * 200,
        "sync.mp3": b"\xff\xfb\x90\x00" * 5000,
        "program.mp4": b"\x7fELF" + bytes(4000),
        "archive.mp4": b"PK\x03\x04" + rng.randbytes(3000),
        "bomb.mp4": zlib.compress(bytes(10_000_000)),
        "no_streams.mp4": b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isommp42"
        + struct.pack(">I", len(moov) + 8) + b"moov" + moov,
        "nested.mp4": b"\x00\x00\x00\x10ftypisom\x00\x00\x02\x00" + nested,
        "rate0.wav": _wav(0, 1, 16, 1, quiet),
        "rate1.wav": _wav(1, 1, 16, 1, quiet),
        "rate_max.wav": _wav(0xFFFFFFFF, 1, 16, 1, quiet),
        "rate_odd.wav": _wav(48_611, 1, 16, 1, quiet * 20),
        "rate_768k.wav": _wav(768_000, 1, 16, 1, quiet * 20),
        "channels64.wav": _wav(48_000, 64, 16, 1, quiet * 8),
        "channels_max.wav": _wav(48_000, 65_535, 16, 1, quiet),
        "bits0.wav": _wav(48_000, 1, 0, 1, quiet),
        "said_4g.wav": _wav(48_000, 1, 16, 1, quiet, 0xFFFFFFFF),
        "nothing.wav": _wav(48_000, 1, 16, 1, b""),
        "wild.wav": _wav(48_000, 1, 32, 3, wild),
        "huge_rl.gif": b"GIF89a\xff\xff\xff\xff\0\0\0,\0\0\0\0\xff\xff\xff\xff\0\2\2D\1\0;",
    }  # fmt: skip
    return [_put(folder / name, data) for name, data in files.items()]
