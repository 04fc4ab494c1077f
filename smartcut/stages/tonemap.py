"""`tonemap`: HDR as standard dynamic range."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from smartcut.cut import Cut
from smartcut.errors import StageError
from smartcut.media.transfer_curves import curve
from smartcut.stage import Context, Stage


class Tonemap(Stage):
    """Shows HDR (PQ and HLG) on screens of standard dynamic range: the output is BT.709.

    Brighter light than such a screen shows is rolled off as in ITU-R BT.2390, for the largest of
    red, green and blue, so that hues stay; white is at 203 cd/m2 (BT.2408). Samples keep their
    depth, if `render` is not asked for another. What is SDR already is left as it is, and copied.

    ```yaml
    - tonemap
    ```
    """

    name: ClassVar[str] = "tonemap"
    hint: ClassVar[str] = "tonemap"

    def apply(self, cut: Cut, context: Context) -> Cut:
        shown = {s.source for t in (cut.programme, *cut.overlays) for s in t.segments}
        kinds = {s.id: curve(s.video.colour) for s in cut.sources if s.video and s.id in shown}
        if not any(kind != "SDR" for kind in kinds.values()):
            told = ", ".join(f"{id} is {kind}" for id, kind in kinds.items())
            raise StageError(
                "`tonemap` changes nothing: no source that is shown is HDR (PQ or HLG); "
                f"{told or 'none has a picture'}"
            )
        return replace(cut, is_sdr=True)
