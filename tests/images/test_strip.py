"""Metadata goes, coded pixels stay: no planted string is left, and what a decoder reads is byte for byte the same."""

import io
import struct
import zlib

import numpy as np
import pytest
from PIL import Image, PngImagePlugin

import make
from gmai.errors import ImageError
from gmai.images import find_raster_kind, read_picture, strip_metadata
from gmai.images.strip.jpeg import blank, iter_segments
from gmai.images.strip.parts import find_orientation

SECRET = "Doe^Jane MRN-0012345"
XMP = f"<x:xmpmeta><dc:creator>{SECRET}</dc:creator></x:xmpmeta>".encode()


def exif(orientation=1, thumbnail=False):
    block = Image.Exif()
    block[274] = orientation
    block[270] = SECRET
    block[315] = SECRET
    block.get_ifd(34853)[29] = SECRET  # GPS date stamp
    return block


def hides(data):
    """Everything a searcher could find: the bytes, and each zlib stream of a PNG."""
    pieces = [data]
    place = 8
    while data[:4] == b"\x89PNG" and place + 8 <= len(data):
        (length,) = struct.unpack_from(">I", data, place)
        body = data[place + 8 : place + 8 + length]
        for start in range(min(90, len(body))):
            try:
                pieces.append(zlib.decompressobj().decompress(body[start:]))
            except zlib.error:
                continue
        place += 12 + length
    words = [SECRET, "Doe", "MRN-0012345"]
    return [
        w for w in words for code in ("utf-8", "utf-16-le", "utf-16-be") if any(w.encode(code) in p for p in pieces)
    ]


def saved(kind, mode="RGB", **options):
    out = io.BytesIO()
    Image.fromarray(make.pixels(40, 48, 3)).convert(mode).save(out, kind, **options)
    return out.getvalue()


def png_text():
    info = PngImagePlugin.PngInfo()
    info.add_text("Patient", SECRET)
    info.add_text("Long", SECRET * 9, zip=True)
    info.add_itxt("Name", SECRET, "en", "Patient")
    info.add_itxt("Name2", SECRET, "en", "Patient", zip=True)
    return info


PLANTED = {
    "jpeg": lambda: saved("JPEG", exif=exif(), comment=SECRET, icc_profile=b"x" * 130 + SECRET.encode(), xmp=XMP),
    "progressive": lambda: saved("JPEG", exif=exif(), progressive=True, comment=SECRET) + SECRET.encode(),
    "jpeg grey": lambda: saved("JPEG", "L", exif=exif(), comment=SECRET),
    "jpeg cmyk": lambda: saved("JPEG", "CMYK", comment=SECRET),
    "png": lambda: saved("PNG", exif=exif(), pnginfo=png_text(), icc_profile=SECRET.encode() * 4) + SECRET.encode(),
    "png palette": lambda: saved("PNG", "P", pnginfo=png_text(), transparency=3),
    "gif": lambda: saved("GIF", "P", comment=SECRET.encode()) + SECRET.encode(),
    "webp": lambda: saved("WEBP", exif=exif(), xmp=XMP, icc_profile=SECRET.encode(), lossless=True) + SECRET.encode(),
    "webp lossy": lambda: saved("WEBP", exif=exif(), xmp=XMP, quality=80),
    "bmp": lambda: saved("BMP") + SECRET.encode(),
    "tiff": lambda: saved("TIFF", exif=exif(), description=SECRET, artist=SECRET, software=SECRET, copyright=SECRET),
    "tiff lzw": lambda: saved("TIFF", compression="tiff_lzw", description=SECRET) + SECRET.encode(),
    "tiff jpeg": lambda: saved("TIFF", compression="jpeg", description=SECRET, icc_profile=SECRET.encode() * 3),
    "big tiff": lambda: saved("TIFF", big_tiff=True, description=SECRET, artist=SECRET),
}


@pytest.mark.parametrize("kind", PLANTED)
def test_nothing_planted_is_left_and_the_pixels_are_the_same(kind):
    planted = PLANTED[kind]()
    assert hides(planted), "the test must plant something"
    cleaned = strip_metadata(planted)
    assert not hides(cleaned.data) and cleaned.removed
    before, after = Image.open(io.BytesIO(planted)), Image.open(io.BytesIO(cleaned.data))
    assert before.mode == after.mode and before.size == after.size
    assert np.array_equal(np.asarray(before), np.asarray(after))
    assert after.info.get("transparency") == before.info.get("transparency")
    if before.format != "JPEG":  # Pillow takes that of a JPEG from its EXIF
        assert before.info.get("dpi") == after.info.get("dpi")
    assert strip_metadata(cleaned.data).data == cleaned.data, "cleaning twice is cleaning once"
    assert not strip_metadata(cleaned.data).removed


@pytest.mark.parametrize(
    "data",
    [
        saved("JPEG"),
        saved("JPEG", quality=95, progressive=True),
        saved("JPEG", "CMYK"),
        saved("PNG"),
        saved("PNG", "1"),
        saved("PNG", dpi=(72, 72)),
        saved("GIF", "P"),
        saved("WEBP"),
        saved("WEBP", lossless=True),
        saved("BMP"),
        saved("BMP", "P"),
    ],
)
def test_a_file_without_metadata_is_left_as_it_is(data):
    cleaned = strip_metadata(data)
    assert cleaned.data == data and cleaned.removed == ()


def tiny_tiff(**changes):
    """A TIFF of one grey pixel; of the changes each is (tag, number of values, value)."""
    entries = {256: (1, 1), 257: (1, 1), 258: (1, 8), 259: (1, 1), 262: (1, 1), 273: (1, 0), 279: (1, 1)}
    entries |= {tag: (count, value) for tag, count, value in changes.values()}
    place = 8 + 2 + 12 * len(entries) + 4
    entries[273] = (1, place)
    body = b"".join(struct.pack("<HHII", tag, 4, *entry) for tag, entry in sorted(entries.items()))
    return b"II*\0" + struct.pack("<IH", 8, len(entries)) + body + struct.pack("<I", 0) + b"\x07"


def bmp(at, kind, value):
    data = bytearray(saved("BMP"))
    struct.pack_into(kind, data, at, value)
    return bytes(data)


@pytest.mark.parametrize(
    "data",
    [
        tiny_tiff(compression=(259, 0, 1)),
        tiny_tiff(pages=(330, 1, 8)),
        tiny_tiff(strip=(279, 1, 99)),
        saved("BMP")[:30],
        bmp(14, "<I", 16),
        bmp(14, "<I", 2**31),
        bmp(18, "<i", -4),
        bmp(22, "<i", 0),
        bmp(46, "<I", 2**31),
    ],
)
def test_headers_that_make_no_sense_are_refused(data):
    with pytest.raises(ImageError) as error:
        strip_metadata(data)
    assert error.value.reason == "strip.broken"
    assert strip_metadata(tiny_tiff()).data == tiny_tiff()


def test_scan_data_of_a_jpeg_is_the_same_bytes():
    planted = PLANTED["progressive"]()
    cleaned = strip_metadata(planted).data
    scans = [[data[a:b] for marker, a, b in iter_segments(data) if marker == 0xDA] for data in (planted, cleaned)]
    assert len(scans[0]) > 3 and scans[0] == scans[1]


def test_idat_of_a_png_is_the_same_bytes():
    def coded(data):
        place, found = 8, []
        while place < len(data) and data[place + 4 : place + 8] != b"IEND":
            (length,) = struct.unpack_from(">I", data, place)
            if data[place + 4 : place + 8] == b"IDAT":
                found.append(data[place : place + 12 + length])
            place += 12 + length
        return found

    planted = PLANTED["png"]()
    assert coded(planted) and coded(planted) == coded(strip_metadata(planted).data)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize("orientation", [3, 6])
def test_a_turned_picture_is_still_turned(kind, orientation):
    cleaned = strip_metadata(saved(kind, exif=exif(orientation)))
    found = Image.open(io.BytesIO(cleaned.data)).getexif()
    assert found.get(274) == orientation and not hides(cleaned.data)
    assert strip_metadata(cleaned.data).data == cleaned.data


def test_thumbnails_go():
    jpeg = saved("JPEG")
    thumbnail = b"JFIF\0\x01\x01\0\0\x01\0\x01\x02\x02" + SECRET.encode()[:12]
    segment = b"\xff\xe0" + struct.pack(">H", len(thumbnail) + 2) + thumbnail
    planted = jpeg[:2] + segment + jpeg[20:]
    cleaned = strip_metadata(planted)
    assert (
        cleaned.removed == ("thumbnail",)
        and cleaned.data[2:4] == b"\xff\xe0"
        and SECRET[:12].encode() not in cleaned.data
    )
    Image.open(io.BytesIO(cleaned.data)).load()


def test_frames_and_timing_of_animations_stay(tmp_path):
    frames = [Image.fromarray(np.roll(make.pixels(), 5 * n, 1)).convert("P") for n in range(3)]
    for kind in ("GIF", "PNG", "WEBP"):
        out = io.BytesIO()
        frames[0].save(out, kind, save_all=True, append_images=frames[1:], duration=[100, 200, 300], loop=0)
        cleaned = Image.open(io.BytesIO(strip_metadata(out.getvalue()).data))
        before = Image.open(io.BytesIO(out.getvalue()))
        assert cleaned.n_frames == before.n_frames == 3
        for frame in range(3):
            cleaned.seek(frame), before.seek(frame)
            assert cleaned.info.get("duration") == before.info.get("duration")
            assert np.array_equal(np.asarray(cleaned.convert("RGB")), np.asarray(before.convert("RGB")))


def test_pages_of_a_tiff_stay():
    pages = [Image.fromarray(make.pixels(seed=n)) for n in range(3)]
    out = io.BytesIO()
    pages[0].save(out, "TIFF", save_all=True, append_images=pages[1:], description=SECRET)
    cleaned = Image.open(io.BytesIO(strip_metadata(out.getvalue()).data))
    assert cleaned.n_frames == 3
    for number, page in enumerate(pages):
        cleaned.seek(number)
        assert np.array_equal(np.asarray(cleaned), np.asarray(page))


@pytest.mark.parametrize("kind", PLANTED)
def test_a_cut_file_is_cleaned_or_refused(kind):
    planted = PLANTED[kind]()
    for end in range(0, len(planted), max(1, len(planted) // 60)):
        try:
            cleaned = strip_metadata(planted[:end])
        except ImageError as error:
            assert error.reason in {"strip.broken", "strip.unknown"}
        else:
            assert not hides(cleaned.data)


def test_a_jpeg_inside_another_file_keeps_its_length():
    planted = PLANTED["jpeg"]()
    cleaned = blank(planted)
    assert len(cleaned) == len(planted) and not hides(cleaned)
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(cleaned))), np.asarray(Image.open(io.BytesIO(planted))))
    assert blank(saved("JPEG")) == saved("JPEG")
    assert blank(b"no jpeg") == b"no jpeg"


def test_own_bytes_hold_no_metadata(tmp_path):
    for name, kind in (("a.jpg", "jpeg"), ("a.png", "png"), ("b.jpg", "progressive")):
        (tmp_path / name).write_bytes(PLANTED[kind]())
        picture = read_picture(tmp_path / name)
        assert picture.own_bytes is not None and not hides(picture.own_bytes)
        assert np.array_equal(np.asarray(Image.open(io.BytesIO(picture.own_bytes))), picture.pixels)
        told = {step.name: step.parameters for step in picture.steps}
        assert "exif" in told["strip"]["removed"] or "comment" in told["strip"]["removed"]
    plain = make.picture(tmp_path / "plain.png")
    assert read_picture(plain).own_bytes == plain.read_bytes() and not read_picture(plain).steps


def test_orientation_is_read_in_both_byte_orders():
    little = b"II*\0" + struct.pack("<IHHHIHHI", 8, 1, 274, 3, 1, 6, 0, 0)
    big = b"MM\0*" + struct.pack(">IHHHIHHI", 8, 1, 274, 3, 1, 8, 0, 0)
    assert (find_orientation(little), find_orientation(big), find_orientation(b""), find_orientation(b"II*\0")) == (
        6,
        8,
        1,
        1,
    )


@pytest.mark.data
def test_every_real_picture_that_can_be_read_is_cleaned_and_looks_the_same(data):
    cleaned = 0
    for path in sorted(data.rglob("*")):
        raw = path.read_bytes() if path.is_file() else b""
        if find_raster_kind(raw[:16]) is None:
            continue
        try:
            before = read_picture(path)
        except ImageError:
            continue
        after = read_picture(path, data=strip_metadata(raw).data)
        assert np.array_equal(before.pixels, after.pixels) and before.orientation == after.orientation, path
        cleaned += 1
    assert cleaned > 1500
