"""A lab's folder full of identifiers, planted wherever files can hold them: none is in what is written."""

import gzip
import io
import json
import struct
import sys
from datetime import datetime
from pathlib import Path

import cv2
import nibabel
import numpy as np
import pydicom
import pytest
from click.testing import CliRunner
from PIL import Image, PngImagePlugin

import make
from gmai.base import JobConfig
from gmai.cli import main
from gmai.convert import ConvertConfig, convert
from gmai.corpus import iter_samples
from gmai.errors import ConfigError
from gmai.images.deid.keys import keyed_uid
from gmai.sources import DeidConfig, IngestConfig, deid, ingest
from gmai.sources.privacy import spells_identifier
from planted import MOVED, RESEARCH, SECRETS, STORAGE, leaks, planted_dicom, write

HERE = JobConfig(workers=0)
NOTE = f"{SECRETS['name']} {SECRETS['id']} {SECRETS['birth']} {SECRETS['note']} {SECRETS['phone']}"


@pytest.fixture(autouse=True)
def key(monkeypatch):
    monkeypatch.setenv("GMAI_DEID_KEY", "a key for tests")


def exif():
    block = Image.Exif()
    block[270] = block[315] = block[33432] = NOTE
    block.get_ifd(34853)[29] = SECRETS["birth"]
    return block


def slide(path):
    """A slide as Aperio writes it: tiles, a thumbnail, a label and a macro picture, and names in the description."""
    text = f"Aperio Image Library v11.2.1\r\n64x64 [0,0 64x64]|AppMag = 20|MPP = 0.5|ID = {NOTE}"
    pages = [Image.fromarray(make.pixels(64, 64, 3, seed=n)) for n in range(3)]
    label = Image.fromarray(np.full((32, 64, 3), 255, np.uint8))
    pages[0].save(path, "TIFF", save_all=True, append_images=[pages[1], label], description=text)
    return path


def raster_files(folder):
    info = PngImagePlugin.PngInfo()
    info.add_text("Patient", NOTE)
    info.add_text("Zipped", NOTE * 5, zip=True)
    info.add_itxt("Name", NOTE, zip=True)
    make.picture(folder / "Zebulon^Quixley/a.png", pnginfo=info, exif=exif())
    make.picture(folder / "b.jpg", make.pixels(40, 48, 3), exif=exif(), comment=NOTE, xmp=NOTE.encode())
    make.picture(folder / "c.gif", mode="P", comment=NOTE.encode())
    make.picture(folder / "d.tif", description=NOTE, artist=NOTE, software=NOTE)
    make.picture(folder / "e.webp", make.pixels(40, 48, 3), exif=exif(), xmp=NOTE.encode())
    with make.picture(folder / "f.bmp").open("ab") as file:
        file.write(NOTE.encode())
    slide(folder / "g.svs")


def volume_files(folder):
    image = nibabel.Nifti1Image(np.arange(60, dtype=np.int16).reshape(3, 4, 5), np.eye(4))
    image.header["descrip"], image.header["aux_file"] = NOTE[:79].encode(), NOTE[:23].encode()
    image.header.extensions.append(nibabel.nifti1.Nifti1Extension("comment", NOTE.encode()))
    for name in ("Zebulon_19430217.nii", "v.nii.gz"):
        nibabel.save(image, folder / name)
    nibabel.save(nibabel.Nifti1Pair(image.get_fdata().astype(np.int16), np.eye(4)), folder / "Quixley.img")
    nrrd = (
        f"NRRD0004\n# {NOTE}\ntype: uchar\ndimension: 3\nsizes: 2 2 2\nencoding: raw\nname:={NOTE}\n\n".encode()
        + bytes(8)
    )
    (folder / "h.nrrd").write_bytes(nrrd)
    head = "ObjectType = Image\nNDims = 3\nDimSize = 2 2 2\nElementType = MET_UCHAR\n"
    (folder / "i.mha").write_bytes(f"{head}Comment = {NOTE}\nElementDataFile = LOCAL\n".encode() + bytes(8))
    (folder / "j.mhd").write_text(f"{head}Comment = {NOTE}\nElementDataFile = Zebulon.raw\n")
    (folder / "Zebulon.raw").write_bytes(bytes(range(8)))
    np.savez(folder / "k.npz", x=np.arange(4))
    with gzip.GzipFile(folder / "l.nii.gz", "wb") as file:
        file.write((folder / "Zebulon_19430217.nii").read_bytes())


def other_files(folder):
    make.text(folder / "patients.csv", f"name,id\n{SECRETS['name']},{SECRETS['id']}\n")
    make.text(folder / "notes.json", json.dumps({"note": NOTE}))
    make.text(folder / "unknown.xyz", NOTE)
    make.text(folder / ".hidden", NOTE)
    (folder / "empty.dcm").write_bytes(b"")
    (folder / "link.dcm").symlink_to(folder / "patients.csv")
    np.savez(folder / "names.npz", names=np.array([NOTE]))


@pytest.fixture
def drop(tmp_path):
    """Everything a lab may drop: DICOM of every kind, pictures, volumes, tables, links and rubbish."""
    folder = tmp_path / "drop"
    for number, modality in enumerate(STORAGE):
        path = folder / f"Zebulon_Quixley_1943-02-17/{SECRETS['accession']}/{modality}{number}.dcm"
        write(planted_dicom(modality, number % 3, number)[0], path)
    make.dicom(folder / "DICOMDIR", SOPClassUID="1.2.840.10008.1.3.10", PixelData=None)
    raster_files(folder)
    volume_files(folder)
    other_files(folder)
    return folder


def run(drop, out, **changes):
    return deid(DeidConfig(folder=drop, out=out, job=HERE, **changes))


def files_of(out):
    return [path for path in sorted((out / "files").rglob("*")) if path.is_file()]


def test_no_planted_identifier_reaches_any_output(drop, tmp_path, caplog):
    assert len(leaks(drop)) > 35, "the test must plant something everywhere"
    summary = run(drop, tmp_path / "out", burned_in="keep")
    assert leaks(tmp_path / "out") == {}
    assert not [word for word in ("Zebulon", "drop") if word in caplog.text]
    total = sum(1 for path in drop.rglob("*") if path.is_file() or path.is_symlink())
    assert summary.accepted["file"] + sum(summary.rejected.values()) == total == summary.items
    assert summary.accepted["file"] == len(files_of(tmp_path / "out"))
    assert summary.reasons == {
        "deid.array_text": 1,
        "deid.dicomdir": 1,
        "deid.empty": 1,
        "deid.link": 1,
        "deid.text": 2,
        "deid.unknown_kind": 2,
    }
    kinds = {"arrays": 1, "dicom": 14, "metaimage": 2, "nifti": 4, "nrrd": 1, "raster": 7, "voxels": 2}
    assert summary.accepted == {**kinds, "file": 31}


def test_cleaned_files_hold_what_they_held(drop, tmp_path):
    run(drop, tmp_path / "out", burned_in="keep", mapping=tmp_path / "way-back.jsonl")
    ways = {way["old"]: way for way in map(json.loads, (tmp_path / "way-back.jsonl").read_text().splitlines())}
    out = tmp_path / "out/files"
    for name in ("Zebulon^Quixley/a.png", "b.jpg", "c.gif", "d.tif", "e.webp", "f.bmp", "g.svs"):
        with Image.open(drop / name) as before, Image.open(out / ways[name]["new"]) as after:
            assert np.array_equal(np.asarray(before.convert("RGB")), np.asarray(after.convert("RGB"))), name
    for name in ("Zebulon_19430217.nii", "v.nii.gz", "l.nii.gz", "Quixley.img"):
        after = nibabel.load(out / ways[name]["new"])
        assert np.array_equal(after.get_fdata(), nibabel.load(drop / name).get_fdata()), name
    header = (out / ways["j.mhd"]["new"]).read_text()
    assert f"ElementDataFile = {Path(ways['Zebulon.raw']['new']).name}\n" in header
    assert (out / ways["Zebulon.raw"]["new"]).read_bytes() == bytes(range(8))
    assert ways["patients.csv"]["left_out"] == "deid.text" and not (out / ways["patients.csv"]["new"]).exists()


def test_label_and_macro_pictures_of_a_slide_are_gone(tmp_path):
    path = tmp_path / "drop/a.svs"
    path.parent.mkdir()
    tiles = [Image.fromarray(make.pixels(64, 64, 3, seed=n)) for n in range(2)]
    label = Image.fromarray(make.pixels(32, 64, 3) // 3)
    tiles[0].save(
        path, "TIFF", save_all=True, append_images=[tiles[1], label], description="Aperio Image Library v11\r\n"
    )
    assert label.tobytes() in path.read_bytes()
    mark_as_side_picture(path, page=2)
    run(path.parent, tmp_path / "out", burned_in="keep")
    (written,) = files_of(tmp_path / "out")
    assert label.tobytes() not in written.read_bytes()
    with Image.open(written) as after:
        assert after.n_frames == 2


def mark_as_side_picture(path, page):
    """Say in a TIFF's page that it is a reduced picture, as Aperio does of its label and macro pictures."""
    data = bytearray(path.read_bytes())
    (start,) = struct.unpack_from("<I", data, 4)
    for _ in range(page):
        (count,) = struct.unpack_from("<H", data, start)
        (start,) = struct.unpack_from("<I", data, start + 2 + 12 * count)
    struct.pack_into("<HHIHH", data, start + 2, 254, 4, 1, 1, 0)
    path.write_bytes(bytes(data))


@pytest.mark.parametrize("patients", [1, pytest.param(9, marks=pytest.mark.slow)])
def test_correct_actions_over_required_actions(tmp_path, capsys, patients):
    """As MIDI-B counts: each planted element must go or change, each element of research must stay as it is."""
    folder, files = tmp_path / "drop", {}
    for patient in range(patients):
        for number, modality in enumerate(STORAGE):
            dataset, done = planted_dicom(modality, patient, number)
            path = write(dataset, folder / f"{patient}/{modality}.dcm")
            files[path.relative_to(folder).as_posix()] = (path, done)
    run(folder, tmp_path / "out", mapping=tmp_path / "map.jsonl", burned_in="keep")
    right = required = 0
    wrong = []
    for way in map(json.loads, (tmp_path / "map.jsonl").read_text().splitlines()):
        path, done = files[way["old"]]
        before, after = pydicom.dcmread(path), pydicom.dcmread(tmp_path / "out/files" / way["new"])
        for keyword, good in judged(before, after, done):
            required, right = required + 1, right + good
            if not good:
                wrong.append((way["old"], keyword))
    with capsys.disabled():
        sys.stdout.write(f"\n{right} of {required} required actions right ({100 * right / required:.3f} %)\n")
    assert len(files) == 14 * patients and required >= 9000 * patients
    assert right / required >= 0.9993, wrong[:20]


KEPT_TIMES = {"StudyTime", "SeriesTime", "AcquisitionTime", "ContentTime", "StructureSetTime", "InstanceCreationTime",
              "RadiopharmaceuticalStartTime", "RadiopharmaceuticalStopTime", "TimeOfSecondaryCapture",
              "ContrastBolusStartTime", "ContrastBolusStopTime"}  # fmt: skip
KEPT = {"SmokingStatus", "PregnancyStatus", "PatientSexNeutered", "EthnicGroup"}
"""Planted elements that an option of the profile keeps: times of day, and characteristics of the patient."""


def judged(before, after, done):
    """(element, right?) of every required action in one file."""
    for keyword in RESEARCH:
        yield keyword, keyword in after and after[keyword].value == before[keyword].value
    moved = {(day(before, k) - day(after, k)).days for k in MOVED if k in after}
    yield "dates", len(moved) == 1 and moved.pop() >= 1 and all(k in after for k in MOVED)
    for keyword in ("SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID", "FrameOfReferenceUID"):
        yield keyword, after[keyword].value == keyed_uid(before[keyword].value)
    for keyword in ("PatientName", "PatientID", "PatientBirthDate"):
        yield keyword, keyword in after and str(after[keyword].value) != str(before[keyword].value)
    for keyword, vr in done:
        if keyword in KEPT_TIMES | KEPT:
            continue
        if vr == "UI":
            yield keyword, keyword not in after or after[keyword].value == keyed_uid(before[keyword].value)
        elif vr == "SQ":
            text = str(after[keyword].value) if keyword in after else ""
            yield keyword, not any(secret in text for secret in SECRETS.values())
        else:
            yield keyword, keyword not in after or after[keyword].value != before[keyword].value
    for element in before:
        if element.tag.is_private or element.tag.group in range(0x6000, 0x6020):
            yield str(element.tag), element.tag not in after


def day(dataset, keyword):
    return datetime.strptime(str(dataset[keyword].value), "%Y%m%d")


def test_references_still_meet_their_files(tmp_path):
    ct = planted_dicom("CT", 0, 1)[0]
    seg = planted_dicom("SEG", 0, 2)[0]
    seg.ReferencedSeriesSequence[0].ReferencedInstanceSequence[0].ReferencedSOPInstanceUID = ct.SOPInstanceUID
    write(ct, tmp_path / "drop/ct.dcm"), write(seg, tmp_path / "drop/seg.dcm")
    run(tmp_path / "drop", tmp_path / "out", burned_in="keep")
    found = {d.Modality: d for d in map(pydicom.dcmread, files_of(tmp_path / "out"))}
    reference = found["SEG"].ReferencedSeriesSequence[0].ReferencedInstanceSequence[0].ReferencedSOPInstanceUID
    assert reference == found["CT"].SOPInstanceUID and found["CT"].PatientID == found["SEG"].PatientID


def test_a_key_is_asked_for(drop, tmp_path, monkeypatch):
    monkeypatch.delenv("GMAI_DEID_KEY")
    with pytest.raises(ConfigError, match="GMAI_DEID_KEY"):
        run(drop, tmp_path / "out")
    assert not (tmp_path / "out").exists()
    assert run(drop, tmp_path / "out", key_optional=True, burned_in="keep").accepted["file"] > 20


@pytest.mark.parametrize(
    "changes",
    [{"out": "drop/out"}, {"out": "."}, {"out": "out", "mapping": "out/map.jsonl"}],
)
def test_the_output_lies_apart(drop, tmp_path, changes):
    with pytest.raises(ConfigError):
        deid(DeidConfig(folder=drop, job=HERE, **{name: tmp_path / value for name, value in changes.items()}))


def test_texts_are_copied_only_on_your_word(drop, tmp_path):
    summary = run(drop, tmp_path / "out", text="copy", burned_in="keep")
    assert summary.accepted["text"] == 2 and "deid.text" not in summary.reasons


def test_the_same_command_continues_and_gives_the_same_bytes(drop, tmp_path):
    first = run(drop, tmp_path / "a", burned_in="keep")
    assert run(drop, tmp_path / "a", burned_in="keep") == first
    other = deid(DeidConfig(folder=drop, out=tmp_path / "b", burned_in="keep", job=JobConfig(workers=2)))
    assert other == first
    manifests = [json.loads((tmp_path / name / "manifest.json").read_text())["files"] for name in "ab"]
    assert manifests[0] == manifests[1] and len(manifests[0]) > 30


def test_the_command_says_what_it_did(drop, tmp_path):
    result = CliRunner().invoke(
        main, ["source", "deid", str(drop), "-o", str(tmp_path / "out"), "--workers", "0", "--quiet"]
    )
    assert result.exit_code == 0, result.output
    assert "dicom: " in result.output and "left out: deid.text 2" in result.output


def with_text(pixels, text="Quixley 17.02.1943"):
    drawn = pixels.copy()
    cv2.putText(drawn, text, (6, 24), cv2.FONT_HERSHEY_SIMPLEX, 0.6, (255, 255, 255), 1, cv2.LINE_AA)
    return drawn


def test_pictures_with_text_burned_in_are_left_out_at_the_door(tmp_path):
    folder = tmp_path / "drop"
    plain = np.full((200, 300), 30, np.uint8)
    make.picture(folder / "a.png", plain)
    make.picture(folder / "b.png", with_text(plain))
    for name, values in (("c.dcm", plain), ("d.dcm", with_text(plain))):
        make.dicom(folder / name, values, Modality="US", SOPClassUID=STORAGE["US"], ImagePositionPatient=None)
    make.dicom(folder / "e.dcm", plain, BurnedInAnnotation="YES")
    make.dicom(folder / "f.dcm", with_text(plain))
    assert run(folder, tmp_path / "auto").reasons == {"deid.burned_in_text": 3}
    assert run(folder, tmp_path / "detect", burned_in="detect").reasons == {"deid.burned_in_text": 4}
    assert run(folder, tmp_path / "keep", burned_in="keep").reasons == {}
    rejects = [json.loads(line) for line in (tmp_path / "auto/rejects.jsonl").read_text().splitlines()]
    assert sum("text at (" in reject["detail"] for reject in rejects) == 2


@pytest.fixture
def source(tmp_path):
    """A source whose folders are named after people, with identifiers in every picture's metadata."""
    folder = tmp_path / "files"
    for number, name in enumerate(("Zebulon_Quixley_1943-02-17", "knee_left")):
        make.picture(folder / name / f"{number}.jpg", make.pixels(40, 48, 3), exif=exif(), comment=NOTE)
        info = PngImagePlugin.PngInfo()
        info.add_text("Patient", NOTE)
        make.picture(folder / name / f"x{number}.png", make.pixels(40, 48), pnginfo=info)
    (folder / "Zebulon_Quixley_1943-02-17/broken.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    rows = "".join(f"{path.relative_to(folder).as_posix()},mild\n" for path in sorted(folder.rglob("*.*g")))
    make.text(folder / "grades.csv", f"image,grade\n{rows}")
    labels = {"mild": {"name": "mild", "task": "grade"}, "severe": {"name": "severe", "task": "grade"}}
    options = {"table": "grades.csv", "image": "image", "images": ".", "labels": {"grade": "grade"}}
    return make.write_card(
        tmp_path / "card.yaml", format="class_table", options=options, files=["grades.csv"], labels=labels
    )


@pytest.mark.parametrize("hide", ["auto", True])
def test_no_identifier_passes_ingest_and_convert(source, tmp_path, hide):
    changes = {"privacy": {"hide_paths": hide}}
    config = IngestConfig(card=str(source), root=tmp_path / "files", out=tmp_path / "raw", changes=changes, job=HERE)
    summary = ingest(config)
    assert summary.accepted["image"] == 4 and summary.rejected == {"annotation": 1, "image": 1}
    convert(ConvertConfig(raw=(tmp_path / "raw",), out=tmp_path / "corpus", job=HERE))
    assert leaks(tmp_path / "raw") == {} and leaks(tmp_path / "corpus") == {}
    uris = sorted(stored.sample.images[0].uri for stored in iter_samples(tmp_path / "raw"))
    assert [uri.startswith("hidden/") for uri in uris].count(True) == (2 if hide == "auto" else 4)
    if hide is True:
        assert "files" not in json.loads((tmp_path / "raw/run.json").read_text())["config"]["root"]
        assert len({stored.sample.id for stored in iter_samples(tmp_path / "raw")}) == 4


def test_signs_of_a_person_in_a_path():
    named = ["Smith_John_1970-01-01/a.png", "a/DOE^JANE.dcm", "MRN 0012345/1.png", "x/jane@example.org/1.png",
             "dob-19700101.png", "Miller 01.02.1970.jpg"]  # fmt: skip
    plain = ["Left_Knee/1.png", "2019-01-01/ct.dcm", "IMG_20200101.png", "covid-19-pneumonia-2.jpg", "patient007/2.png",
             "1.2.840.113619.2.5.20190101/1.dcm", "a/b/0001.dcm"]  # fmt: skip
    assert all(map(spells_identifier, named)) and not any(map(spells_identifier, plain))


def test_pictures_with_text_are_quarantined_at_ingest(tmp_path):
    plain = np.full((200, 300), 30, np.uint8)
    make.picture(tmp_path / "files/a.png", plain)
    make.picture(tmp_path / "files/b.png", with_text(plain))
    make.text(tmp_path / "files/t.csv", "image,grade\na.png,mild\nb.png,mild\n")
    options = {"table": "t.csv", "image": "image", "images": ".", "labels": {"grade": "grade"}}
    labels = {"mild": {"name": "mild", "task": "grade"}}
    card = make.write_card(tmp_path / "c.yaml", format="class_table", options=options, files=["t.csv"], labels=labels)

    def ingested(mode):
        changes = {"privacy": {"burned_in": mode}}
        root, out = tmp_path / "files", tmp_path / mode
        return ingest(IngestConfig(card=str(card), root=root, out=out, changes=changes, job=HERE))

    assert ingested("auto").accepted["image"] == 2
    found = ingested("detect")
    assert found.accepted["image"] == 1 and found.rejected == {"annotation": 1, "image": 1}
    reject, *_ = [json.loads(line) for line in (tmp_path / "detect/rejects.jsonl").read_text().splitlines()]
    assert reject["id"] == "b.png" and "text at (" in reject["detail"]


def test_a_film_loses_only_the_frames_that_say_something(tmp_path):
    plain = np.full((200, 300), 30, np.uint8)
    frames = np.stack([plain, with_text(plain), plain])
    elements = {"Modality": "US", "NumberOfFrames": "3", "ImagePositionPatient": None, "ImageOrientationPatient": None}
    make.dicom(tmp_path / "files/us.dcm", frames, SOPClassUID="1.2.840.10008.5.1.4.1.1.3.1", **elements)
    card = make.write_card(tmp_path / "c.yaml", format="dicom_series", files=["**/*.dcm"], annotations="none",
                           frames={"mode": "all"}, slices={"mode": "all"})  # fmt: skip
    summary = ingest(IngestConfig(card=str(card), root=tmp_path / "files", out=tmp_path / "raw", job=HERE))
    assert summary.accepted["sample"] == 2 and summary.accepted["image"] == 1
    assert summary.rejected == {"picture": 1} and summary.reasons == {"deid.burned_in_text": 1}


@pytest.mark.data
def test_invented_identifiers_of_a_real_file_stay_inside(data, tmp_path):
    raw = pydicom.dcmread(data / "trouble/made/dicom/identifiers.dcm")
    words = [str(raw[k].value) for k in ("PatientName", "PatientID", "PatientBirthDate", "PatientAddress") if k in raw]
    run(data / "trouble/made/dicom", tmp_path / "out")
    found = b"".join(path.read_bytes() for path in (tmp_path / "out").rglob("*") if path.is_file())
    parts = {part for word in words for part in word.replace("^", " ").split() if len(part) > 3}
    assert len(parts) > 2 and not [part for part in parts if part.encode() in found]


@pytest.mark.data
def test_every_real_file_is_cleaned_or_left_out(data, tmp_path):
    folder = data / "dicom/pydicom_test_files"
    summary = run(folder, tmp_path / "out", burned_in="keep")
    assert summary.items == sum(path.is_file() for path in folder.rglob("*"))
    assert summary.accepted["file"] + summary.rejected["file"] == summary.items and summary.accepted["dicom"] > 80
    for path in files_of(tmp_path / "out"):
        if path.suffix == ".dcm":
            pydicom.dcmread(io.BytesIO(path.read_bytes()))


@pytest.mark.parametrize(("reader", "options"), [("plain", {"files": "**/*"}), ("dicom_series", {})])
def test_no_identifier_of_a_lab_passes_ingest(drop, tmp_path, reader, options, caplog):
    (drop / "link.dcm").unlink()
    made = make.card(
        format=reader, options=options, annotations="none", privacy={"hide_paths": True, "burned_in": "keep"}
    )
    card = make.text(tmp_path / "card.yaml", json.dumps(made))
    summary = ingest(IngestConfig(card=str(card), root=drop, out=tmp_path / "raw", job=HERE))
    assert summary.accepted["sample"] >= (10 if reader == "plain" else 3)
    assert leaks(tmp_path / "raw") == {}
    assert "Zebulon" not in caplog.text
