"""A view drawn on an encoded picture, encoded again: what is written where pictures must carry their drawings."""

from collections.abc import Sequence

from gmai.images.codec import decode_picture, encode_png
from gmai.images.overlay import render_view
from gmai.types import Annotation, View


def draw_view(data: bytes, view: View, annotations: Sequence[Annotation]) -> bytes:
    """Draw a view's regions on an encoded picture; returns PNG.

    Raises:
        ImageError: the bytes are no whole picture, or a region cannot be drawn.
    """
    return encode_png(render_view(decode_picture(data), view, annotations))
