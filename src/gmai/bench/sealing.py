"""The pictures of a sealed row: the same pixels, nothing beside them."""

import base64
import json

import numpy as np

from gmai.bench.question import PublicQuestion
from gmai.images import decode_picture, encode_png, strip_metadata


def picture_cell(question: PublicQuestion) -> str:
    """The pictures of a question in base64 (several as a JSON list), without metadata and under no name.

    Raises:
        ImageError: a picture that cannot be read.
    """
    encoded = [base64.b64encode(clean_picture(data)).decode("ascii") for data in question.pictures()]
    return "" if not encoded else encoded[0] if len(encoded) == 1 else json.dumps(encoded, separators=(",", ":"))


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
