"""NIfTI pairs and the formats nibabel reads beside NIfTI: same voxels, same places, halves found, claims held."""

import gzip
import warnings

import h5py
import nibabel
import numpy as np
import pytest
from itk_truth import numbers, same_as_itk

import make
from gmai.errors import ImageError
from gmai.images import find_kind, open_image, peek, read_label_volume

AFFINE = np.array([[-0.5, 0.1, 0, 9], [0.1, 2, 0.2, -7], [0, -0.3, 3, 4], [0, 0, 0, 1.0]])


def volume_of(path, index=0):
    return open_image(path).volume(index)[0]


def reason_of(call, *arguments):
    with pytest.raises(ImageError) as error:
        call(*arguments)
    return error.value.reason


def same_as_nibabel(path, volume, index=0):
    """Compare with nibabel's voxels, one by one, at physical points."""
    with warnings.catch_warnings():  # nibabel leaves some files open
        warnings.simplefilter("ignore", ResourceWarning)
        image = nibabel.load(path)
        array = np.asanyarray(image.dataobj)
        getattr(getattr(image.dataobj, "file_like", None), "close", str)()
    array = array[..., index] if array.ndim > 3 else array
    to_voxel = np.linalg.inv(volume.affine) @ image.affine
    for place in np.ndindex(array.shape):
        x, y, z = np.rint((to_voxel @ (*place, 1))[:3]).astype(int)
        assert np.isclose(volume.voxels[z, y, x], array[place], rtol=1e-5), place
    assert volume.voxels.size == array.size


def saved(path, kind, array, affine=AFFINE):
    path.parent.mkdir(parents=True, exist_ok=True)
    nibabel.save(kind(array, affine), path)
    return path


@pytest.mark.parametrize("kind", [nibabel.Nifti1Pair, nibabel.Nifti2Pair])
@pytest.mark.parametrize("ending", [".img", ".img.gz"])
def test_a_nifti_pair_is_one_volume(tmp_path, kind, ending):
    image = saved(tmp_path / f"v{ending}", kind, numbers())
    header = tmp_path / f"v.hdr{'.gz' if ending.endswith('.gz') else ''}"
    assert [find_kind(path) for path in (header, image)] == ["nifti", "nifti"]
    for path in (header, image):
        volume = volume_of(path)
        same_as_nibabel(image, volume)
        assert volume.oriented and volume.steps[0].parameters["data"] == image.name
    assert peek(header, "a/v.hdr").parts == (f"a/{image.name}",)
    image.unlink()
    assert reason_of(volume_of, header) == "nifti.part_missing" == reason_of(peek, header, "v.hdr")


def test_a_nifti_volume_lies_where_itk_says(tmp_path):
    for name, code in (("a.nii", 1), ("b.nii.gz", 2)):
        rigid = np.diag([-0.5, 2, 3, 1.0])
        rigid[:3, 3] = 1, 2, 3
        path = make.nifti(tmp_path / name, numbers(), rigid, code)
        assert same_as_itk(path, volume_of(path)) == 7 * 6 * 5


def test_plain_voxels_are_mapped_and_not_read(tmp_path):
    path = make.nifti(tmp_path / "v.nii", numbers((4, 5, 6, 3)))
    base = volume_of(path, 1).voxels
    while base is not None and not isinstance(base, np.memmap):
        base = base.base
    assert isinstance(base, np.memmap) and base.nbytes == 4 * 5 * 6 * 2, "of several volumes only one is mapped"


def test_colours_of_nifti_stay_colours(tmp_path):
    colours = np.random.default_rng(0).integers(0, 255, (4, 5, 6, 3)).astype(np.uint8)
    packed = np.ascontiguousarray(colours).view([("R", "u1"), ("G", "u1"), ("B", "u1")])[..., 0]
    path = saved(tmp_path / "rgb.nii.gz", nibabel.Nifti1Image, packed, np.eye(4))
    volume = volume_of(path)
    assert volume.voxels.shape == (6, 5, 4, 3) and np.array_equal(volume.voxels[3, 2, 1], colours[1, 2, 3])


def test_of_four_dimensions_the_wanted_volume_is_read(tmp_path):
    array = numbers((4, 5, 6, 3))
    for name in ("v.nii", "v.nii.gz"):
        path = make.nifti(tmp_path / name, array)
        volume = volume_of(path, 2)
        same_as_nibabel(path, volume, 2)
        assert volume.steps[0].parameters["volume"] == 2 and peek(path, name).frames == 3
        assert reason_of(volume_of, path, 3) == "volume.index"
        assert reason_of(read_label_volume, path) == "labels.several"
    raw = (tmp_path / "v.nii").read_bytes()
    (tmp_path / "v.nii").write_bytes(raw[:-4])
    assert reason_of(volume_of, tmp_path / "v.nii") == "nifti.truncated", "the last volume is cut, the first is whole"


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.int32, np.float32])
@pytest.mark.parametrize("name", ["v.mgh", "v.mgz"])
def test_mgh(tmp_path, name, dtype):
    path = saved(tmp_path / name, nibabel.MGHImage, numbers(dtype=dtype))
    volume = volume_of(path)
    assert find_kind(path) == "neuro" and volume.oriented and volume.steps[0].parameters["format"] == "MGH"
    same_as_nibabel(path, volume)
    if dtype == np.int32:
        assert read_label_volume(path).voxels.dtype == np.int32


def test_analyze_does_not_say_how_it_lies(tmp_path):
    image = saved(tmp_path / "v.img", nibabel.AnalyzeImage, numbers(), np.diag([-1, 2, 3, 1.0]))
    assert find_kind(tmp_path / "v.hdr") == "neuro" == find_kind(image)
    volume = volume_of(tmp_path / "v.hdr")
    same_as_nibabel(image, volume)
    assert not volume.oriented and peek(tmp_path / "v.hdr", "v.hdr").parts == ("v.img",)


def minc2(path, array):
    """A MINC 2 file of voxels (z, y, x) whose real values are those stored."""
    with h5py.File(path, "w") as file:
        image = file.create_group("minc-2.0/image/0")
        places = file.create_group("minc-2.0/dimensions")
        for name, step, start in (("zspace", 3.0, 4.0), ("yspace", -2.0, 5.0), ("xspace", 1.5, 6.0)):
            place = places.create_dataset(name, data=np.int32(0))
            size = array.shape["zyx".index(name[0])]
            place.attrs.update({"step": step, "start": start, "length": size, "spacing": np.bytes_("regular__")})
        voxels = image.create_dataset("image", data=array, compression="gzip", chunks=array.shape)
        ends = (int(array.min()), int(array.max()))
        voxels.attrs.update({"dimorder": np.bytes_("zspace,yspace,xspace"), "valid_range": np.array(ends, float)})
        for name, end in zip(("image-min", "image-max"), ends, strict=True):
            image.create_dataset(name, data=np.float64(end)).attrs["dimorder"] = np.bytes_("")
    return path


def test_minc(tmp_path):
    path = minc2(tmp_path / "v.mnc", numbers())
    assert find_kind(path) == "neuro"
    same_as_nibabel(path, volume_of(path))
    assert find_kind(minc2(tmp_path / "by_content.h5", numbers())) == "neuro"
    with h5py.File(tmp_path / "other.h5", "w") as file:
        file["x"] = np.zeros(4)
    assert find_kind(tmp_path / "other.h5") == "raster"


def test_minc_that_points_at_another_file_is_refused(tmp_path):
    minc2(tmp_path / "secret.mnc", numbers())
    path = minc2(tmp_path / "link.mnc", numbers())
    with h5py.File(path, "a") as file:
        del file["minc-2.0/image/0/image"]
        file["minc-2.0/image/0/image"] = h5py.ExternalLink("secret.mnc", "/minc-2.0/image/0/image")
    assert reason_of(volume_of, path) == "neuro.outside"
    with h5py.File(path, "a") as file:
        del file["minc-2.0/image/0/image"]
        where = [(str(tmp_path / "secret.mnc"), 0, 420)]
        file.create_dataset("minc-2.0/image/0/image", (7, 6, 5), "i2", external=where)
    assert reason_of(volume_of, path) == "neuro.outside"
    path = minc2(tmp_path / "group.mnc", numbers())
    with h5py.File(path, "a") as file:
        del file["minc-2.0/dimensions"]
        file["minc-2.0/dimensions"] = h5py.ExternalLink("secret.mnc", "/minc-2.0/dimensions")
    assert reason_of(volume_of, path) == "neuro.outside"
    with h5py.File(path, "a") as file:
        del file["minc-2.0/dimensions"]
    assert reason_of(volume_of, path) == "neuro.unreadable"


def test_claims_beyond_the_file_are_refused_before_allocating(tmp_path):
    path = saved(tmp_path / "v.mgz", nibabel.MGHImage, numbers())
    raw = bytearray(gzip.decompress(path.read_bytes()))
    for sizes, reason in (((60000, 60000, 60000), "neuro.too_large"), ((700, 700, 700), "neuro.truncated")):
        raw[4:16] = np.array(sizes, ">i4").tobytes()
        path.write_bytes(gzip.compress(bytes(raw)))
        assert reason_of(volume_of, path) == reason
    with h5py.File(tmp_path / "v.mnc", "w") as file:
        file.create_dataset("minc-2.0/image/0/image", (700, 700, 700), "i2", chunks=(7, 7, 7))
        file.create_group("minc-2.0/dimensions")
    assert reason_of(volume_of, tmp_path / "v.mnc") == "neuro.truncated"


def test_damaged_files_and_lone_halves_are_refused(tmp_path):
    path = make.truncated(saved(tmp_path / "v.mgh", nibabel.MGHImage, numbers()))
    assert reason_of(volume_of, path) == "neuro.truncated"
    path = saved(tmp_path / "w.mgz", nibabel.MGHImage, np.random.default_rng(0).random((9, 9, 9)).astype(np.float32))
    assert reason_of(volume_of, make.truncated(path, 0.7)) == "neuro.truncated"
    image = saved(tmp_path / "a.img", nibabel.AnalyzeImage, numbers(), np.eye(4))
    (tmp_path / "a.hdr").rename(tmp_path / "b.hdr")
    assert reason_of(volume_of, tmp_path / "b.hdr") == "neuro.part_missing"
    assert find_kind(image) == "raster" and reason_of(peek, image, "a.img") == "image.not_a_picture"
    head = make.text(tmp_path / "x+orig.HEAD", "\ntype = string-attribute\nname = TYPESTRING\ncount = 4\n'abc~\n")
    assert find_kind(head) == "neuro" and reason_of(volume_of, head) == "neuro.part_missing"
    (tmp_path / "x+orig.BRIK").write_bytes(bytes(100))
    assert reason_of(volume_of, head) == "neuro.unreadable" == reason_of(peek, tmp_path / "x+orig.BRIK", "x+orig.BRIK")


REAL = {
    "test.mgz": "MGH",
    "tiny.mnc": "MINC 1",
    "small.mnc": "MINC 2",
    "minc2_1_scale.mnc": "MINC 2",
    "scaled+tlrc.HEAD": "AFNI",
    "phantom_EPI_asc_CLEAR_2_1.PAR": "PAR/REC",
}


@pytest.mark.data
@pytest.mark.parametrize("name", sorted(REAL))
def test_real_files_of_every_format(data, name):
    path = data / "volumes/nibabel_testdata" / name
    volume = volume_of(path)
    assert volume.steps[0].parameters["format"] == REAL[name] and volume.oriented
    same_as_nibabel(path, volume)
    if (count := volume.steps[0].parameters.get("volumes", 1)) > 1:
        same_as_nibabel(path, volume_of(path, count - 1), count - 1)
