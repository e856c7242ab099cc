"""Frames that lie nowhere in the patient: their times, and which of them are read."""

import numpy as np
import pytest

import make
from gmai.errors import ImageError
from gmai.images import open_image
from gmai.images.dicom.cine import choose_frames
from gmai.types import FramePolicy


def film(path, frames=10, colour=False, **elements):
    values = np.zeros((frames, 12, 16, 3) if colour else (frames, 12, 16), np.uint8)
    values += np.arange(frames, dtype=np.uint8).reshape(-1, *[1] * (values.ndim - 1)) * 20
    if colour:
        elements |= {"SamplesPerPixel": 3, "PhotometricInterpretation": "RGB", "PlanarConfiguration": 0}
    return make.dicom(path, values, NumberOfFrames=frames, ImagePositionPatient=None, ImageOrientationPatient=None,
                      Rows=12, Columns=16, Modality="US", **elements)  # fmt: skip


def read(path, **policy):
    return open_image(path).volume(frames=FramePolicy(**policy))[0]


def test_frames_evenly_spread_with_their_times(tmp_path):
    volume = read(film(tmp_path / "f.dcm", FrameTime=40), mode="even", count=3)
    assert volume.frame_numbers == (2, 6, 9) and volume.times_s == (0.04, 0.2, 0.32) and volume.is_film
    assert volume.voxels[:, 0, 0].tolist() == [20, 100, 160]
    assert volume.steps[0].parameters["frames"] == 10 and volume.steps[0].parameters["read"] == 3


def test_frames_by_rate_and_by_the_steps_of_a_vector(tmp_path):
    path = film(tmp_path / "f.dcm", FrameTimeVector=[0, 100, 100, 100, 500, 500, 100, 100, 100, 100])
    volume = read(path, mode="rate", per_second=2)
    assert volume.times_s == (0.0, 0.8, 1.3, 1.5), "the first frame at or after each wanted time"
    with pytest.raises(ImageError) as error:
        read(film(tmp_path / "n.dcm"), mode="rate")
    assert error.value.reason == "frames.no_times"


def test_a_rate_of_display_gives_times_where_nothing_else_does(tmp_path):
    assert read(film(tmp_path / "f.dcm", CineRate=25), mode="all").times_s[:3] == (0.0, 0.04, 0.08)
    assert read(film(tmp_path / "g.dcm"), mode="all").times_s == ()


def test_scenes_begin_where_the_picture_changes(tmp_path):
    values = np.zeros((9, 12, 16), np.uint8)
    values[3:], values[7:] = 120, 250
    path = make.dicom(tmp_path / "s.dcm", values, NumberOfFrames=9, ImagePositionPatient=None)
    assert read(path, mode="scenes", count=5).frame_numbers == (1, 4, 8)
    assert read(path, mode="scenes", count=1).frame_numbers == (1,)


def test_colour_films_and_single_pictures(tmp_path):
    volume = read(film(tmp_path / "c.dcm", colour=True), mode="even", count=2)
    assert volume.voxels.shape == (2, 12, 16, 3) and volume.frame_numbers == (3, 8)
    single = read(make.dicom(tmp_path / "1.dcm", ImagePositionPatient=None))
    assert not single.is_film and single.times_s == ()


def test_a_rate_meets_every_wanted_time_once():
    times = [0.0, 0.04, 0.08, 0.12, 0.16, 0.2]
    assert choose_frames(FramePolicy(mode="rate", per_second=10), 6, times) == [0, 3, 5]
    assert choose_frames(FramePolicy(mode="rate", per_second=1000), 6, times) == [0, 1, 2, 3, 4, 5]
