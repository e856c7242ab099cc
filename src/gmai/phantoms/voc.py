"""Boxes in the form of Pascal VOC: one XML file beside each picture, corners counted from 1 and inclusive."""

from xml.etree import ElementTree

from gmai.phantoms.truth import Truth


def encode_voc(picture: Truth) -> bytes:
    """Encode the boxes of one picture as ``annotation`` XML."""
    root = ElementTree.Element("annotation")
    folder, _, name = picture.file.rpartition("/")
    _text(root, "folder", folder.rpartition("/")[2])
    _text(root, "filename", name)
    size = ElementTree.SubElement(root, "size")
    for tag, value in (("width", picture.width), ("height", picture.height), ("depth", 3)):
        _text(size, tag, str(value))
    _text(root, "segmented", "0")
    for box in picture.boxes:
        x0, y0, x1, y1 = box.xyxy
        item = ElementTree.SubElement(root, "object")
        _text(item, "name", box.label)
        for tag in ("truncated", "difficult"):
            _text(item, tag, "0")
        corners = ElementTree.SubElement(item, "bndbox")
        for tag, value in (("xmin", x0 + 1), ("ymin", y0 + 1), ("xmax", x1), ("ymax", y1)):
            _text(corners, tag, str(value))
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode").encode() + b"\n"


def _text(parent: ElementTree.Element, tag: str, text: str) -> None:
    ElementTree.SubElement(parent, tag).text = text
