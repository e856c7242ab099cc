"""Which DICOM elements stay, and what is done to each: the list in ``keep.tsv``; what is not on it goes."""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal, cast

Action = Literal[
    "keep", "bulk", "uid", "date", "time", "age", "term", "words", "label", "meaning", "hash", "empty", "items",
    "content", "pixels",
]  # fmt: skip
"""``keep``: numbers and code strings, if they are such; ``bulk``: tables and coordinates; ``uid``: replaced unless of
the standard; ``date``: moved; ``time``: kept; ``age``: 90 at most; ``term``: short technical text without any word of
the patient; ``words``: only words of a closed vocabulary stay; ``label``: the same, and never empty; ``meaning``: of a
code, kept for standard coding schemes, else as ``label``; ``hash``: a keyed hash; ``empty``: present without value;
``items``: each item is cleaned; ``content``: likewise, without texts, names and dates of a report; ``pixels``."""


_NEUTRAL = frozenset(
    (
        "dcm dicom nii nrrd png jpg jpeg tif tiff bmp gif json xml csv img hdr mha mhd npz data dataset case cases "
        "file files sample samples patient subject export anon anonymized train val valid validation version visit"
        " session"
    ).split()
)


@dataclass(frozen=True, slots=True)
class Rule:
    """What is done to one element."""

    action: Action
    vrs: frozenset[str]
    keyword: str


@cache
def read_rules() -> dict[int, Rule]:
    """Tag to rule of every element that stays."""
    lines = (files("gmai.images.deid") / "keep.tsv").read_text(encoding="utf-8").splitlines()[1:]
    rows = (line.split("\t") for line in lines)
    return {int(tag, 16): Rule(cast(Action, action), frozenset(vr.split("/")), name) for tag, name, vr, action in rows}


@cache
def read_words() -> frozenset[str]:
    """The closed vocabulary of descriptions and labels, in lower case."""
    lines = (files("gmai.images.deid") / "words.tsv").read_text(encoding="utf-8").splitlines()[1:]
    return frozenset(word for line in lines for word in line.split("\t")[1].split())


def is_plain_word(word: str) -> bool:
    """True of words of the vocabulary, of file formats and of data sets, which name nobody."""
    return word.lower() in read_words() or word.lower() in _NEUTRAL
