"""Videos: told by content, the same frame for the same time stamp whatever the seek, damage told, memory flat."""

import random
import subprocess
import sys

import cv2
import numpy as np
import pytest

import make
import make_media
from gmai.errors import ImageError, MissingExtra
from gmai.images import VIDEOS, VideoFrame, choose_video_frames, find_kind, open_video, peek
from gmai.types import FramePolicy

av = pytest.importorskip("av")
CASES = {
    "mp4": {"codec": "mpeg4", "b_frames": 2},
    "avi": {"codec": "mpeg4", "b_frames": 2},
    "mkv": {"codec": "ffv1", "pixel_format": "yuv444p"},
    "webm": {"codec": "libvpx-vp9"},
    "mpg": {"codec": "mpeg2video", "b_frames": 2},
    "mpeg": {"codec": "mpeg1video"},
    "mov": {"codec": "mjpeg", "pixel_format": "yuvj420p"},
}


def film(path, *args, **options):
    try:
        return make_media.film(path, *args, **options)
    except (av.error.FFmpegError, ValueError):
        pytest.skip(f"no encoder for {options}")


def grey(frame):
    """The grey a frame shows, away from its bright corner."""
    assert isinstance(frame, VideoFrame), frame
    return int(np.median(frame.pixels[24:, 24:]))


def read(path, indices):
    video = open_video(path)
    found = list(video.read(indices))
    video.close()
    return found


@pytest.mark.parametrize("ending", CASES)
def test_every_frame_is_the_one_of_its_time(tmp_path, ending):
    path = film(tmp_path / f"a.{ending}", 40, **CASES[ending])
    assert find_kind(path) == "video" and peek(path, "a").kind == "video"
    video = open_video(path)
    times = video.frames.times_s
    assert len(times) == 40 and not video.frames.damage
    np.testing.assert_allclose(times, np.arange(40) / 25, atol=2e-3)
    whole = list(video.read(range(40)))
    for index, frame in enumerate(whole):
        assert abs(grey(frame) - make_media.grey_of(index)) <= 6, index
        assert frame.index == index and frame.time_s == pytest.approx(index / 25, abs=2e-3)
    for index in random.Random(0).sample(range(40), 12):
        (again,) = video.read([index])
        np.testing.assert_array_equal(again.pixels, whole[index].pixels)
    video.close()


def test_a_variable_rate_goes_by_time_stamps(tmp_path):
    times = [0, 40, 80, 1000, 1040, 5000, 5040, 9000]
    path = film(tmp_path / "a.mkv", 8, codec="ffv1", pixel_format="yuv444p", times=times)
    video = open_video(path)
    np.testing.assert_allclose(video.frames.times_s, np.array(times) / 1000)
    assert choose_video_frames(video, FramePolicy(mode="rate", per_second=1)) == [0, 3, 4, 5, 6, 7]
    assert choose_video_frames(video, FramePolicy(mode="rate", per_second=0.25)) == [0, 4, 6]
    assert choose_video_frames(video, FramePolicy(mode="even", count=3)) == [4, 6]
    assert [grey(frame) for frame in video.read([4, 6])] == pytest.approx(
        [make_media.grey_of(i) for i in (4, 6)], abs=2
    )
    video.close()


def test_policies(tmp_path):
    path = film(tmp_path / "a.mp4", 100, gop=12)
    video = open_video(path)
    assert choose_video_frames(video, FramePolicy(mode="all")) == list(range(100))
    assert choose_video_frames(video, FramePolicy(mode="even", count=4)) == [12, 37, 62, 87]
    assert choose_video_frames(video, FramePolicy(mode="even", count=500)) == list(range(100))
    assert choose_video_frames(video, FramePolicy(mode="rate", per_second=1)) == [0, 25, 50, 75]
    assert choose_video_frames(video, FramePolicy(mode="rate", per_second=1), (1.0, 3.0)) == [25, 50]
    assert choose_video_frames(video, FramePolicy(mode="all"), (1.0, 1.2)) == [25, 26, 27, 28, 29]
    for span in ((4.0, 9.0), (1.001, 1.002)):
        with pytest.raises(ImageError) as error:
            choose_video_frames(video, FramePolicy(), span)
        assert error.value.reason == "segment.outside"
    with pytest.raises(ImageError) as error:
        choose_video_frames(video, FramePolicy(mode="rate", per_second=0))
    assert error.value.reason == "frames.rate"
    video.close()


def test_scenes_begin_where_the_colours_change(tmp_path):
    colours = {0: (200, 40, 40), 17: (40, 200, 40), 30: (44, 196, 44), 41: (20, 20, 90)}
    path = film(tmp_path / "a.mp4", 60, colours=colours)
    video = open_video(path)
    assert choose_video_frames(video, FramePolicy(mode="scenes", count=8)) == [0, 17, 41]
    assert len(choose_video_frames(video, FramePolicy(mode="scenes", count=2))) == 2
    assert choose_video_frames(video, FramePolicy(mode="scenes"), (0.8, 2.4)) == [20, 41]
    video.close()


@pytest.mark.parametrize("turn", [90, 180, 270])
def test_frames_are_turned_as_the_file_says(tmp_path, turn):
    path = film(tmp_path / "a.mp4", 3, turn=turn)
    (frame,) = read(path, [0])
    ours = frame.pixels
    theirs = cv2.VideoCapture(str(path)).read()[1][..., ::-1]
    assert ours.shape == theirs.shape == ((64, 48, 3) if turn != 180 else (48, 64, 3))
    assert np.abs(ours.astype(int) - theirs).mean() < 4


def test_interlaced_frames_are_told(tmp_path):
    path = film(tmp_path / "a.mpg", 5, codec="mpeg2video", interlaced=True)
    video = open_video(path)
    assert len(list(video.read([1, 2]))) == 2
    assert video.told["interlaced"] is True and video.told["codec"] == "mpeg2video"
    video.close()


def noisy(path, codec, **options):
    """A film of noise, every part of which is needed."""
    rng = np.random.default_rng(0)
    with av.open(str(path), "w", options=options) as out:
        stream = out.add_stream(codec, rate=25)
        stream.width, stream.height, stream.pix_fmt = 160, 120, "yuv420p"
        stream.codec_context.gop_size = 10
        for _ in range(50):
            frame = av.VideoFrame.from_ndarray(rng.integers(0, 255, (120, 160, 3)).astype(np.uint8), format="rgb24")
            out.mux(stream.encode(frame))
        out.mux(stream.encode())
    return path


@pytest.mark.parametrize(("name", "options"), [("a.mp4", {"movflags": "faststart"}), ("a.avi", {}), ("a.mkv", {})])
def test_what_lies_before_the_end_of_a_file_cut_short_is_kept_and_the_loss_told(tmp_path, name, options):
    path = noisy(tmp_path / name, "mpeg4", **options)
    whole = read(path, range(50))
    assert all(isinstance(frame, VideoFrame) for frame in whole)
    make.truncated(path, 0.6)
    video = open_video(path)
    frames = video.frames
    assert frames.damage and 10 < frames.missing < 40
    assert len(frames.pts) + frames.missing == pytest.approx(50, abs=2)
    found = list(video.read(range(len(frames.pts))))
    good = [frame for frame in found if isinstance(frame, VideoFrame)]
    assert len(good) >= 20
    for frame in good:
        np.testing.assert_array_equal(frame.pixels, whole[frame.index].pixels)
    video.close()


@pytest.mark.parametrize("name", ["a.mp4", "a.avi", "a.mkv", "a.mpg"])
def test_damaged_frames_are_errors_and_the_others_are_what_they_were(tmp_path, name):
    codec = "mpeg2video" if name == "a.mpg" else "mpeg4"
    path = noisy(tmp_path / name, codec)
    whole = read(path, range(50))
    data = bytearray(path.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 2000] = np.random.default_rng(1).integers(0, 255, 2000).astype(np.uint8).tobytes()
    path.write_bytes(data)
    video = open_video(path)
    assert len(video.frames.pts) >= 49 and (name != "a.avi" or video.frames.missing)
    found = list(video.read(range(len(video.frames.pts))))
    video.close()
    bad = [each for each in found if isinstance(each, ImageError)]
    assert 0 < len(bad) < 30 and {error.reason for error in bad} == {"video.damaged_frame"}
    then = {frame.pts: frame.pixels for frame in whole}
    for frame in found:
        if isinstance(frame, VideoFrame):
            later = then.get(frame.pts + 1) if name == "a.avi" else None  # AVI counts what is there
            same = np.array_equal(frame.pixels, then[frame.pts])
            assert same or (later is not None and np.array_equal(frame.pixels, later))


def test_what_is_no_video_is_refused(tmp_path):
    for content, reason in ((b"", "video.not_a_video"), (b"\0\0\0\x18ftypmp42" + bytes(200), "video.broken")):
        path = tmp_path / "a.mp4"
        path.write_bytes(content)
        with pytest.raises(ImageError) as error:
            open_video(path)
        assert error.value.reason == reason
    sound = tmp_path / "sound.mp4"
    with av.open(str(sound), "w") as out:
        stream = out.add_stream("aac", rate=8000)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
        frame.rate = 8000
        out.mux(stream.encode(frame))
        out.mux(stream.encode())
    with pytest.raises(ImageError) as error:
        open_video(sound)
    assert error.value.reason == "video.not_a_video"


def test_pictures_and_volumes_are_no_videos(tmp_path):
    for name in ("a.png", "a.gif", "a.webp", "a.jp2"):
        assert find_kind(make.picture(tmp_path / name, make.pixels(channels=3))) == "raster"
    (tmp_path / "a.heic").write_bytes(b"\0\0\0\x18ftypheic" + bytes(100))
    assert find_kind(tmp_path / "a.heic") == "raster"


def test_a_video_inside_a_dicom_file_is_read(tmp_path):
    from pydicom.encaps import encapsulate

    stream = film(tmp_path / "a.mp4", 12, codec="libx264").read_bytes()
    path = make.dicom(
        tmp_path / "a.dcm",
        np.zeros((48, 64, 3), np.uint8),
        SOPClassUID="1.2.840.10008.5.1.4.1.1.77.1.1.1",
        PhotometricInterpretation="YBR_PARTIAL_420",
        NumberOfFrames=12,
        PixelData=None,
    )
    import pydicom

    dataset = pydicom.dcmread(path)
    dataset.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2.4.102"
    dataset.PixelData = encapsulate([stream + b"\0" * (len(stream) % 2)], has_bot=False)
    dataset["PixelData"].VR = "OB"
    dataset["PixelData"].is_undefined_length = True
    dataset.save_as(path, enforce_file_format=True)
    assert [abs(grey(frame) - make_media.grey_of(i)) <= 4 for i, frame in enumerate(read(path, range(12)))] == [
        True
    ] * 12
    with pytest.raises(ImageError) as error:
        open_video(make.dicom(tmp_path / "ct.dcm"))
    assert error.value.reason == "video.not_a_video"


def test_memory_stays_flat_over_a_long_video(tmp_path):
    path = film(tmp_path / "long.mp4", 300, size=(480, 320), codec="mpeg4", gop=50)
    code = (
        "import sys, resource\nfrom pathlib import Path\n"
        "from gmai.images import *\nfrom gmai.types import FramePolicy\n"
        "video = open_video(Path(sys.argv[1]))\nnext(video.read([0]))\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "chosen = choose_video_frames(video, FramePolicy(mode='scenes', count=3))\n"
        "count = sum(1 for _ in video.read(choose_video_frames(video, FramePolicy(mode='all'))))\n"
        "print(count, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, path], capture_output=True, text=True, check=True)
    count, kilobytes = map(int, done.stdout.split())
    assert count == 300 and kilobytes < 40_000, "all frames would be 138 MB"


def test_a_missing_extra_gives_the_install_line(tmp_path, monkeypatch):
    path = film(tmp_path / "a.mp4", 3)
    monkeypatch.delitem(sys.modules, "gmai.images.video.av", raising=False)
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(MissingExtra) as error:
        open_video(path)
    assert "pip install 'gmai[video]'" in str(error.value)
    assert VIDEOS.extra == "video"
