"""`bitrate`: how many bits a second the file takes."""

from __future__ import annotations

from fractions import Fraction
from typing import Annotated, Any, ClassVar

from pydantic import Field

from smartcut.expectation import CannotCheck, Checked, Expectation, FinishedFilm, Miss
from smartcut.expectations._amounts import Amount, amount, with_prefix

Bits: Any = amount(with_prefix, Fraction(0), "bits a second", "at most 8M", "2M..6M")


class Bitrate(Expectation):
    """How many bits a second the whole file takes: its size over its length.

    ```yaml
    expect: {bitrate: at most 8M}
    ```
    """

    name: ClassVar[str] = "bitrate"
    short: ClassVar[str] = "bits"

    bits: Annotated[Bits, Field(description="Bits a second; k, M and G are thousands.")]

    def check(self, film: FinishedFilm) -> Checked:
        if not film.source.duration:
            raise CannotCheck("the film has no length")
        wanted: Amount = self.bits
        rate = Fraction(film.source.path.stat().st_size * 8) / film.source.duration
        told = f"{float(rate) / 1000:.0f} kbit/s"
        if wanted.holds(rate):
            return Checked(told)
        return Checked(told, (Miss(f"the file takes {told}, not {wanted}"),))
