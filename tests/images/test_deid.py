"""DICOM and volume headers without identifiers: what the profile names goes, what research needs stays."""

import gzip
import io
import time
import zipfile
from collections import Counter

import nibabel
import numpy as np
import pydicom
import pytest
from pydicom.encaps import encapsulate
from pydicom.tag import Tag

import make
from gmai.errors import ImageError
from gmai.images import CLEANERS, clean_packed_dicom, find_clean_kind, keyed_hash
from gmai.images.deid.dicom import clean_dicom
from gmai.images.deid.keep import read_rules
from gmai.images.deid.keys import keyed_days, keyed_uid
from gmai.images.deid.text import WITHHELD, find_identifiers, keep_term, keep_words
from planted import CHARACTERISTICS, RESEARCH, SECRETS, STORAGE, TABLE, WORDS, planted_dicom

OURS = ("DeidentificationMethod", "DeidentificationMethodCodeSequence", "LongitudinalTemporalInformationModified")


def bytes_of(dataset, **elements):
    for keyword, value in elements.items():
        setattr(dataset, keyword, value)
    out = io.BytesIO()
    dataset.save_as(out, enforce_file_format=True)
    return out.getvalue()


def small(tmp_path, values=None, **elements):
    return make.dicom(tmp_path / "a.dcm", values, **elements).read_bytes()


def cleaned(data):
    return pydicom.dcmread(io.BytesIO(clean_dicom(data).data))


def test_what_the_profile_removes_is_kept_only_where_an_option_says_so():
    """PS3.15 table E.1-1: each element on our list that the basic profile removes or replaces has its own treatment."""
    rules = read_rules()
    ours = {keyword: rules[int(tag, 16)].action for tag, keyword, _, _ in TABLE if int(tag, 16) in rules}
    plain = {keyword for keyword, action in ours.items() if action in {"keep", "bulk", "pixels"}}
    assert plain == CHARACTERISTICS - {"PatientAge", "EthnicGroup"}
    assert {k for k, action in ours.items() if action == "items"} == {"ReferencedImageSequence", "SourceImageSequence"}
    assert {k for k, action in ours.items() if action == "term"} == {"EthnicGroup"}
    assert ours["PatientName"] == ours["PatientID"] == "hash" and ours["PatientBirthDate"] == "empty"
    assert {action for k, action in ours.items() if k.endswith("UID")} == {"uid"}
    others = {action for action in ours.values()} - {"keep", "items", "term", "hash", "empty", "uid"}
    assert others == {"date", "time", "words", "label", "age", "content"}


def test_the_list_names_no_private_element_and_no_element_twice():
    assert not [tag for tag in read_rules() if Tag(tag).is_private]
    assert len(read_rules()) > 2000


def test_uids_are_valid_replaced_and_consistent_and_those_of_the_standard_stay(tmp_path):
    first = cleaned(small(tmp_path, StudyInstanceUID="1.2.3.4", FrameOfReferenceUID="1.2.3.9"))
    second = cleaned(small(tmp_path, StudyInstanceUID="1.2.3.4", FrameOfReferenceUID="1.2.840.10008.1.4.1.1"))
    assert first.StudyInstanceUID == second.StudyInstanceUID == keyed_uid("1.2.3.4")
    assert pydicom.uid.UID(first.StudyInstanceUID).is_valid and len(first.StudyInstanceUID) <= 64
    assert second.FrameOfReferenceUID == "1.2.840.10008.1.4.1.1" and first.SOPClassUID == STORAGE["CT"]
    assert first.file_meta.MediaStorageSOPInstanceUID == first.SOPInstanceUID


def test_dates_move_together_and_intervals_stay(tmp_path):
    found = cleaned(
        small(tmp_path, StudyDate="20200101", SeriesDate="20200229", AcquisitionDateTime="20200301120000.5+0200")
    )
    from datetime import datetime, timedelta

    study, series = (datetime.strptime(str(found[k].value), "%Y%m%d") for k in ("StudyDate", "SeriesDate"))
    assert series - study == timedelta(59)
    assert datetime(2020, 1, 1) - study == timedelta(keyed_days(make.PATIENT["PatientID"]))
    assert str(found.AcquisitionDateTime) == f"{study + timedelta(60):%Y%m%d}120000.5"
    assert found.LongitudinalTemporalInformationModified == "MODIFIED" and found.PatientIdentityRemoved == "YES"


def test_ages_are_capped_and_what_is_no_age_goes(tmp_path):
    ages = {"061Y": "061Y", "090Y": "090Y", "103Y": "090Y", "006M": "006M"}
    assert {old: cleaned(small(tmp_path, PatientAge=old)).PatientAge for old in ages} == ages


def test_a_value_that_is_not_what_its_element_holds_goes(tmp_path):
    data = small(tmp_path, KVP="120", BodyPartExamined="CHEST", SliceThickness="2.5")
    data = data.replace(b"CHEST ", b"Doe12 ").replace(b"\x04\x002.5 ", b"\x04\x00Jane")
    found = cleaned(data)
    assert found.KVP == 120 and "BodyPartExamined" not in found and "SliceThickness" not in found


def test_pixels_are_the_same_and_what_lies_behind_them_goes(tmp_path):
    data = small(tmp_path)
    before = pydicom.dcmread(io.BytesIO(data))
    longer = bytes_of(pydicom.dcmread(io.BytesIO(data)), PixelData=before.PixelData + b"Doe^Jane MRN 12 ")
    assert cleaned(data).PixelData == cleaned(longer).PixelData == before.PixelData


def test_comments_inside_compressed_frames_are_blanked(tmp_path):
    from PIL import Image

    out = io.BytesIO()
    Image.fromarray(make.pixels()).save(out, "JPEG", comment="Doe^Jane")
    dataset = pydicom.dcmread(io.BytesIO(small(tmp_path, make.pixels())))
    dataset.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2.4.50"
    dataset.PixelData = encapsulate([out.getvalue(), out.getvalue()])
    dataset["PixelData"].is_undefined_length = True
    dataset["PixelData"].VR = "OB"
    data = bytes_of(dataset, NumberOfFrames="2")
    found = clean_dicom(data)
    assert data.count(b"Doe^Jane") > 2 and b"Doe^Jane" not in found.data and found.counts["frames_blanked"] == 2
    assert np.array_equal(pydicom.dcmread(io.BytesIO(found.data)).pixel_array, dataset.pixel_array)


@pytest.mark.parametrize(
    ("elements", "reason"),
    [
        ({"SOPClassUID": "1.2.840.10008.5.1.4.1.1.104.1", "EncapsulatedDocument": b"%PDF"}, "deid.document"),
        ({"SOPClassUID": "1.2.840.10008.5.1.4.1.1.481.5", "PixelData": None}, "deid.dicom_object"),
        ({"SOPClassUID": "1.2.840.10008.1.3.10", "PixelData": None}, "deid.dicomdir"),
    ],
)
def test_objects_that_are_text_are_refused(tmp_path, elements, reason):
    with pytest.raises(ImageError) as error:
        clean_dicom(small(tmp_path, **elements))
    assert error.value.reason == reason


def test_burned_in_text_is_told(tmp_path):
    assert clean_dicom(small(tmp_path, BurnedInAnnotation="YES")).unclean
    assert clean_dicom(small(tmp_path, Modality="US")).suspect and not clean_dicom(small(tmp_path)).suspect


def test_labels_keep_their_words_and_lose_names():
    known = find_identifiers(["Doe^Jane"], ["MRN-0012345"])
    assert keep_words("GTV_left Doe 2", known, frozenset()) == "GTV_left 2"
    assert keep_words("AX T1 POST 3mm Miller 01.02.1970", known, frozenset()) == "AX T1 POST 3mm"
    assert keep_words("call 0555 123 456", known, frozenset()) == ""
    assert keep_words("xyzoma left", known, frozenset({"xyzoma"})) == "xyzoma left"
    assert keep_term("syngo MR E11", known) == "syngo MR E11"
    for text in ("syngo of Jane", "19700101", "1970-01-01", "mrn0012345x"):
        assert keep_term(text, known) is None


def test_a_segment_keeps_its_meaning():
    dataset, _ = planted_dicom("SEG", 0, 1)
    found = cleaned(bytes_of(dataset))
    segment = found.SegmentSequence[0]
    assert segment.SegmentLabel == "Liver" and "SegmentDescription" not in segment
    assert segment.SegmentedPropertyTypeCodeSequence[0].CodeMeaning == "Liver"
    instance = found.ReferencedSeriesSequence[0].ReferencedInstanceSequence[0]
    assert instance.ReferencedSOPInstanceUID == keyed_uid(f"{SECRETS['uid']}.0.1")
    structures = cleaned(bytes_of(planted_dicom("RTSTRUCT", 0, 1)[0]))
    assert structures.StructureSetROISequence[0].ROIName == "GTV" and structures.StructureSetLabel == "plan" or WITHHELD
    report = cleaned(bytes_of(planted_dicom("SR", 0, 1)[0]))
    assert [item.ValueType for item in report.ContentSequence] == ["NUM"]
    assert report.ContentSequence[0].MeasuredValueSequence[0].NumericValue == 12.5


def test_nothing_planted_is_left_in_any_kind_of_object():
    for number, modality in enumerate(STORAGE):
        dataset, done = planted_dicom(modality, number, number)
        data = clean_dicom(bytes_of(dataset)).data
        left = [word for word in WORDS for code in ("utf-8", "utf-16-le") if word.lower().encode(code) in data.lower()]
        assert len(done) > 500 and not left, (modality, left)


def test_a_packed_file_stays_packed(tmp_path):
    data = gzip.compress(small(tmp_path))
    (tmp_path / "a.dcm.gz").write_bytes(data)
    assert find_clean_kind(tmp_path / "a.dcm.gz") == "dicom"
    found = clean_packed_dicom(data, lambda _: None)
    assert b"Doe" not in gzip.decompress(found.data) and found.data[4:8] == bytes(4)


def nothing(_):
    return None


@pytest.mark.parametrize("second", [False, True])
def test_nifti_loses_texts_and_keeps_voxels(tmp_path, second):
    kind = nibabel.Nifti2Image if second else nibabel.Nifti1Image
    values = np.arange(60, dtype=np.int16).reshape(3, 4, 5)
    image = kind(values, np.diag([2, 3, 4, 1]))
    image.header["descrip"] = image.header["intent_name"] = b"Zebulon"
    image.header["aux_file"] = b"MRQ-8837465"
    image.header.extensions.append(nibabel.nifti1.Nifti1Extension("comment", b"Zebulon Quixley"))
    nibabel.save(image, tmp_path / "a.nii")
    data = (tmp_path / "a.nii").read_bytes() + b"Zebulon"
    found = CLEANERS.get("nifti")(data, nothing)
    assert data.count(b"Zebulon") == 4 and b"Zebulon" not in found.data and b"8837465" not in found.data
    (tmp_path / "b.nii").write_bytes(found.data)
    again = nibabel.load(tmp_path / "b.nii")
    assert np.array_equal(again.get_fdata(), values) and np.array_equal(again.affine, image.affine)
    assert again.header.get_zooms() == image.header.get_zooms()
    packed = CLEANERS.get("nifti")(gzip.compress(data), nothing)
    assert gzip.decompress(packed.data) == found.data


def test_a_volume_of_no_known_magic_is_refused_not_cut(tmp_path):
    data = make.nifti(tmp_path / "a.nii", np.ones((4, 5, 6), np.int16)).read_bytes()
    with pytest.raises(ImageError) as error:
        CLEANERS.get("nifti")(data[:344] + b"xyz\0" + data[348:], nothing)
    assert error.value.reason == "nifti.unreadable"


def test_nrrd_and_metaimage_lose_texts_and_keep_fields():
    nrrd = (b"NRRD0004\n# by Zebulon\ntype: short\ndimension: 3\nspace: left-posterior-superior\nsizes: 2 2 2\n"
            b"space directions: (1,0,0) (0,1,0) (0,0,1)\nkinds: domain domain domain\nendian: little\nencoding: raw\n"
            b"content: Zebulon\nspace origin: (0,0,0)\nunits: \"Zebulon\"\npatient:=Zebulon\nSegment0_LabelValue:=1\n"
            b"Segment0_Name:=Liver Zebulon\n\n" + bytes(16))  # fmt: skip
    found = CLEANERS.get("nrrd")(nrrd, nothing).data
    assert b"Zebulon" not in found and found.endswith(b"\n\n" + bytes(16)) and b"Segment0_Name:=Liver\n" in found
    assert [
        line in found for line in (b"type: short\n", b"space: left-posterior-superior\n", b"space origin: (0,0,0)\n")
    ]
    meta = (b"ObjectType = Image\nNDims = 3\nComment = Zebulon\nDimSize = 2 2 2\nElementSpacing = 1 1 1\n"
            b"PatientID = 7\nElementType = MET_SHORT\nElementDataFile = LOCAL\n" + bytes(16))  # fmt: skip
    found = CLEANERS.get("metaimage")(meta, nothing).data
    assert b"Zebulon" not in found and b"PatientID" not in found and found.endswith(b"LOCAL\n" + bytes(16))
    detached = meta.replace(b"LOCAL", b"Zebulon.raw")
    assert b"= 77.raw" in CLEANERS.get("metaimage")(detached, lambda name: "77.raw").data
    with pytest.raises(ImageError, match="followed"):
        CLEANERS.get("metaimage")(detached, nothing)


def test_arrays_of_numbers_pass_and_others_do_not(tmp_path):
    np.savez_compressed(tmp_path / "a.npz", x=np.arange(4))
    data = (tmp_path / "a.npz").read_bytes()
    assert CLEANERS.get("arrays")(data, nothing).data == data
    np.savez(tmp_path / "b.npz", names=np.array(["Zebulon"]))
    np.save(tmp_path / "c.npy", np.arange(3))
    for bad in ((tmp_path / "b.npz").read_bytes(), data + b"Zebulon", (tmp_path / "c.npy").read_bytes() + b"Z"):
        with pytest.raises(ImageError) as error:
            CLEANERS.get("arrays")(bad, nothing)
        assert error.value.reason == "deid.array_text"


@pytest.mark.parametrize("name", ["Doe_Jane", "cases/doe-jane/image", "image_19700101", "机密", "dojaneimage"])
def test_arrays_named_after_somebody_are_refused_without_telling_the_name(tmp_path, name):
    with zipfile.ZipFile(tmp_path / "a.npz", "w") as archive:
        np.save(tmp_path / "x.npy", np.arange(4))
        archive.write(tmp_path / "x.npy", f"{name}.npy")
    with pytest.raises(ImageError) as error:
        CLEANERS.get("arrays")((tmp_path / "a.npz").read_bytes(), nothing)
    assert error.value.reason == "deid.array_name" and name not in str(error.value)


def test_arrays_named_by_what_they_are_pass(tmp_path):
    names = ("arr_0", "train_images", "val_labels", "image", "spacing", "x", "Y", "slice_012", "ct/mask")
    np.savez(tmp_path / "a.npz", **{name: np.arange(4) for name in names})
    data = (tmp_path / "a.npz").read_bytes()
    assert CLEANERS.get("arrays")(data, nothing).data == data


def with_header(text):
    """An NPY file of one number, its header as given."""
    header = text.encode().ljust(117) + b"\n"
    return b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header + bytes(8)


def test_arrays_that_cannot_be_read_are_refused(tmp_path):
    np.savez_compressed(tmp_path / "a.npz", x=np.arange(4))
    data = (tmp_path / "a.npz").read_bytes()
    with zipfile.ZipFile(tmp_path / "a.npz") as archive:
        directory, member = archive.start_dir, archive.infolist()[0]
    begin = directory - member.compress_size
    locked = bytearray(data)
    locked[6] |= 1
    locked[directory + 8] |= 1
    plain = "{'descr': '<f8', 'fortran_order': False, 'shape': (1,), }"
    assert CLEANERS.get("arrays")(with_header(plain), nothing).counts == {"kept": 1}
    bad = {
        "encrypted": bytes(locked),
        "Error -3": data[:begin] + b"\xff" * member.compress_size + data[directory:],
        "a comment": with_header(plain + " # Zebulon"),
        "EOF in multi-line": with_header("-" * 70 + "1 {"),
    }
    for why, each in bad.items():
        with pytest.raises(ImageError, match=why) as error:
            CLEANERS.get("arrays")(each, nothing)
        assert error.value.reason == "deid.array_text"


def test_another_key_gives_other_names(tmp_path, monkeypatch):
    first = cleaned(small(tmp_path))
    monkeypatch.setenv("GMAI_DEID_KEY", "another")
    second = cleaned(small(tmp_path))
    assert first.PatientID != second.PatientID and first.SOPInstanceUID != second.SOPInstanceUID
    assert second.PatientID == keyed_hash("patient", make.PATIENT["PatientID"])


def test_research_elements_stay():
    dataset, _ = planted_dicom("MR", 1, 1)
    before, found = pydicom.dcmread(io.BytesIO(bytes_of(dataset))), cleaned(bytes_of(dataset))
    assert {k for k in RESEARCH if k not in found or found[k].value != before[k].value} == set()


def test_speed_is_that_of_a_door_not_of_a_wall(tmp_path):
    """A loose guard: 120 files a second are the aim on a free core; see the guide for what was measured."""
    data = small(tmp_path)
    start = time.perf_counter()
    for _ in range(40):
        clean_dicom(data)
    assert time.perf_counter() - start < 4


@pytest.mark.data
def test_real_files_are_cleaned_or_refused_and_their_pixels_stay(data):
    outcomes, same = Counter(), 0
    for path in sorted((data / "dicom").rglob("*")):
        if not path.is_file() or find_clean_kind(path) != "dicom":
            continue
        raw = path.read_bytes()
        try:
            found = pydicom.dcmread(io.BytesIO(clean_dicom(raw).data))
        except ImageError as error:
            outcomes[error.reason] += 1
            continue
        outcomes["cleaned"] += 1
        before = pydicom.dcmread(io.BytesIO(raw), force=True)
        for keyword in OURS:
            del found[keyword]
        text = " ".join(str(element.value) for element in found.iterall() if element.VR != "SQ").lower()
        assert not [e for e in found.iterall() if e.tag.is_private]
        for name in ("PatientName", "PatientID", "AccessionNumber", "InstitutionName"):
            value = str(before.get(name) or "").lower()
            assert len(value) < 6 or value not in text, (path, name)
        try:
            pixels = before.pixel_array
        except Exception:  # noqa: BLE001, S112
            continue
        assert np.array_equal(found.pixel_array, pixels), path
        same += 1
    assert outcomes["cleaned"] > 300 and same > 200
