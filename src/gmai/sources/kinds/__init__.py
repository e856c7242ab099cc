"""How an item of each kind becomes samples; to add a kind, write a file with a ``read`` and name it here."""

from collections.abc import Callable, Iterator
from pathlib import Path

from gmai.annotations import AnnotatedItem
from gmai.base import Registry
from gmai.sources.build import Made
from gmai.types import Reject, SourceCard

ReadItem = Callable[[AnnotatedItem, Path, SourceCard], Iterator[Made | Reject]]

KINDS: Registry[ReadItem] = Registry(
    "kinds",
    {
        "array": "gmai.sources.kinds.array:read",
        "embedded": "gmai.sources.kinds.embedded:read",
        "pictures": "gmai.sources.kinds.pictures:read",
        "raster": "gmai.sources.kinds.raster:read",
        "series": "gmai.sources.kinds.volume:read",
        "slide": "gmai.sources.kinds.slide:read",
        "text": "gmai.sources.kinds.text:read",
        "video": "gmai.sources.kinds.video:read",
        "volume": "gmai.sources.kinds.volume:read",
    },
)
