"""The command line: what it prints, its exit codes, and that it starts at once."""

from __future__ import annotations

import json
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from smartcut.testing import read_bar_codes, write_bar_coded
from tests.builders.commands import done_command as smartcut

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("media") / "video.mp4"
    write_bar_coded(path)
    return path


# Imports it takes an interpreter about half as long as `--help` takes: a measure of the machine.
_LIBRARY = (
    "import asyncio, decimal, email.message, http.client, json, logging.config, pathlib, "
    "subprocess, tempfile, typing, unittest, urllib.request, xml.etree.ElementTree, zipfile"
)


def test_help_answers_at_once() -> None:
    """Against a bare interpreter beside it: 2.0 times as long; numpy alone would make it 2.8."""

    def used(*arguments: str) -> float:
        """Seconds of the processor, which do not count what else the machine is doing."""
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run([sys.executable, *arguments], capture_output=True, text=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        assert done.returncode == 0, done.stderr
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    rounds = [(used("-m", "smartcut.cli", "--help"), used("-c", _LIBRARY)) for _ in range(3)]
    ours, bare = (min(column) for column in zip(*rounds, strict=True))
    assert ours < 2.5 * bare


def test_help_says_what_it_is() -> None:
    done = smartcut("--help")
    assert "Edit video from the command line" in done.stdout
    assert "--debug" in done.stdout


def test_nothing_heavy_is_imported_to_start() -> None:
    code = (
        "import sys, smartcut, smartcut.cli; "
        "print([m for m in ('torch','av','cv2','whisper','open_clip','moviepy','scenedetect',"
        "'numpy','faster_whisper','timm') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.strip() == "[]", done.stderr


def test_cut_is_exact_to_the_frame(video: Path, tmp_path: Path) -> None:
    done = smartcut(
        "cut", video, "30f-45f", "00:00:00:10-00:00:00:20", "2-2.5", "-o", tmp_path / "o.mp4"
    )
    assert done.returncode == 0, done.stderr
    numbers, _ = read_bar_codes(tmp_path / "o.mp4")
    assert numbers == [*range(30, 45), *range(10, 20), *range(60, 75)]
    assert f"wrote {tmp_path / 'o.mp4'}" in done.stdout


def test_a_range_may_be_open_at_either_end(video: Path, tmp_path: Path) -> None:
    done = smartcut("cut", video, "-10f", "2.5-", "-0.2", "-o", tmp_path / "o.mp4")
    assert done.returncode == 0, done.stderr
    numbers, _ = read_bar_codes(tmp_path / "o.mp4")
    assert numbers == [*range(10), *range(75, 90), *range(6)]
    assert "10- is" in smartcut("cut", "--help").stdout
    assert "there is no option -x" in smartcut("cut", video, "-x", "-o", tmp_path / "p.mp4").stderr


@pytest.mark.parametrize("suffix", ["mp4", "otio"])
def test_what_is_asked_for_is_written_where_no_stage_does(
    suffix: str, video: Path, tmp_path: Path
) -> None:
    out = tmp_path / f"o.{suffix}"
    pipeline = "stages:\n  - trim: {end: 1s}\n"
    stage = "render" if suffix == "mp4" else "export"
    note = f"no stage of the pipeline writes {out}: `{stage}` with its defaults is added"
    planned = smartcut("plan", "-", video, "-o", out, given=pipeline)
    assert note in planned.stdout
    assert not out.exists()
    done = smartcut("run", "-", video, "-o", out, given=pipeline)
    assert done.returncode == 0, done.stderr
    assert note in done.stdout
    assert f"wrote {out}" in done.stdout
    if suffix == "mp4":
        assert read_bar_codes(out)[0] == [*range(30)]
    else:
        assert json.loads(out.read_text())["OTIO_SCHEMA"].startswith("Timeline")


def test_an_export_does_not_stand_for_the_video_that_is_asked_for(
    video: Path, tmp_path: Path
) -> None:
    pipeline = "stages: [{trim: {end: 1s}}, export]"
    done = smartcut("run", "-", video, "-o", tmp_path / "o.mp4", given=pipeline)
    assert done.returncode == 0, done.stderr
    assert {p.name for p in tmp_path.iterdir()} == {"o.mp4", "o.otio", "o.manifest.json"}
    done = smartcut("run", "-", video, "-o", tmp_path / "only.otio", given=pipeline)
    assert "is added" not in done.stdout
    assert not (tmp_path / "only.mp4").exists()


def test_a_pipeline_on_standard_input_is_named_in_errors(video: Path) -> None:
    done = smartcut("check", "-", given="stages:\n  - shots\n  - rendr\n")
    assert done.returncode == 2
    assert "standard input:3: unknown stage 'rendr'" in done.stderr
    good = smartcut("check", "-", given="stages: [shots]")
    assert "standard input: 1 stages, no mistakes" in good.stdout


def test_probe_and_shots_speak_json(video: Path) -> None:
    found = json.loads(smartcut("probe", video, "--json").stdout)
    assert found["video"]["frames"] == 90
    rows = json.loads(smartcut("shots", video, "--detector", "adaptive", "--format", "json").stdout)
    assert rows[0]["start"] == 0
    assert rows[-1]["end_frame"] == 90
    table = smartcut("shots", video, "--detector", "adaptive", "--format", "csv").stdout
    assert table.startswith("start,end,start_frame,end_frame,")


def test_events_are_json_lines(video: Path, tmp_path: Path) -> None:
    pipeline = tmp_path / "p.yaml"
    pipeline.write_text("stages:\n  - trim: {end: 1s}\n  - render: {manifest: false}\n")
    done = smartcut("run", pipeline, video, "-o", tmp_path / "o.mp4", "--json")
    events = [json.loads(line) for line in done.stdout.splitlines()]
    assert events[-1] == {"event": "result", "outputs": [str(tmp_path / "o.mp4")]}
    assert {"start", "done"} <= {e["event"] for e in events}


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["run", "nowhere.yaml"], 2, "there is no file nowhere.yaml"),
        (["run", "{pipeline}", "nowhere.mp4", "-o", "o.mp4"], 1, "there is no file nowhere.mp4"),
        (["run", "{pipeline}", "-o", "o.mp4"], 2, "name input files"),
        (["run", "{pipeline}", "{video}"], 2, "give -o OUT.mp4"),
        (["run", "{pipeline}", "{video}", "--set", "x"], 2, "name=value"),
        (["run", "{pipeline}", "{video}", "--set", "x=1"], 2, "unknown parameter 'x'"),
        (
            ["run", "{pipeline}", "{video}", "-o", "o.mp4", "--device", "tpu"],
            2,
            "unknown device 'tpu'",
        ),
        (["cut", "{video}", "5-4", "-o", "o.mp4"], 2, "empty or reversed"),
        (["cut", "{video}", "2-9", "-o", "o.mp4"], 2, "lasts 3.0"),
        (["cut", "{video}", "x-y", "-o", "o.mp4"], 2, "is not a time"),
        (["cut", "{video}", "-", "-o", "o.mp4"], 2, "IN- for all from IN on"),
        (
            ["interpolate", "{video}", "--speed", "2", "-o", "o.mp4"],
            2,
            "`speed: {factor: 2}`",
        ),
        (["check", "{shape}"], 2, "for that shape write `1080x1920`"),
        (["stages", "shot"], 2, "did you mean 'shots'"),
        (["models", "path", "gpt"], 1, "unknown model 'gpt'"),
        (["shots", "{video}", "--detector", "magic"], 2, "detector"),
        (["probe", "{pipeline}"], 1, "is a pipeline, not media: `smartcut run "),
        (["frobnicate"], 2, "No such command"),
    ],
)
def test_bad_input_is_one_message_and_an_exit_code(
    arguments: list[str], code: int, message: str, video: Path, tmp_path: Path, monkeypatch
) -> None:
    pipeline = tmp_path / "p.yaml"
    pipeline.write_text("stages:\n  - trim: {end: 1s}\n  - render: {manifest: false}\n")
    shape = tmp_path / "shape.yaml"
    shape.write_text("stages:\n  - render: {resolution: 9:16}\n")
    monkeypatch.chdir(tmp_path)
    done = smartcut(*(a.format(video=video, pipeline=pipeline, shape=shape) for a in arguments))
    assert done.returncode == code, done.stderr
    assert message in done.stderr
    assert "Traceback" not in done.stderr


def test_the_other_commands_answer() -> None:
    assert "finds the shots" in smartcut("stages").stdout.lower()
    assert "min_length" in smartcut("stages", "shots").stdout
    assert json.loads(smartcut("schema").stdout)["title"] == "smartcut pipeline"
    assert "MIT" in smartcut("models", "list").stdout
    assert "entries" in smartcut("cache", "info").stdout
    assert "freed" in smartcut("cache", "clear").stdout
    assert "freed" in smartcut("cache", "prune", "--max-size", "1").stdout
    found = json.loads(smartcut("doctor", "--json").stdout)
    assert found["media"]["encoders"]["h264"] == "libx264"


def test_ctrl_c_stops_at_once_and_leaves_nothing(tmp_path: Path, own_cache: Path) -> None:
    video, out = tmp_path / "long.mp4", tmp_path / "out.mp4"
    how = {"preset": "ultrafast"}
    write_bar_coded(video, frames=900, size=(640, 360), audio=None, options=how)
    command = [sys.executable, "-m", "smartcut.cli", "cut", str(video), "1-29", "-o", str(out)]
    command += ["--mode", "encode"]

    def heed() -> None:  # shells start what runs in the background deaf to Ctrl-C
        signal.signal(signal.SIGINT, signal.SIG_DFL)

    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, preexec_fn=heed) as run:
        while not list(own_cache.rglob(".tmp-*.nut")):
            assert run.poll() is None, "ended before it could be interrupted"
            time.sleep(0.01)
        run.send_signal(signal.SIGINT)
        _, said = run.communicate(timeout=20)
    assert run.returncode == 130
    assert "interrupted; nothing was left half-written" in said
    assert "Traceback" not in said
    assert [p.name for p in tmp_path.iterdir()] == ["long.mp4"]


def test_check_finds_the_line(tmp_path: Path) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text("stages:\n  - shots\n  - rendr\n")
    done = smartcut("check", bad)
    assert done.returncode == 2
    assert f"{bad}:3: unknown stage 'rendr'; did you mean 'render'?" in done.stderr
    good = smartcut("check", ROOT / "pipelines" / "highlight_reel.yaml")
    assert "no mistakes" in good.stdout
