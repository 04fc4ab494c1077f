"""`own`: functions of the user's own, called with the finished film."""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from pydantic import BeforeValidator, Field

from smartcut.accepted import InWords
from smartcut.expectation import CannotCheck, Checked, Expectation, FinishedFilm
from smartcut.expectations._own import FilmView, called_with, find_function, remembered
from smartcut.function_key import function_key
from smartcut.params import Params


class OwnFunction(Params):
    """A function that this process knows by its key."""

    key: str = Field(description="Of its code.")
    called: str = Field("", description="Its name.")


def _by_keys(given: Any) -> Any:
    """Functions as their keys; this process remembers them."""
    return [_by_key(one) for one in (given if isinstance(given, (list, tuple)) else (given,))]


def _by_key(one: Any) -> Any:
    if not callable(one):
        return one
    called = str(getattr(one, "__name__", type(one).__name__))
    return OwnFunction(key=remembered(one, function_key(one)), called=called)


class OwnFunctions(Expectation):
    """Functions of your own, called with the finished film: `sc.expect(function)` in Python.

    The film has a `path`, its `duration`, `size` and `manifest`, and `frame(time)`. A function
    returns None or True where all is well; else False, a reason, or a list of reasons or of
    (time, reason). An assertion that fails is a reason too.

    They stay where they were written: a film that is verified elsewhere cannot be checked by them.
    """

    name: ClassVar[str] = "own"
    short: ClassVar[str] = "functions"

    functions: Annotated[
        tuple[OwnFunction, ...], BeforeValidator(_by_keys), InWords("function, or list of them")
    ] = Field(description="Functions of a film.")

    @property
    def wanted(self) -> str:
        return ", ".join(one.called for one in self.functions)

    def check(self, film: FinishedFilm) -> Checked:
        view = FilmView(film)
        misses = []
        for one in self.functions:
            function = find_function(one.key)
            if function is None:
                raise CannotCheck(
                    f"the function {one.called!r} is not known in this process: verify the film "
                    "where it is, or bring an expectation of your own (docs/extending.md)"
                )
            misses += called_with(function, view, one.called)
        return Checked(f"{len(self.functions)} functions were asked", tuple(misses))
