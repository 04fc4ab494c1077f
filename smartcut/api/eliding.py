"""What editing took away: of a cut, a pipeline, a manifest or a finished film."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

from smartcut.api.films import FilmCut, are_words_known, film_of, with_words
from smartcut.api.inputs import PathLike
from smartcut.api.options import as_options, divided
from smartcut.api.originals import with_originals
from smartcut.cut import Cut
from smartcut.eliding.finding import Elision, elisions
from smartcut.errors import SourceError
from smartcut.files import write_text
from smartcut.runners.local import Options, opened_cache

#: Seconds for which a mark is seen.
_MARKED = Fraction(2)


@dataclass(frozen=True)
class FoundElisions:
    """All places of a film where something else is heard than was said.

    found = sc.elisions("film.mp4", sources="rushes")
    print(found.text())
    [one.text for one in found.elisions if one.senses]
    found.page("film.elisions.html")
    """

    name: str
    cut: Cut
    elisions: tuple[Elision, ...]
    film: Path | None = None
    """The film, where it is there."""
    hints: tuple[float | None, ...] = ()
    """Of each, how alike vectors of what was said and what is heard are; where asked for."""
    lacking: SourceError | None = None
    """Why the film cannot be made again from its originals."""

    def text(self) -> str:
        """All of them in words."""
        from smartcut.report.eliding import elisions_text

        return elisions_text(self.name, self.elisions, self.hints)

    def to_plain(self) -> dict[str, Any]:
        """Numbers and texts, as in JSON."""
        rows = [one.to_plain() for one in self.elisions]
        for row, hint in zip(rows, self.hints, strict=False):
            row["hint"] = hint
        return {
            "film": self.name,
            "elisions": rows,
            "with_sense": sum(bool(one.senses) for one in self.elisions),
        }

    def page(self, output: PathLike) -> None:
        """Write them as a page of HTML that needs no network."""
        from smartcut.report.eliding import elisions_page

        write_text(Path(output), elisions_page(self.name, self.elisions, self.hints))

    def marked(self) -> Cut:
        """The cut with the words left out written into its pictures, where they are left out.

        Raises SourceError where an original is gone, or was changed.
        """
        from smartcut.drawers.text import Text
        from smartcut.stages._drawn import with_title
        from smartcut.timebase import Range

        if self.lacking is not None:
            raise self.lacking
        cut, free = self.cut, Fraction(0)
        for one in self.elisions:
            said = (
                f"[{one.left_out}]"
                if one.left_out
                else f"[{': '.join(filter(None, (one.kind, one.detail)))}]"
            )
            start = max(free, min(one.at.start, cut.duration - _MARKED / 4), Fraction(0))
            end = min(start + _MARKED, cut.duration)
            if end <= start:
                break
            drawn = Text(text=said, size=0.045, position="top")
            cut = with_title(cut, drawn, Range(start, end))
            free = end
        return cut

    def sign(
        self, output: PathLike, certificate: PathLike, key: PathLike, alg: str = "es256"
    ) -> None:
        """Write a copy of the film, signed by C2PA with all this in an assertion of its own.

        Raises SourceError where the film is not there, or an original is gone or was changed.
        """
        from smartcut.render.records.elided import write_signed
        from smartcut.render.records.signing import Signing

        if self.film is None:
            raise SourceError(
                f"{self.name}: there is no film to sign; give the film, or a manifest beside it"
            )
        if self.lacking is not None:
            raise self.lacking
        signing = Signing(Path(certificate), Path(key), alg)  # type: ignore[arg-type]
        rows = [one.to_plain() for one in self.elisions]
        write_signed(self.film, Path(output), signing, self.cut, rows)


@dataclass(frozen=True)
class SignedElisions:
    """The signed account of a film, held against its originals.

    sc.check_elisions("signed.mp4", "talk.mp4").problems
    """

    said: dict[str, Any]
    """What was signed: ``originals`` with their sha256, and ``elisions``."""
    problems: tuple[str, ...]
    """What is wrong with the signature, or with the originals given; nothing where all holds."""

    @property
    def holds(self) -> bool:
        return not self.problems


def check_elisions(film: PathLike, originals: Sequence[PathLike] | PathLike) -> SignedElisions:
    """Hold a film's signed account of what was left out against its originals.

    Raises SourceError for a film without one, and for an original that is not there.
    """
    from smartcut.render.records.elided import checked

    given = [originals] if isinstance(originals, str | os.PathLike) else originals
    return SignedElisions(*checked(Path(film), [Path(one) for one in given]))


def find_elisions(
    what: Any,
    inputs: Sequence[PathLike] | PathLike | None = None,
    *,
    sources: Sequence[PathLike] | PathLike | None = None,
    words: Mapping[str, PathLike] | PathLike | None = None,
    hints: bool = False,
    **options: Any,
) -> FoundElisions:
    """Every place where a film lets hear something else than was said.

    ``what`` is a cut, its file, a pipeline, a manifest, or a film that smartcut wrote; of other
    films `conform` finds the cut in ``sources``, in which the originals of a manifest that lie
    elsewhere now are found by their digests. ``words`` are files of what is said (SubRip,
    WebVTT, JSON), one for each source; what nobody has written down is recognised. ``hints`` adds
    how alike vectors of sentences are. ``options`` as for :meth:`smartcut.api.Pipeline.run`.

        sc.elisions("reel.mp4").text()
    """
    given, params = divided(options)
    how = as_options(given)
    film = film_of(what, inputs, sources, params, how)
    cut, lacking = _located(film, sources, how)
    if lacking is not None and (words is not None or not are_words_known(cut)):
        raise lacking
    cut = with_words(cut, words, how)
    found = elisions(cut)
    made = FoundElisions(film.name, cut, found, film.path, lacking=lacking)
    return replace(made, hints=_hints(found, allow_net=how.allow_net)) if hints else made


def _located(film: FilmCut, sources: Any, how: Options) -> tuple[Cut, SourceError | None]:
    """The cut with its originals where they are now, or why they are not what it was cut from."""
    if film.manifest is None:
        return film.cut, None
    given = [sources] if isinstance(sources, str | os.PathLike) else sources or ()
    try:
        with opened_cache(how.cache) as cache:
            folders = [Path(one) for one in given]
            return with_originals(film.cut, film.manifest, folders, cache), None
    except SourceError as error:
        return film.cut, error


def _hints(found: Sequence[Elision], *, allow_net: bool) -> tuple[float | None, ...]:
    """Of each place with words left out: how alike it is with them and without them."""
    from smartcut.models.sentence_vectors import SentenceVectors
    from smartcut.models.weights import path

    model = SentenceVectors(path("minilm-l6-v2", allow_net=allow_net))
    texts = [(f"{o.before} {o.left_out} {o.after}", f"{o.before} {o.after}") for o in found]
    if not texts:
        return ()
    whole, heard = (model([pair[side] for pair in texts]) for side in (0, 1))
    likeness = (whole * heard).sum(axis=1).tolist()
    return tuple(
        round(value, 3) if one.left_out else None
        for one, value in zip(found, likeness, strict=True)
    )
