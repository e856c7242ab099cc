"""Pascal VOC: one XML file beside each picture, with boxes."""

from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

from gmai.annotations.clip import check_box
from gmai.annotations.item import AnnotatedItem, Format, LookAt, Match, lone_picture, reject, reject_units, unannotated
from gmai.annotations.paths import check_found, join_below, list_files, list_pictures, name_label, parent, stem
from gmai.base import from_dict
from gmai.errors import CardError, FormatError
from gmai.types import Box, Reject, SourceCard, record


@record
class VocOptions:
    """Where the XML files and pictures are."""

    annotations: str = "Annotations/*.xml"
    """Glob of the XML files."""
    images: str = "JPEGImages"
    """Folder of the pictures."""
    sets: str | None = None
    """Folder of the official splits (``train.txt``, ``val.txt``, ``test.txt`` of file stems)."""
    first_pixel: int = 0
    """Number of the first pixel: 1 where boxes count from 1 and their end is inclusive, as VOC itself does."""


def read(folder: Path, card: SourceCard, look: LookAt) -> Iterator[AnnotatedItem | Reject]:
    """Yield one item per XML file; pictures without one are rejects, unless the card needs no annotations."""
    options = from_dict(VocOptions, card.options, where=f"card {card.name}: options", error=CardError)
    splits = _read_splits(folder, options)
    pictures = list_pictures(folder, options.images)
    by_stem = {stem(path): path for path in pictures}
    seen: set[str] = set()
    for path in check_found(card, options.annotations, list_files(folder, options.annotations), folder):
        try:
            root = _parse(folder / path, path)
            image = join_below(options.images, root.findtext("filename") or "", where=path)
        except FormatError as error:
            seen.add(by_stem.get(stem(path), path))
            yield from reject_units(path, {"image": 1}, error.reason, str(error))
            continue
        boxes, rejects = _read_boxes(root, path, card, options)
        yield from rejects
        item = _item(image, boxes, root, splits)
        if image in seen:
            yield from reject_units(path, {"annotation": len(boxes)}, "voc.duplicate", f"a second XML file of {image}")
        elif not (folder / image).is_file():
            yield from reject_units(path, item.units, "image.missing", f"{path} names {image}, which is not there")
        else:
            yield item
        seen.add(image)
    yield from _without_xml(pictures, seen, card, splits)


def _item(image: str, boxes: tuple[Box, ...], root: ElementTree.Element, splits: dict[str, str]) -> AnnotatedItem:
    return AnnotatedItem(
        id=image,
        kind="raster",
        files=(image,),
        annotations=boxes,
        size=_size(root),
        split=splits.get(stem(image)),
        units={"image": 1, "annotation": len(boxes)},
    )


def _without_xml(
    pictures: list[str], seen: set[str], card: SourceCard, splits: dict[str, str]
) -> Iterator[AnnotatedItem | Reject]:
    for image in pictures:
        if image not in seen:
            yield from unannotated(lone_picture(image, splits.get(stem(image))), card, "no XML file names the picture")


def _parse(path: Path, shown: str) -> ElementTree.Element:
    data = path.read_bytes()
    if b"<!DOCTYPE" in data.replace(b"\0", b"") or b"<!ENTITY" in data.replace(b"\0", b""):
        raise FormatError("XML with declarations of its own is not read", where=shown, reason="xml.doctype")
    try:
        root = ElementTree.fromstring(data)
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        raise FormatError(f"not valid XML: {error}", where=shown, reason="xml.invalid") from None
    if root.tag != "annotation":
        raise FormatError(f"no VOC annotation but <{root.tag}>", where=shown, reason="voc.root")
    return root


def _read_boxes(
    root: ElementTree.Element, path: str, card: SourceCard, options: VocOptions
) -> tuple[tuple[Box, ...], list[Reject]]:
    boxes, rejects = [], []
    for number, node in enumerate(root.iter("object")):
        pointer = f"{path}#object={number}"
        try:
            boxes.append(_read_box(node, pointer, card, options.first_pixel))
        except FormatError as error:
            rejects.append(reject(pointer, error.reason, str(error), unit="annotation"))
    return tuple(boxes), rejects


def _read_box(node: ElementTree.Element, pointer: str, card: SourceCard, first_pixel: int) -> Box:
    raw = (node.findtext("name") or "").strip()
    if not raw:
        raise FormatError("an object without a name", where=pointer, reason="annotation.no_label")
    try:
        edges = [float(node.findtext(f"bndbox/{tag}") or "") for tag in ("xmin", "ymin", "xmax", "ymax")]
    except ValueError:
        raise FormatError("a box that is not four numbers", where=pointer, reason="box.not_numbers") from None
    xyxy = edges[0] - first_pixel, edges[1] - first_pixel, edges[2], edges[3]
    check_box(xyxy, pointer)
    return Box(label=name_label(card, raw).name, xyxy=xyxy, record=pointer, raw=raw)


def _size(root: ElementTree.Element) -> tuple[int, int] | None:
    width, height = (root.findtext(f"size/{name}") or "" for name in ("width", "height"))
    if width.strip().isdigit() and height.strip().isdigit() and int(width) and int(height):
        return int(width), int(height)
    return None


def _read_splits(folder: Path, options: VocOptions) -> dict[str, str]:
    splits: dict[str, str] = {}
    for name in ("train", "val", "test") if options.sets else ():
        path = folder / str(options.sets) / f"{name}.txt"
        if path.is_file():
            splits |= {line.split()[0]: name for line in path.read_text(encoding="utf-8").splitlines() if line.strip()}
    return splits


def detect(folder: Path) -> Match | None:
    """A folder with ``Annotations/*.xml`` of root ``annotation``, at any depth up to two."""
    for pattern in ("Annotations/*.xml", "*/Annotations/*.xml"):
        for path in list_files(folder, pattern)[:1]:
            if b"<annotation" in (folder / path).read_bytes()[:4096]:
                home = parent(parent(path))
                prefix = "" if home == "." else f"{home}/"
                options = {"annotations": f"{prefix}Annotations/*.xml", "images": f"{prefix}JPEGImages"}
                return Match(format="voc", options=options, evidence=path)
    return None


FORMAT = Format(read=read, options=VocOptions, detect=detect)
