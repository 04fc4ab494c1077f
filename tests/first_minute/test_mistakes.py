"""Mistakes on the command line: each is one message with the way out, word for word."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

import pytest

from smartcut.cli import main
from smartcut.testing import write_bar_coded

#: What was typed, and all that is printed.
GOLDEN: dict[str, str] = {
    "smartcut tihgten talk.mp4": (
        "No such command 'tihgten'; did you mean 'tighten'? `smartcut --help` lists them"
    ),
    "smartcut speed tlak.mp4 --factor 2": ("there is no file tlak.mp4; did you mean talk.mp4?"),
    "smartcut speed talk.mp4": (
        "--factor is missing: How many times as fast: 2, 0.5, or keys such as `{0s: 1, 2s: "
        "0.5}` (number or keys ({0s: 1, 2s: 0.5})); for example: smartcut speed walk.mp4 "
        "--factor 2; `smartcut speed --help` explains"
    ),
    "smartcut speed talk.mp4 --fator 2": (
        "there is no option --fator; did you mean --factor?; for example: smartcut speed "
        "walk.mp4 --factor 2; `smartcut speed --help` explains"
    ),
    "smartcut speed talk.mp4 --factor 0": (
        "`speed`: factor: 0 is no speed; accepted: 0.001 to 1000, or keys such as {0s: 1, 2s:"
        " 0.5}; to hold a picture there is `freeze`, to play backwards `reverse`"
    ),
    "smartcut speed talk.mp4 --factor 2 -o talk.mp4": (
        "talk.mp4 is what is read, and cannot be written meanwhile; name another file with "
        "-o, or none: without it, talk.speed.mp4 is written"
    ),
    "smartcut cut talk.mp4": (
        "IN-OUT... is missing: Seconds, timecodes or frames: 1.5-4, 00:00:10:00-00:00:12:12, "
        "30f-90f; 10- is all from 10 s on, -5 the first 5 s; `smartcut cut --help` explains"
    ),
    "smartcut cut talk.mp4 2-1": (
        "range '2-1' is empty or reversed: IN must be before OUT, as in 1.5-4"
    ),
    "smartcut cut talk.mp4 1-99": (
        "range '1-99' goes past the end of the source, which lasts 3.000 s; without OUT "
        "(`10-`) a range goes to the end"
    ),
    "smartcut reframe talk.mp4 --subject faces": (
        "`reframe`: subject: 'faces' is not accepted; did you mean 'face'? accepted: auto | "
        "face | speaker | motion, or [number, at least 0, at most 1, number, at least 0, at "
        "most 1]"
    ),
    "smartcut join talk.mp4 talk.mp4 -o both.xyz": (
        "cannot write both.xyz: unknown suffix '.xyz'; accepted: .mp4, .m4v, .mov, .mkv, "
        ".webm, .ts, .m4a, .mka, .mp3, .wav, .flac, .ogg, .opus, .m3u8, .gif, .webp, .apng"
    ),
    "smartcut run talk.mp4": (
        "talk.mp4 is media, not a pipeline: the pipeline comes first, as in `smartcut run "
        "reel.yaml talk.mp4`; `smartcut talk.mp4` proposes what can be done without one"
    ),
    "smartcut speed reel.yaml --factor 2": (
        "reel.yaml is a pipeline, not media: `smartcut run reel.yaml FILE` runs it"
    ),
    "smartcut run typo.yaml talk.mp4 -o out.mp4": (
        "typo.yaml:4: unknown stage 'titel'; did you mean 'title'?\n"
        "typo.yaml:5: stage 'render': crf: 'on' is not accepted; accepted: whole number, at "
        "least 0, at most 63, or none"
    ),
    "smartcut run reel.yaml talk.mp4 --set lenght=3 -o out.mp4": (
        "reel.yaml: unknown parameter 'lenght'; did you mean 'length'? accepted: length"
    ),
}


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("films")
    write_bar_coded(folder / "talk.mp4")
    reel = "params: {length: 2s}\nstages:\n  - trim: {end: '${length}'}\n"
    (folder / "reel.yaml").write_text(reel)
    (folder / "typo.yaml").write_text(f"{reel}  - titel: {{text: x}}\n  - render: {{crf: on}}\n")
    return folder


@pytest.mark.parametrize("typed", GOLDEN)
def test_a_mistake_is_one_message_with_the_way_out(
    typed: str,
    films: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(films)
    before = sorted(films.iterdir())
    monkeypatch.setattr(sys, "argv", shlex.split(typed))
    with pytest.raises(SystemExit) as ended:
        main()
    printed = capsys.readouterr()
    assert ended.value.code in (1, 2)
    assert printed.out == ""
    assert printed.err == f"error: {GOLDEN[typed]}\n"
    assert sorted(films.iterdir()) == before, "nothing is written"
