"""Encoded pictures in, for other rooms: a view drawn on one, and one read as a store would keep it."""

from collections.abc import Sequence
from pathlib import Path

from gmai.images.codec import decode_picture, encode_png
from gmai.images.overlay import render_view
from gmai.images.picture import Picture
from gmai.images.raster import read_picture
from gmai.types import Annotation, View


def draw_view(data: bytes, view: View, annotations: Sequence[Annotation]) -> bytes:
    """Draw a view's regions on an encoded picture; returns PNG.

    Raises:
        ImageError: the bytes are no whole picture, or a region cannot be drawn.
    """
    return encode_png(render_view(decode_picture(data), view, annotations))


def read_encoded(data: bytes, name: str) -> Picture:
    """Read the bytes of a raster picture, clean of metadata.

    Raises:
        ImageError: the bytes are no whole picture.
    """
    return read_picture(Path(name), data=data)
