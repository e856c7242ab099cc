"""Pascal VOC: XML files beside pictures, with boxes, outlines where an export has them, and flags."""

from collections.abc import Iterator
from pathlib import Path

from gmai.annotations.item import AnnotatedItem, Format, LookAt, Match, lone_picture, reject_units, unannotated
from gmai.annotations.paths import (
    PICTURES,
    check_found,
    fill_template,
    join_below,
    list_files,
    list_pictures,
    parent,
    sample_files,
    stem,
)
from gmai.annotations.voc_objects import read_objects
from gmai.annotations.xml_file import Element, read_xml
from gmai.base import from_dict
from gmai.errors import CardError, FormatError
from gmai.types import Reject, SourceCard, record


@record
class VocOptions:
    """Where the XML files and pictures are."""

    annotations: str = "Annotations/*.xml"
    """Glob of the XML files."""
    images: str = "JPEGImages"
    """Folder of the pictures; ``{home}`` stands for the XML file's folder, ``{folder}`` for the one that holds it."""
    by_stem: bool = False
    """True where a picture is called as its XML file is, whatever the file says it is called."""
    sets: str | None = None
    """Folder of the official splits (``train.txt``, ``val.txt``, ``test.txt`` of file stems)."""
    split_from_folder: bool = False
    """Take the name of the XML file's folder as the official split."""
    first_pixel: int = 0
    """Number of the first pixel: 1 where boxes count from 1 and their end is inclusive, as VOC itself does."""


def read(folder: Path, card: SourceCard, look: LookAt) -> Iterator[AnnotatedItem | Reject]:
    """Yield one item per XML file; pictures without one are rejects, unless the card needs no annotations."""
    options = from_dict(VocOptions, card.options, where=f"card {card.name}: options", error=CardError)
    files = list(check_found(card, options.annotations, list_files(folder, options.annotations), folder))
    homes = {path: _place(path, options) for path in files}
    pictures = [path for home in dict.fromkeys(homes.values()) for path in list_pictures(folder, home)]
    reader = _Reader(folder, card, options, {path.rpartition(".")[0]: path for path in pictures})
    for path in files:
        yield from reader.items(path, homes[path])
    for image in pictures:
        if image not in reader.seen:
            lone = lone_picture(image, reader.splits.get(stem(image)))
            yield from unannotated(lone, card, "no XML file names the picture")


def _place(path: str, options: VocOptions) -> str:
    place = fill_template(options.images, home=parent(path), folder=parent(parent(path)))
    return join_below(".", place, where=path) or "."


class _Reader:
    """Reads the XML files of a folder, each picture once."""

    def __init__(self, folder: Path, card: SourceCard, options: VocOptions, pictures: dict[str, str]) -> None:
        self.folder, self.card, self.options, self.pictures = folder, card, options, pictures
        self.splits = _read_splits(folder, options)
        self.seen: set[str] = set()

    def items(self, path: str, home: str) -> Iterator[AnnotatedItem | Reject]:
        """The pictures of one XML file: one, or several where it holds several annotations."""
        try:
            roots = _roots(read_xml(self.folder / path, path), path)
        except FormatError as error:
            self.seen.add(self._by_stem(home, stem(path)) or path)
            yield from reject_units(path, {"image": 1}, error.reason, str(error))
            return
        for pointer, root in roots:
            yield from self._item(path, pointer, root, home)

    def _item(self, path: str, pointer: str, root: Element, home: str) -> Iterator[AnnotatedItem | Reject]:
        found, rejects, unsure = read_objects(root, pointer, self.card, self.options.first_pixel)
        units = {"image": 1, "annotation": len(found)}
        yield from rejects
        try:
            image = self._image(path, root, home)
        except FormatError as error:
            self.seen.add(self._by_stem(home, stem(path)) or path)
            yield from reject_units(pointer, units, error.reason, str(error))
            return
        if image in self.seen:
            lost = {"annotation": len(found)}
            yield from reject_units(pointer, lost, "voc.duplicate", f"a second XML file of {image}")
        elif not (self.folder / image).is_file():
            yield from reject_units(pointer, units, "image.missing", f"{pointer} names {image}, which is not there")
        else:
            own = parent(path).rpartition("/")[2] if self.options.split_from_folder else None
            yield AnnotatedItem(
                id=image,
                kind="raster",
                files=(image,),
                annotations=tuple(found),
                size=_size(root),
                split=own or self.splits.get(stem(image)),
                unsure=unsure,
                units=units,
            )
        self.seen.add(image)

    def _image(self, path: str, root: Element, home: str) -> str:
        if self.options.by_stem:
            return self._by_stem(home, stem(path)) or join_below(home, f"{stem(path)}.*", where=path)
        image = join_below(home, (root.findtext("filename") or "").strip(), where=path)
        ending = Path(image).suffix.lower()
        # exports leave the ending out, or keep that of the picture before it was converted
        return image if (self.folder / image).is_file() else self._by_name(image, ending in PICTURES) or image

    def _by_name(self, image: str, has_ending: bool) -> str | None:
        return self.pictures.get(image.rpartition(".")[0] if has_ending else image)

    def _by_stem(self, home: str, name: str) -> str | None:
        return self.pictures.get(name if home == "." else f"{home}/{name}")


def _roots(root: Element, path: str) -> list[tuple[str, Element]]:
    if root.tag == "annotation":
        return [(path, root)]
    several = root.findall("annotation")
    if root.tag != "annotations" or not several:
        raise FormatError(f"no VOC annotation but <{root.tag}>", where=path, reason="voc.root")
    return [(f"{path}#annotation={number}", each) for number, each in enumerate(several)]


def _size(root: Element) -> tuple[int, int] | None:
    for names in (("size/width", "size/height"), ("imagesize/ncols", "imagesize/nrows")):
        try:
            width, height = (float(root.findtext(name) or "") for name in names)
        except ValueError:
            continue
        if width >= 1 and height >= 1 and width == int(width) and height == int(height):
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
    """XML files of root ``annotation`` that name pictures beside them or in a folder near."""
    for path in sample_files(folder):
        if not path.endswith(".xml") or b"<annotation" not in _head(folder / path):
            continue
        try:
            _, root = _roots(read_xml(folder / path, path), path)[0]
        except FormatError:
            continue
        named = (root.findtext("filename") or "").strip()
        for images in ("{folder}/JPEGImages", "{folder}/images", "{home}", "{folder}"):
            home = _place(path, VocOptions(images=images))
            names = {stem(picture): picture for picture in list_pictures(folder, home)}
            if stem(named) in names or named in names or stem(path) in names:
                by_name = stem(named) in names or named in names
                return Match(format="voc", options=_options(folder, path, images, by_name), evidence=path)
    return None


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(4096).replace(b"\0", b"")


def _options(folder: Path, path: str, images: str, by_name: bool) -> dict[str, object]:
    *above, home, _ = ["", *path.split("/")]
    pattern = "/".join([*["*"] * len(above[1:]), *([] if not home else ["*" if images == "{home}" else home]), "*.xml"])
    options: dict[str, object] = {"annotations": pattern, "images": images}
    if images == "{home}" and home in {"train", "valid", "val", "test"}:
        options["split_from_folder"] = True
    sets = f"{parent(parent(path))}/ImageSets/Main".removeprefix("./")
    if (folder / sets).is_dir():
        options["sets"] = sets
    return options if by_name else {**options, "by_stem": True}


FORMAT = Format(read=read, options=VocOptions, detect=detect)
