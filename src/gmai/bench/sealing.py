"""The pictures of a sealed row: the same pixels, nothing beside them, in files whose sizes tell nothing."""

import base64
import json
from collections.abc import Iterable

import numpy as np

from gmai.bench.padding import Sizes, plan_sizes
from gmai.bench.question import PublicQuestion
from gmai.images import (
    decode_picture,
    encode_png,
    find_raster_kind,
    find_raster_size,
    pad_raster,
    strip_metadata,
)


def find_sizes(questions: Iterable[PublicQuestion], largest_growth: float) -> Sizes:
    """The sizes to pad the pictures of these questions to; see :func:`gmai.bench.padding.plan_sizes`.

    Raises:
        ImageError: a picture that cannot be read.
    """
    if largest_growth <= 1:
        return Sizes()
    cleaned = (_as_padded(data) for question in questions for data in question.pictures())
    return plan_sizes(((_area(data), len(data)) for data in cleaned), largest_growth)


def picture_cell(question: PublicQuestion, sizes: Sizes) -> str:
    """The pictures of a question in base64 (several as a JSON list), without metadata and under no name, padded.

    Raises:
        ImageError: a picture that cannot be read.
    """
    encoded = [base64.b64encode(seal_picture(data, sizes)).decode("ascii") for data in question.pictures()]
    return "" if not encoded else encoded[0] if len(encoded) == 1 else json.dumps(encoded, separators=(",", ":"))


def seal_picture(data: bytes, sizes: Sizes) -> bytes:
    """A picture's file without metadata and padded.

    Raises:
        ImageError: it cannot be read.
    """
    if not sizes.areas:
        return clean_picture(data)
    cleaned = _as_padded(data)
    return pad_raster(cleaned, sizes.of(_area(cleaned)))


def _as_padded(data: bytes) -> bytes:
    """Without metadata; a file of a kind that cannot be padded becomes a PNG of the same pixels."""
    cleaned = clean_picture(data)
    return cleaned if find_raster_kind(cleaned[:16]) in {"png", "jpeg"} else encode_png(decode_picture(cleaned))


def _area(data: bytes) -> int:
    width, height = find_raster_size(data)
    return width * height


def clean_picture(data: bytes) -> bytes:
    """A picture's file without metadata; where taking them out would turn it, its pixels written anew.

    Raises:
        ImageError: it cannot be read.
    """
    stripped = strip_metadata(data)
    if not stripped.removed:
        return data
    shown = decode_picture(data)
    if np.array_equal(shown, decode_picture(stripped.data)):
        return stripped.data
    return encode_png(shown)
