"""Text and tables from strangers: whatever is in them, only smartcut's own errors come out."""

from __future__ import annotations

import contextlib
import json
import pickle
import struct
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
from smartcut.interchange.json import cut_from_json, cut_to_json
from smartcut.media.texts import _text
from smartcut.models.generation.checkpoint import describe
from smartcut.models.makers.volume import read_stack
from smartcut.models.weights import load_state
from smartcut.render.lut import identity, read_cube, write_cube
from smartcut.render.provenance import read_tag
from smartcut.runners.table import read_table
from smartcut.spec import parse_setting, parse_spec
from smartcut.stage import stage_modules
from smartcut.timebase import exact, parse_time

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
    "text", ["", "[", "[" * 100_000, "null", '{"tracks": "1e999999999"}', b"\xff\xfe"]
)
def test_no_cuts(text: str | bytes) -> None:  # fmt: skip
    with pytest.raises(PipelineError):
        cut_from_json(text)


@few
@given(st.text(max_size=60) | nested.map(lambda v: json.dumps(v)))
def test_tags(text: str) -> None:
    from smartcut.render import provenance

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
