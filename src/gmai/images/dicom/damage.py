"""What pydicom and its decoders raise for files that are no DICOM, or damaged; none of it is a lack of memory."""

import struct
import zlib

from pydicom.errors import BytesLengthException

UNREADABLE = (
    *(OSError, EOFError, ValueError, AttributeError, LookupError, TypeError, OverflowError, NotImplementedError),
    *(RecursionError, struct.error, zlib.error, BytesLengthException),
)
"""Of headers."""
UNDECODABLE = (*UNREADABLE, RuntimeError, StopIteration)
"""Of pixels."""
