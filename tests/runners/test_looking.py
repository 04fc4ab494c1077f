"""A source is heard and seen at the same time, and each source for as long as it takes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from fractions import Fraction as F
from pathlib import Path
from threading import Barrier, Event, Lock
from typing import Any, ClassVar

import pytest

from smartcut import errors, usable
from smartcut.annotation import Data, Signal
from smartcut.cache import Cache
from smartcut.context import Due, LocalContext
from smartcut.cut import Cut
from smartcut.interchange.json import to_plain
from smartcut.media import listen
from smartcut.media.probe import probe
from smartcut.runners import looking
from smartcut.runners.looking import jobs_of, look_and_listen
from smartcut.source import Source
from smartcut.stage import Analysis, Context, Frames, Sound, Stage, Stopped
from smartcut.stages.loudness import LoudnessAnalysis
from smartcut.stages.motion import MotionAnalysis
from smartcut.testing import write_bar_coded


class Watching(Analysis):
    """Does as the test says, at every item and at the end."""

    name: ClassVar[str] = "watching"
    version: ClassVar[int] = 1
    does: ClassVar[dict[str, Callable[[Source], None]]] = {}

    hears: bool = False

    def wants(self, source: Source) -> Frames | Sound | None:
        return Sound(8000) if self.hears else Frames((16, 9), "gray", "frame")

    def listener(self, source: Source, context: Context) -> Watcher:
        Watching.does.get("made", lambda source: None)(source)
        return Watcher("hears" if self.hears else "sees", source)


class Watcher:
    def __init__(self, kind: str, source: Source) -> None:
        self._kind, self._source = kind, source

    def feed(self, item: Any) -> None:
        Watching.does.get(f"{self._kind}, fed", lambda source: None)(self._source)

    def finish(self) -> Data:
        Watching.does.get(self._kind, lambda source: None)(self._source)
        return Signal(F(1), (0,), ("ends",), ((1.0,),), "ends")


@pytest.fixture(scope="module")
def paths(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, ...]:
    folder = tmp_path_factory.mktemp("films")
    for name, frames in (("short", 60), ("long", 120), ("middle", 90)):
        write_bar_coded(folder / f"{name}.mp4", frames=frames, gop=30, size=(160, 90))
    return tuple(folder / f"{name}.mp4" for name in ("short", "long", "middle"))


@pytest.fixture
def context(tmp_path: Path) -> LocalContext:
    return LocalContext(Cache(tmp_path / "cache"))


def due(
    context: LocalContext, paths: tuple[Path, ...], *analyses: Analysis
) -> tuple[list[Due], list[Source]]:
    sources = [probe(path, id=path.stem, cache=context.cache) for path in paths]
    asked = [(a, s) for a in analyses for s in sources]
    return [Due(a, s, context.inputs_of(a, s), "new") for a, s in asked], sources


SEES, HEARS = Watching(), Watching(hears=True)


def test_a_source_is_heard_while_it_is_seen(
    context: LocalContext, paths: tuple[Path, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    together = Barrier(2)  # passed by both at once, or by neither

    def meet(source: Source) -> None:
        together.wait(20)

    monkeypatch.setattr(Watching, "does", {"hears": meet, "sees": meet})
    asked, (source,) = due(context, paths[:1], SEES, HEARS)
    look_and_listen([asked], context)
    assert context.result(SEES, source).data == context.result(HEARS, source).data
    assert together.n_waiting == 0
    assert not together.broken


def test_of_each_kind_as_many_sources_are_in_work_as_the_run_may_have(
    context: LocalContext, paths: tuple[Path, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    order: dict[str, list[str]] = {"hears": [], "sees": []}
    at_work, most, lock = {"hears": 0, "sees": 0}, {"hears": 0, "sees": 0}, Lock()

    def fed(kind: str) -> Callable[[Source], None]:
        def first(source: Source) -> None:
            with lock:
                if source.id not in order[kind]:
                    order[kind].append(source.id)
                    at_work[kind] += 1
                    most[kind] = max(most[kind], at_work[kind])

        return first

    def end(kind: str) -> Callable[[Source], None]:
        def last(source: Source) -> None:
            with lock:
                at_work[kind] -= 1

        return last

    kinds = ("hears", "sees")
    does = {kind: end(kind) for kind in kinds} | {f"{kind}, fed": fed(kind) for kind in kinds}
    monkeypatch.setattr(Watching, "does", does)
    asked, _ = due(context, paths, SEES, HEARS)
    look_and_listen([asked], context)
    assert order == {kind: ["long", "middle", "short"] for kind in kinds}
    assert most == {"hears": 1, "sees": 1}


def test_decoding_begins_before_a_listener_is_made(
    context: LocalContext, paths: tuple[Path, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    decoding = Event()
    frames = listen.frames

    def decoded(*given: Any, **settings: Any) -> Any:
        decoding.set()
        return frames(*given, **settings)

    def made(source: Source) -> None:
        assert decoding.wait(20)

    monkeypatch.setattr(listen, "frames", decoded)
    monkeypatch.setattr(Watching, "does", {"made": made})
    asked, (source,) = due(context, paths[:1], SEES)
    look_and_listen([asked], context)
    assert context.result(SEES, source).data


@pytest.mark.parametrize(("fails", "other"), [("hears", "sees"), ("sees", "hears")])
def test_an_error_of_one_ends_the_other(
    context: LocalContext,
    paths: tuple[Path, ...],
    monkeypatch: pytest.MonkeyPatch,
    fails: str,
    other: str,
) -> None:
    ended: list[str] = []

    def fail(source: Source) -> None:
        raise errors.SourceError("the sound is odd")

    def wait(source: Source) -> None:
        assert context.stopping.wait(20)

    does = {fails: fail, f"{other}, fed": wait, other: lambda source: ended.append(source.id)}
    monkeypatch.setattr(Watching, "does", does)
    asked, _ = due(context, paths[:1], SEES, HEARS)
    with pytest.raises(errors.SourceError, match="the sound is odd"):
        look_and_listen([asked], context)
    assert ended == []


class Watched(Stage):
    """Meets its analysis while it gets ready."""

    name: ClassVar[str] = "watched"

    meets: ClassVar[Callable[[Context], None]]
    asks: tuple[Watching, ...] = ()

    def analyses(self) -> tuple[Analysis, ...]:
        return self.asks

    def prepare(self, context: Context) -> None:
        type(self).meets(context)

    def apply(self, cut: Cut, context: Context) -> Cut:
        return cut


def test_a_stage_gets_ready_while_its_sources_are_seen(
    context: LocalContext, paths: tuple[Path, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    together, met = Barrier(2), list[Context]()

    def meet(context: Context) -> None:
        together.wait(20)
        met.append(context)

    monkeypatch.setattr(Watched, "meets", meet, raising=False)
    monkeypatch.setattr(Watching, "does", {"sees": lambda source: together.wait(20)})
    asked, _ = due(context, paths[:1], SEES)
    look_and_listen([[], asked], context, [Watched(asks=(SEES,)), Watched(asks=(HEARS,))])
    assert met == [context]


def test_what_a_stage_lacks_is_said_before_the_sources_are_seen(
    context: LocalContext, paths: tuple[Path, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    ended: list[str] = []

    def lacks(context: Context) -> None:
        raise errors.MissingModel("the words' network is not here")

    does = {
        "sees, fed": lambda source: context.stopping.wait(20),
        "sees": lambda source: ended.append(source.id),
    }
    monkeypatch.setattr(Watched, "meets", lacks, raising=False)
    monkeypatch.setattr(Watching, "does", does)
    asked, _ = due(context, paths[:1], SEES)
    with pytest.raises(errors.MissingModel, match="words' network"):
        look_and_listen([asked], context, [Watched(asks=(SEES,))])
    assert ended == []


def test_sound_is_listened_to_while_more_is_found_to_be_due(
    context: LocalContext, paths: tuple[Path, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    listening = Event()
    kinds: list[Analysis] = []

    def heard(source: Source) -> None:
        listening.set()

    def due_of(kind: Analysis) -> list[Due]:
        if kinds:
            assert listening.wait(20)
        kinds.append(kind)
        return due(context, paths[:1], kind)[0]

    monkeypatch.setattr(Watching, "does", {"hears, fed": heard})
    look_and_listen((due_of(kind) for kind in (HEARS, SEES)), context)
    assert kinds == [HEARS, SEES]


def test_what_cannot_be_found_to_be_due_ends_what_has_begun(
    context: LocalContext, paths: tuple[Path, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    ended: list[str] = []

    def parts() -> Iterator[list[Due]]:
        yield due(context, paths[:1], HEARS)[0]
        raise errors.MissingModel("the weights are not here")

    does = {
        "hears, fed": lambda source: context.stopping.wait(20),
        "hears": lambda source: ended.append(source.id),
    }
    monkeypatch.setattr(Watching, "does", does)
    with pytest.raises(errors.MissingModel):
        look_and_listen(parts(), context)
    assert ended == []


def test_work_after_the_last_sample_ends_with_the_run(context: LocalContext) -> None:
    report = context.begin("a talk: speech", 10.0)
    report(1.0)
    context.stopping.set()
    with pytest.raises(Stopped):
        report(2.0)


def test_what_is_found_is_as_from_one_job(
    context: LocalContext, paths: tuple[Path, ...], tmp_path: Path
) -> None:
    asked, sources = due(context, paths[:2], MotionAnalysis(), LoudnessAnalysis())
    assert [[[d.analysis.name for d in job] for job in jobs] for jobs in jobs_of(asked)] == [
        [["loudness"], ["loudness"]],
        [["motion"], ["motion"]],
    ]
    context.jobs = 2
    look_and_listen([asked], context)
    alone = LocalContext(Cache(tmp_path / "alone"))
    for source in sources:
        own = [d for d in asked if d.source == source]
        for item, found in zip(own, alone.analyse(source, own), strict=True):
            assert to_plain(context.result(item.analysis, source)) == to_plain(found)


def test_opencv_has_its_threads_back_after_the_last_that_sees() -> None:
    import cv2

    before = cv2.getNumThreads()
    cv2.setNumThreads(2)
    try:
        first = second = listen._one_opencv_thread
        first.__enter__()
        second.__enter__()
        first.__exit__()
        assert cv2.getNumThreads() == 1
        second.__exit__()
        assert cv2.getNumThreads() == 2
    finally:
        cv2.setNumThreads(before)


class Late(Stage):
    """Needs modules when it applies, not before."""

    name: ClassVar[str] = "late"
    imports: ClassVar[tuple[str, ...]] = ("colorsys",)

    def apply(self, cut: Cut, context: Context) -> Cut:
        return cut


def test_what_a_stage_needs_later_is_imported_while_sources_are_seen(
    context: LocalContext, paths: tuple[Path, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    imported = Event()

    def import_module(name: str) -> None:
        assert name == "colorsys"
        imported.set()

    def wait(source: Source) -> None:
        assert imported.wait(20)

    monkeypatch.setattr(looking, "import_module", import_module)
    look_and_listen([[]], context, [Late()])
    assert not imported.is_set()  # nothing else is done meanwhile: it is early enough later
    monkeypatch.setattr(Watching, "does", {"sees": wait})
    asked, _ = due(context, paths[:1], SEES)
    look_and_listen([asked], context, [Late(), Late()])


def test_pictures_wait_while_speech_has_all_cores(
    context: LocalContext, paths: tuple[Path, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    seen, looked = Event(), Event()
    leave_any = usable.taken_cores.leave_any

    def look(seconds: float) -> bool:
        looked.set()
        return leave_any(min(seconds, 0.01))

    monkeypatch.setattr(usable.taken_cores, "leave_any", look)
    monkeypatch.setattr(Watching, "does", {"sees, fed": lambda source: seen.set()})
    asked, _ = due(context, paths[:1], SEES)
    with ThreadPoolExecutor(1) as pool, ExitStack() as speech:
        taken = [speech.enter_context(ExitStack()) for _ in range(usable.usable_cores())]
        for one in taken:
            one.enter_context(usable.taken_cores.one())
        done = pool.submit(look_and_listen, [asked], context)
        assert looked.wait(20)
        assert not seen.wait(0.1)
        taken[0].close()
        done.result(20)
    assert seen.is_set()


def test_pictures_that_wait_for_speech_end_with_the_run(
    context: LocalContext, paths: tuple[Path, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listen, "_LOOK", 0.01)
    asked, _ = due(context, paths[:1], SEES)
    with ThreadPoolExecutor(1) as pool, ExitStack() as speech:
        for _ in range(usable.usable_cores()):
            speech.enter_context(usable.taken_cores.one())
        done = pool.submit(look_and_listen, [asked], context)
        context.stopping.set()
        with pytest.raises(Stopped):
            done.result(20)
