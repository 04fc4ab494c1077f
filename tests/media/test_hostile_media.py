"""Files from strangers: a right result or a clear error, whatever is in them.

The worst offenders of the corpus (benchmarks/hostile) are tried by name, then every fifth file of
the rest; all of it is slow.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from benchmarks.hostile import corpus, damage, sound_media, trial
from smartcut.errors import SourceError
from smartcut.media import trusted
from smartcut.media.probe import probe

BOXES = ("mdhd+12_7fffffff", "stts+12_80000000", "tkhd+80_7fffffff", "stts+4_ffffffff",
         "stsz+8_7fffffff", "elst+8_80000000", "avcC+0_ffffffff", "drm", "external",
         "no_header")  # fmt: skip


@pytest.fixture(scope="session")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small part of the corpus, with the worst of it."""
    folder = tmp_path_factory.mktemp("hostile")
    h264 = sound_media.write_seed(folder, "h264.mp4").read_bytes()
    changed = {**dict(damage.edited_boxes(h264)), **dict(damage.renamed_boxes(h264))}
    changed |= dict(damage.truncated(h264)) | dict(damage.flipped(h264, 7))
    for name in (*BOXES, "cut90", "cut_last", "flip1_head20", "flip5_all300"):
        (folder / f"h264-{name}.mp4").write_bytes(changed[name])
    mkv = sound_media.write_seed(folder, "h264.mkv").read_bytes()
    (folder / "scale.mkv").write_bytes(dict(damage.edited_matroska(mkv))["scale_ff"])
    sound_media.write(folder / "days.nut", "ffv1", None, pts=[0, 1, 70 * 3600 * 24])
    png = sound_media.write_seed(folder, "still.png").read_bytes()
    (folder / "img%03d.png").write_bytes(png)
    (folder / "img000.png").write_bytes(png[:40])
    (folder / "vast.png").write_bytes(damage.png_of(20_000, 12_000, png))
    corpus._texts(folder)
    corpus._bytes(folder, 0)
    return folder


RENDERED = ["h264.mp4", *(f"h264-{name}.mp4" for name in BOXES), "h264-cut90.mp4", "scale.mkv",
            "h264-cut_last.mp4", "h264-flip1_head20.mp4", "h264-flip5_all300.mp4", "days.nut",
            "img%03d.png", "img000.png", "vast.png", "wild.wav", "channels64.wav",
            "channels_max.wav", "rate_odd.wav", "rate1.wav", "said_4g.wav", "nothing.wav",
            "no_streams.mp4", "nested.mp4", "noise.ts", "empty.mp4", "huge_rl.gif"]  # fmt: skip


def test_done_or_refused(hostile: Path) -> None:
    found = {o.file: o for o in trial.tried(hostile / name for name in RENDERED)}
    assert [f"{o.file}: {o.kind}: {o.text}" for o in found.values() if o.is_defect] == []
    assert len(found) == len(RENDERED)
    done = {name for name, outcome in found.items() if outcome.kind == "done"}
    assert {"h264.mp4", "img%03d.png", "rate_odd.wav"} <= done
    assert not done & {"vast.png", "wild.wav", "days.nut", "h264-drm.mp4", "noise.ts", "rate1.wav"}
    assert "2.9 days; at most 2" in found["days.nut"].text
    assert "no numbers" in found["wild.wav"].text
    assert "20000 x 12000 pixels" in found["vast.png"].text


@pytest.mark.parametrize("name", corpus.TEXTS)
def test_what_points_elsewhere_is_never_followed(hostile: Path, name: str) -> None:
    with pytest.raises(
        SourceError, match="playlist|cannot be read as media|can be read|cannot be decoded"
    ):
        probe(hostile / name)


@pytest.mark.parametrize("name", ["hls", "concat", "dash", "sdp", "lavfi", "tty", "rtsp", "imf",
                                  "fbdev", "x11grab", "kmsgrab", "vapoursynth"])  # fmt: skip
def test_risky_containers_are_off(name: str) -> None:
    assert name not in trusted.CONTAINERS


def test_formats_are_added_on_request(hostile: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (hostile / "here.ffconcat").write_text("ffconcat version 1.0\nfile h264.mp4\n")
    with pytest.raises(SourceError, match=r"playlist \(concat\)"):
        probe(hostile / "here.ffconcat")
    monkeypatch.setenv("SMARTCUT_FORMATS", "concat")
    assert probe(hostile / "here.ffconcat").format == "concat"


def test_encrypted_media_are_refused(hostile: Path) -> None:
    sound_media.write(hostile / "cenc.mp4", protected=True)
    with pytest.raises(SourceError, match="encrypted"):
        probe(hostile / "cenc.mp4")
    with pytest.raises(SourceError, match="encrypted"):
        probe(hostile / "h264-drm.mp4")


def test_rare_codecs_are_off(hostile: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sound_media.write(hostile / "rare.mkv", "snow", None, options={"strict": "-2"})
    with pytest.raises(SourceError, match="codec snow is rare and off by default"):
        probe(hostile / "rare.mkv")
    monkeypatch.setenv("SMARTCUT_FORMATS", "snow")
    assert probe(hostile / "rare.mkv").video


def test_pipes_and_devices_are_no_media(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.mp4")
    for path in (tmp_path / "pipe.mp4", Path("/dev/zero")):
        with pytest.raises(SourceError, match="no regular file"):
            probe(path)


def test_a_name_is_no_protocol(hostile: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(hostile)
    place = Path("http:")
    place.mkdir()
    (place / "a.mp4").write_bytes((hostile / "h264.mp4").read_bytes())
    assert probe(place / "a.mp4").duration == 1


@pytest.mark.parametrize(
    "fifth", [0, *(pytest.param(number, marks=pytest.mark.slow) for number in range(1, 5))]
)
def test_the_corpus(fifth: int, tmp_path: Path) -> None:
    """All of it but what takes long: every fifth file with each check, the rest when it is slow."""
    paths = corpus.make(tmp_path, quick=True)
    assert len(paths) > 700
    _judge(paths[fifth::5])


@pytest.mark.slow
def test_what_is_slow(tmp_path: Path) -> None:
    slow = [path for path in corpus.make(tmp_path) if path.name in corpus.SLOW]
    assert len(slow) == len(corpus.SLOW)
    _judge(slow)


def _judge(paths: list[Path]) -> None:
    found = list(trial.tried(paths))
    assert [f"{o.file}: {o.kind}: {o.text}" for o in found if o.is_defect] == []
    whole = {o.file: o.kind for o in found if o.file in sound_media.SEEDS}
    assert whole == dict.fromkeys(whole, "done")
