"""The questions all contestants ask: 2 KB of text, or a picture of 33 KB with every four short questions.

Pictures are noise behind the mark of a JPEG file: nobody decodes them here, neither client nor server.
"""

import base64
import random
from typing import Any

_SENTENCE = (
    "The picture shows a small round lesion near the left upper pole of the kidney, without contact to its hilum. "
)
WORDS = _SENTENCE * 60
PICTURE_BYTES = 33_000
PER_PICTURE = 4


def text(number: int, size: int = 2000) -> str:
    """The words of a question."""
    start = number * 37 % 3000
    return f"Question {number}. {WORDS[start : start + size]}"


def picture(number: int) -> bytes:
    """The bytes of a picture."""
    return b"\xff\xd8\xff" + random.Random(number).randbytes(PICTURE_BYTES)


def messages(number: int, pictures: bool) -> list[dict[str, Any]]:
    """A question as the protocol puts it; the picture is encoded each time, as plain scripts do."""
    if not pictures:
        return [{"role": "user", "content": text(number)}]
    url = "data:image/jpeg;base64," + base64.b64encode(picture(number // PER_PICTURE)).decode()
    parts = [{"type": "image_url", "image_url": {"url": url}}, {"type": "text", "text": text(number, 200)}]
    return [{"role": "user", "content": parts}]
