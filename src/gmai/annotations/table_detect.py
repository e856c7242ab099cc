"""How a folder tells that it holds a table about pictures, and what its columns are taken for."""

import re
from pathlib import Path
from typing import Any

from gmai.annotations.embedded import embedded_pictures
from gmai.annotations.heads import Head, read_heads
from gmai.annotations.item import Match
from gmai.annotations.picture_files import guess_images, index_names
from gmai.annotations.vqa_layouts import ANSWER, QUESTION

IMAGE = (
    *("image", "image_name", "filename", "file_name", "image_id", "image index", "image_path", "img", "img_path"),
    *("path", "file", "isic_id", "dicom_id", "dicompath", "id_code", "patientid", "sopinstanceuid", "id", "name", "#1"),
)
LABELS = (
    *(
        "label",
        "labels",
        "finding",
        "findings",
        "finding label",
        "finding labels",
        "finding_labels",
        "diagnosis",
        "dx",
        "class",
    ),
    *("class_name", "classname", "category", "disease", "pathology", "condition", "target", "tissue", "value", "#2"),
)
GRADES = (
    "grade",
    "level",
    "severity",
    "stage",
    "score",
    "birads",
    "bi-rads",
    "breast_birads",
    "kl",
    "gleason",
    "level",
)
BOXES = (
    (("x_min", "y_min", "x_max", "y_max"), "xyxy"),
    (("xmin", "ymin", "xmax", "ymax"), "xyxy"),
    (("x1", "y1", "x2", "y2"), "xyxy"),
    (("x", "y", "width", "height"), "xywh"),
    (("x", "y", "w", "h"), "xywh"),
    (("bbox [x", "y", "w", "h]"), "xywh"),
)
_OTHERS = frozenset({"split", "fold", "set", "age", "sex", "gender", "view", "projection", "modality", "laterality"})
_MASKS = ("mask", "mask_path", "mask_file", "segmentation", "rle", "encodedpixels")
_FLAGS = frozenset({"0", "1", "-1", "0.0", "1.0", "-1.0"})
_UNITS = {"boneage": "month", "bone_age": "month", "bone age": "month"}
_LONG = 40
_SEVERAL = ("|", ";")


def detect(folder: Path) -> Match | None:
    """A table whose column names pictures of the folder, with a column of labels, flags, boxes or numbers."""
    index: dict[str, str] | None = None
    for head in read_heads(folder, sheets=True):
        if head.find(_MASKS) or (head.find(QUESTION) and head.find(ANSWER)):
            continue
        index = index_names(folder) if index is None else index
        image = _find_image(index, head)
        if image is None:
            continue
        column, places = image
        if options := _read_columns(head, column):
            sheet = {"sheet": head.sheet} if head.sheet else {}
            options = {"table": head.path, **sheet, "image": column, **places, **options}
            return Match(format="class_table", options=options, evidence=head.path)
    return None


def _find_image(index: dict[str, str], head: Head) -> tuple[str, dict[str, str]] | None:
    """The column whose cells name files, and where these lie."""
    known = [column for name in IMAGE if (column := head.find((name,)))]
    texts = [column for column in _in_order(head) if column not in known]
    for column in known:
        if any(embedded_pictures(entry.get(column)) for entry in head.entries):
            return column, {"images": "."}
    for column in dict.fromkeys([*known, *texts]):
        names = head.texts(column)
        short = all(_is_number(name) and len(name) < 4 for name in names)
        if not names or (short and (column not in known or len(set(names)) < max(len(names), 2))):
            continue  # numbers of classes, say, and not of pictures
        if places := guess_images(index, names):
            return column, places
    return None


def _read_columns(head: Head, image: str) -> dict[str, Any]:
    columns = [column for column in _in_order(head) if column != image and head.texts(column)]
    options: dict[str, Any] = {}
    boxes = [(tuple(head.find((name,)) for name in names), form) for names, form in BOXES]
    box, form = next(((each, form) for each, form in boxes if all(each)), ((), ""))
    flags = _flag_columns(head, box)
    labels = _label_columns(head, [each for each in columns if each not in box and each not in flags])
    if len(flags) == 1 or box:
        labels |= {column: "finding" for column in flags[:1] if not labels}
    elif len(flags) > 1:
        options["flags"] = tuple(flags)
    measured = {column: _UNITS[column.lower()] for column in columns if column.lower() in _UNITS}
    texts = {column: column for column in columns if _is_text(head, column) and column not in labels}
    if not labels and not flags and not measured:
        left = [column for column in columns if column not in box and column not in texts and _may_label(head, column)]
        labels = {left[-1]: "finding"} if left else {}
    if not (labels or flags or measured or box or texts):
        return {}
    if box:
        options |= {"box": box, "box_form": form, "box_label": next(iter(labels), "")}
        labels = {}
    several = [mark for mark in _SEVERAL for column in labels if any(mark in cell for cell in head.texts(column))]
    options |= {"several": several[0]} if several else {}
    options |= {"measurements": measured} if measured else {}
    options |= {"reports": texts} if texts else {}
    return {"labels": labels, **options}


def _flag_columns(head: Head, box: tuple[str, ...]) -> list[str]:
    """Columns of nought and one; of several, a blank one after the first of them is taken for a rare one."""
    left = [column for column in _in_order(head) if column not in box and not column.startswith("#")]
    flags = [column for column in left if set(head.texts(column)) <= _FLAGS]
    told = [column for column in flags if head.texts(column)]
    return flags[flags.index(told[0]) :] if len(told) > 1 else told


def _label_columns(head: Head, columns: list[str]) -> dict[str, str]:
    named = {column: "finding" for column in columns if column.lower() in LABELS and not _is_text(head, column)}
    graded = {column: "grade" for column in columns if _is_grade(column)}
    return {**named, **graded}


def _may_label(head: Head, column: str) -> bool:
    """True unless the column is known for something else, or has a number of its own in most rows."""
    texts = head.texts(column)
    measured = all(_is_number(text) for text in texts) and len(set(texts)) * 2 > len(texts)
    return column.lower() not in _OTHERS and not measured


def _is_grade(column: str) -> bool:
    words = re.split(r"[\s_]+", column.lower())
    return column.lower() in GRADES or any(word in GRADES for word in words)


def _is_text(head: Head, column: str) -> bool:
    texts = head.texts(column)
    told = [text for text in texts if " " in text and not text.startswith("http")]
    return len(told) * 2 > len(texts) and sum(map(len, told)) / len(told) >= _LONG


def _is_number(text: str) -> bool:
    return re.fullmatch(r"-?\d+(\.\d+)?", text) is not None


def _in_order(head: Head) -> list[str]:
    return list(dict.fromkeys(key for entry in head.entries for key in entry.values))
