"""Pictures of a request: taken from data URLs (or hosts that are allowed), measured before they are decoded."""

import binascii
import re
import warnings
from base64 import b64decode
from http.client import HTTPException
from io import BytesIO
from typing import Any
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, ProxyHandler, Request, build_opener

import numpy as np
from PIL import Image

from gmai.errors import ImageError
from gmai.images import decode_picture
from gmai.serve.config import LimitsConfig, ServeConfig
from gmai.serve.refusal import Refusal

_DATA = re.compile(r"data:image/[a-zA-Z0-9.+-]+;base64,", re.ASCII)
_FORMATS = ("PNG", "JPEG", "WEBP", "GIF")


def load_picture(url: str, where: str, config: ServeConfig) -> np.ndarray:
    """The picture of an address, (height, width, 3) uint8.

    Args:
        url: a data URL, or http(s) of a host that is allowed.
        where: its place in the request.
        config: limits and hosts.

    Raises:
        Refusal: no picture, one beyond the limits, or an address that is not allowed.
    """
    data = _read_data(url, where, config.limits) if url.startswith("data:") else _fetch(url, where, config)
    _measure(data, where, config.limits)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            return decode_picture(data)
    except ImageError as error:
        raise Refusal(400, "invalid_image", error.message, where) from None
    except (MemoryError, Image.DecompressionBombError):
        raise Refusal(400, "image_too_large", "the picture is too large to decode", where) from None
    except Exception as error:  # as in _measure
        what = f"the picture cannot be decoded ({type(error).__name__})"
        raise Refusal(400, "invalid_image", what, where) from None


def _read_data(url: str, where: str, limits: LimitsConfig) -> bytes:
    found = _DATA.match(url)
    if not found:
        raise Refusal(400, "invalid_image", "a picture's data URL begins with data:image/…;base64,", where)
    if (len(url) - found.end()) * 3 // 4 > limits.image_bytes + 2:
        raise _too_many_bytes(where, limits)
    try:
        data = b64decode(url[found.end() :], validate=True)
    except (binascii.Error, ValueError) as error:
        raise Refusal(400, "invalid_image", f"the picture is no base64: {error}", where) from None
    if len(data) > limits.image_bytes:
        raise _too_many_bytes(where, limits)
    return data


def _measure(data: bytes, where: str, limits: LimitsConfig) -> None:
    """Read the header and nothing else."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(BytesIO(data), formats=_FORMATS) as picture:
                width, height = picture.size
                frames = getattr(picture, "n_frames", 1)
    except Image.DecompressionBombError:
        raise Refusal(400, "image_too_large", "the picture has far too many pixels", where) from None
    except Exception as error:  # damage may break a decoder in any way
        what = f"no PNG, JPEG, WebP or GIF that can be read ({type(error).__name__})"
        raise Refusal(400, "invalid_image", what, where) from None
    if width * height > limits.pixels:
        what = f"{width} x {height} pixels are more than the {limits.pixels} that are allowed"
        raise Refusal(400, "image_too_large", what, where)
    if frames > 1:
        raise Refusal(400, "invalid_image", f"a film of {frames} pictures, not one", where)


def _fetch(url: str, where: str, config: ServeConfig) -> bytes:
    """Fetch from an allowed host; redirects and proxies of the environment are not followed."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https"):
        raise Refusal(400, "invalid_image", "pictures are given as data: URLs", where)
    host = parts.hostname or ""
    if parts.username or not {host, parts.netloc} & set(config.allow_urls):
        what = (
            f"pictures are not fetched from {host!r}: give a data: URL"
            if config.allow_urls
            else ("this server fetches no pictures: give a data: URL")
        )
        raise Refusal(400, "url_not_allowed", what, where)
    opener = build_opener(ProxyHandler({}), _NoRedirect())
    most = config.limits.image_bytes
    try:
        with opener.open(Request(url, headers={"Accept": "image/*"}), timeout=config.fetch_s) as reply:
            data: bytes = reply.read(most + 1)
    except (URLError, OSError, HTTPException, ValueError) as error:
        raise Refusal(400, "fetch_failed", f"the picture cannot be fetched: {error}", where) from None
    if len(data) > most:
        raise _too_many_bytes(where, config.limits)
    return data


def _too_many_bytes(where: str, limits: LimitsConfig) -> Refusal:
    return Refusal(400, "image_too_large", f"a picture has more than {limits.image_bytes} bytes", where)


class _NoRedirect(HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        """Follow none: the host that is allowed is the only one that is asked."""
        return None
