"""A label map lies on its image whatever formats the two are in: compared by place, never by order in the file."""

import nibabel
import numpy as np
import pytest
import SimpleITK

import make
from gmai.base import JobConfig
from gmai.corpus import iter_samples
from gmai.images import decode_mask, decode_picture
from gmai.sources import IngestConfig, ingest

AFFINE = np.diag([2.0, 3.0, 4.0, 1.0])
AFFINE[:3, 3] = 5, -6, 7


def scan():
    """A scan (i, j, k) with a bright block in one corner, and the label of that block."""
    array = np.full((10, 8, 6), 20, np.int16)
    array[6:9, 1:3, 1:5] = 900
    return array, (array == 900).astype(np.int16) * 3


def write(path, array):
    """Write an array (i, j, k) of ``AFFINE``, stored in another order where the format likes it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix in {".mgz", ".nii", ".img"}:
        kind = {".mgz": nibabel.MGHImage, ".nii": nibabel.Nifti1Image, ".img": nibabel.Nifti1Pair}[path.suffix]
        flipped = AFFINE @ np.array([[-1, 0, 0, 9], [0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1.0]])
        nibabel.save(kind(array[::-1].astype(np.int32 if path.suffix == ".mgz" else np.int16), flipped), path)
    else:
        image = SimpleITK.GetImageFromArray(array.transpose(2, 1, 0))
        image.SetSpacing((2, 3, 4))
        image.SetOrigin((-5, 6, 7))
        image.SetDirection((-1, 0, 0, 0, -1, 0, 0, 0, 1))
        SimpleITK.WriteImage(image, str(path))


def ingested(tmp_path, image, label, **fields):
    array, labels = scan()
    root = tmp_path / "files"
    write(root / "images" / f"a{image}", array)
    write(root / "labels" / f"a{label}", labels)
    named = ".hdr" if image == ".img" else image
    options = {"images": f"images/*{named}", "labels": f"labels/{{stem}}{label}"}
    given = {"format": "volumes", "modality": "MRI", "options": options, "slices": {"mode": "largest", "count": 2}}
    card = make.write_card(tmp_path / "card.yaml", **{**given, **fields})
    return ingest(IngestConfig(card=str(card), root=root, out=tmp_path / "raw", job=JobConfig(workers=0)))


@pytest.mark.parametrize("label", [".nii", ".nrrd", ".mha", ".mhd", ".mgz", ".nhdr", ".img"])
@pytest.mark.parametrize("image", [".nii", ".nrrd", ".mhd", ".mgz"])
def test_the_mask_covers_what_is_bright(tmp_path, image, label):
    summary = ingested(tmp_path, image, label)
    assert summary.reasons == {} and summary.accepted["picture"] == 2 == summary.accepted["region"]
    for stored in iter_samples(tmp_path / "raw"):
        (mask,) = stored.sample.annotations
        pixels = decode_picture(stored.pictures[0])[..., 0]
        inside = decode_mask(mask.rle, mask.size) != 0
        assert mask.raw == "3" and np.array_equal(inside, pixels > 128), (image, label)


def test_a_label_map_somewhere_else_is_refused(tmp_path):
    array, labels = scan()
    root = tmp_path / "files"
    write(root / "images/a.nrrd", array)
    make.nifti(root / "labels/a.nii", labels, np.diag([2.0, 3.0, 4.0, 1.0]))
    options = {"images": "images/*.nrrd", "labels": "labels/{stem}.nii"}
    card = make.write_card(tmp_path / "card.yaml", format="volumes", modality="MRI", options=options)
    summary = ingest(IngestConfig(card=str(card), root=root, out=tmp_path / "raw", job=JobConfig(workers=0)))
    assert summary.reasons == {"volume.place_mismatch": 1}
