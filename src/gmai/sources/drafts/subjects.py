"""Whose a picture is and which split it belongs to, guessed from how files are called."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence

from gmai.sources.drafts.guess import Guess

COLUMN = re.compile(
    r"(?i)^(?:anon|deid|de-?identified)?[ _-]?(?:patient|subject|case|person|participant|pat|study|exam)"
    r"[ _-]?(?:id|no|nr|num|number|name|key|uid)?s?$|^pid$"
)
"""Names of columns that say whose a picture is; the first that fits is taken, patients before studies."""
_SPLIT = "train|training|val|valid|validation|dev|test|testing"
SPLITS = rf"(?:^|/)({_SPLIT})[^/]*/"
_NAMED = (
    (r"([^/]+?)(?:_(?:jpg|jpeg|png|bmp|tif|tiff))?\.rf\.[0-9a-f]{8,}", "copies that Roboflow made of one picture"),
    (r"(?i)((?:patient|pat|subject|subj|sub|case|volunteer|participant|person)[ _-]?\d+)", "patients in their paths"),
    (r"(?:^|/)(TCGA-[A-Z0-9]{2}-[A-Z0-9]{4})", "patients of the Cancer Genome Atlas"),
    (r"(?:^|[/_])([PSC]\d{2,6})(?=[/_.-])", "what may be numbers of patients"),
)
_SIDES = "l|r|left|right|od|os|ap|pa|lat|lateral|frontal|cc|mlo|l_?cc|r_?cc|l_?mlo|r_?mlo|slice|frame|img"
_VIEW = rf"(?i:[_-](?:{_SIDES})?[_-]?\d*)"
_END = r"\.[^/.]+(?:\.gz)?$"
_GENERIC = (
    (r"([^/]+)/[^/]+$", "their folder"),
    (r"([^/]+?)" + _VIEW + _END, "their names without the last number, side or view"),
    (r"([^/]+?)" + _VIEW + "{2}" + _END, "their names without the last two numbers, sides or views"),
)
_MOST = 5000
_PARTS = frozenset({"images", "imgs", "image", "jpegimages", "img", "data", "pictures", "files", "imagestr", "dicom"})


def guess_subject(paths: Sequence[str], classes: Iterable[str] = ()) -> Guess | None:
    """A pattern of :class:`SubjectRule` that puts some pictures together; None where no name seems to.

    Args:
        paths: of the pictures.
        classes: raw labels, which no subject is called after.
    """
    some = list(dict.fromkeys(paths))[:: max(1, len(paths) // _MOST)]
    if len(some) < 4:
        return None
    labels = {raw.lower() for raw in classes}
    for pattern, what in _NAMED:
        found = _groups(pattern, some)
        if found and 1 < len(found) < len(some):
            return Guess(pattern, f"{len(found)} groups of {len(some)} by {what}")
    for pattern, what in _GENERIC:
        found = _groups(pattern, some)
        names = {name.lower() for name in found}
        if names & (labels | _PARTS) or any(re.match(_SPLIT, name) for name in names):
            continue
        if found and 1 < len(found) <= 0.7 * len(some) and max(found.values()) <= max(0.2 * len(some), 4):
            return Guess(pattern, f"{len(found)} groups of {len(some)} by {what}")
    return None


def guess_split(paths: Sequence[str]) -> Guess | None:
    """A pattern of the split's folder, where every path has one and there are two or more of them."""
    found = [match.group(1) for path in paths if (match := re.search(SPLITS, path))]
    if len(found) < len(paths) or len(set(found)) < 2:
        return None
    return Guess(SPLITS, ", ".join(f"{count} {name}" for name, count in Counter(found).most_common()))


def find_column(columns: Iterable[str]) -> str:
    """The column that says whose an entry is; empty where none is called so."""
    found = [column for column in columns if COLUMN.match(column.strip())]
    found.sort(key=lambda column: (not re.match(r"(?i).*(?:pat|subj|pers|partic|pid)", column), column))
    return found[0] if found else ""


def _groups(pattern: str, paths: Sequence[str]) -> Counter[str]:
    """Groups and their sizes; empty where the pattern does not fit every path."""
    found = [match.group(1) for path in paths if (match := re.search(pattern, path))]
    return Counter(found) if len(found) == len(paths) else Counter()
