"""Every cleaner, its files damaged: cleaned, or refused with a reason; nothing else, ever.

No cleaner decodes a pixel, so that all of this can run in one process.
"""

import random
import warnings
from collections import Counter

import pytest
from mutation import damage
from subjects import SUBJECTS

from gmai.errors import ImageError
from gmai.images import CLEANERS, find_clean_kind

SLICE = 20
MANY = 5_000
CLEANED = (
    *("png", "png palette", "jpeg", "jpeg turned", "tiff", "tiff lzw", "bmp", "gif", "webp", "slides"),
    *("nifti", "nifti gz", "nrrd", "nrrd packed", "metaimage", "metaimage packed", "npz arrays", "npy"),
    *("dicom", "dicom rle", "dicom palette", "dicom frames", "dicom_seg", "rtstruct"),
)


def besiege(name, root, count):
    """Outcomes of ``count`` damaged files: ``cleaned``, ``left out`` (of no kind that is cleaned), or a reason."""
    subject = SUBJECTS[name]
    subject.write(root)
    targets = sorted(path for glob in subject.targets for path in root.glob(glob))
    found = Counter()
    for index in range(count):
        target = targets[index % len(targets)]
        path = target.with_name(f"damaged{target.suffix}")
        data = damage(target.read_bytes(), random.Random(f"{name} {index}"))
        path.write_bytes(data)
        found[clean(path, data)] += 1
    return found


def clean(path, data):
    kind = find_clean_kind(path)
    if kind is None:
        return "left out"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            CLEANERS.get(kind)(data, lambda name: "other")
        except ImageError as error:
            assert error.message and "." in error.reason
            return error.reason
    return "cleaned"


@pytest.mark.parametrize("name", CLEANED)
def test_a_seeded_slice_is_cleaned_or_refused(name, tmp_path):
    found = besiege(name, tmp_path, SLICE)
    assert found["left out"] < SLICE and found.total() == SLICE


@pytest.mark.slow
@pytest.mark.parametrize("name", CLEANED)
def test_many_damaged_files_are_cleaned_or_refused(name, tmp_path):
    found = besiege(name, tmp_path, MANY)
    assert found["cleaned"] and found["left out"] < MANY and found.total() == MANY


def test_every_cleaner_is_attacked(tmp_path):
    kinds = set()
    for name in CLEANED:
        root = tmp_path / name.replace(" ", "-")
        root.mkdir()
        SUBJECTS[name].write(root)
        kinds |= {find_clean_kind(path) for glob in SUBJECTS[name].targets for path in root.glob(glob)}
    assert kinds == set(CLEANERS.names())
