"""Whole-slide images: told from pictures by content, read region by region, tissue found, tiles at one resolution."""

import os
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import cv2
import numpy as np
import pytest

import make
import make_media
from gmai.base.pool import Death, run_tasks
from gmai.errors import ImageError, MissingExtra
from gmai.images import (
    SLIDES,
    choose_tiles,
    find_kind,
    find_tissue,
    lay_grid,
    open_slide_labels,
    peek,
    read_tile,
    tissue_shares,
)
from gmai.images import open_slide as _open_slide
from gmai.images.slide.grid import _hilbert
from gmai.types import TilePolicy

tifffile = pytest.importorskip("tifffile")
pytest.importorskip("openslide")


OPEN = []


def open_slide(*given):
    OPEN.append(_open_slide(*given))
    return OPEN[-1]


@pytest.fixture(autouse=True)
def close_slides():
    yield
    while OPEN:
        OPEN.pop().close()


@pytest.fixture(scope="module")
def pixels():
    return make_media.tissue(1024, 1536, (300, 200, 1100, 800))


@pytest.fixture(scope="module")
def plain(tmp_path_factory, pixels):
    return make_media.pyramid(tmp_path_factory.mktemp("slides") / "plain.tif", pixels)


def test_a_pyramid_of_tiles_is_a_slide_and_other_tiffs_are_pictures(tmp_path, plain, pixels):
    assert find_kind(plain) == "slide"
    assert peek(plain, "plain.tif").kind == "slide"
    lone = make_media.pyramid(tmp_path / "lone.tif", pixels, steps=(1,))
    assert find_kind(lone) == "raster"
    assert find_kind(make.picture(tmp_path / "p.tif", pixels)) == "raster"
    pages = tmp_path / "pages.tif"
    tifffile.imwrite(pages, np.stack([pixels, pixels]), tile=(256, 256), photometric="rgb")
    assert find_kind(pages) == "raster", "pages of one size are no pyramid"
    big = tmp_path / "big.tif"
    tifffile.memmap(big, shape=(12000, 12000), dtype=np.uint8, photometric="minisblack").flush()
    assert find_kind(big) == "slide", "more pixels than a picture may have"
    assert find_kind(make_media.aperio(tmp_path / "a.svs", pixels, pixels[:99, :99])) == "slide"


def test_broken_directories_are_no_slide_and_no_endless_loop(tmp_path, plain):
    data = plain.read_bytes()
    for place in range(4, len(data), max(1, len(data) // 60)):
        path = tmp_path / "cut.tif"
        path.write_bytes(data[:place])
        find_kind(path)
    loop = bytearray(b"II*\0\x08\0\0\0" + b"\1\0" + b"\0\1\3\0\1\0\0\0\5\0\0\0" + b"\x08\0\0\0")
    (tmp_path / "loop.tif").write_bytes(loop)
    assert find_kind(tmp_path / "loop.tif") == "raster"


@pytest.mark.parametrize("reader", ["tiff", "openslide", "tiffslide"])
def test_every_reader_gives_the_same_pixels(plain, pixels, reader):
    slide = open_slide(plain, reader)
    assert [(level.width, level.height) for level in slide.levels] == [(1536, 1024), (384, 256)]
    assert slide.mpp == pytest.approx((0.25, 0.25), rel=1e-3)
    np.testing.assert_array_equal(slide.read(0, 301, 155, 700, 333), pixels[155:488, 301:1001])
    np.testing.assert_array_equal(slide.read(1, 10, 20, 300, 200), pixels[::4, ::4][20:220, 10:310])


@pytest.mark.parametrize("compression", ["jpeg", "lzw", "zlib", None])
def test_compressions(tmp_path, pixels, compression):
    path = make_media.pyramid(tmp_path / "s.tif", pixels, compression=compression)
    slide = open_slide(path)
    assert slide.told["reader"] == "tiff"
    found = slide.read(0, 200, 100, 600, 600)
    error = np.abs(found.astype(int) - pixels[100:700, 200:800])
    assert error.mean() < (6 if compression == "jpeg" else 1e-9)
    if compression == "jpeg":
        np.testing.assert_allclose(found, open_slide(path, "openslide").read(0, 200, 100, 600, 600), atol=3)


def test_grey_ome_and_strips(tmp_path, pixels):
    grey = pixels[..., 1]
    path = tmp_path / "grey.ome.tif"
    with tifffile.TiffWriter(path, ome=True) as writer:
        told = {"axes": "YX", "PhysicalSizeX": 500, "PhysicalSizeXUnit": "nm", "PhysicalSizeY": 0.5}
        writer.write(grey, tile=(256, 256), subifds=1, metadata=told)
        writer.write(grey[::2, ::2], tile=(256, 256), subfiletype=1)
    assert find_kind(path) == "slide"
    slide = open_slide(path)
    assert slide.mpp == (0.5, 0.5) and len(slide.levels) == 2
    np.testing.assert_array_equal(slide.read(1, 5, 6, 100, 90), grey[::2, ::2][6:96, 5:105])
    strips = tmp_path / "strips.tif"
    tifffile.imwrite(strips, pixels, rowsperstrip=64, photometric="rgb", resolution=(72, 72), resolutionunit="INCH")
    slide = open_slide(strips)
    assert slide.mpp is None, "72 dots an inch are a screen's"
    np.testing.assert_array_equal(slide.read(0, 9, 60, 100, 10), pixels[60:70, 9:109])


@pytest.mark.parametrize(
    ("make_it", "reason"),
    [
        (lambda path: path.write_bytes(b""), "slide.not_a_slide"),
        (lambda path: path.write_bytes(b"no slide" * 100), "slide.not_a_slide"),
        (lambda path: make.picture(path.with_suffix(".png")).rename(path), "slide.not_a_slide"),
        (lambda path: path.write_bytes(b"II*\0\xff\xff\0\0"), "slide.broken"),
        (lambda path: tifffile.imwrite(path, np.zeros((600, 600), np.uint16), tile=(256, 256)), "slide.samples"),
        (
            lambda path: tifffile.imwrite(
                path, np.zeros((3, 600, 600), np.uint8), tile=(256, 256), photometric="minisblack"
            ),
            "slide.planes",
        ),
    ],
)
def test_what_is_no_slide_is_refused_with_a_reason(tmp_path, make_it, reason):
    path = tmp_path / "x.tif"
    make_it(path)
    with pytest.raises(ImageError) as error:
        open_slide(path)
    assert error.value.reason == reason


def test_a_claim_of_absurd_size_allocates_nothing(tmp_path, plain):
    data = bytearray(plain.read_bytes())
    with tifffile.TiffFile(plain) as file:
        places = {tag.name: tag.valueoffset for tag in file.pages[0].tags if tag.name in ("ImageWidth", "ImageLength")}
    for place in places.values():
        data[place : place + 4] = (0x7FFFFFFF).to_bytes(4, "little")
    path = tmp_path / "absurd.tif"
    path.write_bytes(data)
    with pytest.raises(ImageError) as error:
        open_slide(path)
    assert error.value.reason in {"slide.size", "slide.broken"}


def test_a_slide_cut_short_says_so(tmp_path, pixels):
    path = make_media.pyramid(tmp_path / "s.tif", pixels, compression=None)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    with pytest.raises(ImageError) as error:
        slide = open_slide(path)
        slide.read(0, 0, 0, 1536, 1024)
    assert error.value.reason in {"slide.truncated", "slide.broken"}


def test_tissue_is_found_and_ink_and_glass_are_not(tmp_path, pixels):
    marked = pixels.copy()
    cv2.rectangle(marked, (20, 20), (220, 120), (20, 160, 60), -1)  # green ink
    cv2.line(marked, (1200, 50), (1500, 900), (20, 30, 180), 25)  # blue ink
    marked[:, :15] = 0  # black edge
    slide = open_slide(make_media.pyramid(tmp_path / "s.tif", marked))
    tissue = find_tissue(slide)
    truth = np.zeros(pixels.shape[:2], bool)
    truth[200:800, 300:1100] = True
    mask = cv2.resize(tissue.mask.astype(np.uint8), (1536, 1024), interpolation=cv2.INTER_NEAREST) > 0
    assert (mask & truth).sum() / (mask | truth).sum() > 0.97
    assert tissue.told["by"] == "saturation" and tissue.told["pen"] > 0.02 and tissue.told["black"] > 0.005


def test_tissue_of_grey_and_dark_slides(tmp_path, pixels):
    truth = np.zeros(pixels.shape[:2], bool)
    truth[200:800, 300:1100] = True
    for values, by in ((pixels[..., 1], "darkness"), (np.where(truth, 180, 8).astype(np.uint8), "brightness")):
        tissue = find_tissue(open_slide(make_media.pyramid(tmp_path / f"{by}.tif", values)))
        mask = cv2.resize(tissue.mask.astype(np.uint8), (1536, 1024), interpolation=cv2.INTER_NEAREST) > 0
        assert tissue.told["by"] == by
        assert (mask & truth).sum() / (mask | truth).sum() > 0.95


def test_glass_alone_is_no_tissue(tmp_path):
    noise = np.random.default_rng(0).integers(-3, 3, (600, 800, 3))
    glass = np.clip(np.full((600, 800, 3), 238) + noise, 0, 255).astype(np.uint8)
    slide = open_slide(make_media.pyramid(tmp_path / "s.tif", glass))
    policy = TilePolicy(mpp=0.5, size_px=128)
    grid = lay_grid(slide, policy, (0.25, 0.25))
    with pytest.raises(ImageError) as error:
        choose_tiles(tissue_shares(grid, find_tissue(slide).mask), policy)
    assert error.value.reason == "slide.no_tissue"


def test_the_grid_takes_the_nearest_finer_level(plain):
    slide = open_slide(plain)  # 0.25 and 1.0 micrometres
    for mpp, level, read in (
        (0.25, 0, 128),
        (0.5, 0, 256),
        (0.99, 1, 128),
        (1.0, 1, 128),
        (1.5, 1, 192),
        (0.3, 0, 154),
    ):
        grid = lay_grid(slide, TilePolicy(mpp=mpp, size_px=128), (0.25, 0.25))
        assert (grid.level, grid.read_px[0]) == (level, read), mpp
        assert grid.mpp[0] == pytest.approx(mpp, rel=0.02)
    for policy, reason in (
        (TilePolicy(mpp=0.2), "slide.too_coarse"),
        (TilePolicy(mpp=0.25, size_px=2000), "slide.too_small"),
    ):
        with pytest.raises(ImageError) as error:
            lay_grid(slide, policy, (0.25, 0.25))
        assert error.value.reason == reason


def test_a_tile_is_the_area_mean_of_what_it_covers(plain, pixels):
    slide = open_slide(plain)
    grid = lay_grid(slide, TilePolicy(mpp=0.5, size_px=128), (0.25, 0.25))
    tile = read_tile(slide, grid.level, (256, 256, 256, 256), 128)
    part = pixels[256:512, 256:512].astype(float)
    mean = part.reshape(128, 2, 128, 2, 3).mean(axis=(1, 3))
    assert np.abs(tile - mean).max() <= 1


def test_tiles_are_spread_over_the_tissue_and_the_same_every_time():
    shares = np.zeros((40, 60))
    shares[5:35, 10:50] = 1
    shares[0, 0] = 0.4
    policy = TilePolicy(count=16, tissue=0.5)
    tiles = choose_tiles(shares, policy)
    assert tiles == choose_tiles(shares, policy) and len(tiles) == 16
    assert all(shares[tile.row, tile.column] == 1 for tile in tiles)
    quarters = {(tile.row >= 20, tile.column >= 30) for tile in tiles}
    assert len(quarters) == 4
    assert sorted(tiles, key=lambda tile: (tile.row, tile.column)) == tiles, "read in grid order"
    assert len(choose_tiles(shares, TilePolicy(count=0))) == 30 * 40
    curve = sorted(((x, y) for x in range(8) for y in range(8)), key=lambda place: _hilbert(3, *place))
    steps = [abs(a[0] - b[0]) + abs(a[1] - b[1]) for a, b in zip(curve, curve[1:], strict=False)]
    assert steps == [1] * 63, "neighbours along the curve are neighbours"


def test_shares_of_tiles_are_those_of_the_mask(plain):
    slide = open_slide(plain)
    mask = np.zeros((256, 384), bool)
    mask[64:128, 96:192] = True
    grid = lay_grid(slide, TilePolicy(mpp=0.25, size_px=128), (0.25, 0.25))
    shares = tissue_shares(grid, mask)
    assert shares.shape == (8, 12)
    assert shares[2:4, 3:6] == pytest.approx(1) and shares.sum() == pytest.approx(6)


def test_labels_are_never_mixed(tmp_path, plain):
    values = np.zeros((256, 384), np.uint8)
    values[100:150, 50:120] = 3
    values[150:, 120:] = 5
    path = tmp_path / "mask.tif"
    tifffile.imwrite(path, values, tile=(64, 64), compression="zlib")
    labels = open_slide_labels(path, (1536, 1024))
    np.testing.assert_array_equal(labels.at((0, 0, 1536, 1024), (384, 256)), values)
    np.testing.assert_array_equal(labels.overview((384, 256)), values)
    found = labels.at((200, 400, 456, 656), (128, 128))
    np.testing.assert_array_equal(found, values[100:164, 50:114].repeat(2, 0).repeat(2, 1))
    labels.close()
    for array, options, reason in (
        (values, {"compression": "jpeg"}, "labels.lossy"),
        (values.astype(np.float32), {}, "labels.not_whole"),
        (values[:, :200], {}, "mask.size_mismatch"),
    ):
        tifffile.imwrite(path, array, tile=(64, 64), **options)
        with pytest.raises(ImageError) as error:
            open_slide_labels(path, (1536, 1024))
        assert error.value.reason == reason


def test_memory_stays_flat_over_a_large_sparse_slide(tmp_path):
    path = tmp_path / "large.tif"
    block = zlib.compress(make_media.tissue(512, 512, (0, 0, 512, 512)).tobytes())

    def tiles():
        for row in range(32):
            for column in range(32):
                yield block if 8 <= row < 12 and 8 <= column < 12 else b""

    with tifffile.TiffWriter(path) as writer:
        shape = {"shape": (16384, 16384, 3), "dtype": np.uint8, "tile": (512, 512), "photometric": "rgb"}
        writer.write(tiles(), compression="zlib", resolution=(4e4, 4e4), resolutionunit="CENTIMETER", **shape)
    assert path.stat().st_size < 20e6
    code = (
        "import sys, resource\nfrom pathlib import Path\n"
        "from gmai.images import *\nfrom gmai.types import TilePolicy\n"
        "import gmai.images.slide.tiff, cv2\n"
        "slide = open_slide(Path(sys.argv[1])); slide.read(0, 0, 0, 9, 9)\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "policy = TilePolicy(mpp=0.5, size_px=256, count=0)\n"
        "grid = lay_grid(slide, policy, slide.mpp)\n"
        "tiles = choose_tiles(tissue_shares(grid, find_tissue(slide).mask), policy)\n"
        "for tile in tiles:\n"
        "    read_tile(slide, grid.level, (tile.column * 512, tile.row * 512, 512, 512), 256)\n"
        "print(len(tiles), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, path], capture_output=True, text=True, check=True)
    count, kilobytes = map(int, done.stdout.split())
    assert count == 16
    assert kilobytes < 260_000, "the whole slide would be 805 MB"


def test_a_missing_extra_gives_the_install_line(monkeypatch, plain, tmp_path, pixels):
    for name in ("tiff", "openslide", "tiffslide"):
        monkeypatch.delitem(sys.modules, f"gmai.images.slide.{name}", raising=False)
    for name in ("tifffile", "openslide", "tiffslide"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(MissingExtra) as error:
        open_slide(plain)
    assert "pip install 'gmai[wsi]'" in str(error.value)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({322: 65_536, 323: 65_536}, "slide.layout"),
        ({322: 0}, "slide.broken"),
        ({277: 65_535}, "slide.samples"),
        ({256: 1_000_000, 257: 1_000_000}, "slide.broken"),
        ({325: 2**31}, "slide.broken"),
    ],
)
@pytest.mark.parametrize("reader", ["openslide", "tiffslide"])
def test_what_a_scanners_file_claims_is_held_against_it_before_a_library_reads_it(
    tmp_path, pixels, changes, reason, reader
):
    path = make_media.aperio(tmp_path / "a.svs", pixels, pixels[:99, :99])
    data = bytearray(path.read_bytes())
    (start,) = struct.unpack_from("<I", data, 4)
    for place in range(start + 2, start + 2 + 12 * struct.unpack_from("<H", data, start)[0], 12):
        tag, kind, count, where = struct.unpack_from("<HHII", data, place)
        if tag in changes:
            struct.pack_into("<H" if kind == 3 else "<I", data, where if count > 1 else place + 8, changes[tag])
    path.write_bytes(data)
    with pytest.raises(ImageError) as error:
        _open_slide(path, reader)
    assert error.value.reason == reason


def test_tiffslide_takes_over_where_openslide_is_missing(monkeypatch, tmp_path, pixels):
    path = make_media.aperio(tmp_path / "a.svs", pixels, pixels[:99, :99])
    assert open_slide(path).told["reader"] == "openslide"
    monkeypatch.delitem(sys.modules, "gmai.images.slide.openslide", raising=False)
    monkeypatch.setitem(sys.modules, "openslide", None)
    slide = open_slide(path)
    assert slide.told["reader"] == "tiffslide" and slide.mpp == (0.5, 0.5)


def read_or_die(task, at):
    """Open every slide of a task, with an OpenSlide that ends its process as a fault in C code would."""
    import openslide

    openslide.OpenSlide = lambda path: os.abort()
    for position, path in enumerate(task):
        at(position)
        open_slide(Path(path))
    return len(task)


def test_a_library_that_dies_costs_only_the_slide_it_held(tmp_path, plain, pixels):
    bad = make_media.aperio(tmp_path / "a.svs", pixels, pixels[:99, :99])
    ((_, death), (_, count)) = run_tasks(read_or_die, [[str(plain), str(bad)], [str(plain)]], 1, 60)
    assert isinstance(death, Death) and death.position == 1 and count == 1


def test_looking_at_slides_and_videos_runs_none_of_their_libraries(plain):
    code = (
        "import sys\nfrom pathlib import Path\nfrom gmai.images import peek\n"
        "assert peek(Path(sys.argv[1]), 'a').kind == 'slide'\n"
        "print(sorted({'openslide', 'tiffslide', 'tifffile', 'av'} & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", code, plain], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_readers_are_a_registry():
    assert SLIDES.names() == ["openslide", "tiff", "tiffslide"] and SLIDES.extra == "wsi"


@pytest.mark.data
def test_a_dicom_slide_is_read(data):
    path = Path(data) / "dicom/highdicom_test_files/data/test_files/sm_image.dcm"
    slide = open_slide(path)
    assert slide.told["vendor"] == "dicom" and slide.mpp == (0.499, 0.499)
    assert slide.read(0, 0, 0, 50, 50).shape == (50, 50, 3)
