"""The weights of a model folder, read one at a time from its files, under the names the model itself gives them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gmai.base import read_json
from gmai.errors import ModelError

if TYPE_CHECKING:
    from torch import Tensor

INDEX = "model.safetensors.index.json"
_RENAMED = (
    ("language_model.lm_head.", "lm_head."),
    ("language_model.model.", "model.language_model."),
    ("language_model.", "model.language_model."),
    ("vision_tower.", "model.vision_tower."),
    ("multi_modal_projector.", "model.multi_modal_projector."),
    ("visual.", "model.visual."),
    ("model.layers.", "model.language_model.layers."),
    ("model.embed_tokens.", "model.language_model.embed_tokens."),
    ("model.norm.", "model.language_model.norm."),
)
"""Beginnings of names as they are written to files, now and formerly, and in the model."""


def plain_name(name: str) -> str:
    """A weight's name in a vision-language model, from its name in a file."""
    for written, plain in _RENAMED:
        if name.startswith(written):
            return plain + name[len(written) :]
    return name


class Weights:
    """The safetensors of a folder. Names are those of :func:`plain_name`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._open: dict[str, Any] = {}

    @cached_property
    def files(self) -> list[str]:
        """Names of the files.

        Raises:
            ModelError: there are none, or one that the index names is missing.
        """
        if (self.folder / INDEX).exists():
            found = sorted(set(read_json(self.folder / INDEX)["weight_map"].values()))
        else:
            found = sorted(path.name for path in self.folder.glob("*.safetensors"))
        if not found:
            fix = "download the safetensors files; pickled weights are not opened"
            raise ModelError("no weights in safetensors", where=str(self.folder), fix=fix, reason="model.weight")
        for name in found:
            if Path(name).name != name or not (self.folder / name).is_file():
                raise ModelError(f"the weights' file {name} is missing", where=str(self.folder), reason="model.weight")
        return found

    @cached_property
    def places(self) -> dict[str, tuple[str, str]]:
        """Plain name to the file and the name in it."""
        found: dict[str, tuple[str, str]] = {}
        for file in self.files:
            for name in self._file(file).keys():  # noqa: SIM118 (no dict)
                found[plain_name(name)] = (file, name)
        return found

    def __contains__(self, name: str) -> bool:
        return name in self.places

    def shape(self, name: str) -> tuple[int, ...]:
        """Shape of a weight."""
        file, written = self.places[name]
        return tuple(self._file(file).get_slice(written).get_shape())

    def kind(self, name: str) -> str:
        """Type of a weight's numbers, such as ``BF16``."""
        file, written = self.places[name]
        return str(self._file(file).get_slice(written).get_dtype())

    def read(self, name: str) -> Tensor:
        """One weight."""
        file, written = self.places[name]
        weight: Tensor = self._file(file).get_tensor(written)
        return weight

    def iter_file(self, file: str) -> Iterator[tuple[str, Tensor]]:
        """The weights of one file under the names they have in it."""
        for name in self._file(file).keys():  # noqa: SIM118 (no dict)
            yield name, self._file(file).get_tensor(name)

    def _file(self, name: str) -> Any:
        from safetensors import SafetensorError, safe_open

        if name not in self._open:
            try:
                self._open[name] = safe_open(self.folder / name, "pt")
            except SafetensorError as error:
                what = f"no file of weights: {error}"
                raise ModelError(what, where=str(self.folder / name), reason="model.weight") from None
        return self._open[name]
