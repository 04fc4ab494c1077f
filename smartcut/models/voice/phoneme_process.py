"""A program of its own: text to phonemes by espeak-ng, as piper-tts carries it.

Both are under the GPL, version 3 or later. smartcut never imports this module: it runs the file
in another process, and talks with it by JSON. In: ``{"voice": "en-us", "texts": [...]}``. Out: for
each text, for each sentence that espeak-ng finds in it, its phonemes.
"""

from __future__ import annotations

import importlib
import json
import sys


def main() -> None:
    espeak = importlib.import_module("piper.phonemize_espeak").EspeakPhonemizer()
    asked = json.load(sys.stdin)
    json.dump([espeak.phonemize(asked["voice"], text) for text in asked["texts"]], sys.stdout)


if __name__ == "__main__":
    main()
