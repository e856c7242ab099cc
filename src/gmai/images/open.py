"""One way to open a picture or volume of any kind; nothing is read before it is asked for."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from gmai.base import Registry
from gmai.errors import ImageError
from gmai.images.peek import find_kind
from gmai.images.picture import Picture
from gmai.images.raster import read_picture
from gmai.images.volume import Volume
from gmai.types import ImageKind, WindowPolicy

VOLUMES: Registry[Callable[[Path], Volume]] = Registry(
    "volumes",
    {
        "nifti": "gmai.images.nifti:read_nifti",
    },
)
"""Readers of volumes that lie in one file, by the kind of the file."""


@dataclass(frozen=True)
class Image:
    """A picture (raster), or a volume (NIfTI, DICOM file or series), read when it is asked for."""

    paths: tuple[Path, ...]
    shown: tuple[str, ...]
    """What each file is called in messages."""
    window: WindowPolicy

    @cached_property
    def kind(self) -> ImageKind:
        """Kind of the file, told from its content."""
        return find_kind(self.paths[0])

    def picture(self) -> Picture:
        """Read a raster picture; see :func:`gmai.images.read_picture`."""
        return read_picture(self.paths[0], self.window)

    def volume(self) -> tuple[Volume, list[ImageError]]:
        """Read a volume, and the errors of the files of a series that had to be left out.

        Raises:
            ImageError: nothing could be read, or the file holds no volume.
        """
        if self.kind == "dicom":
            from gmai.images.dicom import read_series

            return read_series(list(zip(self.paths, self.shown, strict=True)))
        if self.kind in VOLUMES.names():
            return VOLUMES.get(self.kind)(self.paths[0]), []
        raise ImageError(f"no volume but a {self.kind} file", where=self.shown[0], reason="volume.kind")


def open_image(
    path: Path | Sequence[Path], *, window: WindowPolicy | None = None, shown: Sequence[str] | None = None
) -> Image:
    """Open a file, or the files of one DICOM series, without reading it.

    Args:
        path: the file or files.
        window: how values become 8-bit grey.
        shown: what to call each file in messages and errors; its path by default.
    """
    paths = (path,) if isinstance(path, Path) else tuple(path)
    names = tuple(shown) if shown is not None else tuple(str(each) for each in paths)
    return Image(paths=paths, shown=names, window=window or WindowPolicy())
