"""Takes are chosen, explained and corrected in the studio, and what is left out is told there."""

from __future__ import annotations

import json
from fractions import Fraction as F
from pathlib import Path

import pytest

from smartcut.studio import Session
from smartcut.testing import write_bar_coded
from tests.builders.talks import sentences_of

PIPELINE = """\
inputs: [one.mp4, two.mp4]
stages:
  - transcribe: {from: {one: one.json, two: two.json}}
  - takes:
      text: The old lighthouse on the hill is not for sale.
      # Nobody speaks in these films: what is heard and seen of them does not count.
      weights: {noise: 0, pitch: 0, pace: 0, blur: 0, voice: 0, breath: 0}
  - render
"""


def write_take(folder: Path, name: str, text: str) -> None:
    """A film of numbered pictures, and words that are said in it."""
    sentences = sentences_of([(text, 0.2)])
    frames = int(25 * (sentences[-1].range.end + 1))
    write_bar_coded(folder / f"{name}.mp4", frames=frames, rate=F(25), size=(160, 90), gop=25)
    rows = [
        {
            "start": float(s.range.start),
            "end": float(s.range.end),
            "text": s.text,
            "words": [
                {"word": w.text, "start": float(w.range.start), "end": float(w.range.end)}
                for w in s.words
            ],
        }
        for s in sentences
    ]
    told = {"language": "en", "segments": rows}
    (folder / f"{name}.json").write_text(json.dumps(told), encoding="utf-8")


@pytest.mark.weights("whisper-tiny.en")
def test_takes_in_the_studio(tmp_path: Path) -> None:
    write_take(tmp_path, "one", "The old um lighthouse um on the um hill is not for sale.")
    write_take(tmp_path, "two", "The old lighthouse on the hill is not for sale.")
    (tmp_path / "reel.yaml").write_text(PIPELINE)
    with Session.open(tmp_path / "reel.yaml", output=tmp_path / "out.mp4") as session:
        (segment,) = session.state()["tracks"][0]["segments"]
        assert segment["source"] == "two"
        rows = session.candidates()
        assert {(row["source"], row["chosen"], row["stage"]) for row in rows} >= {
            ("two", True, "takes"),
            ("one", False, "takes"),
        }
        why = session.why(segment["id"])
        assert "next is take 1 of one" in why["text"]
        assert session.elisions() == []
        # "not" is cut out by hand: the words are a third of a second apart.
        said = next(r["words"] for r in session.transcript() if r["source"] == "two")
        word = next(w for w in said if w["text"] == "not")
        times = {key: float(F(word[key])) for key in ("start", "end")}
        session.edit({"drop": {"source": "two", **times}})
        (one,) = session.elisions()
        assert (one["kind"], one["left_out"]) == ("shortened", "not")
        assert [sense["kind"] for sense in one["senses"]] == ["negation"]
