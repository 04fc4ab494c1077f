"""The style that finished films share, learned beside the session."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from smartcut.api.events import EventProgress
from smartcut.runners.local import Options
from smartcut.studio.answers import NoSuchThing
from smartcut.studio.following_work import Tell
from smartcut.studio.pipeline_text import read_text
from smartcut.studio.study import Study

if TYPE_CHECKING:
    from smartcut.api.learning import FoundStyle


class StyleLearning:
    """Learns one style after the other; the last one is what is told of."""

    def __init__(self, tell: Tell) -> None:
        self.study: Study[FoundStyle] = Study("learn", tell)

    def begin(self, films: list[Path], sources: list[Path], options: Options) -> None:
        """Look how films were cut; see :func:`smartcut.api.learning.learn`."""

        def found(progress: EventProgress) -> FoundStyle:
            from smartcut.api.learning import learn

            return learn(
                films,
                sources=sources or None,
                device=options.device,
                cache=options.cache,
                allow_net=options.allow_net,
                progress=progress,
            )

        self.study.begin(found)

    @property
    def found(self) -> FoundStyle:
        """What was learned last; raises NoSuchThing."""
        if self.study.found is None:
            raise NoSuchThing("no style has been learned yet")
        return self.study.found

    def plain(self) -> dict[str, Any]:
        """How far it is, and what was learned: see docs/studio.md."""
        found = self.study.found
        return {**self.study.plain(), "found": None if found is None else plain_style(found)}


def plain_style(found: FoundStyle) -> dict[str, Any]:
    """A style as the page shows it: its pipeline, the stages of that, and its figures."""
    text = found.yaml()
    return {
        "yaml": text,
        "text": found.text(),
        "stages": read_text(text)["stages"],
        "figures": found.to_plain(),
    }
