"""Tiles of a slide and frames of a video on one core: ours in grid order, beside OpenSlide and tiffslide."""

import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from gmai.images import choose_video_frames, lay_grid, open_slide, open_video, read_tile
from gmai.types import FramePolicy, TilePolicy

SIDE, TILE = 8192, 512


def write_slide(path: Path) -> None:
    """A pyramid of JPEG tiles of 256 px with grain as of tissue."""
    import tifffile

    rng = np.random.default_rng(0)
    grain = cv2.GaussianBlur(rng.integers(0, 255, (1024, 1024, 3)).astype(np.uint8), (0, 0), 1.5)
    pixels = np.tile(np.clip(grain.astype(int) + (60, -20, 40), 0, 255).astype(np.uint8), (8, 8, 1))
    with tifffile.TiffWriter(path) as writer:
        for step in (1, 4):
            options = {"tile": (256, 256), "compression": "jpeg", "photometric": "rgb", "metadata": None}
            mpp = {"resolution": (2e4 / step, 2e4 / step), "resolutionunit": "CENTIMETER"}
            writer.write(pixels[::step, ::step], subfiletype=int(step > 1), **options, **mpp)


def rate(work: Callable[[], int]) -> float:
    """How many a second of processor time."""
    start = time.process_time()
    count = work()
    return count / (time.process_time() - start)


def read_all(peer: Any, places: Sequence[tuple[int, ...]]) -> int:
    """Read a tile at each place as a peer does."""
    return sum(1 for place in places if peer.read_region(place, 0, (TILE, TILE)) is not None)


def run(arguments: list[str]) -> None:
    import openslide
    import tiffslide

    cv2.setNumThreads(1)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "slide.tif"
        write_slide(path)
        size = path.stat().st_size / 2**20
        print(
            f"slide of {SIDE} px, JPEG tiles of 256 px, {size:.0f} MiB; tiles of {TILE} px a second of processor time"
        )
        with closing(open_slide(path)) as slide:
            grid = lay_grid(slide, TilePolicy(mpp=0.5, size_px=TILE), (0.5, 0.5))
            places = [(x * TILE, y * TILE) for y in range(grid.rows) for x in range(grid.columns)]
            ours = rate(lambda: sum(1 for x, y in places if read_tile(slide, 0, (x, y, TILE, TILE), TILE) is not None))
        print(f"  gmai, grid order       {ours:6.0f}")
        rng = np.random.default_rng(1)
        random = [tuple(int(each) for each in rng.integers(0, SIDE - TILE, 2)) for _ in range(150)]
        for name, kind in (("openslide", openslide.OpenSlide), ("tiffslide", tiffslide.TiffSlide)):
            for way, chosen in (("grid", places), ("random", random)):
                with kind(str(path)) as peer:
                    done = rate(partial(read_all, peer, chosen))
                print(f"  {name}, {way + ' order':12} {done:6.0f}")
        film(Path(folder) / "film.mp4")


def film(path: Path) -> None:
    import av

    rng = np.random.default_rng(0)
    with av.open(str(path), "w") as out:
        stream = out.add_stream("mpeg4", rate=25)
        stream.width, stream.height, stream.pix_fmt = 640, 480, "yuv420p"
        stream.codec_context.gop_size = 50
        base = cv2.GaussianBlur(rng.integers(0, 255, (480, 640, 3)).astype(np.uint8), (0, 0), 4)
        for index in range(1500):
            frame = av.VideoFrame.from_ndarray(np.roll(base, 2 * index, axis=1), format="rgb24")
            out.mux(stream.encode(frame))
        out.mux(stream.encode())
    with closing(open_video(path)) as video:
        even = choose_video_frames(video, FramePolicy(mode="even", count=8))
        start = time.perf_counter()
        assert len(list(video.read(even))) == 8
        print(f"video of 1500 frames, 640 x 480: 8 evenly spaced in {time.perf_counter() - start:.2f} s")
        start = time.perf_counter()
        assert sum(1 for _ in video.read(range(1500))) == 1500
        print(f"  every frame in {time.perf_counter() - start:.2f} s")


if __name__ == "__main__":
    run(sys.argv[1:])
