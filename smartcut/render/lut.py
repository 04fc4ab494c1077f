"""Colour tables: one fixed function of colour for a whole take, and their files.

A table is float32 (n, n, n, 3): gamma-coded RGB in 0..1 at even steps of red, green and blue.
Between them it is read by tetrahedra, along whose common edge all three rise together. So a table
whose luma never falls along that diagonal is monotone in luma everywhere.
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np

from smartcut.errors import StageError
from smartcut.render.transfer import (
    FLOOR,
    MOST_STRETCH,
    linear_map,
    sliced_transport,
    to_lab,
    to_srgb,
)
from smartcut.text_input import read_text_input

SIZE = 33
#: Raised whenever the same colours would give another table.
VERSION = 1

_LUMA = np.array([0.2126, 0.7152, 0.0722])
# Spreads, in steps of the table, with which shifts are carried over to colours nearby.
_SPREADS = (6.0, 3.0, 1.5)
# A step's neighbourhood needs about this share of the colours for their shift to count there.
_SPARSE = 2e-5
_LARGEST = 129


def identity(size: int = SIZE) -> np.ndarray:
    """The table that changes nothing."""
    steps = np.linspace(0, 1, size)
    return np.stack(np.meshgrid(steps, steps, steps, indexing="ij"), axis=-1)


def linear_table(source: np.ndarray, reference: np.ndarray, strength: float = 1.0) -> np.ndarray:
    """The table of :func:`~smartcut.render.transfer.linear_map` for colours (n, 3) in 0..1."""
    lab = to_lab(identity())
    matrix, offset = _limited(to_lab(source), to_lab(reference))
    return _finished(lab + strength * (lab @ matrix + offset - lab))


def transport_table(source: np.ndarray, reference: np.ndarray, strength: float = 1.0) -> np.ndarray:
    """The table that carries the colours of ``source`` (n, 3), in 0..1, to those of ``reference``.

    Sliced optimal transport says where the colours at hand go. What it does beyond the linear map
    is carried over to colours nearby, smoothly; colours far from all follow the linear map.
    """
    lab, colours, wanted = to_lab(identity()), to_lab(source), to_lab(reference)
    matrix, offset = _limited(colours, wanted)
    shifts = sliced_transport(colours, wanted) - (colours @ matrix + offset)
    moved = lab @ matrix + offset + _spread(source, shifts)
    return _finished(lab + strength * (moved - lab))


def weakened(table: np.ndarray, strength: float) -> np.ndarray:
    """The table mixed with the one that changes nothing."""
    return (1 - strength) * identity(len(table)) + strength * table


def through(table: np.ndarray, colours: np.ndarray) -> np.ndarray:
    """Colours (n, 3) in 0..1 as a table of :data:`SIZE` steps has them; linear between these."""
    corners, shares = _corners(colours)
    found: np.ndarray = (table.reshape(-1, 3)[corners] * shares[..., None]).sum(axis=1)
    return found


def _limited(source: np.ndarray, reference: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return linear_map(source, reference, FLOOR, MOST_STRETCH)


# ------------------------------------------------------------------------- smooth and monotone


def _spread(colours: np.ndarray, shifts: np.ndarray) -> np.ndarray:
    """(SIZE, SIZE, SIZE, 3): a smooth field through the shifts (n, 3) at colours (n, 3) in 0..1.

    Normalised convolution (Knutsson and Westin, 1993), from wide to narrow spreads; 0 where no
    colour is near.
    """
    corners, shares = _corners(colours)
    weight = np.bincount(corners.ravel(), shares.ravel(), SIZE**3) / len(colours)
    field = np.zeros((SIZE**3, 3))
    rest = shifts.copy()
    for spread in _SPREADS:
        blurred = _blurred(weight.reshape(SIZE, SIZE, SIZE, 1), spread)
        found = np.empty_like(field)
        for axis in range(3):
            sums = np.bincount(corners.ravel(), (shares * rest[:, axis, None]).ravel(), SIZE**3)
            sums = _blurred(sums.reshape(SIZE, SIZE, SIZE, 1) / len(colours), spread)
            found[:, axis] = (sums / (blurred + _SPARSE)).ravel()
        field += found
        rest -= (found[corners] * shares[..., None]).sum(axis=1)
    return field.reshape(SIZE, SIZE, SIZE, 3)


def _corners(colours: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(n, 8) places in the flat table around each colour, and (n, 8) the share of each."""
    scaled = np.clip(colours, 0, 1) * (SIZE - 1)
    low = np.minimum(scaled.astype(np.int64), SIZE - 2)
    inside = scaled - low
    places, shares = [], []
    for corner in np.ndindex(2, 2, 2):
        at = low + corner
        places.append((at[:, 0] * SIZE + at[:, 1]) * SIZE + at[:, 2])
        shares.append(np.where(corner, inside, 1 - inside).prod(axis=1))
    return np.stack(places, axis=1), np.stack(shares, axis=1)


def _blurred(table: np.ndarray, spread: float) -> np.ndarray:
    """The table (n, n, n, c) after a Gaussian of that spread; what leaves at the edges is lost."""
    steps = np.arange(len(table))
    kernel = np.exp(-0.5 * ((steps[:, None] - steps) / spread) ** 2)
    for way in ("ij,jklc->iklc", "ij,kjlc->kilc", "ij,kljc->klic"):
        table = np.einsum(way, kernel, table)  # for sizes like these, far quicker than BLAS
    return table


def _finished(lab: np.ndarray) -> np.ndarray:
    """The table with these colours: within the gamut, and even in luma."""
    table = _in_gamut(to_srgb(lab))
    luma = table @ _LUMA
    table = _in_gamut(table + (_even(luma) - luma)[..., None])
    return np.clip(table, 0, 1).astype(np.float32)


def _in_gamut(table: np.ndarray) -> np.ndarray:
    """Colours drawn towards the gray of their luma until they fit into 0..1."""
    gray = np.clip(table @ _LUMA, 0, 1)[..., None]
    away = table - gray
    room = np.where(away > 0, 1 - gray, gray)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(np.abs(away) > room, room / np.abs(away), 1.0)
    return gray + away * share.min(axis=-1, keepdims=True)


def _even(luma: np.ndarray) -> np.ndarray:
    """The nearest luma (n, n, n) that rises evenly where red, green and blue rise together.

    From one step to the next it never falls, nor rises by more than MOST_STRETCH steps, which
    would show grain and bands.
    """
    rising = _bounded(luma, np.maximum, 0.0)
    return _bounded(rising, np.minimum, MOST_STRETCH / (len(luma) - 1))


def _bounded(luma: np.ndarray, bound: np.ufunc, rise: float) -> np.ndarray:
    """Each step from the last on a diagonal at least (np.maximum) or at most a ``rise``.

    Half-way between what it takes to correct later values by earlier ones, and the reverse.
    """
    back = np.minimum if bound is np.maximum else np.maximum
    later, earlier = luma.copy(), luma.copy()
    for i in range(1, len(luma)):
        later[i, 1:, 1:] = bound(later[i, 1:, 1:], later[i - 1, :-1, :-1] + rise)
    for i in range(len(luma) - 2, -1, -1):
        earlier[i, :-1, :-1] = back(earlier[i, :-1, :-1], earlier[i + 1, 1:, 1:] - rise)
    return (later + earlier) / 2


# ------------------------------------------------------------------------------------- files


def write_cube(path: Path, table: np.ndarray) -> None:
    """Write the table as a .cube file (Adobe Cube LUT Specification 1.0): red changes fastest."""
    values = table.transpose(2, 1, 0, 3).ravel().tolist()
    rows = ("%.7f %.7f %.7f\n" * (len(values) // 3)) % tuple(values)
    path.write_text(f"LUT_3D_SIZE {len(table)}\n{rows}", encoding="ascii")


def read_cube(path: Path) -> np.ndarray:
    """The table in a .cube file; raises StageError for what is not a 3D table over 0..1."""
    size, rows = 0, []
    try:
        lines = read_text_input(path).text.splitlines()
    except (OSError, ValueError) as error:
        raise StageError(f"{path} is no .cube file: it is not text ({error})") from error
    for number, line in enumerate(lines, 1):
        words = line.partition("#")[0].split()
        if not words or words[0] == "TITLE":
            continue
        if words[0][0].isalpha():
            size = _heading(path, number, words) or size
            continue
        rows.append(_row(path, number, words))
    if not size or len(rows) != size**3:
        raise StageError(
            f"{path} holds {len(rows)} colours where LUT_3D_SIZE {size or '(missing)'} needs "
            f"{size**3 or 'a number'}; give a whole .cube file"
        )
    table = np.array(rows).reshape(size, size, size, 3).transpose(2, 1, 0, 3)
    return np.ascontiguousarray(np.clip(table, 0, 1), dtype=np.float32)


def _heading(path: Path, number: int, words: list[str]) -> int:
    """The size that a line of the head gives, or 0."""
    key, values = words[0], words[1:]
    if key == "LUT_3D_SIZE":
        if len(values) == 1 and values[0].isdigit() and 2 <= int(values[0]) <= _LARGEST:
            return int(values[0])
        accepted = f"a number in 2..{_LARGEST}"
    elif key in ("DOMAIN_MIN", "DOMAIN_MAX"):
        bound = 0.0 if key == "DOMAIN_MIN" else 1.0
        if _row(path, number, values) == [bound] * 3:
            return 0
        accepted = f"{bound:g} {bound:g} {bound:g}: tables are over 0..1"
    else:
        accepted = "TITLE, LUT_3D_SIZE, DOMAIN_MIN and DOMAIN_MAX, as 3D tables have"
    raise StageError(f"{path}:{number}: `{' '.join(words)}`; accepted: {accepted}")


def _row(path: Path, number: int, words: list[str]) -> list[float]:
    try:
        values = [float(word) for word in words]
    except ValueError:
        values = []
    if len(values) != 3 or not all(map(math.isfinite, values)):
        raise StageError(f"{path}:{number}: `{' '.join(words)}`; accepted: three numbers")
    return values
