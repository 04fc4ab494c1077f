"""The commands for one's own file: each is a pipeline, written down as data.

    smartcut speed talk.mp4 --factor 2

is ``stages: [speed: {factor: 2}, render]`` over talk.mp4. A verb names its stages; its options,
their types, choices and help are the parameters of those stages. ``--show`` prints the pipeline.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

#: What the commands are grouped by in `smartcut --help`, in this order.
WISHES = (
    TIME := "Length, order and pace",
    PICTURE := "Picture",
    SOUND := "Sound and speech",
    FILES := "Other kinds of files",
    LOOK := "What is in a file",
    PIPELINES := "Pipelines",
    MANY := "Many files, and generators",
    HERE := "This machine",
)


@dataclass(frozen=True, slots=True)
class Use:
    """A stage of a verb's pipeline, and which of its parameters are options."""

    stage: str
    given: Mapping[str, Any] = field(default_factory=dict)
    """Parameters that the verb sets; an option replaces them."""
    only: tuple[str, ...] | None = None
    """Parameters that are options; without it, all of them."""
    called: Mapping[str, str] = field(default_factory=dict)
    """Parameters whose options have other names."""
    is_asked: bool = False
    """It is left out where none of its options is given."""
    is_needed: bool = False
    """It is left out where no other stage needs what it gives."""


#: The end of most verbs.
RENDER = Use(
    "render",
    only=("mode", "codec", "resolution", "fps", "fit", "crf", "bitrate", "audio_codec"),
)


class Verb(NamedTuple):
    """A command for one's own file."""

    name: str
    wish: str
    does: str
    """In one line."""
    uses: tuple[Use, ...]
    example: str
    """Its arguments."""
    suffix: str = ""
    """Of the file that it writes where none is named; without a kind of file, the input's."""
    writes: Use = RENDER
    files_are: tuple[str, str] | None = None
    """A stage of ``uses`` and its parameter that is the files, where they are no media to open."""


def _verbs(*verbs: Verb) -> Mapping[str, Verb]:
    return {verb.name: verb for verb in verbs}


VERBS: Mapping[str, Verb] = _verbs(
    Verb(
        "tighten",
        TIME,
        "Take the silence out, or play it faster.",
        (Use("transcribe", only=("model", "language"), is_needed=True), Use("tighten")),
        "talk.mp4 --margin 0.3s",
    ),
    Verb(
        "shorts",
        TIME,
        "Pick several clips of a talk, each of whole sentences in a file of its own.",
        (
            Use("transcribe", only=("model", "language", "from")),
            Use("shorts"),
            Use("reframe", only=("aspect", "subject"), is_asked=True),
        ),
        "talk.mp4 --clips 3 --length 20s..60s -o 'short-{n}.mp4'",
        suffix="-{n}",
        writes=Use("render", given={"each": "segment"}, only=RENDER.only),
    ),
    Verb(
        "speed",
        TIME,
        "Play a file faster or slower, sound with the picture.",
        (Use("speed"),),
        "walk.mp4 --factor 2",
    ),
    Verb(
        "reverse",
        TIME,
        "Play a file backwards, sound included.",
        (Use("reverse"),),
        "jump.mp4 --start 5 --end 8",
    ),
    Verb(
        "interpolate",
        TIME,
        "Make frames between frames: a higher frame rate, or slow motion.",
        (Use("shots", only=()), Use("interpolate")),
        "goal.mp4 --speed 0.25",
    ),
    Verb(
        "join",
        TIME,
        "Put files one after the other; with --kind, by transitions.",
        (Use("transitions", is_asked=True),),
        "a.mp4 b.mp4 --kind dissolve -o both.mp4",
    ),
    Verb(
        "slideshow",
        TIME,
        "Show pictures one after the other, still or with a moving camera.",
        (
            Use(
                "slides",
                given={"move": ["in", "left", "out", "right"], "fit": "crop"},
                only=("seconds", "move", "zoom", "fit", "size", "fps"),
            ),
        ),
        "a.jpg b.jpg c.jpg --seconds 3 -o show.mp4",
        suffix=".mp4",
        files_are=("slides", "pictures"),
    ),
    Verb(
        "stabilise",
        PICTURE,
        "Take the shake out of hand-held footage.",
        (Use("shots", only=()), Use("stabilise")),
        "walk.mp4 --crop 0.1",
    ),
    Verb(
        "crop",
        PICTURE,
        "Take away the edges of the picture.",
        (Use("crop"),),
        "film.mp4 --left 0.2",
    ),
    Verb(
        "rotate",
        PICTURE,
        "Turn the picture clockwise.",
        (Use("rotate"),),
        "phone.mp4 --degrees 90",
    ),
    Verb(
        "reframe",
        PICTURE,
        "Make an upright or square film that follows faces, or what moves.",
        (Use("reframe"),),
        "film.mp4 --aspect 9:16 -o upright.mp4",
    ),
    Verb(
        "overlay",
        PICTURE,
        "Lay an image or a video above the picture: a logo, a picture in picture.",
        (Use("overlay"),),
        "film.mp4 --file logo.png --position top-right --width 0.15",
    ),
    Verb(
        "watermark",
        PICTURE,
        "Mark the picture with a text or an image, faintly, from beginning to end.",
        (Use("watermark"),),
        "film.mp4 --text 'Ada Lovelace'",
    ),
    Verb(
        "loudness",
        SOUND,
        "Bring the sound to a loudness: -14 for the web, -16 for podcasts, -23 for television.",
        (
            Use(
                "audio",
                given={"loudness": -16},
                only=("loudness", "true_peak"),
                called={"loudness": "target"},
            ),
        ),
        "talk.mp4 --target -16",
    ),
    Verb(
        "words",
        SOUND,
        "Write down what is said as a file to cut by: strike, delete and move words and lines.",
        (
            Use("transcribe"),
            Use("speakers", only=("count", "names", "voices"), is_asked=True),
        ),
        "talk.mp4 -o talk.md",
        suffix=".md",
        writes=Use("export", only=()),
    ),
    Verb(
        "captions",
        SOUND,
        "Write down what is said, and show it in the picture.",
        (
            Use("transcribe"),
            Use("speakers", only=("count", "names", "voices"), is_asked=True),
            Use("subtitles", given={"burn": True}),
        ),
        "talk.mp4 --karaoke",
    ),
    Verb(
        "audio",
        SOUND,
        "Take the sound out of a film: .mp3, .m4a, .wav, .flac, .ogg or .opus.",
        (Use("audio", only=("tracks", "channels", "loudness"), is_asked=True),),
        "talk.mp4 -o talk.mp3",
        suffix=".m4a",
        writes=Use("render", only=("audio_codec", "audio_bitrate")),
    ),
    Verb(
        "gif",
        FILES,
        "Make an animation of a part of a film: .gif, .webp or .apng.",
        (),
        "film.mp4 --start 12 --end 15 --fps 12 --resolution 360p",
        suffix=".gif",
        writes=Use("render", only=("fps", "resolution", "fit", "loop", "quality")),
    ),
    Verb(
        "frames",
        FILES,
        "Write the pictures of a film one by one: .png, .jpg or .webp.",
        (),
        "film.mp4 --every 5s -o 'frame-%03d.png'",
        suffix="-%05d.png",
        writes=Use("render", only=("every", "fps", "resolution", "fit", "quality")),
    ),
    Verb(
        "waveform",
        FILES,
        "Draw the sound of a file from its start to its end, as a picture.",
        (),
        "talk.mp4 -o talk.png",
        suffix=".png",
        writes=Use("waveform", only=("width", "height")),
    ),
    Verb(
        "filmstrip",
        FILES,
        "Put pictures of a film at equal distances side by side, as one picture.",
        (),
        "film.mp4 --count 8 -o film.png",
        suffix=".png",
        writes=Use("filmstrip", only=("count", "height")),
    ),
)
