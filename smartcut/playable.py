"""What a cut and a pipeline have in common in Python: parts, sums, frames, sound, pictures.

The work is done by :mod:`smartcut.api`, which is imported when it is asked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from importlib import import_module
from typing import TYPE_CHECKING, Any, Literal

from smartcut.in_notebooks import InNotebooks

if TYPE_CHECKING:
    import numpy as np

    from smartcut.api.clips import FilmLayer
    from smartcut.api.notebook import Preview
    from smartcut.api.pipeline import Pipeline
    from smartcut.runners.local import Result

AsPicture = Literal["numpy", "pil", "torch"]
AsSound = Literal["numpy", "torch"]
#: A time as users give it: seconds, ``"1:02.5"``, ``"30s"``, or an exact fraction.
Time = float | str | Fraction


def _api(module: str) -> Any:
    """The module of the Python interface; by its name, since imports go downwards."""
    return import_module(f"smartcut.api.{module}")


class Playable(InNotebooks):
    """Something that can be looked at, listened to, divided, joined and rendered."""

    __slots__ = ()

    def _as_pipeline(self) -> Pipeline:
        """The pipeline that shows it."""
        made: Pipeline = _api("opening").opened(self)
        return made

    def __or__(self, stage: Any) -> Pipeline:
        """What a stage makes of it, as a pipeline: ``film | sc.title(text="Harbour")``."""
        return self._as_pipeline() | stage

    def render(self, output: Any, **settings: Any) -> Result:
        """Write it to a file; see :meth:`smartcut.api.Pipeline.render`."""
        return self._as_pipeline().render(output, **settings)

    def __getitem__(self, part: slice) -> Pipeline:
        """A part of the film, as a pipeline: ``film[3:10]``, ``film["1:02":]``, ``film[:-2]``.

        Times are seconds of the film or texts such as ``"1:02.5"``, below 0 from its end; a cut
        between two frames goes to the nearer one. See the stage ``excerpt``.
        """
        made: Pipeline = _api("opening").part(self._as_pipeline(), part)
        return made

    def __iter__(self) -> Iterator[Any]:
        raise TypeError(
            "a film is not a list: `for time, frame in film.frames()` gives its pictures, "
            "`film.cut().segments` its segments"
        )

    def __add__(self, other: Any) -> Pipeline:
        """One after the other: ``sc.open("a.mp4")[3:5] + sc.open("b.mp4")``."""
        made: Pipeline = _api("opening").added(self, other)
        return made

    def __radd__(self, other: Any) -> Pipeline:
        # `sum(films)` begins with 0.
        made: Pipeline = _api("opening").added(other, self) if other != 0 else self._as_pipeline()
        return made

    def at(self, time: Time = 0, *, gain: float | None = 0.0, **place: Any) -> FilmLayer:
        """The film as a layer of :func:`smartcut.layers` that begins at a time of what is below.

        ``place`` says where, as the effect ``place`` takes it: ``position`` (``"top-right"`` and
        the like, or its middle in shares of the frame), ``width`` and ``height`` (shares of the
        frame's), ``margin``, ``opacity``. ``gain`` is for its sound in dB; None leaves it out.

            sc.layers(film, sc.image("logo.png", 3).at(2, position="top-right", width=0.15))
        """
        made: FilmLayer = _api("clips").layer(self._as_pipeline(), time, gain, place)
        return made

    def edited(self, edits: Any, *, strict: bool = False) -> Pipeline:
        """The film with corrections by hand: a file of edits, a list of them, or one.

        See the stage ``edits`` and docs/corrections.md. With ``strict`` it ends where one no longer
        applies; else a note names it.

            film.edited([{"drop": {"source": "talk.mp4", "start": 12.4, "end": 15.2}}])
        """
        made: Pipeline = self._as_pipeline() | _api("choosing").edits_stage(edits, strict)
        return made

    def on(
        self,
        source: Any = None,
        *stages: Any,
        segments: int | tuple[int, ...] | None = None,
        where: str | None = None,
    ) -> Pipeline:
        """The film with stages that work on some of its segments alone.

        ``source`` is a file or the name of a source; ``segments`` are numbers from 0, below 0 from
        the end; ``where`` is a condition as of the stage ``tighten``, such as ``"loudness > -35 and
        not black"``, which divides segments at the frames where it begins and ends to hold. What is
        left out chooses nothing.

            film.on("b.mp4", sc.colour(exposure=0.5), sc.speed(factor=2))
            film.on(None, sc.blur(sigma=20), where="motion > 0.05")
        """
        film = self._as_pipeline()
        made: Pipeline = _api("choosing").on(film, source, stages, segments, where)
        return made

    def frame(
        self,
        time: Time,
        inputs: Sequence[Any] | Any = None,
        output: Any = None,
        *,
        size: tuple[int, int] | int | None = None,
        as_: AsPicture = "numpy",
        **options: Any,
    ) -> np.ndarray | Any:
        """The picture that the film shows at a time, composed exactly as it is rendered.

        ``time`` is in seconds of the film, or a text such as ``"1:02.5"``. ``size`` is (width,
        height), or the length of the shorter side. The picture is sRGB, upright, HDR in SDR:

        - ``as_="numpy"``: uint8 (height, width, 3), 0..255;
        - ``as_="pil"``: a ``PIL.Image.Image`` of mode RGB;
        - ``as_="torch"``: a uint8 tensor (3, height, width), 0..255, on ``device``.

        ``inputs`` replaces the files of the pipeline. ``output`` is what the film will be called;
        without a name its container is Matroska. ``options`` are those of
        :meth:`~smartcut.api.Pipeline.run`. Raises RenderError where there is no picture then.

            sc.open("talk.mp4").frame(12.5).shape   # (1080, 1920, 3)
        """
        arrays = _api("arrays")
        return arrays.frame(self._as_pipeline(), time, inputs, output, size, as_, options)

    def frames(
        self,
        inputs: Sequence[Any] | Any = None,
        output: Any = None,
        *,
        size: tuple[int, int] | int | None = None,
        fps: float | str | Fraction | None = None,
        every: Time | None = None,
        as_: AsPicture = "numpy",
        **options: Any,
    ) -> Iterator[tuple[float, np.ndarray | Any]]:
        """(time, picture) for every frame of the film, in order, as it is rendered.

        ``time`` is in seconds of the film; pictures are as of :meth:`frame`. ``size`` and ``fps``
        are those of the film as it would be rendered; ``every`` takes one picture each so many
        seconds, and leaves out the rest. Frames are decoded once, in order, and only a few are in
        memory at a time. Stages run when the first picture is asked for.

            for time, frame in sc.open("talk.mp4")[60:90].frames(size=360, fps=5):
                print(time, frame.mean())
        """
        arrays = _api("arrays")
        pipeline = self._as_pipeline()
        found: Iterator[tuple[float, Any]] = arrays.frames(
            pipeline, inputs, output, size, fps, every, as_, options
        )
        return found

    def audio(
        self,
        rate: int | None = None,
        inputs: Sequence[Any] | Any = None,
        output: Any = None,
        *,
        channels: int | None = None,
        as_: AsSound = "numpy",
        **options: Any,
    ) -> np.ndarray | Any:
        """The sound of the film: float32 (channels, samples) in -1..1, mixed as it is rendered.

        ``rate`` is in samples a second; without it, the film's own. ``channels`` 1 or 2 mixes to
        so many; without it, those of the film. It is the sound before it is encoded, in memory as a
        whole: take a part, as in ``film[60:90].audio()``, of a long one. ``as_="torch"`` gives a
        tensor on ``device``. A film without sound has silence.

            sc.open("talk.mp4").audio(rate=16000).shape   # (2, 16000 * seconds)
        """
        arrays = _api("arrays")
        return arrays.audio(self._as_pipeline(), rate, inputs, output, channels, as_, options)

    def table(
        self,
        what: Literal["segments", "shots", "words", "signals"] = "segments",
        as_: Literal["auto", "pandas", "polars", "list"] = "auto",
        **options: Any,
    ) -> Any:
        """What the cut holds or knows, as a table of pandas or polars, or as a list of dicts.

        ``segments`` is what is shown when, with the scores that chose it; ``shots``, ``words`` and
        ``signals`` are what is known of the sources, in source time in seconds. ``auto`` is pandas
        where it is installed, else polars, else the list. ``options`` as for
        :meth:`~smartcut.api.Pipeline.run`, where stages must run first.

            (sc.open("talk.mp4") | sc.transcribe()).table("words")
        """
        return _api("tables").table(self, what, as_, options)

    def preview(self, height: int = 360, **settings: Any) -> Preview:
        """A small film, encoded fast, that a notebook plays; its file is ``.path``.

        ``height`` is the length of the shorter side in pixels. ``settings`` and options are as of
        :meth:`~smartcut.api.Pipeline.render`. The file goes when the preview does.

            film[60:70].preview(height=240)
        """
        made: Preview = _api("notebook").preview(self._as_pipeline(), height, settings)
        return made

    def report(
        self,
        output: Any,
        inputs: Sequence[Any] | Any = None,
        *,
        previews: bool = False,
        **options: Any,
    ) -> None:
        """Write a page that says what the cut is made of and why: one file of HTML.

        It has the segments with pictures, words, scores and reasons, a timeline with what was
        measured, the pipeline, the sources and networks with their digests, and the notes. It needs
        no network and runs nothing. With ``previews`` each segment has a small film, of 10 s at
        most. Stages are run, files are not written; :meth:`Result.report
        <smartcut.runners.local.Result.report>` also says how a film was written. ``options`` are
        those of :meth:`~smartcut.api.Pipeline.run`.

            (sc.open("talk.mp4") | sc.tighten()).report("talk.report.html")
        """
        _api("reporting").write_report(self, output, inputs, previews=previews, **options)
