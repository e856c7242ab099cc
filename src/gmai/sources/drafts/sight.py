"""What some items show once they are read: labels of masks, burned-in text, grey or colour, and errors."""

import re
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from gmai.annotations import AnnotatedItem
from gmai.images import decode_picture, find_text
from gmai.sources.step import read_items
from gmai.types import QA, Dialogue, Reject, Report, SourceCard

MOST_ITEMS = 8
"""Items that are read, so that what is found does not hang on how fast the machine is."""
MOST_TEXTS = 200
NO_TEXT = frozenset({"array", "series", "slide", "text", "volume"})
"""Kinds of items that bear no burned-in text, or whose headers say whether they may (DICOM)."""
LARGEST_ITEM = 128 << 20
"""Items whose files are larger are not read for a draft."""
_GREY = 6
"""Largest difference between channels, of 255, that a grey picture saved in colour has on average."""
_SCRIPTS = {"zh": r"[\u4e00-\u9fff]", "ja": r"[\u3040-\u30ff]", "ko": r"[\uac00-\ud7af]", "ru": r"[\u0400-\u04ff]"}
_WORDS = {
    "en": r"\b(?:the|of|and|is|with|what|in)\b",
    "es": r"\b(?:el|los|las|del|que|con|una)\b",
    "pt": r"\b(?:os|uma|não|são|com|das|dos)\b",
    "fr": r"\b(?:le|les|des|est|une|avec|dans)\b",
    "de": r"\b(?:der|die|das|und|ist|mit|nicht)\b",
}


@dataclass(kw_only=True)
class Sight:
    """What some items show."""

    num_items: int = 0
    num_pictures: int = 0
    num_read: int = 0
    """Pictures on which text was looked for."""
    labels: dict[tuple[str, str], int] = field(default_factory=dict)
    """(raw label, kind of question), and on how many pictures."""
    with_text: list[str] = field(default_factory=list)
    """Names of the items on which text was found."""
    num_grey: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    details: dict[str, str] = field(default_factory=dict)
    """The first detail of each reason."""

    @property
    def grey(self) -> bool | None:
        """Whether most pictures are grey; None where none was seen."""
        return None if not self.num_pictures else self.num_grey * 2 > self.num_pictures


def look_at_items(items: list[AnnotatedItem], root: Path, card: SourceCard, seconds: float) -> Sight:
    """Read some items as ``card`` says, until the time is over.

    Args:
        items: evenly spread over the source.
        root: of the source.
        card: a draft.
        seconds: after these no further item is read.
    """
    sight = Sight()
    end = time.monotonic() + seconds
    for item in _spread_first(items)[:MOST_ITEMS]:
        if time.monotonic() > end:
            break
        if sum((root / path).stat().st_size for path in item.files if (root / path).is_file()) > LARGEST_ITEM:
            continue
        sight.num_items += 1
        for made in read_items([item], root=root, card=card):
            if isinstance(made, Reject):
                sight.reasons[made.reason] += made.count
                sight.details.setdefault(made.reason, made.detail)
                continue
            for annotation in made.stored.sample.annotations:
                if raw := getattr(annotation, "raw", ""):
                    key = raw, getattr(annotation, "task", "finding")
                    sight.labels[key] = sight.labels.get(key, 0) + 1
            for data in made.stored.pictures:
                _look_at_picture(sight, decode_picture(data), item, time.monotonic() < end)
    return sight


def find_language(items: list[AnnotatedItem]) -> str:
    """The language of what items say in sentences; empty where they say nothing."""
    texts = [text for item in items for each in item.annotations for text in _texts(each)][:MOST_TEXTS]
    text = " ".join(texts)
    if not text:
        return ""
    for language in ("ja", "zh", "ko", "ru"):
        if len(re.findall(_SCRIPTS[language], text)) * 5 > len(text):
            return language
    counts = {name: len(re.findall(pattern, text, re.IGNORECASE)) for name, pattern in _WORDS.items()}
    return max(counts, key=lambda name: (counts[name], name == "en"))


def _texts(annotation: object) -> list[str]:
    if isinstance(annotation, QA):
        return [annotation.question, annotation.answer]
    if isinstance(annotation, Report):
        return [annotation.text]
    return [text for _, text in annotation.turns] if isinstance(annotation, Dialogue) else []


def _spread_first(items: list[AnnotatedItem]) -> list[AnnotatedItem]:
    """The items in an order in which any first few are spread: by the bits of their places, turned round."""
    bits = max(1, (len(items) - 1).bit_length())
    places = sorted(range(len(items)), key=lambda place: f"{place:0{bits}b}"[::-1])
    return [items[place] for place in places]


def _look_at_picture(sight: Sight, pixels: np.ndarray, item: AnnotatedItem, in_time: bool) -> None:
    sight.num_pictures += 1
    spread = np.ptp(pixels.astype(np.int16), axis=2)
    sight.num_grey += bool(spread.mean() <= _GREY)
    if not in_time or item.kind in NO_TEXT:
        return
    sight.num_read += 1
    if find_text(pixels):
        sight.with_text.append((item.shown or item.files)[0])
