"""The pictures of the sample clips: small procedural scenes, drawn with numpy and OpenCV.

A scene is a function of seconds since its start that gives RGB (540, 960, 3), uint8. Everything
is drawn from formulas and seeded noise, so that the same packages draw the same pictures.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np

WIDTH, HEIGHT = 960, 540
Scene = Callable[[float], np.ndarray]

_X, _Y = np.meshgrid(np.arange(WIDTH, dtype=np.float32), np.arange(HEIGHT, dtype=np.float32))


def noise(seed: int, width: int, height: int, octaves: int = 5, first: int = 4) -> np.ndarray:
    """Smooth noise (height, width) in 0..1, tiling sideways."""
    rng = np.random.default_rng(abs(seed))
    total = np.zeros((height, width), np.float32)
    weight = 0.0
    for k in range(octaves):
        cells = first * 2**k
        grid = rng.random((max(2, cells * height // width) + 1, cells), dtype=np.float32)
        grid = np.concatenate([grid, grid[:, :1]], axis=1)
        layer = cv2.resize(grid, (width + width // cells, height), interpolation=cv2.INTER_CUBIC)
        total += layer[:, :width] / 2**k
        weight += 1 / 2**k
    return np.clip(total / weight, 0, 1)


def mix(a: np.ndarray, b: np.ndarray, share: np.ndarray | float) -> np.ndarray:
    share = share[..., None] if isinstance(share, np.ndarray) else share
    return a * (1 - share) + b * share


def rgb(text: str) -> np.ndarray:
    return np.array([int(text[i : i + 2], 16) for i in (0, 2, 4)], np.float32)


def gradient(*stops: tuple[float, str]) -> np.ndarray:
    """(HEIGHT, 1, 3) of colours at heights 0..1 of the picture."""
    places = [p for p, _ in stops]
    colours = np.stack([rgb(c) for _, c in stops])
    y = np.linspace(0, 1, HEIGHT)
    return np.stack([np.interp(y, places, colours[:, i]) for i in range(3)], -1)[:, None].astype(
        np.float32
    )


def finish(picture: np.ndarray, seed: int, grain: float = 1.5) -> np.ndarray:
    """The picture with a vignette and grain, as uint8."""
    rng = np.random.default_rng(abs(seed))
    far = ((_X / WIDTH - 0.5) ** 2 + (_Y / HEIGHT - 0.5) ** 2)[..., None]
    speck = rng.normal(0, grain, (HEIGHT // 2, WIDTH // 2)).astype(np.float32)
    speck = cv2.resize(speck, (WIDTH, HEIGHT))[..., None]
    return np.clip(picture * (1.06 - 0.45 * far) + speck, 0, 255).astype(np.uint8)


def polygon(picture: np.ndarray, points: list[tuple[float, float]], colour: str) -> None:
    fixed = np.round(np.array(points) * 16).astype(np.int32)
    cv2.fillPoly(picture, [fixed], rgb(colour).tolist(), cv2.LINE_AA, 4)


def disc(picture: np.ndarray, x: float, y: float, radius: float, colour: str) -> None:
    at = (round(x * 16), round(y * 16))
    cv2.circle(picture, at, round(radius * 16), rgb(colour).tolist(), -1, cv2.LINE_AA, 4)


def line(
    picture: np.ndarray, a: tuple[float, float], b: tuple[float, float], colour: str, width: float
) -> None:
    p, q = (tuple(round(v * 16) for v in point) for point in (a, b))
    cv2.line(picture, p, q, rgb(colour).tolist(), max(1, round(width)), cv2.LINE_AA, 4)


# ------------------------------------------------------------------------------------- harbour

_CLOUDS = noise(1, 2 * WIDTH, HEIGHT, 6)
_RIPPLES = noise(2, 2048, 1024, 7, 24)


def sea(
    t: float, horizon: float, near: str, far: str, glint: np.ndarray, sun_x: float
) -> np.ndarray:
    """Water in perspective below ``horizon`` (pixels), with a path of light under the sun."""
    depth = np.clip((_Y - horizon) / (HEIGHT - horizon), 1e-3, 1)
    distance = 1 / (depth + 0.03)
    u = (_X - WIDTH / 2) * distance * 0.55 + t * 22
    v = distance * 130 + t * 55
    waves = cv2.remap(
        _RIPPLES, (u % 2047).astype(np.float32), (v % 1023).astype(np.float32), cv2.INTER_LINEAR
    )
    cross = cv2.remap(
        _RIPPLES,
        ((u * 0.7 - t * 60 + 700) % 2047).astype(np.float32),
        ((v * 1.3 + 300) % 1023).astype(np.float32),
        cv2.INTER_LINEAR,
    )
    height = (waves + cross) / 2
    water = mix(rgb(far), rgb(near), depth) * (0.62 + 0.75 * height)[..., None]
    path = np.exp(-(((_X - sun_x) / (40 + 260 * depth)) ** 2))
    sparkle = np.clip((height - 0.5) * 7, 0, 1) * path
    return mix(water, glint, np.clip(sparkle, 0, 1))


def clouds(t: float, sky: np.ndarray, colour: str, cover: float, speed: float) -> np.ndarray:
    shift = int(t * speed) % WIDTH
    field = _CLOUDS[:, shift : shift + WIDTH]
    share = np.clip((field - (1 - cover)) * 4, 0, 1) * np.clip(1.1 - _Y / HEIGHT * 1.6, 0, 1)
    return mix(sky, rgb(colour), share * 0.85)


def sunset(t: float) -> np.ndarray:
    horizon, sun_x, sun_y = 0.52 * HEIGHT, 0.62 * WIDTH, 0.36 * HEIGHT + 5 * t
    sky = np.repeat(gradient((0, "27346b"), (0.3, "b8557a"), (0.52, "ffb35c")), WIDTH, 1)
    sky = clouds(t, sky, "7a3d63", 0.48, 9)
    far = np.hypot(_X - sun_x, _Y - sun_y)
    sky = mix(sky, rgb("fff2c4"), np.exp(-((far / 150) ** 1.4)) * 0.8)
    sky = mix(sky, rgb("fffbe8"), np.clip(46 - far, 0, 1))
    water = sea(t, horizon, "1b2b4f", "c98163", rgb("ffe7a8"), sun_x)
    picture = np.where((horizon < _Y)[..., None], water, sky)
    for k in range(5):
        x, y = 200 + 60 * k + 34 * t, 120 + 26 * np.sin(k * 2.1) + 8 * np.sin(t + k)
        lift = 9 * np.sin(t * 6 + k)
        line(picture, (x - 15, y - lift), (x, y), "221a33", 2)
        line(picture, (x, y), (x + 15, y - lift), "221a33", 2)
    return finish(picture, int(t * 1000))


def sailing(t: float) -> np.ndarray:
    horizon = 0.46 * HEIGHT
    sky = np.repeat(gradient((0, "2f78c4"), (0.46, "cfe6f2")), WIDTH, 1)
    sky = clouds(t, sky, "ffffff", 0.55, 20)
    picture = np.where(
        (horizon < _Y)[..., None],
        sea(t, horizon, "0d4668", "5fa3b8", rgb("eafcff"), WIDTH * 0.3),
        sky,
    ).astype(np.float32)
    hills = horizon - 34 * noise(5, WIDTH, 4, 4, 6)[0] * np.hanning(WIDTH) ** 0.3
    picture = np.where(((hills < _Y) & (horizon >= _Y))[..., None], rgb("5d7f7d"), picture)
    picture = np.ascontiguousarray(picture, dtype=np.float32)
    x, y, roll = 180 + 62 * t, 372 + 5 * np.sin(t * 2.1), 0.05 * np.sin(t * 1.7)

    def at(dx: float, dy: float) -> tuple[float, float]:
        return x + dx * np.cos(roll) - dy * np.sin(roll), y + dx * np.sin(roll) + dy * np.cos(roll)

    mirrored = [(px, 2 * (y + 16) - py) for px, py in (at(0, -220), at(-4, -30), at(105, -30))]
    shade = picture.copy()
    polygon(shade, mirrored, "dfeef2")
    picture = mix(picture, shade, 0.22)
    picture = np.ascontiguousarray(picture, dtype=np.float32)
    line(picture, at(0, -236), at(0, -8), "5b4630", 5)
    polygon(picture, [at(4, -228), at(6, -30), at(112, -30)], "fbfaf5")
    polygon(picture, [at(-6, -206), at(-8, -30), at(-84, -30)], "e9e3d2")
    polygon(picture, [at(4, -120), at(6, -92), at(80, -92), at(64, -120)], "d8433b")
    polygon(picture, [at(-112, -22), at(128, -22), at(92, 18), at(-84, 18)], "8e2f2a")
    polygon(picture, [at(-112, -22), at(128, -22), at(124, -13), at(-107, -13)], "f3ede0")
    return finish(picture, int(t * 1000) + 1)


def lighthouse(t: float) -> np.ndarray:
    horizon = 0.7 * HEIGHT
    sky = np.repeat(gradient((0, "050917"), (0.7, "20355c")), WIDTH, 1)
    rng = np.random.default_rng(9)
    stars = np.zeros((HEIGHT, WIDTH), np.float32)
    sx, sy = rng.integers(0, WIDTH, 260), rng.integers(0, int(horizon) - 30, 260)
    stars[sy, sx] = rng.random(260) * (0.75 + 0.25 * np.sin(t * 3 + np.arange(260)))
    sky = sky + cv2.GaussianBlur(stars, (3, 3), 0.7)[..., None] * 500
    lamp_x, lamp_y, angle = 640.0, 150.0, t * 1.5
    direction = np.arctan2(_Y - lamp_y, _X - lamp_x)
    away = np.hypot(_X - lamp_x, _Y - lamp_y)
    beam = np.zeros_like(_X)
    for turn in (0.0, np.pi):
        facing = np.cos(angle + turn)
        off = np.abs(np.angle(np.exp(1j * (direction - (0.0 if facing > 0 else np.pi)))))
        beam += abs(facing) ** 3 * np.exp(-((off / 0.085) ** 2)) * np.exp(-away / 640)
    glow = np.exp(-((away / 46) ** 1.3)) * (0.7 + 0.5 * max(0.0, np.sin(angle)) ** 8)
    water = sea(t, horizon, "070d1e", "1c3157", rgb("ffe9b0"), lamp_x)
    picture = np.where((horizon < _Y)[..., None], water, sky).astype(np.float32)
    rock = (
        horizon
        + 6
        - 70
        * np.clip(1 - ((_X[0] - 650) / 210) ** 2, 0, 1)
        * (0.75 + 0.5 * noise(11, WIDTH, 4, 5, 10)[0])
    )
    ground = rgb("0b0f16") * (0.7 + 0.9 * noise(12, WIDTH, HEIGHT, 6, 24))[..., None]
    picture = np.where(((rock < _Y) & (horizon + 14 > _Y))[..., None], ground, picture)
    picture = np.ascontiguousarray(picture, dtype=np.float32)
    polygon(picture, [(616, 168), (664, 168), (684, 352), (596, 352)], "d9d6cf")
    for k in (0, 2):
        top, bottom = 178 + 58 * k * 0.75, 178 + 58 * (k * 0.75 + 0.72)
        wide = [24 + (v - 168) * 0.108 for v in (top, bottom)]
        points = [(640 - wide[0], top), (640 + wide[0], top)]
        polygon(picture, [*points, (640 + wide[1], bottom), (640 - wide[1], bottom)], "b23a34")
    polygon(picture, [(608, 170), (672, 170), (672, 162), (608, 162)], "22262e")
    polygon(picture, [(622, 162), (658, 162), (658, 136), (622, 136)], "fff0bd")
    polygon(picture, [(616, 136), (664, 136), (640, 112)], "8b2d2a")
    shaded = picture * (0.45 + 0.55 * np.clip(beam + glow + 0.25, 0, 1))[..., None]
    lit = shaded + (np.clip(beam + glow, 0, 1.4)[..., None] * rgb("ffe6a6")) * 0.85
    return finish(lit, int(t * 1000) + 2, 2)


# --------------------------------------------------------------------------------------- match

_GOLD = (1 + 5**0.5) / 2
_CORNERS = np.array(
    [(0, s * 1, q * _GOLD) for s in (1, -1) for q in (1, -1)]
    + [(s * 1, q * _GOLD, 0) for s in (1, -1) for q in (1, -1)]
    + [(q * _GOLD, 0, s * 1) for s in (1, -1) for q in (1, -1)],
    np.float32,
)
_CORNERS /= np.linalg.norm(_CORNERS[0])
_CROWD = np.random.default_rng(21).integers(0, 255, (60, 240, 3)).astype(np.float32)


def ball(
    picture: np.ndarray, x: float, y: float, radius: float, turn: float, blur: float = 0
) -> None:
    """A football: black patches where an icosahedron has its corners, seams between."""
    size = int(radius * 1.25) + 2
    left, top = int(x) - size, int(y) - size
    gx, gy = np.meshgrid(np.arange(2 * size), np.arange(2 * size))
    nx, ny = (gx + left - x) / radius, (gy + top - y) / radius
    inside = nx**2 + ny**2
    nz = np.sqrt(np.clip(1 - inside, 0, 1))
    c, s = np.cos(turn), np.sin(turn)
    point = np.stack([nx * c - ny * s, nx * s + ny * c, nz], -1)
    tilt = np.array([[1, 0, 0], [0, 0.8, -0.6], [0, 0.6, 0.8]], np.float32)
    near = np.sort(point @ tilt @ _CORNERS.T, axis=-1)
    best, second = near[..., -1], near[..., -2]
    colour = np.where(best[..., None] > 0.935, rgb("15171c"), rgb("f6f5f0"))
    seam = np.clip(1 - np.abs(best - second) * 46, 0, 1) * (best < 0.94)
    colour = mix(colour, rgb("55585f"), seam * 0.8)
    light = np.clip(0.35 + 0.75 * (nz * 0.65 - ny * 0.6 - nx * 0.25), 0.12, 1.15)
    colour = colour * light[..., None]
    cover = np.clip((1 - np.sqrt(inside)) * radius + 0.5, 0, 1).astype(np.float32)
    if blur >= 1:
        width = int(blur) | 1
        colour = cv2.blur(colour.astype(np.float32), (width, 1))
        cover = cv2.blur(cover, (width, 1))
    x0, y0 = max(0, left), max(0, top)
    x1, y1 = min(WIDTH, left + 2 * size), min(HEIGHT, top + 2 * size)
    if x1 > x0 and y1 > y0:
        part = (slice(y0 - top, y1 - top), slice(x0 - left, x1 - left))
        box = picture[y0:y1, x0:x1]
        box[:] = mix(box, colour[part], cover[part])


_GRASS = noise(22, 1024, 512, 7, 48)


def pitch(shift: float, horizon: float) -> np.ndarray:
    """Mown stripes in perspective below ``horizon``, stands with a crowd above."""
    depth = np.clip((_Y - horizon) / (HEIGHT - horizon), 1e-3, 1)
    far = 1 / (depth + 0.12)
    u = (_X - WIDTH / 2 + shift * (0.25 + depth)) * far
    blades = cv2.remap(
        _GRASS, (u * 1.7 % 1023).astype(np.float32), (far * 190 % 511).astype(np.float32), 1
    )
    stripe = 0.5 + 0.5 * np.tanh(8 * np.sin(u / 105))
    grass = mix(rgb("2c7a2f"), rgb("47a044"), stripe) * (0.68 + 0.6 * blades)[..., None]
    white = np.clip(1.6 - np.abs(depth - 0.14) * 90, 0, 1) * 0.85
    grass = mix(grass, rgb("f2f5ea"), white)
    people = np.roll(_CROWD, int(shift / 9), axis=1)
    crowd = cv2.resize(people, (WIDTH, int(horizon)), interpolation=cv2.INTER_AREA)
    crowd = cv2.GaussianBlur(crowd, (7, 7), 2) * 0.5 + 26
    picture = np.empty((HEIGHT, WIDTH, 3), np.float32)
    picture[:] = grass
    picture[: int(horizon)] = crowd
    board = slice(int(horizon) - 34, int(horizon))
    picture[board] = rgb("1d3f8f") + 30 * np.sin((_X[board] + shift * 0.4) / 60)[..., None]
    return picture


def shadow(picture: np.ndarray, x: float, y: float, radius: float, strength: float) -> None:
    far = ((_X - x) / radius) ** 2 + ((_Y - y) / (radius * 0.28)) ** 2
    picture *= (1 - strength * np.exp(-(far**1.2)))[..., None]


def rolling(t: float) -> np.ndarray:
    picture = pitch(0, 150)
    x, radius = 90 + 118 * t, 62.0
    bounce = 150 * abs(np.sin(t * 2.6)) * np.exp(-0.35 * t)
    shadow(picture, x + 16, 430, 60 + bounce * 0.2, 0.6 * np.exp(-bounce / 150))
    ball(picture, x, 372 - bounce, radius, t * 3.1)
    return finish(picture, int(t * 1000) + 3)


def chase(t: float) -> np.ndarray:
    picture = pitch(1900 * t, 210)
    picture = cv2.blur(picture, (41, 1))
    x, y = WIDTH / 2 + 60 * np.sin(t * 2), 300 - 90 * np.sin(min(1.0, t / 5) * np.pi)
    shadow(picture, x, 470, 70, 0.35)
    ball(picture, x, y, 74, t * 14, 5)
    return finish(picture, int(t * 1000) + 4)


def goal(t: float) -> np.ndarray:
    picture = pitch(0, 190)
    shot = np.clip((t - 1.0) / 0.7, 0, 1)
    hit = np.exp(-3.2 * max(0.0, t - 1.7)) * np.sin(9 * max(0.0, t - 1.7)) if t > 1.7 else 0.0
    for k in range(29):
        x = 180 + k * 600 / 28
        pull = 46 * hit * np.exp(-(((x - 560) / 110) ** 2))
        points = np.array([(x, 120), (x + pull * 0.6, 220 + pull), (x, 330)], np.float32)
        cv2.polylines(
            picture, [np.round(points * 16).astype(np.int32)], False, (225, 228, 232), 1, 16, 4
        )
    for k in range(12):
        y = 120 + k * 210 / 11
        sag = [46 * hit * np.exp(-(((x - 560) / 110) ** 2)) for x in range(180, 781, 20)]
        points = np.stack([np.arange(180, 781, 20), y + np.array(sag)], 1).astype(np.float32)
        cv2.polylines(
            picture, [np.round(points * 16).astype(np.int32)], False, (225, 228, 232), 1, 16, 4
        )
    for a, b in (((178, 118), (178, 336)), ((782, 118), (782, 336)), ((178, 118), (782, 118))):
        line(picture, a, b, "ffffff", 9)
    drop = max(0.0, t - 1.7)
    x = 250 + 310 * shot - 26 * drop
    y = 470 - 250 * shot + min(118.0, 170 * drop**2)
    radius = 66 - 32 * shot
    shadow(picture, x, max(345.0, 475 - 130 * shot), radius, 0.45)
    ball(picture, x, y, radius, t * 6)
    return finish(picture, int(t * 1000) + 5)


def confetti(t: float) -> np.ndarray:
    people = np.roll(_CROWD, int(3 * np.sin(t * 9)), axis=0)
    picture = cv2.resize(people, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC) * 0.4 + 22
    picture = cv2.GaussianBlur(picture, (0, 0), 5)
    rng = np.random.default_rng(31)
    start, sway = rng.random((420, 2)), rng.random((420, 4))
    colours = ("ffd23f", "ee4266", "3bceac", "f4f4f4", "4d8bff")
    for i in range(420):
        x = (start[i, 0] * WIDTH + 40 * np.sin(t * 2 * sway[i, 0] * 3 + i)) % WIDTH
        y = (start[i, 1] * 700 + t * (90 + 130 * sway[i, 1])) % 640 - 50
        size, angle = 5 + 8 * sway[i, 2], t * (2 + 6 * sway[i, 3]) + i
        ca, sa = size * np.cos(angle), size * np.sin(angle) * 0.6
        points = [(x + ca, y + sa), (x - sa, y + ca), (x - ca, y - sa), (x + sa, y - ca)]
        polygon(picture, points, colours[i % 5])
    return finish(picture, int(t * 1000) + 6)


# ----------------------------------------------------------------------------------------- sky


def mountains(
    picture: np.ndarray, seed: int, base: float, tall: float, colour: str, haze: float
) -> None:
    ridge = base - tall * noise(seed, WIDTH, 4, 7, 5)[0]
    rock = rgb(colour) * (0.72 + 0.55 * noise(seed + 1, WIDTH, HEIGHT, 6, 14))[..., None]
    snow = np.clip((ridge + 0.28 * tall - _Y) / 20, 0, 1) * (tall > 150)
    rock = mix(rock, rgb("f4f7fb"), snow * 0.9)
    rock = mix(rock, rgb("b9cfe4"), haze)
    cover = np.clip(_Y - ridge, 0, 1)
    picture[:] = mix(picture, rock, cover)


def balloon(
    picture: np.ndarray, x: float, y: float, radius: float, colours: tuple[str, ...]
) -> None:
    """A striped envelope, round above and drawn in below, with its basket."""
    dx, dy = (_X - x) / radius, (_Y - y) / radius
    wide = np.where(
        dy < 0, np.sqrt(np.clip(1 - dy**2, 0, 1)), np.clip(1 - (dy / 1.5) ** 2, 0, 1) ** 0.9
    )
    inside = np.clip((wide - np.abs(dx)) * radius, 0, 1) * (dy > -1) * (dy < 1.32)
    across = np.clip(dx / np.maximum(wide, 1e-3), -1, 1)
    gore = ((np.arcsin(across) / np.pi + 0.5) * 9).astype(int) % len(colours)
    palette = np.stack([rgb(c) for c in colours])
    light = np.clip(
        0.62 + 0.5 * np.sqrt(np.clip(1 - across**2, 0, 1)) - 0.28 * across - 0.12 * dy, 0.3, 1.2
    )
    picture[:] = mix(picture, palette[gore] * light[..., None], inside)
    for side in (-0.2, 0.2):
        line(picture, (x + side * radius, y + 1.28 * radius), (x + side * 0.75 * radius, y + 1.6 * radius), "4b3a2a", 2)  # fmt: skip
    w = 0.17 * radius
    polygon(picture, [(x - w, y + 1.58 * radius), (x + w, y + 1.58 * radius), (x + w * 0.85, y + 1.84 * radius), (x - w * 0.85, y + 1.84 * radius)], "7a5230")  # fmt: skip


def balloons(t: float) -> np.ndarray:
    sky = np.repeat(gradient((0, "3d8fdc"), (0.75, "dff0fb")), WIDTH, 1)
    picture = np.ascontiguousarray(clouds(t, sky, "ffffff", 0.5, 12), dtype=np.float32)
    mountains(picture, 41, 500, 250, "6b6f78", 0.35)
    mountains(picture, 44, 545, 140, "3f5f45", 0.1)
    balloon(picture, 690 - 8 * t, 150 - 4 * t, 52, ("2d6cc0", "f5f0e1"))
    balloon(picture, 180 + 10 * t, 210 - 9 * t, 74, ("f28c28", "7b2d8b", "ffe066"))
    balloon(picture, 440 + 7 * t, 235 - 11 * t, 128, ("d7263d", "f9c80e", "f5f5f5"))
    return finish(picture, int(t * 1000) + 7)


def clock(t: float) -> np.ndarray:
    wall = rgb("8b6f52") * (0.85 + 0.3 * noise(51, WIDTH, HEIGHT, 6, 8))[..., None]
    picture = np.ascontiguousarray(wall, dtype=np.float32)
    x, y, radius = WIDTH / 2, HEIGHT / 2, 222.0
    shadow_far = np.hypot(_X - x - 14, _Y - y - 20)
    picture *= (1 - 0.5 * np.clip((radius + 26 - shadow_far) / 26, 0, 1))[..., None]
    disc(picture, x, y, radius, "4a2c17")
    disc(picture, x, y, radius - 9, "7d4b26")
    disc(picture, x, y, radius - 22, "f7f3e6")
    for k in range(60):
        a = k * np.pi / 30
        inner = radius - (52 if k % 5 == 0 else 38)
        width = 7 if k % 5 == 0 else 2
        line(picture, (x + inner * np.sin(a), y - inner * np.cos(a)), (x + (radius - 30) * np.sin(a), y - (radius - 30) * np.cos(a)), "1c1c1e", width)  # fmt: skip
    for k in range(1, 13):
        a, text = k * np.pi / 6, str(k)
        (w, h), _ = cv2.getTextSize(text, cv2.FONT_HERSHEY_DUPLEX, 1.15, 2)
        at = (round(x + 146 * np.sin(a) - w / 2), round(y - 146 * np.cos(a) + h / 2))
        ink = np.zeros((HEIGHT, WIDTH), np.uint8)
        cv2.putText(ink, text, at, cv2.FONT_HERSHEY_DUPLEX, 1.15, 255, 2, cv2.LINE_AA)
        picture = mix(picture, rgb("1c1c1e"), ink.astype(np.float32) / 255)
    picture = np.ascontiguousarray(picture, dtype=np.float32)
    minutes = 8.5 + t / 2.2
    for angle, length, width in ((10.15 + minutes / 60, 96, 11), (minutes / 5, 138, 8)):
        a = angle * np.pi / 6
        line(picture, (x - 20 * np.sin(a), y + 20 * np.cos(a)), (x + length * np.sin(a), y - length * np.cos(a)), "17181a", width)  # fmt: skip
    a = (np.floor(t * 2) / 2 + 0.06 * np.exp(-14 * (t * 2 % 1))) * 2 * np.pi / 12
    line(picture, (x - 34 * np.sin(a), y + 34 * np.cos(a)), (x + 160 * np.sin(a), y - 160 * np.cos(a)), "c0272d", 3)  # fmt: skip
    disc(picture, x, y, 9, "c0272d")
    shine = np.exp(-(((_X - x + 80) / 150) ** 2 + ((_Y - y + 110) / 60) ** 2)) * 22
    return finish(picture + shine[..., None], int(t * 1000) + 8)


def candle(t: float) -> np.ndarray:
    flicker = 1 + 0.10 * np.sin(t * 13) + 0.07 * np.sin(t * 23 + 1) + 0.05 * np.sin(t * 41)
    x, y = 480.0, 236.0
    lean = 7 * np.sin(t * 2.3) + 3 * np.sin(t * 7.1)
    table = np.repeat(
        gradient((0, "120b08"), (0.78, "1f120a"), (0.8, "3a2413"), (1, "1d1009")), WIDTH, 1
    )
    far = np.hypot(_X - x, (_Y - y) * 0.9)
    picture = table * (0.5 + 2.3 * flicker * np.exp(-((far / 330) ** 1.1)))[..., None]
    picture = picture + rgb("ff9a3c") * (0.34 * flicker * np.exp(-far / 120))[..., None]
    picture = np.ascontiguousarray(picture, dtype=np.float32)
    body = (np.abs(_X - x) < 52) & (_Y > 300) & (_Y < 470)
    round_ = np.sqrt(np.clip(1 - ((_X - x) / 52) ** 2, 0, 1))
    glow = np.clip(1.3 - (_Y - 300) / 190, 0.25, 1.3) * flicker
    wax = rgb("f3dcae") * (0.3 + 0.7 * round_ * glow)[..., None]
    picture = np.where(body[..., None], wax, picture)
    picture = np.ascontiguousarray(picture, dtype=np.float32)
    cv2.ellipse(picture, (480, 300), (52, 13), 0, 0, 360, (250, 214, 150), -1, cv2.LINE_AA)
    cv2.ellipse(picture, (480, 470), (110, 22), 0, 0, 360, (92, 74, 54), -1, cv2.LINE_AA)
    cv2.ellipse(picture, (480, 466), (52, 12), 0, 0, 180, (120, 96, 66), -1, cv2.LINE_AA)
    line(picture, (480, 300), (480 + lean * 0.3, 276), "2a1a10", 4)
    up = np.clip((292 - _Y) / (112 * flicker), 0, 1.2)
    centre = x + lean * up**1.5
    wide = 27 * np.sqrt(np.clip(up, 0, 1)) * np.clip(1 - up, 0, 1) ** 0.75 * 1.65
    flame = np.clip((wide - np.abs(_X - centre)) / 6, 0, 1) * (_Y < 292)
    colour = mix(
        rgb("fff6d8"), rgb("ff9d2e"), np.clip(np.abs(_X - centre) / 22 + up * 0.5 - 0.2, 0, 1)
    )
    picture = mix(picture, colour, flame)
    halo = np.exp(-((np.hypot(_X - x, _Y - 236) / 78) ** 1.5)) * 0.35 * flicker
    return finish(picture + rgb("ffb45a") * halo[..., None], int(t * 1000) + 9, 2)


def dusk(t: float) -> np.ndarray:
    sky = np.repeat(gradient((0, "1c2350"), (0.5, "c4607c"), (0.8, "ffc28a")), WIDTH, 1)
    picture = np.ascontiguousarray(clouds(t, sky, "5a2f5e", 0.55, 42), dtype=np.float32)
    mountains(picture, 61, 470, 240, "40365a", 0.2)
    mountains(picture, 64, 520, 150, "251f3b", 0.05)
    mountains(picture, 67, 560, 90, "120f22", 0.0)
    return finish(picture, int(t * 1000) + 10)
