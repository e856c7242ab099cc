"""The released GMAI-VL-5.5M: an open tree with annotations and ZIP files of pictures, and one whose pictures you place.

``…OpenSource/annotations/*.jsonl`` with ``…OpenSource/zips/*.zip`` (or unpacked beside), and
``…NonOpenSource/annotations/*.jsonl``, of which the pictures may not be passed on.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from gmai.corpus.imports.foreign import Foreign, ForeignRow, ImportConfig, ImportFormat
from gmai.corpus.imports.llava import read_pictures, read_turns
from gmai.corpus.imports.rows import iter_rows, read_row
from gmai.errors import ConfigError
from gmai.types import Reject

_SUBSETS = {"caption": "caption", "percept": "percept", "instru": "instruct", "text": "text"}
_ID_PARTS = 4
_CLOSED = "nonopensource"


def _trees(path: Path) -> list[Path]:
    found = [path] if (path / "annotations").is_dir() else []
    return found + sorted(item for item in path.iterdir() if (item / "annotations").is_dir())


def _folders(path: Path) -> Sequence[Path]:
    return [folder for tree in _trees(path) for folder in (tree, tree / "images", tree / "zips")]


def _read(config: ImportConfig) -> Iterator[Foreign]:
    trees = _trees(config.path)
    if not trees:
        fix = "give the folder that holds GMAI-VL-5.5M-OpenSource or GMAI-VL-5.5M-NonOpenSource"
        raise ConfigError("no folder annotations", where=str(config.path), fix=fix)
    for tree in trees:
        closed = _CLOSED in tree.name.lower().replace("-", "").replace("_", "")
        for path in sorted((tree / "annotations").glob("*.jsonl")):
            subset = next((name for part, name in _SUBSETS.items() if part in path.stem.lower()), "instruct")
            for where, row in iter_rows(path):
                place = f"{tree.name}/{where}"
                found = row if isinstance(row, Reject) else read_row(place, row, read_turns, read_pictures)
                if isinstance(found, ForeignRow):
                    told = {"subset": subset, **_told(found.id, closed), **found.told}
                    found = replace(found, told=told, restricted=closed)
                yield found


def _told(name: str, closed: bool) -> dict[str, str]:
    """What an id such as ``2d#cls#histopathology#crc100k#images#NORM#example.tif`` says; never its label."""
    parts = name.split("#")
    if len(parts) <= _ID_PARTS:
        return {"source": "gmai-vl-closed"} if closed else {}
    return {"modality": parts[2], "source": f"gmai-vl-{'closed-' if closed else ''}{parts[3].lower()}"}


FORMAT = ImportFormat(_read, _folders)
