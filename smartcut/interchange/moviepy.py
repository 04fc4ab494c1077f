"""The bridge to MoviePy: a cut to and from its clips, and its effects on segments."""

from __future__ import annotations

from smartcut.interchange.moviepy_effects import EffectAdapter, build_effect, effect_names
from smartcut.interchange.moviepy_export import to_clip
from smartcut.interchange.moviepy_import import from_clip

__all__ = ["EffectAdapter", "build_effect", "effect_names", "from_clip", "to_clip"]
