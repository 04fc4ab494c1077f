"""From one transfer curve to another: SDR, HLG and PQ, by the light that a display shows.

- PQ: ITU-R BT.2100, table 4. HLG: table 5, on a display of 1000 cd/m2 with a system gamma of 1.2.
- SDR: ITU-R BT.1886 (a power of 2.4), whose white is 203 cd/m2, as BT.2408 (2.2 and 5.1) places it:
  75 % HLG, 58 % PQ.
- Brighter light than the target shows is rolled off as in BT.2390 (5.4.1), for the largest of red,
  green and blue, which keeps hues.
- Primaries are changed in linear light; what lies outside the target's is clipped.

Values are RGB, 0..1, non-linear; float arrays (..., 3).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np

from smartcut.source import Colour

TransferKind = Literal["SDR", "HLG", "PQ"]

#: The light of SDR's white and of HLG's brightest, in cd/m2.
WHITE, PEAK = 203.0, 1000.0
_PQ_PEAK = 10_000.0
# The brightest light in pictures of a kind (what is brighter in PQ is clipped), and of displays.
_BRIGHTEST: dict[TransferKind, float] = {"SDR": WHITE, "HLG": PEAK, "PQ": PEAK}
_MOST: dict[TransferKind, float] = {"SDR": WHITE, "HLG": PEAK, "PQ": _PQ_PEAK}

_M1, _M2 = 2610 / 16384, 2523 / 32
_C1, _C2, _C3 = 3424 / 4096, 2413 / 128, 2392 / 128
_A, _B, _C = 0.17883277, 0.28466892, 0.55991073
_SYSTEM_GAMMA, _SDR_GAMMA = 1.2, 2.4

# x and y of red, green and blue; the white of all of them is D65 (DCI's is adapted).
_D65 = (0.3127, 0.3290)
_PRIMARIES = {
    "bt709": ((0.64, 0.33), (0.30, 0.60), (0.15, 0.06)),
    "bt2020": ((0.708, 0.292), (0.170, 0.797), (0.131, 0.046)),
    "smpte432": ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060)),
    "smpte431": ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060)),
}
_WIDE = ("bt2020", "smpte432", "smpte431")


def curve(colour: Colour) -> TransferKind:
    """The kind of transfer curve; what is not known is SDR."""
    return {"smpte2084": "PQ", "arib-std-b67": "HLG"}.get(colour.transfer or "", "SDR")  # type: ignore[return-value]


def primaries(colour: Colour) -> str:
    """The primaries; those of SD are taken for BT.709's, which differ by little."""
    if colour.primaries in _PRIMARIES:
        return str(colour.primaries)
    return "bt709" if colour.primaries or curve(colour) == "SDR" else "bt2020"


def are_alike(one: Colour, other: Colour) -> bool:
    """Whether pictures need no change of curve or of wide primaries from one to the other."""
    if curve(one) != curve(other):
        return False
    a, b = primaries(one), primaries(other)
    return a == b or not {a, b} & set(_WIDE)


def converted(rgb: np.ndarray, source: Colour, target: Colour) -> np.ndarray:
    """RGB of one colour description as that of another, float64."""
    light = _TO_LIGHT[curve(source)](np.clip(np.asarray(rgb, np.float64), 0, 1), _luma(source))
    light = np.maximum(light @ primaries_matrix(primaries(source), primaries(target)).T, 0)
    brightest, most = _BRIGHTEST[curve(source)], _MOST[curve(target)]
    if brightest > most:
        light = _rolled_off(light, brightest, most)
    shown = _FROM_LIGHT[curve(target)](np.minimum(light, most), _luma(target))
    return np.clip(shown, 0, 1)


def table(source: Colour, target: Colour, size: int) -> np.ndarray:
    """float32 (size, size, size, 3): a colour table indexed by red, green and blue."""
    axis = np.linspace(0, 1, size)
    grid = np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), axis=-1)
    return converted(grid, source, target).astype(np.float32)


# ------------------------------------------------------------------------------------- primaries


def _to_xyz(name: str) -> np.ndarray:
    """(3, 3): linear RGB to CIE XYZ (SMPTE RP 177)."""
    columns = np.array([[x / y, 1, (1 - x - y) / y] for x, y in _PRIMARIES[name]]).T
    white = np.array([_D65[0] / _D65[1], 1, (1 - sum(_D65)) / _D65[1]])
    return columns * np.linalg.solve(columns, white)


def primaries_matrix(source: str, target: str) -> np.ndarray:
    """(3, 3): linear RGB of one set of primaries as that of another."""
    if source == target:
        return np.eye(3)
    return np.linalg.solve(_to_xyz(target), _to_xyz(source))


def _luma(colour: Colour) -> np.ndarray:
    """(3,): the shares of red, green and blue in luminance."""
    return _to_xyz(primaries(colour))[1]


# ---------------------------------------------------------------------------------------- curves


def pq_from_light(light: np.ndarray) -> np.ndarray:
    """Signals of PQ, 0..1, of light in cd/m2."""
    power = np.clip(light / _PQ_PEAK, 0, 1) ** _M1
    return ((_C1 + _C2 * power) / (1 + _C3 * power)) ** _M2


def light_from_pq(signal: np.ndarray) -> np.ndarray:
    """Light in cd/m2 of signals of PQ, 0..1."""
    power = signal ** (1 / _M2)
    return _PQ_PEAK * (np.maximum(power - _C1, 0) / (_C2 - _C3 * power)) ** (1 / _M1)


def _light_from_hlg(signal: np.ndarray, luma: np.ndarray) -> np.ndarray:
    scene = np.where(signal <= 0.5, signal**2 / 3, (np.exp((signal - _C) / _A) + _B) / 12)
    luminance = (scene @ luma)[..., None]
    return PEAK * scene * np.maximum(luminance, 1e-12) ** (_SYSTEM_GAMMA - 1)


def _hlg_from_light(light: np.ndarray, luma: np.ndarray) -> np.ndarray:
    shown = light / PEAK
    luminance = np.maximum((shown @ luma)[..., None], 1e-12)
    scene = shown * luminance ** ((1 - _SYSTEM_GAMMA) / _SYSTEM_GAMMA)
    high = _A * np.log(np.maximum(12 * scene - _B, 1e-6)) + _C
    return np.where(scene <= 1 / 12, np.sqrt(3 * scene), high)


def _light_from_sdr(signal: np.ndarray, luma: np.ndarray) -> np.ndarray:
    return WHITE * signal**_SDR_GAMMA


def _sdr_from_light(light: np.ndarray, luma: np.ndarray) -> np.ndarray:
    return (light / WHITE) ** (1 / _SDR_GAMMA)


_Function = Callable[[np.ndarray, np.ndarray], np.ndarray]
_TO_LIGHT: dict[TransferKind, _Function] = {
    "SDR": _light_from_sdr,
    "HLG": _light_from_hlg,
    "PQ": lambda signal, luma: light_from_pq(signal),
}
_FROM_LIGHT: dict[TransferKind, _Function] = {
    "SDR": _sdr_from_light,
    "HLG": _hlg_from_light,
    "PQ": lambda light, luma: pq_from_light(light),
}


def _rolled_off(light: np.ndarray, brightest: float, most: float) -> np.ndarray:
    """Light up to ``brightest`` as light up to ``most``: BT.2390's spline, in signals of PQ."""
    top, bound = (float(pq_from_light(np.array(x))) for x in (brightest, most))
    largest = light.max(axis=-1, keepdims=True)
    signal, bound = np.minimum(pq_from_light(largest) / top, 1), bound / top
    knee = 1.5 * bound - 0.5
    t = np.clip((signal - knee) / (1 - knee), 0, 1)
    spline = (
        (2 * t**3 - 3 * t**2 + 1) * knee
        + (t**3 - 2 * t**2 + t) * (1 - knee)
        + (-2 * t**3 + 3 * t**2) * bound
    )
    shown = light_from_pq(np.where(signal < knee, signal, spline) * top)
    return light * shown / np.maximum(largest, 1e-9)
