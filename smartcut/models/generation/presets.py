"""Small settings of every family, for a first training on a processor without a GPU.

Steps are chosen by the processor time of a step, measured with clips of 8 frames of 32x32: ``tiny``
takes about 2 minutes of one core, ``small`` about 10; two cores need less. Clips of twice the size
take four times as long.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from smartcut.errors import ModelError
from smartcut.models.generation.contract import family


@dataclass(frozen=True, slots=True)
class Preset:
    """How long and how fast a family learns, and how large it is built."""

    steps: int
    rate: float
    batch: int = 8
    own: Mapping[str, Any] = field(default_factory=dict)
    """Settings of the family, or of the training, by name; as ``--set`` gives them."""


#: What a training takes that is asked for no preset.
STANDARD = Preset(steps=2000, rate=3e-4, batch=16)

_NARROW = {"finest": 8, "widest": 64}
_WIDE = {"finest": 16, "widest": 128}

#: The presets of each family by name.
PRESETS: dict[str, dict[str, Preset]] = {
    "gan": {
        "tiny": Preset(700, 5e-4, own={**_NARROW, "average": 0.9}),
        "small": Preset(2000, 5e-4, own={**_WIDE, "average": 0.9}),
    },
    "flow-gan": {
        "tiny": Preset(600, 1e-3, own={**_NARROW, "depth": 2, "hidden": 32}),
        "small": Preset(2200, 1e-3, own={**_NARROW, "depth": 3, "hidden": 48}),
    },
    "vae": {
        "tiny": Preset(1000, 2e-3, own=_NARROW),
        "small": Preset(2500, 2e-3, batch=16, own=_WIDE),
    },
    "flow": {
        "tiny": Preset(1000, 2e-3, own={"depth": 3, "hidden": 32, "average": 0.99}),
        "small": Preset(3500, 2e-3, own={"depth": 4, "hidden": 64, "average": 0.99}),
    },
    "flow-matching": {
        "tiny": Preset(650, 3e-3, own={"finest": 8, "depth": 1, "average": 0.99}),
        "small": Preset(1700, 3e-3, own={"finest": 16, "depth": 2, "average": 0.99}),
    },
    "diffusion": {
        "tiny": Preset(650, 3e-3, own={"finest": 8, "depth": 1, "average": 0.99}),
        "small": Preset(1700, 3e-3, own={"finest": 16, "depth": 2, "average": 0.99}),
    },
    "transformer": {
        "tiny": Preset(1000, 3e-3, own={"size": 64, "depth": 2, "tokenizer_size": 32}),
        "small": Preset(2600, 3e-3, own={"size": 96, "depth": 3, "tokenizer_size": 48}),
    },
}


def preset(model: str, name: str | None) -> Preset:
    """The preset of a family; without a name the standard settings.

    Raises ModelError for an unknown family, and for a family or a name without a preset.
    """
    family(model)
    if name is None:
        return STANDARD
    if model not in PRESETS:
        raise ModelError(
            f"--preset {name}: {model} has none; those that have: {', '.join(PRESETS)}; leave "
            "--preset out, and give --steps, --batch, --rate and --set"
        )
    if name not in PRESETS[model]:
        raise ModelError(f"--preset {name}: {model} has {', '.join(PRESETS[model])}")
    return PRESETS[model][name]
