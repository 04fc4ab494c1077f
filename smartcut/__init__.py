"""Video editing by declaration.

    import smartcut as sc

    cut = sc.open("talk.mp4") | sc.shots() | sc.transcribe() | sc.highlights(duration="30s")
    cut.render("reel.mp4")

Every stage but ``render`` is a function here: ``sc.shots(...)`` checks the parameters and makes a
:class:`smartcut.stages.shots.ShotsStage`; ``help(sc.shots)`` explains them. A pipeline is rendered
by its method :meth:`~smartcut.api.Pipeline.render`; ``smartcut.render`` is a package.
Every effect is a name here too, without being listed: ``sc.zoom(scale=1.2)``.
Nothing heavy is imported before it is used.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

from smartcut import collision
from smartcut.version import __version__ as __version__

if TYPE_CHECKING:
    from smartcut.api import Pipeline, concat
    from smartcut.api import open_media as open
    from smartcut.api.clips import color, image, layers, text
    from smartcut.api.comparing import diff, rebase
    from smartcut.api.conforming import conform
    from smartcut.api.eliding import check_elisions
    from smartcut.api.eliding import find_elisions as elisions
    from smartcut.api.expecting import verify
    from smartcut.api.learning import learn
    from smartcut.api.own import apply, effect
    from smartcut.api.sound import sound
    from smartcut.cut import Cut
    from smartcut.errors import SmartcutError
    from smartcut.runners.local import Result
    from smartcut.stage import Stage
    from smartcut.stages.audio import Audio as audio
    from smartcut.stages.beats import Beats as beats
    from smartcut.stages.chapters import ChaptersStage as chapters
    from smartcut.stages.clean import Clean as clean
    from smartcut.stages.countdown import Countdown as countdown
    from smartcut.stages.crop import CropStage as crop
    from smartcut.stages.deinterlace import DeinterlaceStage as deinterlace
    from smartcut.stages.draw import DrawStage as draw
    from smartcut.stages.edits import EditsStage as edits
    from smartcut.stages.effects import Effects as effects
    from smartcut.stages.excerpt import Excerpt as excerpt
    from smartcut.stages.expect import Expect as expect
    from smartcut.stages.export import Export as export
    from smartcut.stages.faces import FindFaces as faces
    from smartcut.stages.filmstrip import Filmstrip as filmstrip
    from smartcut.stages.freeze import Freeze as freeze
    from smartcut.stages.generate import Generate as generate
    from smartcut.stages.highlights import Highlights as highlights
    from smartcut.stages.interpolate import Interpolate as interpolate
    from smartcut.stages.loop import Loop as loop
    from smartcut.stages.loudness import Loudness as loudness
    from smartcut.stages.lower_third import LowerThirdStage as lower_third
    from smartcut.stages.motion import MotionStage as motion
    from smartcut.stages.multicam import Multicam as multicam
    from smartcut.stages.overlay import OverlayStage as overlay
    from smartcut.stages.picture_in_picture import PictureInPicture as picture_in_picture
    from smartcut.stages.progress_bar import ProgressBar as progress_bar
    from smartcut.stages.reframe import Reframe as reframe
    from smartcut.stages.relevance import Relevance as relevance
    from smartcut.stages.reverse import Reverse as reverse
    from smartcut.stages.score import Score as score
    from smartcut.stages.sharpness import Sharpness as sharpness
    from smartcut.stages.shorts import Shorts as shorts
    from smartcut.stages.shots import ShotsStage as shots
    from smartcut.stages.slides import Slides as slides
    from smartcut.stages.sounds import Sounds as sounds
    from smartcut.stages.speakers import SpeakersStage as speakers
    from smartcut.stages.speed import Speed as speed
    from smartcut.stages.split import Split as split
    from smartcut.stages.split_edit import SplitEdit as split_edit
    from smartcut.stages.split_screen import SplitScreen as split_screen
    from smartcut.stages.stabilise import Stabilise as stabilise
    from smartcut.stages.stylize import StylizeStage as stylize
    from smartcut.stages.subtitles import Subtitles as subtitles
    from smartcut.stages.takes import Takes as takes
    from smartcut.stages.tighten import Tighten as tighten
    from smartcut.stages.title import TitleStage as title
    from smartcut.stages.tonemap import Tonemap as tonemap
    from smartcut.stages.transcribe import Transcribe as transcribe
    from smartcut.stages.transitions import Transitions as transitions
    from smartcut.stages.translate import Translate as translate
    from smartcut.stages.trim import Trim as trim
    from smartcut.stages.voiceover import Voiceover as voiceover
    from smartcut.stages.volume import Volume as volume
    from smartcut.stages.watermark import Watermark as watermark
    from smartcut.stages.waveform import Waveform as waveform
    from smartcut.stages.words import Words as words
    from smartcut.timebase import Range

__all__ = [
    "Cut",
    "Pipeline",
    "Range",
    "Result",
    "SmartcutError",
    "apply",
    "audio",
    "beats",
    "chapters",
    "check_elisions",
    "clean",
    "color",
    "concat",
    "conform",
    "countdown",
    "crop",
    "deinterlace",
    "diff",
    "draw",
    "edits",
    "effect",
    "effects",
    "elisions",
    "excerpt",
    "expect",
    "export",
    "faces",
    "filmstrip",
    "freeze",
    "generate",
    "highlights",
    "image",
    "interpolate",
    "layers",
    "learn",
    "loop",
    "loudness",
    "lower_third",
    "motion",
    "multicam",
    "open",
    "overlay",
    "picture_in_picture",
    "progress_bar",
    "rebase",
    "reframe",
    "relevance",
    "reverse",
    "score",
    "sharpness",
    "shorts",
    "shots",
    "slides",
    "sound",
    "sounds",
    "speakers",
    "speed",
    "split",
    "split_edit",
    "split_screen",
    "stabilise",
    "stylize",
    "subtitles",
    "takes",
    "text",
    "tighten",
    "title",
    "tonemap",
    "transcribe",
    "transitions",
    "translate",
    "trim",
    "verify",
    "voiceover",
    "volume",
    "watermark",
    "waveform",
    "words",
]

_NAMES = {
    "Cut": ("smartcut.cut", "Cut"),
    "Pipeline": ("smartcut.api", "Pipeline"),
    "Range": ("smartcut.timebase", "Range"),
    "Result": ("smartcut.runners.local", "Result"),
    "SmartcutError": ("smartcut.errors", "SmartcutError"),
    "apply": ("smartcut.api.own", "apply"),
    "check_elisions": ("smartcut.api.eliding", "check_elisions"),
    "color": ("smartcut.api.clips", "color"),
    "concat": ("smartcut.api", "concat"),
    "conform": ("smartcut.api.conforming", "conform"),
    "diff": ("smartcut.api.comparing", "diff"),
    "effect": ("smartcut.api.own", "effect"),
    "elisions": ("smartcut.api.eliding", "find_elisions"),
    "image": ("smartcut.api.clips", "image"),
    "layers": ("smartcut.api.clips", "layers"),
    "learn": ("smartcut.api.learning", "learn"),
    "open": ("smartcut.api", "open_media"),
    "rebase": ("smartcut.api.comparing", "rebase"),
    "sound": ("smartcut.api.sound", "sound"),
    "text": ("smartcut.api.clips", "text"),
    "verify": ("smartcut.api.expecting", "verify"),
}


class _Package(ModuleType):
    """This package, in which the stages keep their names where a package has the same."""

    def __setattr__(self, name: str, value: Any) -> None:
        if not (
            isinstance(value, ModuleType) and name in ("effect", "effects", "image", "transitions")
        ):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package
collision.warn()


def __getattr__(name: str) -> Callable[..., Stage]:
    if name == "studio":
        return import_module("smartcut.studio")  # type: ignore[return-value]
    if name in _NAMES:
        module, attribute = _NAMES[name]
        found: Any = getattr(import_module(module), attribute)
        return found
    hint = ""
    if not name.startswith("_") and name != "render":
        from smartcut.registry import closest
        from smartcut.stage import stage_modules

        if name in stage_modules():
            from smartcut.report.stage_functions import stage_function

            return stage_function(name)
        close = closest(name, (*_NAMES, *stage_modules()))
        hint = f"; did you mean {close!r}?" if close else ""
    raise AttributeError(f"module 'smartcut' has no attribute {name!r}{hint}")


def __dir__() -> list[str]:
    from smartcut.stage import stage_modules

    return sorted([*globals(), *_NAMES, *stage_modules()])
