"""`apply`: a function of the user's own, on each picture. It is known in one process alone."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from smartcut.effect import Bench, Pixels, View, Work
from smartcut.errors import RenderError
from smartcut.image import Image

Wants = Literal["rgb", "planes"]
# By their keys: functions are no data, which a cut holds.
_FUNCTIONS: dict[str, UserFunction] = {}


@dataclass(frozen=True, slots=True)
class UserFunction:
    """A function, and whether it takes the time besides the picture."""

    call: Callable[..., Any]
    takes_time: bool
    called: str

    @classmethod
    def of(cls, function: Callable[..., Any]) -> UserFunction:
        called = getattr(function, "__name__", type(function).__name__)
        try:
            taken = inspect.signature(function).parameters.values()
        except (TypeError, ValueError):
            return cls(function, False, called)
        kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
        needed = [p for p in taken if p.kind in kinds and p.default is inspect.Parameter.empty]
        return cls(function, len(needed) > 1, called)


def remembered(key: str, function: Callable[..., Any]) -> None:
    """Have the effect call this function where a cut names its key."""
    _FUNCTIONS[key] = UserFunction.of(function)


class Apply(Pixels):
    """Changes each picture by a function of the user's own."""

    name: ClassVar[str] = "apply"

    function: str = Field(description="The key of the function.")
    called: str = Field("", description="Its name.")
    wants: Wants = Field("rgb", description="What it takes: `rgb`, or the planes of the film.")

    @property
    def label(self) -> str:
        return f"{self.name}.{self.called}" if self.called else self.name

    def open(self, bench: Bench) -> Work:
        function = _FUNCTIONS.get(self.function)
        if function is None:
            raise RenderError(
                f"the function {self.called or self.function[:12]!r} of `apply` is not known in "
                "this process: functions stay where they were written; make the film again there, "
                "or bring an effect of your own (docs/extending.md)"
            )

        def work(view: View) -> Image | np.ndarray:
            given = view.rgb() if self.wants == "rgb" else view.image
            time = (float(view.source_time),) if function.takes_time else ()
            made = function.call(given.copy() if self.wants == "rgb" else given, *time)  # type: ignore[union-attr]
            return self._accepted(made, given, function)

        return work

    def _accepted(self, made: Any, given: Any, function: UserFunction) -> Any:
        """What the function gave; raises RenderError for anything else than what it was given."""
        if isinstance(given, Image):
            if isinstance(made, Image) and made.size == given.size and made.space == given.space:
                return made
            wanted = "an Image of the same size and space"
        else:
            if isinstance(made, np.ndarray) and (made.shape, made.dtype) == (
                given.shape,
                given.dtype,
            ):
                return np.ascontiguousarray(made)
            wanted = f"an array {given.shape} of {given.dtype}"
        is_array = isinstance(made, np.ndarray)
        seen = f"an array {made.shape} of {made.dtype}" if is_array else type(made).__name__
        raise RenderError(
            f"{function.called}() of `apply` must return {wanted}; it returned {seen}"
        )
