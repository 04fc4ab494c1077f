"""The whole job as a script, with the libraries that smartcut stands in for.

CLIP WHISPER OUT.mp4 REPORT.json SECONDS PROMPT FILM...: shots by PySceneDetect's adaptive detector,
words by faster-whisper, one picture a second through open_clip, then the best shots by the ranks of
relevance (twice) and of the share of speech, cut out and joined by MoviePy. REPORT.json gets the
processor and wall time of each part.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from smartcut.models.torchvision_shim import import_with_torchvision

_BATCH = 16
_LONGEST = 6.0

Shot = tuple[str, float, float]
Words = list[tuple[float, float]]
spent: dict[str, list[float]] = {}


@contextmanager
def part(name: str) -> Iterator[None]:
    """Adds the processor and wall time of the block, child processes included, to that part."""
    before, began = _processor(), time.perf_counter()
    yield
    took = [_processor() - before, time.perf_counter() - began]
    spent[name] = [a + b for a, b in zip(spent.get(name, [0.0, 0.0]), took, strict=True)]


def _processor() -> float:
    kinds = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return sum(u.ru_utime + u.ru_stime for u in map(resource.getrusage, kinds))


def shots(film: str) -> list[Shot]:
    from scenedetect import AdaptiveDetector, detect

    found = detect(film, AdaptiveDetector(), start_in_scene=True)
    return [(film, a.seconds, b.seconds) for a, b in found]


def words(films: list[str], folder: str) -> dict[str, Words]:
    from faster_whisper import WhisperModel

    model = WhisperModel(folder, device="cpu", compute_type="int8", cpu_threads=os.cpu_count() or 1)
    found: dict[str, Words] = {}
    for film in films:
        said, _ = model.transcribe(film, language="en", word_timestamps=True, vad_filter=True)
        found[film] = [(w.start, w.end) for line in said for w in line.words or ()]
    return found


def pictures(film: str) -> Iterator[np.ndarray]:
    """RGB, one a second; the frames between are decoded, as they must be, and not converted."""
    import cv2

    video = cv2.VideoCapture(film)
    rate = video.get(cv2.CAP_PROP_FPS)
    number = taken = 0
    while video.grab():
        if number >= taken * rate:
            yield cv2.cvtColor(video.retrieve()[1], cv2.COLOR_BGR2RGB)
            taken += 1
        number += 1


def relevance(films: list[str], checkpoint: str, prompt: str) -> dict[str, np.ndarray]:
    """The cosine of each second's picture to the prompt."""
    import torch
    from PIL import Image

    open_clip = import_with_torchvision("open_clip")
    model, _, prepare = open_clip.create_model_and_transforms("ViT-B-32", pretrained=checkpoint)
    model.eval()
    found = {}
    with torch.inference_mode():
        text = model.encode_text(open_clip.get_tokenizer("ViT-B-32")([prompt]), normalize=True)

        def looked(batch: list[Any]) -> np.ndarray:
            vectors = model.encode_image(torch.stack(batch), normalize=True)
            return np.asarray((vectors @ text.T)[:, 0].numpy())

        for film in films:
            scores, batch = [], []
            for picture in pictures(film):
                batch.append(prepare(Image.fromarray(picture)))
                if len(batch) == _BATCH:
                    scores.append(looked(batch))
                    batch = []
            if batch:
                scores.append(looked(batch))
            found[film] = np.concatenate(scores)
    return found


def chosen(
    found: list[Shot], said: dict[str, Words], likeness: dict[str, np.ndarray], seconds: float
) -> list[Shot]:
    """The best shots that fit, at most :data:`_LONGEST` of each, in the order of the films."""
    relevant, spoken = [], []
    for film, start, end in found:
        relevant.append(likeness[film][int(start) : max(int(start) + 1, int(end))].mean())
        inside = sum(max(0.0, min(b, end) - max(a, start)) for a, b in said[film])
        spoken.append(inside / (end - start))
    rank = 2 * np.argsort(np.argsort(relevant)) + np.argsort(np.argsort(spoken))
    kept, left = [], seconds
    for which in np.argsort(-rank, kind="stable"):
        film, start, end = found[which]
        end = min(end, start + _LONGEST, start + left)
        if end - start >= 1:
            kept.append((film, start, end))
            left -= end - start
    return sorted(kept)


def render(kept: list[Shot], out: str) -> None:
    from moviepy import VideoFileClip, concatenate_videoclips

    opened = {film: VideoFileClip(film) for film in {film for film, _, _ in kept}}
    parts = [opened[film].subclipped(start, end) for film, start, end in kept]
    concatenate_videoclips(parts, method="chain").write_videofile(
        out,
        codec="libx264",
        preset="veryfast",
        ffmpeg_params=["-crf", "20"],
        audio_codec="aac",
        threads=os.cpu_count(),
        temp_audiofile_path=os.path.dirname(out),
        pixel_format="yuv420p",
        logger=None,
    )
    for clip in opened.values():
        clip.close()


def main(
    checkpoint: str, folder: str, out: str, report: str, seconds: str, prompt: str, *films: str
) -> None:
    with part("shots"):
        found = [shot for film in films for shot in shots(film)]
    with part("speech"):
        said = words(list(films), folder)
    with part("relevance"):
        likeness = relevance(list(films), checkpoint, prompt)
    with part("render"):
        kept = chosen(found, said, likeness, float(seconds))
        render(kept, out)
    heard = sum(map(len, said.values()))
    counts = {"shots": len(found), "words": heard, "kept": kept}
    Path(report).write_text(json.dumps({"parts": spent, **counts}))


if __name__ == "__main__":
    main(*sys.argv[1:])
