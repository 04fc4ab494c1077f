"""Text and tables from strangers: whatever is in them, only smartcut's own errors come out."""

from __future__ import annotations

import contextlib
import copy
import json
import pickle
import struct
import time
from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from smartcut.cut import Cut
from smartcut.errors import ModelError, PipelineError, SmartcutError
from smartcut.interchange.files import read_cut, write_cut
from smartcut.interchange.formats import SUFFIXES
from smartcut.interchange.json import cut_from_json, cut_to_json
from smartcut.media.texts import _text
from smartcut.models.generation.checkpoint import describe
from smartcut.models.makers.volume import read_stack
from smartcut.models.weights import load_state
from smartcut.render.lut import identity, read_cube, write_cube
from smartcut.render.records.provenance import read_tag
from smartcut.runners.table import read_table
from smartcut.source import AudioStream, Source, VideoStream
from smartcut.spec_reading import parse_spec
from smartcut.spec_text import parse_setting
from smartcut.stage import stage_modules
from smartcut.timebase import exact, parse_time

BASELINES = Path(__file__).parent / "baselines"

few = settings(
    max_examples=25,
    deadline=5000,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)

words = st.one_of(
    st.text(max_size=12),
    st.sampled_from(["1e9", "-1", "0", "1/0", "inf", "nan", "30s", "${a}", "${", "~", "0x1f",
                     "1:2:3", "../../etc/passwd", "/dev/zero", "http://x/y", "\x00",
                     "1e999999999"]),
    st.integers(), st.floats(), st.booleans(), st.none(),
)  # fmt: skip
nested = st.recursive(
    words,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)  # fmt: skip
KEYS = ("duration", "prompts", "ranges", "start", "end", "music", "rate", "seed", "colour", "text")


@few
@given(
    stage=st.sampled_from(list(stage_modules())),
    values=st.dictionaries(st.sampled_from(KEYS), nested, max_size=3),
    params=st.dictionaries(st.sampled_from("abc"), nested, max_size=3),
    inputs=nested,
)
def test_pipelines(stage: str, values: Any, params: Any, inputs: Any) -> None:
    text = json.dumps({"params": params, "inputs": inputs, "stages": [{stage: values}]})
    with contextlib.suppress(SmartcutError):
        parse_spec(text)


@few
@given(st.text(alphabet="-:{}[]&*!|>#%@'\", \n\tab01\\x~?<", max_size=80))
def test_yaml_of_any_shape(text: str) -> None:
    with contextlib.suppress(SmartcutError):
        parse_spec("stages:\n - shots\n" + text)
    with contextlib.suppress(SmartcutError):
        parse_setting("a=" + text)


def _chain(first: str, each: Callable[[str], str]) -> str:
    """Lines of YAML: ``a`` is the first, and each further letter's value is made of the last's."""
    lines = [f"  a: {first}"]
    lines += [f"  {b}: {each(a)}" for a, b in pairwise("abcdefghij")]
    return "params:\n" + "\n".join(lines) + "\nstages: [shots]\n"


BOMBS = {
    "aliases": "a: &a [x, x]\n"
    + "".join(f"{b}: &{b} [{', '.join([f'*{a}'] * 9)}]\n" for a, b in pairwise("abcdefghi")),
    "an alias of itself": "stages: &a [*a]",
    "depth": "stages: " + "[" * 1500 + "]" * 1500,
    "size": "stages: [" + "shots, " * 200_000 + "]",
    "texts": _chain("xxxxxxxxxx", lambda a: "'" + f"${{{a}}}" * 10 + "'"),
    "lists": _chain("[1, 2, 3]", lambda a: "[" + ", ".join([f"'${{{a}}}'"] * 10) + "]"),
    "a number": "stages: [{trim: {start: 1e999999999}}]",
    "a ratio": "stages: [{interpolate: {factor: '1e999999999'}}]",
}


@pytest.mark.parametrize("name", BOMBS)
def test_bombs_are_refused_at_once(name: str) -> None:
    with pytest.raises(PipelineError):
        parse_spec(BOMBS[name])


@pytest.mark.parametrize(
    "tag", ["!!python/object/apply:os.system [id]", "!!python/name:os.system",
            "!include /etc/passwd", "!!python/object/new:subprocess.Popen [[id]]"],
)  # fmt: skip
def test_yaml_runs_no_code(tag: str) -> None:
    with pytest.raises(PipelineError):
        parse_spec(f"stages:\n  - shots: {{detector: {tag}}}")


@pytest.mark.parametrize("text", ["1e999999999", "1E+1_000_000", "-2.5e-99999"])
def test_numbers_that_would_fill_memory(text: str) -> None:
    with pytest.raises(ValueError, match="exponent"):
        exact(text)
    with pytest.raises(ValueError, match="not a time"):
        parse_time(text)


CUT = cut_to_json(Cut(sources=()))


@few
@given(st.dictionaries(st.sampled_from([*json.loads(CUT), "x"]), nested, max_size=4))
def test_cuts(changes: Any) -> None:
    with contextlib.suppress(SmartcutError):
        cut_from_json(json.dumps({**json.loads(CUT), **changes}))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[",
        "[" * 100_000,
        "null",
        '{"tracks": "1e999999999"}',
        b"\xff\xfe",
        '{"mix": {"crossfade": "1\\u0065999999999"}}',
        '{"mix": {"crossfade": "\\t1e99999999"}}',
    ],
)
def test_no_cuts(text: str | bytes) -> None:  # fmt: skip
    with pytest.raises(PipelineError):
        cut_from_json(text)


@few
@given(st.text(max_size=60) | nested.map(lambda v: json.dumps(v)))
def test_tags(text: str) -> None:
    from smartcut.render.records import provenance

    with contextlib.suppress(ValueError):  # what its readers catch
        read_tag([("comment", provenance._OPENS + text)])


@few
@given(st.text(alphabet='LUT_3DSIZE DOMAIN_MIN 0123456789.-e\n#"', max_size=120))
def test_colour_tables(tmp_path: Path, text: str) -> None:  # fmt: skip
    (tmp_path / "a.cube").write_text(text)
    with contextlib.suppress(SmartcutError):
        read_cube(tmp_path / "a.cube")


@few
@given(st.integers(0, 200), st.binary(max_size=8))
def test_damaged_colour_tables(tmp_path: Path, at: int, data: bytes) -> None:
    write_cube(tmp_path / "a.cube", identity(2))
    whole = (tmp_path / "a.cube").read_bytes()
    (tmp_path / "a.cube").write_bytes(whole[:at] + data + whole[at:])
    with contextlib.suppress(SmartcutError):
        read_cube(tmp_path / "a.cube")


@few
@given(st.text(max_size=80), st.sampled_from(["a.csv", "a.tsv", "a.jsonl"]))
def test_tables(tmp_path: Path, text: str, name: str) -> None:
    (tmp_path / name).write_text("name,duration\n" + text, encoding="utf-8", errors="replace")
    with contextlib.suppress(SmartcutError):
        read_table(tmp_path / name, {"name": "x", "duration": 3})


@few
@given(st.sampled_from(["subrip", "mov_text", "webvtt", "ass"]), st.binary(max_size=60))
def test_subtitles(codec: str, data: bytes) -> None:
    assert len(_text(codec, data)) <= len(data)


@pytest.mark.parametrize("unit", [b"{", b"<a", b"\\N{"])
def test_subtitles_of_a_million_brackets(unit: bytes) -> None:
    assert len(_text("ass", unit * 1_000_000)) <= 5_000


class Evil:
    """Makes a file if it is ever unpickled."""

    def __init__(self, place: Path) -> None:
        self.place = place

    def __reduce__(self) -> Any:
        return (Path.touch, (self.place,))


@pytest.mark.parametrize("name", ["a.pth", "a.pkl", "a.safetensors", "a.pt"])
def test_weights_run_no_code(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(pickle.dumps(Evil(tmp_path / "owned")))
    with pytest.raises(ModelError, match="without code"):
        load_state(tmp_path / name)
    with pytest.raises(ModelError):
        describe(tmp_path / name)
    assert not (tmp_path / "owned").exists()


def test_arrays_run_no_code(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.array([Evil(tmp_path / "owned")]), allow_pickle=True)
    with pytest.raises(SmartcutError):
        read_stack(tmp_path / "a.npy")
    assert not (tmp_path / "owned").exists()


@few
@given(nested, st.integers(0, 2**64 - 1), st.binary(max_size=40))
def test_safetensors(tmp_path: Path, header: Any, size: int, tail: bytes) -> None:
    text = json.dumps({"__metadata__": {"smartcut": json.dumps(header)}, "w": header}).encode()
    for said in (len(text), size):
        (tmp_path / "a.safetensors").write_bytes(struct.pack("<Q", said) + text + tail)
        for read in (load_state, describe):
            with contextlib.suppress(ModelError):
                read(tmp_path / "a.safetensors")


@few
@given(st.binary(max_size=120), st.tuples(st.integers(-9, 2**40), st.integers(0, 2**40)))
def test_stacks(tmp_path: Path, data: bytes, shape: tuple[int, int]) -> None:
    head = f"{{'descr': '<f4', 'fortran_order': False, 'shape': (2, {shape[0]}, {shape[1]}), }}"
    head = head.ljust(117) + "\n"
    (tmp_path / "a.npy").write_bytes(b"\x93NUMPY\x01\x00\x76\x00" + head.encode() + data)
    with contextlib.suppress(SmartcutError):
        read_stack(tmp_path / "a.npy")
    (tmp_path / "a.npy").write_bytes(data)
    with contextlib.suppress(SmartcutError):
        read_stack(tmp_path / "a.npy")


def test_exact_stays_exact() -> None:
    assert exact("1e3") == 1000
    assert exact("30000/1001") == Fraction(30000, 1001)


# ----------------------------------------------------------------- cuts of editing systems

CUTS = {path.suffix: path.read_text(encoding="utf-8") for path in BASELINES.iterdir()}
CUTS[".md"] = """---
smartcut: words
version: 1
sources:
  "a": {"path": "a.mp4", "language": "en", "sha256": "0000"}
---

- [x] [00:00:01.000 - 00:00:02.000] the{1} the{2} ~~old~~ boat.

# A chapter
- [x] [00:00:03.000 - 00:00:05.000] *2.0 s without words*

<!-- smartcut words: when each word was said; leave this as it is
{"source": "a", "words": [["the", 1000, 1200, 0.5], ["the", "13/10", 1400], ["old", 1400, 1500]]}
{"source": "a", "words": [["boat.", 1500, 2000]]}
{"source": "a", "words": [["", 3000, 5000]]}
{"source": "a", "duration": 5000}
-->
"""
PIECES = ["", "\x00", "9" * 30, "-1", "0", "1/0", "nan", "1e999", "<", ">", "&a;", '"', "{", "[[",
          "00:00:00:00", "99:99:99;99", "M2 X -1.0 00:00:00:00", "V", "BL", "* SOURCE FILE: /etc",
          "<gap duration='1s'/>", "<spine>", "lane='1'", "offset='-9s'", "s", "/", "\n", "\ud800",
          "ref='r3'", "duration='0s'", "speed", "\u2028", "FCM: DROP FRAME\n",
          "file://x/y", "\\ud800", "\\u0000", "%ff%00"]  # fmt: skip
changes = st.lists(
    st.tuples(st.floats(0, 1), st.floats(0, 1), st.sampled_from([0, 1, 9, 80, 700]),
              st.sampled_from(PIECES) | st.none()),
    min_size=1, max_size=4,
)  # fmt: skip


def changed(text: str, how: Any) -> str:
    """The text with stretches replaced by others, or by stretches of itself."""
    for to, of, length, piece in how:
        at, start = int(to * len(text)), int(of * len(text))
        put = text[start : start + length] if piece is None else piece
        text = text[:at] + put + text[at + (length if piece != "" else 0) :]
    return text


def known(path: Path, id: str) -> Source:
    """A source of five minutes, whatever the place: nothing is opened."""
    video = VideoStream(0, "h264", Fraction(1, 30), 64, 48, "yuv420p", Fraction(30), False,
                        Fraction(0), Fraction(300), 9000)  # fmt: skip
    audio = AudioStream(
        1, "aac", Fraction(1, 48_000), 48_000, 2, "stereo", Fraction(0), video.duration
    )
    return Source(id, path, "0" * 64, "mp4", Fraction(0), video.duration, video, audio)


def ends_well(path: Path, text: str | bytes) -> None:
    """It is a cut, which then can be written in all formats, or an error of smartcut's."""
    path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass"))
    with contextlib.suppress(SmartcutError):
        cut = read_cut(path, known)
        for suffix in SUFFIXES:
            with contextlib.suppress(SmartcutError):
                write_cut(cut, path.with_suffix(f".again{suffix}"))


@few
@given(st.sampled_from(sorted(CUTS)), changes)
def test_changed_cut_files(tmp_path: Path, suffix: str, how: Any) -> None:
    ends_well(tmp_path / f"cut{suffix}", changed(CUTS[suffix], how))


def places(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The way to every value in plain data."""
    if not isinstance(value, (dict, list)):
        return [at]
    inner = value.items() if isinstance(value, dict) else enumerate(value)
    return [at, *(place for key, item in inner for place in places(item, (*at, key)))]


def at_place(value: Any, place: tuple[Any, ...]) -> Any:
    for key in place:
        value = value[key]
    return value


OTIO = json.loads(CUTS[".otio"])
OTIO_PLACES = places(OTIO)[1:]
SCHEMAS = ["Clip.1", "Clip.2", "Clip.99", "Stack.1", "Track.1", "Gap.1", "Transition.1",
           "Nothing.1", "LinearTimeWarp.1", "FreezeFrame.1", "SerializableObjectRef.1", "",
           "RationalTime.1", "MissingReference.1", "ImageSequenceReference.1", ".",
           "SerializableCollection.1"]  # fmt: skip


@few
@given(
    st.lists(
        st.tuples(
            st.sampled_from(OTIO_PLACES),
            st.sampled_from(["set", "copy", "drop", "schema"]),
            st.sampled_from(OTIO_PLACES),
            nested | st.sampled_from([1e300, -1e300, 2**63, 1e-300, {"OTIO_SCHEMA": "Clip.2"}]),
            st.sampled_from(SCHEMAS),
        ),
        min_size=1,
        max_size=4,
    )
)
def test_changed_timelines(tmp_path: Path, how: Any) -> None:
    plain = copy.deepcopy(OTIO)
    for place, kind, other, value, schema in how:
        with contextlib.suppress(KeyError, IndexError, TypeError):  # what an earlier change removed
            holder = at_place(plain, place[:-1])
            if kind == "drop":
                del holder[place[-1]]
            elif kind == "schema":
                at_place(plain, place[:-1])["OTIO_SCHEMA"] = schema
            else:
                put = copy.deepcopy(at_place(OTIO, other)) if kind == "copy" else value
                holder[place[-1]] = put
    ends_well(tmp_path / "cut.otio", json.dumps(plain))


def timeline(children: str) -> str:
    """An OTIO timeline of one track."""
    track = f'{{"OTIO_SCHEMA": "Track.1", "kind": "Video", "children": [{children}]}}'
    stack = f'{{"OTIO_SCHEMA": "Stack.1", "children": [{track}]}}'
    return f'{{"OTIO_SCHEMA": "Timeline.1", "tracks": {stack}}}'


STACK = '{"OTIO_SCHEMA": "Stack.1", "children": ['
GAP = ('{"OTIO_SCHEMA": "Gap.1", "source_range": {"OTIO_SCHEMA": "TimeRange.1", "start_time": {'
       '"OTIO_SCHEMA": "RationalTime.1", "rate": 25, "value": 0}, "duration": {"OTIO_SCHEMA": '
       '"RationalTime.1", "rate": RATE, "value": 7}}}')  # fmt: skip
HEAD = '<fcpxml version="1.10"><resources/><library><event><project><sequence><spine>'
CUT_BOMBS = {
    "depth.otio": '{"a": ' * 5000 + "1" + "}" * 5000,
    "stacks.otio": timeline(STACK * 1000 + "]}" * 1000),
    "itself.otio": '{"OTIO_SCHEMA": "Stack.1", "OTIO_REF_ID": "a", "children": ['
    '{"OTIO_SCHEMA": "SerializableObjectRef.1", "id": "a"}]}',
    "rates.otio": timeline(", ".join(GAP.replace("RATE", str(n + 0.37)) for n in range(1, 3000))),
    "clips.otio": timeline(", ".join([GAP.replace("RATE", "25")] * 21_000)),
    "number.otio": '{"OTIO_SCHEMA": "Timeline.1", "a": ' + "9" * 5000 + "}",
    "float.otio": '{"OTIO_SCHEMA": "Timeline.1", "a": 1e999}',
    "top.otio": "[1]",
    "exponent.otio": CUTS[".otio"].replace('"crossfade": "1/100"', '"crossfade": "\\t1e99999999"'),
    "lines.edl": "1 A V C 00:00:00:00 00:00:00:01 00:00:00:00 00:00:00:01\n" * 21_000,
    "line.edl": "1 " * 1_000_000,
    "spaces.edl": "1" + " " * 9000 + "x" + " " * 900 + "C",
    "laughs.fcpxml": "<!DOCTYPE fcpxml [<!ENTITY a 'ha'>"
    + "".join(f"<!ENTITY {b} '&{a};&{a};&{a};'>" for a, b in pairwise("abcdefghijk"))
    + "]><fcpxml>&k;</fcpxml>",
    "depth.fcpxml": "<a>" * 100_000,
    "nested.fcpxml": HEAD + "<clip>" * 50 + "</clip>" * 50,
    "times.fcpxml": HEAD + "".join(f'<gap duration="1/{n}s"/>' for n in range(10**6, 10**6 + 3000))
    + "</spine></sequence></project></event></library></fcpxml>",
    "compound.fcpxml": '<fcpxml version="1.10"><resources>'
    + "".join(f'<media id="{a}"><sequence><spine>' + f'<ref-clip ref="{b}" duration="1s"/>' * 9
              + "</spine></sequence></media>" for a, b in pairwise("abcdefghijklm"))
    + "</resources><library><event><project><sequence><spine><ref-clip ref='a' duration='1s'/>"
    "</spine></sequence></project></event></library></fcpxml>",
    "encoding.fcpxml": '<?xml version="1.0" encoding="utf-7"?><fcpxml/>',
}  # fmt: skip


@pytest.mark.parametrize("name", CUT_BOMBS)
def test_bombs_in_cut_files_are_refused_at_once(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text(CUT_BOMBS[name])
    before = time.process_time()
    with pytest.raises(PipelineError):
        read_cut(tmp_path / name, known)
    assert time.process_time() - before < 20
