"""When two texts are the same option: letters, words and numbers count; case, width, hyphens and spacing do not."""

import re
import unicodedata


def fold(text: str) -> str:
    """Fold case, width, hyphens, underscores, outer punctuation and runs of spaces."""
    plain = re.sub(r"(?<=\w)[-‐‑_]+(?=\w)|_", " ", unicodedata.normalize("NFKC", text).casefold())
    return " ".join(plain.split()).strip(" .,:;!?\"'()[]。、")
