"""What readers of damaged files raise, named once; none of it is a lack of memory, which nothing here may hide.

A file that asks for memory it cannot fill must be refused before the memory is asked for.
"""

import lzma
import struct
import tarfile
import tokenize
import zipfile
import zlib

DAMAGED_GZIP = (OSError, EOFError, zlib.error)
"""Files packed by gzip that are cut short or damaged."""
DAMAGED_ARCHIVE = (
    *(OSError, EOFError, ValueError, KeyError, IndexError, NotImplementedError, RuntimeError, OverflowError),
    *(struct.error, zipfile.BadZipFile, tarfile.TarError, zlib.error, lzma.LZMAError),
)
"""ZIP and tar archives that are damaged, encrypted (RuntimeError) or packed in a way nobody knows."""
DAMAGED_ARRAY = (*DAMAGED_ARCHIVE, SyntaxError, TypeError, tokenize.TokenError)
"""NPY files and NPZ archives; the header of an array is Python text, parsed as such."""
DAMAGED_WORKBOOK = (*DAMAGED_ARCHIVE, SyntaxError, TypeError, AttributeError)
"""XLSX workbooks: archives of XML whose reader takes every part to be there and as it should be."""
