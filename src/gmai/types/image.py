"""Where a picture came from and what was done to make it one: the way back from pixels to a file."""

from typing import Literal

from gmai.types.record import record

ImageKind = Literal["raster", "dicom", "nifti", "npz", "nrrd", "metaimage", "neuro", "slide", "video"]
"""What a file is; ``neuro`` are the formats nibabel reads beside NIfTI (MGZ, MINC, AFNI, PAR/REC, Analyze)."""


@record
class ImageRef:
    """One two-dimensional picture, cut out of a file of any kind.

    ``uri`` is the path below the source's root with forward slashes. ``index`` counts slices along ``axis`` of the
    canonical volume, frames of a DICOM file, pages of a raster file or rows of an array; ``member`` names the array
    inside an NPZ archive.
    Sizes are those of the picture as shown (pixels); ``spacing_mm`` is (row, column) spacing of that picture.
    """

    uri: str
    kind: ImageKind
    width: int
    height: int
    modality: str
    sha256: str
    """Hash of the source file's bytes."""
    asset: str
    """Hash of the encoded 8-bit picture kept in the store."""
    phash: str | None = None
    """64-bit perceptual hash of the picture, 16 hex digits."""
    member: str | None = None
    axis: int | None = None
    index: int | None = None
    spacing_mm: tuple[float, float] | None = None
    window: tuple[float, float] | None = None
    """(centre, width) in the stored unit, for DICOM CT in Hounsfield units."""
    sides: tuple[str, str] | None = None
    """Patient directions of the picture's right edge and lower edge, such as ("L", "P"); None if unknown."""
    time_s: float | None = None
    """Time stamp of a video's frame."""
    region: tuple[int, int, int, int] | None = None
    """The part of the file that was cut out, xyxy in pixels of its finest level, of a slide's tile."""
