"""`render`: write the cut to a file."""

from __future__ import annotations

import re
from fractions import Fraction
from pathlib import Path
from typing import ClassVar, Literal

from pydantic import Field, field_validator

from smartcut.cut import Cut
from smartcut.errors import PipelineError
from smartcut.stage import Context, Params, PathParam, Stage, Step, Target
from smartcut.timebase import RatioParam, TimeParam


class Sign(Params):
    """A C2PA signature of the output, an MP4 or MOV."""

    certificate: PathParam = Field(
        description="PEM: the signer's certificate, then those that vouch for it."
    )
    key: PathParam = Field(description="PEM: its private key, not encrypted.")
    alg: Literal["es256", "es384", "es512", "ps256", "ps384", "ps512", "ed25519"] = Field(
        "es256", description="The signature's algorithm; it fits the key."
    )
    time_stamp: str | None = Field(
        None, description="Address of a time stamp authority; needs --allow-net."
    )


class Render(Stage):
    """Writes the cut to a file: a film, sound alone, an animation or pictures; the suffix decides.

    Films are `.mp4`, `.m4v`, `.mov`, `.mkv`, `.webm` and `.ts`; sound alone is `.m4a`, `.mp3`,
    `.wav`, `.flac`, `.ogg`, `.opus` and `.mka`; animations are `.gif`, `.webp` and `.apng`. A name
    with a number, such as `frame-%05d.png` (`.jpg` and `.webp` too), is a file for each picture, or
    for one each so often (`every`). What a kind of file cannot hold is left out with a note.

    With `mode: auto` the picture is copied without encoding wherever nothing in it changes; only
    what is touched, and the few frames between a cut and a key frame, are encoded, in the source's
    own kind. `encode` always encodes; `copy` moves the cuts to key frames, says so, and copies.
    Sound is cut to the sample and encoded once, or passed through where nothing touches it.
    Sources of other sizes are fitted, and without `fps` the frame times of the sources are kept.
    """

    name: ClassVar[str] = "render"

    output: str | None = Field(
        None, description="The file to write; `-o` replaces it. Its suffix chooses the container."
    )
    mode: Literal["auto", "copy", "encode"] = Field(
        "auto", description="Copy the picture where possible, copy it at key frames, or encode it."
    )
    codec: (
        Literal["h264", "hevc", "vp9", "av1", "ffv1", "prores", "dnxhd", "qtrle", "png"] | None
    ) = Field(
        None, description="Video codec; without it, the source's where the container takes it."
    )
    resolution: str | None = Field(
        None,
        description="`1280x720`, or `720p` for the shorter side; without it, that of the source "
        "shown longest.",
    )
    fps: RatioParam | None = Field(
        None, gt=0, le=1000, description="Constant frame rate, such as 25 or 30000/1001."
    )
    fit: Literal["pad", "crop", "stretch"] = Field(
        "pad", description="How pictures of another shape are fitted."
    )
    hold: Literal["last", "black"] = Field(
        "last",
        description="What is shown while a source is heard without a picture: its last one (before "
        "the first, that one), or black.",
    )
    deinterlace: Literal["auto", "yes", "no"] = Field(
        "auto",
        description="Interlaced sources: `yes` makes whole pictures (bwdif), `no` keeps fields, "
        "`auto` keeps them where codec, size and rate allow it.",
    )
    crf: int | None = Field(None, ge=0, le=63, description="Constant quality; lower is better.")
    bitrate: str | None = Field(None, description="Video bits a second, such as `4M` or `800k`.")
    preset: str | None = Field(None, description="The encoder's speed preset.")
    quality: int | None = Field(
        None,
        ge=1,
        le=100,
        description="Of JPEG and WebP, 90 unless given; WebP is without loss at 100.",
    )
    every: TimeParam | None = Field(
        None,
        gt=0,
        description="Of numbered pictures: one each so many seconds, such as `1s`.",
    )
    loop: int = Field(0, ge=0, le=65535, description="How often an animation plays; 0 is for ever.")
    pixel_format: str | None = Field(
        None, description="FFmpeg's name, such as yuv420p10le; else as the source."
    )
    audio_codec: Literal["aac", "ac3", "eac3", "opus", "mp3", "flac", "alac", "pcm"] | None = Field(
        None,
        description="Codec of all sound tracks; without it that of the sources, or the nearest "
        "that the container holds.",
    )
    audio_bitrate: str | None = Field(
        None,
        description="Bits a second of each sound track; without it 192k for two channels and 64k "
        "for each further one, or as many as the source has.",
    )
    chapters: bool = Field(
        False,
        description="A chapter for each segment, named by its label, a title shown there, the "
        "source's own chapter, or the first sentence said.",
    )
    thumbnail: bool = Field(False, description="Also a PNG of the best moment.")
    contact_sheet: bool = Field(False, description="Also a PNG with a picture of each segment.")
    manifest: bool = Field(True, description="Also OUT.manifest.json: where everything came from.")
    title: str | None = Field(None, description="Title in the file's metadata.")
    follow: bool = Field(
        True,
        description="Subtitle tracks and chapters of the sources, and what the file of an only "
        "source says of the work, are copied.",
    )
    keep_metadata: tuple[str, ...] = Field(
        (),
        description="With an only source: which other metadata is copied, such as `location` "
        "or `make`; without this, places and devices stay behind.",
    )
    sign: Sign | None = Field(
        None,
        description="`{certificate: FILE, key: FILE, alg: es256}`: sign the output with C2PA.",
    )
    each: Literal["segment"] | None = Field(
        None,
        description="`segment` writes one file for each segment of the cut: `reel-001.mp4` and so "
        "on, or where the name has `{n}`, `short-{n}.mp4`.",
    )

    @field_validator("deinterlace", mode="before")
    @classmethod
    def _deinterlace(cls, value: object) -> object:
        return {True: "yes", False: "no"}.get(value, value) if isinstance(value, bool) else value

    @field_validator("resolution", mode="before")
    @classmethod
    def _resolution(cls, value: object) -> object:
        if value is not None:
            parse_resolution(str(value))
        return None if value is None else str(value)

    @field_validator("bitrate", "audio_bitrate", mode="before")
    @classmethod
    def _bitrate(cls, value: object) -> object:
        if value is not None:
            parse_bitrate(str(value))
        return None if value is None else str(value)

    @property
    def target(self) -> Target:
        """What is known of the output before its sources are."""
        size, short_side = parse_resolution(self.resolution) if self.resolution else (None, None)
        return Target(self.fps, size, short_side)

    def writes(self, context: Context) -> tuple[Path, ...]:
        from smartcut.media.numbered import is_of_parts

        path = context.output or (Path(self.output) if self.output else None)
        if path is not None and self.each is None and is_of_parts(path):
            raise PipelineError(
                "{n} in the output's name goes with --each or --table, or with "
                f"`render: {{each: segment}}`; given: {path}"
            )
        return () if path is None else (path,)

    def apply(self, cut: Cut, context: Context) -> Cut:
        from smartcut.render.write import write_all

        return write_all(cut, self._jobs(context), context)

    def preview(self, cut: Cut, context: Context) -> tuple[Cut, tuple[Step, ...]]:
        from smartcut.render.write import preview_all

        return cut, preview_all(cut, self._jobs(context), context)

    def _jobs(self, context: Context):  # type: ignore[no-untyped-def]
        paths = self.writes(context)
        if not paths:
            raise PipelineError("`render` does not know what to write: give -o OUT.mp4")
        return self.job(paths[0], context)

    def job(self, path: Path, context: Context):  # type: ignore[no-untyped-def]
        """What it asks for, written to that path."""
        from smartcut.render.job import Extras, RenderJob
        from smartcut.render.output import Wish

        size, short_side = parse_resolution(self.resolution) if self.resolution else (None, None)
        wish = Wish(
            codec=self.codec,
            size=size,
            short_side=short_side,
            rate=self.fps,
            crf=self.crf,
            bitrate=parse_bitrate(self.bitrate) if self.bitrate else None,
            preset=self.preset,
            pixel_format=self.pixel_format,
            fit=self.fit,
            hold=self.hold,
            audio_codec=self.audio_codec,
            audio_bitrate=parse_bitrate(self.audio_bitrate) if self.audio_bitrate else None,
            deinterlace=self.deinterlace,
            quality=self.quality,
            every=self.every,
        )
        extras = Extras(
            self.chapters,
            self.thumbnail,
            self.contact_sheet,
            self.manifest,
            self.title,
            self.follow,
            self.keep_metadata,
        )
        each = self.each == "segment"
        signing = self._signing(path, context)
        return RenderJob(path, self.mode, wish, extras, each, signing, self.loop)

    def _signing(self, path: Path, context: Context):  # type: ignore[no-untyped-def]
        from smartcut.render.records.signing import Signing, require

        if self.sign is None:
            return None
        if self.sign.time_stamp and not context.allow_net:
            raise PipelineError("`sign` names a `time_stamp` authority: run it with --allow-net")
        require(path)
        return Signing(self.sign.certificate, self.sign.key, self.sign.alg, self.sign.time_stamp)


def parse_resolution(text: str) -> tuple[tuple[int, int] | None, int | None]:
    """((width, height), None) or (None, shorter side); raises ValueError."""
    try:
        if text.endswith("p"):
            short = int(text[:-1])
            if 16 <= short <= 8640:
                return None, short
        else:
            width, height = (int(part) for part in text.lower().split("x"))
            if 16 <= width <= 16384 and 16 <= height <= 16384:
                return (width, height), None
    except ValueError:
        pass
    if shape := re.fullmatch(r"(\d{1,3}):(\d{1,3})", text):
        width, height = _of_shape(int(shape[1]), int(shape[2]))
        raise ValueError(
            f"{text!r} is a shape, not a size; for that shape write `{width}x{height}`, and "
            "`fit: crop` to fill it (the pipeline social_vertical.yaml follows what happens); "
            "accepted: 1280x720, or 720p for the shorter side (16 to 16384)"
        )
    raise ValueError(f"{text!r} is not a resolution; accepted: 1280x720, or 720p (16 to 16384)")


def _of_shape(across: int, down: int) -> tuple[int, int]:
    """A usual size of that shape: even, and 1080 pixels on its shorter side."""
    if not across or not down:
        return 1920, 1080
    scale = Fraction(1080, min(across, down))
    return 2 * round(across * scale / 2), 2 * round(down * scale / 2)


def parse_bitrate(text: str) -> int:
    """Bits a second from ``4M``, ``800k`` or a plain number; raises ValueError."""
    factors = {"k": 1_000, "m": 1_000_000}
    factor = factors.get(text[-1:].lower(), 1)
    try:
        bits = int(float(text[:-1] if factor > 1 else text) * factor)
    except ValueError:
        bits = 0
    if not 1_000 <= bits <= 10**9:
        raise ValueError(f"{text!r} is not a bit rate; accepted: 800k, 4M (1k to 1000M)")
    return bits
