"""A small hospital of phantoms in the file formats of real ones, and the answer key of what was drawn."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

from gmai.base import (
    JobConfig,
    RunFolder,
    Stage,
    Summary,
    from_dict,
    iter_jsonl,
    open_run,
    output_files,
    run_job,
    summary_dict,
    to_dict,
    write_json,
    write_jsonl,
    write_text,
)
from gmai.errors import ConfigError
from gmai.phantoms.classes import MODALITIES, XRAY_CATEGORIES
from gmai.phantoms.coco import build_coco
from gmai.phantoms.text import build_questions
from gmai.phantoms.trouble import BREAK, Trouble, add_box_outside, add_missing_file
from gmai.phantoms.truth import Truth
from gmai.phantoms.wards import WARDS
from gmai.types import Reject, record

FILES, TRUTH, KNOWN_TROUBLE = "files", "truth.jsonl", "KNOWN_TROUBLE.json"
_SHARDS = ".work/truth/{shard:05d}.jsonl"


@record
class HospitalConfig:
    """How large a hospital, and which one."""

    out: Path
    """Run folder; the hospital is its ``files/``, the answer key its ``truth.jsonl``."""
    seed: int = 0
    """Another seed draws other patients."""
    ct: int = 300
    """CT patients, eight slices each."""
    xray: int = 900
    """X-ray patients, one picture each."""
    histology: int = 900
    """Histology patients, one picture each."""
    fundus: int = 450
    """Fundus patients, two pictures each."""
    ultrasound: int = 900
    """Ultrasound patients, one picture each."""
    text: int = 300
    """Question-answer pairs without a picture, at most as many as are known."""
    trouble: bool = True
    """Add a handful of broken files, listed in ``files/KNOWN_TROUBLE.json``."""
    job: JobConfig = JobConfig(shard_size=64)
    """How the work is run."""


@record
class _Order:
    modality: str
    number: int


def write_hospital(config: HospitalConfig) -> Summary:
    """Draw every patient and write the hospital; a killed run continues, and the bytes depend on the config alone.

    Raises:
        ConfigError: a negative number of patients, or the folder holds something else.
    """
    orders = _build_orders(config)
    same = {**to_dict(config), "job": {"limit": config.job.limit, "shard_size": config.job.shard_size}, "out": None}
    run = open_run(config.out, "demo hospital", config, {}, resume=config.job.resume, same=same)
    if run.done:
        return from_dict(Summary, run.stats(), where=str(run.path))
    step = partial(_write_subjects, files=run.path / FILES, seed=config.seed)
    stage = Stage(name="hospital", step=step, write=write_jsonl, pattern=_SHARDS, count=_count, item_id=_order_id)
    summary = run_job(run, stage, orders, config.job, total=len(orders))
    questions = _write_shared(run, config)
    summary = replace(summary, accepted={**summary.accepted, "question": questions})
    run.finish(summary_dict(summary), output_files(run))
    return summary


def read_truth(folder: Path) -> Iterator[Truth]:
    """Yield what was drawn, from a hospital's run folder."""
    return iter_jsonl(folder / TRUTH, Truth)


def _build_orders(config: HospitalConfig) -> list[_Order]:
    counts = {modality: int(getattr(config, modality)) for modality in MODALITIES}
    for modality, count in counts.items():
        if count < 0:
            raise ConfigError(f"cannot draw {count} patients", where=modality, fix="give 0 or more")
    return [_Order(modality=modality, number=number) for modality in WARDS for number in range(counts[modality])]


def _order_id(order: _Order) -> str:
    return f"{order.modality}/{order.number}"


def _write_subjects(orders: Iterable[_Order], *, files: Path, seed: int) -> Iterator[Truth | Reject]:
    for order in orders:
        yield from WARDS[order.modality](files, seed, order.number)


def _count(truth: Truth) -> dict[str, int]:
    return {"picture": truth.num_frames or 1, "region": len(truth.boxes) + (truth.area_px is not None)}


def _write_shared(run: RunFolder, config: HospitalConfig) -> int:
    """Write what belongs to many subjects at once; returns the number of question-answer pairs."""
    files = run.path / FILES
    parts = sorted((run.path / _SHARDS).parent.glob("*.jsonl"))
    truths = [truth for part in parts for truth in iter_jsonl(part, Truth)]
    write_jsonl(run.path / TRUTH, truths)
    wards = {name: [truth for truth in truths if truth.source == f"phantom-{name}"] for name in WARDS}
    troubles = [trouble for name in BREAK if wards[name] for trouble in _break(name, files, config)]
    troubles += _write_xray(files, wards["xray"], config)
    troubles += _write_grades(files, wards["fundus"], config)
    if config.trouble:
        write_json(files / KNOWN_TROUBLE, troubles)
    questions = build_questions(config.seed, config.text)
    if questions:
        write_jsonl(files / "text/qa.jsonl", questions)
    return len(questions)


def _break(modality: str, files: Path, config: HospitalConfig) -> Iterable[Trouble]:
    return BREAK[modality](files, config.seed, getattr(config, modality)) if config.trouble else ()


def _write_xray(files: Path, pictures: Sequence[Truth], config: HospitalConfig) -> list[Trouble]:
    if not pictures:
        return []
    file = "xray/annotations.json"
    content = build_coco(pictures, XRAY_CATEGORIES)
    troubles = [add_box_outside(content, file)] if config.trouble else []
    write_json(files / file, content)
    return troubles


def _write_grades(files: Path, pictures: Sequence[Truth], config: HospitalConfig) -> list[Trouble]:
    if not pictures:
        return []
    file = "fundus/grades.csv"
    rows = [(picture.file.rpartition("/")[2], picture.subject, str(picture.grade)) for picture in pictures]
    troubles = [add_missing_file(rows, file, config.fundus)] if config.trouble else []
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([("image", "patient", "grade"), *rows])
    write_text(files / file, text.getvalue())
    return troubles
