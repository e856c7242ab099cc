"""Charts: well-formed, described in words, readable, and true to their numbers."""

import re
from xml.etree import ElementTree

import pytest

from gmai.report import Floor, Node, Series, Tread, bars, curves, forest, shares, staircase, sunburst, tail
from gmai.report.axes import Scale, nice_ticks
from gmai.report.curves import MAX_POINTS, smooth, thin
from gmai.report.sunburst import lay_arcs
from gmai.report.svg import element, spread, text_width, wrap

SVG = "{http://www.w3.org/2000/svg}"
COUNTS = {
    ("CT", "Urology", "Diagnosis"): 30,
    ("CT", "Urology", "Grading"): 10,
    ("X-ray", "Lungs & chest", "Diagnosis"): 60,
}
TREADS = [Tread("Untrained", 0.25, 0.2, 0.3, 590), Tread("Stage 3", 0.897, 0.87, 0.92, 590, "everything")]
FLOORS = [Floor("blind", 0.26, (0.22, 0.3), banded=True), Floor("colour", 0.45, (0.4, 0.5)), Floor("chance", 0.25)]
NODES = [Node("Task", "Diagnosis", 0.9, 0.85, 0.95, 300, 0.25), Node("Modality", "CT", 0.5, 0.3, 0.7, 40, 0.25)]
SPLITS = {"cyst": {"train": 30, "test": 10}, "scar": {"train": 5}}
LOSS = Series("loss", tuple((float(step), 3.0 / (1 + step)) for step in range(900)))
CHARTS = {
    "sunburst": lambda width: sunburst(COUNTS, "Corpus", ("modality", "department", "task"), width),
    "staircase": lambda width: staircase(TREADS, FLOORS, "Stages", width),
    "bars": lambda width: bars({"finding": 12_000, "grade": 3}, "Kinds", width),
    "forest": lambda width: forest(NODES, "Tree", width),
    "curves": lambda width: curves([LOSS], "Stage 1", width),
    "shares": lambda width: shares(SPLITS, ("train", "test"), "Splits", width, {"train": 0.8, "test": 0.2}),
    "tail": lambda width: tail([4000, 30, 30, 9, 1], "Labels", width),
}


@pytest.mark.parametrize("width", [840, 330])
@pytest.mark.parametrize("name", CHARTS)
def test_a_chart_is_an_image_that_says_what_it_shows(name, width):
    text = CHARTS[name](width)
    root = ElementTree.fromstring(text)
    assert root.get("role") == "img"
    title, description = root.findall(f"{SVG}title")[0], root.findall(f"{SVG}desc")[0]
    assert title.text and description.text
    assert root.get("aria-labelledby") == f"{title.get('id')} {description.get('id')}"
    assert text == CHARTS[name](width)
    sizes = [float(node.get("font-size")) for node in root.iter(f"{SVG}text")]
    assert sizes and min(sizes) >= 13
    assert not re.search(r"nan|inf\b", text)


@pytest.mark.parametrize("name", CHARTS)
def test_nothing_is_drawn_outside_the_chart(name):
    root = ElementTree.fromstring(CHARTS[name](840))
    width, height = float(root.get("width")), float(root.get("height"))
    for node in root.iter(f"{SVG}text"):
        assert -1 <= float(node.get("x")) <= width + 1 and 0 <= float(node.get("y")) <= height


def test_ticks_are_round_and_enclose_the_values():
    assert nice_ticks(0, 6.2) == (0, 2, 4, 6, 8)
    assert nice_ticks(0.0, 0.034) == (0, 0.01, 0.02, 0.03, 0.04)
    assert nice_ticks(5, 5)[0] == 5
    with pytest.raises(ValueError, match="finite"):
        nice_ticks(0, float("nan"))


def test_a_scale_is_straight():
    scale = Scale(0, 10, 100, 0)
    assert scale(0) == 100 and scale(10) == 0 and scale(2.5) == 75


def test_arcs_fill_the_circle_and_their_parents():
    arcs = lay_arcs(COUNTS)
    inner = [arc for arc in arcs if len(arc.path) == 1]
    assert [arc.path for arc in inner] == [("X-ray",), ("CT",)]
    assert inner[0].end == pytest.approx(0.6) and inner[-1].end == pytest.approx(1.0)
    children = [arc for arc in arcs if arc.path[:1] == ("CT",) and len(arc.path) == 3]
    assert [arc.count for arc in children] == [30, 10]
    assert children[0].start == pytest.approx(0.6) and children[1].end == pytest.approx(1.0)
    assert {arc.hue for arc in arcs if arc.path[0] == "CT"} == {1}


def test_a_whole_ring_of_one_name_is_drawn():
    text = sunburst({("CT", "Urology"): 5}, "One", ("modality", "department"))
    starts = re.findall(r'd="M([\d.]+ [\d.]+)A[\d. ]+ 1 1 ([\d.]+ [\d.]+)', text)
    assert len(starts) == 2 and all(start != end for start, end in starts)


def test_the_staircase_shows_every_number_in_words():
    text = staircase(TREADS, FLOORS, "Stages")
    for words in ("89.7\u202f%", "n\u202f=\u202f590", "87.0", "92.0", "45.0\u202f%", "everything", "chance"):
        assert words in text


def test_a_higher_accuracy_stands_higher():
    root = ElementTree.fromstring(staircase(TREADS, FLOORS, "Stages"))
    heights = [float(dot.get("cy")) for dot in root.iter(f"{SVG}circle")]
    assert heights[1] < heights[0]


def test_smoothing_keeps_a_constant_and_does_not_lag():
    assert smooth([2.0] * 50) == pytest.approx([2.0] * 50)
    line = [float(value) for value in range(200)]
    assert smooth(line)[100] == pytest.approx(100.0)
    assert smooth([5.0]) == [5.0]


def test_thinning_keeps_peaks():
    points = [(float(step), 1.0) for step in range(5000)]
    points[1234] = (1234.0, 9.0)
    kept = thin(points)
    assert len(kept) <= MAX_POINTS and (1234.0, 9.0) in kept
    assert thin(points[:10]) == points[:10]


def test_curves_refuse_nothing_to_draw():
    with pytest.raises(ValueError, match="no points"):
        curves([Series("loss", ())], "Empty")


def test_labels_are_moved_apart_inside_their_bounds():
    placed = spread([50.0, 50.0, 51.0, 2.0], 15, 10, 100)
    assert all(later - earlier >= 14.9 for earlier, later in zip(sorted(placed), sorted(placed)[1:], strict=False))
    assert min(placed) >= 10 and max(placed) <= 100
    assert placed[3] == min(placed)
    assert spread([], 10, 0, 1) == []


def test_labels_are_broken_or_cut_to_fit():
    rows = wrap("Laboratory Medicine and Pathology", 80, 3)
    assert len(rows) == 3 and all(text_width(row) <= 80 for row in rows)
    assert wrap("Otorhinolaryngology", 8, 1) == ()


def test_what_is_written_into_a_chart_is_escaped():
    assert str(element("text", "a < b & c", x=1.50, title='"quoted"')) == (
        '<text x="1.5" title="&#34;quoted&#34;">a &lt; b &amp; c</text>'
    )
    assert "<script>" not in bars({"<script>": 1}, "<b>")


def test_bars_keep_an_order_that_means_something():
    text = bars({"1": 2, "2": 5}, "Turns", in_order=True)
    assert text.index("1: 2") < text.index("2: 5") and bars({"1": 2, "2": 5}, "Turns").index("2: 5") < text.index(
        "2: 5"
    )


def test_shares_fill_their_bars():
    root = ElementTree.fromstring(shares(SPLITS, ("train", "test"), "Splits", 840))
    rects = [node for node in root.iter(f"{SVG}rect") if node.find(f"{SVG}title") is not None]
    widths = [float(node.get("width")) for node in rects]
    assert widths[0] == pytest.approx(3 * widths[1], abs=0.1) and widths[2] == pytest.approx(sum(widths[:2]), abs=0.1)


def test_a_tail_falls_by_powers_of_ten_and_colours_the_rare():
    text = tail([1000, 100, 10, 1], "Labels", 840)
    heights = [float(y) for path in re.findall(r'd="(M[^"]+)"', text) for y in re.findall(r"V([\d.]+)H", path)]
    steps = [later - earlier for earlier, later in zip(heights, heights[1:], strict=False)]
    assert steps == pytest.approx([steps[0]] * 3, abs=0.2) and steps[0] > 0
    assert "1 name below 10" in text and "below 10" not in tail([20, 30], "Labels")
    many = tail(list(range(1, 5001)), "Labels")
    assert len(many) < 20_000
    with pytest.raises(ValueError, match="no counts"):
        tail([3, 0], "Labels")
