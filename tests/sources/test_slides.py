"""Format slides through the line: tiles with their labels, outlines and label maps; all that is there is counted."""

import json
from collections import Counter

import numpy as np
import pytest

import make
import make_media
from gmai.annotations import region_mask
from gmai.base import JobConfig
from gmai.corpus import iter_samples
from gmai.errors import CardError
from gmai.images import decode_picture, replay
from gmai.sources import IngestConfig, ingest
from gmai.types import MaskRef, Polygon

tifffile = pytest.importorskip("tifffile")
pytest.importorskip("openslide")

BOX = (256, 256, 1024, 768)
"""Where the slides show tissue, in level 0; a grid of 256 px lies on its edges."""


def asap(path, outlines):
    """Write ASAP's XML of (type, group, points)."""
    found = "".join(
        f'<Annotation Name="n" Type="{kind}" PartOfGroup="{group}"><Coordinates>'
        + "".join(f'<Coordinate Order="{i}" X="{x}" Y="{y}"/>' for i, (x, y) in enumerate(points))
        + "</Coordinates></Annotation>"
        for kind, group, points in outlines
    )
    return make.text(path, f"<ASAP_Annotations><Annotations>{found}</Annotations></ASAP_Annotations>")


def square(x, y, side):
    return [(x, y), (x + side, y), (x + side, y + side), (x, y + side)]


def geojson(path, features):
    """Write GeoJSON as QuPath does, of (class, geometry type, coordinates)."""
    content = [
        {
            "type": "Feature",
            "geometry": {"type": kind, "coordinates": places},
            "properties": {"objectType": "annotation", **({"classification": {"name": name}} if name else {})},
        }
        for name, kind, places in features
    ]
    return make.text(path, json.dumps({"type": "FeatureCollection", "features": content}))


def slide(path, **options):
    return make_media.pyramid(path, make_media.tissue(1024, 1280, BOX), steps=(1, 2), **{"mpp": 0.5, **options})


def read(tmp_path, root, options=None, **fields):
    """Ingest: (samples, rejects, stats)."""
    fields = {"tiles": {"size_px": 256, "count": 4}, "files": ["**/*"], **fields}
    card = make.write_card(tmp_path / "card.yaml", format="slides", options=options or {}, **fields)
    ingest(IngestConfig(card=str(card), root=root, out=tmp_path / "raw", job=JobConfig(workers=0)))
    stored = list(iter_samples(tmp_path / "raw")) if (tmp_path / "raw/samples").is_dir() else []
    rejects = [json.loads(line) for line in (tmp_path / "raw/rejects.jsonl").read_text().splitlines()]
    assert str(tmp_path) not in repr(rejects)
    for path in (tmp_path / "raw").rglob("*"):
        assert not path.is_file() or not any(name in path.read_bytes() for name in (b"Doe^Jane", b"12345678"))
    assert len({each.sample.id for each in stored}) == len(stored)
    assert "Doe" not in repr([each.sample for each in stored])
    return stored, rejects, json.loads((tmp_path / "raw/stats.json").read_text())["units"]


def steps_of(sample):
    return {step.name: step.parameters for step in sample.provenance.steps}


def test_tiles_of_a_slide_with_a_class(tmp_path):
    root = tmp_path / "files"
    for name in ("a", "b"):
        slide(root / f"slides/{name}.tif")
    make.text(root / "labels.csv", "slide,label,patient\na.tif,tumour,p1\nb.tif,normal,p2\nc.tif,normal,p3\n")
    options = {"table": "labels.csv", "image": "slide", "images": "slides", "label_level": "slide"}
    stored, rejects, units = read(tmp_path, root, options, subject={"column": "patient"})
    assert len(stored) == 8 and {each.sample.subject for each in stored} == {"p1", "p2"}
    for each in stored:
        sample = each.sample
        (image,), told = sample.images, steps_of(sample)
        x0, y0, x1, y1 = image.region
        assert image.kind == "slide" and (x1 - x0, y1 - y0) == (256, 256) == (image.width, image.height)
        assert image.spacing_mm == pytest.approx((0.0005, 0.0005), rel=1e-3)
        assert x0 >= BOX[0] and y0 >= BOX[1] and x1 <= BOX[2] and y1 <= BOX[3], "tissue only"
        whole = make_media.tissue(1024, 1280, BOX)
        np.testing.assert_array_equal(decode_picture(each.pictures[0]), whole[y0:y1, x0:x1])
        assert told["labels"] == {"level": "slide", "labels": 1}
        assert replay([root / image.uri], image, sample.provenance.steps) == each.pictures[0]
    assert units["image"] == {"accepted": 2, "rejected": 1, "total": 3}
    assert units["annotation"] == {"accepted": 2, "rejected": 1, "total": 3}
    assert {line["reason"] for line in rejects} == {"image.missing"}


def test_classes_need_a_word_of_what_they_hold_for(tmp_path):
    slide(tmp_path / "files/x/a.tif")
    with pytest.raises(CardError, match="label_level"):
        read(tmp_path, tmp_path / "files", {"layout": "label"})
    stored, _, _ = read(tmp_path, tmp_path / "files", {"layout": "label", "label_level": "tile"})
    assert {label.name for each in stored for label in each.sample.annotations} == {"x"}


def test_outlines_are_cut_to_tiles_and_counted(tmp_path):
    root = tmp_path / "files"
    slide(root / "a.tif")
    outlines = [
        ("Polygon", "Tumor", square(300, 300, 500)),  # on several tiles
        ("Polygon", "_2", square(400, 400, 50)),  # cut out of it
        ("Rectangle", "Far", square(5, 5, 40)),  # on glass, where no tile is taken
        ("Dot", "Tumor", [(400, 400)]),
        ("Polygon", "None", [(1, "x"), (3, 4), (5, 6)]),
    ]
    asap(root / "xml/a.xml", outlines)
    asap(root / "xml/lone.xml", outlines[:1])
    options = {"files": "*.tif", "outlines": "xml/{stem}.xml", "holes": ["_2"]}
    stored, rejects, units = read(tmp_path, root, options, tiles={"size_px": 256, "count": 0})
    marked = np.zeros((1024, 1280), bool)
    clipped = 0
    for each in stored:
        x0, y0, x1, y1 = each.sample.images[0].region
        for region in each.sample.annotations:
            assert region.label == "Tumor"
            marked[y0:y1, x0:x1] |= region_mask(region, 256, 256)
            clipped += isinstance(region, Polygon) and region.clipped
    truth = np.zeros((1024, 1280), bool)
    truth[300:800, 300:800] = True
    truth[400:450, 400:450] = False
    seen = np.zeros((1024, 1280), bool)
    seen[256:768, 256:1024] = True
    assert (marked ^ (truth & seen)).sum() < 0.01 * truth.sum()
    assert any(isinstance(region, MaskRef) for each in stored for region in each.sample.annotations), "with a hole"
    assert clipped
    assert units["annotation"] == {"accepted": 2, "rejected": 4, "total": 6}
    assert Counter(line["reason"] for line in rejects) == {
        "outline.kind": 1,
        "outline.coordinates": 1,
        "slide.outside_tiles": 1,
        "image.missing": 1,
    }


def test_outlines_of_qupath(tmp_path):
    root = tmp_path / "files"
    slide(root / "a.tif")
    ring = [*square(300, 300, 200), (300, 300)]
    hole = [*square(350, 350, 60), (350, 350)]
    geojson(
        root / "a.geojson",
        [
            ("Tumor", "Polygon", [ring, hole]),
            ("Stroma", "MultiPolygon", [[[*square(600, 300, 50)]], [[*square(700, 300, 50)]]]),
            ("", "Polygon", [ring]),
            ("Tumor", "Point", [1, 2]),
        ],
    )
    stored, rejects, units = read(tmp_path, root, {"files": "*.tif", "outlines": "{stem}.geojson"})
    areas = Counter()
    for each in stored:
        for region in each.sample.annotations:
            areas[region.label] += int(region_mask(region, 256, 256).sum())
    assert areas["Tumor"] == pytest.approx(200 * 200 - 60 * 60, rel=0.01)
    assert areas["Stroma"] == pytest.approx(2 * 50 * 50, rel=0.03)
    assert {line["reason"] for line in rejects} == {"outline.no_label", "outline.kind"}
    assert units["annotation"]["total"] == 4


@pytest.mark.parametrize(("content", "reason"), [("{}", "outlines.layout"), ('{"features": [', "json.invalid")])
def test_a_broken_file_of_outlines_is_a_reject_and_the_slide_says_nothing(tmp_path, content, reason):
    root = tmp_path / "files"
    slide(root / "a.tif")
    make.text(root / "a.geojson", content)
    stored, rejects, units = read(tmp_path, root, {"files": "*.tif", "outlines": "{stem}.geojson"})
    assert not stored and {line["reason"] for line in rejects} == {reason, "annotation.missing"}
    assert units["image"]["total"] == 1


def test_label_maps_and_tiles_where_something_is_marked(tmp_path):
    root = tmp_path / "files"
    slide(root / "a.tif")
    values = np.zeros((512, 640), np.uint8)
    values[20:60, 30:90] = 2  # on glass
    values[200:300, 300:420] = 5
    (root / "masks").mkdir()
    tifffile.imwrite(root / "masks/a_mask.tif", values, tile=(128, 128), compression="zlib")
    tifffile.imwrite(root / "masks/none_mask.tif", values, tile=(128, 128))
    options = {"files": "*.tif", "masks": "masks/{stem}_mask.tif", "names": {"2": "gland", "5": "tumour"}}
    tiles = {"size_px": 256, "count": 0, "where": "marked"}
    stored, rejects, units = read(tmp_path, root, options, tiles=tiles, labels={"tumour": {"name": "tumor"}})
    full = values.repeat(2, 0).repeat(2, 1)
    areas = Counter()
    for each in stored:
        x0, y0, x1, y1 = each.sample.images[0].region
        assert full[y0:y1, x0:x1].any(), "only marked tiles"
        for region in each.sample.annotations:
            inside = region_mask(region, 256, 256)
            np.testing.assert_array_equal(inside, full[y0:y1, x0:x1] == region.value)
            areas[region.label] += int(inside.sum())
    assert areas == {"gland": int((full == 2).sum()), "tumor": int((full == 5).sum())}
    assert units["pair"] == {"accepted": 1, "rejected": 1, "total": 2}
    assert [line["reason"] for line in rejects] == ["image.missing"]


def test_what_is_broken_is_a_reject_with_its_reason(tmp_path):
    root = tmp_path / "files"
    slide(root / "good.tif")
    slide(root / "nompp.tif", mpp=None)
    make.truncated(slide(root / "cut.tif"), 0.3)
    (root / "empty.svs").write_bytes(b"")
    make.text(root / "notes.txt", "no slide")
    make.picture(root / "thumbnail.png")
    make_media.pyramid(root / "glass.tif", np.full((1024, 1024, 3), 240, np.uint8), mpp=0.5)
    make_media.pyramid(root / "small.tif", make_media.tissue(200, 200, (0, 0, 200, 200)), steps=(1, 2), mpp=0.5)
    make_media.pyramid(root / "coarse.tif", make_media.tissue(512, 512, (0, 0, 512, 512)), steps=(1, 2), mpp=4)
    stored, rejects, units = read(tmp_path, root, annotations="none")
    reasons = {line["id"]: line["reason"] for line in rejects}
    assert {each.sample.images[0].uri for each in stored} == {"good.tif"}
    cut = reasons.pop("cut.tif")
    assert cut in {"slide.truncated", "slide.broken", "image.broken"}
    assert reasons == {
        "nompp.tif": "slide.no_mpp",
        "empty.svs": "image.empty",
        "notes.txt": "image.not_a_picture",
        "thumbnail.png": "slide.not_a_slide",
        "glass.tif": "slide.no_tissue",
        "small.tif": "slide.too_small",
        "coarse.tif": "slide.too_coarse",
    }
    assert units["image"] == {"accepted": 1, "rejected": 8, "total": 9}


def test_a_card_may_state_the_resolution(tmp_path):
    slide(tmp_path / "files/a.tif", mpp=None)
    stored, _, _ = read(tmp_path, tmp_path / "files", {"mpp": 0.25}, annotations="none", tiles={"size_px": 128})
    told = steps_of(stored[0].sample)
    assert told["slide"]["mpp_from"] == "card" and told["tile"]["level"] == 1


def test_the_label_picture_and_the_description_reach_nothing(tmp_path):
    root = tmp_path / "files"
    label = np.full((99, 99, 3), (1, 254, 3), np.uint8)
    make_media.aperio(root / "a.svs", make_media.tissue(1024, 1280, BOX), label)
    stored, _, _ = read(tmp_path, root, annotations="none")
    assert len(stored) == 4 and steps_of(stored[0].sample)["slide"]["vendor"] == "aperio"
    for each in stored:
        pixels = decode_picture(each.pictures[0]).astype(int)
        assert (np.abs(pixels - (1, 254, 3)).sum(axis=2) > 60).all()


def test_parts_of_a_slide_give_the_same_tiles(tmp_path, monkeypatch):
    root = tmp_path / "files"
    slide(root / "a.tif")
    asap(root / "a.xml", [("Polygon", "Tumor", square(300, 300, 300)), ("Polygon", "Far", square(5, 5, 40))])
    options, tiles = {"files": "*.tif", "outlines": "{stem}.xml"}, {"size_px": 128, "count": 0}
    whole, _, units = read(tmp_path, root, options, tiles=tiles)
    monkeypatch.setattr("gmai.annotations.slides.PART_BYTES", (root / "a.tif").stat().st_size // 3)
    (tmp_path / "again").mkdir()
    parts, rejects, again = read(tmp_path / "again", root, options, tiles=tiles)
    assert [each.sample for each in parts] == [each.sample for each in whole]
    assert units["annotation"] == again["annotation"] == {"accepted": 1, "rejected": 1, "total": 2}
    assert len(rejects) == 1


def test_labels_of_other_formats_are_refused_on_tiles(tmp_path):
    root = tmp_path / "files"
    make_media.aperio(root / "x/a.svs", make_media.tissue(1024, 1280, BOX), np.zeros((9, 9, 3), np.uint8))
    card = make.write_card(tmp_path / "card.yaml", format="class_folders", tiles={"size_px": 256})
    ingest(IngestConfig(card=str(card), root=root, out=tmp_path / "raw", job=JobConfig(workers=0)))
    (reason,) = {json.loads(line)["reason"] for line in (tmp_path / "raw/rejects.jsonl").read_text().splitlines()}
    assert reason == "slide.label_level"


@pytest.mark.data
def test_dicom_slides_are_one_item_a_series(tmp_path, data):
    root = data / "dicom/highdicom_test_files/data/test_files"
    options = {"files": "sm_image*.dcm"}
    stored, rejects, units = read(
        tmp_path, root, options, annotations="none", tiles={"size_px": 10, "count": 3, "tissue": 0.0}
    )
    assert units["image"]["total"] == len(list(root.glob("sm_image*.dcm")))
    assert stored and all(each.sample.images[0].spacing_mm == (0.000499, 0.000499) for each in stored)
