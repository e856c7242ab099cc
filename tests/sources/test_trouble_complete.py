"""Every malformed or hostile file of the trouble folder, through the reader it is for: none is left out of the table.

The lists of what is expected speak of each file in words; the table says what the readers make of it: the reason of the
error, or what was read and, behind a semicolon, what was lost. Needs ``--data FOLDER``.
"""

import json
import socket

import pytest
import trouble_readers as trouble

pytestmark = pytest.mark.data

OUTCOMES = {
    ("made/images", trouble.picture): {
        "truncated_a.jpg": "image.truncated",
        "jpeg_named_png_a.png": "640x480 JPEG",
        "zero_bytes.jpg": "image.empty",
        "text_named_jpg.jpg": "image.not_a_picture",
        "one_pixel.png": "1x1 PNG tiny=True",
        "bomb_20000x20000.png": "image.too_large",
        "exif_orientation.jpg": "480x640 orientation=6",
        "cmyk.jpg": "640x480 mode=CMYK",
        "gray16.png": "640x480 mode=I;16 window=percentile",
        "palette_alpha.png": "640x480 mode=P",
        "grey_alpha.png": "640x480 mode=LA alpha=opaque, dropped",
        "animated.gif": "64x48 frames=2 frame=0 mode=P",
    },
    ("made/images", trouble.near): {
        "near_duplicate_q30.jpg": "640x480 JPEG, 0 bits from its original",
    },
    ("made/archives", trouble.archive): {
        "zip_slip.zip": "ok/fine.txt; archive.link=1 archive.outside=4",
        "tar_slip.tar.gz": "ok.txt; archive.link=1 archive.outside=1",
        "truncated.zip": "archive.unreadable",
    },
    ("made/xml", trouble.xml): {
        "xxe_file.xml": "xml.entities",
        "xxe_http.xml": "xml.entities",
        "billion_laughs.xml": "xml.entities",
        "external_dtd.xml": "figures 1, captions 1, links 1",
        "utf16.xml": "figures 1, captions 1, links 1",
        "utf8_bom.xml": "figures 1, captions 1, links 1",
        "latin1_undeclared.xml": "xml.invalid",
        "truncated.xml": "xml.invalid",
        "empty.xml": "xml.empty",
        "html_404.xml": "xml.html",
        "duplicate_fig_id.xml": "figures 2, captions 2, links 1",
    },
    ("made/labels", trouble.voc): {
        "voc_box_outside.xml": "annotation=17 annotation.clipped=1 image=1; nothing lost",
        "voc_inverted.xml": "annotation=16 image=1; box.inverted=1",
        "voc_missing_image.xml": "nothing; annotation.missing=1 image.missing=18",
        "voc_float.xml": "annotation=17 image=1; nothing lost",
    },
    ("made/labels", trouble.coco): {
        "coco_bad.json": "nothing; box.not_finite=1 box.not_numbers=1 coco.dangling_image=2 "
        "coco.duplicate_id=1 coco.duplicate_image=2",
    },
    ("made/labels", trouble.yolo): {
        "yolo_bad.txt": "annotation=1 image=1; yolo.columns=1 yolo.not_numbers=2 yolo.range=1 yolo.unknown_class=1",
    },
    ("made/labels", trouble.table): {
        "gb18030.csv": "b.png=normal 肺炎_1.png=肺炎; annotation=2 image=2; annotation.missing=1",
        "utf16.csv": "b.png=normal 肺炎_1.png=肺炎; annotation=2 image=2; annotation.missing=1",
        "bom_crlf.csv": "b.png=normal 肺炎_1.png=肺炎; annotation=2 image=2; annotation.missing=1",
        "semicolon.csv": "b.png=normal 肺炎_1.png=肺炎; annotation=2 image=2; annotation.missing=1",
        "formula.csv": "; nothing; annotation.missing=3 image.missing=2",
        "broken_quotes.csv": "table.quotes",
        "conflict.csv": "; nothing; annotation.missing=2 table.conflict=3",
        "ragged.csv": "; nothing; annotation.missing=1 table.row=3",
    },
    ("made/dicom", trouble.dicom): {
        "truncated_pixels.dcm": "nothing; dicom.truncated=1",
        "no_preamble.dcm": "image=1; nothing lost",
        "not_dicom.dcm": "nothing; image.broken=1",
        "no_pixels.dcm": "nothing; dicom.no_pixels=1",
        "rows_mismatch.dcm": "nothing; dicom.truncated=1",
    },
    ("made/dicom", trouble.no_identifier): {
        "identifiers.dcm": "image=1; nothing lost; 6 identifiers, found 0",
    },
    ("made/dicom/series_gap", trouble.series): {
        "0.dcm": "slice 0 of 5, gaps=1; image=5; dicom.duplicate=1",
        "1.dcm": "slice 1 of 5, gaps=1; image=5; dicom.duplicate=1",
        "2.dcm": "slice 2 of 5, gaps=1; image=5; dicom.duplicate=1",
        "3.dcm": "slice 3 of 5, gaps=1; image=5; dicom.duplicate=1",
        "4.dcm": "slice 4 of 5, gaps=1; image=5; dicom.duplicate=1",
        "dup.dcm": "no slice; image=5; dicom.duplicate=1",
    },
    ("made/nifti", trouble.volume): {
        "truncated.nii.gz": "nifti.truncated",
        "bad_magic.nii": "nifti.unreadable",
        "dim_bomb.nii": "nifti.too_large",
        "nan_voxels.nii.gz": "35x52x34 nan_voxels=3640",
        "no_form.nii.gz": "35x52x34 not oriented",
    },
    ("made/nifti", trouble.pair): {
        "label_shape_mismatch/image.nii.gz": "nothing; annotation.missing=1",
        "label_shape_mismatch/label.nii.gz": "nothing; volume.shape_mismatch=1",
        "label_flipped_affine.nii.gz": "nothing; volume.place_mismatch=1",
    },
    ("made/nifti", trouble.label): {
        "label_float.nii.gz": "labels.not_whole",
    },
    ("made/json", trouble.text): {
        "trailing_comma.json": "json.invalid",
        "broken_line.jsonl": "question=2; json.invalid=1",
        "deep.json": "json.invalid",
    },
    ("made/json", trouble.vqa): {
        "vqa_bad.json": "nothing; image.missing=1 path.empty=1 path.outside=1 vqa.contradiction=2",
    },
    ("pillow_broken/Tests/images", trouble.picture): {
        "truncated_jpeg.jpg": "image.truncated",
        "truncated_app14.jpg": "100x100 JPEG",
        "truncated_image.png": "image.truncated",
        "broken.png": "image.broken",
        "broken_data_stream.png": "image.broken",
        "decompression_bomb.gif": "image.too_large",
        "decompression_bomb_extents.gif": "100x100 frames=2 frame=0 mode=P",
        "16bit.cropped.tif": "64x64 mode=I;16 window=percentile",
        "12in16bit.tif": "100x100 mode=I;16 window=percentile",
        "invalid-exif.jpg": "200x200 JPEG",
        "hopper_bad_exif.jpg": "500x500 JPEG",
        "pil_sample_cmyk.jpg": "100x100 mode=CMYK",
        "tiff_16bit_RGB.tiff": "100x40 mode=RGB;16 window=percentile",
        "exif_typeerror.jpg": "800x531 JPEG",
        "broken_exif_dpi.jpg": "100x100 JPEG",
        "photoshop-200dpi-broken.jpg": "200x200 JPEG",
        "crash-0c7e0e8e11ce787078f00b5b0ca409a167f070e0.tif": "image.broken",
        "crash-0e16d3bfb83be87356d026d66919deaefca44dac.tif": "image.broken",
        "crash-1185209cf7655b5aed8ae5e77784dfdd18ab59e9.tif": "image.broken",
        "crash-338516dbd2f0e83caddb8ce256c22db3bd6dc40f.tif": "image.broken",
        "crash-4f085cc12ece8cde18758d42608bed6a2a2cfb1c.tif": "image.broken",
        "crash-63b1dffefc8c075ddc606c0a2f5fdc15ece78863.tif": "image.broken",
        "crash-6b7f2244da6d0ae297ee0754a424213444e92778.sgi": "image.broken",
        "crash-754d9c7ec485ffb76a90eeaab191ef69a2a3a3cd.sgi": "image.broken",
        "crash-86214e58da443d2b80820cff9677a38a33dcbbca.tif": "image.broken",
        "crash-b82e64d4f3f76d7465b6af535283029eda211259.sgi": "image.broken",
        "crash-ccca68ff40171fdae983d924e127a721cab2bd50.j2k": "image.broken",
        "crash-db8bfa78b19721225425530c5946217720d7df4e.sgi": "image.broken",
        "oom-225817ca0f8c663be7ab4b9e717b02c661e66834.tif": "image.broken",
        "bmp/b/badbitcount.bmp": "image.broken",
        "bmp/b/baddens1.bmp": "127x64",
        "bmp/b/badfilesize.bmp": "127x64",
        "bmp/b/badpalettesize.bmp": "image.broken",
        "bmp/b/badrle.bmp": "127x64 mode=P",
        "bmp/b/pal8badindex.bmp": "127x64 mode=P",
        "bmp/b/rletopdown.bmp": "127x64 mode=P",
    },
    ("defusedxml/xmltestdata", trouble.xml): {
        "cyclic.xml": "xml.entities",
        "dtd.xml": "xml.html",
        "dtd_element.xml": "figures 0, captions 0, links 0",
        "external.xml": "xml.entities",
        "external_file.xml": "xml.entities",
        "quadratic.xml": "xml.entities",
        "simple-ns.xml": "figures 0, captions 0, links 0",
        "simple.xml": "figures 0, captions 0, links 0",
        "xmlbomb.xml": "xml.entities",
        "xmlbomb2.xml": "xml.entities",
    },
}
"""(folder, reader) to file to what comes of it."""
CASES = [(folder, reader, name, came) for (folder, reader), files in OUTCOMES.items() for name, came in files.items()]


@pytest.mark.parametrize(("folder", "reader", "name", "came"), CASES, ids=[f"{case[0]}/{case[2]}" for case in CASES])
def test_what_comes_of_it(tmp_path, data, folder, reader, name, came, monkeypatch):
    monkeypatch.setattr(socket.socket, "connect", None)
    assert trouble.outcome(reader, data / "trouble" / folder / name, tmp_path) == came


def test_no_file_is_missing(data):
    root = data / "trouble"
    listed = [
        f"{folder}/{name}"
        for folder in ("made", "pillow_broken")
        for name in json.loads((root / folder / "EXPECTED.json").read_text())
    ]
    attacks = [path.relative_to(root).as_posix() for path in (root / "defusedxml/xmltestdata").iterdir()]
    assert sorted(f"{folder}/{name}" for folder, _, name, _ in CASES) == sorted([*listed, *attacks])


@pytest.mark.parametrize("folder", ["made", "pillow_broken"])
def test_no_file_is_missing_from_the_lists(data, folder):
    """A file that stands in no list is told by nobody; only papers may."""
    root = data / "trouble" / folder
    listed = json.loads((root / "EXPECTED.json").read_text())
    there = {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()}
    assert there - set(listed) <= {"EXPECTED.json", "SOURCE.md", "LICENSE"}


def test_the_folder_of_pictures_is_accounted_for_by_one_card(tmp_path, data):
    """Read as a whole by ``plain``: a sample or a reject for each file, whatever it is called."""
    card = {"annotations": "none", "modality": "Radiology"}
    (tmp_path / "files").symlink_to(data / "trouble/pillow_broken/Tests")
    came, samples = trouble.ingested(tmp_path, "plain", **card)
    read = [
        1 for (folder, _), files in OUTCOMES.items() if "pillow" in folder for out in files.values() if "." not in out
    ]
    assert len(samples) == len(read) == 16 and came.startswith("image=16; ")
    assert sum(int(word.partition("=")[2]) for word in came.partition("; ")[2].split()) == 20
