"""A table with a row for each label, and the pictures it names."""

import csv
import io
from pathlib import Path
from typing import Any

import numpy as np

import make
from gmai.types import SourceCard
from miniatures.truth import Places, Truth, subjects_of, told

BOX = ("2", "3", "12", "14")
FACETS = {"sex": ("Female", "male"), "age": ("63", "5")}


def build(card: SourceCard, root: Path, places: Places) -> Truth:
    """Write one table and its pictures; ``picture`` is the cell that names one, ``splits`` are cells of that column."""
    subjects, options = subjects_of(card, places), card.options
    splits = places.get("splits", ("train", "test"))
    homes = (places.get("images", options.get("images", "images")), *places.get("more", ()))
    rows = []
    for number, cells in enumerate(_cells(card, options)):
        subject = subjects[number % len(subjects)]
        name = places["picture"].format(subject=subject, n=number)
        row = {options.get("image", "image"): name, **cells}
        if card.subject.column:
            row[card.subject.column] = subject
        if card.split.column:
            row[card.split.column] = splits[number % len(splits)]
        row |= {column: FACETS[name][number % 2] for name, column in card.facets.items()}
        rows.append(row)
        file = options.get("path", "{}{}").format(name, options.get("suffix", ""), **row)
        _picture(root / homes[number % len(homes)] / file, number)
    out = io.StringIO()
    writer = csv.DictWriter(out, rows[0], delimiter=options.get("separator") or ",")
    writer.writeheader()
    writer.writerows(rows)
    make.text(root / options["table"], out.getvalue())
    return told(card, subjects, places, splits=set(splits) if card.split.column else None)


def _cells(card: SourceCard, options: dict[str, Any]) -> list[dict[str, str]]:
    """What each row says: every label once, two at a time where that is allowed, and any number or box."""
    flags, columns = options.get("flags", ()), options.get("labels", {"label": "finding"})
    rows: list[dict[str, str]] = [{column: "1.0" if column == each else "0.0" for column in flags} for each in flags]
    if options.get("box"):
        label = options["box_label"]
        rows = [{label: raw, **dict(zip(options["box"], BOX, strict=True))} for raw in card.labels]
        rows[-1] |= dict.fromkeys(options["box"], "")
    elif columns:
        by_kind = {kind: [raw for raw, name in card.labels.items() if name.task == kind] for kind in columns.values()}
        count = max(2, *(len(names) for names in by_kind.values()))
        rows = [
            {column: by_kind[kind][n % len(by_kind[kind])] for column, kind in columns.items()} for n in range(count)
        ]
        if options.get("several"):
            rows.append({column: options["several"].join(by_kind[kind][:2]) for column, kind in columns.items()})
    numbers = options.get("measurements", {})
    return [{**row, **dict.fromkeys(numbers, "180")} for row in rows or [{}, {}]]


def _picture(path: Path, number: int) -> None:
    if path.suffix in {".dcm", ".dicom"}:
        told = {"SOPInstanceUID": f"1.2.3.4.{number}.1", "SeriesInstanceUID": f"1.2.3.4.{number}", "Modality": "DX"}
        nowhere = {"ImagePositionPatient": None, "ImageOrientationPatient": None}
        make.dicom(path, np.arange(24 * 32, dtype=np.uint16).reshape(24, 32), PatientID=f"P{number}", **told, **nowhere)
    else:
        make.picture(path, make.pixels(seed=number, channels=3))
