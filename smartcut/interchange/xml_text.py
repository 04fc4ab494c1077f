"""XML from strangers: a tree, and nothing that a document type could do.

Entities, external files, defaults from a document type and processing instructions are refused;
size, depth and the number of elements are bounded.
"""

from __future__ import annotations

import re
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from smartcut.errors import PipelineError

#: Bytes of a document that is read.
LARGEST = 64 * 1024 * 1024
_DEEPEST = 64
_MOST_ELEMENTS = 1_000_000


# What no XML can hold, in whatever spelling.
_NOT_XML = re.compile(r"[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def clean(text: str) -> str:
    """The text without the characters that XML cannot hold."""
    return _NOT_XML.sub("", text)


def tree_of(text: str | bytes, by: str) -> Element:
    """The document's top element; raises PipelineError that begins with ``by``."""
    if len(text) > LARGEST:
        raise PipelineError(f"{by}: {len(text)} bytes are too many: {LARGEST} at most")
    return _Builder(by).built(text)


class _Builder:
    """Listens to one run of the parser."""

    def __init__(self, by: str) -> None:
        self.by = by
        self.tree = TreeBuilder()
        self.depth = self.elements = 0

    def built(self, text: str | bytes) -> Element:
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self.tree.data
        parser.StartDoctypeDeclHandler = self._doctype
        parser.EntityDeclHandler = self._refused
        parser.AttlistDeclHandler = self._refused
        parser.ExternalEntityRefHandler = self._external
        try:
            parser.Parse(text, True)
            return self.tree.close()
        except (expat.ExpatError, AssertionError, LookupError, ValueError) as error:
            raise PipelineError(f"{self.by}: not valid XML: {error}") from error

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        self.depth += 1
        self.elements += 1
        if self.depth > _DEEPEST or self.elements > _MOST_ELEMENTS:
            raise PipelineError(
                f"{self.by}: nested more than {_DEEPEST} deep, or of more than "
                f"{_MOST_ELEMENTS} elements"
            )
        self.tree.start(tag, attributes)

    def _end(self, tag: str) -> None:
        self.depth -= 1
        self.tree.end(tag)

    def _doctype(self, name: str, system: str | None, public: str | None, inner: int) -> None:
        if inner or system or public:
            raise self._no_type()

    def _refused(self, *given: object) -> None:
        raise self._no_type()

    def _external(self, *given: object) -> int:
        raise self._no_type()

    def _no_type(self) -> PipelineError:
        return PipelineError(
            f"{self.by}: it declares entities or names a document type elsewhere; of these, "
            "<!DOCTYPE fcpxml> alone is read"
        )
