"""A made-up line of runs, whole and small: corpus, split, benchmark, models, logs, predictions and scores."""

import math
from pathlib import Path

import cv2
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from gmai.base import (
    JobConfig,
    hash_bytes,
    hash_file,
    hash_unit,
    input_key,
    open_run,
    output_files,
    read_json,
    write_jsonl,
    write_text,
)
from gmai.bench import LETTERS, BenchConfig, build_bench, read_keys
from gmai.corpus import StoredSample, open_corpus, write_conversations, write_samples
from gmai.evaluate import ScoreConfig, score
from gmai.images import encode_mask
from gmai.types import (
    Annotation,
    Box,
    Conversation,
    Fact,
    ImageRef,
    Label,
    MaskRef,
    Prediction,
    Provenance,
    Question,
    Reject,
    Sample,
    Step,
    Turn,
    View,
)

SIDE = 72
SOURCES = {
    "phantom-ct": ("Computed Tomography", "Urology", "Disease Diagnosis", ("cyst", "stone", "abscess", "tumor")),
    "phantom-xray": ("X-Ray", "Pulmonary Medicine", "Disease Diagnosis", ("cavity", "granuloma", "tumor", "nodule")),
    "phantom-fundus": ("Fundus Photography", "Ophthalmology", "Severity Grading",
                       ("absent", "mild", "moderate", "severe")),
}  # fmt: skip
STAGES = ("text", "vision", "projector", "projector+vision", "all")
SKILL = {"tiny": 0.25, "projector": 0.6, "projector+vision": 0.72, "all": 0.88, "blind": 0.25}
ASKED = {"finding": "What does the {m} picture show?", "grade": "How severe is it on this {m}?"}


def draw(label: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """A grey picture (SIDE, SIDE, 3) with one bright region, and the region's pixels."""
    rng = np.random.default_rng(seed)
    x, y = (int(v) for v in rng.integers(18, SIDE - 18, 2))
    ground = cv2.GaussianBlur(rng.normal(70, 26, (SIDE, SIDE)).astype(np.float32), (0, 0), 2.2)
    cv2.ellipse(ground, (SIDE // 2, SIDE // 2), (30, 33), 0, 0, 360, 115.0, 3)
    inside = np.zeros((SIDE, SIDE), np.uint8)
    cv2.ellipse(inside, (x, y), (6 + 2 * label, 7), 30 * label, 0, 360, 1, -1)
    ground[inside > 0] = 150 + 20 * label
    return np.repeat(np.clip(ground, 0, 255).astype(np.uint8)[..., None], 3, 2), inside


def make_sample(source: str, number: int) -> StoredSample:
    modality, department, task, names = SOURCES[source]
    pixels, inside = draw(number % 4, hash_seed(source, number))
    data = cv2.imencode(".png", pixels)[1].tobytes()
    name = names[number % 4]
    annotations: tuple[Annotation, ...]
    if source == "phantom-fundus":
        annotations = (Label(name=name, task="grade", record=f"grades.csv:{number + 2}"),)
    elif source == "phantom-xray":
        rows, columns = np.nonzero(inside)
        edges = (float(columns.min()), float(rows.min()), float(columns.max() + 1), float(rows.max() + 1))
        annotations = (Box(label=name, xyxy=edges, record=f"boxes.json#{number}"),)
    else:
        code, size = encode_mask(inside), (SIDE, SIDE)
        annotations = (MaskRef(label=name, record=f"case{number}.nii#1", uri="m.nii", rle=code, size=size),)
    image = ImageRef(
        uri=f"{source}/{number:03d}.png",
        kind="raster",
        width=SIDE,
        height=SIDE,
        modality=modality,
        sha256=hash_bytes(data),
        asset=hash_bytes(data),
    )
    sample = Sample(
        id=f"{source}/{number:03d}",
        source=source,
        subject=f"p{number:03d}",
        modality=modality,
        department=department,
        provenance=Provenance(source=source, licence="MIT", original_id=str(number), steps=(Step(name="window"),)),
        images=(image,),
        annotations=annotations,
        tasks={"finding": task, "grade": task, "location": "Organ Recognition - Abdomen", "modality": task},
        classes={"grade" if source == "phantom-fundus" else "finding": names},
    )  # fmt: skip
    return StoredSample(sample=sample, pictures=(data,))


def hash_seed(*parts: object) -> int:
    return int(hash_unit(*parts) * 2**31)


def make_conversations(stored: StoredSample) -> list[Conversation]:
    sample = stored.sample
    note = sample.annotations[0]
    name = note.name if isinstance(note, Label) else note.label
    kind = "grade" if isinstance(note, Label) else "finding"
    view = (
        View()
        if isinstance(note, Label)
        else View(granularity="box" if isinstance(note, Box) else "mask", regions=(0,))
    )
    said = {
        ("caption", "caption"): (("user", "Describe the picture."), ("assistant", f"{sample.modality} with {name}.")),
        ("percept", kind): (("user", ASKED[kind].format(m=sample.modality)), ("assistant", name)),
        ("percept", "modality"): (("user", "Which modality is it?"), ("assistant", sample.modality)),
    }
    return [
        Conversation(
            id=f"{sample.id}#{found}",
            sample=sample.id,
            source=sample.source,
            subset=subset,
            kind=found,
            task="Image Quality Grading" if found == "modality" else sample.tasks["finding"],
            modality=sample.modality,
            department=sample.department,
            turns=tuple(Turn(role=role, text=text) for role, text in turns),
            view=view if found == kind else View(),
            answer=turns[-1][1],
            facts=(Fact(kind=found, answer=turns[-1][1], task=sample.tasks["finding"], records=(note.record,)),),
        )
        for (subset, found), turns in said.items()
    ]


def make_corpus(folder: Path, each: int) -> Path:
    samples = {source: [make_sample(source, number) for number in range(each)] for source in SOURCES}
    run = open_run(folder, "convert", {"raw": ["raw"], "seed": 0}, {})
    for source, mine in samples.items():
        (folder / "samples").mkdir(exist_ok=True)
        write_samples(folder / "samples" / f"{source}-00000.parquet", mine)
        card = f"title: Drawn {source[8:]}\nmodality: {SOURCES[source][0]}\nlicence: MIT\nhome: none\n"
        write_text(folder / "cards" / f"{source}.yaml", card)
    (folder / "conversations").mkdir()
    talks = [talk for mine in samples.values() for stored in mine for talk in make_conversations(stored)]
    write_conversations(folder / "conversations/00000.parquet", talks)
    rejects = [
        Reject(id="phantom-xray/999", stage="convert", reason="image.truncated", detail="ends early", unit="image"),
        Reject(
            id="phantom-ct/998", stage="convert", reason="box.outside", detail="no overlap", unit="annotation", count=3
        ),
    ]
    write_jsonl(folder / "rejects.jsonl", rejects)
    run.finish({"accepted": {"sample": 3 * each}}, output_files(run))
    make_split(folder, samples)
    return folder


def make_split(folder: Path, samples: dict[str, list[StoredSample]]) -> None:
    run = open_run(folder / "split", "corpus split", {"seed": 0}, {"corpus": input_key(folder)})
    keys = [(stored.sample.source, stored.sample.subject) for mine in samples.values() for stored in mine]
    names = ["train" if int(subject[1:]) % 3 else "test" for _, subject in keys]
    table = {"source": [key[0] for key in keys], "subject": [key[1] for key in keys], "split": names}
    pq.write_table(pa.table(table), folder / "split/splits.parquet")
    run.finish({}, output_files(run))


def make_model(folder: Path, command: str, config: dict, inputs: dict[str, str], losses: list[float]) -> Path:
    run = open_run(folder, command, config, inputs)
    write_text(folder / "model/config.json", f'{{"made": "{command} {config}"}}\n')
    lines = [{"step": step, "loss": loss, "lr": 1e-3, "tokens": 5000} for step, loss in enumerate(losses, start=1)]
    if losses:
        write_jsonl(folder / "log.jsonl", lines)
    run.finish({"parameters": {"total": 1_530_000}} if not losses else {"steps": len(losses)}, output_files(run))
    return folder


def make_predictions(folder: Path, bench: Path, mode: str, skill: float, blind: bool, model: Path | None) -> Path:
    inputs = {"tsv": hash_file(bench / "public/TEST.tsv")}
    if model:
        inputs["model"] = input_key(model)
    config = {"tsv": str(bench / "public/TEST.tsv"), "mode": mode, "blind": blind, "model": str(model or "")}
    run = open_run(folder, "eval run", config, inputs)
    lines = [predict(question, folder.name, mode, skill) for question in read_keys(bench / "key/TEST.jsonl")]
    write_jsonl(folder / "predictions.jsonl", lines)
    said = {"name": folder.name, "mode": mode, "blind": blind, "inputs": inputs}
    run.finish(said | {"questions": len(lines), "invalid": 0, "ties": 0}, output_files(run))
    return folder


def predict(question: Question, name: str, mode: str, skill: float) -> Prediction:
    place = LETTERS.index(question.answer)
    right = hash_unit("right", name, question.index) < skill
    chosen = place if right else int(hash_unit("other", name, question.index) * len(question.options))
    if mode in ("likelihood", "generate"):
        likelihoods = [-6 * hash_unit(name, question.index, at) - 2 for at in range(len(question.options))]
        likelihoods[chosen] = -1.5 * hash_unit("best", name, question.index)
        kind = mode
    else:
        likelihoods, kind = [], "baseline"
    return Prediction(index=question.index, mode=kind, choice=LETTERS[chosen], likelihoods=tuple(likelihoods))


def make_line(root: Path, each: int = 48) -> Path:
    """Make every run of a line below ``root`` and return it."""
    corpus = make_corpus(root / "corpus", each)
    build_bench(BenchConfig(corpus=corpus, out=root / "bench", job=JobConfig(workers=0)))
    data = open_corpus(corpus).key
    models = {"tiny": make_model(root / "models/tiny", "model tiny", {"seed": 0}, {"corpus": data}, [])}
    for place, stage in enumerate(STAGES):
        before = models["tiny"] if place < 2 else list(models.values())[-1]
        losses = [0.4 + 3 * math.exp(-s / 12) + 0.3 * hash_unit(stage, s) for s in range(40 + 60 * place)]
        inputs = {"corpus": data, "init": input_key(before)}
        config = {"stage": stage, "steps": len(losses), "init": {"model": str(before)}}
        models[stage] = make_model(root / "models" / f"{place}-{stage}", "train", config, inputs, losses)
    runs = [(name, "likelihood", SKILL[name], False, models[name]) for name in models if name in SKILL]
    runs.append(("blind", "likelihood", 0.0, True, models["all"]))
    runs += [
        (name, name, skill, False, None) for name, skill in (("majority", 0.05), ("colour", 0.2), ("thumbnail", 0.5))
    ]
    for name, mode, skill, blind, model in runs:
        predictions = make_predictions(root / "eval" / name, root / "bench", mode, skill, blind, model)
        key = root / "bench/key/TEST.jsonl"
        score(ScoreConfig(predictions=predictions, key=key, out=root / "scores" / name))
    assert read_json(root / "bench/stats.json")["items"]
    return root
