"""`deinterlace`: whole pictures of interlaced sources."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar, Literal

from pydantic import Field

from smartcut.cut import Cut
from smartcut.errors import StageError
from smartcut.source import FIELD_ORDERS, FieldOrder, Source, VideoStream
from smartcut.stage import Context, Stage

_ORDERS: dict[str, FieldOrder] = {"tff": "tff", "bff": "bff", "none": "progressive"}


class DeinterlaceStage(Stage):
    """Makes whole pictures of interlaced sources, or says what their fields are.

    Without this stage, `render` keeps fields where the output can hold them. With it, every frame
    that is flagged as interlaced becomes a whole picture (bwdif), and frames that are not stay as
    they are. Where a file is flagged wrongly, `fields` says what it is: all its frames are then
    taken so.

        - deinterlace: {fields: tff, source: tape}

    ```yaml
    - deinterlace: {fields: tff}
    ```
    """

    name: ClassVar[str] = "deinterlace"

    fields: Literal["auto", "tff", "bff", "none"] = Field(
        "auto",
        description="auto: as frames are flagged. tff, bff: which field of all frames comes first, "
        "the top or the bottom one. none: the pictures are whole, whatever their flags say.",
    )
    source: str | None = Field(
        None, description="The name of one source; left out, all that show pictures."
    )

    def apply(self, cut: Cut, context: Context) -> Cut:
        known = [source.id for source in cut.sources if source.video]
        if self.source is not None and self.source not in known:
            raise StageError(
                f"`{self.name}`: there is no source {self.source!r} with a picture; "
                f"sources: {', '.join(known) or 'none'}"
            )
        sources, changed = [], []
        for source in cut.sources:
            video = source.video if self._is_meant(source) else None
            made = self._made_whole(video) if video else None
            sources.append(replace(source, video=made) if made else source)
            changed += [f"{source.id} ({FIELD_ORDERS[made.field_order]})"] if made else []
        told = ", ".join(changed) or "nothing here is interlaced; `fields: tff | bff` says it is"
        return replace(cut, sources=tuple(sources)).with_note(f"{self.name}: {told}")

    def _is_meant(self, source: Source) -> bool:
        return source.made is None and self.source in (None, source.id)

    def _made_whole(self, video: VideoStream) -> VideoStream | None:
        """The stream as it is to be taken; None where nothing changes."""
        if self.fields == "auto":
            return replace(video, made_whole="flagged") if video.is_interlaced else None
        return replace(
            video, field_order=_ORDERS[self.fields], mixed_fields=False, made_whole="all"
        )
