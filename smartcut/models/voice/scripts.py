"""Which letters a voice cannot read: it would spell them by their names ("Hebrew aleph")."""

from __future__ import annotations

import unicodedata

#: Languages that are written in Latin letters (ISO 639-1); of others nothing is claimed.
_LATIN = (
    *("af", "ca", "cs", "cy", "da", "de", "en", "es", "et", "eu", "fi", "fr", "ga", "gl", "hr"),
    *("hu", "id", "is", "it", "lt", "lv", "ms", "mt", "nb", "nl", "nn", "no", "pl", "pt", "ro"),
    *("sk", "sl", "sq", "sv", "sw", "tr", "vi"),
)
_READ = ("LATIN", "FULLWIDTH LATIN", "MODIFIER LETTER", "MICRO", "FEMININE", "MASCULINE", "OHM")


def unread(text: str, language: str) -> str:
    """The letters, each once, that a voice of a language written in Latin letters cannot read.

    A Greek letter by itself is read, as in formulas.
    """
    if language not in _LATIN:
        return ""
    found: dict[str, None] = {}
    for word in text.split():
        letters = [c for c in word if unicodedata.category(c).startswith("L")]
        for letter in letters:
            name = unicodedata.name(letter, "")
            is_sign = name.startswith("GREEK") and len(letters) == 1
            if not name.startswith(_READ) and not is_sign:
                found[letter] = None
    return "".join(found)
