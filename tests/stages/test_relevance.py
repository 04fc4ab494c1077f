"""Relevance to words: open_clip on a small seeded model, and the embedded scorer on drawings."""

from __future__ import annotations

import json
import math
from fractions import Fraction
from pathlib import Path
from threading import Event
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

import smartcut as sc
from smartcut.algebra import opening
from smartcut.annotation import Features, Signal
from smartcut.cache import Cache, file_sha256
from smartcut.context import LocalContext
from smartcut.errors import MissingModel, ModelError
from smartcut.models import clip, clip_facts, clip_model, clip_words, weights
from smartcut.models import embedded_scorer as embedded
from smartcut.models.clip import ClipName
from smartcut.models.clip_model import ClipModel
from smartcut.models.engines.made_sentences import SENTENCES
from smartcut.render.records.manifest import models_of
from smartcut.source import Source, VideoStream
from smartcut.stage import Frames, NotReady, Picture
from smartcut.stages import relevance
from smartcut.stages._picture_vectors import WITHIN, FeatureListener, PictureFeatures
from smartcut.stages.relevance import Relevance, _combined
from smartcut.testing import write_bar_coded
from tests.builders.toy_clip import TOY, write_toy

MEAN, STD = (0.5, 0.4, 0.3), (0.2, 0.25, 0.3)


# ------------------------------------------------------------------------------ a small model


@pytest.fixture(scope="session")
def toy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a CLIP of random weights: pictures of 32 x 32, its own mean and std."""
    folder = tmp_path_factory.mktemp("toy-clip")
    write_toy(folder, preprocess_cfg={"mean": MEAN, "std": STD})
    return folder


@pytest.fixture(scope="session")
def toy_clip(toy: Path) -> ClipModel:
    return ClipModel(ClipName.parse(f"local-dir:{toy}"), "cpu")


def noise(count: int, height: int = 32, width: int = 48) -> list[np.ndarray]:
    rng = np.random.default_rng(3)
    return [rng.integers(0, 256, (height, width, 3), dtype=np.uint8) for _ in range(count)]


def footage(seconds: int = 3) -> Source:
    second = Fraction(seconds)
    stream = VideoStream(
        0, "h264", Fraction(1, 25), 48, 32, "yuv420p", Fraction(25), False, Fraction(0), second, 75
    )
    return Source("a", Path("a.mp4"), "d" * 64, "mp4", Fraction(0), second, stream)


def context(tmp_path: Path) -> LocalContext:
    return LocalContext(Cache(tmp_path / "cache"), device="cpu")


def watched(stage: Relevance, pictures: list[np.ndarray], where: LocalContext) -> Any:
    """The context with the stage's analysis done for :func:`footage` on these pictures."""
    (analysis,) = stage.analyses()
    assert isinstance(analysis, PictureFeatures)
    source = footage(len(pictures))
    listener = analysis.listener(source, where)
    for i, picture in enumerate(pictures):
        listener.feed(Picture(Fraction(i), i, picture))
    return where.keep(analysis, source, listener.finish(), where.inputs_of(analysis, source))


# ------------------------------------------------------------------------------------- names


def test_model_names() -> None:
    hub = ClipName.parse("ViT-B-32/laion2b_s34b_b79k")
    assert (hub.kind, hub.model, hub.weights) == ("hub", "ViT-B-32", "laion2b_s34b_b79k")
    file = ClipName.parse("ViT-B-32:my.pt")
    assert (file.kind, file.model, file.weights) == ("file", "ViT-B-32", "my.pt")
    assert ClipName.parse("local-dir:some/where").weights == "some/where"
    for wrong in ("ViT-B-32", "ViT-B-32/", "/x", "hf-hub:laion/model", "ViT-B-32:"):
        with pytest.raises(ModelError, match="MODEL/PRETRAINED"):
            ClipName.parse(wrong)


def test_an_unknown_model_lists_what_there_is() -> None:
    with pytest.raises(ModelError, match="laion2b_s34b_b79k"):
        clip.weights_file(ClipName.parse("ViT-B-32/nothing"))
    with pytest.raises(ModelError, match="its models are: "):
        clip.weights_file(ClipName.parse("Vit-Z-1/openai"))


def test_a_known_repository_needs_no_open_clip() -> None:
    for text, repository in clip._REPOSITORIES.items():
        name = ClipName.parse(text)
        assert clip.published(name)["hf_hub"] == f"{repository}/"
    default = ClipName.parse(clip.DEFAULT)
    model = {"vision_cfg": {"image_size": 224}}
    assert clip.preprocess_of(default) == clip._preprocess(model, clip.published(default))


def test_missing_weights_say_what_to_do(monkeypatch: Any, tmp_path: Path) -> None:
    monkeypatch.setenv("SMARTCUT_MODELS", str(tmp_path / "none"))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr(clip, "weights_file", lambda name: None)
    with pytest.raises(ModelError, match=r"--allow-net.*model: embedded"):
        ClipModel(ClipName.parse(clip.DEFAULT), "cpu")
    with pytest.raises(
        ModelError,
        match=rf"--allow-net.*looked in {tmp_path / 'none'};.*models pull efficientnet-lite0",
    ):
        Relevance(prompts="a dog").analyses()[0].model(context(tmp_path))
    with pytest.raises(ModelError, match="smartcut models pull"):
        embedded.PictureClasses("cpu")
    with pytest.raises(ModelError, match="no CLIP weights at nowhere"):
        ClipModel(ClipName.parse("local-dir:nowhere"), "cpu")


def test_a_plan_goes_on_where_weights_are_missing(monkeypatch: Any, tmp_path: Path) -> None:
    monkeypatch.setenv("SMARTCUT_MODELS", str(tmp_path / "none"))
    monkeypatch.setattr(clip, "weights_file", lambda name: None)
    write_bar_coded(tmp_path / "a.mp4", frames=10)
    text = "stages: [{relevance: {prompts: a dog}}, motion, {highlights: {duration: 1s}}, render]"
    pipeline = sc.Pipeline.from_text(text)
    plan = pipeline.plan([tmp_path / "a.mp4"], tmp_path / "out.mp4")
    states = [(step.stage, step.subject, step.state) for step in plan.steps]
    assert states == [
        ("relevance", "a", "missing"),
        ("motion", "a", "run"),
        ("highlights", "cut", "unknown"),
        ("render", "cut", "unknown"),
    ]
    assert "smartcut models pull efficientnet-lite0 minilm-l6-v2" in plan.steps[0].reason
    with pytest.raises(MissingModel, match="smartcut models pull"):
        pipeline.run([tmp_path / "a.mp4"], tmp_path / "out.mp4")


def test_the_network_stays_untouched_unless_allowed(monkeypatch: Any) -> None:
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    with clip_model._network(allowed=False):
        assert constants.HF_HUB_OFFLINE is True
    assert constants.HF_HUB_OFFLINE is False
    with clip_model._network(allowed=True):
        assert constants.HF_HUB_OFFLINE is False


# ------------------------------------------------------------------------------ preprocessing


def test_a_folder_has_its_own_preprocessing(toy: Path) -> None:
    wanted = clip.preprocess_of(ClipName.parse(f"local-dir:{toy}"))
    assert wanted == clip.Preprocess(32, MEAN, STD, squash=False)


def test_a_checkpoint_gets_that_of_its_architecture(tmp_path: Path) -> None:
    """open_clip would take CLIP's mean and std here, and a crop (its issue 1068)."""
    wanted = clip.preprocess_of(ClipName.parse(f"ViT-B-16-SigLIP:{tmp_path}/w.safetensors"))
    assert wanted == clip.Preprocess(224, (0.5,) * 3, (0.5,) * 3, squash=True)


@pytest.mark.parametrize("model", clip._USUAL)
def test_a_checkpoint_of_a_usual_architecture_is_prepared_for_without_open_clip(
    model: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = ClipName.parse(f"{model}:w.pt")
    with monkeypatch.context() as patched:
        patched.setattr(clip, "import_with_torchvision", lambda _: pytest.fail("imported"))
        quick = clip.preprocess_of(name)
    monkeypatch.setattr(clip, "_USUAL", ())
    assert clip.preprocess_of(name) == quick


def test_what_open_clip_knows_is_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    names = [ClipName.parse(name) for name in ("ViT-B-16/openai", "ViT-B-16-SigLIP:w.pt")]
    asked = [(clip.preprocess_of(name), clip._hub_files(names[0])) for name in names]
    assert asked[0][1][0]
    for module in (clip, clip_facts):
        refuse = lambda _: pytest.fail("imported")  # noqa: E731
        monkeypatch.setattr(module, "import_with_torchvision", refuse)
    assert [(clip.preprocess_of(name), clip._hub_files(names[0])) for name in names] == asked


def test_what_cannot_be_prepared_is_refused(toy: Path, tmp_path: Path) -> None:
    model = {"vision_cfg": {"image_size": 32}}
    with pytest.raises(ModelError, match="'longest'"):
        clip._preprocess(model, {"resize_mode": "longest"})
    with pytest.raises(ModelError, match="32 x 64"):
        clip._preprocess(model, {"size": [64, 32]})
    (tmp_path / "open_clip_config.json").write_text('{"preprocess_cfg": {}}')
    with pytest.raises(ModelError, match="not an open_clip configuration"):
        clip.preprocess_of(ClipName.parse(f"local-dir:{tmp_path}"))


def test_pictures_are_prepared_as_open_clip_does(toy: Path, toy_clip: ClipModel) -> None:
    import open_clip
    import torch
    from PIL import Image

    model, _, prepare = open_clip.create_model_and_transforms(f"local-dir:{toy}")
    pictures = noise(3)
    batch = torch.stack([prepare(Image.fromarray(p)) for p in pictures])
    with torch.inference_mode():
        expected = model.eval().encode_image(batch, normalize=True).numpy()
    np.testing.assert_allclose(toy_clip.pictures(pictures), expected, atol=2e-6)


def test_the_analysis_asks_for_the_models_size(toy: Path) -> None:
    def wish(model: str) -> Any:
        return Relevance(prompts="a dog", model=model, rate="2").analyses()[0].wants(footage())

    assert wish(f"local-dir:{toy}") == Frames(32, "rgb", Fraction(2), WITHIN)
    assert wish("auto") == wish("embedded") == Frames(224, "rgb", Fraction(2), WITHIN)
    assert wish("ViT-B-16-SigLIP:x.pt").size == (224, 224)


# ----------------------------------------------------------------------------------- vectors


def test_a_checkpoint_file_gives_the_same_vectors_as_its_folder(
    toy: Path, toy_clip: ClipModel, monkeypatch: Any, tmp_path: Path
) -> None:
    import open_clip

    (tmp_path / "smartcut-toy.json").write_text(json.dumps(TOY))
    open_clip.add_model_config(tmp_path)
    file = toy / "open_clip_model.safetensors"
    name = ClipName.parse(f"smartcut-toy:{file}")
    assert clip.preprocess_of(name).mean == clip._MEAN
    monkeypatch.setattr(clip, "preprocess_of", lambda name: toy_clip._wanted)
    other = ClipModel(name, "cpu")
    assert np.array_equal(other.pictures(noise(2)), toy_clip.pictures(noise(2)))
    assert np.array_equal(other.texts(["a dog"]), toy_clip.texts(["a dog"]))


def test_words_are_read_as_open_clip_does(toy: Path, toy_clip: ClipModel, tmp_path: Path) -> None:
    import open_clip
    import torch

    model = open_clip.create_model(f"local-dir:{toy}").eval()
    tokenizer = open_clip.get_tokenizer(f"local-dir:{toy}")
    tokens = clip_words.keep(tmp_path / "tokens.json", tokenizer, is_short=True)
    assert isinstance(tokens, clip_words.KeptTokens)
    for text in (*SENTENCES, "Straße & 'quotes'’s <start_of_text> x-y", "cl\u00e9 cle\u0301 ½"):
        (row,) = tokenizer([text]).numpy()
        assert tokens(text).tolist() == row[: len(tokens(text))].tolist()
        assert not row[len(tokens(text)) :].any()
    with torch.inference_mode():
        expected = model.encode_text(tokenizer(list(SENTENCES)), normalize=True).numpy()
    np.testing.assert_allclose(toy_clip.texts(SENTENCES), expected, atol=2e-6)


def test_a_text_is_read_once(toy_clip: ClipModel, monkeypatch: pytest.MonkeyPatch) -> None:
    tokens, engine = toy_clip._for_words()
    read: list[str] = []

    def reading(text: str) -> np.ndarray:
        read.append(text)
        return tokens(text)

    monkeypatch.setattr(toy_clip, "_reading", (reading, engine))
    monkeypatch.setattr(toy_clip, "_known_rows", {})
    first = toy_clip.texts(["a boat", "a goal"])
    assert np.array_equal(toy_clip.texts(["a goal", "a boat"]), first[::-1])
    assert read == ["a boat", "a goal"]
    monkeypatch.setattr(clip_model, "_MOST_ROWS", 1)
    assert np.array_equal(toy_clip.texts(["a dog", "a boat", "a goal"])[1:], first)
    assert list(toy_clip._known_rows) == ["a goal"]


def test_a_tokenizer_that_cannot_be_kept_is_asked_itself(tmp_path: Path) -> None:
    import torch

    def strange(texts: list[str]) -> Any:
        return torch.tensor([[len(text), 1, 0, 0] for text in texts])

    tokens = clip_words.keep(tmp_path / "tokens.json", strange, is_short=True)
    assert tokens("four").tolist() == [4, 1]
    assert list(tmp_path.iterdir()) == []


def test_vectors_do_not_depend_on_the_batch(toy_clip: ClipModel) -> None:
    pictures = noise(5)
    whole = toy_clip.pictures(pictures)
    assert (whole.shape, whole.dtype) == ((5, 32), np.float32)
    np.testing.assert_allclose(np.linalg.norm(whole, axis=1), 1, atol=1e-6)
    single = np.concatenate([toy_clip.pictures([p]) for p in pictures])
    np.testing.assert_allclose(whole, single, atol=1e-5)
    assert np.array_equal(whole, toy_clip.pictures(pictures))


def test_a_damaged_checkpoint_is_a_model_error(toy: Path, tmp_path: Path) -> None:
    (tmp_path / "open_clip_config.json").write_text((toy / "open_clip_config.json").read_text())
    (tmp_path / "open_clip_model.safetensors").write_bytes(b"nothing of the kind")
    with pytest.raises(ModelError, match="open_clip cannot load local-dir"):
        ClipModel(ClipName.parse(f"local-dir:{tmp_path}"), "cpu").pictures(noise(1))
    with pytest.raises(ModelError, match="open_clip cannot load local-dir"):
        ClipModel(ClipName.parse(f"local-dir:{tmp_path}"), "cpu").texts(["a dog"])


def test_the_middle_is_cropped() -> None:
    picture = np.arange(6 * 10 * 3, dtype=np.uint8).reshape(6, 10, 3)
    assert np.array_equal(clip.middle(picture, 6), picture[:, 2:8])
    assert clip.middle(picture, 7).shape == (7, 7, 3)


# ------------------------------------------------------------------------------------- stage


def test_prompts_in_many_forms() -> None:
    texts = [("a dog", 1.0), ("a ball", 1.0)]
    assert Relevance(prompts=["a dog", {"text": "a ball"}])._weights() == texts
    assert Relevance.model_validate({"prompt": "a dog, a ball"})._weights() == [
        ("a dog, a ball", 1.0)
    ]
    assert Relevance(prompts="x", negative=["y", {"text": "z", "weight": 2}])._weights() == [
        ("x", 1.0),
        ("y", -1.0),
        ("z", -2.0),
    ]
    for wrong in ({"prompts": []}, {"prompts": [""]}, {"prompt": "a", "prompts": "b"}, {}):
        with pytest.raises(ValidationError):
            Relevance.model_validate(wrong)


def test_prompts_combine_to_the_best_wanted_less_the_best_unwanted() -> None:
    a, b, c = [0.9, 0.1, 0.2], [0.2, 0.4, 0.2], [0.1, 0.3, 0.9]
    assert _combined([(a, 1), (b, 2)]) == [0.9, 0.8, 0.4]
    assert _combined([(a, 1), (b, 1), (c, -1)]) == [0.8, 0.1, -0.7]
    assert _combined([(a, -1)]) == [-0.9, -0.1, -0.2]


def test_scores_are_a_softmax_against_neutral_texts() -> None:
    prompts, neutral = np.array([[3.0, 0.0]]), np.array([[1.0, 0.0], [2.0, 0.0]])
    logits = relevance.above_neutral(prompts, neutral)
    share = np.exp(3) / (np.exp(3) + (np.exp(1) + np.exp(2)) / 2)
    assert relevance._logistic(float(logits[0, 0])) == pytest.approx(share)
    assert relevance._logistic(float(logits[0, 1])) == 0.5


def test_the_annotations(toy: Path, toy_clip: ClipModel, tmp_path: Path) -> None:
    where = context(tmp_path)
    stage = Relevance(
        prompts=["a dog", "a ball"], negative="rain", model=f"local-dir:{toy}", batch_size=2
    )
    pictures = noise(5)
    found = watched(stage, pictures, where)
    cut = stage.apply(opening((footage(5),)), where)
    features = cut.data(Features, "image-features", "a")
    signal = cut.data(Signal, "relevance", "a")
    assert signal is not None
    assert features is not None
    assert features == found.data
    vectors = where.cache.load_array(features.array)
    assert vectors is not None
    np.testing.assert_allclose(vectors, toy_clip.pictures(pictures), atol=1e-5)
    assert signal.channels == ("relevance", "a dog", "a ball", "rain")
    assert signal.times() == tuple(Fraction(i) for i in range(5))
    dog, ball, rain = (signal.channel(c) for c in signal.channels[1:])
    expected = [max(d, b) - r for d, b, r in zip(dog, ball, rain, strict=True)]
    assert signal.values[0] == pytest.approx(expected, abs=1e-8)
    likeness = toy_clip.texts(["a dog", *relevance.NEUTRAL]) @ vectors.T
    shares = np.exp(likeness / 0.07)  # the scale with which training begins
    assert dog == pytest.approx(shares[0] / (shares[0] + shares[1:].mean(axis=0)), abs=1e-5)
    annotation = cut.annotation("relevance", "a")
    assert annotation is not None
    assert annotation.model == f"open_clip local-dir:{toy}"
    assert annotation.weights == file_sha256(toy / "open_clip_model.safetensors")
    assert annotation.engine == toy_clip.engine
    assert annotation.engine.startswith("torch ")
    assert annotation.engine.endswith(", fp32")
    pairs = [(row["annotation"], row["engine"]) for row in models_of(cut)]
    assert pairs == [(name, toy_clip.engine) for name in ("image-features", "relevance")]
    (analysis,) = stage.analyses()
    kept = context(tmp_path).find(analysis, footage(5), where.inputs_of(analysis, footage(5)))
    assert kept == found  # what is cached says its own engine
    assert cut.notes == ()


def test_another_prompt_looks_at_no_picture(toy: Path, tmp_path: Path, monkeypatch: Any) -> None:
    where = context(tmp_path)
    model = f"local-dir:{toy}"
    first = Relevance(prompts="a dog", model=model)
    watched(first, noise(3), where)
    cut = opening((footage(3),))
    before = first.apply(cut, where)

    def refuse(*_: Any) -> Any:
        raise AssertionError("looked at pictures again")

    monkeypatch.setattr(ClipModel, "__call__", refuse)
    after = Relevance(prompts="a ball", model=model, batch_size=3).apply(cut, where)
    assert after.annotation("image-features", "a") == before.annotation("image-features", "a")
    assert after.annotation("relevance", "a") != before.annotation("relevance", "a")
    monkeypatch.setattr(ClipModel, "__init__", refuse)  # and the same prompt loads no network
    assert first.apply(cut, where) == before


def test_words_are_opened_while_pictures_are_looked_at(
    toy: Path, tmp_path: Path, monkeypatch: Any
) -> None:
    """The first picture waits for the words' network, which would not be asked before the end."""
    opened, texts, feed = Event(), ClipModel.texts, FeatureListener.feed

    def read(self: ClipModel, prompts: Any) -> np.ndarray:
        opened.set()
        return texts(self, prompts)

    def looked_at(self: FeatureListener, item: Any) -> None:
        assert opened.wait(30)
        feed(self, item)

    monkeypatch.setattr(ClipModel, "texts", read)
    monkeypatch.setattr(FeatureListener, "feed", looked_at)
    monkeypatch.setenv("SMARTCUT_CACHE", str(tmp_path / "cache"))
    write_bar_coded(tmp_path / "film.mp4", frames=30, size=(160, 90), audio=None)
    cut = (
        sc.open(tmp_path / "film.mp4") | sc.relevance(prompts="a dog", model=f"local-dir:{toy}")
    ).cut()
    assert cut.data(Signal, "relevance", "film")


def test_planning_loads_no_network(toy: Path, tmp_path: Path, monkeypatch: Any) -> None:
    from smartcut.context import Stored

    where = context(tmp_path)
    stage = Relevance(prompts="a dog", model=f"local-dir:{toy}")
    watched(stage, noise(1), where)
    monkeypatch.setattr(ClipModel, "__init__", lambda *_: pytest.fail("loaded"))
    with pytest.raises(NotReady, match="relevance"):
        stage.apply(opening((footage(1),)), Stored(where.cache, device="cpu"))


def test_a_source_without_pictures_has_no_scores(toy: Path, tmp_path: Path) -> None:
    where = context(tmp_path)
    sound = Source("s", Path("s.flac"), "e" * 64, "flac", Fraction(0), Fraction(2))
    stage = Relevance(prompts="a dog", model=f"local-dir:{toy}")
    (analysis,) = stage.analyses()
    assert analysis.wants(sound) is None
    where.keep(analysis, sound, analysis.empty(sound), where.inputs_of(analysis, sound))
    signal = stage.apply(opening((sound,)), where).data(Signal, "relevance", "s")
    assert signal is not None
    assert (signal.pts, signal.values) == ((), ((), ()))


# --------------------------------------------------------------------------- embedded scorer


def test_the_three_ways_agree_where_the_answer_is_plain() -> None:
    """Classes with meanings of their own: the prompt that means class 3 fits its picture."""
    rng = np.random.default_rng(0)
    classes = rng.normal(size=(40, 16))
    classes /= np.linalg.norm(classes, axis=1, keepdims=True)
    chances = np.full((2, 40), 0.1 / 39)
    chances[0, 3] = chances[1, 8] = 0.9
    found = embedded.score(np.sqrt(chances), classes, classes[[3, 8]])
    assert found[0, 0] > 2 > 0.5 > found[0, 1]
    assert found[1, 1] > 2 > 0.5 > found[1, 0]


def test_scores_are_those_of_answers_to_every_class() -> None:
    """What is worked out once for all pictures changes nothing: each way as it is defined."""
    rng = np.random.default_rng(4)
    for seed in (1, 2):  # what was kept of other classes is not used
        classes = np.random.default_rng(seed).normal(size=(30, 12))
        classes /= np.linalg.norm(classes, axis=1, keepdims=True)
        chances = rng.dirichlet(np.full(30, 0.2), size=5)
        prompts = classes[[4, 9]] + 0.3 * rng.normal(size=(2, 12))
        outputs = np.log(chances + 1e-6)
        outputs -= outputs.mean(axis=1, keepdims=True)
        solved = np.linalg.solve(classes @ classes.T + np.eye(30), outputs.T)
        mixed = np.where(chances < np.sort(chances)[:, -10:-9], 0, chances) @ classes
        mixed /= np.linalg.norm(mixed, axis=1, keepdims=True)

        def answers(
            texts: np.ndarray,
            classes: np.ndarray = classes,
            ways: tuple[np.ndarray, ...] = (mixed, solved, np.sqrt(chances)),
        ) -> list[np.ndarray]:
            shares = np.exp(20 * texts @ classes.T)
            shares /= shares.sum(axis=1, keepdims=True)
            return [texts @ ways[0].T, texts @ classes.T @ ways[1], shares @ ways[2].T]

        pairs = zip(answers(prompts), answers(classes), strict=True)
        expected = sum((said - all_.mean(axis=0)) / all_.std(axis=0) for said, all_ in pairs) / 3
        found = embedded.score(np.sqrt(chances), classes, prompts)
        np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-6)


@pytest.fixture(scope="session")
def networks() -> tuple[Any, Any]:
    if not embedded.is_here():
        pytest.skip("weights missing: smartcut models pull efficientnet-lite0 minilm-l6-v2")
    return embedded.PictureClasses("cpu"), embedded.sentence_model()


@pytest.mark.weights
def test_sentences_of_like_meaning_lie_close(networks: tuple[Any, Any]) -> None:
    vectors = networks[1](["a cat sleeps", "a kitten is napping on a sofa", "stock prices fell"])
    assert vectors.shape == (3, 384)
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)
    assert vectors[0] @ vectors[1] > 0.6 > 0.2 > vectors[0] @ vectors[2]
    alone = networks[1](["a cat sleeps"])
    np.testing.assert_allclose(alone[0], vectors[0], atol=1e-6)


def _ground(top: tuple[int, int, int], bottom: tuple[int, int, int]) -> np.ndarray:
    """A gradient with a little grain: uint8 (224, 224, 3)."""
    share = np.linspace(0, 1, 224)[:, None, None]
    plain = (1 - share) * np.array(top) + share * np.array(bottom) + np.zeros((224, 224, 3))
    grain = np.random.default_rng(1).normal(0, 4, plain.shape)
    return np.clip(plain + grain, 0, 255).astype(np.uint8)


def _around(radius: float, degrees: float, centre: tuple[int, int] = (112, 112)) -> tuple[int, int]:
    angle = math.radians(degrees - 90)
    return (
        int(centre[0] + radius * math.cos(angle)),
        int(centre[1] + radius * math.sin(angle)),
    )


def a_clock() -> np.ndarray:
    import cv2

    picture, font = _ground((225, 215, 195), (205, 195, 175)), cv2.FONT_HERSHEY_COMPLEX
    cv2.circle(picture, (112, 112), 88, (70, 45, 25), -1, cv2.LINE_AA)
    cv2.circle(picture, (112, 112), 78, (250, 248, 240), -1, cv2.LINE_AA)
    for hour in range(1, 13):
        x, y = _around(62, 30 * hour)
        (width, height), _ = cv2.getTextSize(str(hour), font, 0.6, 2)
        at = (x - width // 2, y + height // 2)
        cv2.putText(picture, str(hour), at, font, 0.6, (20, 20, 20), 2, cv2.LINE_AA)
    for minute in range(60):
        ends = _around(74, 6 * minute), _around(77, 6 * minute)
        cv2.line(picture, *ends, (30, 30, 30), 1, cv2.LINE_AA)
    cv2.line(picture, (112, 112), _around(38, 305), (15, 15, 15), 5, cv2.LINE_AA)
    cv2.line(picture, (112, 112), _around(56, 60), (15, 15, 15), 3, cv2.LINE_AA)
    return picture


def a_traffic_light() -> np.ndarray:
    import cv2

    picture = _ground((130, 180, 230), (190, 215, 240))
    cv2.rectangle(picture, (104, 170), (120, 224), (60, 60, 60), -1)
    cv2.rectangle(picture, (76, 18), (148, 178), (25, 25, 28), -1)
    for y, colour in ((46, (235, 40, 30)), (98, (90, 75, 20)), (150, (20, 70, 35))):
        cv2.circle(picture, (112, y), 22, colour, -1, cv2.LINE_AA)
        cv2.ellipse(picture, (112, y), (25, 25), 0, 180, 360, (10, 10, 10), 4, cv2.LINE_AA)
    return picture


def a_stop_sign() -> np.ndarray:
    import cv2

    picture = _ground((150, 190, 230), (200, 220, 235))
    cv2.rectangle(picture, (107, 180), (117, 224), (130, 130, 130), -1)
    for radius, colour in ((92, (245, 245, 245)), (85, (190, 20, 30))):
        corners = [_around(radius, 22.5 + 45 * k, (112, 100)) for k in range(8)]
        cv2.fillPoly(picture, [np.array(corners, np.int32)], colour, cv2.LINE_AA)
    font = cv2.FONT_HERSHEY_DUPLEX
    cv2.putText(picture, "STOP", (46, 118), font, 1.7, (250, 250, 250), 6, cv2.LINE_AA)
    return picture


def a_football() -> np.ndarray:
    """Twelve black patches at the corners of an icosahedron, seams half way between them."""
    import cv2

    picture = _ground((90, 160, 70), (60, 130, 45))
    cv2.ellipse(picture, (118, 200), (70, 12), 0, 0, 360, (35, 85, 25), -1, cv2.LINE_AA)
    golden = (1 + math.sqrt(5)) / 2
    corners = np.array([(0, a, b * golden) for a in (1, -1) for b in (1, -1)])
    corners = np.concatenate([corners, corners[:, [1, 2, 0]], corners[:, [2, 0, 1]]])
    corners /= np.linalg.norm(corners[0])
    turn, _ = np.linalg.qr(np.array([[0.9, 0.3, 0.3], [-0.4, 0.8, 0.45], [-0.1, -0.52, 0.85]]))
    y, x = (np.mgrid[:224, :224] - 112) / 84
    z = np.sqrt(np.clip(1 - x**2 - y**2, 0, 1))
    near = np.sort(np.stack([x, y, z], -1) @ (corners @ turn.T).T, axis=-1)
    patch = near[..., -1:] > 0.935
    seam = near[..., -1:] - near[..., -2:-1] < 0.03
    colour = np.where(patch, 26.0, np.where(seam, 120.0, 250.0))
    light = np.clip(0.55 + 0.45 * (z * 0.8 - y * 0.5 - x * 0.2), 0.25, 1)[..., None]
    inside = x**2 + y**2 < 1
    picture[inside] = (colour * light)[inside].astype(np.uint8)
    return cv2.GaussianBlur(picture, (3, 3), 0)


DRAWN = {
    "a clock on the wall": a_clock,
    "a traffic light": a_traffic_light,
    "a stop sign": a_stop_sign,
    "a football on the grass": a_football,
}


@pytest.mark.weights
@pytest.mark.parametrize("glosses", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_the_embedded_scorer_knows_what_is_drawn(
    networks: tuple[Any, Any], tmp_path: Path, monkeypatch: Any, glosses: bool
) -> None:
    """Putting 1,000 names into numbers takes seconds, their glosses half a minute."""
    if not glosses:
        names = [text.partition(":")[0] for text in embedded.class_texts()]
        monkeypatch.setattr(embedded, "class_texts", lambda: names)
    where = context(tmp_path)
    stage = Relevance(prompts=list(DRAWN), model="embedded")
    annotation = watched(stage, [draw() for draw in DRAWN.values()], where)
    digests = [weights.digest(name) for name in ("efficientnet-lite0", "minilm-l6-v2")]
    assert (annotation.model, annotation.weights) == (embedded.NAME, "+".join(digests))
    texts = list(DRAWN)
    cut = stage.apply(opening((footage(len(texts)),)), where)
    signal = cut.data(Signal, "relevance", "a")
    assert signal is not None
    assert cut.notes == ()
    table = np.array([signal.channel(text) for text in texts])
    assert table.argmax(axis=0).tolist() == [0, 1, 2, 3]
    assert table.argmax(axis=1).tolist() == [0, 1, 2, 3]
    assert table.diagonal().min() > 0.9
