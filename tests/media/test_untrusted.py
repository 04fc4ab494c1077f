"""Pipelines from strangers: where they read and write, what they may use, what leaks out."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import av
import pytest

import smartcut as sc
from smartcut import roots
from smartcut.errors import PipelineError
from smartcut.media.probe import probe
from smartcut.runners import isolated
from smartcut.spec_reading import parse_spec
from smartcut.testing import write_bar_coded

SECRET = "Bearer s3cr3t-t0ken-9f8e7d"


@pytest.fixture
def video(tmp_path: Path) -> Path:
    write_bar_coded(tmp_path / "a.mp4", frames=12, size=(64, 48))
    return tmp_path / "a.mp4"


def command(*arguments: object, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "smartcut.cli", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, **variables},
    )


# -------------------------------------------------------------------------- reading and writing


def test_files_outside_the_roots_are_refused(
    video: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    (inside / "b.mp4").write_bytes(video.read_bytes())
    (inside / "link.mp4").symlink_to(video)
    monkeypatch.setenv("SMARTCUT_ROOTS", "")
    roots.allow_only([inside])
    assert parse_spec(f"inputs: {inside / 'b.mp4'}\nstages: [render]").inputs
    for other in (video, inside / ".." / "a.mp4", inside / "link.mp4"):
        with pytest.raises(PipelineError, match="outside of what may be used"):
            parse_spec(f"inputs: {other}\nstages: [render]")
        with pytest.raises(PipelineError, match="outside of what may be used"):
            parse_spec(f"stages: [{{audio: {{music: {other}}}}}, render]")
    with pytest.raises(PipelineError, match="outside of what may be used"):
        parse_spec("inputs: {search: {library: /etc, words: x}}\nstages: [render]")


@pytest.mark.parametrize("output", ["/tmp/x.mp4", "../x.mp4", "a/../../x.mp4"])
def test_a_pipeline_writes_below_the_current_folder_alone(output: str) -> None:
    with pytest.raises(PipelineError, match="leaves the current folder") as caught:
        parse_spec(f"stages: [render]\noutput: {output}")
    assert caught.value.line == 2


# ------------------------------------------------------------------------------------ isolation


def test_an_isolated_run_does_what_others_do(video: Path, tmp_path: Path) -> None:
    pipeline = tmp_path / "p.yaml"
    pipeline.write_text("stages: [trim: {start: 0}, render]")
    out = tmp_path / "out.mp4"
    done = command("run", pipeline, video, "-o", out, "--isolate", "--time-limit", 100)
    assert (done.returncode, "wrote" in done.stdout) == (0, True), done.stderr
    assert probe(out).video.frames == 12  # type: ignore[union-attr]


def _child(monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    """Have the separate process run this instead of smartcut."""
    real = subprocess.Popen
    monkeypatch.setattr(
        isolated.subprocess,
        "Popen",
        lambda args, **rest: real([sys.executable, "-c", code], **rest),
    )  # fmt: skip


def test_a_crash_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    _child(monkeypatch, f"import os; os.kill(os.getpid(), {int(signal.SIGSEGV)})")
    with pytest.raises(isolated.IsolatedError, match="ended by SIGSEGV"):
        isolated.run_isolated([], 1 << 30)


def test_a_c_library_that_has_no_memory_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    _child(monkeypatch, "import sys; sys.exit(127)")  # as glibc ends it
    with pytest.raises(isolated.IsolatedError, match="ended by the C library"):
        isolated.run_isolated([], 1 << 30)


def test_time_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    _child(monkeypatch, "import time; time.sleep(60)")
    with pytest.raises(isolated.IsolatedError, match=r"more than 0\.5 s"):
        isolated.run_isolated([], 1 << 30, 0.5)


def test_memory_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    code = "import sys\ntry: bytearray(2 << 30)\nexcept MemoryError: sys.exit(7)"
    _child(monkeypatch, code)
    assert isolated.run_isolated([], 1 << 30) == 7


@pytest.mark.parametrize(
    ("text", "size"), [("4G", 4 << 30), ("512m", 512 << 20), ("1GiB", 1 << 30)]
)
def test_sizes(text: str, size: int) -> None:
    assert isolated.parse_memory(text) == size


@pytest.mark.parametrize("text", ["", "4", "4T", "-1G", "1M", "9" * 30 + "G"])
def test_no_sizes(text: str) -> None:
    with pytest.raises(PipelineError, match="256M or more"):
        isolated.parse_memory(text)


# -------------------------------------------------------------------------------------- secrets


def _described(source: Path, path: Path) -> None:
    """The same packets, with metadata as telephones write them."""
    told = {
        "title": "Walk", "location": "+52.5200+013.4050/", "make": "Maker", "model": "Phone 9",
        "com.apple.quicktime.location.ISO6709": "+52.5200+013.4050/", "serial": "SN-12345",
        "creation_time": "2020-02-02T02:02:02Z", "encoder": "PhoneOS 1.2",
    }  # fmt: skip
    with av.open(str(source)) as given, av.open(
        str(path), "w", options={"movflags": "use_metadata_tags"}
    ) as made:  # fmt: skip
        made.metadata.update(told)
        streams = {s.index: made.add_stream_from_template(s) for s in given.streams}
        for packet in given.demux():
            if packet.size:
                packet.stream = streams[packet.stream.index]
                made.mux(packet)


PRIVATE = (b"52.52", b"Phone", b"Maker", b"SN-12345", b"2020-02-02")


@pytest.mark.parametrize("suffix", [".mp4", ".mkv"])
def test_places_and_devices_stay_behind(video: Path, tmp_path: Path, suffix: str) -> None:
    _described(video, tmp_path / f"b{suffix}")
    assert b"52.52" in (tmp_path / f"b{suffix}").read_bytes()
    result = sc.open(tmp_path / f"b{suffix}").render(tmp_path / f"out{suffix}")
    assert len(result.outputs) == 2
    for path in result.outputs:
        assert [word for word in PRIVATE if word in path.read_bytes()] == []
    assert ("title", "Walk") in [(k.lower(), v) for k, v in probe(result.outputs[0]).metadata]


def test_places_are_kept_on_request(video: Path, tmp_path: Path) -> None:
    _described(video, tmp_path / "b.mkv")
    sc.open(tmp_path / "b.mkv").render(tmp_path / "out.mkv", keep_metadata=("Location",))
    written = (tmp_path / "out.mkv").read_bytes()
    assert [word for word in PRIVATE if word in written] == [b"52.52"]


def test_secrets_of_the_environment_reach_nothing(
    video: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    for name in ("AUTHORIZATION", "HF_TOKEN", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, SECRET)
    with pytest.raises(PipelineError, match="not a parameter"):  # nor does YAML read them
        parse_spec("stages: [trim: {start: '${HF_TOKEN}'}, render]")
    out = tmp_path / "out" / "o.mp4"
    steps = sc.Pipeline.from_text(
        "stages: [shots, trim: {start: 0}, render: {contact_sheet: true}]"
    )
    steps.run(video, out)
    print(steps.plan(video, out).text())
    captured = capfd.readouterr()
    said = [captured.out + captured.err]
    said += [p.read_bytes().decode("latin-1") for p in out.parent.iterdir()]
    cache = Path(os.environ["SMARTCUT_CACHE"])
    said += [p.read_bytes().decode("latin-1") for p in cache.rglob("*") if p.is_file()]
    assert len(said) > 3
    assert not any(SECRET in text for text in said)
