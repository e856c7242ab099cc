"""Packing proved on a run's own model and rows, before it begins."""

from __future__ import annotations

import logging
from pathlib import Path
from tempfile import TemporaryDirectory

from gmai.errors import ConfigError
from gmai.models import Block, Fitted, LoadedModel
from gmai.train.material import Material, gather
from gmai.train.parallel import World, open_world
from gmai.train.proof import Proof, check_proof, proof_key, prove_packing, read_proof, share_out, write_proof
from gmai.train.recipe import TrainConfig
from gmai.train.stages import STAGES
from gmai.train.weights import prepare_start

logger = logging.getLogger(__name__)
FULL = 4
"""``--check`` takes so many times the rows of the check at the start."""
MOST = 8192
"""Tokens of rows that are proved together: what they leave behind for the way back must fit beside the weights."""
LEAST = 2
"""Rows that are proved however long they are."""


def check_run(config: TrainConfig) -> Proof:
    """Prove packing on the model and the rows of a recipe; nothing is written.

    Raises:
        ConfigError: a stage that packs nothing, or settings or data that do not fit.
    """
    if not _packs(config):
        raise ConfigError(f"stage {config.stage} packs no text, so there is nothing to prove", where="stage")
    with open_world("none", config.device) as world, TemporaryDirectory(prefix="gmai-check-") as home:
        loaded = prepare_start(config)
        material = gather(config, loaded, config.feed.index or Path(home), world)
        rows, fitted = first_rows(material, FULL * config.check.rows)
        loaded.model.to(world.device)
        return prove_packing(loaded, rows, fitted, config.precision, config.check)


def prove_start(
    loaded: LoadedModel, config: TrainConfig, material: Material, world: World, folder: Path
) -> Proof | None:
    """The short check of a run; None where it is switched off, or where no process holds the whole model.

    Args:
        loaded: the model, not yet spread over processes; it is moved to this process' device.
        config: the recipe.
        material: of the run.
        world: all processes; the first one proves.
        folder: where proofs are kept.

    Raises:
        ModelError: packing changes what is computed.
    """
    if not config.check.at_start or not _packs(config):
        return None
    if config.parallel == "fsdp2" and world.size > 1:
        logger.info("packing is not proved on a sharded model: `gmai train RECIPE --check` does it in one process")
        return None
    return world.first(lambda: _prove(loaded, config, material, world, folder))


def first_rows(material: Material, count: int, most: int = MOST) -> tuple[list[list[Block]], list[Fitted]]:
    """The first rows that will be learned from, and their pictures.

    Args:
        material: of a run.
        count: rows at most.
        most: tokens at most, of all rows but the first two.

    Raises:
        ConfigError: not one could be read.
    """
    few = material.part(count)
    packs = [pack for batch in few.batches(0, 1, 0) for pack in batch.packs]
    few.close()
    rows: list[list[Block]] = []
    fitted: list[Fitted] = []
    tokens = 0
    for pack in packs:
        for row, shown in zip(pack.rows, share_out(pack.rows, pack.fitted), strict=True):
            tokens += sum(len(block.tokens) for block in row)
            if len(rows) < LEAST or tokens <= most:
                rows.append(row)
                fitted += shown
    if not rows:
        raise ConfigError("none of the first rows can be read", fix="see the data; gmai corpus trace tells where from")
    return rows, fitted


def _prove(loaded: LoadedModel, config: TrainConfig, material: Material, world: World, folder: Path) -> Proof:
    loaded.model.to(world.device)
    known = read_proof(folder, proof_key(loaded, config.precision))
    if known is not None:
        return known
    rows, fitted = first_rows(material, config.check.rows)
    proof = prove_packing(loaded, rows, fitted, config.precision, config.check)
    check_proof(proof)
    write_proof(folder, proof)
    found = "; ".join(f"{one.name} {one.value:.2g}" for one in proof.found)
    logger.info("packing proved on %d rows: %s", proof.rows, found)
    return proof


def _packs(config: TrainConfig) -> bool:
    return STAGES[config.stage].lesson == "language"
