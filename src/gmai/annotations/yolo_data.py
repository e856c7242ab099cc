"""The YAML file of a YOLO set: names of classes, and the pictures of each split, wherever the set was moved to."""

import glob
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

import yaml

from gmai.annotations.item import reject
from gmai.annotations.label_lines import read_lines
from gmai.annotations.paths import PICTURES, ending, list_files, parent
from gmai.errors import FormatError
from gmai.types import Reject

SPLITS = {"train": "train", "val": "val", "valid": "val", "test": "test"}


@dataclass
class YoloData:
    """What a YAML file says."""

    names: dict[int, str] = field(default_factory=dict)
    pictures: dict[str, str | None] = field(default_factory=dict)
    """Path of each picture, and its split."""
    rejects: list[Reject] = field(default_factory=list)
    lists: bool = False
    """True if a text file lists the pictures of a split."""


def read_data(folder: Path, path: str) -> YoloData:
    """Read the YAML file of a set below ``folder``.

    Raises:
        FormatError: ``yolo.yaml`` (no YAML, or no names), ``yolo.keypoints`` (a set of poses).
    """
    try:
        found = yaml.safe_load((folder / path).read_text(encoding="utf-8-sig"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise FormatError(f"no YAML: {error}", where=path, reason="yolo.yaml") from None
    if not isinstance(found, dict):
        raise FormatError("no mapping of names and splits", where=path, reason="yolo.yaml")
    if found.get("kpt_shape"):
        what = "the labels are poses with keypoints, which are not read"
        raise FormatError(what, where=path, fix="use a version of the set with boxes", reason="yolo.keypoints")
    data = YoloData(names=_names(found.get("names"), path))
    home = "/".join(part for part in (parent(path), str(found.get("path") or "")) if part not in {"", "."})
    for key, split in SPLITS.items():
        places = found.get(key) or ()
        for place in places if isinstance(places, list | tuple) else (places,):
            _add_split(folder, f"{path}#{key}", home, str(place), split, data)
    return data


def _names(names: Any, path: str) -> dict[int, str]:
    if isinstance(names, list):
        return {number: str(name) for number, name in enumerate(names)}
    if isinstance(names, dict) and all(str(number).isdigit() for number in names):
        return {int(number): str(name) for number, name in names.items()}
    raise FormatError("no list or mapping of class names", where=path, reason="yolo.yaml")


def _add_split(folder: Path, pointer: str, home: str, place: str, split: str, data: YoloData) -> None:
    found = find_moved(folder, home, place)
    if found is None:
        detail = f"{place} is not there, nor is any end of that path"
        data.rejects.append(reject(pointer, "yolo.split_missing", detail, unit="record"))
        return
    is_list = (folder / found).is_file()
    data.lists |= is_list
    for number, picture in enumerate(_listed(folder, found) if is_list else _pictures(folder, found), start=1):
        if picture is None:
            detail = f"line {number} of {found} names no picture that is there"
            data.rejects.append(reject(f"{found}:{number}", "image.missing", detail, unit="image"))
        elif picture in data.pictures and data.pictures[picture] != split:
            detail = f"{picture} is in {data.pictures[picture]} and in {split}"
            data.rejects.append(reject(pointer, "yolo.two_splits", detail, unit="record"))
        else:
            data.pictures[picture] = split


def _pictures(folder: Path, place: str) -> Iterator[str]:
    pattern = "**/*" if place == "." else f"{glob.escape(place)}/**/*"
    return (path for path in list_files(folder, pattern) if ending(path) in PICTURES)


def _listed(folder: Path, path: str) -> Iterator[str | None]:
    for _, words in read_lines(folder / path, path):
        found = find_moved(folder, parent(path), " ".join(words))
        yield found if found and (folder / found).is_file() else None


def find_moved(folder: Path, home: str, place: str) -> str | None:
    """Find a path that a file of a moved set names: below its home, else its longest end that is there.

    ``../train/images`` and ``/content/set/train/images`` are so found as ``train/images``.

    Args:
        folder: root of the source; nothing outside is found.
        home: folder of the file that names the path.
        place: the path as it is named.
    """
    parts = [part for part in PurePosixPath(place.replace("\\", "/")).parts if part not in {"/", "."}]
    if parts and ".." not in parts[:1] and not place.strip():
        return None
    start = [] if home in {"", "."} else [part for part in PurePosixPath(home).parts if part not in {"/", ".."}]
    for base in (start, []):
        climbed = _climb(base, parts)
        if climbed is not None and (folder / climbed).exists():
            return climbed
    tail = [part for part in parts if part != ".." and ":" not in part]
    for base in (start, []):
        for first in range(len(tail)):
            path = "/".join([*base, *tail[first:]])
            if (folder / path).exists():
                return path
    return None


def _climb(base: list[str], parts: list[str]) -> str | None:
    path = list(base)
    for part in parts:
        if part == ".." and not path:
            return None
        path = path[:-1] if part == ".." else [*path, part]
    return "/".join(path) or "."
