"""Sixteen sentences on which networks that read are compared."""

from __future__ import annotations

#: With the scripts, signs and mistakes that prompts may have; long, short and empty.
SENTENCES = (
    "a photo",
    "somebody explains something",
    "two people shake hands in front of a red brick building at night, in the rain",
    "it's what they'll do; we've 1234 reasons, don't WE?",
    "Ein Überblick über Café & Bücher, 2026!",
    "un chien qui court après une balle sur la plage",
    "日本語のテキスト 中文 한국어",
    "مرحبا بالعالم, привет мир, ΣΊΣΥΦΟΣ İstanbul",
    "a goal 😀👍🏽 and 3.5 % more _snake_case_ foo.bar/baz",
    "ﬁne “quotes” … — dash &amp;lt;b&gt; &eacute;",
    "cafÃ© <end_of_text> १२३ ² ⅷ  \t spaces ",
    "word " * 90,
    "",
    "aerial view of a sailing boat",
    "a close-up of hands that play the piano",
    "text on a slide: results of the third quarter",
)
