"""Films that are as they should be, and what can go wrong with them afterwards."""

from __future__ import annotations

import json
import subprocess
import wave
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

import smartcut as sc
from smartcut.runners.local import Result
from tests.builders.drawn_faces import room
from tests.builders.sounds import write_wav

RATE, FPS, SIZE = 48_000, 25, (160, 90)
#: Seconds of each shot as it was taken, and of those what the film shows.
TAKEN, SHOWN = 2.6, (0.3, 2.3)
SHOTS = "abcd"
#: Words of a shot: when they are said, in seconds of the shot, and by how much later in each shot.
WORDS = ((0.6, 1.0), (1.4, 1.9))
LATER = (0.0, 0.15, 0.05, 0.2)
SAID = (("Welcome", "home"), ("the", "harbour"), ("sails", "slowly"), ("good", "night"))

EXPECTED = {
    "length": "8s ± 0.1s",
    "size": "160x90",
    "frame_rate": {"rate": 25},
    "bitrate": "at most 2M",
    "colour": {"range": "limited", "matrix": "bt709"},
    "loudness": "-16 ± 1",
    "true_peak": -1,
    "no_black": "0.2s",
    "no_freeze": "1.5s",
    "no_silence": "1s",
    "no_flash": True,
    "no_jump": True,
    "no_word_cut": True,
    "audio_video_offset": "60ms",
    "channels": "stereo",
    "language": "eng",
    "said": {"must": ["the harbour"], "never": ["farewell"]},
}


@cache
def ffmpeg() -> str:
    import imageio_ffmpeg

    return str(imageio_ffmpeg.get_ffmpeg_exe())


def run_ffmpeg(*arguments: object) -> None:
    command = [ffmpeg(), "-y", "-nostdin", "-v", "error", *map(str, arguments)]
    subprocess.run(command, check=True, capture_output=True)


def words_of(shot: int) -> list[tuple[float, float]]:
    """When the words of a shot are said, in seconds of it."""
    return [(round(a + LATER[shot], 2), round(b + LATER[shot], 2)) for a, b in WORDS]


def picture(shot: int, number: int) -> np.ndarray:
    """RGB: a square that moves over the background of a shot."""
    pixels = room(shot + 3, SIZE)
    pixels = np.clip(pixels.astype(int) + (shot % 2) * 70 - 20, 30, 235).astype(np.uint8)
    x, y = 10 + (number * 2) % 120, 20 + (shot * 13) % 40
    pixels[y : y + 26, x : x + 30] = (40, 20, 50) if shot % 2 else (240, 235 - 9 * shot, 200)
    return pixels


def sound(shot: int) -> np.ndarray:
    """float64 (2, n): a hum of the place, and two words that are louder on the left."""
    random = np.random.default_rng(shot)
    time = np.arange(int(TAKEN * RATE)) / RATE
    hum = 0.02 * np.sin(2 * np.pi * (180 + 260 * shot) * time)
    hiss = random.normal(0, 0.004, len(time))
    kernel = np.ones(3 + 8 * shot) / (3 + 8 * shot)
    place = hum + 3 * np.convolve(hiss, kernel, "same")
    voice = np.zeros_like(time)
    for first, last in words_of(shot):
        inside = (time >= first) & (time < last)
        local = time[inside] - first
        shape = np.minimum(1, np.minimum(local, (last - first) - local) / 0.06)
        tone = sum(np.sin(2 * np.pi * 140 * k * local) / k for k in range(1, 12))
        voice[inside] = 0.12 * shape * tone * (1 + 0.3 * np.sin(2 * np.pi * 5 * local))
    return np.stack([place + voice, 0.6 * place + 0.35 * voice])


def take(folder: Path, shot: int) -> Path:
    """A shot as a film, and beside it what is said in it, as Whisper writes it."""
    path = folder / f"{SHOTS[shot]}.mp4"
    write_wav(folder / "shot.wav", sound(shot), RATE)
    frames = [picture(shot, n) for n in range(int(TAKEN * FPS))]
    raw = folder / "shot.rgb"
    raw.write_bytes(b"".join(frame.tobytes() for frame in frames))
    size = f"{SIZE[0]}x{SIZE[1]}"
    run_ffmpeg(
        "-f", "rawvideo", "-pix_fmt", "rgb24", "-s", size, "-r", FPS, "-i", raw,
        "-i", folder / "shot.wav", "-vf", "scale=out_color_matrix=bt709:out_range=tv",
        "-c:v", "libx264", "-crf", 12, "-g", 25, "-pix_fmt", "yuv420p",
        "-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709",
        "-color_range", "tv", "-c:a", "aac", "-b:a", "192k",
        "-metadata:s:a:0", "language=eng", path,
    )  # fmt: skip
    words = [
        {"word": f" {text}", "start": first, "end": last}
        for text, (first, last) in zip(SAID[shot], words_of(shot), strict=True)
    ]
    text = " ".join(SAID[shot])
    whole = {"start": words[0]["start"], "end": words[-1]["end"]}
    row = {**whole, "text": text, "words": words}
    said = {"language": "en", "segments": [row]}
    path.with_suffix(".json").write_text(json.dumps(said))
    return path


def takes(folder: Path) -> list[Path]:
    return [take(folder, shot) for shot in range(len(SHOTS))]


def film_of(
    files: Sequence[Path], output: Path, shown: tuple[float, float] = SHOWN, **expected: object
) -> Result:
    """The film of these shots, with what is expected of it."""
    text = {path.stem: str(path.with_suffix(".json")) for path in files}
    start, end = shown
    film = sc.open(*files) | sc.transcribe(**{"from": text})
    film = film | sc.trim(start=start, end=end) | sc.audio(loudness=-16)
    return (film | sc.expect(**(expected or EXPECTED))).render(output, crf=16)


@dataclass(frozen=True)
class Spoiling:
    """Something that goes wrong with a finished film, and the expectation that is meant for it."""

    name: str
    expectation: str
    spoil: Callable[[Path, Path], None]
    because: str
    """Part of the reason that is given."""
    at: float | None = None
    """When, in seconds of the film, where it has a time."""


def filtered(
    video: str = "", audio: str = "", *options: object, before: Sequence[object] = ()
) -> Callable[[Path, Path], None]:
    """What writes a film anew through filters of FFmpeg."""

    def spoil(film: Path, out: Path) -> None:
        picture_ = ["-vf", video, "-c:v", "libx264", "-crf", 14] if video else ["-c:v", "copy"]
        sound_ = ["-af", audio, "-c:a", "aac", "-b:a", "192k"] if audio else ["-c:a", "copy"]
        run_ffmpeg(*before, "-i", film, *picture_, *sound_, *options, out)

    return spoil


def late_sound(seconds: float) -> Callable[[Path, Path], None]:
    def spoil(film: Path, out: Path) -> None:
        moved = ["-i", film, "-itsoffset", seconds, "-i", film]
        run_ffmpeg(*moved, "-map", "0:v", "-map", "1:a", "-c", "copy", out)

    return spoil


def rewritten_sound(
    change: Callable[[np.ndarray], np.ndarray],
) -> Callable[[Path, Path], None]:
    """What writes a film with other samples: float (channels, n) to the same."""

    def spoil(film: Path, out: Path) -> None:
        plain = out.with_suffix(".wav")
        run_ffmpeg("-i", film, "-vn", "-c:a", "pcm_s16le", plain)
        with wave.open(str(plain), "rb") as file:
            raw = file.readframes(file.getnframes())
            channels = file.getnchannels()
        samples = np.frombuffer(raw, "<i2").reshape(-1, channels).T / 32768
        write_wav(plain, np.clip(change(samples.copy()), -1, 1), RATE)
        streams = ("-map", "0:v", "-map", "1:a", "-c:v", "copy", "-c:a", "aac", "-b:a", "192k")
        run_ffmpeg("-i", film, "-i", plain, *streams, "-metadata:s:a:0", "language=eng", out)

    return spoil


def click(samples: np.ndarray) -> np.ndarray:
    """A step in the wave where the second shot begins."""
    samples[:, 2 * RATE : 2 * RATE + 40] += 0.6
    return samples


_BT709 = ("-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709",
          "-color_range", "tv")  # fmt: skip
_KEPT = "setpts=N/25/TB"

_STROBE = "drawbox=c={}:t=fill:enable='between(t,3,4.4)*lt(mod(n,5),2)'"

SPOILINGS = (
    Spoiling("three frames dropped", "frame_rate",
             filtered(f"select='not(between(n,60,62))',{_KEPT}", "", *_BT709),
             "3 frames fewer", 3.88),
    Spoiling("three frames missing", "frame_rate",
             filtered("select='not(between(n,60,62))'", "", *_BT709, "-fps_mode", "passthrough"),
             "times as long as usual", 2.36),
    Spoiling("frames shown twice", "frame_rate",
             filtered(f"loop=loop=5:size=1:start=60,{_KEPT}", "", *_BT709), "5 frames more", 4.0),
    Spoiling("another frame rate", "frame_rate", filtered("fps=30", "", *_BT709),
             "30.000 frames a second, not 25"),
    Spoiling("a word muted", "no_word_cut",
             filtered("", "volume=enable='between(t,3.2,3.85)':volume=0"),
             "'harbour' is not heard", 3.25),
    Spoiling("the end of a word clipped", "no_word_cut",
             filtered("", "volume=enable='between(t,3.57,3.8)':volume=0"),
             "'harbour' lacks its end", 3.25),
    Spoiling("the beginning of a word clipped", "no_word_cut",
             filtered("", "volume=enable='between(t,3.15,3.4)':volume=0"),
             "'harbour' lacks its beginning", 3.25),
    Spoiling("3 LU down", "loudness", filtered("", "volume=-3dB"), "-19.", None),
    Spoiling("3 LU up", "loudness",
             filtered("", "volume=3dB,alimiter=limit=0.7:level=false"), "-13.", None),
    Spoiling("too loud by far", "true_peak", filtered("", "volume=14dB"), "above -1"),
    Spoiling("a black half second", "no_black",
             filtered("drawbox=c=black:t=fill:enable='between(t,3,3.46)'", "", *_BT709),
             "black for 0.48 s", 3.0),
    Spoiling("the picture hangs", "no_freeze",
             filtered(f"loop=loop=60:size=1:start=110,{_KEPT},trim=end_frame=200", "", *_BT709),
             "stands still for 2", 4.4),
    Spoiling("a hole in the sound", "no_silence",
             filtered("", "volume=enable='between(t,4.4,6.2)':volume=0"), "silent for 1.7", 4.4),
    Spoiling("the sound ends early", "no_silence",
             filtered("", "atrim=end=6.5"), "silent for 1.", 6.5),
    Spoiling("flashes", "no_flash",
             filtered(_STROBE.format("white"), "", *_BT709),
             "general flashes", 3.0),
    Spoiling("red flashes", "no_flash",
             filtered(_STROBE.format("0xff0000"), "", *_BT709),
             "red flashes", 3.0),
    Spoiling("a stray frame at a seam", "no_jump",
             filtered("negate=enable='eq(n,50)'", "", *_BT709), "a single frame", 2.0),
    Spoiling("two frames left over at a seam", "no_jump",
             filtered("negate=enable='between(n,98,99)'", "", *_BT709), "2 frames", 3.92),
    Spoiling("a click at a seam", "no_jump", rewritten_sound(click), "clicks", 2.0),
    Spoiling("sound that begins late", "audio_video_offset", late_sound(0.2), "ms apart"),
    Spoiling("sound that is late", "audio_video_offset",
             filtered("", "adelay=150|150,atrim=end=8"), "150 ms late"),
    Spoiling("sound that is early", "audio_video_offset",
             filtered("", "atrim=start=0.12,asetpts=PTS-STARTPTS"), "120 ms early"),
    Spoiling("a picture that is late", "audio_video_offset",
             filtered("tpad=start=4:start_mode=clone,trim=end_frame=200", "", *_BT709),
             "160 ms early"),
    Spoiling("sound that goes on", "audio_video_offset",
             filtered("trim=end_frame=180", "", *_BT709), "goes on 800 ms"),
    Spoiling("channels exchanged", "channels", filtered("", "pan=stereo|c0=c1|c1=c0"),
             "channels 1 and 2 are exchanged"),
    Spoiling("a channel lost", "channels", filtered("", "pan=stereo|c0=c0|c1=0*c1"),
             "channel 2 has lost its sound"),
    Spoiling("one channel", "channels", filtered("", "pan=mono|c0=c0"), "mono, not stereo"),
    Spoiling("another range in the tag", "colour",
             filtered("", "", "-bsf:v", "h264_metadata=video_full_range_flag=1"),
             "range is full, not limited"),
    Spoiling("another range in the pictures", "colour",
             filtered("lutyuv=y='clip((val-16)*255/219,0,255)'", "", *_BT709), "levels off"),
    Spoiling("another matrix in the tag", "colour",
             filtered("", "", "-bsf:v", "h264_metadata=matrix_coefficients=6"),
             "matrix is smpte170m, not bt709"),
    Spoiling("another language in the tag", "language",
             filtered("", "", "-metadata:s:a:0", "language=fra"), "tagged fra, not eng"),
    Spoiling("a second too many", "length",
             filtered("tpad=stop=25:stop_mode=clone", "apad=pad_dur=1", *_BT709), "longer than"),
    Spoiling("the end is missing", "length", filtered("", "", "-t", 7.5), "shorter than"),
    Spoiling("a smaller picture", "size", filtered("scale=128:72", "", *_BT709),
             "the picture is 128x72, not 160x90"),
    Spoiling("too many bits", "bitrate",
             filtered("noise=alls=40:allf=t", "", *_BT709, "-crf", 0), "not at most 2M"),
    Spoiling("what must be said is not heard", "said",
             filtered("", "volume=enable='between(t,2.4,3.85)':volume=0"),
             "'the harbour' is not said"),
)  # fmt: skip
#: Other writings of a film that change nothing of what is expected.
HARMLESS = {
    "copied": filtered(),
    "encoded again": filtered("null", "anull", *_BT709),
    "in Matroska": lambda film, out: run_ffmpeg("-i", film, "-c", "copy", out.with_suffix(".mkv")),
}
