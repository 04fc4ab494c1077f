"""Reports: what a page says of a film, a manifest and a cut, and that it only ever shows texts."""

from __future__ import annotations

import io
import json
import re
import shutil
from base64 import b64decode
from fractions import Fraction as F
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import smartcut as sc
from smartcut.annotation import Annotation, Sentence, Shot, Shots, Signal, Transcript, Word
from smartcut.api.reporting import default_output, write_report
from smartcut.cut import Cut, Effect, Segment, Track
from smartcut.errors import PipelineError, SourceError
from smartcut.report.html.facts import (
    GeneratedPart,
    Missing,
    ReportFacts,
    Writing,
    WrittenSound,
    WrittenSpan,
)
from smartcut.report.html.markup import share
from smartcut.report.html.page import report_page
from smartcut.source import Source
from smartcut.testing import number_in, write_bar_coded
from smartcut.timebase import Range
from tests.builders.commands import run_command

HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(2)>&amp;</title></style><!--\x00\x1b'


class Parsed(HTMLParser):
    """The elements of a page with their attributes, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(html)

    def handle_starttag(self, name: str, attributes: list[tuple[str, str | None]]) -> None:
        self.elements.append((name, dict(attributes)))

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.texts).split())

    def all(self, name: str) -> list[dict[str, str | None]]:
        return [attributes for found, attributes in self.elements if found == name]


def source(id: str = "talk", length: int = 10) -> Source:
    return Source(id, Path(f"{id}.mp4"), "d1" * 32, "mp4", F(0), F(length))


def known_cut(**changed: Any) -> Cut:
    """Two segments of a source, of which words, shots and loudness are known."""
    words = (Word(Range(F(1), F(2)), "good"), Word(Range(F(7), F(8)), "evening"))
    sentence = Sentence(Range(F(1), F(8)), "good evening", words)
    shots = Shots((Shot(Range(F(0), F(3)), 0, 90, "start"), Shot(Range(F(3), F(10)), 90, 300)))
    levels = Signal(F(1), tuple(range(10)), ("momentary",), (tuple(range(-60, 0, 6)),), "LUFS")
    segments = (
        Segment("talk", Range(F(0), F(4)), label="first", scores=(("score", 0.75),)),
        Segment("talk", Range(F(6), F(10)), label="second"),
    )
    given = {
        "sources": (source(),),
        "tracks": (Track("programme", segments),),
        "annotations": (
            Annotation(
                "transcript", "talk", Transcript("en", (sentence,)), "transcript/9", "a", "b"
            ),
            Annotation("shots", "talk", shots),
            Annotation("loudness", "talk", levels),
        ),
        **changed,
    }
    return Cut(**given)


# -------------------------------------------------------------------------------- the page alone


def test_a_cut_is_shown_with_words_scores_shots_and_loudness() -> None:
    page = report_page(ReportFacts("talk.json", known_cut()))
    found = Parsed(page)
    assert [a["id"] for a in found.all("article")] == ["segment-1", "segment-2"]
    assert "0:04.0, 4.0 s" in found.text
    assert "0:06.0 to 0:10.0 of talk" in found.text
    assert "score 0.75" in found.text
    # Each card has the words that are heard in it, and they are spoken at timeline times.
    first, second = re.findall(r"<article.*?</article>", page)
    assert "good" in first
    assert "evening" in second
    assert "0:05.0" in re.findall(r"<td>(.*?)</td>", page.partition('id="words"')[2])
    # The shot at 3 s lies at 3 of 8 s. Loudness at 6 s of the source is -24: it is shown at 4 s.
    assert '<line x1="37.500%" x2="37.500%" y1="0" y2="34" class="shot">' in page
    assert "500.0 40.8" in page.partition('class="row plot"')[2]
    assert "nothing here says that it was rendered" in found.text


def test_what_was_written_is_told_in_shares_with_reasons() -> None:
    spans = (
        WrittenSpan(Range(F(0), F(1)), 25, "encode", "a title is drawn"),
        WrittenSpan(Range(F(1), F(8)), 175, "copy", "nothing in it changes"),
    )
    part = GeneratedPart(Range(F(2), F(4)), "picture", "interpolate", "rife")
    writing = Writing("talk.mp4", "0.2.0", spans=spans, generated=(part,))
    page = report_page(ReportFacts("talk.mp4", known_cut(), writing=writing))
    text = Parsed(page).text
    assert "Copied 88 % Encoded 12 % Generated 25 %" in text
    assert "Encoded a title is drawn 12 % 1.0 s 25 1" in text
    assert "75 % copied; the rest encoded: a title is drawn" in text
    assert "Generated: interpolate by rife" in text


def test_shares_never_round_something_to_nothing_nor_nearly_all_to_all() -> None:
    assert share(F(1), F(100_000)) == "under 0.1 %"
    assert share(F(99_999), F(100_000)) == "over 99.9 %"
    assert (share(F(0), F(9)), share(F(9), F(9)), share(F(1), F(40))) == ("0 %", "100 %", "2.5 %")
    assert share(F(0), F(0)) == "0 %"


def hostile_facts() -> ReportFacts:
    """A text that tries to be more than a text, wherever a text can stand."""
    word = Word(Range(F(1), F(2)), HOSTILE, speaker=HOSTILE)
    said = Transcript("en", (Sentence(Range(F(1), F(2)), HOSTILE, (word,)),))
    signal = Signal(F(1), (0, 5), (HOSTILE, HOSTILE + "2"), ((0.0, 1.0), (1.0, 0.0)), HOSTILE)
    segment = Segment(
        HOSTILE, Range(F(0), F(8)), effects=(Effect(HOSTILE),), label=HOSTILE,
        scores=((HOSTILE, float("nan")), ("score", 7.0)), chapter=HOSTILE,
    )  # fmt: skip
    cut = Cut(
        sources=(source(HOSTILE),),
        tracks=(Track("programme", (segment,)), Track(HOSTILE, (segment,), kind="sound")),
        annotations=(
            Annotation("transcript", HOSTILE, said, HOSTILE, HOSTILE, HOSTILE),
            Annotation("relevance", HOSTILE, signal),
        ),
    )
    spans = (WrittenSpan(Range(F(0), F(8)), 1, HOSTILE, HOSTILE),)
    part = GeneratedPart(Range(F(0), F(1)), *[HOSTILE] * 5)
    sound = WrittenSound(*[HOSTILE] * 4)
    return ReportFacts(
        name=HOSTILE, cut=cut, writing=Writing(*[HOSTILE] * 3, spans, (sound,), (part,)),
        models=({"annotation": HOSTILE, "model": HOSTILE, "sha256": HOSTILE},), pipeline=HOSTILE,
        options=((HOSTILE, HOSTILE),), notes=(HOSTILE,), missing=(Missing(HOSTILE, HOSTILE),),
    )  # fmt: skip


def test_hostile_texts_are_only_shown() -> None:
    page = report_page(hostile_facts())
    found = Parsed(page)
    names = {name for name, _ in found.elements}
    assert not names & {"script", "iframe", "object", "embed", "link", "base", "form"}
    assert found.all("img") == []
    for _, attributes in found.elements:
        assert not [name for name in attributes if name.startswith("on")]
        links = [attributes.get(name) for name in ("src", "href", "poster") if name in attributes]
        assert all(link and link.startswith(("#", "data:")) for link in links)
    # It is all there to be read, but for what HTML has no place for.
    shown = HOSTILE.replace("\x00", "\ufffd").replace("\x1b", "\ufffd")
    assert found.text.count(shown) > 15
    assert "\x00" not in page
    (policy,) = (a for a in found.all("meta") if "http-equiv" in a)
    assert policy["content"]
    assert policy["content"].startswith("default-src 'none'")


def test_a_name_of_a_file_that_is_no_text_is_shown() -> None:
    cut = known_cut(sources=(source("talk\udce9"),), tracks=(), annotations=())
    assert "talk\ufffd" in Parsed(report_page(ReportFacts("x", cut))).text


# ------------------------------------------------------------------------- of files that are there


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A film of two parts of a bar-coded source, of which the beginnings are encoded."""
    folder = tmp_path_factory.mktemp("film")
    write_bar_coded(folder / "in.mp4", frames=120, size=(160, 90))
    return folder


def made_film(folder: Path) -> tuple[Path, Any]:
    film = sc.open(folder / "in.mp4") | sc.loudness() | sc.trim(ranges=["0.5-1.9", "2.4-3.9"])
    result = film.render(folder / "out.mp4")
    return folder / "out.mp4", result


def pictures(page: str) -> list[np.ndarray]:
    found = [a["src"] for a in Parsed(page).all("img")]
    files = [b64decode(str(src).partition("base64,")[2]) for src in found]
    return [np.asarray(Image.open(io.BytesIO(file)).convert("L")) for file in files]


def test_a_film_a_manifest_and_a_result_give_the_same_report(film: Path, tmp_path: Path) -> None:
    out, result = made_film(film)
    result.report(tmp_path / "a.html")
    write_report(out, tmp_path / "b.html")
    write_report(film / "out.manifest.json", tmp_path / "c.html")
    page = (tmp_path / "a.html").read_text()
    assert page == (tmp_path / "b.html").read_text() == (tmp_path / "c.html").read_text()
    text = Parsed(page).text
    intervals = json.loads((film / "out.manifest.json").read_text())["intervals"]
    copied = sum(i["end"] - i["start"] for i in intervals if i["how"] == "copy")
    assert f"Copied {100 * copied / 2.9:.0f} %" in text
    assert "out.manifest.json agrees" in text
    assert "ranges: [0.5-1.9, 2.4-3.9]" in text
    assert "Loudness" in text
    assert "No stage" not in text
    # The pictures are those of the middles: 1.2 s and 3.15 s of the source.
    assert [number_in(picture) for picture in pictures(page)] == [36, 94]


def test_away_from_its_cache_a_report_says_what_it_does_not_know(
    film: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made_film(film)
    shutil.copy(film / "out.manifest.json", tmp_path / "out.manifest.json")
    monkeypatch.setenv("SMARTCUT_CACHE", str(tmp_path / "other"))
    facts = write_report(tmp_path / "out.manifest.json", tmp_path / "r.html")
    unknown = [one.what for one in facts.missing]
    assert unknown[:2] == ["the film itself", "words, shots and signals"]
    assert unknown[2:] == ["the pipeline and its options", "pictures"]
    text = Parsed((tmp_path / "r.html").read_text()).text
    assert "there is no out.mp4 beside the manifest" in text
    assert "between the cut and the next key frame" in text  # what the manifest knows is there


def test_of_a_cut_the_pictures_are_as_they_will_be(film: Path, tmp_path: Path) -> None:
    cut = (sc.open(film / "in.mp4") | sc.trim(ranges=["1-2"]) | sc.reverse()).cut()
    cut.report(tmp_path / "r.html")
    page = (tmp_path / "r.html").read_text()
    assert [number_in(picture) for picture in pictures(page)] == [44]
    assert "Reversed" in Parsed(page).text
    assert "add: transcribe, shots, loudness, motion" in Parsed(page).text


def test_corrections_that_no_longer_apply_are_told(film: Path, tmp_path: Path) -> None:
    """On the page of a cut and on that of the film: what conflicts, and why."""
    (tmp_path / "reel.yaml").write_text("stages:\n  - trim: {end: 1}\n  - render\n")
    (tmp_path / "reel.edits.yaml").write_text(
        "edits:\n"
        "  - trim: {segment: {source: in, start: 2, end: 3}, end: 2.5}\n"
        "  - drop: {source: in, start: 0.2, end: 0.4}\n"
    )
    pipeline = sc.Pipeline.from_yaml(tmp_path / "reel.yaml")
    inputs = [film / "in.mp4"]
    cut = pipeline.cut(inputs)
    (told,) = [note for note in cut.notes if "conflict in edit 1 (trim)" in note]
    cut.report(tmp_path / "cut.html")
    pipeline.run(inputs, tmp_path / "reel.mp4").report(tmp_path / "film.html")
    for name in ("cut.html", "film.html"):
        assert told in Parsed((tmp_path / name).read_text()).text


def test_a_changed_film_is_told(film: Path, tmp_path: Path) -> None:
    out, _ = made_film(film)
    for file in (out, film / "out.manifest.json"):
        shutil.copy(file, tmp_path / file.name)
    plain = json.loads((tmp_path / "out.manifest.json").read_text())
    plain["written"] = {"bytes": 1, "sha256": "0" * 64}
    (tmp_path / "out.manifest.json").write_text(json.dumps(plain))
    write_report(tmp_path / "out.mp4", tmp_path / "r.html")
    assert "the file was changed after it was written" in (tmp_path / "r.html").read_text()


def test_a_file_of_another_program_is_no_film_of_ours(film: Path, tmp_path: Path) -> None:
    facts = write_report(film / "in.mp4", tmp_path / "r.html")
    assert facts.missing[0].what == "how it was made"
    assert "there is none beside the file" in facts.missing[0].why
    assert len(pictures((tmp_path / "r.html").read_text())) == 1


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"timeline": 7}, "cannot be read as a manifest"),
        ({"timeline": [{"kind": "picture"}]}, "cannot be read as a manifest"),
        ({"inputs": [{"id": "x", "sha256": None, "made": None}]}, "cannot be read as a manifest"),
        ({"intervals": [{"start": "1e999999999", "end": 0}]}, "cannot be read as a manifest"),
    ],
)
def test_a_damaged_manifest_is_told(change: Any, told: str, tmp_path: Path) -> None:
    whole = {"output": "o.mp4", "inputs": [], "timeline": [], "intervals": [], "generated": []}
    path = tmp_path / "o.manifest.json"
    path.write_text(json.dumps({**whole, "duration": 1, **change}))
    with pytest.raises(SourceError, match=told):
        write_report(path, tmp_path / "r.html")
    assert not (tmp_path / "r.html").exists()


def test_mistakes_say_what_is_accepted(tmp_path: Path) -> None:
    with pytest.raises(PipelineError, match="written to a file of .html"):
        write_report(tmp_path / "a.mp4", tmp_path / "r.pdf")
    with pytest.raises(PipelineError, match="accepted: a film, its manifest, a cut"):
        write_report(7, tmp_path / "r.html")
    with pytest.raises(PipelineError, match="is no pipeline"):
        write_report(tmp_path / "a.mp4", tmp_path / "r.html", ["b.mp4"])
    assert default_output(Path("x/reel.manifest.json")) == Path("x/reel.report.html")


def test_the_command_runs_a_pipeline_and_writes_beside_it(
    film: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "p.yaml").write_text(
        'params: {to: 1}\nstages: [{trim: {ranges: ["0-${to}"]}}, render]'
    )
    told = run_command(
        monkeypatch, capsys, "report", tmp_path / "p.yaml", film / "in.mp4", "--set", "to=2"
    )
    assert told[0] == 0, told
    page = (tmp_path / "p.report.html").read_text()
    assert "0:02.0" in Parsed(page).text
    assert told[1].splitlines()[-1].startswith(f"wrote {tmp_path / 'p.report.html'}, ")
    assert not list(tmp_path.glob("*.mp4"))
