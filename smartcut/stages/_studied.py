"""What has to be known of sources to say how a film was cut from them."""

from __future__ import annotations

from typing import ClassVar

from smartcut.stage import Analysis, AnalysisStage
from smartcut.stages._activity import analyses_of


class StudiedSources(AnalysisStage):
    """Learns signals, such as `voice` or `motion`, from every source."""

    name: ClassVar[str] = "studied"

    signals: tuple[str, ...]

    def analyses(self) -> tuple[Analysis, ...]:
        return analyses_of(self.signals)
