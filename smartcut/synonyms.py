"""What people call things: names that they type, and those that smartcut has for them.

One table for pipelines, Python and the command line. A name leads to the first of its meanings
that exists where it was typed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

#: Names of stages, verbs and effects, and what else they are called.
CALLED = {
    "tighten": "silence silences silent jumpcut jumpcuts deadair pauses fillers remove-silence "
    "auto-editor trim-silence",
    "words": "transcript text-edit edit-text script paper-edit",
    "shorts": "clips short tiktok reels viral",
    "highlights": "best summary summarise summarize teaser recap",
    "overlay": "logo pip picture-in-picture image picture composite layer sticker b-roll broll",
    "watermark": "logo brand stamp",
    "lower_third": "lower-third name-tag caption-bar",
    "split_screen": "grid side-by-side hstack vstack splitscreen mosaic",
    "picture_in_picture": "pip picture-in-picture webcam facecam inset",
    "progress_bar": "progress progressbar",
    "countdown": "timer clock count",
    "draw": "shape rectangle box ellipse circle line arrow gradient annotate",
    "reframe": "vertical portrait square aspect 9:16 follow autocrop smart-crop auto-reframe",
    "captions": "subs subtitle subtitles karaoke cc closed-captions burn burn-in animated",
    "subtitles": "subs subtitle captions karaoke srt vtt cc closed-captions",
    "speed": "speedup speed-up slowdown slow-down fast faster slower timelapse time-lapse tempo "
    "multiplyspeed retime setpts",
    "interpolate": "slowmo slow-motion slow-mo fps rife smooth twixtor",
    "reverse": "backwards backward rewind",
    "freeze": "hold still freeze-frame pause",
    "loop": "repeat boomerang",
    "excerpt": "part slice subclipped section",
    "trim": "subclip cut clip range ranges keep segment",
    "cut": "trim subclip clip split",
    "split": "divide chop scenes",
    "join": "concat concatenate merge append combine",
    "parts": "concat concatenate join append merge combine",
    "gif": "apng webp animation",
    "frames": "stills screenshots thumbnails images png export-frames",
    "frame": "still screenshot thumbnail save-frame",
    "audio": "sound music mp3 extract-audio volume-up mute song bgm",
    "loudness": "normalise normalize lufs ebur128 volume gain",
    "beats": "beat rhythm tempo bpm onset",
    "takes": "take retakes best-take comp comping multitake multi-take stringout vocal-comp",
    "multicam": "sync align multi-camera angles",
    "sounds": "sfx sound-effects soundtrack audio-clips compositeaudioclip amix",
    "split_edit": "j-cut l-cut jcut lcut j-cuts l-cuts",
    "gain": "louder quieter softer amplify audio-fade afade multiplyvolume",
    "mute": "bleep beep-out censor-audio silence-audio",
    "clean": "enhance studio-sound voice-enhance clean-audio clear-speech",
    "denoise_sound": "denoise-audio noise-reduction hiss hum afftdn rnnoise anlmdn",
    "equaliser": "equalizer eq bass treble",
    "compressor": "compress compand dynamics acompressor drc",
    "high_pass": "highpass low-cut rumble",
    "low_pass": "lowpass high-cut",
    "de_ess": "deesser de-esser sibilance",
    "voiceover": "tts speech text-to-speech narration dub",
    "translate": "translation language localise localize opus-mt nllb",
    "transcribe": "stt whisper speech-to-text asr transcription",
    "tonemap": "hdr sdr tone-map hdr2sdr",
    "shots": "scenes scene detect cuts scenedetect detect-scenes",
    "title": "text titles drawtext heading",
    "slideshow": "slide-show photos stills images ken-burns diashow",
    "slides": "slideshow photos stills images picture",
    "stabilise": "stabilize stabilisation stabilization deshake vidstab shaky steady",
    "denoise": "noise grain clean degrain nlmeans",
    "crop": "cropping margins autocrop blackbars letterbox",
    "rotate": "rotation turn orientation transpose",
    "flip": "mirror hflip vflip",
    "zoom": "ken-burns kenburns pan punch-in scale resize",
    "place": "position resize scale fit",
    "blur": "gaussian gblur soften",
    "pixelate": "mosaic censor anonymise anonymize",
    "chroma_key": "greenscreen green-screen chromakey chroma bluescreen key keying",
    "colour": "color grade grading brightness contrast saturation exposure gamma eq white-balance",
    "lut": "cube lut3d look film-look",
    "fade": "fadein fadeout fade-in fade-out",
    "transitions": "crossfade xfade dissolve wipe transition morph",
    "render": "export write save output encode transcode convert",
    "export": "otio fcpxml edl xml premiere resolve finalcut kdenlive timeline",
    "sharpen": "unsharp sharpness",
    "vignette": "darken-corners",
    "probe": "info ffprobe mediainfo",
    "score": "composition compose generate-music",
    "hevc": "h265 h.265 x265 hevc_nvenc",
    "h264": "avc x264 h.264 mpeg4",
    "prores": "prores_ks apple-prores",
    "av1": "av01 svtav1",
    "generate": "ai sora text-to-video broll b-roll",
}  # fmt: skip


def meant(given: str, known: Iterable[str]) -> Iterator[str]:
    """Those of the known names that are also called what was given."""
    names = set(known)
    word = _plain(given)
    for name, others in CALLED.items():
        if name in names and word in {_plain(other) for other in (name, *others.split())}:
            yield name


def _plain(name: str) -> str:
    """A name without what tells its spellings apart."""
    return name.lower().replace("-", "").replace("_", "").replace(" ", "")
