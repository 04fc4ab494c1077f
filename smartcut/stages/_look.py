"""Sources that stages make: how they look, and how they come into a cut."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction

from smartcut.algebra import by_time_shown
from smartcut.cut import Cut, TimelineFormat
from smartcut.drawer import Drawer, drawn_source
from smartcut.source import Colour, Recipe, Source
from smartcut.stage import Context
from smartcut.timebase import nearest


@dataclass(frozen=True, slots=True)
class FootageFormat:
    """Size, rate and colour of what is made: those of the footage shown longest."""

    size: tuple[int, int]
    rate: Fraction
    colour: Colour

    @classmethod
    def of(cls, cut: Cut, size: tuple[int, int], rate: Fraction) -> FootageFormat:
        """The look for a cut; ``size`` and ``rate`` count where it shows nothing yet."""
        from smartcut.render.generation import made_colour

        shown = [s.video for s in by_time_shown(cut) if s.video]
        if not shown:
            width, height = size
            # what players take HD for; stated, so that no player has to guess
            colour = Colour("bt709", "bt709", "bt709", "limited")
            return cls((width - width % 2, height - height % 2), rate, colour)
        main = shown[0]
        width, height = main.display_size
        rate = main.nominal_rate
        size = width - width % 2, height - height % 2
        return cls(size, rate, made_colour(main))

    def source(self, recipe: Recipe, cut: Cut, seconds: Fraction, context: Context) -> Source:
        """The source that a recipe will be, of the next free name."""
        from smartcut.render.generation import planned

        taken = {source.id for source in cut.sources}
        number = next(n for n in range(1, len(taken) + 2) if f"{recipe.kind}-{n}" not in taken)
        return planned(
            recipe,
            cut,
            context.cache,
            name=f"{recipe.kind}-{number}",
            size=self.size,
            rate=self.rate,
            frames=max(1, nearest(seconds * self.rate)),
            colour=self.colour,
        )

    def drawn(self, kind: str, drawer: Drawer, cut: Cut, seconds: Fraction) -> Source:
        """The source of a clip that is drawn, of whole frames, of the next free name."""
        lasts = max(1, nearest(seconds * self.rate)) / self.rate
        return drawn_source(kind, drawer, lasts, (source.id for source in cut.sources))

    def kept_in(self, cut: Cut) -> Cut:
        """The cut made for this size and rate, where nothing that it shows has any of its own."""
        has_own = any(source.video for source in by_time_shown(cut))
        if cut.format is not None or has_own:
            return cut
        return replace(cut, format=TimelineFormat(self.size, self.rate))


def with_source(cut: Cut, source: Source) -> Cut:
    """The cut that knows of one more source."""
    return replace(cut, sources=(*cut.sources, source))
