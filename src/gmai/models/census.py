"""Which tensors of a trained model differ from those it started from, and whether these are the ones that should."""

from __future__ import annotations

from typing import Any

from gmai.base import read_json
from gmai.errors import ModelError
from gmai.models.parts import PARTS, part_of
from gmai.models.trained import Trained
from gmai.models.weights import Weights

_NEAR = {"torch.float32": 1e-5}
"""How near a merged weight must be to the sum it stands for, relative to its largest number; else coarse types' own."""
_COARSE = 2.0**-7


def count_changes(trained: Trained, dtype: Any) -> dict[str, dict[str, Any]]:
    """Hold every tensor against its start.

    Returns:
        Per part its tensors, how many changed, and how many of these still differ when both are cast to ``dtype``.

    Raises:
        ModelError: tensors or shapes that the start does not have, a frozen one that changed, a trained part or
            an adapter's weight that did not.
    """
    import torch

    check_names(trained.model, trained.start.model)
    if trained.adapter is not None:
        shapes = {name: trained.model.shape(name) for name in trained.model.places}
        trained.adapter.check_places(shapes, "export.unplaced")
    table: dict[str, dict[str, Any]] = {
        part: {"trains": part in trained.trains, "tensors": 0, "changed": 0, "left": 0} for part in PARTS
    }
    for name in sorted(trained.model.places):
        row, now, before = table[part_of(name)], trained.model.read(name), trained.start.read(name)
        changed = not torch.equal(now, before.to(now.dtype))
        row["tensors"] += 1
        row["changed"] += changed
        row["left"] += changed and not torch.equal(now.to(dtype), before.to(dtype))
        if changed and not row["trains"]:
            raise ModelError("a frozen weight has changed", where=name, reason="export.frozen")
        if trained.adapter is not None:
            _check_merged(trained, name, now, before, changed=changed)
    for part, row in table.items():
        if row["trains"] and not row["changed"]:
            raise ModelError(f"no weight of {part} has changed", where=str(trained.path), reason="export.unchanged")
    return table


def check_names(found: Weights, expected: Weights) -> None:
    """Two folders must have the same tensors in the same shapes, and tie their heads alike.

    Raises:
        ModelError: they do not.
    """
    for name in sorted(found.places.keys() ^ expected.places.keys()):
        what = "a tensor that its start does not have" if name in found else "a tensor is left out"
        raise ModelError(what, where=name, reason="export.names")
    for name in sorted(found.places):
        if found.shape(name) != expected.shape(name):
            what = f"{found.shape(name)} where its start has {expected.shape(name)}"
            raise ModelError(what, where=name, reason="export.shape")
    tied = [bool(read_json(each.folder / "config.json").get("tie_word_embeddings")) for each in (found, expected)]
    if tied[0] != tied[1]:
        raise ModelError("the head is tied in one and not in the other", where=str(found.folder), reason="export.tie")


def check_copies(written: Weights, source: Weights, dtype: Any) -> None:
    """What was written must be what was meant, bit by bit.

    Raises:
        ModelError: it is not.
    """
    import torch

    check_names(written, source)
    for name in sorted(source.places):
        meant = source.read(name)
        meant = meant.to(dtype) if meant.is_floating_point() else meant
        found = written.read(name)
        if found.dtype != meant.dtype or not torch.equal(found, meant):
            raise ModelError("the written tensor is not the one meant", where=name, reason="export.written")


def _check_merged(trained: Trained, name: str, now: Any, before: Any, *, changed: bool) -> None:
    assert trained.adapter is not None
    if name not in trained.adapter.pairs:
        if changed:
            what = "a weight has changed, and the adapter has no pair for it"
            raise ModelError(what, where=name, reason="export.unplaced")
        return
    meant = before.float() + trained.adapter.product(name)
    near = _NEAR.get(str(now.dtype), _COARSE) * float(meant.abs().max())
    if float((now.float() - meant).abs().max()) > near:
        raise ModelError("the merged weight is not start and product added", where=name, reason="export.merged")
