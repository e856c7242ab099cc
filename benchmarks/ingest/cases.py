"""What is measured: the things counted, the goal, and the peers, which bring only what they are able to in the time."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Case:
    """Functions of the same name in ``inputs``, ``ours`` and ``peers`` belong to it."""

    name: str
    title: str
    unit: str
    goal: float | None = None
    """Units a second of one core."""
    peers: tuple[str, ...] = ()
    """Functions of ``peers``."""
    memory_mb: float | None = None
    """Largest resident memory we allow ourselves."""


CASES = (
    Case("dicom_index", "headers of DICOM files looked at and grouped into series", "files", 800, ("pydicom_headers",)),
    Case("ct_slices", "DICOM series of CT to windowed samples in a store", "slices", 150, ("plain_slices", "medsam")),
    Case(
        "coco",
        "COCO of 5,000 pictures and 50,000 outlines read and checked",
        "pictures",
        3000,
        ("coco_api", "datumaro", "supervision"),
        memory_mb=300,
    ),
    Case(
        "label_maps",
        "label maps of 1024 x 1024 and five classes to masks and facts",
        "maps",
        60,
        ("regionprops", "pixel_loop"),
    ),
    Case("fingerprints", "difference hash of JPEG of 1024 x 1024", "pictures", 400, ("imagehash",)),
    Case(
        "slide_tiles",
        "tiles of 512 px of a slide (TIFF, JPEG tiles of 256 px)",
        "tiles",
        150,
        ("openslide", "tiffslide"),
    ),
    Case("slide_samples", "the same to samples in a store: tissue, PNG, provenance", "tiles"),
    Case("deid_dicom", "DICOM files without identifiers, read and written", "files", 120, ("deid",)),
    Case("strip_jpeg", "metadata out of JPEG, coded pixels as they are", "MB", None, ("pillow_again",)),
    Case("strip_png", "metadata out of PNG, coded pixels as they are", "MB", None, ("pillow_again",)),
)
