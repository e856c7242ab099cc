"""Layers of a corpus carried over to a part of it: who stays in, stays in the split and the groups they were in."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from gmai.base import input_key, open_run, write_atomic
from gmai.corpus.corpus import SPLIT, SPLITS_FILE
from gmai.corpus.groups import DEDUP, GROUPS_FILE, Duplicate, has_groups, iter_duplicates, write_groups
from gmai.corpus.store import SAMPLE_SCHEMA, open_parquet, sample_files


def carry_layers(corpus: Path, part: Path) -> None:
    """Write the layers of a finished corpus, cut to the samples of a finished part of it, into the part's folder."""
    inputs = {"corpus": input_key(part)}
    if (corpus / SPLIT / "manifest.json").exists():
        _carry_split(corpus, part, inputs)
    if has_groups(corpus):
        _carry_groups(corpus, part, inputs)


def _carry_split(corpus: Path, part: Path, inputs: dict[str, str]) -> None:
    inputs = {**inputs, "split": input_key(corpus / SPLIT)}
    run = open_run(part / SPLIT, "corpus split", {"carried_from": corpus}, inputs, same={})
    if run.done:
        return
    subjects: Counter[tuple[str, str]] = Counter()
    for path in sample_files(part):
        table = open_parquet(path, SAMPLE_SCHEMA).read(columns=["source", "subject"]).to_pydict()
        subjects.update(zip(table["source"], table["subject"], strict=True))
    table = pq.read_table(corpus / SPLIT / SPLITS_FILE)
    pairs = zip(table.column("source").to_pylist(), table.column("subject").to_pylist(), strict=True)
    table = table.filter(pa.array([pair in subjects for pair in pairs], pa.bool_()))
    target = run.path / SPLITS_FILE
    with write_atomic(target) as temporary:
        pq.write_table(table, temporary, compression="zstd")
    counts: Counter[str] = Counter()
    for row in table.to_pylist():
        counts[row["split"]] += subjects[row["source"], row["subject"]]
    items = {"items": counts.total(), "accepted": dict(sorted(counts.items())), "rejected": {}, "reasons": {}}
    run.finish({"name": "corpus split", **items}, [target])


def _carry_groups(corpus: Path, part: Path, inputs: dict[str, str]) -> None:
    inputs = {**inputs, "dedup": input_key(corpus / DEDUP)}
    run = open_run(part / DEDUP, "corpus dedup", {"carried_from": corpus}, inputs, same={})
    if run.done:
        return
    kept = pa.chunked_array([pa.array([], pa.string())])
    for path in sample_files(part):
        ids = open_parquet(path, SAMPLE_SCHEMA).read(columns=["id"]).column("id")
        kept = pa.chunked_array([*kept.chunks, *ids.chunks])
    duplicates = list(iter_duplicates(corpus))
    is_kept = pc.is_in(pa.array([item.sample for item in duplicates], pa.string()), value_set=kept).to_pylist()
    staying = [item for item, stays in zip(duplicates, is_kept, strict=True) if stays]
    sizes = Counter(item.key for item in staying)
    left = _name_anew([item for item in staying if sizes[item.key] > 1])
    target = run.path / GROUPS_FILE
    write_groups(target, left)
    run.finish({"groups": len({item.key for item in left}), "not_kept": sum(not item.kept for item in left)}, [target])


def _name_anew(duplicates: list[Duplicate]) -> list[Duplicate]:
    """Groups whose kept member is gone keep their first member instead, and are named after it."""
    with_kept = {item.key for item in duplicates if item.kept}
    heirs: dict[tuple[str, str], str] = {}
    made = []
    for item in duplicates:
        if item.key not in with_kept:
            first = item.key not in heirs
            name = heirs.setdefault(item.key, f"{item.sample}#{item.part}")
            item = replace(item, group=name, kept=first)
        made.append(item)
    return made
