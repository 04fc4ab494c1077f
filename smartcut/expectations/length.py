"""`length`: how long the film lasts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Annotated, Any, ClassVar

from pydantic import Field

from smartcut.constraint import Constraint, Offered
from smartcut.cut import Cut
from smartcut.expectation import Checked, Expectation, FinishedFilm, Miss
from smartcut.expectations._amounts import Amount, amount, seconds

Seconds: Any = amount(seconds, Fraction(1, 2), "length", "30s ± 0.5s", "28s..32s", "at most 60s")


class Length(Expectation):
    """How long the film lasts, in seconds. A value alone is meant within half a second.

    ```yaml
    expect: {length: 30s ± 0.5s}
    ```
    """

    name: ClassVar[str] = "length"
    short: ClassVar[str] = "lasts"

    lasts: Annotated[Seconds, Field(description="Seconds from the first picture to the end.")]

    def check(self, film: FinishedFilm) -> Checked:
        return self._checked(film.source.duration)

    def foresee(self, cut: Cut) -> Checked | None:
        return self._checked(cut.duration)

    def constrain(self, offered: Sequence[Offered]) -> Iterable[Constraint]:
        wanted: Amount = self.lasts
        yield Constraint(self.name, shortest=wanted.low, longest=wanted.high)

    def _checked(self, lasts: Fraction) -> Checked:
        wanted: Amount = self.lasts
        told = f"{float(lasts):.3f} s"
        if wanted.holds(lasts):
            return Checked(told)
        is_long = wanted.high is not None and lasts > wanted.high
        edge = wanted.high if is_long else wanted.low
        assert edge is not None
        apart = float(abs(lasts - edge))
        way = "longer" if is_long else "shorter"
        return Checked(told, (Miss(f"it lasts {told}: {apart:.3f} s {way} than {wanted}"),))
