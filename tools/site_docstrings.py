"""Docstrings as the site's reference shows them: names marked for Sphinx become plain code."""

from __future__ import annotations

import re
from typing import Any

import griffe

_MARKED = re.compile(r":(?:class|func|meth|mod|exc|attr|data):`~?(?:[\w.]*\.)?(\w+)`")


class PlainRoles(griffe.Extension):
    """``:class:`~smartcut.cut.Cut``` becomes ``Cut``, in every docstring."""

    def on_object(self, *, obj: griffe.Object, **kwargs: Any) -> None:
        if obj.docstring is not None:
            obj.docstring.value = _MARKED.sub(r"`\1`", obj.docstring.value)
