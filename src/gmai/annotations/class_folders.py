"""Pictures sorted into folders, each named after its class, perhaps below folders named after the split."""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from gmai.annotations.item import AnnotatedItem, Format, LookAt, Match
from gmai.annotations.paths import PICTURES, check_found, list_files, name_label
from gmai.base import from_dict
from gmai.errors import CardError
from gmai.types import Label, Reject, SourceCard, record


@record
class FolderOptions:
    """How folders are nested."""

    root: str = "."
    """Folder that holds the class folders, or the split folders."""
    layout: Literal["label", "split/label"] = "label"
    kind: str = "finding"
    """Question kind that the class answers."""


def read(folder: Path, card: SourceCard, look: LookAt) -> Iterator[AnnotatedItem | Reject]:
    """Yield one item per picture; other files are left alone."""
    options = from_dict(FolderOptions, card.options, where=f"card {card.name}: options", error=CardError)
    depth = options.layout.count("/") + 1
    pattern = "/".join([*([] if options.root == "." else [options.root]), *["*"] * (depth + 1)])
    pictures = [path for path in list_files(folder, pattern) if Path(path).suffix.lower() in PICTURES]
    for path in check_found(card, pattern, pictures, folder):
        parts = path.split("/")
        raw = parts[-2]
        label = Label(name=name_label(card, raw).name, record=f"{path}#folder", task=options.kind, raw=raw)
        yield AnnotatedItem(
            id=path,
            kind="raster",
            files=(path,),
            annotations=(label,),
            split=parts[-3] if depth == 2 else None,
            units={"image": 1, "annotation": 1},
        )


def detect(folder: Path) -> Match | None:
    """Two or more folders that hold nothing but pictures."""
    for layout, pattern in (("label", "*/*"), ("split/label", "*/*/*")):
        files = list_files(folder, pattern)
        homes = {path.rpartition("/")[0] for path in files}
        if len(homes) > 1 and all(Path(path).suffix.lower() in PICTURES for path in files):
            return Match(format="class_folders", options={"layout": layout}, evidence=min(files))
    return None


FORMAT = Format(read=read, options=FolderOptions, detect=detect)
