"""Captions written by hand with the parts they name, and how near a split comes to them."""

import re
from dataclasses import dataclass
from pathlib import Path

from gmai.pmc.captions import CaptionParts, split_caption

FILE = Path(__file__).parent / "captions_written.txt"
_MARK = re.compile(r"«([^»]*)»")
_EDGE = re.compile(r"^(?:[\W_]|(?:and|y|e)\s)+|(?:[\W_]|\s(?:and|y|e))+$")
_SAME = 0.8


@dataclass(frozen=True)
class Written:
    """A caption and its parts as (labels, start, end)."""

    text: str
    language: str
    parts: tuple[tuple[tuple[str, ...], int, int], ...]


def read_written(path: Path = FILE) -> list[Written]:
    out = []
    for line in path.read_text(encoding="utf-8").splitlines():
        language, said = line.split("\t")
        pieces = _MARK.split(said)
        text, parts = pieces[0], []
        for labels, piece in zip(pieces[1::2], pieces[2::2], strict=True):
            if labels:
                parts.append((tuple(labels.split(",")), len(text), len(text) + len(piece)))
            text += piece
        out.append(Written(text, language, tuple(parts)))
    return out


def inner(text: str, start: int, end: int) -> set[int]:
    """The characters of a span without punctuation and joining words at its edges."""
    said = text[start:end]
    head = len(said) - len(re.sub(r"^(?:\W|(?:and|y|e)\s)+", "", said))
    tail = len(re.sub(r"(?:\W|\s(?:and|y|e))+$", "", said))
    return set(range(start + head, start + tail))


def same_labels(truth: Written, parts: CaptionParts) -> bool:
    return [labels for labels, _, _ in truth.parts] == [sub.labels for sub in parts.subs]


def count_spans(truth: Written, parts: CaptionParts) -> tuple[int, int, int]:
    """Spans found (same labels, overlap by union of at least 0.8), spans given, spans there are."""
    found = 0
    for sub in parts.subs:
        mine = inner(truth.text, sub.start, sub.end)
        for labels, start, end in truth.parts:
            theirs = inner(truth.text, start, end)
            if labels == sub.labels and len(mine & theirs) >= _SAME * max(1, len(mine | theirs)):
                found += 1
                break
    return found, len(parts.subs), len(truth.parts)


def measure(captions: list[Written]) -> dict[str, float]:
    """Share of captions with exactly the labels, and F1 of spans."""
    right = found = given = there = 0
    for caption in captions:
        parts = split_caption(caption.text, caption.language)
        right += same_labels(caption, parts)
        one = count_spans(caption, parts)
        found, given, there = found + one[0], given + one[1], there + one[2]
    return {"captions": len(captions), "labels": right / len(captions), "span_f1": 2 * found / (given + there)}
