"""Runs smartcut over files in worker processes: what becomes of each, how long, how much memory.

A worker (``python -m benchmarks.hostile.trial``) takes file names on its standard input and answers
each with a line of JSON. It looks at the file, plans and runs a pipeline over it. Where a worker
dies, or is too slow and is ended, that is what became of its file, and another takes over.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import resource
import select
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

#: Limits for a file: seconds of processor time, and how many seconds of media add one to them;
#: seconds of wall clock; bytes resident; bytes of address space.
CPU_SECONDS, PER_SECOND, WALL_SECONDS = 30, 60, 400
RESIDENT, ADDRESSES = 2 << 30, 8 << 30

PIPELINE = """
stages:
  - shots: {detector: adaptive}
  - motion
  - loudness
  - trim: {start: 0}
  - render
"""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a file. ``kind``: done, refused, or a defect (anything else)."""

    file: str
    kind: str
    text: str = ""
    cpu: float = 0.0
    peak: int = 0
    """Bytes resident at most."""

    @property
    def is_defect(self) -> bool:
        return self.kind not in ("done", "refused")


def tried(paths: Iterable[Path]) -> Iterator[Outcome]:
    """The outcome of each file, one after the other."""
    worker: subprocess.Popen[bytes] | None = None
    try:
        for path in paths:
            if worker is None:
                worker = _started()
            outcome = _asked(worker, path)
            if outcome.kind in ("died", "hung"):
                worker.kill()
                worker.wait()
                worker = None
            yield outcome
    finally:
        if worker is not None:
            worker.kill()
            worker.wait()


def _started() -> subprocess.Popen[bytes]:
    # Failures inside C code write to stderr; only the lines of JSON matter.
    return subprocess.Popen(
        [sys.executable, "-m", "benchmarks.hostile.trial"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=Path(__file__).parents[2],
        env={**os.environ, "OMP_NUM_THREADS": "1", "OPENCV_LOG_LEVEL": "OFF"},
    )


def _asked(worker: subprocess.Popen[bytes], path: Path) -> Outcome:
    assert worker.stdin is not None
    assert worker.stdout is not None
    worker.stdin.write((str(path.absolute()) + "\0").encode())
    worker.stdin.flush()
    ready, _, _ = select.select([worker.stdout], [], [], WALL_SECONDS)
    if not ready:
        return Outcome(path.name, "hung", f"more than {WALL_SECONDS} s", WALL_SECONDS)
    line = worker.stdout.readline()
    if not line:
        return Outcome(path.name, "died", f"exit code {worker.wait()}")
    return Outcome(**json.loads(line))


# ---------------------------------------------------------------------------------- in a worker


def main() -> None:
    """Answer names on standard input, which zero bytes end."""
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESSES, ADDRESSES))
    with tempfile.TemporaryDirectory(prefix="hostile-") as folder:
        os.environ["SMARTCUT_CACHE"] = str(Path(folder) / "cache")
        pending = b""
        while True:
            pending += os.read(0, 65536)
            if not pending:
                return
            while b"\0" in pending:
                name, pending = pending.split(b"\0", 1)
                outcome = _tried(Path(name.decode()), Path(folder))
                os.write(1, (json.dumps(asdict(outcome)) + "\n").encode())


def _tried(path: Path, folder: Path) -> Outcome:
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")  # the peak of memory is counted anew
    cpu = time.process_time()
    with contextlib.redirect_stdout(io.StringIO()):
        kind, text = _judged(path, folder)
    cpu = time.process_time() - cpu
    peak = _peak()
    if kind in ("done", "refused"):
        lasts = float(text.split()[0]) if kind == "done" else 0
        if cpu > CPU_SECONDS + lasts / PER_SECOND:
            kind, text = "slow", f"{cpu:.0f} s; {text}"
        elif peak > RESIDENT:
            kind, text = "large", f"{peak >> 20} MiB; {text}"
    return Outcome(path.name, kind, text, round(cpu, 2), peak)


def _peak() -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(x.split()[1]) << 10 for x in lines if x.startswith("VmHWM"))


def _judged(path: Path, folder: Path) -> tuple[str, str]:
    from smartcut.errors import SmartcutError

    output = folder / "made.mp4"
    kind, text = "done", ""
    try:
        text = _worked(path, output)
    except SmartcutError as error:
        kind, text = "refused", f"{type(error).__name__}: {error}"
    except MemoryError:
        kind, text = "memory", traceback.format_exc()
    except Exception:
        kind, text = "traceback", traceback.format_exc()
    left = sorted(p.name for p in folder.iterdir() if p.name != "cache")
    for name in left:
        (folder / name).unlink()
    if kind != "done" and left:
        return "left-over", f"{left}; {text}"
    return kind, text


def _worked(path: Path, output: Path) -> str:
    from smartcut.api import Pipeline
    from smartcut.media.probe import probe
    from smartcut.report.tables import source_text

    source = probe(path)
    shown = source_text(source)
    if any((ord(c) < 32 and c != "\n") or ord(c) == 127 for c in shown):
        raise AssertionError("control characters of the file reach the terminal")
    pipeline = Pipeline.from_text(PIPELINE)
    pipeline.plan([path], output).text()
    result = pipeline.run([path], output)
    made = probe(result.outputs[0])
    for one, other in ((source.video, made.video), (source.audio, made.audio)):
        if (one is None) != (other is None):
            raise AssertionError("a stream is missing in the output")
    # Edges lie on frames of either clock, and codecs of sound fill their last frame.
    if abs(made.duration - source.duration) > 1 and not source.video:
        raise AssertionError(f"{float(made.duration)} s of {float(source.duration)} s")
    return f"{float(source.duration):.3f} s"


if __name__ == "__main__":
    main()
