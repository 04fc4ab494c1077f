"""Alpha goes along: copied, spliced, encoded and drawn on, in every codec that has one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from av.video.frame import VideoFrame
from PIL import Image

import smartcut as sc
from smartcut.errors import RenderError
from smartcut.media.pixel_formats import pixel_format
from smartcut.media.planes import in_planes, plane_of

FRAMES, WIDTH, HEIGHT = 40, 96, 64
VP9 = {"cpu-used": "8", "deadline": "realtime", "crf": "10", "b": "0", "auto-alt-ref": "0"}
#: name -> (suffix, encoder, pixel format it is given, options, greatest error of alpha, 0..1)
KINDS: dict[str, tuple[str, str, str, dict[str, str], float]] = {
    "vp9": ("webm", "libvpx-vp9", "yuva420p", VP9, 0.05),
    "prores 4444": ("mov", "prores_ks", "yuva444p10le", {"profile": "4444"}, 0.002),
    "qtrle": ("mov", "qtrle", "argb", {}, 0),
    "png": ("mov", "png", "rgba", {}, 0),
    "ffv1": ("mkv", "ffv1", "yuva422p10le", {}, 0),
}


def edge(number: int) -> int:
    """Left of it the picture of that frame is opaque."""
    return 16 + number


def clip(tmp_path: Path, kind: str) -> Path:
    suffix, encoder, name, options, _ = KINDS[kind]
    path = tmp_path / f"alpha.{suffix}"
    with av.open(str(path), "w") as container:
        stream: Any = container.add_stream(encoder, rate=30, options=options)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, name
        stream.codec_context.gop_size = 10
        stream.codec_context.thread_count = 1
        for number in range(FRAMES):
            rgba = np.full((HEIGHT, WIDTH, 4), (0, 80, 60, 0), np.uint8)
            rgba[..., 0] = 128 + 100 * np.sin((np.arange(WIDTH) + 3 * number) / 6)
            rgba[:, : edge(number), 3] = 255
            rgba[: HEIGHT // 4, :, 3] = 128
            frame = VideoFrame.from_ndarray(rgba, format="rgba").reformat(format=name)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def decoded(path: Path) -> Iterator[VideoFrame]:
    """All frames with their alpha."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        codec: Any = stream.codec_context
        if codec.name == "vp9":
            assert stream.metadata["alpha_mode"] == "1"  # else players take it for opaque
            codec = av.CodecContext.create("libvpx-vp9", "r")
        for packet in container.demux(stream):
            yield from codec.decode(packet if packet.size else None)


def alphas(path: Path) -> list[np.ndarray]:
    """0..1 (h, w) of all frames."""
    found = []
    for frame in decoded(path):
        assert pixel_format(frame.format.name).has_alpha
        shown = in_planes(frame)
        top = (1 << pixel_format(shown.format.name).depth) - 1
        found.append(plane_of(shown, 3) / top)
    return found


def assert_shown(path: Path, numbers: list[int], error: float) -> None:
    found = alphas(path)
    assert len(found) == len(numbers)
    for number, alpha in zip(numbers, found, strict=True):
        assert alpha[:14].mean() == pytest.approx(128 / 255, abs=max(error, 0.001))
        below = alpha[20:]
        assert below[:, : edge(number) - 4].min() >= 1 - error - 0.01
        assert below[:, edge(number) + 4 :].max() <= error + 0.01


@pytest.mark.parametrize("kind", KINDS)
def test_alpha_goes_along_whichever_way(kind: str, tmp_path: Path) -> None:
    path, error = clip(tmp_path, kind), KINDS[kind][-1]
    assert_shown(path, list(range(FRAMES)), error)
    out = tmp_path / f"out{path.suffix}"
    sc.open(path).render(out, mode="copy")
    assert_shown(out, list(range(FRAMES)), error)
    cut = sc.open(path) | sc.trim(ranges=["0.2-0.8", "0.9-1.2"])
    numbers = [*range(6, 24), *range(27, 36)]
    for mode in ("auto", "encode"):
        result = cut.render(out, mode=mode)
        assert_shown(out, numbers, max(error, 0.06 if kind == "vp9" else error))
        assert not [note for note in result.notes if "lost" in note or "becomes" in note]


@pytest.mark.parametrize("kind", ["vp9", "prores 4444", "qtrle"])
def test_titles_stand_on_what_is_transparent(kind: str, tmp_path: Path) -> None:
    path = clip(tmp_path, kind)
    out = tmp_path / f"out{path.suffix}"
    (sc.open(path) | sc.title(text="MM", size=0.4, fade=0)).render(out)
    plain, drawn = alphas(path)[2], alphas(out)[2]
    right = np.s_[24:40, 50:70]
    assert plain[right].max() < 0.06
    assert drawn[right].max() > 0.9
    assert drawn[50:, 60:].max() < 0.06


@pytest.mark.parametrize(
    ("kind", "name", "codec"),
    [
        ("qtrle", "out.webm", "vp9"),
        ("prores 4444", "out.webm", "vp9"),
        ("vp9", "out.mov", "prores"),
    ],
)
def test_alpha_goes_into_other_containers(kind: str, name: str, codec: str, tmp_path: Path) -> None:
    result = sc.open(clip(tmp_path, kind)).render(tmp_path / name)
    with av.open(str(tmp_path / name)) as container:
        assert container.streams.video[0].codec_context.codec.canonical_name == codec
    assert_shown(tmp_path / name, list(range(FRAMES)), 0.06)
    assert not [note for note in result.notes if "alpha channel" in note]


def test_what_is_dissolved_faded_slowed_and_coloured_stays_transparent(tmp_path: Path) -> None:
    path, out = clip(tmp_path, "qtrle"), tmp_path / "out.mov"
    parts = sc.open(path) | sc.trim(ranges=["0-0.6", "0.6-1.2"])
    for kind in ("dissolve", "fade"):
        (parts | sc.transitions(kind=kind, duration="0.2s")).render(out)
        assert all(alpha[20:, 70:].max() < 0.02 for alpha in alphas(out))
        assert all(alpha[20:, :14].min() > 0.98 for alpha in alphas(out))
    slowed = sc.open(path) | sc.interpolate(speed=0.5, engine="blend", cadence=False)
    slowed.render(out)
    found = alphas(out)
    assert len(found) > FRAMES + 20
    assert all(alpha[20:, 70:].max() < 0.02 for alpha in found)
    assert found[7][30, edge(3)] == pytest.approx(0.5, abs=0.01)
    reference = tmp_path / "look.png"
    Image.linear_gradient("L").resize((32, 32)).convert("RGB").save(reference)
    for effect in (sc.stylize(reference=str(reference)), sc.blur(sigma=8)):
        (sc.open(path) | effect).render(out)
        assert len(alphas(out)) == FRAMES
        assert all(alpha[20:, 76:].max() < 0.02 for alpha in alphas(out))


def test_where_there_is_no_room_for_alpha_a_note_says_what_keeps_it(tmp_path: Path) -> None:
    path = clip(tmp_path, "vp9")
    (note,) = sc.open(path).render(tmp_path / "out.mp4").notes
    assert "its alpha channel is lost; to keep it, write .mov with `codec: prores`" in note
    with pytest.raises(RenderError, match="no room for the alpha channel of vp9"):
        sc.open(path).render(tmp_path / "out.mp4", mode="copy")
    with pytest.raises(RenderError, match="cannot be encoded in the pixel format yuva420p there"):
        sc.open(path).render(tmp_path / "out.mp4", pixel_format="yuva420p")
