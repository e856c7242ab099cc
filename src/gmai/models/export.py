"""A trained model as a folder for others, and the proof that it is the model that was trained."""

from __future__ import annotations

import logging
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from gmai.base import RunFolder, digest, open_run, output_files, read_json, write_json, write_text
from gmai.errors import GmaiError, ModelError
from gmai.models.adapters import ADAPTER_CONFIG, ADAPTER_WEIGHTS, merge_adapter
from gmai.models.census import check_copies, count_changes
from gmai.models.loaded import LoadedModel, load_model
from gmai.models.model_card import write_model_card
from gmai.models.trained import Trained, read_trained
from gmai.models.weights import INDEX, Weights
from gmai.models.witness import SIZES, testify
from gmai.types import record

if TYPE_CHECKING:
    from torch import Tensor

logger = logging.getLogger(__name__)
NEAR = 1e-4
"""Largest difference of logits, relative to the largest of them."""
_WITNESS_S = 3600


@record
class ExportConfig:
    """How ``gmai model export`` makes a trained model ready for others."""

    train: Path
    """Run folder of ``gmai train``."""
    out: Path
    """Run folder to write; the model is in ``model``, an adapter in ``adapter``."""
    form: Literal["merged", "adapter"] = "merged"
    """``adapter``: of LoRA, what is added alone."""
    dtype: Literal["", "float32", "bfloat16", "float16"] = ""
    """Type of the weights; by default that of the trained model, of an adapter float32."""
    base: Path | None = None
    """The model that training started from, where it is no longer where it was."""
    base_name: str = ""
    """What an adapter's reader is to load as its base, such as its name on a hub; by default the folder."""
    scores: tuple[Path, ...] = ()
    """Score folders of ``gmai eval score`` for the card."""
    name: str = ""
    """What the model is called in its card and by ``vllm serve``; by default the run folder's name."""
    licence: str = ""
    """Licence for the card; by default the base's."""
    resume: bool = True
    """Keep a finished export; False makes it anew."""


@dataclass(frozen=True)
class _Proof:
    """What was found when the written folder was opened again."""

    difference: float
    largest: float


def export_model(config: ExportConfig) -> dict[str, Any]:
    """Write the folder, open it in a clean process, compare, and describe it; returns the run's numbers.

    Raises:
        ConfigError: no finished run of training.
        ModelError: what was trained or written is not what it should be; nothing usable is left behind.
    """
    trained = read_trained(config.train, config.base)
    inputs = {"train": trained.key, "scores": digest([read_json(each / "stats.json") for each in config.scores])}
    same = {name: getattr(config, name) for name in ("form", "dtype", "base_name", "name", "licence")}
    run = open_run(config.out, "model export", config, inputs, resume=config.resume, same=same)
    if run.done:
        return run.stats()
    place = run.path / ("adapter" if config.form == "adapter" else "model")
    shutil.rmtree(place, ignore_errors=True)
    try:
        stats = _write(trained, config, place, run)
    except GmaiError:
        shutil.rmtree(place, ignore_errors=True)
        raise
    run.finish(stats, output_files(run))
    return run.stats()


def vllm_command(config: ExportConfig) -> str:
    """The line that serves a finished export with vLLM."""
    name = _name(config)
    if config.form == "adapter":
        base = read_json(config.out / "adapter" / ADAPTER_CONFIG)["base_model_name_or_path"]
        return f"vllm serve {base} --enable-lora --lora-modules {name}={config.out / 'adapter'}"
    return f"vllm serve {config.out / 'model'} --served-model-name {name}"


def _write(trained: Trained, config: ExportConfig, place: Path, run: RunFolder) -> dict[str, Any]:
    import torch

    kind = "float32" if config.form == "adapter" else trained_type(trained.model)
    dtype = getattr(torch, config.dtype or kind)
    changes = count_changes(trained, dtype)
    place.mkdir(parents=True)
    run.work.mkdir(parents=True, exist_ok=True)
    if config.form == "adapter":
        proof = _write_adapter(trained, config, place, run.work, dtype)
    else:
        proof = _write_merged(trained, place, run.work, dtype)
    stats = {
        "form": config.form,
        "dtype": str(dtype).removeprefix("torch."),
        "changes": changes,
        "logits": {"questions": len(SIZES), "difference": proof.difference, "largest": proof.largest},
    }
    write_text(place / "README.md", write_model_card(trained, config.scores, stats, _name(config), config.licence))
    logger.info("model export: %s, logits differ by %.1e", place, proof.difference)
    return stats


def _write_merged(trained: Trained, place: Path, work: Path, dtype: Any) -> _Proof:
    """Cast file by file, check every tensor, and let a clean process compute with what was written."""
    write_cast(trained.model, place, dtype)
    check_copies(Weights(place), trained.model, dtype)
    source = load_model(trained.model.folder, attention="eager")
    return _compare(testify(_through(source, dtype)), _hear(work, place), place)


def _write_adapter(trained: Trained, config: ExportConfig, place: Path, work: Path, dtype: Any) -> _Proof:
    from safetensors.torch import load_file, save_file

    if trained.adapter is None or trained.start.others:
        what = "the run has no adapter" if trained.adapter is None else "the base is put together of several models"
        raise ModelError(what, where=str(trained.path), fix="export it merged", reason="export.form")
    said = read_json(trained.adapter.folder / ADAPTER_CONFIG)
    base = config.base_name or str(trained.start.folder)
    write_json(place / ADAPTER_CONFIG, {**said, "base_model_name_or_path": base})
    pairs = load_file(trained.adapter.folder / ADAPTER_WEIGHTS)
    save_file({name: pair.to(dtype).contiguous() for name, pair in pairs.items()}, place / ADAPTER_WEIGHTS)
    _copy_words(trained.model.folder, place)
    started = load_model(trained.start.folder, attention="eager")
    merge_adapter(started.model, trained.adapter.cast(dtype))
    return _compare(testify(started), _hear(work, trained.start.folder, place), place)


def write_cast(source: Weights, place: Path, dtype: Any) -> None:
    """Write every file of weights with its numbers cast, and everything else as it is."""
    from safetensors.torch import save_file

    total = 0
    for file in source.files:
        tensors = {
            name: (weight.to(dtype) if weight.is_floating_point() else weight).contiguous()
            for name, weight in source.iter_file(file)
        }
        total += sum(tensor.nbytes for tensor in tensors.values())
        save_file(tensors, place / file, metadata={"format": "pt"})
    _copy_words(source.folder, place)
    config = read_json(source.folder / "config.json")
    config.pop("torch_dtype", None)
    write_json(place / "config.json", _with_type(config, str(dtype).removeprefix("torch.")))
    if (source.folder / INDEX).exists():
        index = read_json(source.folder / INDEX)
        write_json(place / INDEX, {**index, "metadata": {**index.get("metadata", {}), "total_size": total}})


def trained_type(weights: Weights) -> str:
    """The type of the weights of a folder, as torch calls it."""
    found = read_json(weights.folder / "config.json")
    return str(found.get("dtype") or found.get("torch_dtype") or "float32")


def _with_type(config: dict[str, Any], dtype: str) -> dict[str, Any]:
    """A config and those inside it say the type of the weights."""
    inner = {
        name: _with_type(each, dtype) for name, each in config.items() if isinstance(each, dict) and "dtype" in each
    }
    return {**config, **inner, "dtype": dtype}


def _copy_words(folder: Path, place: Path) -> None:
    """Tokenizer, chat template, processors and visual contract."""
    left = {"README.md", "config.json", INDEX}
    for path in sorted(folder.iterdir()):
        if path.is_file() and path.name not in left and path.suffix != ".safetensors":
            shutil.copyfile(path, place / path.name)


def _through(loaded: LoadedModel, dtype: Any) -> LoadedModel:
    """The model with every weight as coarse as it is written, computing in float32."""
    saved = loaded.model.state_dict(keep_vars=True)
    for tensor in {id(tensor): tensor for tensor in saved.values()}.values():
        if tensor.is_floating_point():
            tensor.data = tensor.data.to(dtype).float()
    return loaded


def _hear(work: Path, *folders: Path) -> dict[str, Tensor]:
    """What a process of its own finds in a folder.

    Raises:
        ModelError: it cannot be opened whole.
    """
    from safetensors.torch import load_file

    told = work / "witness.safetensors"
    line = [sys.executable, "-m", "gmai.models.witness", str(folders[0]), str(told), *map(str, folders[1:])]
    done = subprocess.run(line, capture_output=True, text=True, timeout=_WITNESS_S, check=False)
    if done.returncode:
        said = (done.stderr.strip().splitlines() or ["no word"])[-1]
        raise ModelError(f"the export does not open: {said}", where=str(folders[-1]), reason="export.opened")
    found: dict[str, Tensor] = load_file(told)
    return found


def _compare(meant: dict[str, Tensor], found: dict[str, Tensor], place: Path) -> _Proof:
    import torch

    difference = largest = 0.0
    for name, expected in meant.items():
        if name.startswith("logits"):
            largest = max(largest, float(expected.abs().max()))
            difference = max(difference, float((expected - found[name]).abs().max()))
        elif not torch.equal(expected, found[name]):
            kind = name.partition(".")[0]
            raise ModelError(f"the export makes other {kind} of a question", where=str(place), reason="export.prompt")
    if not difference <= NEAR * max(largest, 1.0):
        what = f"the export's logits differ by {difference:.3g}"
        raise ModelError(what, where=str(place), reason="export.logits")
    return _Proof(difference, largest)


def _name(config: ExportConfig) -> str:
    return config.name or config.out.resolve().name
