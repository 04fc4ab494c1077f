"""What YAML 1.1 reads otherwise than people write it: read as meant, or refused as it was typed."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from smartcut.errors import PipelineError
from smartcut.report.steps import steps_of
from smartcut.report.verbs import asked
from smartcut.spec_reading import parse_spec
from smartcut.spec_text import known_params, parse_setting
from smartcut.verbs import VERBS

F = Fraction

#: Where a value ends: a parameter of each type, and what else its stage has to be given.
FIELDS = {
    "text": ("title", "text", ""),
    "time": ("title", "at", ", text: x"),
    "whole": ("render", "crf", ""),
    "number": ("generate", "guidance", ", kind: b-roll, weights: x"),
    "keys": ("zoom", "scale", ""),
    "ratio": ("render", "fps", ""),
    "truth": ("interpolate", "cadence", ", factor: 2"),
    "choice": ("render", "mode", ""),
    "shape": ("reframe", "aspect", ""),
    "texts": ("relevance", "prompts", ""),
}


def read(field: str, written: str) -> Any:
    """The parameter for what was written without quotes."""
    stage, key, rest = FIELDS[field]
    text = f"stages:\n  - {stage}: {{{key}: {written}{rest}}}\n"
    found = getattr(parse_spec(text).steps[0].stage, key)
    return tuple(item.text for item in found) if field == "texts" else found


@pytest.mark.parametrize(
    ("written", "field", "meant"),
    [
        ("1:30", "text", "1:30"),
        ("1:30", "time", F(90)),
        ("01:30", "time", F(90)),
        ("1:02:03", "time", F(3723)),
        ("1:30.5", "time", F(181, 2)),
        ("9:16", "shape", "9:16"),
        ("9:16", "text", "9:16"),
        ("[1:30, 22:15]", "texts", ("1:30", "22:15")),
        ("on", "text", "on"),
        ("no", "text", "no"),
        ("Off", "text", "Off"),
        ("[no, yes, true]", "texts", ("no", "yes", "true")),
        ("on", "truth", True),
        ("no", "truth", False),
        ("007", "text", "007"),
        ("007", "whole", 7),
        ("010", "whole", 10),
        ("08", "whole", 8),
        ("010", "time", F(10)),
        ("010", "text", "010"),
        ("0x10", "text", "0x10"),
        ("12e3", "text", "12e3"),
        ("1e1", "time", F(10)),
        ("1e1", "keys", 10.0),
        ("1e1", "ratio", F(10)),
        ("1e1", "whole", 10),
        ("1_000", "text", "1_000"),
        ("1.10", "text", "1.10"),
        ("+5", "text", "+5"),
        (".5", "time", F(1, 2)),
        ("2024-01-01", "text", "2024-01-01"),
        ("2024-01-01 12:00:00", "text", "2024-01-01 12:00:00"),
        ("2024", "text", "2024"),
        ("null", "whole", None),
        ("none", "whole", None),
        ("none", "text", "none"),
        ("=", "text", "="),
        ("y", "text", "y"),
    ],
)
def test_read_as_meant(written: str, field: str, meant: Any) -> None:
    found = read(field, written)
    assert found == meant
    assert type(found) is type(meant) or isinstance(meant, Fraction)


@pytest.mark.parametrize(
    ("written", "field", "said"),
    [
        ("on", "time", "at: 'on' is not a time"),
        ("yes", "whole", "crf: 'yes' is not accepted; accepted: whole number"),
        ("off", "keys", "scale: 'off' is not accepted; accepted: number or keys"),
        ("true", "ratio", "fps: 'true' is not a number"),
        ("no", "shape", "aspect: 'no' is no shape"),
        ("on", "choice", "mode: 'on' is not accepted; accepted: auto | copy | encode"),
        ("1:30", "whole", "crf: '1:30' is not accepted"),
        ("1:30", "truth", "cadence: '1:30' is not accepted; accepted: true or false"),
        ("1.5e1", "choice", "mode: "),
        ("2024-01-01", "time", "at: '2024-01-01' is not a time"),
        ("2024", "shape", "aspect: 2024 is no shape"),
        ("~", "text", "text: None is not accepted; accepted: text; for a text write it in quotes"),
        ("null", "text", '"null"'),
    ],
)
def test_refused_as_it_was_typed(written: str, field: str, said: str) -> None:
    with pytest.raises(PipelineError) as caught:
        read(field, written)
    assert said in str(caught.value)
    assert caught.value.line == 2


@pytest.mark.parametrize("quotes", ["'{}'", '"{}"'])
@pytest.mark.parametrize("written", ["1:30", "on", "no", "007", "12e3", "2024-01-01", "null", "~"])
def test_quotes_make_it_a_text(written: str, quotes: str) -> None:
    assert read("text", quotes.format(written)) == written


@pytest.mark.parametrize("typed", ["2024", "1:30", "on", "no", "007", "010", "12e3", "2024-01-01"])
@pytest.mark.parametrize("default", ["x", "null", "2023", "1.5", "[a]"])
def test_a_setting_for_a_text_is_what_was_typed(typed: str, default: str) -> None:
    """Whatever the parameter's default looks like: where it ends decides."""
    text = f"params: {{name: {default}}}\nstages:\n  - title: {{text: '${{name}}'}}\n"
    name, value = parse_setting(f"name={typed}", known_params(text))
    assert parse_spec(text, settings={name: value}).steps[0].stage.text == typed  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("typed", "meant"), [("1:30", F(90)), ("007", F(7)), ("010", F(10)), ("1e1", F(10))]
)
def test_a_setting_for_a_time(typed: str, meant: Fraction) -> None:
    text = "params: {t: 1s}\nstages:\n  - title: {text: x, at: '${t}'}\n"
    name, value = parse_setting(f"t={typed}", {"t": "1s"})
    assert parse_spec(text, settings={name: value}).steps[0].stage.at == meant  # type: ignore[attr-defined]


@pytest.mark.parametrize("typed", ["2024", "1:30", "on", "no", "007", "12e3"])
def test_an_option_for_a_text_is_what_was_typed(typed: str) -> None:
    mark = steps_of(asked(VERBS["watermark"], {"--text": typed}, None, None))[0].stage
    assert mark.text == typed  # type: ignore[attr-defined]


def test_an_option_for_a_number_is_read_as_in_yaml() -> None:
    def render(**typed: str) -> Any:
        values = {"--factor": "2", **{f"--{key}": value for key, value in typed.items()}}
        return steps_of(asked(VERBS["speed"], values, None, None))[-1].stage

    assert render(crf="010").crf == 10
    assert render(crf="none").crf is None
    assert render(fps="1e1").fps == 10
    with pytest.raises(PipelineError, match="crf: 'on' is not accepted"):
        render(crf="on")
