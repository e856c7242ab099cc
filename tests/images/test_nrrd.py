"""NRRD volumes: the same value at the same place as SimpleITK says, whatever way the voxels are written."""

import bz2
import gzip

import numpy as np
import pytest
import SimpleITK
from itk_truth import itk_image, numbers, oblique, same_as_itk

from gmai.errors import ImageError
from gmai.images import find_kind, open_image, peek, read_label_volume

HEADER = """NRRD0005
# made for a test
type: {type}
dimension: {dimension}
sizes: {sizes}
encoding: {encoding}
endian: little
"""


def nrrd(path, array, more="", *, encoding="raw", data=None, type="short", header=HEADER):
    """Write an NRRD of voxels (…, k, j, i); ``data`` names a detached file, ``more`` are further header lines."""
    sizes = " ".join(map(str, reversed(array.shape)))
    text = header.format(type=type, dimension=array.ndim, sizes=sizes, encoding=encoding) + more
    raw = array.tobytes()
    packed = {"raw": raw, "gzip": gzip.compress(raw), "bzip2": bz2.compress(raw)}.get(encoding)
    if packed is None:
        packed = " ".join(map(str, array.ravel())).encode()
    if data is None:
        path.write_bytes(text.encode() + b"\n" + packed)
    else:
        path.write_bytes((text + f"data file: {data}\n").encode())
        (path.parent / data).parent.mkdir(parents=True, exist_ok=True)
        (path.parent / data).write_bytes(packed)
    return path


SPACE = "space: left-posterior-superior\nspace directions: (0.5,0,0) (0,0.7,0.1) (0,-0.2,3)\nspace origin: (4,-5,6)\n"


def volume_of(path, index=0):
    return open_image(path).volume(index)[0]


def reason_of(call, *arguments):
    with pytest.raises(ImageError) as error:
        call(*arguments)
    return error.value.reason


@pytest.mark.parametrize("flip", [(1, 1, 1), (-1, 1, 1), (1, -1, -1)])
@pytest.mark.parametrize("compress", [False, True])
def test_what_itk_wrote_is_read_where_itk_reads_it(tmp_path, flip, compress):
    path = tmp_path / "v.nrrd"
    SimpleITK.WriteImage(itk_image(numbers(), *oblique(flip=flip)), str(path), useCompression=compress)
    assert find_kind(path) == "nrrd"
    assert same_as_itk(path, volume_of(path)) == 7 * 6 * 5


@pytest.mark.parametrize("dtype", [np.uint8, np.int8, np.uint16, np.int32, np.uint32, np.int64, np.float32, np.float64])
def test_every_type_of_voxel(tmp_path, dtype):
    path = tmp_path / "v.nrrd"
    SimpleITK.WriteImage(itk_image(numbers(dtype=dtype), *oblique()), str(path))
    same_as_itk(path, volume_of(path))


@pytest.mark.parametrize("encoding", ["raw", "gzip", "bzip2", "ascii"])
@pytest.mark.parametrize("data", [None, "voxels.raw", "below/voxels.raw"])
def test_every_encoding_attached_and_detached(tmp_path, encoding, data):
    path = nrrd(tmp_path / ("v.nhdr" if data else "v.nrrd"), numbers(), SPACE, encoding=encoding, data=data)
    volume = volume_of(path)
    found = set(volume.voxels.ravel().tolist())
    assert volume.voxels.shape == (7, 6, 5) and found == set(range(7 * 6 * 5))
    if encoding != "bzip2":  # which SimpleITK does not read
        same_as_itk(path, volume)
    told = volume.steps[0].parameters
    assert told.get("data") == (data and data.rpartition("/")[2]) and ("data_sha256" in told) == bool(data)
    assert peek(path, f"a/{path.name}").parts == ((f"a/{data}",) if data else ())


@pytest.mark.parametrize(
    ("space", "sides"),
    [("right-anterior-superior", (1, 1, 1)), ("LAS", (-1, 1, 1)), ("left-posterior-superior", (-1, -1, 1))],
)
def test_each_space_is_carried_to_ras(tmp_path, space, sides):
    more = f"space: {space}\nspace directions: (2,0,0) (0,3,0) (0,0,4)\nspace origin: (10,20,30)\n"
    volume = volume_of(nrrd(tmp_path / "v.nrrd", numbers(), more))
    corner = np.linalg.inv(volume.affine) @ (*np.multiply(sides, (10, 20, 30)), 1)
    a, b, c = np.rint(corner[:3]).astype(int)
    assert volume.voxels[c, b, a] == numbers()[0, 0, 0] and volume.oriented
    assert volume.spacing_mm == (4.0, 3.0, 2.0)


def test_a_file_without_space_is_taken_for_lps_and_told(tmp_path):
    path = nrrd(tmp_path / "v.nrrd", numbers(), "spacings: 0.5 0.75 2\n")
    volume = volume_of(path)
    assert not volume.oriented and "orientation" in volume.steps[0].parameters
    same_as_itk(path, volume)


def test_micrometres_become_millimetres(tmp_path):
    path = nrrd(tmp_path / "v.nrrd", numbers(), SPACE + 'space units: "um" "um" "um"\n')
    assert np.allclose(
        volume_of(path).spacing_mm, np.array([np.hypot(0.2, 3), np.hypot(0.7, 0.1), 0.5]) / 1000, rtol=2e-3
    )


def test_of_several_volumes_the_wanted_one_is_read(tmp_path):
    array = numbers((3, 4, 5, 6))
    last = "space: RAS\nspace directions: (1,0,0) (0,1,0) (0,0,1) none\nspace origin: (0,0,0)\n"
    first = "space: RAS\nspace directions: none (1,0,0) (0,1,0) (0,0,1)\nspace origin: (0,0,0)\n"
    kinds = "spacings: 1 1 1 nan\nkinds: space space space list\n"
    assert np.array_equal(volume_of(nrrd(tmp_path / "kinds.nrrd", array, kinds), 1).voxels[:, ::-1, ::-1], array[1])
    one = volume_of(nrrd(tmp_path / "last.nrrd", array, last), 1)
    assert np.array_equal(one.voxels, array[1])
    assert one.steps[0].parameters == {"volumes": 3, "volume": 1, "axes": "ijk"}
    two = volume_of(nrrd(tmp_path / "first.nrrd", np.ascontiguousarray(np.moveaxis(array, 0, 3)), first), 2)
    assert np.array_equal(two.voxels, array[2])
    assert reason_of(volume_of, tmp_path / "last.nrrd", 3) == "volume.index"
    assert reason_of(read_label_volume, tmp_path / "last.nrrd") == "labels.several"


def test_colours_stay_colours(tmp_path):
    array = np.random.default_rng(0).integers(0, 255, (3, 4, 5, 3)).astype(np.uint8)
    path = tmp_path / "rgb.nrrd"
    SimpleITK.WriteImage(itk_image(array, *oblique(turn=0), vector=True), str(path))
    volume = volume_of(path)
    assert volume.voxels.shape == (3, 4, 5, 3) and volume.voxels.dtype == np.uint8
    same_as_itk(path, volume)


def test_a_label_map_is_read_whole_numbers_only(tmp_path):
    labels = (numbers() % 3).astype(np.int16)
    found = read_label_volume(nrrd(tmp_path / "l.nrrd", labels, SPACE))
    assert found.voxels.dtype == np.int32 and sorted(np.unique(found.voxels)) == [0, 1, 2]
    halves = nrrd(tmp_path / "f.nrrd", labels.astype(np.float32) + 0.5, SPACE, type="float")
    assert reason_of(read_label_volume, halves) == "labels.not_whole"


@pytest.mark.parametrize("name", ["../v.raw", "/etc/hostname", "a/../../v.raw", "C:\\v.raw"])
def test_voxels_outside_the_folder_are_never_read(tmp_path, name):
    home = tmp_path / "home"
    home.mkdir()
    (tmp_path / "v.raw").write_bytes(numbers().tobytes())
    text = HEADER.format(type="short", dimension=3, sizes="5 6 7", encoding="raw") + f"data file: {name}\n"
    (home / "v.nhdr").write_text(text)
    assert reason_of(volume_of, home / "v.nhdr") == "nrrd.outside"
    assert reason_of(peek, home / "v.nhdr", "v.nhdr") == "nrrd.outside"


def test_what_is_damaged_is_refused(tmp_path):
    whole = {
        each: nrrd(tmp_path / f"{each}.nrrd", numbers(), encoding=each) for each in ("raw", "gzip", "bzip2", "ascii")
    }
    for path in whole.values():
        path.write_bytes(path.read_bytes()[:-40])
        assert reason_of(volume_of, path) == "nrrd.truncated", path
    assert reason_of(volume_of, nrrd(tmp_path / "b.nrrd", numbers(), type="block")) == "nrrd.dtype"
    assert reason_of(volume_of, nrrd(tmp_path / "h.nrrd", numbers(), encoding="hex")) == "nrrd.unsupported"
    (tmp_path / "list.nhdr").write_text(
        HEADER.format(type="short", dimension=3, sizes="5 6 7", encoding="raw") + "data file: LIST\na.raw\n"
    )
    with pytest.raises(ImageError, match="SimpleITK|says nothing"):
        volume_of(tmp_path / "list.nhdr")
    (tmp_path / "gone.nhdr").write_text(
        HEADER.format(type="short", dimension=3, sizes="5 6 7", encoding="raw") + "data file: a.raw\n"
    )
    assert reason_of(volume_of, tmp_path / "gone.nhdr") == "nrrd.part_missing"
    flat = "space: RAS\nspace directions: (1,0,0) (1,0,0) (0,0,1)\nspace origin: (0,0,0)\n"
    assert reason_of(volume_of, nrrd(tmp_path / "s.nrrd", numbers(), flat)) == "volume.affine"
    words = "space: RAS\nspace directions: (a,0,0) (1,0,0) (0,0,1)\n"
    assert reason_of(volume_of, nrrd(tmp_path / "w.nrrd", numbers(), words)) == "nrrd.unreadable"


@pytest.mark.parametrize("encoding", ["raw", "gzip", "ascii"])
def test_a_header_that_claims_too_much_is_refused_before_allocating(tmp_path, encoding):
    for sizes, reason in (("60000 60000 60000", "nrrd.too_large"), ("700 700 700", "nrrd.truncated")):
        text = HEADER.format(type="double", dimension=3, sizes=sizes, encoding=encoding)
        (tmp_path / "bomb.nrrd").write_bytes(text.encode() + b"\n" + gzip.compress(bytes(64)))
        assert reason_of(volume_of, tmp_path / "bomb.nrrd") == reason
    endless = tmp_path / "endless.nrrd"
    endless.write_bytes(b"NRRD0004\n" + b"a: b\n" * 300_000)
    assert reason_of(volume_of, endless) == "nrrd.unreadable"
