"""Each case as others do it, in an environment of their own (``make bench-peers``): nothing of gmai is imported.

``medsam`` and ``pixel_loop`` are scripts of our own that take the steps of MedSAM's preparation of CT (resized to
1024 x 1024 by cubic splines, float64 in .npy) and of BiomedParse's way with label maps (a loop over pixels that fills a
picture for each colour, contours traced on each). They bring so much less a second that they get fewer inputs.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

Round = Callable[[], float]


def pydicom_headers(folder: Path) -> Round:
    """As its manual says: the header of each file, and what is needed to sort it into its series."""
    import pydicom

    names = ("SeriesInstanceUID", "SOPInstanceUID", "PatientID", "Modality", "Rows", "Columns", "PixelSpacing")
    places = ("ImageOrientationPatient", "ImagePositionPatient")

    def work() -> float:
        series: dict[str, list[Any]] = {}
        for path in sorted(folder.rglob("*.dcm")):
            header = pydicom.dcmread(path, stop_before_pixels=True)
            found = [header.get(name) for name in (*names, *places)]
            series.setdefault(found[0], []).append((path, found))
        assert len(series) == 10
        return sum(map(len, series.values()))

    return work


def _windowed(folder: Path) -> Any:
    """SimpleITK's series as MedSAM windows it: float64 from 0 to 255."""
    import numpy as np
    import SimpleITK

    reader = SimpleITK.ImageSeriesReader()
    reader.SetFileNames(reader.GetGDCMSeriesFileNames(str(folder)))
    voxels = SimpleITK.GetArrayFromImage(reader.Execute())
    low, high = 40 - 400 / 2, 40 + 400 / 2
    clipped = np.clip(voxels, low, high)
    return np.uint8((clipped - clipped.min()) / (clipped.max() - clipped.min()) * 255.0)


def plain_slices(folder: Path) -> Round:
    """A plain script: SimpleITK reads, numpy windows, each slice as float64 in .npy at its own size."""
    import numpy as np

    out = folder.parent / "plain_out"
    out.mkdir(exist_ok=True)

    def work() -> float:
        done = 0
        for series in sorted(folder.iterdir()):
            for plane in _windowed(series):
                np.save(out / f"{done}.npy", plane / 255.0)
                done += 1
        return done

    return work


def medsam(folder: Path) -> Round:
    """The first two slices of a series, read with the whole series."""
    import numpy as np
    from skimage import transform

    out = folder.parent / "medsam_out"
    out.mkdir(exist_ok=True)
    planes = _windowed(sorted(folder.iterdir())[0])[
        19:21
    ]  # read beforehand: of 40 slices it would weigh too much on two

    def work() -> float:
        for number, plane in enumerate(planes):
            colour = np.repeat(plane[:, :, None], 3, axis=-1)
            large = transform.resize(
                colour, (1024, 1024), order=3, preserve_range=True, mode="constant", anti_aliasing=True
            )
            scaled = (large - large.min()) / np.clip(large.max() - large.min(), a_min=1e-8, a_max=None)
            np.save(out / f"{number}.npy", scaled)
        return len(planes)

    return work


def coco_api(folder: Path) -> Round:
    """pycocotools: the index, then the outlines of every picture; nothing is checked."""
    import contextlib
    import io

    from pycocotools.coco import COCO

    def work() -> float:
        with contextlib.redirect_stdout(io.StringIO()):
            found = COCO(str(folder / "annotations" / "instances_all.json"))
        outlines = sum(len(found.loadAnns(found.getAnnIds(imgIds=[image]))) for image in found.getImgIds())
        assert outlines == 50_000
        return len(found.imgs)

    return work


def datumaro(folder: Path) -> Round:
    from datumaro import Dataset, Polygon

    def work() -> float:
        outlines = pictures = 0
        for item in Dataset.import_from(str(folder), "coco_instances"):
            pictures += 1
            outlines += sum(isinstance(each, Polygon) for each in item.annotations)
        assert (pictures, outlines) == (5000, 50_000)
        return pictures

    return work


def supervision(folder: Path) -> Round:
    """100 pictures: it holds the mask of every outline as pixels."""
    from supervision import DetectionDataset

    def work() -> float:
        found = DetectionDataset.from_coco(str(folder / "images"), str(folder / "few.json"), force_masks=True)
        outlines = sum(len(detections) for _, _, detections in found)
        assert outlines == 1000
        return len(found)

    return work


def regionprops(folder: Path) -> Round:
    """scikit-image: area, box, centroid and Feret diameter of each class, and run-length code by pycocotools."""
    import numpy as np
    from PIL import Image
    from pycocotools import mask as coco
    from skimage.measure import regionprops as measure

    paths = sorted(folder.iterdir())[:5]

    def work() -> float:
        for path in paths:
            values = np.asarray(Image.open(path))
            for region in measure(values):
                assert region.area and region.bbox and region.centroid and region.feret_diameter_max
                coco.encode(np.asfortranarray((values == region.label).astype(np.uint8)))
        return len(paths)

    return work


def pixel_loop(folder: Path) -> Round:
    """One map: as BiomedParse's create_sub_masks, pixel by pixel, then contours of each class."""
    import numpy as np
    from PIL import Image
    from skimage.measure import find_contours

    path = sorted(folder.iterdir())[0]

    def work() -> float:
        picture = Image.open(path)
        width, height = picture.size
        found: dict[int, Image.Image] = {}
        for x in range(width):
            for y in range(height):
                value = picture.getpixel((x, y))
                if value:
                    if value not in found:
                        found[value] = Image.new("1", (width + 2, height + 2))
                    found[value].putpixel((x + 1, y + 1), 1)
        for inside in found.values():
            find_contours(np.asarray(inside), 0.5, positive_orientation="low")
        return 1

    return work


def imagehash(folder: Path) -> Round:
    import imagehash as library
    from PIL import Image

    paths = sorted(folder.iterdir())

    def work() -> float:
        assert len({str(library.dhash(Image.open(path))) for path in paths}) == len(paths)
        return len(paths)

    return work


def openslide(folder: Path) -> Round:
    """Every tile of the grid, without looking for tissue."""
    import openslide as library

    return _slide(library.OpenSlide, folder)


def tiffslide(folder: Path) -> Round:
    """As openslide."""
    from tiffslide import TiffSlide

    return _slide(TiffSlide, folder)


def _slide(kind: Any, folder: Path) -> Round:
    import numpy as np

    def work() -> float:
        slide, done = kind(str(folder / "slide.tif")), 0
        for y in range(0, 8192, 512):
            for x in range(0, 8192, 512):
                np.asarray(slide.read_region((x, y), 0, (512, 512)).convert("RGB"))
                done += 1
        slide.close()
        return done

    return work


def deid(folder: Path) -> Round:
    """pydicom's deid with its default recipe, a new file for each."""
    from deid.config import DeidRecipe
    from deid.dicom import get_identifiers, replace_identifiers

    paths = [str(path) for path in sorted(folder.rglob("*.dcm"))[:10]]
    out = folder.parent / "peer_deid_out"
    out.mkdir(exist_ok=True)
    recipe = DeidRecipe()

    def work() -> float:
        ids = get_identifiers(paths)
        done = replace_identifiers(
            dicom_files=paths, deid=recipe, ids=ids, save=True, overwrite=True, output_folder=str(out)
        )
        assert len(done) == len(paths)
        return len(paths)

    return work


def pillow_again(folder: Path) -> Round:
    """The usual way: decode and encode again, which changes the pixels of JPEG."""
    from PIL import Image

    paths = sorted(folder.iterdir())
    out = folder.parent / f"pillow{paths[0].suffix}"

    def work() -> float:
        for path in paths:
            picture = Image.open(path)
            picture.info.clear()
            picture.save(out)
        return sum(path.stat().st_size for path in paths) / 1e6

    return work
