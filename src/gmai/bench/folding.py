"""When two texts are the same option: letters, words and numbers count; case, width, hyphens and spacing do not."""

import re
import unicodedata
from functools import lru_cache


@lru_cache(maxsize=1 << 16)
def fold(text: str) -> str:
    """Fold case, width, hyphens, underscores, outer punctuation and runs of spaces."""
    plain = re.sub(r"(?<=\w)[-‐‑_]+(?=\w)|_", " ", unicodedata.normalize("NFKC", text).casefold())
    return " ".join(plain.split()).strip(" .,:;!?\"'()[]。、")
