"""A path tracer in torch: spheres and planes, light that shines, metal, glass, depth of field.

Light is followed backwards from the camera (Kajiya, "The rendering equation", 1986). At dull
surfaces spherical lamps are also aimed at directly, through the cone that they fill (Shirley et
al., 1996), and count only so; everything else, sky and shining planes too, counts where a path
meets it. Paths end by Russian roulette, which leaves the expected picture as it is. All rays of a
batch are traced together, on the CPU or a GPU; the same seed gives the same picture.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import pi, radians, tan

import torch
from torch import Tensor
from torch.nn import functional as F

from smartcut.models.tracing.random_numbers import Random
from smartcut.models.tracing.scene import Camera, Material, Scene, Vector

_KINDS = {"diffuse": 0, "metal": 1, "glass": 2}
# Nearer hits are the surface itself, which a ray has just left.
_NEAR = 1e-3
_FAR = 1e7
# From this bounce on, paths may end by chance.
_SURE = 3
# Rays that are traced together.
_BATCH = 1 << 16


@dataclass(frozen=True, slots=True, eq=False)
class Rendered:
    """A picture and what is known of each pixel's middle; sizes (H, W, ...)."""

    radiance: Tensor
    """(H, W, 3) linear, 0 to any height."""
    depth: Tensor
    """(H, W): metres along the camera's axis to the first surface; infinite for the sky."""
    normal: Tensor
    """(H, W, 3) of that surface, towards the camera; 0 for the sky."""
    thing: Tensor
    """(H, W) int64: the number of the surface, spheres first, then planes; -1 for the sky."""


def render(
    scene: Scene,
    camera: Camera,
    width: int,
    height: int,
    *,
    samples: int = 64,
    bounces: int = 8,
    seed: int = 0,
    device: str = "cpu",
) -> Rendered:
    """The scene as the camera sees it, with ``samples`` paths a pixel of at most ``bounces``.

    Raises ValueError for a scene without surfaces, sizes or counts below 1.
    """
    if min(width, height, samples, bounces) < 1:
        raise ValueError(f"{width}x{height}, {samples} samples, {bounces} bounces: 1 is the least")
    world = _World(scene, device)
    lens = Lens(camera, width, height, device)
    total = torch.zeros(width * height, 3, device=device)
    pixels = torch.arange(width * height, device=device)
    at_once = max(1, _BATCH // samples)
    with torch.inference_mode():
        for some in pixels.split(at_once):
            ray = (some[:, None] * samples + torch.arange(samples, device=device)).reshape(-1)
            random = Random(ray, seed)
            rays = lens.rays(some.repeat_interleave(samples), random)
            light = _followed(world, *rays, random, bounces)
            total[some] = light.reshape(len(some), samples, 3).mean(1)
        return _with_geometry(total, world, lens)


def geometry(scene: Scene, camera: Camera, width: int, height: int, device: str) -> Rendered:
    """The same as :func:`render` without light: what is seen where, and how far away."""
    with torch.inference_mode():
        dark = torch.zeros(width * height, 3, device=device)
        return _with_geometry(dark, _World(scene, device), Lens(camera, width, height, device))


def _with_geometry(radiance: Tensor, world: _World, lens: Lens) -> Rendered:
    pixels = torch.arange(len(radiance), device=radiance.device)
    depth, normal, thing = _seen(world, lens, pixels)
    width, height = lens.size
    return Rendered(
        radiance.reshape(height, width, 3),
        depth.reshape(height, width),
        normal.reshape(height, width, 3),
        thing.reshape(height, width),
    )


# --------------------------------------------------------------------------------------- camera


class Lens:
    """Rays through the pixels of a picture."""

    def __init__(self, camera: Camera, width: int, height: int, device: str) -> None:
        self.place = _tensor(camera.position, device)
        towards = _tensor(camera.target, device) - self.place
        distance = float(towards.norm())
        if distance == 0:
            raise ValueError("the camera looks at the place where it stands")
        self.ahead = towards / distance
        right = torch.linalg.cross(self.ahead, _tensor(camera.up, device))
        if float(right.norm()) < 1e-6:
            raise ValueError("the camera looks straight along its `up`; choose another `up`")
        self.right = F.normalize(right, dim=0)
        self.above = torch.linalg.cross(self.right, self.ahead)
        self.focus = distance if camera.focus is None else camera.focus
        self.aperture = camera.aperture
        self.half = tan(radians(camera.view) / 2)
        self.size = (width, height)

    def towards(self, x: Tensor, y: Tensor) -> Tensor:
        """(N, 3): directions, of length 1 along the axis, to places in pixels from the top left."""
        width, height = self.size
        across = (2 * x / width - 1) * self.half * width / height
        down = (1 - 2 * y / height) * self.half
        return self.ahead + across[:, None] * self.right + down[:, None] * self.above

    def rays(self, pixels: Tensor, random: Random) -> tuple[Tensor, Tensor]:
        """(origins, directions of length 1), anywhere in each pixel and on the lens."""
        x = pixels % self.size[0] + random.uniform()
        y = pixels // self.size[0] + random.uniform()
        direction = self.towards(x, y)
        origin = self.place.expand_as(direction)
        if self.aperture > 0:
            radius = self.aperture / 2 * random.uniform().sqrt()
            angle = 2 * pi * random.uniform()
            shift = (radius * angle.cos())[:, None] * self.right
            shift = shift + (radius * angle.sin())[:, None] * self.above
            direction = direction * self.focus - shift
            origin = origin + shift
        return origin, F.normalize(direction, dim=1)

    def project(self, points: Tensor) -> Tensor:
        """(N, 3): x and y in pixels from the top left, and the distance along the axis."""
        width, height = self.size
        away = points - self.place
        along = away @ self.ahead
        x = (away @ self.right) / (along * self.half * width / height)
        y = (away @ self.above) / (along * self.half)
        return torch.stack([(x + 1) / 2 * width, (1 - y) / 2 * height, along], 1)


def _seen(world: _World, lens: Lens, pixels: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Depth, normal and surface at the middle of each pixel."""
    x, y = pixels % lens.size[0] + 0.5, pixels // lens.size[0] + 0.5
    direction = F.normalize(lens.towards(x, y), dim=1)
    hit = world.hit(lens.place.expand_as(direction), direction)
    met = hit.thing >= 0
    depth = torch.where(met, hit.distance * (direction @ lens.ahead), torch.inf)
    return depth, hit.normal * met[:, None], hit.thing


# ---------------------------------------------------------------------------------------- world


@dataclass(frozen=True, slots=True, eq=False)
class _Hit:
    distance: Tensor
    point: Tensor
    normal: Tensor
    """Towards where the ray came from."""
    inside: Tensor
    """Whether the ray came from inside a sphere."""
    thing: Tensor


class _World:
    """A scene as tensors."""

    def __init__(self, scene: Scene, device: str) -> None:
        if not scene.spheres and not scene.planes:
            raise ValueError("the scene has no surface: give it a sphere or a plane")
        self.spheres, self.planes = len(scene.spheres), len(scene.planes)
        none = torch.zeros(0, 3, device=device)
        self.centres = _rows([s.centre for s in scene.spheres], device) if self.spheres else none
        self.radii = torch.tensor([s.radius for s in scene.spheres], device=device)
        self.points = _rows([p.point for p in scene.planes], device) if self.planes else none
        normals = _rows([p.normal for p in scene.planes], device) if self.planes else none
        self.normals = F.normalize(normals, dim=1)
        materials = [s.material for s in scene.spheres] + [p.material for p in scene.planes]
        self._set_materials(materials, device)
        self.sky, self.horizon = _tensor(scene.sky, device), _tensor(scene.horizon, device)
        lamps = [i for i, s in enumerate(scene.spheres) if s.material.shines]
        self.lamps = torch.tensor(lamps, dtype=torch.int64, device=device)

    def _set_materials(self, materials: list[Material], device: str) -> None:
        self.colours = _rows([m.colour for m in materials], device)
        self.others = _rows([m.squares or m.colour for m in materials], device)
        self.squares = torch.tensor([m.square for m in materials], device=device)
        self.emissions = _rows([m.emission for m in materials], device)
        self.kinds = torch.tensor([_KINDS[m.kind] for m in materials], device=device)
        self.roughness = torch.tensor([m.roughness for m in materials], device=device)
        self.indices = torch.tensor([m.index for m in materials], device=device)

    def hit(self, origin: Tensor, direction: Tensor) -> _Hit:
        """The first surface that each ray meets; ``thing`` is -1 where it meets none."""
        distances = torch.cat(
            [self._to_spheres(origin, direction), self._to_planes(origin, direction)], 1
        )
        distance, thing = distances.min(1)
        met = distance < _FAR
        distance = torch.where(met, distance, 0.0)
        point = origin + distance[:, None] * direction
        is_sphere = thing < self.spheres
        normal = torch.zeros_like(direction)
        if self.spheres:
            which = thing.clamp(max=self.spheres - 1)
            outward = (point - self.centres[which]) / self.radii[which, None]
            normal = torch.where(is_sphere[:, None], outward, normal)
        if self.planes:
            which = (thing - self.spheres).clamp(min=0)
            normal = torch.where(is_sphere[:, None], normal, self.normals[which])
        from_behind = (normal * direction).sum(1) > 0
        normal = torch.where(from_behind[:, None], -normal, normal)
        return _Hit(distance, point, normal, from_behind & is_sphere, torch.where(met, thing, -1))

    def _to_spheres(self, origin: Tensor, direction: Tensor) -> Tensor:
        """(N, spheres): distances, _FAR where a ray passes by.

        By the ray's nearest point to the centre, which keeps its digits for far spheres
        (Haines et al., "Precision improvements for ray/sphere intersection", 2019).
        """
        away = origin[:, None] - self.centres
        along = -(away * direction[:, None]).sum(2)
        nearest = away + along[..., None] * direction[:, None]
        left = self.radii**2 - (nearest * nearest).sum(2)
        half = left.clamp(min=0).sqrt()
        near, far = along - half, along + half
        found = torch.where(near > _NEAR, near, far)
        return torch.where((left > 0) & (found > _NEAR), found, _FAR)

    def _to_planes(self, origin: Tensor, direction: Tensor) -> Tensor:
        slope = direction @ self.normals.T
        height = ((self.points - origin[:, None]) * self.normals).sum(2)
        found = height / torch.where(slope.abs() < 1e-9, 1e-9, slope)
        return torch.where((slope.abs() >= 1e-9) & (found > _NEAR), found, _FAR)

    def colour(self, hit: _Hit) -> Tensor:
        """(N, 3): albedo where the rays met; chequered planes count their squares."""
        square = self.squares[hit.thing, None]
        cell = torch.floor(hit.point / square + 1e-4).to(torch.int64).sum(1) % 2
        return torch.where((cell == 0)[:, None], self.colours[hit.thing], self.others[hit.thing])

    def is_aimed_at(self, thing: Tensor, origin: Tensor) -> Tensor:
        """Whether a path that met ``thing`` from ``origin`` could have been aimed there."""
        if not len(self.lamps):
            return torch.zeros_like(thing, dtype=torch.bool)
        which = thing.clamp(max=self.spheres - 1)
        distance = (origin - self.centres[which]).norm(dim=1)
        return torch.isin(thing, self.lamps) & (distance > self.radii[which] * (1 + 1e-5))

    def sky_at(self, direction: Tensor) -> Tensor:
        share = direction[:, 1:2].clamp(min=0)
        return self.horizon + (self.sky - self.horizon) * share


# --------------------------------------------------------------------------------------- light


def _followed(
    world: _World, origin: Tensor, direction: Tensor, random: Random, bounces: int
) -> Tensor:
    """(N, 3): radiance that arrives along each ray."""
    light = torch.zeros_like(origin)
    share = torch.ones_like(origin)
    ray = torch.arange(len(origin), device=origin.device)
    # Lamps that are aimed at must not count again where a dull surface's path meets them.
    counts = torch.ones(len(origin), dtype=torch.bool, device=origin.device)
    for bounce in range(bounces + 1):
        hit = world.hit(origin, direction)
        met = hit.thing >= 0
        light.index_add_(0, ray[~met], (share * world.sky_at(direction))[~met])
        if not met.any():
            break
        origin, direction, share, ray, counts, hit = _kept(
            met, origin, direction, share, ray, counts, hit
        )
        random.kept(met)
        aimed = world.is_aimed_at(hit.thing, origin) & ~counts
        shone = share * world.emissions[hit.thing] * (~aimed)[:, None]
        light.index_add_(0, ray, shone)
        if bounce == bounces:
            break
        kind, colour = world.kinds[hit.thing], world.colour(hit)
        dull = kind == 0
        if len(world.lamps):
            lit = share * colour * _from_lamps(world, hit, random)
            light.index_add_(0, ray, lit * dull[:, None])
        direction = _onward(world, hit, direction, kind, random)
        share, origin, counts = share * colour, hit.point, ~dull
        # Metal may send a ray into the surface: nothing comes from there.
        lost = (kind == 1) & ((direction * hit.normal).sum(1) <= 0)
        alive = ~lost & (share.amax(1) > 0)
        if bounce >= _SURE:
            chance = share.amax(1).clamp(max=0.95)
            alive &= random.uniform() < chance
            share = share / chance.clamp(min=1e-6)[:, None]
        if not alive.any():
            break
        origin, direction, share, ray, counts, _ = _kept(
            alive, origin, direction, share, ray, counts, hit
        )
        random.kept(alive)
    return light


def _kept(
    which: Tensor,
    origin: Tensor,
    direction: Tensor,
    share: Tensor,
    ray: Tensor,
    counts: Tensor,
    hit: _Hit,
) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor, _Hit]:
    found = _Hit(
        hit.distance[which],
        hit.point[which],
        hit.normal[which],
        hit.inside[which],
        hit.thing[which],
    )
    return origin[which], direction[which], share[which], ray[which], counts[which], found


def _from_lamps(world: _World, hit: _Hit, random: Random) -> Tensor:
    """(N, 3): radiance from one lamp at random, over albedo; as if all were asked, on average.

    A dull surface sends albedo / pi of what arrives; the direction is drawn evenly from the cone
    that the lamp fills as seen from the point.
    """
    count = len(world.lamps)
    lamp = world.lamps[(random.uniform() * count).to(torch.int64).clamp(max=count - 1)]
    away = world.centres[lamp] - hit.point
    distance = away.norm(dim=1)
    sine = (world.radii[lamp] / distance).clamp(max=1)
    outside = (sine < 1) & (lamp != hit.thing)
    # 1 - cos, without losing the digits of far lamps
    width = sine**2 / (1 + (1 - sine**2).clamp(min=0).sqrt())
    cosine = 1 - random.uniform() * width
    angle = 2 * pi * random.uniform()
    direction = _turned(away / distance[:, None], cosine, angle)
    slope = (direction * hit.normal).sum(1)
    blocker = world.hit(hit.point + hit.normal * _NEAR, direction)
    free = outside & (slope > 0) & (blocker.thing == lamp)
    return world.emissions[lamp] * (slope * 2 * width * count * free)[:, None]


def _onward(world: _World, hit: _Hit, direction: Tensor, kind: Tensor, random: Random) -> Tensor:
    """(N, 3): where each path goes on: spread by a dull surface, mirrored, or bent."""
    u, v, w = random.uniform(), random.uniform(), random.uniform()
    dull = _turned(hit.normal, u.sqrt(), 2 * pi * v)  # as likely as the cosine, which cancels
    mirrored = direction - 2 * (direction * hit.normal).sum(1, keepdim=True) * hit.normal
    fuzz = _turned(hit.normal, 2 * u - 1, 2 * pi * v) * world.roughness[hit.thing, None]
    metal = F.normalize(mirrored + fuzz, dim=1)
    glass = _through_glass(world.indices[hit.thing], hit, direction, mirrored, w)
    found = torch.where((kind == 1)[:, None], metal, dull)
    return torch.where((kind == 2)[:, None], glass, found)


def _through_glass(
    index: Tensor, hit: _Hit, direction: Tensor, mirrored: Tensor, chance: Tensor
) -> Tensor:
    """Mirrored or bent, as likely as Fresnel's equations share unpolarised light."""
    ratio = torch.where(hit.inside, index, 1 / index)
    cosine = -(direction * hit.normal).sum(1).clamp(-1, 0)
    left = 1 - ratio**2 * (1 - cosine**2)
    within = left.clamp(min=0).sqrt()
    bent = ratio[:, None] * direction + (ratio * cosine - within)[:, None] * hit.normal
    across = (ratio * cosine - within) / (ratio * cosine + within)
    along = (cosine - ratio * within) / (cosine + ratio * within)
    reflected = torch.where(left < 0, 1.0, (across**2 + along**2) / 2)
    return torch.where((chance < reflected)[:, None], mirrored, F.normalize(bent, dim=1))


def _turned(axis: Tensor, cosine: Tensor, angle: Tensor) -> Tensor:
    """(N, 3): directions at an angle of this cosine to the axis, turned by ``angle`` about it.

    The two directions across come from the axis without a case distinction but for its sign
    (Duff et al., "Building an orthonormal basis, revisited", JCGT 2017).
    """
    x, y, z = axis.unbind(1)
    sign = torch.where(z < 0, -1.0, 1.0)
    a = -1 / (sign + z)
    b = x * y * a
    one = torch.stack([1 + sign * x * x * a, sign * b, -sign * x], 1)
    two = torch.stack([b, sign + y * y * a, -y], 1)
    sine = (1 - cosine**2).clamp(min=0).sqrt()
    across = (sine * angle.cos())[:, None] * one + (sine * angle.sin())[:, None] * two
    return cosine[:, None] * axis + across


def _tensor(values: Vector, device: str) -> Tensor:
    return torch.tensor(values, dtype=torch.float32, device=device)


def _rows(values: list[Vector], device: str) -> Tensor:
    return torch.tensor(values, dtype=torch.float32, device=device).reshape(-1, 3)
