"""Builders of tiny slides and videos, beside those of tests/make.py. Each writes a file and returns its path."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

GLASS = (240, 240, 242)
STAIN = (190, 110, 170)
IDENTIFIER = "Doe^Jane 12345678"
"""What slides hold in their description; it must reach no output."""


def tissue(height: int, width: int, box: tuple[int, int, int, int], seed: int = 0) -> np.ndarray:
    """A slide's pixels: glass, and a grainy stained block (xyxy)."""
    out = np.full((height, width, 3), GLASS, np.uint8)
    x0, y0, x1, y1 = box
    grain = np.random.default_rng(seed).integers(-40, 40, (y1 - y0, x1 - x0, 1))
    out[y0:y1, x0:x1] = np.clip(np.array(STAIN) + grain, 0, 255)
    return out


def pyramid(
    path: Path,
    pixels: np.ndarray,
    *,
    steps: Sequence[int] = (1, 4),
    mpp: float | None = 0.25,
    tile: int = 256,
    **options: Any,
) -> Path:
    """Write a tiled TIFF with a page for each step; ``options`` go to tifffile."""
    import tifffile

    path.parent.mkdir(parents=True, exist_ok=True)
    options = {"compression": "zlib", "photometric": "rgb" if pixels.ndim == 3 else "minisblack", **options}
    description = options.pop("description", f"{IDENTIFIER}")
    with tifffile.TiffWriter(path) as writer:
        for place, step in enumerate(steps):
            found = pixels[::step, ::step]
            if mpp is not None:
                options |= {"resolution": (1e4 / mpp / step,) * 2, "resolutionunit": "CENTIMETER"}
            writer.write(
                found,
                tile=(tile, tile),
                subfiletype=int(place > 0),
                description=None if place else description,
                metadata=None,
                **options,
            )
    return path


def aperio(path: Path, pixels: np.ndarray, label: np.ndarray, mpp: float = 0.5) -> Path:
    """Write a TIFF in Aperio's layout: level 0, thumbnail, and the label that shows who it is of."""
    import tifffile

    path.parent.mkdir(parents=True, exist_ok=True)
    height, width = pixels.shape[:2]
    text = f"Aperio Image Library v11\r\n{width}x{height} (256x256) JPEG|AppMag = 20|MPP = {mpp}|Patient = {IDENTIFIER}"
    with tifffile.TiffWriter(path) as writer:
        given: dict[str, Any] = {"photometric": "rgb", "metadata": None}
        writer.write(pixels, tile=(256, 256), compression="jpeg", description=text, **given)
        writer.write(pixels[::8, ::8], description="Aperio Image Library\r\nthumbnail", **given)
        writer.write(
            label, description="Aperio Image Library\r\nlabel 99x99", compression="lzw", subfiletype=1, **given
        )
    return path


def grey_of(index: int) -> int:
    """The grey of a film's frame, by which it is known again."""
    return 16 + (index * 13) % 220


def film(
    path: Path,
    frames: int = 40,
    *,
    codec: str = "mpeg4",
    rate: int = 25,
    size: tuple[int, int] = (64, 48),
    times: Sequence[int] = (),
    colours: Mapping[int, tuple[int, int, int]] | None = None,
    **options: Any,
) -> Path:
    """Write a film whose frames are each of one grey, with a bright upper left corner.

    Args:
        path: its ending chooses the container.
        frames: how many.
        codec: encoder.
        rate: frames a second.
        size: (width, height).
        times: time stamp of each frame in milliseconds, for a variable rate.
        colours: from which frame on another colour fills the frames, instead of greys.
        options: ``turn`` in degrees, ``gop``, ``b_frames``, ``pixel_format``, ``interlaced``, ``container`` (options).
    """
    import av

    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(path), "w", options=options.get("container", {})) as out:
        stream = out.add_stream(codec, rate=rate)
        stream.width, stream.height = size
        stream.pix_fmt = options.get("pixel_format", "yuv420p")
        stream.bit_rate = 4_000_000
        stream.codec_context.gop_size = options.get("gop", 10)
        if "b_frames" in options:
            stream.codec_context.max_b_frames = options["b_frames"]
        if "turn" in options:
            stream.set_display_rotation(options["turn"])
        if options.get("interlaced"):
            stream.codec_context.options = {"flags": "+ildct+ilme"}
        if times:
            stream.time_base = stream.codec_context.time_base = Fraction(1, 1000)
        for index in range(frames):
            pixels = np.full((size[1], size[0], 3), grey_of(index), np.uint8)
            if colours:
                pixels[:] = colours[max(start for start in colours if start <= index)]
            pixels[:12, :16] = 255
            frame = av.VideoFrame.from_ndarray(pixels, format="rgb24")
            if times:
                frame.pts, frame.time_base = times[index], Fraction(1, 1000)
            out.mux(stream.encode(frame))
        out.mux(stream.encode())
    return path
