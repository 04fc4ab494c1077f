"""The page of the looks of text: docs/captions.md."""

from __future__ import annotations

from collections.abc import Iterator

from smartcut.looks import find_look, look_names
from smartcut.report.parameters import parameters
from smartcut.text_style import TextStyle

_PICTURES = "pictures/captions"
_BEFORE = """\
# Captions and their looks

```sh
smartcut captions talk.mp4 --look pop
smartcut captions talk.mp4 --from talk.srt --look karaoke --style '{safe: reels}' --avoid faces
```

```yaml
- subtitles: {burn: true, look: pop, style: {emphasis: [never], emoji: {fire: 🔥}}, avoid: faces}
- title: {text: Harbour, look: neon}
```

A look is a style with a name. `style` changes some of it, and [`title`](stages/title.md) takes the
same looks. Their sizes are shares of the picture's shorter side: a look is alike in 16:9 and 9:16.
All letters of a film have one size: the largest in which all captions fit
([`subtitles`](stages/subtitles.md)).

- **Words.** A word is marked, or comes, in the frames that begin while it is spoken; a rest of less
  than a quarter of a second belongs to the word before it. What is drawn depends on the caption,
  the word and the step of its animation alone, whatever the rate or the speed of the film.
- **Place.** `safe` keeps clear of what a platform lays over upright films; `avoid: faces` finds the
  faces, and moves a caption that would cover one to another height, for all of its time.
- **Emphasis.** `style: {emphasis: [words]}` by a list, `stress: 6` by loudness, in
  `emphasis_colour` and `emphasis_scale`.
- **Speakers.** After [`speakers`](stages/speakers.md), `style: {speaker_colours: ["#ffd54a",
  "#7fd4ff"]}` gives each a colour, in the order of their first words, or by name.
- **Emoji** are outlines of Noto Emoji; `emoji_font: NotoColorEmoji.ttf` (a font of pictures, CBDT)
  brings colour. `emoji: {fire: 🔥}` sets one after each such word.
- **Files.** `sidecar: ass` holds the look for players with libass: boxes are shapes, soft shadows
  blurred copies, and words `\\kf`, `\\t`, `\\move` and `\\fade`. The font is named, not embedded.
  `srt` and `vtt` have plain texts of one or two lines, made to be read.
- **Contrast.** Of each look, text has at least 4.5:1 to what is around it, on bright, dark and busy
  pictures ([measured](../tests/render/test_look_contrast.py)).
"""
_OWN = """\
## A look of one's own

```yaml
# mine.yaml: smartcut captions talk.mp4 --look mine.yaml
about: As bold, in our colour.
from: bold
highlight: "#3dff6e"
animation: bounce
```

The same keys go into a pipeline: `look: {from: bold, animation: bounce}`.

| key | accepted | default | meaning |
|---|---|---|---|
| `about` | text | | What it is for. |
| `from` | name of a look, or a .yaml file | | The look to begin with. |"""


def captions_page() -> str:
    """The page: what looks there are, in pictures, and what they are made of."""
    return "\n".join([_BEFORE, *_looks(), _OWN, *_keys()]) + "\n"


def _looks() -> Iterator[str]:
    yield "## The looks\n"
    for name in look_names():
        yield f"**{name}**: {find_look(name).about}\n"
        yield f"![{name}]({_PICTURES}/{name}.webp)\n"
    yield "Right to left, and scripts without spaces, in any of them:\n"
    yield f"![Arabic, Hindi, Japanese and emoji]({_PICTURES}/_scripts.webp)\n"


def _keys() -> Iterator[str]:
    for one in parameters(TextStyle):
        cells = [text.replace("|", "\\|") for text in (one.accepted, one.default, one.meaning)]
        yield f"| `{one.name}` | {' | '.join(cells)} |"
