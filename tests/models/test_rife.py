"""The rife engine: the network, its fast way on the CPU, tiles, and what files it refuses."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from smartcut.cache import file_sha256
from smartcut.errors import ModelError
from smartcut.models import weights
from smartcut.models.interpolation import Gap, load
from smartcut.models.interpolation import rife as rife_module
from smartcut.models.interpolation.ifnet import ALIGN, INPUTS, IFNet, between, folded, warp
from smartcut.models.interpolation.ncnn_blocks import NcnnBlock, allocators
from smartcut.models.interpolation.tiling import CELL, REACH, grid, spans, tiles

#: Blocks too narrow to be of use, wide enough to be wrong in.
NARROW = (16, 16, 8, 8)


@pytest.fixture(scope="module")
def net() -> IFNet:
    """A narrow network of seeded random weights whose flows reach some pixels."""
    torch.manual_seed(7)
    made = IFNet(NARROW)
    for block in made.blocks:
        for part in block.convblock:
            nn.init.uniform_(part.beta, -0.5, 0.9)
    return made.eval()


def picture(height: int, width: int, shift: int = 0, dtype: type = np.uint8) -> np.ndarray:
    """Smooth waves with an edge in them, moved to the right by ``shift`` pixels."""
    y, x = np.mgrid[:height, :width].astype(np.float64)
    x -= shift
    red = np.sin(x / 7) * np.cos(y / 9)
    green = np.sin((x + y) / 11)
    blue = np.where((x % 40 < 20) ^ (y % 30 < 15), 0.7, -0.7)
    top = np.iinfo(dtype).max
    return np.rint((np.stack([red, green, blue], -1) + 1) / 2 * top).astype(dtype)


def pair(height: int, width: int, dtype: type = np.uint8) -> tuple[np.ndarray, np.ndarray]:
    return picture(height, width, 0, dtype), picture(height, width, 6, dtype)


def made(engine: rife_module.Rife, gap: Gap) -> np.ndarray:
    [[found]] = engine.make([gap])
    return found


def difference(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    return np.abs(a.astype(np.float64) - b)


def test_folding_beta_and_the_sum_into_the_weights_changes_nothing(net: IFNet) -> None:
    for block, inputs in zip(net.blocks, INPUTS, strict=True):
        x = torch.rand(1, inputs, 32, 48)
        with torch.no_grad():
            assert torch.allclose(folded(block)(x), block(x), atol=1e-5)


@pytest.mark.parametrize("size", [(32, 32), (36, 44), (64, 96)])
def test_a_block_in_ncnn_is_the_block(net: IFNet, size: tuple[int, int]) -> None:
    for block, inputs in zip(net.blocks, INPUTS, strict=True):
        x = torch.rand(1, inputs, *size)
        with torch.no_grad():
            wanted = block(x)[0, :5].numpy()
        fast = NcnnBlock(block, allocators())
        found = fast(x[0].permute(1, 2, 0).contiguous().numpy())
        assert found.shape == wanted.shape
        assert np.abs(found - wanted).max() < 1e-4


@pytest.mark.parametrize("tier", ["fast", "best"])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_the_fast_way_on_the_cpu_gives_the_plain_networks_pictures(
    net: IFNet, tier: str, dtype: type
) -> None:
    gap = Gap(*pair(90, 130, dtype), (0.3, 0.5))
    fast = rife_module.assemble(net, tier=tier).make([gap])[0]  # type: ignore[arg-type]
    plain = rife_module.assemble(net, tier=tier, backend="torch").make([gap])[0]  # type: ignore[arg-type]
    for a, b in zip(fast, plain, strict=True):
        assert a.shape == b.shape == (90, 130, 3)
        assert a.dtype == b.dtype == dtype
        assert difference(a, b).mean() < np.iinfo(dtype).max / 255 / 50


@pytest.mark.parametrize("backend", ["ncnn", "torch"])
def test_tiles_give_the_untiled_picture(net: IFNet, backend: str) -> None:
    gap = Gap(*pair(352, 416, np.uint16), (0.5,))
    whole = rife_module.assemble(net, tier="best", backend=backend)  # type: ignore[arg-type]
    small = rife_module.assemble(net, tier="best", backend=backend, tile=150 * 150)  # type: ignore[arg-type]
    assert grid(352, 416, 150 * 150) != (1, 1)
    assert difference(made(small, gap), made(whole, gap)).max() <= 65535 / 255 / 20


def test_tiles_cover_each_pixel_once_and_stay_within_the_limit() -> None:
    for height, width, limit in ((352, 416, 150 * 150), (2176, 3840, 2**21), (44, 4000, 20_000)):
        seen = np.zeros((height, width), int)
        for down, across in tiles(height, width, limit):
            seen[down.keep, across.keep] += 1
            for span, length in ((down, height), (across, width)):
                assert span.read.start % CELL == 0
                assert span.read.start in (0, span.keep.start - REACH)
                assert span.read.stop in (length, span.keep.stop + REACH)
            area = (down.read.stop - down.read.start) * (across.read.stop - across.read.start)
            assert area <= limit
        assert (seen == 1).all()
    assert len(spans(400, 1)) == 1
    assert grid(4000, 4000, 10) == (100, 100)  # margins alone do not fit: as small as they are


def test_swapping_the_pictures_and_the_step_gives_the_same_picture(net: IFNet) -> None:
    a, b = pair(64, 96, np.uint16)
    engine = rife_module.assemble(net, tier="best")
    forth, back = made(engine, Gap(a, b, (0.25,))), made(engine, Gap(b, a, (0.75,)))
    assert difference(forth, back).max() <= 65535 / 255 / 20


@pytest.mark.parametrize("size", [(1, 1), (1, 70), (33, 5), (64, 64)])
def test_any_size_is_made_and_comes_out_the_same_each_time(
    net: IFNet, size: tuple[int, int]
) -> None:
    gap = Gap(*pair(*size), (0.5,))
    engine = rife_module.assemble(net, tier="best")
    once = made(engine, gap)
    made(engine, Gap(*pair(40, 40), (0.5,)))
    assert once.shape == (*size, 3)
    assert (made(engine, gap) == once).all()
    plain = rife_module.assemble(net, tier="best", backend="torch")
    assert difference(made(plain, gap), once).max() <= 1


def test_gaps_of_several_sizes_come_back_in_their_order(net: IFNet) -> None:
    engine = rife_module.assemble(net, tier="fast", backend="torch")
    engine.at_once = 3
    gaps = [Gap(*pair(40, 50), (0.2, 0.8)), Gap(*pair(64, 64), (0.5,)), Gap(*pair(40, 50), (0.4,))]
    found = engine.make([*gaps, Gap(*pair(40, 50), ())])
    assert [len(pictures) for pictures in found] == [2, 1, 1, 0]
    engine.at_once = 1
    for gap, pictures in zip(gaps, found, strict=False):
        for step, at in zip(gap.steps, pictures, strict=True):
            alone = made(engine, Gap(gap.first, gap.second, (step,)))
            assert difference(alone, at).max() <= 1


def test_warping_looks_up_where_the_flow_points_and_repeats_the_border() -> None:
    x = torch.arange(6.0).expand(1, 1, 4, 6)
    flow = torch.zeros(1, 2, 4, 6)
    flow[:, 0] = 1.5
    assert warp(x, flow)[0, 0, 0].tolist() == pytest.approx([1.5, 2.5, 3.5, 4.5, 5, 5], abs=1e-5)


def test_a_gap_that_is_none_is_refused(net: IFNet) -> None:
    engine = rife_module.assemble(net, tier="fast")
    a, b = pair(40, 50)
    wrong = (
        (Gap(a, b[:-1], (0.5,)), "must be alike"),
        (Gap(a, b.astype(np.uint16), (0.5,)), "must be alike"),
        (Gap(a[:, :, 0], b[:, :, 0], (0.5,)), r"\(H, W, 3\) of uint8 or uint16"),
        (Gap(a / 255, b / 255, (0.5,)), r"\(H, W, 3\) of uint8 or uint16"),
        (Gap(a[:0], b[:0], (0.5,)), "no empty picture"),
        (Gap(a, b, (1.0,)), "steps between 0 and 1"),
    )
    for gap, reason in wrong:
        with pytest.raises(ValueError, match=reason):
            engine.make([gap])


def test_files_of_other_networks_are_refused_with_the_reason(tmp_path: Path) -> None:
    file = tmp_path / "own.pkl"

    def refused(state: dict[str, torch.Tensor], reason: str) -> None:
        torch.save(state, file)
        with pytest.raises(ModelError, match=reason) as caught:
            load("rife", file=file)
        assert "accepted are weights of RIFE 4.6" in str(caught.value)
        assert str(file) in str(caught.value)

    state = IFNet().state_dict()
    key = "block2.convblock.3.conv.bias"
    refused({k: v for k, v in state.items() if k != key}, f"1 tensors are missing.*{key}")
    refused({**state, "extra.weight": torch.ones(2)}, "1 tensors are unknown.*'extra.weight'")
    refused({**state, key: torch.ones(5)}, rf"'{key}' is \(5,\) where it must be \(96,\)")
    newer = {"encode.cnn0.weight": torch.ones(16, 3, 3, 3), "block4.conv0.0.0.bias": torch.ones(16)}
    refused({**state, **newer}, "a head encoder and 5 blocks, as RIFE 4.17 and later")
    file.write_bytes(b"no weights at all")
    with pytest.raises(ModelError, match="cannot be loaded as weights"):
        load("rife", file=file)
    with pytest.raises(ModelError, match="there is no weights file"):
        load("rife", file=tmp_path / "absent.pkl")


def test_a_users_own_file_is_named_by_its_own_digest(tmp_path: Path) -> None:
    file = tmp_path / "own.pkl"
    torch.save({f"module.{k}": v for k, v in IFNet().state_dict().items()}, file)
    engine = load("rife", tier="fast", file=file)
    assert engine.weights == ("rife-4.6 from own.pkl", file_sha256(file))
    assert made(engine, Gap(*pair(40, 50), (0.5,))).shape == (40, 50, 3)  # type: ignore[arg-type]


def test_torch_keeps_its_threads(net: IFNet) -> None:
    before = torch.get_num_threads()
    made(rife_module.assemble(net, tier="fast"), Gap(*pair(40, 50), (0.5,)))
    assert torch.get_num_threads() == before
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(torch.get_num_threads).result() == before


def test_ncnn_on_a_gpu_is_refused(net: IFNet) -> None:
    with pytest.raises(ModelError, match="ncnn computes on the CPU alone"):
        rife_module.assemble(net, tier="fast", device="cuda", backend="ncnn")


@pytest.mark.weights("rife-4.6")
def test_the_published_network_finds_the_picture_between() -> None:
    engine = load("rife", tier="best")
    assert engine.weights == ("rife-4.6", weights.digest("rife-4.6"))
    assert engine.at_once == 1
    a, middle, b = (picture(160, 224, shift)[:, 32:] for shift in (0, 3, 6))
    gap = Gap(a, b, (0.5,))
    found = made(engine, gap)  # type: ignore[arg-type]
    blend = (a.astype(int) + b) / 2
    # Away from the border, where nothing is known of what comes in.
    inside = (slice(16, -16), slice(16, -16))
    error = difference(found, middle)[inside]
    assert (error**2).mean() < (difference(blend, middle)[inside] ** 2).mean() / 20
    plain = rife_module.load(tier="best", backend="torch")
    assert difference(made(plain, gap), found).mean() < 0.02
    same = made(engine, Gap(a, a, (0.5,)))  # type: ignore[arg-type]
    assert difference(same, a).mean() < 1


@pytest.mark.weights("rife-4.6")
def test_the_plain_network_is_the_recipe() -> None:
    net = rife_module.read(weights.path("rife-4.6"))
    one, two = (torch.from_numpy(p / 255).float().permute(2, 0, 1)[None] for p in pair(64, 96))
    assert one.shape[-1] % ALIGN == 0
    with torch.no_grad():
        step = torch.full((1, 1, 1, 1), 0.5)
        found = between(net.blocks, one, two, step, ensemble=True)
        back = between(net.blocks, two, one, step, ensemble=True)
    assert torch.allclose(found, back, atol=1e-5)
    assert 0 <= float(found.min()) <= float(found.max()) <= 1


@pytest.mark.gpu
def test_half_precision_on_a_gpu_gives_the_cpus_pictures(net: IFNet) -> None:
    gaps = [Gap(*pair(352, 416), (0.25, 0.5)), Gap(*pair(90, 130), (0.5,))]
    on_gpu = rife_module.assemble(net, tier="best", device="cuda")
    assert on_gpu.at_once > 1
    tiled = rife_module.assemble(net, tier="best", device="cuda", tile=150 * 150)
    wanted = rife_module.assemble(net, tier="best").make(gaps)
    for engine in (on_gpu, tiled):
        for pictures, cpu in zip(engine.make(gaps), wanted, strict=True):
            for a, b in zip(pictures, cpu, strict=True):
                assert difference(a, b).mean() < 1
