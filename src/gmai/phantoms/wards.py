"""One ward per modality: draws a subject, writes its files below a folder, and says what they show."""

from collections.abc import Callable, Iterator
from pathlib import Path

from gmai.base import hash_unit
from gmai.phantoms.classes import ULTRASOUND_LABELS
from gmai.phantoms.ct import SPACING_MM, Volume, draw_ct
from gmai.phantoms.dicom import Series, build_order, encode_series
from gmai.phantoms.fundus import draw_fundus
from gmai.phantoms.grid import Grid, build_grid
from gmai.phantoms.histology import draw_histology
from gmai.phantoms.nifti import encode_labels
from gmai.phantoms.patient import build_patient
from gmai.phantoms.picture import Picture
from gmai.phantoms.png import encode_png
from gmai.phantoms.truth import Truth
from gmai.phantoms.ultrasound import draw_ultrasound
from gmai.phantoms.voc import encode_voc
from gmai.phantoms.xray import draw_xray

EYES = 2
"""Fundus pictures of one patient."""
_SHUFFLED = 0.25
"""Share of CT series whose InstanceNumber does not follow the slice position."""


def name_subject(modality: str, number: int) -> str:
    """Name of a subject, unique in the hospital."""
    return f"{modality}{number:04d}"


def put(path: Path, data: bytes) -> None:
    """Write one of many small files; a killed run writes it again, so it needs no temporary name."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def write_ct(files: Path, seed: int, number: int) -> Iterator[Truth]:
    """Write one patient's series as DICOM and its label map as NIfTI."""
    subject = name_subject("ct", number)
    drawn = draw_ct(seed, number)
    grid = place_volume(drawn, seed, subject)
    put(files / f"ct/labels/{subject}.nii.gz", encode_labels(drawn.labels_DHW, grid))
    for index, data in enumerate(encode_series(build_series(drawn, grid, seed, subject))):
        put(files / f"ct/{subject}/slice_{index:03d}.dcm", data)
    num_frames, height, width = drawn.volume_DHW.shape
    yield Truth(
        source="phantom-ct",
        file=f"ct/{subject}",
        subject=subject,
        width=width,
        height=height,
        finding=drawn.finding,
        location=drawn.location,
        area_px=int((drawn.labels_DHW > 0).sum()),
        frames=tuple(frame for frame in range(num_frames) if drawn.labels_DHW[frame].any()),
        num_frames=num_frames,
    )


def place_volume(drawn: Volume, seed: int, subject: str) -> Grid:
    """Lay a volume in its patient, at a height of its own."""
    bottom = float(round(-250 + 200 * hash_unit(seed, subject, "bottom")))
    return build_grid(drawn.volume_DHW.shape, SPACING_MM, bottom)


def build_series(drawn: Volume, grid: Grid, seed: int, subject: str) -> Series:
    """Add patient, identifiers and slice order to a volume; some series are numbered out of order."""
    frames = range(len(drawn.volume_DHW))
    shuffled = hash_unit(seed, subject, "shuffled") < _SHUFFLED
    shuffle = [hash_unit(seed, subject, "frame", frame) for frame in frames] if shuffled else None
    return Series(
        volume_DHW=drawn.volume_DHW,
        grid=grid,
        patient=build_patient(seed, subject),
        uid=f"{seed}/{subject}",
        order=build_order(len(frames), shuffle),
    )


def write_xray(files: Path, seed: int, number: int) -> Iterator[Truth]:
    """Write one radiograph; its boxes go into the one COCO file of all."""
    subject = name_subject("xray", number)
    yield _write_picture(files, f"xray/images/{subject}.png", subject, draw_xray(seed, number))


def write_histology(files: Path, seed: int, number: int) -> Iterator[Truth]:
    """Write one stained field and its Pascal VOC annotation."""
    subject = name_subject("histology", number)
    picture = draw_histology(seed, number)
    truth = _write_picture(files, f"histology/JPEGImages/{subject}.png", subject, picture)
    put(files / f"histology/Annotations/{subject}.xml", encode_voc(truth))
    yield truth


def write_fundus(files: Path, seed: int, number: int) -> Iterator[Truth]:
    """Write one patient's two photographs, each with a grade of its own; the grades go into one table."""
    subject = name_subject("fundus", number)
    for eye in range(EYES):
        picture = draw_fundus(seed, EYES * number + eye)
        yield _write_picture(files, f"fundus/images/{subject}_{eye + 1}.png", subject, picture)


def write_ultrasound(files: Path, seed: int, number: int) -> Iterator[Truth]:
    """Write one picture and its index mask of the same name."""
    subject = name_subject("ultrasound", number)
    picture = draw_ultrasound(seed, number)
    assert picture.mask is not None
    value = {name: value for value, name in ULTRASOUND_LABELS.items()}[str(picture.finding)]
    put(files / f"ultrasound/masks/{subject}.png", encode_png(picture.mask.astype("uint8") * value))
    yield _write_picture(files, f"ultrasound/images/{subject}.png", subject, picture)


def _write_picture(files: Path, file: str, subject: str, picture: Picture) -> Truth:
    put(files / file, encode_png(picture.pixels))
    height, width = picture.pixels.shape[:2]
    return Truth(
        source=f"phantom-{file.partition('/')[0]}",
        file=file,
        subject=subject,
        width=width,
        height=height,
        finding=picture.finding,
        location=picture.location,
        grade=picture.grade,
        boxes=picture.boxes,
        area_px=None if picture.mask is None else int(picture.mask.sum()),
    )


WARDS: dict[str, Callable[[Path, int, int], Iterator[Truth]]] = {
    "ct": write_ct,
    "xray": write_xray,
    "histology": write_histology,
    "fundus": write_fundus,
    "ultrasound": write_ultrasound,
}
"""Modality to the function that writes one subject of it."""
