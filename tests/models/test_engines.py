"""Networks through other engines: as good as torch within stated bounds, or not taken."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import torch
from torch import nn

from smartcut.errors import PipelineError
from smartcut.models import clip, transnet, transnet_network, weights
from smartcut.models.clip_model import ClipModel
from smartcut.models.engines import agreement, choice, prepared
from smartcut.models.engines.attention import of_any_length
from smartcut.models.engines.choice import EXACT, FLOAT, HALF, SMALL
from smartcut.models.engines.made_pictures import made_film, made_pictures
from smartcut.models.engines.made_sentences import SENTENCES
from smartcut.models.engines.on_torch import TorchEngine
from smartcut.models.engines.small_integers import IntegerLinear, in_integers
from smartcut.report import doctor
from tests.builders.drawn_faces import face
from tests.builders.toy_clip import write_toy


class Small(nn.Module):
    """Vectors of pictures of 32 x 32, by attention over their rows and a linear layer."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(3)
        self.attention = nn.MultiheadAttention(96, 4, batch_first=True)
        self.linear = nn.Linear(96, 64)

    def forward(self, rows: torch.Tensor) -> torch.Tensor:
        x = rows.flatten(2).float() / 255 - 0.5
        x = x.to(next(self.parameters(), x).dtype)
        return self.linear(x + self.attention(x, x, x)[0]).mean(dim=1).float()


@pytest.fixture(autouse=True)
def engines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Engines are chosen freely, kept in a folder of the test, and never too slow."""
    monkeypatch.setenv("SMARTCUT_ENGINE", "auto")
    monkeypatch.setattr(prepared, "engines_root", lambda: tmp_path / "engines")
    monkeypatch.setattr(prepared, "FASTER", 0)
    return tmp_path / "engines"


def subject(*ways: choice.Way, **changes: Any) -> prepared.Subject:
    given: dict[str, Any] = {
        "name": "small",
        "weights": "0123456789abcdef" * 4,
        "batch": 4,
        "ways": ways,
        "build": Small,
        "rows": lambda: made_pictures(32),
        "compare": agreement.of_vectors,
    }
    return prepared.Subject(**{**given, **changes})


def records(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(file.read_text()) for file in folder.glob("*/engine.json")]


@pytest.mark.parametrize("way", [SMALL, HALF, FLOAT])
def test_each_way_agrees_with_torch_and_is_kept(way: choice.Way, engines: Path) -> None:
    rows, exact = made_pictures(32), TorchEngine(Small(), "cpu")
    made = prepared.load(subject(way), "cpu")
    (record,) = records(engines)
    assert (record["library"], record["precision"], record["refused"]) == (*_both(way), [])
    assert made.engine.startswith(way.library)
    assert made.engine.endswith(way.precision)
    assert agreement.of_vectors(exact(rows), made(rows), way.precision).holds
    again = prepared.load(subject(way), "cpu")
    np.testing.assert_array_equal(again(rows), made(rows))


def _both(way: choice.Way) -> tuple[str, str]:
    return way.library, way.precision


def test_what_is_kept_is_loaded_without_building_the_network(engines: Path) -> None:
    made = prepared.load(subject(FLOAT), "cpu")
    again = prepared.load(subject(FLOAT, build=lambda: pytest.fail("built")), "cpu")
    np.testing.assert_array_equal(again(made_pictures(32)), made(made_pictures(32)))


def test_integers_answer_a_picture_alone_as_among_others() -> None:
    engine = prepared.load(subject(SMALL), "cpu")
    rows = made_pictures(32)
    among = engine(rows[:4])
    np.testing.assert_array_equal(engine(rows[[0, 9, 10, 11]])[0], among[0])


def test_a_sequence_may_have_any_length(engines: Path) -> None:
    rows = made_pictures(32)
    batches = [rows[:1], rows[1:2, :7], rows[2:3, :20]]
    given: dict[str, Any] = {"rows": lambda: batches, "free": (0, 1), "least": 0.0}
    made = prepared.load(subject(FLOAT, forms={FLOAT: of_any_length}, **given), "cpu")
    assert made.engine.startswith("onnxruntime")
    exact = TorchEngine(Small(), "cpu")
    for batch in (*batches, rows[3:5, :11]):
        np.testing.assert_allclose(made(batch), exact(batch), atol=1e-5)


def test_a_length_that_is_exported_as_a_number_is_refused(engines: Path) -> None:
    batches = [made_pictures(32)[:1], made_pictures(32)[1:2, :7]]
    made = prepared.load(subject(FLOAT, rows=lambda: batches, free=(0, 1)), "cpu")
    assert made.engine.startswith("torch")


def test_an_engine_beyond_its_bound_is_refused(engines: Path) -> None:
    def never(exact: np.ndarray, other: np.ndarray, precision: str) -> agreement.Agreement:
        return agreement.Agreement(precision == "fp32", {"cosine": 0.5})

    made = prepared.load(subject(SMALL, FLOAT, compare=never), "cpu")
    (record,) = records(engines)
    assert made.engine.endswith("fp32")
    assert record["library"] == "onnxruntime"
    assert record["refused"][0].startswith("onnxruntime, int8: ")
    assert "cosine 0.50000" in record["refused"][0]


def test_one_that_is_no_faster_is_refused(engines: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prepared, "FASTER", 1e9)
    made = prepared.load(subject(FLOAT), "cpu")
    (record,) = records(engines)
    assert made.engine == f"torch {torch.__version__}, fp32"
    assert record["library"] == "torch"
    assert "times torch's speed" in record["refused"][0]


def test_a_network_that_cannot_be_exported_stays_in_torch(engines: Path) -> None:
    class Sorting(Small):
        def forward(self, rows: torch.Tensor) -> torch.Tensor:
            return torch.linalg.svdvals(super().forward(rows)[:, :, None]).expand(-1, 5)

    made = prepared.load(subject(FLOAT, build=Sorting), "cpu")
    assert made.engine.startswith("torch")
    assert records(engines)[0]["refused"][0].startswith("onnxruntime, fp32: ")


def test_a_damaged_file_is_made_anew(engines: Path) -> None:
    prepared.load(subject(FLOAT), "cpu")
    (file,) = engines.glob("*/network.onnx")
    whole = file.read_bytes()
    file.write_bytes(whole[:100])
    prepared.load(subject(FLOAT), "cpu")
    assert file.read_bytes() == whole


def _aged(file: Path, days: float) -> None:
    then = time.time() - days * 86_400
    os.utime(file, (then, then))


def test_versions_that_share_a_folder_keep_their_engines_while_they_use_them(
    engines: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def used_by(version: int) -> Path:
        monkeypatch.setattr(prepared, "VERSION", version)
        prepared.load(subject(FLOAT), "cpu")
        return max(engines.glob("*/engine.json"), key=lambda file: file.stat().st_mtime_ns)

    first = used_by(98)
    _aged(first, 27)
    second = used_by(99)
    assert first.exists()
    assert second != first
    assert len(prepared.kept_engines()) == 1  # the list has each network once
    _aged(first, 29)
    assert used_by(98) == first  # which counts as use
    _aged(second, 29)
    third = used_by(100)
    assert set(engines.glob("*/engine.json")) == {first, third}


def test_threads_that_ask_at_once_make_it_once(engines: Path) -> None:
    built: list[int] = []

    def build() -> nn.Module:
        built.append(1)
        return Small()

    asked = subject(FLOAT, build=build)
    threads = [threading.Thread(target=prepared.load, args=(asked, "cpu")) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(built) == 1


def test_the_wish(monkeypatch: pytest.MonkeyPatch, engines: Path) -> None:
    assert choice.wanted((SMALL, HALF, FLOAT), "auto") == (SMALL, HALF, FLOAT)
    assert choice.wanted((SMALL, HALF, FLOAT), "onnxruntime") == (FLOAT,)
    monkeypatch.setenv("SMARTCUT_ENGINE", "torch")
    assert prepared.load(subject(SMALL, FLOAT), "cpu").engine.endswith(EXACT.precision)
    assert not engines.exists()
    monkeypatch.setenv("SMARTCUT_ENGINE", "tpu")
    with pytest.raises(PipelineError, match="accepted: auto, torch, onnxruntime"):
        prepared.load(subject(), "cpu")


def test_a_gpu_computes_in_fp16_with_channels_last(
    monkeypatch: pytest.MonkeyPatch, engines: Path
) -> None:
    put: list[object] = []
    monkeypatch.setattr(nn.Module, "to", lambda self, device: put.append(device) or self)
    network = nn.Sequential(nn.Conv2d(4, 8, 3), nn.Flatten())
    engine = prepared.load(subject(SMALL, FLOAT, build=lambda: network), "cuda:1")
    assert put == ["cuda:1"]
    assert engine.engine == f"torch {torch.__version__}, fp16"
    assert network[0].weight.is_contiguous(memory_format=torch.channels_last)
    assert not engines.exists()


@pytest.mark.gpu
def test_fp16_on_a_gpu_agrees_with_torch_on_the_cpu() -> None:
    rows = made_pictures(32)
    exact = TorchEngine(Small(), "cpu")(rows)
    half = prepared.load(subject(SMALL, FLOAT), "cuda")(rows)
    assert agreement.of_vectors(exact, half, "bf16").holds


# ------------------------------------------------------------------------------------- parts


def test_agreement_sees_what_a_cosine_does_not() -> None:
    random = np.random.default_rng(1)
    same = np.ones((16, 64)) * 10
    exact, other = (
        same + random.normal(size=(16, 64)) * 0.1,
        same + random.normal(size=(16, 64)) * 0.1,
    )
    found = agreement.of_vectors(exact, other, "int8")
    assert found.figures["cosine"] > agreement.COSINE["int8"]
    assert not found.holds
    assert agreement.of_vectors(exact, exact, "fp32").holds
    assert not agreement.of_vectors(exact, exact * np.nan, "int8").holds


def test_integer_layers_are_near_those_they_replace() -> None:
    torch.manual_seed(5)
    linear, x = nn.Linear(64, 48), torch.randn(3, 7, 64)
    x[0, 0] *= 100  # an outlier costs the other rows nothing
    off = (IntegerLinear(linear.weight, linear.bias)(x) - linear(x)).abs()
    assert off[1:].max() < 0.05 * linear(x)[1:].std()
    attention = nn.MultiheadAttention(64, 4, batch_first=False)
    mask = torch.full((7, 7), -torch.inf).triu(1)
    x = torch.randn(7, 3, 64)
    exact = attention(x, x, x, need_weights=False, attn_mask=mask)[0]
    near = in_integers(nn.Sequential(attention))[0](x, x, x, attn_mask=mask)[0]
    assert (near - exact).abs().max() < 0.05 * exact.std()


def test_the_pictures_that_are_made() -> None:
    assert made_pictures(224).shape == (16, 224, 224, 3)
    assert made_pictures(32).shape == (16, 32, 32, 3)
    shown = made_film(100, 48, 27)
    assert shown.shape == (100, 27, 48, 3)
    assert len(np.unique(shown, axis=0)) > 90


# ---------------------------------------------------------------------------- real networks


@pytest.mark.slow
def test_transnet_in_larger_steps_says_the_same() -> None:
    from smartcut.models.transnet_flat import by_convolution, by_product, flat

    torch.manual_seed(2)
    window = made_film(100, 48, 27)[None]
    for how in (by_product, by_convolution):
        network = transnet_network.TransNetV2().eval()
        for norm in (m for m in network.modules() if isinstance(m, nn.BatchNorm3d)):
            norm.running_mean.normal_(0, 0.1)
            norm.running_var.uniform_(0.5, 2)
        exact = network.chances(window)
        with torch.inference_mode():
            same = flat(transnet_network.Chances(network), how)(torch.from_numpy(window)).numpy()
        np.testing.assert_allclose(same, exact, atol=1e-5)


@pytest.mark.slow
@pytest.mark.weights("transnetv2")
def test_a_kept_transnet_imports_no_torch() -> None:
    """Once it is there: the first process may have to export it."""
    ask = (
        "import sys, numpy as np\n"
        "from smartcut.detectors._learned import LearnedShots\n"
        "from smartcut.models import transnet, weights\n"
        "network = LearnedShots('transnetv2', weights.digest('transnetv2')).load('cpu', False)\n"
        "assert network(np.zeros((1, 100, 27, 48, 3), np.uint8)).shape == (1, 2, 50)\n"
    )
    for told in ("", "assert 'torch' not in sys.modules or 'torch' in network.engine\n"):
        subprocess.run([sys.executable, "-c", ask + told], check=True)


@pytest.mark.slow
@pytest.mark.weights("transnetv2")
@pytest.mark.parametrize("asked", ["auto", "onnxruntime"])
def test_transnet_agrees(asked: str, monkeypatch: pytest.MonkeyPatch) -> None:
    file, digest = weights.path("transnetv2"), weights.digest("transnetv2")
    monkeypatch.setenv("SMARTCUT_ENGINE", asked)
    engine = transnet.engine(file, digest, "cpu")
    window = made_film(100, 48, 27)[None, ::-1].copy()
    exact = transnet_network.load(file).chances(window)
    assert np.abs(engine(window) - exact).max() < agreement.CHANCE["int8"]


@pytest.mark.slow
@pytest.mark.weights("efficientnet-lite0")
def test_the_classifier_is_exact_in_onnx_runtime(monkeypatch: pytest.MonkeyPatch) -> None:
    from smartcut.models.embedded_scorer import PictureClasses

    rows = made_pictures(224)[:4]
    fast = PictureClasses("cpu")
    monkeypatch.setenv("SMARTCUT_ENGINE", "torch")
    exact = PictureClasses("cpu")
    assert fast.engine.startswith("onnxruntime")
    np.testing.assert_allclose(fast(rows), exact(rows), atol=1e-5)


def test_clip_is_loaded_through_its_engine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, engines: Path
) -> None:
    """As the next one, with a small network in place of open_clip's."""
    (tmp_path / "open_clip_model.safetensors").write_bytes(b"weights")
    config = {"model_cfg": {"vision_cfg": {"image_size": 32}}}
    (tmp_path / "open_clip_config.json").write_text(json.dumps(config))
    name, rows = clip.ClipName.parse(f"local-dir:{tmp_path}"), made_pictures(32)
    monkeypatch.setattr(ClipModel, "_tower", lambda self: Small())
    fast = ClipModel(name, "cpu")
    assert fast.engine.startswith("onnxruntime")
    assert fast.engine.endswith("int8")
    monkeypatch.setattr(ClipModel, "_tower", lambda self: pytest.fail("loaded"))
    np.testing.assert_array_equal(ClipModel(name, "cpu")(rows), fast(rows))
    (row,) = doctor._engines()
    assert row["network"] == f"open_clip {name.text}"
    assert row["engine"] == "onnxruntime, int8"
    assert float(row["times torch"]) > 0
    assert row["agreement"].startswith("cosine 0.99")
    config["preprocess_cfg"] = {"mean": [0.1, 0.2, 0.3]}
    (tmp_path / "open_clip_config.json").write_text(json.dumps(config))
    with pytest.raises(pytest.fail.Exception, match="loaded"):
        ClipModel(name, "cpu")(rows)  # another network


@pytest.mark.slow
def test_clip_through_an_engine_says_what_open_clip_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, engines: Path
) -> None:
    name = clip.ClipName.parse(write_toy(tmp_path))
    rows = made_pictures(32)
    fast = ClipModel(name, "cpu")
    assert fast.engine.startswith("onnxruntime")
    assert fast.engine.endswith("int8")
    words = fast.texts(SENTENCES)
    script = (
        "import sys; from smartcut.models import clip; from smartcut.models.clip_model import *\n"
        f"model = ClipModel(clip.ClipName.parse({name.text!r}), 'cpu')\n"
        f"np.save({str(tmp_path / 'words.npy')!r}, model.texts({SENTENCES!r}))\n"
        f"np.save({str(tmp_path / 'seen.npy')!r}, model(np.zeros((4, 32, 32, 3), np.uint8)))\n"
        "print([x for x in ('torch', 'torchvision', 'open_clip', 'cv2') if x in sys.modules])"
    )
    environment = {**os.environ, "SMARTCUT_MODELS": str(tmp_path)}
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"  # what is kept needs none of them
    np.testing.assert_array_equal(np.load(tmp_path / "words.npy"), words)
    np.testing.assert_array_equal(np.load(tmp_path / "seen.npy"), fast(rows[:4] * 0))
    monkeypatch.setenv("SMARTCUT_ENGINE", "torch")
    exact = ClipModel(name, "cpu")
    assert agreement.of_vectors(exact(rows), fast(rows), "int8").holds
    assert agreement.of_vectors(exact.texts(SENTENCES), words, "fp32").holds


@pytest.mark.slow
@pytest.mark.weights("minilm-l6-v2")
def test_sentences_have_the_same_vectors_in_onnx_runtime(monkeypatch: pytest.MonkeyPatch) -> None:
    from smartcut.models.embedded_scorer import sentence_model

    fast = sentence_model()
    assert fast.engine.startswith("onnxruntime")
    monkeypatch.setenv("SMARTCUT_ENGINE", "torch")
    np.testing.assert_allclose(fast(SENTENCES), sentence_model()(SENTENCES), atol=2e-6)


@pytest.mark.weights("centerface")
def test_centerface_finds_the_same_in_onnx_runtime(monkeypatch: pytest.MonkeyPatch) -> None:
    from smartcut.models.faces import centerface

    picture = cv2.resize(made_pictures(224)[9], (448, 448))
    drawn = face(160)
    picture[100 : 100 + len(drawn), 120:280] = drawn
    wide = np.pad(picture, ((0, 0), (0, 90), (0, 0)))
    path = weights.path("centerface")
    fast = centerface.load(path, 0.3)
    monkeypatch.setenv("SMARTCUT_ENGINE", "torch")
    for shown in (picture, wide):
        exact = centerface.load(path, 0.3)(shown)
        assert len(exact) >= 1
        np.testing.assert_allclose(fast(shown), exact, atol=1e-4)
