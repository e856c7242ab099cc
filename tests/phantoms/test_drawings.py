"""The drawings: pinned, balanced, and every fact of theirs is where it is said to be."""

from collections import Counter

import numpy as np
import pytest

from gmai.phantoms.classes import (
    CT_FINDINGS,
    CT_LOCATIONS,
    FUNDUS_GRADES,
    HISTOLOGY_CELLS,
    QUADRANTS,
    ULTRASOUND_FINDINGS,
    XRAY_FINDINGS,
)
from gmai.phantoms.ct import draw_ct
from gmai.phantoms.fundus import draw_fundus
from gmai.phantoms.histology import draw_histology
from gmai.phantoms.picture import Picture
from gmai.phantoms.ultrasound import draw_ultrasound
from gmai.phantoms.xray import draw_xray

DRAW = {"xray": draw_xray, "histology": draw_histology, "fundus": draw_fundus, "ultrasound": draw_ultrasound}
MIDLINE = 0.03
PINNED = {
    "ct": (-824.3, -348.9, -695.2, -325.1, 56.6, -91.3, -735.4, -164.5, -558.2),
    "xray": (149.7, 161.3, 165.8, 155.1, 168.1, 161.5, 151.5, 166.0, 155.0),
    "histology": (200.7, 194.5, 197.5, 189.7, 189.6, 192.8, 193.1, 190.8, 187.9),
    "fundus": (39.1, 91.9, 48.1, 89.1, 106.1, 85.3, 30.9, 80.8, 40.0),
    "ultrasound": (118.4, 103.8, 109.7, 99.8, 103.0, 102.2, 66.6, 103.9, 78.0),
}


def block_means(pixels: np.ndarray) -> list[float]:
    grey = pixels.astype(float) if pixels.ndim == 2 else pixels.mean(axis=2)
    return grey.reshape(3, 32, 3, 32).mean(axis=(1, 3)).ravel().tolist()


@pytest.mark.parametrize("modality", PINNED)
def test_a_seed_always_draws_the_same_picture(modality):
    pixels = draw_ct(7, 5).volume_DHW[3] if modality == "ct" else DRAW[modality](7, 5).pixels
    assert block_means(pixels) == pytest.approx(PINNED[modality], abs=0.5)


def test_another_seed_or_subject_draws_another_picture():
    for draw in DRAW.values():
        pictures = [draw(seed, subject).pixels.tobytes() for seed in (1, 2) for subject in (0, 4)]
        assert len(set(pictures)) == 4


def test_sixteen_subjects_show_every_pair_of_finding_and_location_once():
    pairs = {
        "ct": [(p.finding, p.location) for p in (draw_ct(0, subject) for subject in range(16))],
        "xray": [(p.finding, p.location) for p in (draw_xray(0, subject) for subject in range(16))],
        "ultrasound": [(p.finding, p.location) for p in (draw_ultrasound(0, subject) for subject in range(16))],
    }
    known = {
        "ct": (CT_FINDINGS, CT_LOCATIONS),
        "xray": (XRAY_FINDINGS, QUADRANTS),
        "ultrasound": (ULTRASOUND_FINDINGS, QUADRANTS),
    }
    for modality, (findings, locations) in known.items():
        assert Counter(pairs[modality]) == {(finding, place): 1 for finding in findings for place in locations}


def test_grades_and_cells_are_balanced():
    assert Counter(draw_fundus(0, subject).grade for subject in range(8)) == dict.fromkeys(FUNDUS_GRADES, 2)
    assert Counter(draw_histology(0, subject).finding for subject in range(8)) == dict.fromkeys(HISTOLOGY_CELLS, 2)


def quadrant(x: float, y: float) -> tuple[bool, bool]:
    """Whether a point (in pixels) is in the right and in the lower half, and clearly so."""
    across, down = x / 96 - 0.5, y / 96 - 0.5
    assert min(abs(across), abs(down)) >= MIDLINE
    return across > 0, down > 0


def centroid(mask: np.ndarray) -> tuple[float, float]:
    rows, columns = np.nonzero(mask)
    return columns.mean() + 0.5, rows.mean() + 0.5


def test_pictures_show_their_finding_in_the_quadrant_they_name():
    for subject in range(64):
        xray, ultrasound = draw_xray(2, subject), draw_ultrasound(2, subject)
        x0, y0, x1, y1 = xray.boxes[0].xyxy
        assert QUADRANTS.index(xray.location) == index(quadrant((x0 + x1) / 2, (y0 + y1) / 2))
        assert QUADRANTS.index(ultrasound.location) == index(quadrant(*centroid(ultrasound.mask)))


def test_ct_shows_its_finding_in_the_quadrant_of_the_patient():
    for subject in range(64):
        drawn = draw_ct(2, subject)
        for labels in drawn.labels_DHW:
            if labels.any():
                assert CT_LOCATIONS.index(drawn.location) == index(quadrant(*centroid(labels)))


def index(place: tuple[bool, bool]) -> int:
    right, lower = place
    return 2 * lower + right


def test_boxes_lie_inside_the_picture():
    pictures: list[Picture] = [draw(4, subject) for draw in (draw_xray, draw_histology) for subject in range(40)]
    for picture in pictures:
        assert picture.boxes
        for box in picture.boxes:
            x0, y0, x1, y1 = box.xyxy
            assert 0 <= x0 < x1 <= 96 and 0 <= y0 < y1 <= 96 and box.label == picture.finding


def test_ct_is_made_of_air_fat_tissue_and_bone():
    drawn = draw_ct(1, 2)
    assert drawn.volume_DHW.dtype == np.int16 and drawn.volume_DHW.shape == drawn.labels_DHW.shape == (8, 96, 96)
    assert drawn.volume_DHW[:, :3].mean() == pytest.approx(-1000, abs=5)
    assert 100 < np.percentile(drawn.volume_DHW, 99.5) < 400
    labelled = drawn.volume_DHW[drawn.labels_DHW > 0]
    assert -50 < labelled.mean() < 150
    frames = [frame for frame in range(8) if drawn.labels_DHW[frame].any()]
    assert len(frames) == 4 and frames == list(range(frames[0], frames[0] + 4))


def test_severer_grades_have_more_dark_spots():
    def darkness(grade: str) -> float:
        pictures = [picture for picture in (draw_fundus(5, subject) for subject in range(48)) if picture.grade == grade]
        shares = [(green < 25).mean() for green in (picture.pixels[24:72, 24:72, 1] for picture in pictures)]
        return float(np.mean(shares))

    assert [darkness(grade) for grade in FUNDUS_GRADES] == sorted(darkness(grade) for grade in FUNDUS_GRADES)
    assert darkness("severe") > darkness("absent") + 0.03


def test_counts_of_cells_are_even_and_tell_nothing_of_their_class():
    pairs = Counter((p.finding, len(p.boxes)) for p in (draw_histology(0, subject) for subject in range(64)))
    assert pairs == Counter({(cell, count): 4 for cell in HISTOLOGY_CELLS for count in (3, 4, 5, 6)})
