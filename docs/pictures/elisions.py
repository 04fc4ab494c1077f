"""Draws the picture of docs/guides/elisions.md: ``python docs/pictures/elisions.py``.

The page on a made interview, as Chromium shows it; it needs Playwright (the extra ``dev-all``).
"""

from __future__ import annotations

import io
import tempfile
from pathlib import Path

from PIL import Image

from smartcut.cut import Cut, Segment
from smartcut.timebase import Range
from tests.builders.browser import launched
from tests.builders.talks import talk_of

SIZE = (860, 700)
#: What is said; of each sentence the words that are heard, in the order of the film.
SAID = [
    ("Do you support the new harbour?", 0.3),
    ("Well, I support it if the town pays for the road.", 0.3),
    ("But it is not cheap.", 0.3),
    ("Are you a friend of the mayor?", 0.3),
    ("No, um, I never met him before last summer.", 0.3),
    ("The old pier is nearly a hundred years old.", 0.3),
]
HEARD = [(0, 0, 6), (1, 0, 4), (4, 0, 1), (4, 2, 5), (5, 0, 4), (5, 5, 9)]


def interview() -> Cut:
    cut = talk_of(SAID)
    sentences = cut.annotations[0].data.sentences  # type: ignore[union-attr]
    places = []
    for number, first, last in HEARD:
        words = sentences[number].words[first:last]
        places.append(Range(words[0].range.start, words[-1].range.end))
    return cut.with_segments(tuple(Segment("talk", place) for place in places))


def main() -> None:
    from smartcut.api.eliding import FoundElisions
    from smartcut.eliding.finding import elisions

    cut = interview()
    found = FoundElisions("interview.mp4", cut, elisions(cut))
    with tempfile.TemporaryDirectory() as folder, launched() as browser:
        page = Path(folder) / "page.html"
        found.page(page)
        shown = browser.open(page.as_uri(), size=SIZE, color_scheme="light").page.screenshot()
    picture = Image.open(io.BytesIO(shown)).convert("RGB")
    picture.save(Path(__file__).with_name("elisions.webp"), quality=84, method=6)
    print(found.text())


if __name__ == "__main__":
    main()
