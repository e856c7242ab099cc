"""Which slices become pictures: the policy's, along its axes, and no voxel touched that the choice does not need."""

from dataclasses import replace

import numpy as np
import pytest

from gmai.errors import ImageError
from gmai.images import LabelVolume, Volume, find_window
from gmai.sources.slices import choose_slices, slice_axes, spread
from gmai.types import SlicePolicy, WindowPolicy

WINDOW = find_window(np.zeros(1), WindowPolicy(mode="fixed", centre=50, width=100))


class Counted:
    """Voxels that count which slices along z were looked at."""

    def __init__(self, voxels):
        self.voxels, self.shape, self.ndim, self.seen = voxels, voxels.shape, voxels.ndim, set()

    def __getitem__(self, place):
        self.seen.add(place[-1] if isinstance(place, tuple) else place)
        return self.voxels[place]


def volume_of(voxels):
    return Volume(voxels=voxels, affine=np.eye(4), spacing_mm=(1.0, 1.0, 1.0), hashes=("x",), names=("v",))


def body(length=100, first=10, last=90):
    voxels = np.zeros((length, 20, 20), np.int16)
    voxels[first:last, 5:15, 5:15] = 100
    return voxels


def choose(voxels, *, regions=(), axis=2, window=WINDOW, **policy):
    return choose_slices(volume_of(voxels), regions, SlicePolicy(**policy), axis, window)


def test_even_slices_lie_within_what_shows_something():
    assert choose(body(), mode="even", count=4) == [20, 40, 60, 80]
    assert choose(body(), mode="even", count=3, axis=0) == [6, 10, 13]
    assert choose(body(first=3, last=5), mode="even", count=5) == [3, 4], "there are no more"


def test_even_slices_need_only_the_ends_and_themselves():
    voxels = Counted(body())
    assert choose(voxels, mode="even", count=4) == [20, 40, 60, 80]
    assert voxels.seen == {*range(11), *range(89, 100), 20, 40, 60, 80}
    voxels = Counted(body())
    assert choose(voxels, mode="all") == list(range(100)) and not voxels.seen


def test_a_slice_that_shows_nothing_gives_way_to_its_neighbour():
    voxels = body()
    voxels[38:43] = 0
    assert choose(voxels, mode="even", count=4) == [20, 37, 60, 80]


def test_thin_vessels_are_foreground_where_there_is_nothing_else():
    voxels = np.zeros((20, 30, 30), np.int16)
    voxels[4:16, 10:12, 10:12] = 100
    assert choose(voxels, mode="even", count=2) == [7, 13]
    with pytest.raises(ImageError) as error:
        choose(np.zeros((5, 9, 9), np.int16), mode="even")
    assert error.value.reason == "slices.no_foreground"


def marked(*areas):
    labels = np.zeros((len(areas), 20, 20), np.int32)
    for index, area in enumerate(areas):
        labels[index].flat[:area] = 1
    return LabelVolume(labels)


def test_largest_and_annotated_slices_follow_the_regions_of_every_file():
    first, other = marked(0, 5, 9, 0, 1), marked(0, 0, 0, 8, 8)
    voxels = body(5, 0, 5)
    assert choose(voxels, regions=[first], mode="largest", count=2) == [1, 2]
    assert choose(voxels, regions=[first], mode="annotated", count=1) == [1, 2, 4]
    assert choose(voxels, regions=[first, other], mode="largest", count=2) == [2, 4]
    assert choose(voxels, regions=[first, other], mode="annotated") == [1, 2, 3, 4]
    for regions in ([], [marked(0, 0, 0, 0, 0)]):
        with pytest.raises(ImageError) as error:
            choose(voxels, regions=regions, mode="annotated")
        assert error.value.reason == "slices.no_annotation"


def test_several_axes_each_give_their_slices():
    volume = volume_of(body())
    assert slice_axes(volume, SlicePolicy(axes=(0, 2))) == (0, 2) and slice_axes(volume, SlicePolicy(axis=1)) == (1,)
    assert slice_axes(replace(volume, affine=None), SlicePolicy(axes=(0, 1, 2))) == (2,), "a stack has its frames only"


def test_colour_volumes_count_every_slice():
    assert choose(np.zeros((9, 4, 4, 3), np.uint8), mode="even", count=3, window=None) == [1, 4, 7]


def test_a_spread_lies_in_the_middle_of_its_parts():
    assert spread(range(10), 2) == [2, 7] and spread([3, 5], 4) == [3, 5] and spread([], 3) == []
