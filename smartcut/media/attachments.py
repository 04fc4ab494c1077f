"""Files within media files: fonts, covers."""

from __future__ import annotations

from smartcut.media.container import opened
from smartcut.media.mux_extras import Embedded
from smartcut.source import Attachment, Source


def embedded(source: Source, item: Attachment) -> Embedded:
    """The file that an attachment of a source is. Raises SourceError."""
    with opened(source.path) as container:
        stream = container.streams[item.index]
        if stream.type == "attachment":
            data = bytes(stream.data)
        else:
            data = bytes(next(p for p in container.demux(stream) if p.size))
    return Embedded(item.name, item.mimetype, data)
