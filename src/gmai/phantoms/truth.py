"""What was drawn: the answer key of the hospital, kept outside its files so that a reader can be tested against it."""

from gmai.types import record


@record
class DrawnBox:
    """One marked object, xyxy in pixels, right and lower edge exclusive."""

    label: str
    xyxy: tuple[int, int, int, int]


@record
class Truth:
    """One subject of CT, or one picture of another modality, and every fact it was drawn to show."""

    source: str
    """Such as ``phantom-ct``."""
    file: str
    """Path below ``files/``: of the picture, or of the folder of a series."""
    subject: str
    width: int
    height: int
    finding: str | None = None
    location: str | None = None
    """Quadrant of the patient (CT) or of the picture (X-ray, ultrasound)."""
    grade: str | None = None
    boxes: tuple[DrawnBox, ...] = ()
    area_px: int | None = None
    """Pixels of the region (ultrasound), voxels of it (CT)."""
    frames: tuple[int, ...] = ()
    """Frames of the series that show the finding, counted from the bottom."""
    num_frames: int | None = None
