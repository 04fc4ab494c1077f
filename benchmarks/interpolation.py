"""`python -m benchmarks.interpolation`: how near made frames come to held-back ones, how fast.

Quality: every second frame of real clips is dropped and made again (``held_back``). Time: one
picture out of two of bigbuckbunny, at three sizes, the engines taking turns; "plain torch" is the
same network without ncnn, "plain DIS" what is usually written with OpenCV. Where other work runs on
the machine, OMP_NUM_THREADS=1 keeps threads that wait for one another from counting as work.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any, Protocol

import numpy as np

from benchmarks import report
from benchmarks.held_back import CLIPS, Clip, fetched, frames, middles, psnr, ssim
from benchmarks.measure import Check
from benchmarks.plain_flow import PlainFlow
from smartcut.errors import ModelError
from smartcut.models.interpolation import Gap, load

SIZES = {"360p": (640, 360), "720p": (1280, 720), "1080p": (1920, 1080)}
_ROOT = Path(__file__).parents[1]

#: PSNR (dB) and SSIM measured before the project, on 20 other triplets of the same clips.
RECIPES = {
    "blend": ((29.4, 0.924), (34.8, 0.967), (33.9, 0.962)),
    "minterpolate": ((32.0, 0.950), (38.0, 0.982), (34.4, 0.970)),
    "plain DIS": ((33.2, 0.953), (38.8, 0.985), (34.4, 0.973)),
    "rife fast": ((35.1, 0.970), (39.2, 0.985), (34.2, 0.970)),
    "rife best": ((35.4, 0.971), (39.9, 0.988), (34.8, 0.974)),
}


@dataclass(frozen=True, slots=True)
class Case:
    """Frames to make again: ``reach`` away lie the two given; ``steps`` and the frames' offsets."""

    clip: Clip
    reach: int
    steps: tuple[tuple[float, int], ...]

    @property
    def name(self) -> str:
        return f"{self.clip.name}, t = {', '.join(f'{step:g}' for step, _ in self.steps)}"


CASES = (
    *(Case(clip, 1, ((0.5, 0),)) for clip in CLIPS),
    Case(CLIPS[0], 2, ((0.25, -1), (0.75, 1))),
)


def main(arguments: list[str] | None = None) -> int:
    """0 when all engines asked for were measured; 1 where one could not be had."""
    asked = _parse(arguments)
    engines, missing = _engines(asked.engines, asked.device, asked.small)
    for line in missing:
        print(line)
    perceived, remark = _lpips()
    print(remark)
    wheel = fetched(_ROOT / "out" / "bench" / "interpolation")
    quality = _quality(wheel, engines, asked.triplets, perceived)
    if asked.device == "cpu":
        engines |= _references(engines)
    speed = _speed(wheel, engines, asked.sizes, asked.runs)
    checks = [*_quality_checks(quality), *_speed_checks(speed)]
    print("\n" + "\n".join(report.check_line(check) for check in checks))
    content = {
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "settings": {"triplets": asked.triplets, "runs": asked.runs, "quick": asked.quick},
        "machine": _machine(asked.device),
        "missing": missing,
        "lpips": remark,
        "quality": quality,
        "speed": speed,
        "checks": [asdict(check) | {"verdict": check.verdict} for check in checks],
    }
    report.write_json(asked.json, content)
    print(f"\nall figures  {asked.json}")
    return int(bool(missing))


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.interpolation", description=__doc__)
    parser.add_argument("--engines", nargs="*", choices=ENGINES, default=list(ENGINES))
    parser.add_argument("--device", default="cpu", help="cpu, cuda or cuda:N, for the networks")
    parser.add_argument("--small", type=Path, metavar="FILE", help="weights of the small network")
    parser.add_argument("--sizes", nargs="*", choices=SIZES, help="all; quick: 360p")
    parser.add_argument("--triplets", type=int, metavar="N", help="a clip (20; quick: 2)")
    parser.add_argument("--runs", type=int, metavar="N", help="turns of the clock (3; quick: 1)")
    parser.add_argument("--quick", action="store_true", help="shows that all works, no more")
    json = _ROOT / "out" / "bench" / "interpolation.json"
    parser.add_argument("--json", type=Path, default=json, metavar="PATH")
    asked = parser.parse_args(arguments)
    if asked.sizes is None:
        asked.sizes = ["360p"] if asked.quick else list(SIZES)
    asked.triplets = asked.triplets or (2 if asked.quick else 20)
    asked.runs = asked.runs or (1 if asked.quick else 3)
    return asked


# ------------------------------------------------------------------------------------ engines


class Maker(Protocol):
    """An engine, or another way that is compared with them."""

    at_once: int
    """How many pictures it makes best in one call."""

    def make(self, gaps: Sequence[Gap]) -> list[list[np.ndarray]]:
        """The pictures of each gap, in the order of its steps."""


def _rife(tier: str) -> Callable[[str], Maker]:
    return lambda device: load("rife", tier="best" if tier == "best" else "fast", device=device)


ENGINES: dict[str, Callable[[str], Maker]] = {
    "blend": lambda device: load("blend"),
    "minterpolate": lambda device: load("minterpolate"),
    "plain DIS": lambda device: PlainFlow(),
    "flow": lambda device: load("flow"),
    "rife fast": _rife("fast"),
    "rife best": _rife("best"),
}


def _engines(
    names: Iterable[str], device: str, small: Path | None
) -> tuple[dict[str, Maker], list[str]]:
    """The engines that can be had, and a line for each that cannot."""
    found: dict[str, Maker] = {}
    missing: list[str] = []
    for name in names:
        try:
            found[name] = ENGINES[name](device)
        except (ModelError, ImportError) as error:
            missing.append(f"{name} is left out: {error}")
    if small is not None:
        from smartcut.models.interpolation import small as own

        found["small"] = own.load(small, device)
    return found, missing


def _references(engines: Iterable[str]) -> dict[str, Maker]:
    """The same network in plain torch beside each tier of RIFE that is measured."""
    from smartcut.models.interpolation import rife

    return {
        f"{name}, plain torch": rife.load(
            tier="best" if "best" in name else "fast", backend="torch"
        )
        for name in engines
        if name.startswith("rife")
    }


# ------------------------------------------------------------------------------------ quality


def _quality(
    wheel: Path,
    engines: dict[str, Maker],
    count: int,
    perceived: Callable[[np.ndarray, np.ndarray], float] | None,
) -> list[dict[str, Any]]:
    """A row for each case and engine, printed as it comes."""
    rows = []
    for number, case in enumerate(CASES):
        pictures = frames(wheel, case.clip)
        chosen = middles(len(pictures), case.clip.cuts, case.reach, count)
        print(f"\n{case.name}: {len(chosen)} gaps of {2 * case.reach} frames")
        print(f"  {'':<24}{'PSNR dB':>9}{'SSIM':>8}{'s each':>9}   on other triplets before")
        for name, engine in engines.items():
            row = {"case": case.name, "engine": name}
            row |= _measured(engine, case, pictures, chosen, perceived)
            rows.append(row)
            before = RECIPES.get(name, ())[number : number + 1]
            tail = f"{before[0][0]:.1f} / {before[0][1]:.3f}" if before else ""
            figures = f"{row['psnr']:>9.2f}{row['ssim']:>8.4f}{row['seconds']:>9.3f}"
            print(f"  {name:<24}{figures}   {tail}", flush=True)
    return rows


def _measured(
    engine: Maker,
    case: Case,
    pictures: Sequence[np.ndarray],
    chosen: Sequence[int],
    perceived: Callable[[np.ndarray, np.ndarray], float] | None,
) -> dict[str, Any]:
    """Mean PSNR, SSIM (and LPIPS) over all frames made again, and seconds a made frame."""
    near, alike, seen = [], [], []
    seconds = 0.0
    for middle in chosen:
        steps = tuple(step for step, _ in case.steps)
        gap = Gap(pictures[middle - case.reach], pictures[middle + case.reach], steps)
        began = time.perf_counter()
        made = engine.make([gap])[0]
        seconds += time.perf_counter() - began
        for picture, (_, offset) in zip(made, case.steps, strict=True):
            true = pictures[middle + offset]
            near.append(psnr(picture, true))
            alike.append(ssim(picture, true))
            if perceived is not None:
                seen.append(perceived(picture, true))
    row = {
        "frames": len(near),
        "psnr": float(np.mean(near)),
        "ssim": float(np.mean(alike)),
        "seconds": seconds / len(near),
    }
    return row | ({"lpips": float(np.mean(seen))} if seen else {})


def _quality_checks(rows: Sequence[dict[str, Any]]) -> list[Check]:
    """RIFE at its best above all that needs no network, flow above what is usually written."""
    found = {(row["case"], row["engine"]): row for row in rows}
    pairs = [("rife best", x) for x in ("plain DIS", "flow", "minterpolate", "blend")]
    checks = []
    for better, worse in [*pairs, ("flow", "plain DIS")]:
        cases = [x.name for x in CASES if {(x.name, better), (x.name, worse)} <= found.keys()]
        for what, unit, scale in (("psnr", "PSNR, dB", 1), ("ssim", "SSIM, thousandths", 1000)):
            leads = {
                case: scale * (found[case, better][what] - found[case, worse][what])
                for case in cases
            }
            least = min(leads, key=lambda case: leads[case], default=None)
            text = f"{better} above {worse} in {unit}" + (f", at least ({least})" if least else "")
            figure = None if least is None else round(leads[least], 3)
            checks.append(Check(text, figure, ">=", 0))
    return checks


def _lpips() -> tuple[Callable[[np.ndarray, np.ndarray], float] | None, str]:
    """LPIPS (AlexNet) where the package and its backbone are on this machine; a line about it."""
    try:
        import lpips
        import torch
    except ImportError:
        return None, "LPIPS is left out: the package lpips is not installed"
    kept = Path(torch.hub.get_dir()) / "checkpoints"
    if not list(kept.glob("alexnet-*.pth")):
        return None, f"LPIPS is left out: its AlexNet weights are not in {kept}"
    network = lpips.LPIPS(net="alex", verbose=False)

    def distance(made: np.ndarray, true: np.ndarray) -> float:
        pair = [
            torch.from_numpy(picture).permute(2, 0, 1)[None].float() / 127.5 - 1
            for picture in (made, true)
        ]
        with torch.inference_mode():
            return float(network(*pair))

    return distance, "LPIPS: AlexNet"


# -------------------------------------------------------------------------------------- speed


def _speed(
    wheel: Path, engines: dict[str, Maker], sizes: Iterable[str], runs: int
) -> list[dict[str, Any]]:
    """Seconds a picture for each size and engine, the engines taking turns."""
    import cv2

    pictures = frames(wheel, CLIPS[1])[60:63:2]
    rows = []
    for size in sizes:
        first, second = (cv2.resize(p, SIZES[size], interpolation=cv2.INTER_AREA) for p in pictures)
        taken: dict[str, list[tuple[float, float]]] = {name: [] for name in engines}
        made: dict[str, np.ndarray] = {}
        for turn in range(runs + 1):
            for name, engine in engines.items():
                gaps = [Gap(first, second, (0.5,))] * engine.at_once
                began = time.perf_counter(), time.process_time()
                made[name] = engine.make(gaps)[0][0]
                wall, cpu = time.perf_counter() - began[0], time.process_time() - began[1]
                if turn:  # the first turn warms up
                    taken[name].append((wall / len(gaps), cpu / len(gaps)))
        rows += _timed(size, taken)
        for row in rows[-len(taken) :]:
            plain = made.get(f"{row['engine']}, plain torch")
            if plain is not None:
                difference = made[row["engine"]].astype(float) - plain
                row["mean_difference_from_plain"] = float(np.abs(difference).mean())
    return rows


def _speed_checks(rows: Sequence[dict[str, Any]]) -> list[Check]:
    """RIFE against the same network in plain torch: half the time, the same picture."""
    found = {(row["size"], row["engine"]): row for row in rows}
    checks = []
    for (size, name), row in found.items():
        plain = found.get((size, f"{name}, plain torch"))
        if plain is not None:
            turns = zip(row["samples_s"], plain["samples_s"], strict=True)
            ratio = round(median(own / other for own, other in turns), 3)
            checks.append(Check(f"{size}: time of {name} over plain torch", ratio, "<=", 0.5))
            apart = round(row["mean_difference_from_plain"], 3)
            text = f"{size}: mean difference of {name} from plain torch, in 255ths"
            checks.append(Check(text, apart, "<=", 1))
    return checks


def _timed(size: str, taken: dict[str, list[tuple[float, float]]]) -> list[dict[str, Any]]:
    print(f"\n{size}, one picture in the middle")
    print(f"  {'':<24}{'ms':>9}{'fastest':>9}{'CPU ms':>9}{'a second':>10}")
    rows = []
    for name, samples in taken.items():
        walls, cpus = ([sample[i] for sample in samples] for i in (0, 1))
        usual, fastest, cpu = median(walls), min(walls), median(cpus)
        row = {"size": size, "engine": name, "median_s": usual, "fastest_s": fastest}
        rows.append({**row, "median_cpu_s": cpu, "samples_s": walls})
        print(
            f"  {name:<24}{1000 * usual:>9.0f}{1000 * fastest:>9.0f}"
            f"{1000 * cpu:>9.0f}{1 / usual:>10.2f}",
            flush=True,
        )
    return rows


def _machine(device: str) -> dict[str, Any]:
    import imageio_ffmpeg

    found = report.machine(imageio_ffmpeg.get_ffmpeg_exe())
    if device != "cpu":
        import torch

        found["gpu"] = torch.cuda.get_device_name(device)
    return found


if __name__ == "__main__":
    sys.exit(main())
