"""Format videos through the line: classes, segments, labels frame by frame; losses told; everything counted."""

import json
from collections import Counter, defaultdict

import numpy as np
import pytest

import make
import make_media
from gmai.base import JobConfig
from gmai.corpus import iter_samples
from gmai.errors import CardError
from gmai.images import decode_picture, replay
from gmai.sources import IngestConfig, ingest

pytest.importorskip("av")


def read(tmp_path, root, options=None, **fields):
    """Ingest: (samples, rejects, units)."""
    fields = {"frames": {"count": 4}, "files": ["**/*"], "format": "videos", **fields}
    card = make.write_card(tmp_path / "card.yaml", options=options or {}, **fields)
    ingest(IngestConfig(card=str(card), root=root, out=tmp_path / "raw", job=JobConfig(workers=0)))
    stored = list(iter_samples(tmp_path / "raw")) if (tmp_path / "raw/samples").is_dir() else []
    rejects = [json.loads(line) for line in (tmp_path / "raw/rejects.jsonl").read_text().splitlines()]
    assert str(tmp_path) not in repr(rejects)
    assert len({each.sample.id for each in stored}) == len(stored)
    return stored, rejects, json.loads((tmp_path / "raw/stats.json").read_text())["units"]


def test_frames_of_videos_in_class_folders(tmp_path):
    root = tmp_path / "files"
    make_media.film(root / "polyp/a.avi", 40)
    make_media.film(root / "normal/b.mkv", 40)
    stored, rejects, units = read(tmp_path, root, {"layout": "label"})
    assert len(stored) == 8 and not rejects
    for each in stored:
        sample = each.sample
        (image,), (label,) = sample.images, sample.annotations
        assert image.kind == "video" and image.uri.startswith(label.name)
        assert image.time_s == pytest.approx(image.index / 25)
        grey = int(np.median(decode_picture(each.pictures[0])[24:, 24:]))
        assert abs(grey - make_media.grey_of(image.index)) <= 6
        assert replay([root / image.uri], image, sample.provenance.steps) == each.pictures[0]
        told = {step.name: step.parameters for step in sample.provenance.steps}
        assert told["frame"]["pts"] >= 0 and told["video"]["codec"] == "mpeg4"
    assert Counter(each.sample.subject for each in stored).most_common()[0][1] == 4, "a video is a subject"
    assert [each.sample.images[0].index for each in stored][:4] == [5, 15, 25, 35]
    assert units["image"]["accepted"] == 2 and units["annotation"]["accepted"] == 2


def test_a_table_of_videos(tmp_path):
    root = tmp_path / "files"
    make_media.film(root / "v/a.mp4", 10)
    make_media.film(root / "v/b.mp4", 10)
    make.text(root / "t.csv", "file,label,patient\na.mp4,x,p1\nc.mp4,y,p3\n")
    options = {"table": "t.csv", "image": "file", "images": "v"}
    stored, rejects, units = read(tmp_path, root, options, subject={"column": "patient"})
    assert {each.sample.subject for each in stored} == {"p1"} and len(stored) == 4
    assert Counter(line["reason"] for line in rejects) == {"image.missing": 2, "annotation.missing": 1}
    assert units["image"] == {"accepted": 1, "rejected": 2, "total": 3}


def test_segments_of_a_table(tmp_path):
    root = tmp_path / "files"
    make_media.film(root / "v/a.mp4", 100)
    make_media.film(root / "v/spare.mp4", 5)
    rows = ["a.mp4,cut,0,1.0", "a.mp4,clip,0:00:01,00:02.5", "a.mp4,late,9,10", "a.mp4,odd,3,2", "a.mp4,word,x,2"]
    make.text(root / "t.csv", "\n".join(["file,phase,from,to", *rows, "gone.mp4,cut,0,1"]))
    options = {"table": "t.csv", "image": "file", "images": "v", "start": "from", "end": "to"}
    options["labels"] = {"phase": "finding"}
    stored, rejects, units = read(tmp_path, root, options, frames={"mode": "rate", "per_second": 2})
    found = defaultdict(list)
    for each in stored:
        found[each.sample.annotations[0].name].append(each.sample.images[0].time_s)
    assert found == {"cut": [0, 0.48], "clip": [1.0, 1.48, 2.0]}
    assert len({each.sample.subject for each in stored}) == 1, "segments of one video are one subject"
    assert Counter(line["reason"] for line in rejects) == {
        "segment.outside": 1,
        "segment.times": 2,
        "image.missing": 2,
        "annotation.missing": 1,
    }
    assert units["annotation"] == {"accepted": 2, "rejected": 4, "total": 6}
    assert units["image"] == {"accepted": 1, "rejected": 2, "total": 3}


def test_labels_frame_by_frame(tmp_path):
    root = tmp_path / "files"
    make_media.film(root / "videos/video01.mp4", 100)
    make_media.film(root / "videos/video02.mp4", 5)
    phases = [("Preparation", 40), ("Dissection", 35), ("Preparation", 25)]
    lines = [name for name, count in phases for _ in range(count)]
    table = "Frame\tPhase\n" + "".join(f"{number}\t{name}\n" for number, name in enumerate(lines))
    make.text(root / "phases/video01-phase.txt", table)
    make.text(root / "phases/video09-phase.txt", table)
    options = {
        "files": "videos/*.mp4",
        "frame_table": "phases/{stem}-phase.txt",
        "labels": {"Phase": "finding"},
    }
    stored, rejects, units = read(tmp_path, root, options, frames={"mode": "even", "count": 3})
    for each in stored:
        assert lines[each.sample.images[0].index] == each.sample.annotations[0].name
    assert len(stored) == 9 and len({each.sample.subject for each in stored}) == 1
    assert Counter(line["reason"] for line in rejects) == {"annotation.missing": 1, "image.missing": 1}
    assert units["annotation"] == {"accepted": 3, "rejected": 1, "total": 4}
    assert units["image"] == {"accepted": 1, "rejected": 1, "total": 2}
    make.text(root / "phases/video01-phase.txt", "Frame\tPhase\n5\tx\n4\ty\n")
    (tmp_path / "again").mkdir()
    stored, rejects, _ = read(tmp_path / "again", root, options)
    assert not stored and "segment.frame" in {line["reason"] for line in rejects}


def test_broken_videos_and_other_files_are_rejects(tmp_path):
    root = tmp_path / "files"
    make_media.film(root / "good.mp4", 10)
    make.truncated(make_media.film(root / "headless.mp4", 40), 0.5)
    make.truncated(make_media.film(root / "cut.mp4", 100, container={"movflags": "faststart"}), 0.6)
    make.picture(root / "p.png")
    make.text(root / "notes.txt", "x")
    stored, rejects, units = read(tmp_path, root, annotations="none", frames={"count": 3})
    names = Counter(each.sample.images[0].uri for each in stored)
    assert names["good.mp4"] == 3 and names["cut.mp4"] >= 1
    reasons = {(line["id"], line["reason"]) for line in rejects}
    assert {("headless.mp4", "video.broken"), ("p.png", "video.not_a_video"), ("cut.mp4", "video.truncated")} <= reasons
    (lost,) = [line for line in rejects if line["reason"] == "video.truncated"]
    assert lost["unit"] == "frame" and lost["count"] > 10
    assert units["image"] == {"accepted": 2, "rejected": 3, "total": 5}


def test_parts_of_a_video_give_the_same_frames(tmp_path, monkeypatch):
    root = tmp_path / "files"
    path = make_media.film(root / "a.mp4", 60)
    frames = {"mode": "all"}
    whole, _, _ = read(tmp_path, root, annotations="none", frames=frames)
    monkeypatch.setattr("gmai.annotations.videos.PART_BYTES", path.stat().st_size // 3)
    (tmp_path / "again").mkdir()
    parts, rejects, units = read(tmp_path / "again", root, annotations="none", frames=frames)
    assert [each.sample for each in parts] == [each.sample for each in whole] and len(whole) == 60
    assert units["image"] == {"accepted": 1, "rejected": 0, "total": 1} and not rejects


def test_plain_folders_hold_videos_too(tmp_path):
    root = tmp_path / "files"
    make_media.film(root / "a.webm", 10, codec="libvpx-vp9")
    make.picture(root / "b.png")
    stored, rejects, _ = read(tmp_path, root, format="plain", annotations="none")
    assert Counter(each.sample.images[0].kind for each in stored) == {"video": 4, "raster": 1} and not rejects


def test_options_that_do_not_go_together(tmp_path):
    make_media.film(tmp_path / "files/a.mp4", 3)
    for options in ({"start": "a"}, {"start": "a", "end": "b"}):
        with pytest.raises(CardError, match="segments"):
            read(tmp_path, tmp_path / "files", options)


def test_a_missing_package_is_told_with_its_install_line(tmp_path, monkeypatch):
    import sys

    make_media.film(tmp_path / "files/a.mp4", 3)
    monkeypatch.delitem(sys.modules, "gmai.images.video.av", raising=False)
    monkeypatch.setitem(sys.modules, "av", None)
    stored, rejects, _ = read(tmp_path, tmp_path / "files", annotations="none")
    assert not stored and "gmai[video]" in rejects[0]["detail"] and rejects[0]["reason"] == "missing_extra"
