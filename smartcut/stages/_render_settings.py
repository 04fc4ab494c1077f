"""What a user may ask of an output: the parameters of `render`, and the job that they make."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from pydantic import Field, field_validator, model_validator

from smartcut.errors import PipelineError, RenderError
from smartcut.params import Params
from smartcut.render.deliveries import DELIVERIES, ENCODER_PRESETS
from smartcut.stage import Context, PathParam, Target
from smartcut.stages._render_text import parse_bitrate, parse_bytes, parse_resolution
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


class RenderSettings(Params):
    """What is asked of one output."""

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
    fit: Literal["pad", "crop", "stretch", "blur"] = Field(
        "pad",
        description="How pictures of another shape are fitted: with black bars, filling all, out "
        "of shape, or with the picture itself, blurred, in place of bars.",
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
    heights: tuple[int, ...] = Field(
        (),
        description="Of HTTP Live Streaming (`.m3u8`): pixels of the shorter side of each, such as "
        "`[720, 360]`; without it the source's own, and 1080, 720, 480 and 360 below that.",
    )
    max_size: str | None = Field(
        None,
        description="The file is just below so much: `25MB`, `8MiB`, `700kB`; a film is encoded "
        "twice or more for it, an animation made smaller.",
    )
    preset: str | None = Field(
        None,
        description="What the file is for: `youtube`, `tiktok`, `reels`, `x`, `whatsapp`, "
        "`podcast`, `archive` or `proxy`; what is set beside it goes first.",
    )
    encoder_preset: str | None = Field(
        None, description="How much work the encoder puts in, such as `veryfast` or `slow`."
    )
    encoder: Literal["software", "auto", "nvenc", "qsv", "amf", "videotoolbox"] = Field(
        "software",
        description="What encodes: software gives the same bits everywhere; `auto` is the first "
        "hardware that encodes a frame here, if any does. A note says which it was.",
    )
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
    filmstrip: bool = Field(
        False, description="Also OUT.filmstrip.png: pictures at equal distances, side by side."
    )
    waveform: bool = Field(False, description="Also OUT.waveform.png: the sound at a glance.")
    chapter_list: bool = Field(
        False,
        description="Also OUT.chapters.txt and OUT.chapters.vtt: the chapters as video sites and "
        "players read them; without any in the file, one for each segment.",
    )
    speaker_list: bool = Field(
        False, description="Also OUT.rttm: who speaks when in the film, where `speakers` knows."
    )
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

    @model_validator(mode="before")
    @classmethod
    def _encoder_preset(cls, values: Any) -> Any:
        """`preset: veryfast` is what `encoder_preset` was called."""
        if isinstance(values, dict) and "encoder_preset" not in values:
            given = values.get("preset")
            if str(given) in ENCODER_PRESETS:
                rest = {name: value for name, value in values.items() if name != "preset"}
                return {**rest, "encoder_preset": str(given)}
        return values

    @field_validator("preset")
    @classmethod
    def _preset(cls, value: str | None) -> str | None:
        if value is not None and value not in DELIVERIES:
            raise ValueError(
                f"{value!r} is not known; accepted: {', '.join(DELIVERIES)}, or the encoder's own "
                "(veryfast, slow ...) as `encoder_preset`"
            )
        return value

    @field_validator("max_size", mode="before")
    @classmethod
    def _max_size(cls, value: object) -> object:
        if value is not None:
            parse_bytes(str(value))
        return None if value is None else str(value)

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
        asked = self.resolution
        if asked is None and self.preset is not None:
            asked = DELIVERIES[self.preset].settings.get("resolution")
        size, short_side = parse_resolution(asked) if asked else (None, None)
        return Target(self.fps, size, short_side, self.each is not None, self._may_copy)

    @property
    def _may_copy(self) -> bool:
        """Whether nothing that is set here has every picture encoded."""
        settings = (
            self.codec, self.crf, self.bitrate, self.max_size, self.preset, self.pixel_format,
            self.every,
        )  # fmt: skip
        whole = self.deinterlace != "yes" and not self.heights
        return self.mode == "auto" and whole and all(value is None for value in settings)

    def over(self, general: RenderSettings) -> RenderSettings:
        """These settings on top of general ones, which hold where these say nothing."""
        fields = RenderSettings.model_fields
        given = {n: getattr(general, n) for n in general.model_fields_set if n in fields}
        own = {n: getattr(self, n) for n in self.model_fields_set}
        return RenderSettings.model_construct(**{**given, **own})

    def job(self, path: Path, context: Context) -> Any:
        """What is asked for, written to that path."""
        from smartcut.render.job import Extras, RenderJob
        from smartcut.render.output import Wish, written_as

        delivery = DELIVERIES[self.preset] if self.preset else None
        asked = self
        if delivery is not None:
            defaults = delivery.settings_for(written_as(path))
            asked = self.over(RenderSettings.model_construct(**defaults))
        size, short_side = parse_resolution(asked.resolution) if asked.resolution else (None, None)
        if asked.every is not None and written_as(path).kind != "images":
            raise RenderError(
                f"cannot write {path}: `every` is for pictures one by one, such as "
                f"{path.stem}-%05d.png; for a film or an animation set `fps`"
            )
        wish = Wish(
            codec=asked.codec,
            size=size,
            short_side=short_side,
            rate=asked.fps,
            crf=asked.crf,
            bitrate=parse_bitrate(asked.bitrate) if asked.bitrate else None,
            preset=asked.encoder_preset,
            pixel_format=asked.pixel_format,
            fit=asked.fit,
            hold=asked.hold,
            audio_codec=asked.audio_codec,
            audio_bitrate=parse_bitrate(asked.audio_bitrate) if asked.audio_bitrate else None,
            deinterlace=asked.deinterlace,
            quality=asked.quality,
            encoder=asked.encoder,
            every=asked.every,
            delivery=delivery,
        )
        extras = Extras(
            asked.chapters,
            asked.thumbnail,
            asked.contact_sheet,
            asked.filmstrip,
            asked.waveform,
            asked.chapter_list,
            asked.speaker_list,
            asked.manifest,
            asked.title,
            asked.follow,
            asked.keep_metadata,
        )
        each, signing = asked.each == "segment", asked._signing(path, context)
        most = parse_bytes(asked.max_size) if asked.max_size else None
        return RenderJob(
            path,
            asked.mode,
            wish,
            extras,
            each,
            signing,
            asked.loop,
            heights=asked.heights,
            most_bytes=most,
        )

    def _signing(self, path: Path, context: Context) -> Any:
        if self.sign is None:
            return None
        from smartcut.render.records.signing import Signing, require

        if self.sign.time_stamp and not context.allow_net:
            raise PipelineError("`sign` names a `time_stamp` authority: run it with --allow-net")
        require(path)
        return Signing(self.sign.certificate, self.sign.key, self.sign.alg, self.sign.time_stamp)
