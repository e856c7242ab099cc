"""The corpus that is exported: phantoms, questions on two pictures in two languages, and public sets where given."""

from pathlib import Path

from gmai.base import JobConfig, write_json, write_text
from gmai.convert import ConvertConfig, convert
from gmai.corpus import EXPORTS, ExportConfig, export_corpus
from gmai.images import draw_view
from gmai.phantoms import HospitalConfig, write_hospital
from gmai.sources import IngestConfig, find_sources, ingest

ITEMS = 40
"""Most items taken of one source."""
_PAIRS = """name: phantom-pairs
title: Questions on two drawn X-ray pictures
home: https://example.org
licence: CC0-1.0
redistribution: true
commercial: true
modality: X-ray
department: Pulmonary Medicine
format: vqa
files: [questions.json]
options: {questions: questions.json, question: question, answer: answer, image: images, images: ., language: language}
tasks: {qa: Disease Diagnosis}
"""
_ASKED = {
    "en": ("Are the two pictures of one size?", "yes"),
    "zh": ("这两张图片大小相同吗？", "是"),
}


def make_corpus(out: Path, data: Path | None) -> Path:
    """Make the corpus in a folder, or go on with it; returns the corpus folder."""
    hospital = out / "hospital"
    sizes = dict.fromkeys(("ct", "xray", "histology", "fundus", "ultrasound", "text"), 12)
    write_hospital(HospitalConfig(out=hospital, job=JobConfig(workers=0), **sizes))
    found = [(card.name, card.name, root) for card, root in find_sources(hospital / "files")]
    found.append(("phantom-pairs", str(_ask_pairs(hospital / "files", out / "pairs")), out / "pairs"))
    found += [(card.name, card.name, root) for card, root in find_sources(data)] if data else []
    raws = []
    for name, card, root in found:
        ingest(IngestConfig(card=card, root=root, out=out / "raw" / name, job=JobConfig(workers=0, limit=ITEMS)))
        raws += [out / "raw" / name] if (out / "raw" / name / "samples").is_dir() else []
    job = JobConfig(workers=0)
    convert(ConvertConfig(raw=tuple(raws), out=out / "corpus", languages=("en", "zh"), also=("boxes",), job=job))
    return out / "corpus"


def export_all(corpus: Path, out: Path) -> dict[str, Path]:
    """Every export with its pictures, for use in the house; returns format to folder."""
    folders = {}
    for name in EXPORTS:
        given = {"pictures": "all"} if name != "annotations" else {}
        folders[name] = out / name
        export_corpus(
            ExportConfig(corpus=corpus, format=name, out=folders[name], job=JobConfig(workers=0), **given), draw_view
        )
    return folders


def _ask_pairs(files: Path, out: Path) -> Path:
    """A source with questions on two X-ray pictures each."""
    names = sorted((files / "xray").rglob("*.png"))[:20]
    rows = []
    for number, (one, other) in enumerate(zip(names[::2], names[1::2], strict=False)):
        for place, picture in enumerate((one, other)):
            target = out / f"{number}-{place}.png"
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(picture.read_bytes())
        for language, (question, answer) in _ASKED.items():
            images = [f"{number}-0.png", f"{number}-1.png"]
            rows.append({"question": question, "answer": answer, "images": images, "language": language})
    write_json(out / "questions.json", rows)
    write_text(out / "card.yaml", _PAIRS)
    return out / "card.yaml"
