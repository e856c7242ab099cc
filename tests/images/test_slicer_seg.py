"""Segmentations of 3D Slicer: named segments, overlapping layers, cut to a box and laid on the image by place."""

import gzip

import numpy as np
import pytest

import make
from gmai.annotations import RegionFile
from gmai.errors import ImageError
from gmai.images import find_kind, open_image, read_regions

TAGS = "TerminologyEntry:Segmentation category and type~SCT^85756007^Tissue~SCT^{code}^{meaning}~^^~Anatomic~^^~^^|"
IMAGE_AFFINE = np.diag([-2.0, -3.0, 4.0, 1.0])  # LPS spacing 2, 3, 4


def seg(path, layers, origin=(0, 0, 0), segments=((0, "liver", 1, 0),), *, old=False, kinds=True):
    """Write layers (layer, k, j, i) as Slicer does; ``segments`` are (number, name, value, layer)."""
    several = len(layers) > 1
    depth, height, width = layers[0].shape
    lines = ["NRRD0004", "type: unsigned char", f"dimension: {3 + several}", "space: left-posterior-superior"]
    lines += [f"sizes: {f'{len(layers)} ' if several else ''}{width} {height} {depth}"]
    lines += [f"space directions: {'none ' if several else ''}(2,0,0) (0,3,0) (0,0,4)"]
    lines += [f"kinds: {'list ' if several else ''}domain domain domain"] if kinds else []
    lines += ["encoding: gzip", f"space origin: ({','.join(map(str, origin))})"]
    for number, name, value, layer in segments:
        lines += [f"Segment{number}_ID:=Segment_{number}", f"Segment{number}_Name:={name}"]
        lines += [] if old else [f"Segment{number}_LabelValue:={value}", f"Segment{number}_Layer:={layer}"]
        lines += [f"Segment{number}_Tags:={TAGS.format(code=100 + number, meaning=name.title())}"]
    stored = np.stack(layers, axis=-1) if several else layers[0]
    packed = gzip.compress(np.ascontiguousarray(stored).astype(np.uint8).tobytes())
    path.write_bytes("\n".join(lines).encode() + b"\n\n" + packed)
    return path


def image_of(tmp_path):
    """An image of 10 x 12 x 8 voxels (i, j, k), LPS, its first voxel at the origin."""
    return open_image(make.nifti(tmp_path / "v.nii", np.zeros((10, 12, 8), np.int16), IMAGE_AFFINE)).volume()[0]


def cuts(regions, volume):
    """Segment (number, name) to its voxels (k, j, i) of the image as LPS stores them."""
    found = {}
    for index in range(volume.length(2)):
        for number, name, mask in regions.cut(2, index):
            found.setdefault((number, name), np.zeros((8, 12, 10), bool))[index] = mask
    return found


def block(shape, box):
    """A layer with ones in a box (k0, k1, j0, j1, i0, i1)."""
    layer = np.zeros(shape, np.uint8)
    k0, k1, j0, j1, i0, i1 = box
    layer[k0:k1, j0:j1, i0:i1] = 1
    return layer


def test_a_cropped_segment_is_laid_where_it_was_drawn(tmp_path):
    """An axial slice of an LPS image is shown as it is stored, so masks compare index by index."""
    volume = image_of(tmp_path)
    layer = block((3, 4, 5), (0, 2, 1, 3, 0, 4))
    path = seg(tmp_path / "s.seg.nrrd", [layer], origin=(2 * 3, 3 * 5, 4 * 2))
    assert find_kind(path) == "nrrd"
    regions = read_regions("labels", path, volume, RegionFile(path="s"))
    expected = np.zeros((8, 12, 10), bool)
    expected[2:5, 5:9, 3:8] = layer
    ((key, found),) = cuts(regions, volume).items()
    assert key == (1, "liver") and np.array_equal(found, expected)
    assert regions.areas(2).tolist() == expected.sum(axis=(1, 2)).tolist()
    assert regions.steps[0].parameters == {"segments": 1, "layers": 1}


@pytest.mark.parametrize("count", [2, 3, 4])
def test_overlapping_segments_lie_in_layers_and_none_is_lost(tmp_path, count):
    volume = image_of(tmp_path)
    layers = [block((8, 12, 10), (1, 6, 2, 8, number, number + 5)) for number in range(count)]
    segments = [(number, f"part {number}", 1, number) for number in range(count)]
    for old in (False, True):
        path = seg(tmp_path / "s.seg.nrrd", layers, segments=segments, old=old)
        found = cuts(read_regions("labels", path, volume, RegionFile(path="s")), volume)
        assert list(found) == [(number + 1, f"part {number}") for number in range(count)]
        assert all(np.array_equal(found[number + 1, f"part {number}"], layers[number] != 0) for number in range(count))


def test_segments_of_one_layer_are_told_apart_by_value(tmp_path):
    volume = image_of(tmp_path)
    layer = block((8, 12, 10), (0, 3, 0, 3, 0, 3)) * 7 + block((8, 12, 10), (4, 6, 4, 6, 4, 6)) * 9
    path = seg(tmp_path / "s.seg.nrrd", [layer], segments=[(0, "liver", 7, 0), (3, "spleen", 9, 0)])
    found = cuts(read_regions("labels", path, volume, RegionFile(path="s")), volume)
    assert {name: int(mask.sum()) for (_, name), mask in found.items()} == {"liver": 27, "spleen": 8}
    card = RegionFile(path="s", names={"9": "milt"}, ignore=(7,))
    assert list(cuts(read_regions("labels", path, volume, card), volume)) == [(4, "milt")]
    one = cuts(read_regions("labels", path, volume, RegionFile(path="s", label="organ")), volume)
    assert {key: int(mask.sum()) for key, mask in one.items()} == {(1, "organ"): 35}
    for naming, name in (("type", "Liver"), ("code", "100")):
        file = RegionFile(path="s", naming=naming)
        assert next(iter(cuts(read_regions("labels", path, volume, file), volume)))[1] == name


def test_what_lies_elsewhere_is_refused(tmp_path):
    volume = image_of(tmp_path)
    layer = block((8, 12, 10), (0, 3, 0, 3, 0, 3))
    for origin, reason in (((1, 0, 0), "volume.place_mismatch"), ((-2, 0, 0), "labels.outside")):
        path = seg(tmp_path / "s.seg.nrrd", [layer], origin=origin)
        with pytest.raises(ImageError) as error:
            read_regions("labels", path, volume, RegionFile(path="s"))
        assert error.value.reason == reason
    empty = seg(tmp_path / "e.seg.nrrd", [np.zeros((1, 1, 1), np.uint8)], segments=())
    assert not list(
        cuts(read_regions("labels", seg(tmp_path / "z.seg.nrrd", [layer * 0]), volume, RegionFile(path="s")), volume)
    )
    with pytest.raises(ImageError):
        read_regions("labels", empty, volume, RegionFile(path="s"))
