"""Rule conversion: conversations a second on one core, in memory and by the whole command, in one language and in two.

``python -m benchmarks convert [RAW …]`` takes folders that ``gmai source ingest`` made; without one, phantoms are
drawn. Seconds are those of the processor, so that other work on the machine counts as little as it can.
"""

import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from gmai.base import JobConfig
from gmai.convert import ConvertConfig, convert, make_conversations
from gmai.corpus import iter_records
from gmai.phantoms import HospitalConfig, write_hospital
from gmai.sources import IngestConfig, ingest

CASES = {
    "English": {},
    "English and Chinese": {"languages": ("en", "zh")},
    "both, all extras, hard": {
        "languages": ("en", "zh"),
        "also": ("boxes", "measurements", "questions", "reports"),
        "wrong": "hard",
    },
}
PATIENTS = {"ct": 40, "xray": 60, "histology": 60, "fundus": 60, "ultrasound": 60}


def phantoms(folder: Path) -> list[Path]:
    write_hospital(HospitalConfig(out=folder / "hospital", **PATIENTS, text=10, job=JobConfig(workers=0)))
    raws = [folder / "raw" / name for name in PATIENTS]
    for raw in raws:
        card = f"phantom-{raw.name}"
        ingest(IngestConfig(card=card, root=folder / "hospital/files", out=raw, job=JobConfig(workers=0)))
    return raws


def run(arguments: Sequence[str]) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        raws = tuple([Path(argument) for argument in arguments] or phantoms(folder))
        samples = [sample for raw in raws for sample in iter_records(raw)]
        modalities = sorted({sample.modality for sample in samples})
        print(f"{len(samples)} samples\n\n| | conversations | made in memory, 1/s | whole command, 1/s |")
        print("|---|---|---|---|")
        for number, (case, changes) in enumerate(CASES.items()):
            out = folder / f"corpus-{number}"
            config = ConvertConfig(raw=raws, out=out, job=JobConfig(workers=0), **changes)
            for sample in samples[:50]:
                list(make_conversations(config, sample, modalities))
            start = time.process_time()
            made = sum(1 for sample in samples for _ in make_conversations(config, sample, modalities))
            middle = time.process_time()
            summary = convert(config)
            end = time.process_time()
            whole = sum(summary.accepted.values()) / (end - middle)
            print(f"| {case} | {made} | {made / (middle - start):,.0f} | {whole:,.0f} |")
