"""Tables in every file form, and a reader run on a folder; used by the tests of readers of entries."""

import json
from collections import Counter

import openpyxl
import pyarrow as pa
from pyarrow import parquet

import make
from gmai.annotations import FORMATS, AnnotatedItem, find_reader
from gmai.base import from_dict, to_dict
from gmai.types import Reject, SourceCard


def no_look(path):
    raise AssertionError(f"nobody needs to look at {path}")


def read(root, format, options=None, look=no_look, **fields):
    """Items and rejects of a reader; without options, those that ``detect`` gives."""
    if options is None:
        options = detected(root, format)
    card = from_dict(SourceCard, make.card(format=format, options=options, **fields))
    found = list(find_reader(format)(root, card, look))
    return [i for i in found if isinstance(i, AnnotatedItem)], [r for r in found if isinstance(r, Reject)]


def detected(root, format):
    match = FORMATS.get(format).detect(root)
    assert match is not None, f"{format} is not told from {root}"
    return to_dict(match.options)


def reasons(rejects):
    counts = Counter()
    for lost in rejects:
        counts[f"{lost.unit} {lost.reason}"] += lost.count
    return dict(counts)


def total(items, rejects):
    """Accepted and rejected by unit, together."""
    counts = Counter()
    for item in items:
        counts.update(item.units)
    for lost in rejects:
        counts[lost.unit] += lost.count
    return {unit: n for unit, n in counts.items() if n}


def pictures(root, *names):
    for name in names:
        make.picture(root / name)
    return root


def write(path, rows):
    """Write rows (dicts with the same keys) as the ending says."""
    path.parent.mkdir(parents=True, exist_ok=True)
    kind = path.suffix
    if kind in {".csv", ".tsv"}:
        mark = "," if kind == ".csv" else "\t"
        lines = [mark.join(_quoted(cell) for cell in row) for row in (rows[0], *(row.values() for row in rows))]
        make.text(path, "\r\n".join(lines) + "\r\n")
    elif kind == ".json":
        make.text(path, json.dumps(rows, ensure_ascii=False))
    elif kind == ".jsonl":
        make.text(path, "\n".join(json.dumps(row, ensure_ascii=False) for row in rows) + "\n")
    elif kind == ".parquet":
        parquet.write_table(pa.Table.from_pylist(rows), path)
    else:
        book = openpyxl.Workbook()
        book.active.append(list(rows[0]))
        for row in rows:
            book.active.append(list(row.values()))
        book.save(path)
    return path


def _quoted(cell):
    return '"' + str("" if cell is None else cell).replace('"', '""') + '"'
