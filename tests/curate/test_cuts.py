"""Pieces cut out of a picture anywhere are found, and where they lie in it; pictures that look alike have no piece."""

import cv2
import numpy as np
import pytest
from curate_files import corpus, draw, jpeg, png, stored

from gmai.base import JobConfig, iter_jsonl
from gmai.corpus import iter_duplicates
from gmai.curate import AuditConfig, DedupConfig, Hit, Likeness, audit_corpus, dedup_corpus
from gmai.curate.cuts import fit_box
from gmai.curate.points import MOST_POINTS, find_points
from gmai.errors import LeakageError

HERE = JobConfig(workers=0)
SIZE = 300, 400


def piece(picture: np.ndarray, top: float, left: float, share: float) -> np.ndarray:
    height, width = picture.shape
    y, x = int(top * height), int(left * width)
    return np.ascontiguousarray(picture[y : y + int(share * height), x : x + int(share * width)])


def whole(folder, count=6):
    return [stored(f"aaa/{n}", png(draw(n, *SIZE)), f"p{n}") for n in range(count)]


@pytest.mark.parametrize(
    "copy",
    [
        lambda picture: png(piece(picture, 0.0, 0.07, 0.9)),
        lambda picture: png(piece(picture, 0.18, 0.02, 0.8)),
        lambda picture: png(cv2.resize(piece(picture, 0.02, 0.15, 0.8), (256, 192))),
        lambda picture: jpeg(piece(picture, 0.05, 0.19, 0.8), 50),
    ],
)
def test_a_piece_from_anywhere_is_found(tmp_path, copy):
    items = [*whole(tmp_path), stored("aaa/piece", copy(draw(2, *SIZE)), "somebody else")]
    folder = corpus(tmp_path / "c", items)
    assert dedup_corpus(DedupConfig(corpus=folder, job=HERE))["groups_across_subjects"] == 1
    found = {item.sample: item for item in iter_duplicates(folder)}
    assert set(found) == {"aaa/2", "aaa/piece"} and found["aaa/2"].kept
    assert found["aaa/piece"].how == "cut out" and found["aaa/piece"].likeness > 0.65


def test_pieces_are_not_looked_for_if_not_asked(tmp_path):
    items = [*whole(tmp_path), stored("aaa/piece", png(piece(draw(2, *SIZE), 0.18, 0.02, 0.8)), "somebody else")]
    folder = corpus(tmp_path / "c", items)
    assert dedup_corpus(DedupConfig(corpus=folder, like=Likeness(cut_out=False), job=HERE))["groups"] == 0


@pytest.mark.parametrize("piece_in", ["corpus", "benchmark"])
def test_an_audit_finds_a_piece_on_either_side(tmp_path, piece_in):
    cut = stored("bbb/piece", png(piece(draw(3, *SIZE), 0.18, 0.02, 0.8)), "q")
    mine, theirs = ([cut], whole(tmp_path)) if piece_in == "corpus" else (whole(tmp_path), [cut])
    a, b = corpus(tmp_path / "a", mine), corpus(tmp_path / "b", theirs)
    with pytest.raises(LeakageError):
        audit_corpus(AuditConfig(corpus=a, against=(b,), out=tmp_path / "audit", job=HERE))
    hits = list(iter_jsonl(tmp_path / "audit/hits.jsonl", Hit))
    assert [(hit.how, {hit.sample, hit.other}) for hit in hits] == [("cut out", {"aaa/3", "bbb/piece"})]


def test_points_are_the_same_again_and_lie_in_the_picture():
    one, again = find_points(draw(0, *SIZE)), find_points(draw(0, *SIZE))
    assert one.tobytes() == again.tobytes() and 40 < len(one) <= 2 * MOST_POINTS
    assert len(find_points(np.full((40, 50), 7, np.uint8))) == 0
    assert len(find_points(np.full((1, 900), 7, np.uint8))) == 0


def test_a_box_is_told_among_false_matches():
    chance = np.random.default_rng(0)
    places = chance.random((12, 2))
    box = np.array([0.1, 0.2, 0.9, 0.8])
    there = box[:2] + places * (box[2:] - box[:2])
    there[8:] = chance.random((4, 2))
    assert fit_box(places, there) == pytest.approx(box, abs=1e-6)


def test_places_that_fit_no_piece_give_none():
    chance = np.random.default_rng(0)
    places = chance.random((12, 2))
    assert fit_box(places, chance.random((12, 2))) is None
    assert fit_box(places, places * 0.3) is None
    assert fit_box(places, places + 0.3) is None
    assert fit_box(places[:3], places[:3]) is None
    assert fit_box(np.repeat(places[:2], 6, axis=0), np.repeat(places[:2], 6, axis=0)) is None
