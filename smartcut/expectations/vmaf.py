"""`vmaf`: how alike the film is to a reference, as people see it (VMAF)."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any, ClassVar

from pydantic import Field

from smartcut.cache import file_sha256
from smartcut.expectation import CannotCheck, Checked, Expectation, FinishedFilm, Miss
from smartcut.stage import PathParam

_VERSION = 1
_LONGEST = 3600
_LACKS = (
    "VMAF needs the program `ffmpeg` with the filter libvmaf on PATH (`ffmpeg -filters` lists it): "
    "smartcut brings no library that computes it"
)


class VmafOfFilm(Expectation):
    """How alike the pictures are to those of a reference, as people see it: VMAF, 0 to 100.

    Netflix's libvmaf computes it, where the program `ffmpeg` on PATH has the filter; else it
    cannot be checked, and that is said.

    ```yaml
    expect: {vmaf: {reference: master.mp4, mean: 93}}
    ```
    """

    name: ClassVar[str] = "vmaf"
    short: ClassVar[str] = "reference"

    reference: PathParam = Field(description="The film that it shall be like, of the same size.")
    mean: float = Field(93.0, ge=0, le=100, description="Least mean.")

    def check(self, film: FinishedFilm) -> Checked:
        if film.source.video is None:
            raise CannotCheck("the film has no picture")
        inputs = {
            "source": str(film.source.path),
            "digest": film.source.digest,
            "reference": file_sha256(self.reference),
        }
        mean = film.context.memo(
            "vmaf",
            _VERSION,
            inputs,
            lambda: _measured(film.source.path, self.reference),
            lambda kept: isinstance(kept, float),
        )
        told = f"{mean:.1f}"
        if mean >= self.mean:
            return Checked(told)
        return Checked(told, (Miss(f"{told} in the mean, less than {self.mean:g}"),))


def _measured(film: Path, reference: Path) -> float:
    """The mean VMAF of a film; raises CannotCheck."""
    program = shutil.which("ffmpeg")
    if program is None:
        raise CannotCheck(_LACKS)
    with tempfile.TemporaryDirectory(prefix="smartcut-") as folder:
        graph = "[0:v]setpts=N[a];[1:v]setpts=N[b];[a][b]libvmaf=log_fmt=json:log_path=vmaf.json"
        files = ["-i", str(film.resolve()), "-i", str(reference.resolve())]
        command = [program, "-v", "error", "-nostdin", *files, "-lavfi", graph, "-f", "null", "-"]
        try:
            done = subprocess.run(
                command, cwd=folder, capture_output=True, text=True, timeout=_LONGEST
            )
        except (OSError, subprocess.SubprocessError) as error:
            raise CannotCheck(f"{program} failed: {error}") from error
        log = Path(folder) / "vmaf.json"
        if done.returncode or not log.is_file():
            why = done.stderr.strip().splitlines()[-1:] or ["it wrote no figures"]
            raise CannotCheck(f"{program}: {why[0]}. {_LACKS}")
        return _mean(json.loads(log.read_text(encoding="utf-8")))


def _mean(log: Any) -> float:
    try:
        return float(log["pooled_metrics"]["vmaf"]["mean"])
    except (KeyError, TypeError, ValueError) as error:
        raise CannotCheck("what libvmaf wrote has no mean") from error
