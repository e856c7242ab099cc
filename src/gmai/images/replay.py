"""The way back walked forward: the picture of a store made again from its file and the steps that were told."""

from collections.abc import Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from gmai.errors import ImageError
from gmai.images.arrays import read_row
from gmai.images.codec import encode_png
from gmai.images.open import VOLUMES, open_image
from gmai.images.raster import read_picture
from gmai.images.slide.grid import read_tile
from gmai.images.slide.slide import open_slide
from gmai.images.video.video import open_video
from gmai.images.volume import Volume, find_volume_window, show_slice
from gmai.images.window import Window
from gmai.types import ImageRef, Step, WindowPolicy

_DICOM_MODES = {"fixed", "preset", "header"}


def replay(files: Sequence[Path], image: ImageRef, steps: Sequence[Step]) -> bytes:
    """Make the encoded picture of a sample again; its SHA-256 is ``image.asset``.

    Args:
        files: the file the picture came from; of a DICOM series, all of its files.
        image: of the sample.
        steps: of the sample's provenance; of several pictures, those whose ``image`` is the picture's place.

    Raises:
        ImageError: the files cannot be read, or are of a kind whose pictures are cut elsewhere (``replay.kind``).
    """
    told = {step.name: step.parameters for step in steps}
    if image.kind == "raster" and image.member is not None:
        raise ImageError("a picture inside a file of entries", where=image.uri, reason="replay.kind")
    if image.kind == "raster":
        picture = told.get("picture", {})
        return read_picture(files[0], _window(picture, "window"), frame=picture.get("frame")).encoded()
    if image.kind == "npz":
        return read_row(files[0], image.member or "", image.index, _window(told.get("picture", {}), "window")).encoded()
    if image.kind == "slide" and {"slide", "tile"} <= set(told):
        return _replay_tile(files[0], told)
    if image.kind == "video" and image.index is not None:
        return _replay_frame(files[0], image.index)
    if image.kind != "dicom" and image.kind not in VOLUMES.names() or image.axis is None or image.index is None:
        raise ImageError(f"a picture of a {image.kind} file", where=image.uri, reason="replay.kind")
    volume, _ = open_image(tuple(files)).volume(told.get(image.kind, {}).get("volume", 0))
    window = _volume_window(volume, told["window"]) if "window" in told else None
    film = volume.affine is None and image.index + 1 in volume.frame_numbers
    index = volume.frame_numbers.index(image.index + 1) if film else image.index
    return encode_png(show_slice(volume, image.axis, index, window))


def _replay_tile(path: Path, told: Mapping[str, Mapping[str, Any]]) -> bytes:
    with closing(open_slide(path, told["slide"]["reader"])) as slide:
        tile = told["tile"]
        return encode_png(read_tile(slide, tile["level"], tile["box"], tile["size_px"]))


def _replay_frame(path: Path, index: int) -> bytes:
    with closing(open_video(path)) as video:
        frame = next(video.read([index]))
        if isinstance(frame, ImageError):
            raise frame
        return encode_png(frame.pixels)


def _window(told: Mapping[str, Any], name: str) -> Window | None:
    if name not in told:
        return None
    mode = told[name]
    return Window(told["centre"], told["width"], mode, mode in _DICOM_MODES, told.get("function", "LINEAR"))


def _volume_window(volume: Volume, told: Mapping[str, Any]) -> Window | None:
    if told["mode"] == "header":  # it may be a table, which is in the file
        return find_volume_window(volume, WindowPolicy(mode="header"))
    return _window(told, "mode")
