"""Texts that begin common jobs; a person picks one, and the agent works through it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from smartcut.errors import PipelineError
from smartcut.registry import close_to

_FILE = ("The media file.", True)
_MOST = 2000

_END = (
    "Check and plan the pipeline before you run it, look at pictures of the result, and say at the "
    "end which files you wrote and why you chose what you chose."
)


@dataclass(frozen=True, slots=True)
class JobPrompt:
    """A text with arguments in braces."""

    name: str
    about: str
    takes: Mapping[str, tuple[str, bool]]
    """What each argument is, and whether it must be given."""
    text: str
    given: Mapping[str, str]
    """Values of arguments that were left out."""


def _prompts(*found: JobPrompt) -> Mapping[str, JobPrompt]:
    return {one.name: one for one in found}


PROMPTS = _prompts(
    JobPrompt(
        "highlight_reel",
        "The best moments of some footage, as long as you want.",
        {
            "path": ("A media file or a folder.", True),
            "length": ("Such as 30s.", False),
            "about": ("What should be in it.", False),
        },
        "Make a highlight reel of {length} from {path}. It should show: {about}.\n"
        "1. See what there is: `files`, `probe`, `look`, and `search` by what should be in it.\n"
        "2. Write a pipeline of shots, motion, relevance (prompts: what should be in it), "
        "highlights, audio {{loudness: -16}} and render; `stages` explains each.\n"
        "3. `explain` says why each moment was chosen: correct what does not fit.\n{end}",
        {"length": "30s", "about": "what is most worth seeing"},
    ),
    JobPrompt(
        "tighten_talk",
        "Take silences, fillers and repeats out of a talk.",
        {"path": _FILE},
        "Tighten the talk {path}.\n"
        "1. Read it with `transcript`.\n"
        "2. Run `transcribe` and `tighten` (see `stages` name=tighten for fillers and repeats), "
        "then audio {{loudness: -16}} and render.\n"
        "3. Read the transcript of the result: no word may be clipped. Say how many seconds were "
        "saved.\n{end}",
        {},
    ),
    JobPrompt(
        "shorts",
        "The best clips of a long recording, upright.",
        {"path": _FILE, "count": ("How many.", False), "length": ("Such as 20s..60s.", False)},
        "Make {count} shorts of {length} from {path}.\n"
        "1. Read it with `transcript`, and see it with `look`.\n"
        "2. Write a pipeline of transcribe, shorts (see `stages` name=shorts), reframe "
        "{{aspect: 9:16}}, subtitles and render; each short is a file.\n"
        "3. `look` at each: the speaker is in the picture, captions cover no face, and the first "
        "sentence makes one want to see the rest.\n{end}",
        {"count": "3", "length": "20s..60s"},
    ),
    JobPrompt(
        "captions",
        "Captions burned into the picture, or beside it.",
        {"path": _FILE, "language": ("A code, such as en.", False), "look": ("A look.", False)},
        "Put captions on {path} (language: {language}; look: {look}).\n"
        "1. Read it with `transcript`, and correct names that it got wrong (`words` of a pipeline, "
        "or subtitles from a file that you `save`).\n"
        "2. Run transcribe, subtitles (see `stages` name=subtitles for looks) and render.\n"
        "3. `look` at times when something is said: lines are short, legible, and cover no face.\n"
        "{end}",
        {"language": "auto", "look": "the default"},
    ),
    JobPrompt(
        "conform",
        "Have a film meet expectations: length, loudness, what must and must not be in it.",
        {"path": ("A pipeline or a film.", True), "expectations": ("In words or a file.", True)},
        "Have {path} meet these expectations: {expectations}.\n"
        "1. `save` them as expectations (YAML) and `verify` what there is: each that fails is "
        "named with its time and reason.\n"
        "2. Change the pipeline, or correct single segments with `edit`; `diff` says what "
        "changed.\n"
        "3. `run`, and `verify` again until all hold. Where two cannot hold together, say which.\n"
        "{end}",
        {},
    ),
)


def filled(name: str, arguments: Mapping[str, str]) -> str:
    """The text of a prompt with its arguments; raises PipelineError for what is amiss."""
    if name not in PROMPTS:
        raise PipelineError(f"unknown prompt {close_to(name[:100], PROMPTS)}")
    prompt = PROMPTS[name]
    for given, value in arguments.items():
        if given not in prompt.takes:
            raise PipelineError(f"{name}: unknown argument {close_to(given[:100], prompt.takes)}")
        if len(value) > _MOST:
            raise PipelineError(f"{name}: {given} has {len(value)} characters; accepted: {_MOST}")
    missing = [n for n, (_, must) in prompt.takes.items() if must and not arguments.get(n)]
    if missing:
        raise PipelineError(f"{name}: the argument {missing[0]!r} is required")
    return prompt.text.format(**{**prompt.given, **arguments, "end": _END})
