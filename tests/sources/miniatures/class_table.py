"""Tables with a row for each label, and the pictures they name."""

import csv
import io
from pathlib import Path

import make
from gmai.types import SourceCard
from miniatures.truth import Places, Truth, subjects_of, told


def build(card: SourceCard, root: Path, places: Places) -> Truth:
    """Write one table and its pictures; ``picture`` is the cell that names one, ``splits`` are cells of that column."""
    subjects, options = subjects_of(card, places), card.options
    columns = options.get("labels", {"label": "finding"})
    splits = places.get("splits", ("train", "test"))
    rows = []
    for number, cells in enumerate(_cells(card, columns, options.get("several", ""))):
        subject = subjects[number % len(subjects)]
        cell = places["picture"].format(subject=subject, n=number)
        row = {options.get("image", "image"): cell, **cells}
        if card.subject.column:
            row[card.subject.column] = subject
        if card.split.column:
            row[card.split.column] = splits[number % len(splits)]
        rows.append(row)
        picture = root / options.get("images", "images") / f"{cell}{options.get('suffix', '')}"
        make.picture(picture, make.pixels(seed=number, channels=3))
    out = io.StringIO()
    writer = csv.DictWriter(out, rows[0], delimiter=options.get("separator") or ",")
    writer.writeheader()
    writer.writerows(rows)
    make.text(root / places.get("table", options.get("table")), out.getvalue())
    return told(card, subjects, places, splits=set(splits) if card.split.column else None)


def _cells(card: SourceCard, columns: dict[str, str], several: str) -> list[dict[str, str]]:
    """The label cells of each row: every label of a column's kind once, and two at a time where that is allowed."""
    by_kind = {kind: [raw for raw, name in card.labels.items() if name.task == kind] for kind in columns.values()}
    longest = max(len(names) for names in by_kind.values())
    rows = []
    for number in range(max(longest, 2)):
        rows.append({column: by_kind[kind][number % len(by_kind[kind])] for column, kind in columns.items()})
    if several:
        rows.append({column: several.join(by_kind[kind][:2]) for column, kind in columns.items()})
    return rows
