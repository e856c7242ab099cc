"""MetaImage volumes: the same value at the same place as SimpleITK says."""

import zlib

import numpy as np
import pytest
import SimpleITK
from itk_truth import itk_image, numbers, oblique, same_as_itk

from gmai.errors import ImageError
from gmai.images import find_kind, open_image, peek, read_label_volume

HEADER = """ObjectType = Image
NDims = {axes}
BinaryData = {binary}
BinaryDataByteOrderMSB = {msb}
CompressedData = {packed}
TransformMatrix = 1 0 0 0 1 0 0 0 1
Offset = 1 2 3
ElementSpacing = 0.5 0.75 2
DimSize = {sizes}
ElementType = {type}
{more}ElementDataFile = {data}
"""


def meta(path, array, data="LOCAL", *, type="MET_SHORT", more="", packed=False, binary=True, msb=False):
    """Write a MetaImage of voxels (k, j, i) whose header says what it is told to."""
    sizes = " ".join(map(str, reversed(array.shape)))
    text = HEADER.format(
        axes=array.ndim, binary=binary, msb=msb, packed=packed, sizes=sizes, type=type, more=more, data=data
    )
    raw = array.tobytes() if binary else " ".join(map(str, array.ravel())).encode()
    raw = zlib.compress(raw) if packed else raw
    path.write_bytes(text.encode() + (raw if data == "LOCAL" else b""))
    if data != "LOCAL":
        (path.parent / data).write_bytes(raw)
    return path


def volume_of(path, index=0):
    return open_image(path).volume(index)[0]


def reason_of(call, *arguments):
    with pytest.raises(ImageError) as error:
        call(*arguments)
    return error.value.reason


@pytest.mark.parametrize("name", ["v.mha", "v.mhd"])
@pytest.mark.parametrize("compress", [False, True])
@pytest.mark.parametrize("flip", [(1, 1, 1), (-1, 1, 1), (1, -1, -1)])
def test_what_itk_wrote_is_read_where_itk_reads_it(tmp_path, name, compress, flip):
    path = tmp_path / name
    SimpleITK.WriteImage(itk_image(numbers(), *oblique(flip=flip)), str(path), useCompression=compress)
    volume = volume_of(path)
    assert find_kind(path) == "metaimage" and volume.oriented
    assert same_as_itk(path, volume) == 7 * 6 * 5
    data = {"v.mha": (), "v.mhd": ("v.zraw",) if compress else ("v.raw",)}[name]
    assert peek(path, name).parts == data


@pytest.mark.parametrize("dtype", [np.uint8, np.int8, np.uint16, np.int32, np.uint32, np.int64, np.float32, np.float64])
def test_every_type_of_voxel(tmp_path, dtype):
    path = tmp_path / "v.mha"
    SimpleITK.WriteImage(itk_image(numbers(dtype=dtype), *oblique()), str(path))
    same_as_itk(path, volume_of(path))


def test_byte_order_text_and_skipped_headers(tmp_path):
    array = numbers()
    big = meta(tmp_path / "big.mha", array.astype(">i2"), msb=True)
    same_as_itk(big, volume_of(big))
    text = meta(tmp_path / "text.mha", array, binary=False)
    assert np.array_equal(volume_of(text).voxels, volume_of(big).voxels)  # SimpleITK reads no text
    skipped = meta(tmp_path / "skip.mhd", array, "skip.raw", more="HeaderSize = -1\n")
    (tmp_path / "skip.raw").write_bytes(b"x" * 33 + array.tobytes())
    same_as_itk(skipped, volume_of(skipped))


def test_several_channels_and_volumes(tmp_path):
    colours = np.random.default_rng(0).integers(0, 255, (3, 4, 5, 3)).astype(np.uint8)
    path = tmp_path / "rgb.mha"
    SimpleITK.WriteImage(itk_image(colours, *oblique(turn=0), vector=True), str(path))
    same_as_itk(path, volume_of(path))
    vectors = numbers((3, 4, 5, 2), np.float32)
    path = tmp_path / "vector.mha"
    SimpleITK.WriteImage(itk_image(vectors, (1, 1, 1), (0, 0, 0), np.diag([-1, -1, 1]), vector=True), str(path))
    volume = volume_of(path, 1)
    assert np.array_equal(volume.voxels, vectors[..., 1]) and volume.steps[0].parameters["volumes"] == 2
    path = meta(tmp_path / "four.mha", numbers((3, 4, 5, 6)))
    text = path.read_bytes().replace(b"1 0 0 0 1 0 0 0 1", b"-1 0 0 0 0 -1 0 0 0 0 1 0 0 0 0 1")
    path.write_bytes(text.replace(b"Offset = 1 2 3", b"Offset = 1 2 3 0").replace(b"0.5 0.75 2", b"1 1 1 1"))
    assert np.array_equal(volume_of(path, 2).voxels, numbers((3, 4, 5, 6))[2])


def test_without_a_matrix_nobody_knows_how_it_lies(tmp_path):
    path = meta(tmp_path / "v.mha", numbers())
    path.write_bytes(path.read_bytes().replace(b"TransformMatrix = 1 0 0 0 1 0 0 0 1\n", b""))
    volume = volume_of(path)
    assert not volume.oriented and "orientation" in volume.steps[0].parameters
    same_as_itk(path, volume)


def test_a_flat_picture_is_a_volume_of_one_slice(tmp_path):
    path = tmp_path / "flat.mha"
    SimpleITK.WriteImage(SimpleITK.GetImageFromArray(numbers((4, 6))), str(path))
    volume = volume_of(path)
    assert not volume.oriented, "ITK writes a matrix for an X-ray too, which says nothing of the patient"
    assert volume.voxels.shape == (1, 4, 6) and np.array_equal(np.sort(volume.voxels.ravel()), np.arange(24))


def test_label_maps(tmp_path):
    path = meta(tmp_path / "l.mha", (numbers() % 4).astype(np.int16), packed=True)
    assert sorted(np.unique(read_label_volume(path).voxels)) == [0, 1, 2, 3]


@pytest.mark.parametrize("name", ["../v.raw", "/etc/hostname", "..\\v.raw"])
def test_voxels_outside_the_folder_are_never_read(tmp_path, name):
    home = tmp_path / "home"
    home.mkdir()
    (tmp_path / "v.raw").write_bytes(numbers().tobytes())
    path = meta(home / "v.mhd", numbers(), "inside.raw")
    path.write_bytes(path.read_bytes().replace(b"inside.raw", name.encode()))
    assert reason_of(volume_of, path) == "metaimage.outside"


def test_what_is_damaged_is_refused(tmp_path):
    for told, options in (("raw", {}), ("packed", {"packed": True}), ("text", {"binary": False})):
        path = meta(tmp_path / f"{told}.mha", numbers(), **options)
        path.write_bytes(path.read_bytes()[:-30])
        assert reason_of(volume_of, path) == "metaimage.truncated", told
    assert reason_of(volume_of, meta(tmp_path / "t.mha", numbers(), type="MET_STRING")) == "metaimage.dtype"
    with pytest.raises(ImageError, match="SimpleITK"):
        volume_of(meta(tmp_path / "list.mhd", numbers(), "v%03d.raw"))
    path = meta(tmp_path / "gone.mhd", numbers(), "gone.raw")
    (tmp_path / "gone.raw").unlink()
    assert reason_of(volume_of, path) == "metaimage.part_missing"
    path = meta(tmp_path / "n.mha", numbers())
    path.write_bytes(path.read_bytes().replace(b"0.5 0.75 2", b"0.5 nan 2"))
    assert reason_of(volume_of, path) == "metaimage.unreadable"
    path.write_bytes(path.read_bytes().replace(b"0.5 nan 2", b"0.5 0 2"))
    assert reason_of(volume_of, path) == "volume.affine"


@pytest.mark.parametrize("packed", [False, True])
def test_a_header_that_claims_too_much_is_refused_before_allocating(tmp_path, packed):
    for sizes, reason in ((b"60000 60000 60000", "metaimage.too_large"), (b"700 700 700", "metaimage.truncated")):
        path = meta(tmp_path / "v.mha", numbers(), packed=packed)
        path.write_bytes(path.read_bytes().replace(b"DimSize = 5 6 7", b"DimSize = " + sizes))
        assert reason_of(volume_of, path) == reason
