"""A scene in time: a camera that moves, and things that do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from smartcut.models.tracing.camera_path import CameraPath
from smartcut.models.tracing.scene import Scene


@dataclass(frozen=True, slots=True)
class Thing:
    """Something that is known by name: the spheres ``parts`` of the scene, in every frame."""

    category: str
    parts: range


@dataclass(frozen=True, slots=True)
class SceneSetting:
    """What is rendered at each time. Things stand before all other spheres of the scene."""

    path: CameraPath
    scene_at: Callable[[float], Scene]
    """The scene, so many seconds after the start."""
    things: tuple[Thing, ...] = ()
    moves: bool = False
    """Whether things move: then every frame is traced."""
