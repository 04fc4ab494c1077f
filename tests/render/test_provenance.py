"""What was made is in the manifest, in the file, in its signature, and told by `inspect`."""

from __future__ import annotations

import getpass
import json
import shutil
import struct
from dataclasses import replace
from fractions import Fraction as F
from pathlib import Path
from typing import Any

import av
import pytest
from typer.testing import CliRunner

import smartcut as sc
from smartcut.cache import Cache, file_sha256
from smartcut.cli import app
from smartcut.context import LocalContext
from smartcut.cut import Cut, Segment, Track
from smartcut.errors import MissingExtra, PipelineError, RenderError
from smartcut.media.probe import probe
from smartcut.render.job import RenderJob
from smartcut.render.output import constant_timebase
from smartcut.render.records import provenance, signing
from smartcut.render.records.manifest import content_digest
from smartcut.render.records.provenance import Interval, overall_type, read_tag, tagged, untagged
from smartcut.render.write import write_all
from smartcut.report.inspect import inspect
from smartcut.source import Recipe, Source
from smartcut.testing import read_bar_codes, write_bar_coded
from smartcut.timebase import Range
from tests.builders.papers import write_papers

RATE = F(30)
_SIZE = (160, 96)


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("media") / "harbour.mp4"
    write_bar_coded(path, frames=60, size=_SIZE)
    return path


@pytest.fixture(scope="module")
def morphed(clip: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A render with a morph in it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SMARTCUT_CACHE", str(tmp_path_factory.mktemp("cache")))
        out = tmp_path_factory.mktemp("renders") / "out.mp4"
        in_between(clip, out)
    return out


@pytest.fixture
def out(morphed: Path, tmp_path: Path) -> Path:
    """A copy of it, with its manifest."""
    shutil.copy(morphed.with_name("out.manifest.json"), tmp_path)
    return Path(shutil.copy(morphed, tmp_path))


def in_between(clip: Path, out: Path, **how: Any) -> dict[str, Any]:
    """Two halves of a second, 0.1 s of them morphed at 0.4 s; the answer is the manifest."""
    stages = sc.open(clip) | sc.trim(ranges=["0-0.5", "1-1.5"])
    (stages | sc.transitions(kind="morph", duration="0.1", engine="flow")).render(out, **how)
    return beside(out)


def beside(out: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(out.with_name(f"{out.stem}.manifest.json").read_text())
    return found


def rows_of(told: dict[str, Any]) -> list[list[Any]]:
    names = ("start", "end", "media", "kind", "engine", "source_type")
    return [[row[name] for name in names] for row in told["generated"]]


def made_picture(cache: Cache, key: str, recipe: Recipe, frames: int) -> Source:
    """A made source whose file is in the cache: bar-coded frames."""
    with cache.create(key, ".nut") as path:
        write_bar_coded(
            path, frames=frames, rate=RATE, size=_SIZE, encoder="ffv1", gop=1, audio=None
        )
    found = probe(cache.place(key, ".nut"), id="opening")
    video = replace(found.video, timebase=constant_timebase(RATE))  # type: ignore[type-var]
    with av.open(str(found.path)) as container:
        video = replace(video, timebase=F(container.streams.video[0].time_base or 1))
    return replace(found, digest=key, video=video, made=recipe)


def made_sound(cache: Cache, key: str, recipe: Recipe) -> Source:
    with cache.create(key, ".wav") as path, av.open(str(path), "w", format="wav") as container:
        stream: Any = container.add_stream("pcm_s16le", rate=48_000, layout="mono")
        frame = av.AudioFrame(format="s16", layout="mono", samples=24_000)
        frame.planes[0].update(bytes(48_000))
        frame.sample_rate = 48_000
        container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return replace(probe(cache.place(key, ".wav"), id="said"), digest=key, made=recipe)


def hand_made(clip: Path, cache: Cache) -> Cut:
    """Footage, half a second that leads on from it, footage again; half a second is spoken."""
    real = probe(clip)
    leads = Recipe(
        "extend", "diffusion", 7, (("prompt", "waves"), ("file", "/home/me/net.safetensors")),
        after=(real.id, F(1)), model="small", weights="ab" * 32,
    )  # fmt: skip
    film = made_picture(cache, "1" * 64, leads, 15)
    said = made_sound(cache, "2" * 64, Recipe("voiceover", "piper", 3, (("text", "Waves"),)))
    shown = [(real, F(0), F(1)), (film, F(0), F(1, 2)), (real, F(1), F(3, 2))]
    programme = tuple(Segment(s.id, Range(a, b)) for s, a, b in shown)
    silence = Segment(None, Range(F(0), F(1, 4)))
    voice = Track("voice", (silence, Segment(said.id, Range(F(0), F(1, 2)))))
    return Cut((real, film, said), (Track("programme", programme), voice))


# ------------------------------------------------------------------------------- the tag's text


def _interval(start: F, end: F, kind: str = "morph", media: Any = "picture") -> Interval:
    return Interval(Range(start, end), media, kind, "flow", provenance.ENHANCED)


def test_the_tag_is_read_as_it_was_written_and_leaves_the_comment() -> None:
    items = (
        _interval(F(1, 3), F(2)),
        _interval(F(2), F(5, 2)),
        _interval(F(0), F(9), "x", "sound"),
    )
    text = tagged("Filmed by me", "ab", items)
    assert text.startswith("Filmed by me\nParts of this were generated or interpolated; smartcut {")
    tag = read_tag([("title", "T"), ("COMMENT", text)])
    assert tag is not None
    assert (tag.manifest, tag.is_coarse) == ("ab", False)
    # what goes on without a gap is one
    assert [i.row()[:4] for i in tag.intervals] == [
        [0.0, 9.0, "sound", "x"],
        [0.333333, 2.5, "picture", "morph"],
    ]
    assert untagged(text) == "Filmed by me"
    assert untagged(tagged(text, "cd", items[:1])) == "Filmed by me"
    assert read_tag([("comment", "Filmed by me")]) is None


def test_too_many_intervals_become_coarse_ones_that_cover_them() -> None:
    items = [_interval(F(i), F(2 * i + 1, 2)) for i in range(1500)]
    text = tagged("", "ab", items)
    tag = read_tag([("comment", text)])
    assert tag is not None
    assert tag.is_coarse
    assert len(text) < 65_000
    for item in (items[0], items[1034], items[-1]):
        assert any(r.range.intersect(item.range) == item.range for r in tag.intervals)
    many = [replace(item, engine=f"{'e' * 60}{i}") for i, item in enumerate(items)]
    assert len(tagged("", "ab", many)) < 65_000


@pytest.mark.parametrize(
    "damaged",
    [
        "{",
        "[" * 100_000,
        '{"version":2,"manifest":"ab","columns":[],"made":[]}',
        '{"version":1,"manifest":"ab"}',
        '[[0,1,"picture","a","b","trainedAlgorithmicMedia"]]',
        *(
            json.dumps({"version": 1, "manifest": "ab", "columns": provenance._COLUMNS, "made": m})
            for m in (
                [[0, 1]],
                [[1, 0, "picture", "a", "b", provenance.TRAINED]],
                [[0, 1e300, "picture", "a", "b", provenance.TRAINED]],
                [["0", 1, "picture", "a", "b", provenance.TRAINED]],
                [[0, 1, "smell", "a", "b", provenance.TRAINED]],
                [[0, 1, "picture", "a\x1b[2J", "b", provenance.TRAINED]],
                [[0, 1, "picture", "a", "b", "digitalCapture"]],
            )
        ),
    ],
)
def test_a_damaged_tag_is_refused(damaged: str) -> None:
    with pytest.raises(ValueError, match="the tag of what was made cannot be read"):
        read_tag([("comment", provenance._OPENS + damaged)])


def test_a_whole_file_has_one_source_type() -> None:
    def of(*rows: tuple[F, F, str]) -> str:
        made = [Interval(Range(a, b), "picture", "k", "e", t) for a, b, t in rows]
        return overall_type(made, F(2))

    assert of((F(0), F(2), provenance.TRAINED)) == "trainedAlgorithmicMedia"
    assert of((F(0), F(2), provenance.ALGORITHMIC)) == "algorithmicMedia"
    assert of((F(0), F(1), provenance.TRAINED)) == "compositeWithTrainedAlgorithmicMedia"
    assert of((F(0), F(1), provenance.ALGORITHMIC)) == "composite"
    mixed = of((F(0), F(1), provenance.TRAINED), (F(1), F(2), provenance.ALGORITHMIC))
    assert mixed == "compositeWithTrainedAlgorithmicMedia"


# ------------------------------------------------------------------------ manifest, file, inspect


@pytest.mark.parametrize("suffix", ["mp4", "mov", "mkv", "webm"])
def test_the_file_says_what_its_manifest_says(clip: Path, tmp_path: Path, suffix: str) -> None:
    out = tmp_path / f"out.{suffix}"
    told = in_between(clip, out)
    assert rows_of(told) == [[0.4, 0.5, "picture", "morph", "flow", "algorithmicallyEnhanced"]]
    found = inspect(out)
    assert found.tag is not None
    assert [i.row() for i in found.tag.intervals] == rows_of(told)
    assert found.tag.manifest == content_digest(told)
    assert told["written"] == {"bytes": out.stat().st_size, "sha256": file_sha256(out)}
    assert found.findings == ()
    said = out.read_bytes()
    for private in (str(tmp_path), str(clip.parent), str(Path.home()), getpass.getuser()):
        # of a name as short as "root" the file may hold the letters anyway
        assert len(private) < 6 or private.encode() not in said
    again = tmp_path / "elsewhere" / f"out.{suffix}"
    in_between(clip, again)
    assert again.read_bytes() == said


def test_a_file_in_which_nothing_was_made_says_nothing(clip: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.mp4"
    (sc.open(clip) | sc.trim(ranges=["0-1"])).render(out)
    assert "comment" not in dict(probe(out).metadata)
    assert "written" not in beside(out)
    found = inspect(out)
    assert (found.made, found.tag, found.findings) == ((), None, ())


def test_made_sources_are_known_as_picture_and_as_sound(clip: Path, tmp_path: Path) -> None:
    cache, out = Cache(), tmp_path / "out.mp4"
    context = LocalContext(cache, device="cpu")
    write_all(hand_made(clip, cache), RenderJob(out), context)
    numbers, _ = read_bar_codes(out)
    assert numbers == [*range(30), *range(15), *range(30, 45)]
    told = beside(out)
    assert rows_of(told) == [
        [0.25, 0.75, "sound", "voiceover", "piper", "algorithmicMedia"],
        [1.0, 1.5, "picture", "extend", "diffusion", "trainedAlgorithmicMedia"],
    ]
    sound, picture = told["generated"]
    assert (picture["first"], picture["made"], picture["frames"]) == (30, 15, [])
    assert (picture["model"], picture["sha256"], picture["seed"]) == ("small", "ab" * 32, 7)
    assert picture["params"] == {"prompt": "waves", "file": "net.safetensors"}
    assert picture["after"] == {"source": "harbour", "time": 1.0}
    assert picture["before"] is None
    assert (sound["made"], sound["sources"], sound["params"]) == (
        None, ["said"], {"text": "Waves"},
    )  # fmt: skip
    made = [row for row in told["inputs"] if row["made"]]
    assert [(row["path"], row["sha256"]) for row in made] == [(None, None)] * 2
    found = inspect(out)
    assert [i.row() for i in found.made] == rows_of(told)
    assert found.findings == ()
    assert str(cache.root).encode() not in out.read_bytes()


def test_what_was_made_in_a_source_is_passed_on(out: Path, tmp_path: Path) -> None:
    two = tmp_path / "two.mkv"
    (sc.open(out) | sc.trim(ranges=["0.1-14f", "14f-0.8"])).render(two)
    first, last = beside(two)["generated"]
    assert (first["start"], first["end"], last["start"], last["end"]) == (
        0.3, 0.366667, 0.366667, 0.4,
    )  # fmt: skip
    assert (last["first"], last["made"], last["told_by"]) == (11, 1, "the source's own tag")
    assert [i.row()[:5] for i in inspect(two).made] == [[0.3, 0.4, "picture", "morph", "flow"]]
    # and none of it where none of that is shown
    three = tmp_path / "three.mp4"
    (sc.open(out) | sc.trim(ranges=["0-0.2"])).render(three)
    assert beside(three)["generated"] == []
    assert "comment" not in dict(probe(three).metadata)


def test_changes_and_disagreement_are_told(out: Path, tmp_path: Path) -> None:
    def codes() -> list[str]:
        return [f.code for f in inspect(out).findings]

    file, note = out.read_bytes(), out.with_name("out.manifest.json")
    text = note.read_text()
    out.write_bytes(file[:-1] + bytes([file[-1] ^ 1]))
    assert codes() == ["file-changed"]
    out.write_bytes(file)
    plain = json.loads(text)
    plain["generated"][0]["end"] = 0.45
    note.write_text(json.dumps(plain))
    assert codes() == ["manifest-changed", "intervals-differ"]
    note.write_text(text.replace('"how": "encode"', '"how": "copy"'))
    assert codes() == ["manifest-changed"]
    note.write_text(text[:100])
    assert codes() == ["manifest-unreadable"]
    note.write_text(text)
    shutil.copy(note, tmp_path / "other.manifest.json")
    shutil.copy(out, tmp_path / "other.mp4")
    assert [f.code for f in inspect(tmp_path / "other.mp4").findings] == ["other-file"]
    note.unlink()
    assert codes() == []


def test_a_tag_taken_away_is_missed(out: Path, tmp_path: Path) -> None:
    bare = tmp_path / "bare.mp4"
    with av.open(str(out)) as source, av.open(str(bare), "w") as target:
        streams = {s: target.add_stream_from_template(s) for s in source.streams}
        for packet in source.demux():
            if packet.size:
                packet.stream = streams[packet.stream]
                target.mux(packet)
    bare.replace(out)
    found = inspect(out)
    assert [f.code for f in found.findings] == ["file-changed", "tag-missing"]
    assert [i.kind for i in found.made] == ["morph"]


def test_the_command_tells_it_in_words_and_as_json(out: Path, tmp_path: Path) -> None:
    told = beside(out)
    done = CliRunner().invoke(app, ["inspect", str(out)])
    assert done.exit_code == 0, done.output
    assert done.output == (
        f"{out}: mov,mp4,m4a,3gp,3g2,mj2, 00:00:00.900\n"
        f"  sha256  {file_sha256(out)}\n"
        "  video 0: h264 160x96 yuv420p, 30 frames a second, 27 frames, from 0.000 s\n"
        "  audio 1: aac 48000 Hz stereo, from 0.000 s, default\n"
        "made: 1 interval, as the file tells\n"
        "  start  end    media    kind   engine  source_type\n"
        "  0.400  0.500  picture  morph  flow    algorithmicallyEnhanced\n"
        "manifest: out.manifest.json agrees\n"
        "c2pa: not signed\n"
    )
    plain = json.loads(CliRunner().invoke(app, ["inspect", str(out), "--json"]).output)
    assert [list(row.values()) for row in plain["made"]] == rows_of(told)
    assert plain["manifest"] == {"file": "out.manifest.json", "made": plain["made"]}
    assert plain["tag"] == {"manifest": content_digest(told), "coarse": False}
    assert (plain["c2pa"], plain["findings"]) == (None, [])
    for wrong in (
        [tmp_path / "nowhere.mp4"],
        [__file__],
        [out, "--trust", __file__],
        [out, "--trust", tmp_path / "nowhere.pem"],
    ):
        failed = CliRunner().invoke(app, ["inspect", *map(str, wrong)])
        assert getattr(failed.exception, "exit_code", None) == 2


# ---------------------------------------------------------------------------------------- C2PA


@pytest.mark.parametrize(
    ("boxes", "expected"),
    [
        (struct.pack(">I4s", 8, b"free") + struct.pack(">I4s", 24, b"uuid") + signing._BOX, True),
        (struct.pack(">I4sQ", 1, b"uuid", 32) + signing._BOX, True),
        (struct.pack(">I4sQ", 1, b"free", 2**64 - 1) + signing._BOX, False),
        (struct.pack(">I4s", 24, b"free") + signing._BOX, False),
        (struct.pack(">I4s", 0, b"mdat") + struct.pack(">I4s", 24, b"uuid") + signing._BOX, False),
        (b"short", False),
    ],
)
def test_a_signature_is_a_box_of_the_file(boxes: bytes, expected: bool, tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(boxes)
    assert signing.is_signed(path) is expected


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return write_papers(tmp_path_factory.mktemp("papers"))


def signed_claims(path: Path) -> dict[str, Any]:
    import c2pa

    with path.open("rb") as file, c2pa.Reader(signing._MIME[path.suffix], file) as reader:
        claims: dict[str, Any] = json.loads(reader.json())
    return claims


@pytest.mark.parametrize("suffix", ["mp4", "mov"])
def test_a_signed_file_is_known_by_its_signer_and_by_any_change(
    clip: Path, papers: dict[str, Path], tmp_path: Path, suffix: str
) -> None:
    out = tmp_path / f"out.{suffix}"
    sign = {"certificate": papers["chain"], "key": papers["key"]}
    told = in_between(clip, out, sign=sign)
    found = inspect(out, papers["root"])
    assert found.signature is not None
    assert (found.signature.state, found.signature.signer) == ("trusted", "Signer")
    assert found.signature.source_types == ("composite", "algorithmicallyEnhanced")
    assert found.findings == ()  # the tag, and the digest in the manifest, are of the signed file
    assert [i.row() for i in found.made] == rows_of(told)
    assert inspect(out).signature.state == "valid"  # type: ignore[union-attr]

    claims = signed_claims(out)
    (claim,) = claims["manifests"].values()
    (source,) = claim["ingredients"]
    assert (source["title"], source["instance_id"]) == (clip.name, f"sha256:{file_sha256(clip)}")
    (actions,) = (a for a in claim["assertions"] if a["label"].startswith("c2pa.actions"))
    steps = actions["data"]["actions"]
    assert [a["action"] for a in steps] == ["c2pa.created", "c2pa.placed", "c2pa.edited"]
    assert steps[2]["digitalSourceType"].endswith("/digitalsourcetype/algorithmicallyEnhanced")
    (region,) = steps[2]["changes"][0]["region"]
    assert region["time"] == {"type": "npt", "start": "0.4", "end": "0.5"}

    data = out.read_bytes()
    secret = papers["key"].read_bytes().splitlines()[1]
    kept = [p.read_bytes() for p in Cache().root.rglob("*") if p.is_file()]
    for text in (data, out.with_name("out.manifest.json").read_bytes(), *kept):
        assert secret not in text
        assert str(papers["key"]).encode() not in text
    assert str(tmp_path).encode() not in data
    middle = data.index(b"mdat") + 100
    out.write_bytes(data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :])
    done = CliRunner().invoke(app, ["inspect", str(out), "--trust", str(papers["root"])])
    assert done.exit_code == 0, done.output
    assert "the file was changed after it was written" in done.output
    assert "c2pa: invalid, signed by Signer (Es256): changed after it was signed" in done.output
    assert "assertion.bmffHash.mismatch" in done.output


def test_the_claims_of_signed_sources_go_along(
    clip: Path, papers: dict[str, Path], tmp_path: Path
) -> None:
    sign = {"certificate": papers["chain"], "key": papers["key"]}
    one, two = tmp_path / "one.mp4", tmp_path / "two.mp4"
    (sc.open(clip) | sc.trim(ranges=["0-1"])).render(one, sign=sign)
    (sc.open(one) | sc.trim(ranges=["0-0.5"])).render(two, sign=sign)
    assert read_bar_codes(two)[0] == [*range(15)]
    claims = signed_claims(two)
    assert len(claims["manifests"]) == 2
    (source,) = claims["manifests"][claims["active_manifest"]]["ingredients"]
    assert (source["title"], source["active_manifest"]) == (
        "one.mp4",
        signed_claims(one)["active_manifest"],
    )
    assert inspect(two, papers["root"]).signature.state == "trusted"  # type: ignore[union-attr]


def test_what_cannot_be_signed_leaves_nothing(
    clip: Path, papers: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stages = sc.open(clip) | sc.trim(ranges=["0-0.5"])
    out = tmp_path / "out.mp4"
    # an authority's own certificate does not go with the signer's key, and may not sign
    wrong = {"certificate": papers["alone"], "key": papers["key"]}
    with pytest.raises(RenderError, match="cannot be signed with"):
        stages.render(out, sign=wrong)
    with pytest.raises(RenderError, match="C2PA signatures go into .mp4, .m4v, .mov files"):
        stages.render(tmp_path / "out.mkv", sign=wrong)
    with pytest.raises(PipelineError, match="--allow-net"):
        stages.render(out, sign=wrong | {"time_stamp": "http://localhost:9"})
    monkeypatch.setattr(signing, "can_sign", lambda: False)
    with pytest.raises(MissingExtra, match=r"smartcut-pipelines\[c2pa\]"):
        stages.render(out, sign=wrong)
    assert list(tmp_path.iterdir()) == []


def test_without_the_library_a_signature_is_seen_and_not_judged(
    clip: Path, papers: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out.mp4"
    sign = {"certificate": papers["chain"], "key": papers["key"]}
    (sc.open(clip) | sc.trim(ranges=["0-0.5"])).render(out, sign=sign)
    monkeypatch.setattr(signing, "can_sign", lambda: False)
    done = CliRunner().invoke(app, ["inspect", str(out)])
    expected = "c2pa: signed, not checked; run: pip install 'smartcut-pipelines[c2pa]'"
    assert expected in done.output
