"""Stills of the samples: the slides of a lesson, the slices of a scan, a table of customers.

The scan is a phantom after Shepp and Logan (1974): ellipsoids, each adding its density to what it
lies in. Its densities are not theirs: the skull is fainter and two spots are bright, so that they
shine through when the whole is looked at.
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import scenes

from smartcut.render.captions.fonts import faces, load

WIDE, HIGH = 640, 360
SIDE, SLICES, FINE = 72, 60, 3
INK, PAPER = (236, 240, 248), (18, 26, 44)

# density, the middle (x, y, z) and the half axes in halves of the cube, turned about z (degrees)
ELLIPSOIDS = (
    (9000, (0, 0, 0), (0.69, 0.92, 0.90), 0),
    (-5000, (0, -0.0184, 0), (0.6624, 0.874, 0.86), 0),
    (-2500, (0.22, 0, 0.0), (0.11, 0.31, 0.30), -18),
    (-2500, (-0.22, 0, 0.0), (0.16, 0.41, 0.36), 18),
    (4000, (0, 0.35, -0.15), (0.21, 0.25, 0.41), 0),
    (22000, (0.08, -0.45, 0.25), (0.09, 0.09, 0.12), 0),
    (30000, (-0.28, 0.45, -0.35), (0.11, 0.07, 0.09), 35),
    (8000, (0, -0.62, -0.1), (0.05, 0.05, 0.4), 0),
)

CUSTOMERS = (
    {"name": "Ada", "spoken": "Ada", "product": "evening boat tour", "seed": "1"},
    {"name": "Zoë", "spoken": "Zoe", "product": "lighthouse walk", "seed": "2"},
    {"name": "עדה", "spoken": "Ada", "product": "evening boat tour", "seed": "3"},
    {"name": "ليلى", "spoken": "Leila", "product": "lighthouse walk", "seed": "4"},
    {"name": "李雷", "spoken": "Lee Lay", "product": "evening boat tour", "seed": "5"},
)


def make_customers(folder: Path) -> dict[str, Any]:
    with (folder / "customers.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, CUSTOMERS[0].keys(), lineterminator="\n")
        writer.writeheader()
        writer.writerows(CUSTOMERS)
    return {"rows": len(CUSTOMERS)}


# ------------------------------------------------------------------------------------- the scan


def make_scan(folder: Path) -> dict[str, Any]:
    """Slices from the base of the head to its crown, 16 bits."""
    place = folder / "scan"
    place.mkdir(exist_ok=True)
    stack = np.stack([slice_of_phantom(number) for number in range(SLICES)])
    # a scanner's own blur; without it, the thin skull shows rings where the whole is turned
    stack = cv2.GaussianBlur(stack.reshape(SLICES, -1), (1, 5), 1e-6, sigmaY=0.9)
    for number, plane in enumerate(stack.reshape(SLICES, SIDE, SIDE)):
        blurred = cv2.GaussianBlur(plane, (5, 5), 0.9)
        density = np.rint(np.clip(blurred, 0, 65535) / 16).astype(np.uint16) * 16
        cv2.imwrite(str(place / f"{number:02d}.png"), density, [cv2.IMWRITE_PNG_COMPRESSION, 9])
    return {"slices": SLICES, "size": [SIDE, SIDE], "bright": [bright_slice(5), bright_slice(6)]}


def bright_slice(ellipsoid: int) -> int:
    """The slice through the middle of an ellipsoid."""
    return round((ELLIPSOIDS[ellipsoid][1][2] + 1) / 2 * SLICES - 0.5)


def slice_of_phantom(number: int) -> np.ndarray:
    """(SIDE, SIDE): density in one slice, the mean of finer cells."""
    across = (np.arange(SIDE * FINE) + 0.5) / (SIDE * FINE) * 2 - 1
    y, x = np.meshgrid(across, across, indexing="ij")
    total = np.zeros((SIDE * FINE, SIDE * FINE))
    for part in range(FINE):
        z = (number + (part + 0.5) / FINE) / SLICES * 2 - 1
        for density, (cx, cy, cz), (a, b, c), degrees in ELLIPSOIDS:
            turn = np.deg2rad(degrees)
            u = (x - cx) * np.cos(turn) + (y - cy) * np.sin(turn)
            v = (y - cy) * np.cos(turn) - (x - cx) * np.sin(turn)
            total += density * ((u / a) ** 2 + (v / b) ** 2 + ((z - cz) / c) ** 2 <= 1)
    cells = total.reshape(SIDE, FINE, SIDE, FINE) / FINE
    mean: np.ndarray = cells.mean((1, 3))
    return mean


# ------------------------------------------------------------------------------------ the slides


def make_lesson(folder: Path) -> dict[str, Any]:
    """Three slides about the colour of the evening sky; subtitles find room at the bottom."""
    place = folder / "lesson"
    place.mkdir(exist_ok=True)
    pictures = {"1-evening": evening(), "2-way": way_of_light(), "3-colours": colours()}
    for name, picture in pictures.items():
        few = cv2.cvtColor(picture, cv2.COLOR_RGB2BGR)
        cv2.imwrite(str(place / f"{name}.png"), few, [cv2.IMWRITE_PNG_COMPRESSION, 9])
    return {"slides": len(pictures), "size": [WIDE, HIGH]}


def evening() -> np.ndarray:
    picture = cv2.resize(scenes.sunset(2.0), (WIDE, HIGH), interpolation=cv2.INTER_AREA)
    smooth = cv2.bilateralFilter(picture, 7, 18, 5)  # grain would make the file large
    return (smooth // 4 * 4 + 2).astype(np.uint8)


def _paper(heading: str) -> np.ndarray:
    picture = np.empty((HIGH, WIDE, 3), np.uint8)
    picture[:] = PAPER
    return write(picture, heading, (36, 30), 30)


def write(
    picture: np.ndarray, text: str, at: tuple[int, int], size: int, colour: Any = INK
) -> np.ndarray:
    """The picture with a text whose top left corner is ``at``."""
    from PIL import Image, ImageDraw

    canvas = Image.fromarray(picture)
    font = load(faces(None)[0], size)
    ImageDraw.Draw(canvas).text(at, text, fill=tuple(colour), font=font, anchor="la")
    return np.asarray(canvas).copy()


def way_of_light() -> np.ndarray:
    """The earth, its air, and the way of the light at noon and in the evening."""
    picture = _paper("The way through the air")
    middle, earth, air = (320, 620), 340, 430
    big = cv2.resize(picture, None, fx=2, fy=2, interpolation=cv2.INTER_NEAREST)
    centre = (middle[0] * 2, middle[1] * 2)
    cv2.circle(big, centre, air * 2, (46, 86, 150), -1, cv2.LINE_AA)
    cv2.circle(big, centre, earth * 2, (64, 110, 70), -1, cv2.LINE_AA)
    eye, noon = (640, 560), (640, 260)
    for sun, colour in ((noon, (255, 240, 170)), ((90, 552), (255, 130, 60))):
        cv2.line(big, eye, sun, colour, 8, cv2.LINE_AA)
        cv2.circle(big, sun, 44, colour, -1, cv2.LINE_AA)
    cv2.circle(big, eye, 14, INK, -1, cv2.LINE_AA)
    small = cv2.resize(big, (WIDE, HIGH), interpolation=cv2.INTER_AREA)
    small[:74] = picture[:74]
    small = write(small, "noon: short", (352, 118), 22)
    return write(small, "evening: long", (86, 230), 22)


def colours() -> np.ndarray:
    """How much of each colour is left after a short and a long way."""
    picture = _paper("What is left of each colour")
    named = (("blue", 450), ("green", 550), ("red", 650))
    paint = {"blue": (80, 130, 255), "green": (90, 210, 110), "red": (255, 90, 70)}
    for row, (label, thickness) in enumerate((("noon", 0.1), ("evening", 1.0))):
        top = 86 + row * 104
        picture = write(picture, label, (36, top + 24), 24)
        for k, (name, wavelength) in enumerate(named):
            # Rayleigh: scattering falls with the fourth power of the wavelength
            left = np.exp(-thickness * 2 * (450 / wavelength) ** 4)
            y = top + k * 29
            cv2.rectangle(picture, (170, y), (170 + round(420 * left), y + 21), paint[name], -1)
    return picture
