"""The words that say what a section is about: its own phrase that is nearest to its meaning.

Candidates are runs of one to three words of a sentence; each is compared with the section and with
the whole text by sentence vectors, as KeyBERT does (Grootendorst 2020).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from smartcut.render.captions.text import small_words

Vectors = Callable[[Sequence[str]], np.ndarray]
"""float (N, D) of texts, rows of length 1."""

_MOST = 40
_LONGEST = 3
_WORD = re.compile(r"[^\W_]+(?:['’\-][^\W_]+)*")
# No phrase runs across a comma or a bracket.
_PAUSE = re.compile(r"[,;:!?()\[\]–—\"“”„«»、。，]")
#: Words that begin and end no phrase, in English; in other languages those that most sections have.
_STOP_WORDS = """
a about above after again all also always am an and any are around as at away back be because been
before being below between both but by can cannot come could did do does doing done down during
each even every few for from get give go goes going got had has have having he her here him his
how i if in into is it its just keep know last less let like little look made make many may me
more most much must my need needs never new next no not nothing now of off often on once one only or
other our out over own people put quite rather really right said same say see she should since so
some soon still such take tell than that the their them then there these they thing things think
this those though three through time to today too turn two under until up us use used usually very
want was way we well went were what when where which while who whom whose why will with without
would year years yes yet you your first second another thousand hundred million it's that's don't
i'm we're you're
"""
_STOP = frozenset(_STOP_WORDS.split())


def titles(sections: Sequence[Sequence[str]], vectors: Vectors, language: str = "en") -> list[str]:
    """A title for each section, a list of sentences; no two are the same."""
    texts = [" ".join(section) for section in sections]
    common = _common(texts) | small_words(language)
    means = np.stack([_mean(vectors(section)) for section in sections])
    whole = _mean(means)
    found: list[str] = []
    others = 0.5 if len(sections) > 1 else 0.0
    for number, (section, mean) in enumerate(zip(sections, means, strict=True), 1):
        phrases = [p for p in _candidates(section, common) if p.casefold() not in found]
        wanted = mean - others * whole
        name = phrases[int(np.argmax(vectors(phrases) @ wanted))] if phrases else f"Part {number}"
        found.append(name.casefold())
    return [name[:1].upper() + name[1:] for name in _original(found, texts)]


def _mean(rows: np.ndarray) -> np.ndarray:
    mean = rows.mean(axis=0)
    return np.asarray(mean / max(float(np.linalg.norm(mean)), 1e-9))


def _common(texts: Sequence[str]) -> frozenset[str]:
    """Words that carry no subject: of the list, and those of more than half of the sections."""
    counts = Counter(w for text in texts for w in {w.casefold() for w in _WORD.findall(text)})
    often = {word for word, n in counts.items() if len(texts) > 3 and n > len(texts) / 2}
    return _STOP | often


def _candidates(section: Sequence[str], common: frozenset[str]) -> list[str]:
    """Phrases whose first and last words carry a subject, the more frequent ones first."""
    counts: Counter[str] = Counter()
    for part in (part for sentence in section for part in _PAUSE.split(sentence)):
        counts.update(_phrases(_WORD.findall(part), common))
    ordered = sorted(counts, key=lambda phrase: (-counts[phrase], phrase.count(" ")))
    return ordered[:_MOST]


def _phrases(words: Sequence[str], common: frozenset[str]) -> Iterator[str]:
    for first in range(len(words)):
        for count in range(1, _LONGEST + 1):
            run = words[first : first + count]
            ends = (run[0].casefold(), run[-1].casefold())
            if len(run) == count and not any(w in common or len(w) < 3 for w in ends):
                yield " ".join(run)


def _original(names: Sequence[str], texts: Sequence[str]) -> Iterator[str]:
    """Each name as its section writes it."""
    for name, text in zip(names, texts, strict=True):
        match = re.search(re.escape(name).replace(r"\ ", r"\W+"), text, re.IGNORECASE)
        yield match[0] if match else name
