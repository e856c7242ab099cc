"""Pictures as data URLs, encoded once however many questions show them."""

import base64
from collections import OrderedDict

from gmai.errors import ImageError
from gmai.llm.messages import Picture

_KINDS = {b"\x89PNG": "image/png", b"\xff\xd8\xff": "image/jpeg", b"RIFF": "image/webp", b"GIF8": "image/gif"}


class EncodedPictures:
    """The data URLs used last, up to a number of bytes."""

    def __init__(self, most_mb: int = 256) -> None:
        self._most = most_mb << 20
        self._held = 0
        self._urls: OrderedDict[str, str] = OrderedDict()

    def url(self, picture: Picture) -> str:
        """The picture's data URL.

        Raises:
            ImageError: ``llm.picture``: the bytes are no PNG, JPEG, WebP or GIF, which is what servers take.
        """
        found = self._urls.get(picture.asset)
        if found is not None:
            self._urls.move_to_end(picture.asset)
            return found
        data = picture.load()
        kind = next((name for mark, name in _KINDS.items() if data.startswith(mark)), None)
        if kind is None:
            raise ImageError("a picture that servers do not take", where=picture.asset[:16], reason="llm.picture")
        url = f"data:{kind};base64,{base64.b64encode(data).decode('ascii')}"
        self._urls[picture.asset] = url
        self._held += len(url)
        while self._held > self._most and len(self._urls) > 1:
            self._held -= len(self._urls.popitem(last=False)[1])
        return url
