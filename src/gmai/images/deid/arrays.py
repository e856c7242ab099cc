"""NumPy arrays of numbers pass as they are; archives that could hold text or objects do not."""

import io
import struct
import zipfile
from collections import Counter

import numpy as np

from gmai.errors import ImageError
from gmai.images.deid.result import Cleaned, Rename

_PACKED = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}


def clean_arrays(data: bytes, _rename: Rename) -> Cleaned:
    """Let an NPY file or NPZ archive of numbers pass, byte for byte.

    Raises:
        ImageError: ``deid.array_text``: it holds texts, objects, comments or files that are no arrays.
    """
    try:
        if data[:6] == b"\x93NUMPY":
            end = _check_array(io.BytesIO(data), len(data))
            if end != len(data):
                raise ValueError("bytes behind the array")
            return Cleaned(data, Counter(kept=1))
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if archive.comment or not data.startswith(b"PK\x03\x04"):
                raise ValueError("a comment")
            for member in archive.infolist():
                if member.comment or not member.filename.endswith(".npy") or member.compress_type not in _PACKED:
                    raise ValueError("a member that is no array")
                with archive.open(member) as stream:
                    _check_array(stream, member.file_size)
            return Cleaned(data, Counter(kept=len(archive.infolist())))
    except (ValueError, OSError, EOFError, KeyError, zipfile.BadZipFile, struct.error, NotImplementedError) as error:
        raise ImageError(f"more than arrays of numbers: {error}", reason="deid.array_text") from None


def _check_array(stream: object, size: int) -> int:
    """Check that an array holds numbers and is as long as it says; returns where it ends."""
    version = np.lib.format.read_magic(stream)  # type: ignore[arg-type]
    read = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
    shape, _, dtype = read(stream)  # type: ignore[arg-type]
    if dtype.kind not in "biufc" or dtype.hasobject:
        raise ValueError(f"an array of {dtype}")
    end = stream.tell() + int(np.prod(shape, dtype=object)) * dtype.itemsize  # type: ignore[attr-defined]
    if end != size:
        raise ValueError("an array that is not as long as it says")
    return int(end)
