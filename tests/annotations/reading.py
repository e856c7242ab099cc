"""What the tests of readers share: read a folder by a card, count rejects by unit and reason."""

from collections import Counter

import make
from gmai.annotations import AnnotatedItem, find_reader
from gmai.base import from_dict
from gmai.images import peek
from gmai.types import Reject, SourceCard


def no_look(path):
    raise AssertionError(f"no reader of pictures looks at {path}")


def look_below(root):
    return lambda path: peek(root / path, path)


def read(root, format, options=None, look=no_look, **fields):
    card = from_dict(SourceCard, make.card(format=format, options=options or {}, **fields))
    found = list(find_reader(format)(root, card, look))
    return [i for i in found if isinstance(i, AnnotatedItem)], [r for r in found if isinstance(r, Reject)]


def reasons(rejects):
    counts = Counter()
    for lost in rejects:
        counts[f"{lost.unit} {lost.reason}"] += lost.count
    return dict(counts)
