"""One way to open a picture or volume of any kind; nothing is read before it is asked for."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from gmai.base import Registry
from gmai.errors import ImageError
from gmai.images.peek import find_kind
from gmai.images.picture import Picture
from gmai.images.raster import read_picture
from gmai.images.volume import Volume
from gmai.images.voxels import VolumeFormat
from gmai.types import FramePolicy, ImageKind, WindowPolicy

VOLUMES: Registry[VolumeFormat] = Registry(
    "volumes",
    {
        "metaimage": "gmai.images.metaimage:FORMAT",
        "neuro": "gmai.images.neuro:FORMAT",
        "nifti": "gmai.images.nifti:FORMAT",
        "nrrd": "gmai.images.nrrd:FORMAT",
    },
)
"""Readers of volumes that lie in one file or pair of files, by the kind of the file."""


@dataclass(frozen=True)
class Image:
    """A picture (raster), or a volume (one file, or a DICOM series), read when it is asked for."""

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

    def volume(self, index: int = 0, frames: FramePolicy | None = None) -> tuple[Volume, list[ImageError]]:
        """Read a volume, and the errors of the files of a series that had to be left out.

        Args:
            index: which volume, of a file that holds several.
            frames: which frames of a DICOM film, whose frames lie nowhere in the patient; all by default.

        Raises:
            ImageError: nothing could be read, or the file holds no (such) volume.
        """
        if self.kind == "dicom":
            from gmai.images.dicom.series import read_series

            return read_series(list(zip(self.paths, self.shown, strict=True)), index, frames)
        if self.kind in VOLUMES.names():
            return VOLUMES.get(self.kind).read(self.paths[0], index), []
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
