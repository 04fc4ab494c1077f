"""Many runs of one pipeline: names, tables, results, what is skipped, and what survives a crash."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import smartcut as sc
from smartcut.cache import Cache
from smartcut.cli import app
from smartcut.errors import PipelineError
from smartcut.runners import batch
from smartcut.runners.batch import run_jobs, shares
from smartcut.runners.done import basis_of, keep, made_file, why_due
from smartcut.runners.jobs import PipelineJob, PipelineText, expanded, plan_jobs
from smartcut.runners.naming import Template, safe
from smartcut.runners.table import read_table
from smartcut.runners.worker import JobOutcome, JobSetup
from smartcut.spec import Input
from smartcut.testing import read_bar_codes, write_bar_coded

PIPELINE = """
params: {end: 1s, mode: auto}
stages:
  - trim: {end: "${end}"}
  - render: {mode: "${mode}"}
"""


@pytest.fixture
def workplace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("p.yaml").write_text(PIPELINE)
    return tmp_path


@pytest.fixture(scope="module")
def video(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("media") / "video.mp4"
    write_bar_coded(path, size=(160, 96), frames=45, options={"preset": "ultrafast"})
    return path


def pipeline(text: str = PIPELINE, **settings: Any) -> PipelineText:
    return PipelineText(text, Path("p.yaml"), settings)


def touched(*names: str) -> list[Path]:
    for name in names:
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_bytes(name.encode())
    return [Path(name) for name in names]


# ---------------------------------------------------------------------------------------- names


@pytest.mark.parametrize(
    ("value", "name"),
    [
        ("Ada Lovelace", "Ada Lovelace"),
        ("../../etc/passwd", "_.._etc_passwd"),
        ("..", "_"),
        ("", "_"),
        (".hidden", "hidden"),
        ("a\\b:c*d?", "a_b_c_d_"),
        ("line\none\ttwo\x00\x1b", "line one two"),
        ("\u202egpj.mp4", "gpj.mp4"),
        ("e\u0301", "\u00e9"),
        ("ends. ", "ends"),
        (True, "True"),
        (7, "7"),
        ("x" * 500, "x" * 150),
        ("é" * 500, "é" * 75),
    ],
)
def test_values_become_safe_parts_of_names(value: object, name: str) -> None:
    assert safe(value) == name


def test_a_template_is_filled() -> None:
    inputs = [Path("library/day one/talk.final.mov")]
    assert Template("out/{parent}/{stem}-{n:03}.mp4").path(7, inputs, {}) == Path(
        "out/day one/talk.final-007.mp4"
    )
    assert Template("{name}.mp4").path(1, inputs, {}) == Path("talk.final.mov.mp4")
    assert Template("{name}/{n}.mp4").path(1, [], {"name": "con"}) == Path("_con/1.mp4")
    assert Template("out/{{x}}-{n}.mp4").path(2, [], {}) == Path("out/{x}-2.mp4")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("out/{stem.mp4", "expected '}'"),
        ("out/{stem!r}.mp4", "only {n} takes a width"),
        ("out/{stem:>9999999}.mp4", "only {n} takes a width"),
        ("out/{n:999999}.mp4", "only {n} takes a width"),
        ("out/{stem}/../../x.mp4", "leaves its folder"),
        ("out/{stem.__class__}.mp4", "has the field {stem.__class__}; accepted: {stem}, {name}"),
        ("out/{who}.mp4", "has the field {who}"),
        ("out/{}.mp4", "has the field {}"),
        ("out/{stem}.txt", "unknown suffix '.txt'"),
        ("out/{stem}", "unknown suffix ''"),
    ],
)
def test_bad_templates_are_refused(text: str, message: str) -> None:
    with pytest.raises(PipelineError) as caught:
        template = Template(text)
        template.check(())
        template.path(1, [Path("a")], {})
    assert message in str(caught.value)


def test_an_output_never_leaves_its_folder(workplace: Path) -> None:
    (workplace / "out").mkdir()
    (workplace / "elsewhere").mkdir()
    (workplace / "out" / "link").symlink_to(workplace / "elsewhere")
    with pytest.raises(PipelineError, match="outside of out/"):
        Template("out/{parent}/{stem}.mp4").path(1, [Path("link/a.mp4")], {})
    path = Template("out/{x}.mp4").path(1, [], {"x": "/etc/../.."})
    assert path == Path("out/_etc_.._.mp4")


# --------------------------------------------------------------------------------------- tables


def test_cells_are_yaml_and_texts_stay_texts(workplace: Path) -> None:
    table = workplace / "t.csv"
    table.write_text('\ufeffname,speed,tags,on,end\nNo,0.5,"[a, b]",no,007\n\nAda,,,,\n')
    defaults = {"speed": 1, "tags": [], "on": True, "end": "1s"}
    assert read_table(table, defaults).rows == [
        {"name": "No", "speed": 0.5, "tags": ["a", "b"], "on": False, "end": "007"},
        {"name": "Ada"},
    ]


def test_json_lines_keep_their_types(workplace: Path) -> None:
    table = workplace / "t.jsonl"
    table.write_text('{"n": 3, "who": "A\u2028B", "x": null}\n\n{"n": [1, 2]}\n')
    assert read_table(table, {}).rows == [{"n": 3, "who": "A\u2028B"}, {"n": [1, 2]}]


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("t.csv", "", "the table is empty"),
        ("t.csv", "name\n", "has no rows"),
        ("t.csv", "a,a\n1,2\n", "t.csv:1: the column 'a' is there twice"),
        ("t.csv", "a;b\n1;2\n", "cells are separated by commas"),
        ("t.csv", "a,b\n1,2\n1,2,3\n", "t.csv:3: 3 cells, where the header names 2"),
        ("t.csv", 'a,b\n1,"2\n', "not valid CSV"),
        ("t.jsonl", '{"a": 1}\n[1]\n', "t.jsonl:2: a row is an object"),
        ("t.jsonl", '{"a": {"b": 1}}\n', "plain values"),
        ("t.jsonl", "{\n", "t.jsonl:1: not valid JSON"),
        ("t.xlsx", "x", "a table is one of .csv, .tsv, .jsonl"),
    ],
)
def test_bad_tables_are_refused(workplace: Path, name: str, text: str, message: str) -> None:
    (workplace / name).write_text(text)
    with pytest.raises(PipelineError) as caught:
        read_table(Path(name), {})
    assert message in str(caught.value)


# ----------------------------------------------------------------------------------------- jobs


def test_patterns_are_expanded_and_sorted(workplace: Path) -> None:
    touched("lib/b.mp4", "lib/a/c.mp4", "lib/a.mp4", "lib/odd[1].mp4", "x.mp4")
    (workplace / "lib" / "folder.mp4").mkdir()
    found = expanded([Path("x.mp4"), Path("lib/**/*.mp4"), Path("x.mp4")])
    assert found == [
        Path(p)
        for p in ("x.mp4", "lib/a/c.mp4", "lib/a.mp4", "lib/b.mp4", "lib/odd[1].mp4", "x.mp4")
    ]
    assert expanded([Path("x.mp4"), Path("*.mp4"), Path("l*/a.mp4"), Path("lib/*.mp4")]) == [
        Path(p) for p in ("x.mp4", "lib/a.mp4", "lib/b.mp4", "lib/odd[1].mp4")
    ]
    with pytest.raises(PipelineError, match="no file matches 'lib/\\*.mkv'"):
        expanded([Path("lib/*.mkv")])


def test_a_job_for_each_input_and_row(workplace: Path) -> None:
    inputs = touched("a.mp4", "b.mp4")
    rows = [{"end": "1s", "who": "x"}, {"end": "2s", "who": "y"}]
    jobs = plan_jobs(pipeline(), inputs, Path("out/{stem}-{who}.mp4"), each=True, rows=rows)
    assert [(j.number, j.inputs[0].path.name, dict(j.params), j.output.name) for j in jobs] == [
        (1, "a.mp4", {"end": "1s"}, "a-x.mp4"),
        (2, "b.mp4", {"end": "1s"}, "b-x.mp4"),
        (3, "a.mp4", {"end": "2s"}, "a-y.mp4"),
        (4, "b.mp4", {"end": "2s"}, "b-y.mp4"),
    ]
    jobs = plan_jobs(pipeline(), inputs, Path("out/{who}.mp4"), each=False, rows=rows)
    assert [len(job.inputs) for job in jobs] == [2, 2]


@pytest.mark.parametrize(
    ("output", "each", "rows", "message"),
    [
        (None, True, None, "give -o 'out/{stem}.mp4'"),
        ("out/all.mp4", True, None, "jobs 1 (a.mp4) and 2 (b.mp4) would both write out/all.mp4"),
        (
            "out/{n}.mp4",
            True,
            [{"who": "x"}],
            "column 'who' is no parameter of this pipeline "
            "(accepted: end, mode) and the output's name does not use it, as {who}",
        ),
        ("{stem}.mp4", True, None, "is also an input"),
        ("out/{stem}.mp4", False, [{"end": "1s"}], "job 1 has 2 inputs"),
        ("out/{who}.mp4", False, [{"who": "A/B"}, {"who": "a:b"}], "would both write out/a_b.mp4"),
        ("out/{who}.mp4", False, [{"who": "x"}, {"end": "1s"}], "job 2 has no value for {who}"),
        ("out/{n}.mp4", False, [{"end": "1s"}, {"end": "soon"}], "row 2 of the table: p.yaml:4"),
        ("out/{n}.mp4", False, [{"mode": "x"}], "'mode' is set by --set"),
    ],
)
def test_mistakes_are_found_before_anything_runs(
    workplace: Path, output: str | None, each: bool, rows: Any, message: str
) -> None:
    inputs = touched("a.mp4", "b.mp4")
    settings = {"mode": "copy"} if "--set" in message else {}
    with pytest.raises(PipelineError) as caught:
        asked = Path(output) if output else None
        plan_jobs(pipeline(**settings), inputs, asked, each=each, rows=rows)
    assert message in str(caught.value)


def test_inputs_and_stages_that_make_no_sense_are_refused(workplace: Path) -> None:
    out = Path("out/{n}.mp4")
    with pytest.raises(PipelineError, match="there is no file c.mp4"):
        plan_jobs(pipeline(), [Path("c.mp4")], out, each=True)
    with pytest.raises(PipelineError, match="is a folder; name its files"):
        plan_jobs(pipeline(), [workplace], out, each=True)
    with pytest.raises(PipelineError, match="there is none: name files"):
        plan_jobs(pipeline(), [], out, each=True)


def test_a_pipeline_without_a_render_writes_all_the_same(
    workplace: Path, video: Path, own_cache: Path
) -> None:
    shutil.copy(video, "a.mp4")
    Path("short.yaml").write_text("stages:\n  - trim: {end: 0.5}\n")
    many = ["run", "short.yaml", "a.mp4", "--each", "-o", "out/{stem}.mp4", "--jobs", "1"]
    done = CliRunner().invoke(app, many)
    assert done.exit_code == 0, done.output
    assert Path("out/a.mp4").stat().st_size
    assert "no stage of the pipeline writes out/a.mp4: `render` with its defaults" in done.stderr
    planned = CliRunner().invoke(app, ["plan", *many[1:-2]])
    assert "0 to run, 1 to skip" in planned.stdout, planned.output


def test_jobs_take_little_memory_before_they_run(workplace: Path) -> None:
    import tracemalloc

    inputs = touched(*(f"lib/{i}.mp4" for i in range(300)))
    tracemalloc.start()
    jobs = plan_jobs(pipeline(), inputs, Path("out/{stem}.mp4"), each=True)
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(jobs) == 300
    assert size / len(jobs) < 4000


# ------------------------------------------------------------------------------ what is done


def test_done_work_is_known_by_content(workplace: Path) -> None:
    touched("a.mp4", "music.wav", "out/a.mp4")
    text = PIPELINE.replace("  - render", "  - audio: {music: music.wav}\n  - render")
    cache, job = Cache(), PipelineJob(1, (Input(path=Path("a.mp4")),), {}, Path("out/a.mp4"))

    def why(**settings: Any) -> str | None:
        spec = pipeline(text, **settings).spec({})
        return why_due(job, basis_of(job, spec, cache), cache)

    assert why() == "not done before"
    keep(job, basis_of(job, pipeline(text).spec({}), cache), [made_file(job.output)], cache)
    assert why() is None
    assert why(end="2s") == "changed: pipeline, params"
    os.utime(job.output, (1, 1))
    os.utime("a.mp4", (1, 1))
    assert why() is None  # the times differ, the bytes do not
    Path("music.wav").write_bytes(b"another")
    assert why() == "changed: files"
    touched("music.wav")
    Path("a.mp4").write_bytes(b"other")
    assert why() == "changed: inputs"
    touched("a.mp4")
    job.output.write_bytes(b"OUT/a.mp4")
    assert why() == "a.mp4 is gone or was changed"
    job.output.unlink()
    assert why() == "a.mp4 is gone or was changed"


# ----------------------------------------------------------------------------------- processes


class Heard:
    """A view that keeps what it is told."""

    def __init__(self) -> None:
        self.retries: list[tuple[int, str]] = []
        self.ends: dict[int, tuple[JobOutcome, int]] = {}

    def started(self, job: PipelineJob) -> None: ...

    def noted(self, job: PipelineJob, text: str) -> None: ...

    def progressed(self, job: PipelineJob, label: str, fraction: float | None) -> None: ...

    def retried(self, job: PipelineJob, outcome: JobOutcome) -> None:
        self.retries.append((job.number, outcome.error))

    def ended(self, job: PipelineJob, outcome: JobOutcome, attempts: int) -> None:
        self.ends[job.number] = (outcome, attempts)


def lines_of(path: Path) -> list[dict[str, Any]]:
    return sorted((json.loads(x) for x in path.read_text().splitlines()), key=lambda x: x["job"])


def test_cores_are_dealt_out() -> None:
    cores = sorted(os.sched_getaffinity(0))
    assert shares(1) == [tuple(cores)]
    assert sorted(sum(shares(len(cores)), ())) == cores
    assert [len(share) for share in shares(3 * len(cores))] == [1] * 3 * len(cores)


def test_a_broken_input_fails_alone_and_a_second_run_skips_the_rest(
    workplace: Path, video: Path, own_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("lib/x").mkdir(parents=True)
    for name in ("lib/a.mp4", "lib/x/b.mp4"):
        shutil.copy(video, name)
    touched("lib/broken.mp4")
    Path("t.csv").write_text("who,end\nAda,1\nBob,0.5\n")
    Path("r.jsonl").write_text('{"job": 0, "sta')  # a line that was cut short
    many = ["p.yaml", "lib/**/*.mp4", "--each", "--table", "t.csv", "-o", "out/{who}/{stem}.mp4"]

    done = CliRunner().invoke(app, ["run", *many, "--results", "r.jsonl", "--jobs", "2"])
    assert done.exit_code == 3, done.output
    assert "4 done, 0 skipped, 2 failed" in done.stdout
    assert "to be tried again: broken.mp4; end=1: lib/broken.mp4 cannot be read" in done.stderr
    cut_short, text = Path("r.jsonl").read_text().split("\n", 1)
    assert cut_short == '{"job": 0, "sta'
    Path("r.jsonl").write_text(text)
    lines = lines_of(Path("r.jsonl"))
    assert [x["status"] for x in lines] == ["done", "failed", "done"] * 2
    assert [x["attempts"] for x in lines] == [1, 2, 1] * 2
    assert "cannot be read as media" in lines[1]["error"]
    assert lines[0]["inputs"] == ["lib/a.mp4"]
    assert lines[0]["input_sha256"] == [Cache().source_digest(video)]
    assert [f["path"] for f in lines[0]["files"]] == ["out/Ada/a.mp4", "out/Ada/a.manifest.json"]
    assert not list(Path("out").rglob("broken*"))

    # A changed input is made again, and nothing else is touched.
    before = {p: p.stat().st_mtime_ns for p in Path("out").rglob("*.*")}
    assert len(before) == 8
    Path("lib/broken.mp4").unlink()
    with Path("lib/a.mp4").open("ab") as file:
        file.write(b"\0\0\0\x08free")
    planned = CliRunner().invoke(app, ["plan", *many, "--format", "json"])
    told = [(row["state"], row["why"]) for row in json.loads(planned.stdout)]
    assert (
        told == [("run", "changed: inputs"), ("skip", "done before, and nothing has changed")] * 2
    )
    done = CliRunner().invoke(app, ["run", *many, "--jobs", "1"])
    assert done.exit_code == 0, done.output
    assert "2 done, 2 skipped, 0 failed" in done.stdout
    changed = {p for p, t in before.items() if p.stat().st_mtime_ns != t and p.suffix == ".mp4"}
    assert changed == {Path("out/Ada/a.mp4"), Path("out/Bob/a.mp4")}

    monkeypatch.setenv("SMARTCUT_CACHE", str(own_cache / "another"))
    for source, end, name in (("lib/a.mp4", 1, "Ada/a.mp4"), ("lib/x/b.mp4", 0.5, "Bob/b.mp4")):
        sc.Pipeline.from_yaml("p.yaml").run(source, "single.mp4", end=end)
        assert Path("single.mp4").read_bytes() == (Path("out") / name).read_bytes()


def test_a_cache_at_a_url_is_shared_by_machines(
    workplace: Path, video: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(video, "a.mp4")
    url = (tmp_path / "store").as_uri()
    many = ["p.yaml", "a.mp4", "--each", "-o", "out/{stem}.mp4", "--cache", url]
    for machine, told in (("one", "1 done, 0 skipped"), ("two", "0 done, 1 skipped")):
        monkeypatch.setenv("SMARTCUT_CACHE", str(tmp_path / machine))
        done = CliRunner().invoke(app, ["run", *many, "--jobs", "1"])
        assert done.exit_code == 0, done.output
        assert told in done.stdout
    planned = CliRunner().invoke(app, ["plan", *many])
    assert "done before, and nothing has changed" in planned.stdout


@pytest.mark.parametrize("while_encoding", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_a_killed_worker_costs_its_job_alone(
    while_encoding: bool, workplace: Path, video: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copy(video, "a.mp4")
    frames = 150 if while_encoding else 15
    write_bar_coded(Path("b.mp4"), frames=frames, audio=None, options={"preset": "ultrafast"})
    text = "stages:\n  - render: {mode: encode, preset: veryslow}\n"
    setup = JobSetup(pipeline(text))
    jobs = plan_jobs(
        setup.pipeline, [Path("a.mp4"), Path("b.mp4")], Path("out/{stem}.mp4"), each=True
    )
    killed: list[int] = []
    take = batch._Worker.take

    def take_and_kill(worker: Any, job: PipelineJob) -> None:
        take(worker, job)
        if job.number == 2 and not killed:
            killed.append(worker.process.pid)
            deadline = time.monotonic() + 100
            while while_encoding and not encoding(worker.process.pid):
                assert time.monotonic() < deadline, "ended before it could be killed"
                time.sleep(0.002)
            os.kill(worker.process.pid, signal.SIGKILL)

    monkeypatch.setattr(batch._Worker, "take", take_and_kill)
    heard = Heard()
    tally = run_jobs(jobs, setup, heard, workers=2, results=Path("out/r.jsonl"))
    assert (tally.done, tally.failed) == (2, 0)
    assert heard.retries == [(2, "the worker process was ended by SIGKILL (out of memory?)")]
    assert [heard.ends[n][1] for n in (1, 2)] == [1, 2]
    assert [line["attempts"] for line in lines_of(Path("out/r.jsonl"))] == [1, 2]
    assert len(read_bar_codes(Path("out/b.mp4"))[0]) == frames


def encoding(pid: int) -> bool:
    """Whether the process has a half-written piece open."""
    names = []
    with suppress(OSError):
        names = [os.readlink(fd) for fd in Path(f"/proc/{pid}/fd").iterdir()]
    return any("/.tmp-" in name and name.endswith(".nut") for name in names)


def alive(pid: int) -> bool:
    """Whether the process runs; one that has ended may wait to be buried by whoever adopted it."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.slow
def test_ctrl_c_stops_all_workers_and_leaves_nothing(workplace: Path, own_cache: Path) -> None:
    write_bar_coded(Path("a.mp4"), frames=300, audio=None, options={"preset": "ultrafast"})
    shutil.copy("a.mp4", "b.mp4")
    Path("p.yaml").write_text("stages:\n  - render: {mode: encode, preset: veryslow}\n")
    command = [sys.executable, "-m", "smartcut.cli", "run", "p.yaml", "*.mp4", "--each"]
    command += ["-o", "out/{stem}.mp4", "--jobs", "2"]

    def heed() -> None:  # shells start what runs in the background deaf to Ctrl-C
        signal.signal(signal.SIGINT, signal.SIG_DFL)

    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, preexec_fn=heed) as run:
        while len(list(own_cache.rglob(".tmp-*.nut"))) < 2:
            assert run.poll() is None, "ended before it could be interrupted"
            time.sleep(0.02)
        workers = Path(f"/proc/{run.pid}/task/{run.pid}/children").read_text().split()
        run.send_signal(signal.SIGINT)
        _, said = run.communicate(timeout=30)
    assert run.returncode == 130
    assert "stopped after 0 of 2; the next run goes on there" in said
    assert "Traceback" not in said
    assert len(workers) >= 2
    # Python's own helper of the workers ends a moment after the last of them.
    deadline = time.monotonic() + 10
    while left := [pid for pid in workers if alive(int(pid))]:
        assert time.monotonic() < deadline, [Path(f"/proc/{p}/cmdline").read_bytes() for p in left]
        time.sleep(0.05)
    assert not list(own_cache.rglob(".tmp-*"))
    assert not list(Path("out").glob("*"))


@pytest.mark.slow
def test_many_files_take_no_more_than_their_share(tmp_path: Path) -> None:
    from benchmarks.batch import measure

    found = measure(tmp_path / "bench", files=12, seconds=4, repeats=2)
    assert found.skipped == 12
    # Processor time does not count what else the machine is doing; the clock does.
    assert found.ratios["processor"] >= 0.9
    assert found.parent_peak < 1.1 * found.parent_early
    assert found.tree_peak < 1.25 * found.tree_early
    assert found.second_clock < found.batch_clock / 2


def test_what_is_for_many_is_refused_for_one(workplace: Path) -> None:
    for arguments, message in [
        (["-o", "out/{stem}.mp4"], "{stem} in the output's name goes with --each"),
        (["-o", "o.mp4", "--results", "r.jsonl"], "--results is for many videos"),
        (["-o", "o.mp4", "--retries", "2"], "--retries is for many videos"),
    ]:
        done = CliRunner().invoke(app, ["run", "p.yaml", *arguments])
        assert isinstance(done.exception, PipelineError)
        assert message in str(done.exception)
