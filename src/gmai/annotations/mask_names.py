"""Which mask belongs to which image, told by their names; the files are listed once, however many images there are."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from gmai.annotations.paths import PICTURES, ending, fill_template, list_files, parent, stem
from gmai.errors import CardError

_NAME = "\0"
"""Stands for ``{stem}`` in a path when it is matched."""


@dataclass(frozen=True, slots=True)
class _Template:
    """How masks are called, and the files that may be so called."""

    label: str
    text: str
    expression: re.Pattern[str]
    files: tuple[str, ...]

    @property
    def place(self) -> str:
        """``{folder}`` or ``{home}`` if the template names one, else nothing."""
        return next((place for place in ("{folder}", "{home}") if place in self.text), "")


class MaskFinder:
    """Pairs images with masks.

    Args:
        folder: root of the source.
        masks: raw label to template of the masks.
        stem_rule: regular expression for the part of an image's name that ``{stem}`` stands for; empty for all of it.
        where: the card's options, for errors.
    """

    def __init__(self, folder: Path, masks: Mapping[str, str], stem_rule: str, where: str) -> None:
        try:
            self.stem_rule = re.compile(stem_rule)
        except re.error as error:
            raise CardError(f"no regular expression: {error}", where=f"{where}: stem") from None
        self.templates = [_read_template(folder, label, text) for label, text in masks.items()]
        self.by_name: dict[str, list[str]] = {}
        self.by_place: dict[str, list[str]] = {}
        self.lengths: list[int] = []
        """Of the names, the longest first."""

    @property
    def files(self) -> list[str]:
        """Every file that may be a mask."""
        return sorted({path for template in self.templates for path in template.files})

    def pair(self, images: list[str]) -> dict[str, list[tuple[str, str]]]:
        """The masks of each image, as (path, raw label), by path.

        A mask that two images could claim, as ``a_b_c`` by ``a`` and ``a_b``, belongs to the longer name; one that
        nothing in its name gives to one of several images belongs to none.
        """
        for image in images:
            self.by_name.setdefault(self.name(image), []).append(image)
            for place in {"", parent(image), parent(parent(image))}:
                self.by_place.setdefault(place, []).append(image)
        self.lengths = sorted({len(name) for name in self.by_name}, reverse=True)
        found: dict[str, list[tuple[str, str]]] = {}
        for template in self.templates:
            for path in template.files:
                owned = self._owner(template, path)
                if owned is not None:
                    found.setdefault(owned[0], []).append((path, owned[1]))
        return found

    def name(self, image: str) -> str:
        """What ``{stem}`` stands for."""
        whole = stem(image)
        found = self.stem_rule.search(whole)
        return (found.group(1) if self.stem_rule.groups else found.group() or whole) if found else whole

    def told(self, image: str) -> str:
        """What the masks of an image would be called."""
        places = {"folder": parent(parent(image)), "stem": self.name(image), "home": parent(image)}
        return " or ".join(fill_template(template.text, **places, label="*") for template in self.templates)

    def _owner(self, template: _Template, path: str) -> tuple[str, str] | None:
        for name, text in self._names(template, path):
            for tried in (text, f"./{text}"):
                found = template.expression.fullmatch(tried)
                if not found:
                    continue
                label = found.groupdict().get("label") or template.label
                owners = [image for image in self._images(template, name, found) if image != path]
                if len(owners) == 1 or owners and name is not None:
                    return owners[0], label
        return None

    def _images(self, template: _Template, name: str | None, found: re.Match[str]) -> list[str]:
        place = found.group("place") if template.place else ""
        if name is None:
            images = self.by_place.get(place, [])
        else:
            images = self.by_name[name]
        if not place:
            return images
        up = template.place == "{folder}"
        return [image for image in images if (parent(parent(image)) if up else parent(image)) == place]

    def _names(self, template: _Template, path: str) -> Iterator[tuple[str | None, str]]:
        """Each name of an image that a mask's path holds, the longest first, and the path with a mark in its place."""
        if "{stem}" not in template.text:
            yield None, path
            return
        home, _, last = path.rpartition("/")
        for length in self.lengths:
            for start in range(len(last) - length + 1):
                name = last[start : start + length]
                if name in self.by_name:
                    marked = f"{last[:start]}{_NAME}{last[start + length :]}"
                    yield name, "/".join([*([_swap(home, name)] if home else []), marked])
        for part in home.split("/"):
            if part in self.by_name:
                yield part, f"{_swap(home, part)}/{last}"


def _swap(home: str, name: str) -> str:
    return "/".join(_NAME if part == name else part for part in home.split("/"))


def _read_template(folder: Path, label: str, text: str) -> _Template:
    fill_template(text, folder="x", stem="x", home="x", label="x")
    pattern = fill_template(text, folder="**", stem="*", home="**", label="*")
    files = tuple(path for path in list_files(folder, pattern) if ending(path) in PICTURES)
    return _Template(label, text, _expression(text), files)


def _expression(template: str) -> re.Pattern[str]:
    meant = {
        "{stem}": _NAME,
        "{label}": "(?P<label>[^/]+?)",
        "{folder}": "(?P<place>.+?)",
        "{home}": "(?P<place>.+?)",
        "**/": "(?:.*/)?",
        "*": "[^/]*",
        "?": "[^/]",
    }
    parts = re.split(r"(\{\w+\}|\*\*/|\*|\?)", template.removeprefix("./"))
    found = []
    for part in parts:
        again = "(?P<" in meant.get(part, "") and meant[part] in found
        found.append("[^/]+?" if again else meant.get(part, re.escape(part)))
    return re.compile("".join(found))
