"""DICOM pixels and their meaning: codings, bits, colours, tables, windows, padding; what is not read says who would."""

import gzip
from io import BytesIO

import numpy as np
import pydicom
import pytest
from PIL import Image
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.pixels import apply_voi_lut, apply_windowing
from pydicom.sequence import Sequence

import make
from gmai.errors import ImageError
from gmai.images import find_kind, find_volume_window, open_image, peek, show_slice
from gmai.images.dicom.syntax import add_codecs
from gmai.types import WindowPolicy

HEADER = WindowPolicy(mode="header")


def volume_of(path):
    return open_image(path).volume()[0]


def shown(path, policy=HEADER):
    volume = volume_of(path)
    return show_slice(volume, 2, 0, find_volume_window(volume, policy))


def error_of(path) -> ImageError:
    with pytest.raises(ImageError) as error:
        volume_of(path)
    return error.value


def rewritten(path, syntax=None, **elements):
    """Read a file with pydicom, change it, and write it again."""
    dataset = pydicom.dcmread(path)
    for name, value in elements.items():
        setattr(dataset, name, value)
    if syntax:
        dataset.file_meta.TransferSyntaxUID = syntax
    dataset.save_as(path, implicit_vr=False, little_endian=True, enforce_file_format=True)
    return path


RAMP = (np.arange(12 * 16, dtype=np.int16).reshape(12, 16) * 9 - 300).astype(np.int16)


@pytest.mark.parametrize("function", ["LINEAR", "LINEAR_EXACT", "SIGMOID"])
def test_a_header_window_is_applied_as_dicom_defines_it(tmp_path, function):
    told = {"WindowCenter": 200, "WindowWidth": 700, "VOILUTFunction": function, "RescaleIntercept": -100}
    path = make.dicom(tmp_path / "w.dcm", RAMP, **told)
    dataset = pydicom.dcmread(path)
    stored = dataset.pixel_array.astype(np.float64) - 100
    dataset.BitsStored, dataset.RescaleSlope = 16, 1  # what pydicom takes the range of its output from
    exact = apply_windowing(stored, dataset)
    low, high = -32768 - 100, 32767 - 100
    assert np.abs(shown(path) - (exact - low) / (high - low) * 255).max() <= 0.51


def test_of_several_windows_the_first_is_taken_and_told(tmp_path):
    several = make.dicom(tmp_path / "s.dcm", RAMP, WindowCenter=[50, 400], WindowWidth=[100, 2000])
    one = make.dicom(tmp_path / "o.dcm", RAMP, WindowCenter=50, WindowWidth=100)
    assert np.array_equal(shown(several), shown(one)) and shown(one).max() == 255
    assert volume_of(several).steps[0].parameters["windows"].startswith("2, ")


def voi_table(first=-100, entries=256, bits=12):
    item = Dataset()
    item.LUTDescriptor = [entries, first, bits]
    item.LUTData = (np.linspace(0, 1, entries) ** 2 * (2**bits - 1)).astype(int).tolist()
    item["LUTDescriptor"].VR, item["LUTData"].VR = "SS", "US"
    return Sequence([item])


def test_a_voi_table_is_applied_before_any_window(tmp_path):
    path = make.dicom(tmp_path / "t.dcm", RAMP, VOILUTSequence=voi_table(), WindowCenter=0, WindowWidth=10)
    dataset = pydicom.dcmread(path)
    exact = apply_voi_lut(dataset.pixel_array, dataset, prefer_lut=True).astype(np.float64) / 4095 * 255
    assert np.abs(shown(path) - exact).max() <= 0.51 and len(np.unique(shown(path))) > 20


def test_a_modality_table_gives_the_values(tmp_path):
    table = Dataset()
    table.LUTDescriptor, table.LUTData, table.ModalityLUTType = [4, 0, 16], [7, 70, 700, 7000], "US"
    table["LUTDescriptor"].VR = table["LUTData"].VR = "US"
    stored = np.arange(12, dtype=np.uint16).reshape(3, 4) % 4
    volume = volume_of(make.dicom(tmp_path / "m.dcm", stored, ModalityLUTSequence=Sequence([table])))
    back = volume.voxels[0, ::-1, ::-1]
    assert np.array_equal(back, np.array([7, 70, 700, 7000])[stored])
    assert volume.steps[0].parameters["modality_table"] is True


def test_padding_is_black_and_counts_for_no_percentile(tmp_path):
    stored = RAMP.copy()
    stored[:, :6] = -2000
    plain = {"PixelPaddingValue": -2000, "RescaleIntercept": -24}
    path = make.dicom(tmp_path / "p.dcm", stored, **plain)
    volume = volume_of(path)
    window = find_volume_window(volume, WindowPolicy())
    assert volume.padding == (-2024, -2024) and window.centre - window.width / 2 > -400
    inverted = make.dicom(tmp_path / "i.dcm", stored, **plain, PhotometricInterpretation="MONOCHROME1")
    for each in (path, inverted):
        picture = shown(each, WindowPolicy())
        assert (picture[:, :6] == 0).all() and picture[:, 6:].max() == 255
    between = make.dicom(tmp_path / "r.dcm", stored, PixelPaddingValue=-2000, PixelPaddingRangeLimit=-250)
    assert volume_of(between).padding == (-2000, -250)


@pytest.mark.parametrize(
    ("stored", "elements", "values"),
    [
        ([0x0FFB, 7], {"BitsStored": 12, "HighBit": 11, "PixelRepresentation": 1}, [-5, 7]),
        ([0xFFFB, 0x7007], {"BitsStored": 12, "HighBit": 11, "PixelRepresentation": 0}, [0xFFB, 7]),
        ([0xFFB0, 0x0070], {"BitsStored": 12, "HighBit": 15, "PixelRepresentation": 1}, [-5, 7]),
        ([0xFFB0, 0x0070], {"BitsStored": 12, "HighBit": 15, "PixelRepresentation": 0}, [0xFFB, 7]),
        ([0x03FB, 0x0207], {"BitsStored": 10, "HighBit": 9, "PixelRepresentation": 1}, [-5, -505]),
    ],
)
def test_bits_that_fill_only_part_of_a_word(tmp_path, stored, elements, values):
    path = make.dicom(tmp_path / "b.dcm", np.array([stored], np.uint16), ImagePositionPatient=None, **elements)
    assert volume_of(path).voxels.ravel().tolist() == values


def test_overlay_planes_are_told_and_not_drawn(tmp_path):
    dataset = pydicom.dcmread(make.dicom(tmp_path / "o.dcm", RAMP))
    for group in (0x6000, 0x6002):
        block = dataset.group_dataset(group)
        block.add_new((group, 0x0010), "US", 12)
        dataset.update(block)
        dataset.add_new((group, 0x3000), "OW", b"\xff" * 24)
    dataset.save_as(tmp_path / "o.dcm")
    volume = volume_of(tmp_path / "o.dcm")
    assert volume.steps[0].parameters["overlays"] == "2, not drawn"
    assert np.array_equal(volume.voxels[0, ::-1, ::-1], RAMP)


def test_float_pixels_and_single_bits(tmp_path):
    values = RAMP.astype(np.float32) / 7
    path = make.dicom(tmp_path / "f.dcm", RAMP)
    dataset = pydicom.dcmread(path)
    del dataset.PixelData, dataset.BitsStored, dataset.HighBit, dataset.PixelRepresentation
    dataset.BitsAllocated, dataset.FloatPixelData = 32, values.tobytes()
    dataset.save_as(path)
    assert np.array_equal(volume_of(path).voxels[0, ::-1, ::-1], values)
    bits = np.array([[1, 0, 0, 1, 1, 0, 1, 0], [0, 0, 0, 0, 1, 1, 1, 1]], np.uint8)
    packed = np.packbits(bits.ravel(), bitorder="little").tobytes()
    elements = {"BitsAllocated": 1, "BitsStored": 1, "HighBit": 0, "PixelData": packed, "ImagePositionPatient": None}
    assert np.array_equal(volume_of(make.dicom(tmp_path / "1.dcm", bits, **elements)).voxels[0], bits)


def test_colours_by_plane_by_palette_and_deep(tmp_path):
    rgb = make.pixels(channels=3)
    nowhere = {"ImagePositionPatient": None}
    planes = make.dicom(tmp_path / "p.dcm", rgb, **nowhere, PlanarConfiguration=1)
    rewritten(planes, PixelData=np.ascontiguousarray(rgb.transpose(2, 0, 1)).tobytes())
    assert np.array_equal(volume_of(planes).voxels[0], rgb)
    deep = make.dicom(tmp_path / "d.dcm", rgb.astype(np.uint16) * 256 + 9, **nowhere)
    assert np.array_equal(volume_of(deep).voxels[0], rgb)
    table = np.arange(256, dtype=np.uint16)
    palette = {f"{c}PaletteColorLookupTableDescriptor": [256, 0, 16] for c in ("Red", "Green", "Blue")}
    data = {f"{c}PaletteColorLookupTableData": (table * 256 // (n + 1)).astype("<u2").tobytes()
            for n, c in enumerate(("Red", "Green", "Blue"))}  # fmt: skip
    grey = make.pixels()
    path = make.dicom(tmp_path / "l.dcm", grey, PhotometricInterpretation="PALETTE COLOR", **nowhere, **palette, **data)
    expected = np.stack([grey, grey // 2, grey // 3], axis=-1)
    assert np.array_equal(volume_of(path).voxels[0], expected) and find_volume_window(volume_of(path), HEADER) is None


def test_a_segmented_palette(tmp_path):
    ramp = np.array([0, 1, 0, 1, 255, 65280], "<u2").tobytes()  # one value, then a line of 255 more
    colours = ("Red", "Green", "Blue")
    table = {f"{colour}PaletteColorLookupTableDescriptor": [256, 0, 16] for colour in colours}
    table |= {f"Segmented{colour}PaletteColorLookupTableData": ramp for colour in colours}
    grey = make.pixels()
    kind = {"PhotometricInterpretation": "PALETTE COLOR", "ImagePositionPatient": None}
    assert np.array_equal(volume_of(make.dicom(tmp_path / "s.dcm", grey, **kind, **table)).voxels[0, ..., 1], grey)


def jpeg_bytes(array, **options):
    out = BytesIO()
    Image.fromarray(array).save(out, **options)
    return out.getvalue()


def compressed(path, array, frame, syntax, **elements):
    make.dicom(path, array, ImagePositionPatient=None, **elements)
    rewritten(path, syntax=syntax, PixelData=encapsulate([frame]))
    return path


def test_jpeg_and_jpeg_2000_frames(tmp_path):
    grey, rgb = make.pixels(64, 64), make.pixels(64, 64, 3)
    lossy = jpeg_bytes(grey, format="JPEG", quality=95)
    read = volume_of(compressed(tmp_path / "j.dcm", grey, lossy, "1.2.840.10008.1.2.4.50")).voxels[0]
    assert np.array_equal(read, np.asarray(Image.open(BytesIO(lossy))))
    exact = jpeg_bytes(rgb, format="JPEG2000", irreversible=False, no_jp2=True)
    path = compressed(tmp_path / "2.dcm", rgb, exact, "1.2.840.10008.1.2.4.90", PhotometricInterpretation="YBR_RCT")
    assert np.array_equal(volume_of(path).voxels[0], rgb)


@pytest.mark.parametrize(
    ("syntax", "reason", "word"),
    [
        ("1.2.840.10008.1.2.4.102", "dicom.video", "MPEG-4"),
        ("1.2.840.10008.1.2.4.110", "dicom.syntax", "JPEG XL"),
        ("1.2.3.4.5.6", "dicom.syntax", "1.2.3.4.5.6"),
    ],
)
def test_a_coding_that_is_not_read_is_named(tmp_path, syntax, reason, word):
    known = syntax.replace(".110", ".100")  # pydicom writes no syntax that it does not know
    path = compressed(tmp_path / "v.dcm", make.pixels(), b"\0" * 16, known)
    path.write_bytes(path.read_bytes().replace(known.encode(), syntax.encode()))
    error = error_of(path)
    assert error.reason == reason and word in str(error)


def test_jpeg_of_12_bits_without_its_decoder_names_the_package(tmp_path, monkeypatch):
    add_codecs()
    decoder = pydicom.pixels.get_decoder("1.2.840.10008.1.2.4.51")
    monkeypatch.setattr(decoder, "_available", {k: v for k, v in decoder._available.items() if k != "gmai"})
    path = compressed(tmp_path / "e.dcm", RAMP, b"\xff\xd8" * 8, "1.2.840.10008.1.2.4.51", BitsStored=12, HighBit=11)
    error = error_of(path)
    assert error.reason == "dicom.syntax" and error.fix == "pip install 'gmai[dicom]'"


@pytest.mark.parametrize("how", ["gzip", "no preamble", "deflated", "big endian", "implicit"])
def test_files_however_they_are_written(tmp_path, how):
    path = make.dicom(tmp_path / "x.dcm", RAMP)
    if how == "gzip":
        path.write_bytes(gzip.compress(path.read_bytes()))
    elif how == "no preamble":
        path.write_bytes(path.read_bytes()[132:])
    else:
        dataset = pydicom.dcmread(path)
        number = {"deflated": "1.99", "big endian": "2", "implicit": ""}[how]
        dataset.file_meta.TransferSyntaxUID = f"1.2.840.10008.1.2.{number}".rstrip(".")
        if how == "big endian":
            meta, dataset = dataset.file_meta, Dataset({element.tag: element for element in dataset})
            dataset.file_meta, dataset.PixelData = meta, RAMP.astype(">i2").tobytes()
        dataset.save_as(path, implicit_vr=how == "implicit", little_endian=how != "big endian", force_encoding=True)
    assert find_kind(path) == "dicom" and peek(path, "x.dcm").width == 16
    assert np.array_equal(volume_of(path).voxels[0, ::-1, ::-1], RAMP)


def test_a_gzipped_file_that_is_cut_is_refused(tmp_path):
    path = make.dicom(tmp_path / "x.dcm", np.random.default_rng(0).integers(0, 999, (64, 64)).astype(np.int16))
    path.write_bytes(gzip.compress(path.read_bytes())[:3000])
    assert error_of(path).reason == "dicom.truncated"


def test_a_directory_is_refused_as_one(tmp_path):
    dataset = pydicom.dcmread(make.dicom(tmp_path / "d.dcm"))
    kept = Dataset()
    kept.file_meta = dataset.file_meta
    kept.file_meta.MediaStorageSOPClassUID = "1.2.840.10008.1.3.10"
    kept.FileSetID = "A"
    kept.save_as(tmp_path / "DICOMDIR")
    with pytest.raises(ImageError) as error:
        peek(tmp_path / "DICOMDIR", "DICOMDIR")
    assert error.value.reason == "dicom.directory"


@pytest.mark.parametrize("channels", [0, 3])
def test_high_throughput_jpeg_2000(tmp_path, channels):
    imagecodecs = pytest.importorskip("imagecodecs")
    array = make.pixels(64, 64, channels)
    frame = imagecodecs.htj2k_encode(array)
    kind = {"PhotometricInterpretation": "YBR_RCT"} if channels else {}
    path = compressed(tmp_path / "h.dcm", array, frame, "1.2.840.10008.1.2.4.201", **kind)
    assert np.array_equal(volume_of(path).voxels[0], array)


def test_what_a_header_claims_is_refused_before_it_is_made(tmp_path):
    claims = {"NumberOfFrames": 2**30, "ImagePositionPatient": None}
    assert error_of(make.dicom(tmp_path / "f.dcm", np.zeros((1, 1), np.int16), **claims)).reason == "dicom.too_large"
    assert error_of(make.dicom(tmp_path / "r.dcm", Rows=65000, Columns=65000)).reason == "dicom.too_large"


def test_pixels_beyond_the_frames_the_header_claims_are_no_frames(tmp_path):
    path = make.dicom(tmp_path / "x.dcm", RAMP, Rows=4, ImagePositionPatient=None)
    assert np.array_equal(volume_of(path).voxels, RAMP[None, :4])
