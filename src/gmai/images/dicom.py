"""DICOM pictures and series: rescaled, inverted where asked, sorted by position, with every irregularity told.

Slices are ordered by their position along the normal of the plane (PS3.3 C.7.6.2.1.1), never by instance number or file
name. Gaps, uneven steps and gantry tilt are written into the volume's steps.
"""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from pydicom import Dataset
from pydicom.pixels import apply_color_lut, apply_modality_lut, pixel_array

from gmai.base import hash_bytes
from gmai.errors import ImageError
from gmai.images.deid import keyed_hash
from gmai.images.dicom_header import PIXELS, UNREADABLE, has_place, read_dicom, read_number, read_numbers
from gmai.images.volume import Volume, canonical, spacing_of
from gmai.types import Step

MAX_VALUES = 2**29
"""A file that claims more pixel values is refused before they are decoded."""
UNEVEN = 0.1
"""Part of the usual step by which a step may differ before it is told."""
GAP = 1.5
"""A step this many times the usual one means that slices are missing."""
SHEARED_DEG = 0.5
_DECODER = (*UNREADABLE, RuntimeError, IndexError)


@dataclass(slots=True)
class _Frame:
    pixels: np.ndarray
    sha256: str
    shown: str
    header: Dataset

    @property
    def instance(self) -> str:
        """Keyed hash, as a look at the file tells it."""
        return keyed_hash("instance", str(self.header.get("SOPInstanceUID") or "").strip() or self.shown)


def read_series(files: Sequence[tuple[Path, str]]) -> tuple[Volume, list[ImageError]]:
    """Read the files of one series and grid as a volume.

    Args:
        files: (path, name to use in messages) of each file, in any order; instances occur once.

    Returns:
        The volume, and an error for each file that could not be read and was left out (a gap, if between others).

    Raises:
        ImageError: no file could be read (the first file's error); ``dicom.repeated_position``: several slices at one
            place (times or echoes in one series); ``dicom.colour_series``; ``dicom.mixed_series``.
    """
    frames: list[_Frame] = []
    errors: list[ImageError] = []
    for path, shown in files:
        try:
            frames.append(_read_frame(path, shown))
        except ImageError as error:
            errors.append(error)
    if not frames:
        raise errors[0]
    if len(frames) == 1 and (frames[0].pixels.ndim == 3 or not has_place(frames[0].header)):
        return _unplaced(frames[0]), errors
    if any(frame.pixels.ndim != 2 or not has_place(frame.header) for frame in frames):
        raise ImageError("a series of colour pictures or of stacks", where=files[0][1], reason="dicom.colour_series")
    if len({frame.pixels.shape for frame in frames}) > 1:
        raise ImageError("a series of pictures of several sizes", where=files[0][1], reason="dicom.mixed_series")
    return _stack(frames, files[0][1]), errors


def _read_frame(path: Path, shown: str) -> _Frame:
    data = path.read_bytes()
    header = read_dicom(BytesIO(data), pixels=True, where=shown)
    if not any(name in header for name in PIXELS) or not header.get("Rows"):
        raise ImageError("the DICOM file holds no pixels", where=shown, reason="dicom.no_pixels")
    _check_size(header, shown)
    pixels = _rescale(_decode(header, shown), header)
    kept = Dataset({element.tag: element for element in header if element.keyword not in PIXELS})
    return _Frame(pixels, hash_bytes(data), shown, kept)  # the file's dataset would keep its bytes


def _check_size(header: Dataset, shown: str) -> None:
    names = ("Rows", "Columns", "NumberOfFrames", "SamplesPerPixel")
    sizes = [int(read_number(header, name, 1)) for name in names]
    if np.prod(sizes, dtype=object) > MAX_VALUES:
        claim = " x ".join(map(str, sizes))
        raise ImageError(f"the header claims {claim} values", where=shown, reason="dicom.too_large")


def _decode(header: Dataset, shown: str) -> np.ndarray:
    """Pixels as stored; of palette pictures, their colours; of those with a modality table, its values."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            pixels: np.ndarray = pixel_array(header)
            if header.get("PhotometricInterpretation") == "PALETTE COLOR":
                return np.asarray(apply_color_lut(pixels, header))
            return np.asarray(apply_modality_lut(pixels, header)) if "ModalityLUTSequence" in header else pixels
    except MemoryError:
        raise ImageError("the pixels do not fit into memory", where=shown, reason="dicom.too_large") from None
    except _DECODER as error:
        short = "number of bytes" in str(error) or isinstance(error, EOFError)
        reason = "dicom.truncated" if short else "dicom.pixels"
        why = str(error).partition("\n")[0]
        what = "fewer pixels than the header claims" if short else f"the pixels cannot be decoded: {why}"
        raise ImageError(what, where=shown, reason=reason) from None


def _is_colour(header: Dataset) -> bool:
    return read_number(header, "SamplesPerPixel", 1) > 1 or header.get("PhotometricInterpretation") == "PALETTE COLOR"


def _rescale(pixels: np.ndarray, header: Dataset) -> np.ndarray:
    if _is_colour(header):
        palette = header.get("PhotometricInterpretation") == "PALETTE COLOR"
        bits = 8 * pixels.dtype.itemsize if palette else int(read_number(header, "BitsStored", 8))
        return (pixels >> max(bits - 8, 0)).astype(np.uint8)
    if "ModalityLUTSequence" in header:
        return pixels
    slope, intercept = read_number(header, "RescaleSlope", 1), read_number(header, "RescaleIntercept", 0)
    if slope == 1 and intercept.is_integer() and pixels.dtype.kind in "iu" and pixels.dtype.itemsize <= 2:
        return _add(pixels, int(intercept))
    scaled: np.ndarray = pixels.astype(np.float32) * np.float32(slope) + np.float32(intercept)
    return scaled


def _add(pixels: np.ndarray, intercept: int) -> np.ndarray:
    low, high = min(int(pixels.min()) + intercept, intercept), max(int(pixels.max()) + intercept, intercept)
    small = low >= -32768 and high <= 32767
    shifted: np.ndarray = np.add(pixels, intercept, dtype=np.int16 if small else np.int32, casting="unsafe")
    return shifted


def _unplaced(frame: _Frame) -> Volume:
    header, pixels = frame.header, frame.pixels
    voxels = pixels if pixels.ndim == (4 if _is_colour(header) else 3) else pixels[None]
    spacing = _pixel_spacing(header)
    thickness = _thickness(header)
    told = {**_facts(header), "frames": len(voxels)}
    return Volume(
        voxels=voxels,
        affine=None,
        spacing_mm=(thickness, *spacing) if spacing else None,
        hashes=(frame.sha256,),
        names=(frame.shown,),
        instances=(frame.instance,),
        stack_axis=2,
        header_window=_window(header),
        inverted=header.get("PhotometricInterpretation") == "MONOCHROME1",
        oriented=False,
        steps=(Step(name="dicom", parameters=told),),
    )


def _stack(frames: list[_Frame], where: str) -> Volume:
    first = frames[0].header
    cosines = np.array(read_numbers(first, "ImageOrientationPatient", 6)).reshape(2, 3)
    normal = np.cross(cosines[0], cosines[1])
    places = np.array([read_numbers(frame.header, "ImagePositionPatient", 3) for frame in frames])
    order = np.argsort(places @ normal, kind="stable")
    frames, places = [frames[i] for i in order], places[order]
    told = {**_facts(first), "slices": len(frames), **_irregularities(places, normal, where)}
    pixels = _join(frames)
    voxels, affine, axes = canonical(pixels.transpose(2, 1, 0), _affine(first, cosines, places, normal))
    stack_axis = axes.index(2)
    flipped = (affine[:3, :3] @ np.eye(3)[stack_axis]) @ _to_ras(normal) < 0
    windows = {_window(frame.header) for frame in frames}
    if len(windows) > 1:
        told["window"] = "differs between slices; the first slice's is used"
    files = frames[::-1] if flipped else frames
    return Volume(
        voxels=voxels,
        affine=affine,
        spacing_mm=spacing_of(affine) if _pixel_spacing(first) else None,
        hashes=tuple(frame.sha256 for frame in files),
        names=tuple(frame.shown for frame in files),
        instances=tuple(frame.instance for frame in files),
        offsets_mm=_offsets(places, flipped),
        stack_axis=stack_axis,
        header_window=_window(first),
        inverted=first.get("PhotometricInterpretation") == "MONOCHROME1",
        sheared="tilt_deg" in told,
        steps=(Step(name="dicom", parameters=told),),
    )


def _join(frames: list[_Frame]) -> np.ndarray:
    """The frames' pixels in one array; each frame then keeps a view of it, so that no voxel is held twice."""
    dtype = np.result_type(*{frame.pixels.dtype for frame in frames})
    pixels = np.empty((len(frames), *frames[0].pixels.shape), dtype)
    for index, frame in enumerate(frames):
        pixels[index] = frame.pixels
        frame.pixels = pixels[index]
    return pixels


def _affine(header: Dataset, cosines: np.ndarray, places: np.ndarray, normal: np.ndarray) -> np.ndarray:
    spacing = _pixel_spacing(header) or (1.0, 1.0)
    if len(places) > 1:
        step = (places[-1] - places[0]) / (len(places) - 1)
    else:
        step = normal * _thickness(header)
    columns = [cosines[0] * spacing[1], cosines[1] * spacing[0], step, places[0]]
    affine = np.eye(4)
    affine[:3] = np.stack([_to_ras(column) for column in columns], axis=1)
    return affine


def _offsets(places: np.ndarray, flipped: bool) -> np.ndarray | None:
    """How far slices lie from even steps between the first and the last, in mm right, front, up; None if even."""
    even = np.linspace(places[0], places[-1], len(places))
    away = _to_ras(places - even)
    if len(places) < 3 or np.abs(away).max() < 1e-3:
        return None
    return away[::-1] if flipped else away


def _pixel_spacing(header: Dataset) -> tuple[float, float] | None:
    found = read_numbers(header, "PixelSpacing", 2) or read_numbers(header, "ImagerPixelSpacing", 2)
    if found is None:
        return None
    if min(found) <= 0:
        raise ImageError(f"a pixel spacing of {found}", reason="dicom.header")
    return found[0], found[1]


def _thickness(header: Dataset) -> float:
    found = read_number(header, "SpacingBetweenSlices", 0) or read_number(header, "SliceThickness", 0)
    return abs(found) or 1.0


def _to_ras(vector: np.ndarray) -> np.ndarray:
    turned: np.ndarray = vector * np.array([-1.0, -1.0, 1.0])
    return turned


def _irregularities(places: np.ndarray, normal: np.ndarray, where: str) -> dict[str, Any]:
    if len(places) < 2:
        return {}
    steps = np.diff(places @ normal)
    usual = float(np.median(steps))
    if steps.min() < 1e-3 or usual <= 0:
        raise ImageError("several slices lie at one place", where=where, reason="dicom.repeated_position")
    told: dict[str, Any] = {"step_mm": round(usual, 4)}
    wide = np.flatnonzero(np.abs(steps - usual) > UNEVEN * usual)
    if wide.size:
        told["uneven_after_mm"] = {str(int(i)): round(float(steps[i]), 4) for i in wide}
        told["gaps"] = int((steps > GAP * usual).sum())
    way = places[-1] - places[0]
    tilt = float(np.degrees(np.arccos(np.clip(way @ normal / np.linalg.norm(way), -1, 1))))
    if tilt > SHEARED_DEG:
        told["tilt_deg"] = round(tilt, 2)
    return told


def _facts(header: Dataset) -> dict[str, Any]:
    told: dict[str, Any] = {"modality": str(header.get("Modality") or "")}
    if str(header.get("BurnedInAnnotation") or "").upper() == "YES":
        told["burned_in_annotation"] = True
    return told


def _window(header: Dataset) -> tuple[float, float] | None:
    centre, width = read_numbers(header, "WindowCenter"), read_numbers(header, "WindowWidth")
    return None if centre is None or width is None else (centre[0], width[0])
