"""Recognisers write the same words whatever the number of cores, and however often they run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from smartcut.models import steady_speech
from smartcut.models.speech import SpeechRequest, load, recognise
from smartcut.models.steady_speech import FasterWhisper, steady_torch

SAMPLES = Path(__file__).parents[2] / "sample_media"

_WORDS = """
import json, sys
from concurrent.futures import ThreadPoolExecutor
from faster_whisper.audio import decode_audio
from smartcut.models.speech import SpeechRequest as Request, load, recognise

engine, jobs, threads, *files = sys.argv[1:]
if engine == "whisper":
    import torch

    torch.set_num_threads(int(threads))
request = Request(engine)
model = load(request)

def words(file):
    sound = decode_audio(file, sampling_rate=16_000)[: 16_000 * 29]
    heard = recognise(sound, request, loaded=lambda _: model)
    found = [w for s in heard.sentences for w in s.words]
    return [(w.text, str(w.range.start), str(w.range.end), w.probability) for w in found]

with ThreadPoolExecutor(int(jobs)) as pool:
    print(json.dumps([list(pool.map(words, files)) for _ in range(2)]))
"""


def heard(engine: str, jobs: int, threads: int, cores: int | None = None) -> Any:
    """Words, times and doubts, of two passes over two recordings in a process of its own."""
    bound = sorted(os.sched_getaffinity(0))[:cores] if hasattr(os, "sched_getaffinity") else []

    def bind() -> None:
        if bound:
            os.sched_setaffinity(0, bound)

    files = [str(SAMPLES / name) for name in ("harbour.mp4", "match.mp4")]
    done = subprocess.run(
        [sys.executable, "-c", _WORDS, engine, str(jobs), str(threads), *files],
        env={**os.environ, "OMP_NUM_THREADS": str(threads)},
        preexec_fn=bind,
        capture_output=True,
        text=True,
        check=True,
        timeout=580,
    )
    return json.loads(done.stdout)


@pytest.mark.slow
@pytest.mark.weights("whisper-tiny.en")
@pytest.mark.parametrize("engine", ["faster-whisper", "whisper"])
def test_words_do_not_depend_on_threads_or_on_what_ran_before(engine: str) -> None:
    first, second = heard(engine, jobs=1, threads=1, cores=1)
    assert first == second
    assert sum(map(len, first)) > 10
    assert heard(engine, jobs=2, threads=4) == [first, first]


@pytest.mark.slow
@pytest.mark.weights("whisper-tiny.en")
@pytest.mark.parametrize("engine", ["faster-whisper", "whisper"])
def test_one_two_and_four_threads_write_the_same(engine: str) -> None:
    """Words, times and doubts, in both passes over two recordings that are heard at once."""
    written = [heard(engine, jobs=2, threads=count) for count in (1, 2, 4)]
    assert all(one == written[0] for one in written)
    assert written[0][0] == written[0][1]


def _drawn(model: FasterWhisper) -> list[list[int]]:
    """What a fresh decoder draws at random from noise, twice on end."""
    import ctranslate2

    noise = np.random.default_rng(4).standard_normal((1, 80, 3000)).astype(np.float32)
    fresh = model.fresh().model
    features = ctranslate2.StorageView.from_array(noise)
    found = []
    for _ in range(2):
        (result,) = fresh.generate(
            features,
            [[50257]],
            beam_size=1,
            sampling_topk=0,
            sampling_temperature=1.0,
            max_length=20,
        )
        found.append(result.sequences_ids[0])
    return found


@pytest.mark.weights("whisper-tiny.en")
def test_what_is_drawn_at_random_begins_anew_with_each_recording() -> None:
    model = load(SpeechRequest("faster-whisper"))
    once = _drawn(model)
    assert once[0] != once[1]  # it is random
    assert _drawn(model) == once
    with ThreadPoolExecutor(3) as pool:
        assert list(pool.map(_drawn, [model] * 3)) == [once] * 3


@pytest.mark.weights("whisper-tiny.en")
def test_a_decoder_of_its_own_is_loaded_only_where_something_is_drawn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    loaded: list[FasterWhisper] = []
    monkeypatch.setattr(steady_speech.FasterWhisper, "_decoder", loaded.append)
    from faster_whisper.audio import decode_audio

    samples = decode_audio(str(SAMPLES / "harbour.mp4"), sampling_rate=16_000)
    assert recognise(samples, SpeechRequest("faster-whisper")).sentences
    assert loaded == []


def test_torch_draws_the_same_numbers_and_goes_on_as_if_it_had_not() -> None:
    import torch

    torch.manual_seed(5)
    expected = torch.rand(3).tolist()
    torch.manual_seed(5)
    threads = torch.get_num_threads()
    found = []
    for _ in range(2):
        with steady_torch("cpu"):
            assert torch.get_num_threads() == steady_speech.THREADS
            found.append(torch.rand(3).tolist())
    assert found[0] == found[1] != expected
    assert torch.rand(3).tolist() == expected
    assert torch.get_num_threads() == threads
