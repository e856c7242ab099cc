"""The quick walk over a DICOM file gives what pydicom gives, or gives up."""

import random
import warnings
from io import BytesIO
from pathlib import Path

import pydicom
import pytest
from pydicom.tag import Tag

from gmai.images.dicom.frames import FORMAT, HEADER
from gmai.images.dicom.header import IDENTIFIERS, PIXELS, PLACE
from gmai.images.dicom.scan import MOST_BYTES, scan

OWN = sorted((Path(pydicom.data.__file__).parent / "test_files").rglob("*.dcm"))
HEADERS = [Tag(name) for name in dict.fromkeys((*PLACE, *IDENTIFIERS, *HEADER))]
DECODED = [Tag(name) for name in (*FORMAT, *PIXELS)]


def plain(header) -> dict:
    """Every element as it lay in the file, and what is needed to understand it."""
    characters = header.get("SpecificCharacterSet")  # pydicom has read it, the walk may not
    found = {tag: header.get_item(tag) for tag in header.keys() if tag != 0x00080005}
    raw = {tag: (each.VR, each.value) for tag, each in found.items()}
    meta = {tag: header.file_meta[tag].value for tag in header.file_meta.keys()}
    return {"raw": raw, "meta": meta, "encoding": header.original_encoding, "characters": characters}


def same(data: bytes, tags: list, pixels: bool) -> bool:
    """True if the walk read it; what it read must be pydicom's."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        quick = scan(BytesIO(data), tags, pixels=pixels)
        if quick is not None:
            slow = pydicom.dcmread(BytesIO(data), stop_before_pixels=not pixels, specific_tags=tags)
            assert plain(quick) == plain(slow)
    return quick is not None


@pytest.mark.parametrize(("tags", "pixels"), [(HEADERS, False), (DECODED, True)], ids=["header", "pixels"])
def test_pydicoms_own_files_are_read_alike(tags, pixels):
    read = [path.name for path in OWN if same(path.read_bytes(), tags, pixels)]
    assert "CT_small.dcm" in read and "MR_small_implicit.dcm" in read
    assert len(read) > len(OWN) / 4  # packed pixels are left to pydicom
    assert not {"MR_small_bigendian.dcm", "image_dfl.dcm", "no_meta.dcm"} & set(read)


@pytest.mark.parametrize("name", ["CT_small.dcm", "MR_small_implicit.dcm", "JPEG2000.dcm", "rtstruct.dcm"])
def test_damaged_files_are_read_as_pydicom_reads_them_or_left_to_it(name):
    whole = next(path for path in OWN if path.name == name).read_bytes()[:6000]
    draw = random.Random(0)
    quick = 0
    for _ in range(150):
        data = bytearray(whole)
        for _ in range(draw.choice((1, 1, 3))):
            data[draw.randrange(132, len(data))] = draw.choice((0, 255, draw.randrange(256)))
        if draw.random() < 0.3:
            del data[draw.randrange(132, len(data)) :]
        try:
            quick += same(bytes(data), HEADERS, False)
        except (ValueError, OSError, AttributeError, NotImplementedError, KeyError, TypeError):
            continue  # pydicom does not read it at all
    assert quick > 10 or name == "rtstruct.dcm"


def test_a_header_that_claims_much_is_left_to_pydicom_without_being_read():
    class Counted(BytesIO):
        most = 0

        def read(self, size=-1):
            self.most = max(self.most, size)
            return super().read(size)

    whole = next(path for path in OWN if path.name == "CT_small.dcm").read_bytes()
    at = whole.index(b"\x08\x00\x05\x00CS")
    claim = b"\x07\x00\x01\x00OB\0\0" + (2**31).to_bytes(4, "little")
    file = Counted(whole[:at] + claim + whole[at:])
    assert scan(file, HEADERS, pixels=False) is None
    assert file.most <= MOST_BYTES


@pytest.mark.data
def test_real_files_are_read_alike(data):
    paths = [path for path in sorted((data / "dicom").rglob("*")) if path.is_file()]
    read = [path for path in paths if path.read_bytes()[128:132] == b"DICM" and same(path.read_bytes(), HEADERS, False)]
    assert read
