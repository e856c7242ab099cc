"""One sheet of texts and numbers as an Excel workbook (Office Open XML), the same bytes whenever it is written."""

import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from xml.sax.saxutils import escape

from gmai.base import write_atomic

MOST_TEXT = 32_767
"""Characters that Excel keeps of a cell."""
_EPOCH = (1980, 1, 1, 0, 0, 0)
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_OFFICE = "http://schemas.openxmlformats.org"
_MAIN = f"{_OFFICE}/spreadsheetml/2006/main"
_LINKS = f"{_OFFICE}/package/2006/relationships"
_DOCUMENT = f"{_OFFICE}/officeDocument/2006/relationships"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{_OFFICE}/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_TYPE}.worksheet+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{_LINKS}">'
    f'<Relationship Id="rId1" Type="{_DOCUMENT}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_DOCUMENT}">'
    '<sheets><sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_LINKS}">'
    f'<Relationship Id="rId1" Type="{_DOCUMENT}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
}


def write_workbook(path: Path, rows: Iterable[Sequence[str | int]]) -> None:
    """Write rows, the header first, atomically.

    Raises:
        ValueError: a text longer than a cell holds, or with characters that a workbook cannot hold; see :func:`fit`.
    """
    with write_atomic(path) as temporary, zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as out:
        for name, text in _PARTS.items():
            out.writestr(_entry(name), _HEAD + text)
        with out.open(_entry("xl/worksheets/sheet1.xml"), "w") as sheet:
            sheet.write(f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetData>'.encode())
            for row in rows:
                sheet.write("".join(_cells(row)).encode())
            sheet.write(b"</sheetData></worksheet>")


def fit(text: str) -> tuple[str, str]:
    """A text as a cell can hold it, and what was changed: nothing, or a few words.

    Of a text that is too long the end is kept, where replies have their answer.
    """
    if len(text) <= MOST_TEXT // 2 and not _NOT_XML.search(text):
        return text, ""
    told = []
    shown, control = _NOT_XML.subn("\ufffd", text)
    if control:
        told.append(f"characters replaced: {control}")
    if len(shown.encode("utf-16-le")) // 2 > MOST_TEXT:
        mark = f"[beginning left out, {len(text)} characters in all] "
        shown = mark + _last(shown, MOST_TEXT - len(mark))
        told.append("beginning left out")
    return shown, ", ".join(told)


def _last(text: str, units: int) -> str:
    """The end of a text in at most so many UTF-16 units, in which Excel counts."""
    kept = text[-units:]
    while (over := len(kept.encode("utf-16-le")) // 2 - units) > 0:
        kept = kept[-(-over // 2) :]
    return kept


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _EPOCH)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.external_attr = 0o600 << 16
    return entry


def _cells(row: Sequence[str | int]) -> Iterator[str]:
    if _NOT_XML.search("".join(str(value) for value in row)):
        raise ValueError("a character that no workbook holds")
    yield "<row>"
    for value in row:
        if isinstance(value, int):
            yield f"<c><v>{value}</v></c>"
        elif not value:
            yield "<c/>"
        elif len(value) > MOST_TEXT:
            raise ValueError("a text that no cell holds")
        else:
            yield f'<c t="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is></c>'
    yield "</row>"
