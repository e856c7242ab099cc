"""An audit finds what a corpus shares with a benchmark, however it is given, and nothing that is not shared."""

import base64
import json
from dataclasses import replace

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from curate_files import COPIES, corpus, draw, png, stored, text, under

from gmai.base import JobConfig, iter_jsonl, read_json
from gmai.bench import BenchConfig, build_bench, write_tsv
from gmai.cli import main
from gmai.corpus import SplitConfig, split_corpus
from gmai.curate import AuditConfig, FingerprintConfig, Hit, audit_corpus, fingerprint
from gmai.errors import ConfigError, LeakageError
from gmai.types import Label

HERE = JobConfig(workers=0)
LONG = "Does early removal of the dressing reduce the number of infections in patients with burns of the hand?"


def audit(folder, *against, out, **given):
    return audit_corpus(AuditConfig(corpus=folder, against=against, out=out, job=HERE, **given))


def hits(out):
    return {(hit.how, hit.sample, hit.other) for hit in iter_jsonl(out / "hits.jsonl", Hit)}


@pytest.fixture
def training(tmp_path):
    items = [stored(f"aaa/{n}", png(draw(n)), f"p{n}") for n in range(12)]
    return corpus(tmp_path / "training", [*items, text("aaa/words", LONG, "an article")])


def test_nothing_shared_is_no_hit(training, tmp_path):
    other = corpus(tmp_path / "other", [stored(f"bbb/{n}", png(draw(100 + n)), f"q{n}") for n in range(12)])
    stats = audit(training, other, out=tmp_path / "audit")
    assert stats["hits"] == 0 and stats["compared"][1]["pictures"] == 12
    assert "Nothing shared was found" in (tmp_path / "audit/audit.html").read_text()


def test_every_kind_of_leak_is_found_and_told(training, tmp_path):
    ways = dict(enumerate(COPIES.values()))
    items = [stored(f"bbb/{n}", way(draw(n)), f"q{n}") for n, way in ways.items()]
    other_picture = stored("aaa/late", png(draw(50)), "p11")
    same_pixels = stored("bbb/pixels", png(draw(9)), "q9")
    said = text("bbb/words", LONG.replace("reduce", "lower"), "another article")
    other = corpus(tmp_path / "other", [*items, other_picture, same_pixels, said])
    with pytest.raises(LeakageError, match="samples leak"):
        audit(training, other, out=tmp_path / "audit")
    found = {(sample, other) for _, sample, other in hits(tmp_path / "audit")}
    assert found == {*((f"aaa/{n}", f"bbb/{n}") for n in ways), ("aaa/11", "aaa/late"), ("aaa/9", "bbb/pixels"),
                     ("aaa/words", "bbb/words")}  # fmt: skip
    how = {sample: how for how, sample, _ in hits(tmp_path / "audit")}
    assert how["aaa/11"] == "same subject" and how["aaa/9"] == "same pixels" and how["aaa/words"] == "near words"
    assert "bbb/pixels" in (tmp_path / "audit/audit.html").read_text()
    with pytest.raises(LeakageError):
        audit(training, other, out=tmp_path / "audit")


def test_a_benchmark_built_from_the_corpus_is_clean_and_one_of_its_training_part_is_not(tmp_path):
    labels = [Label(name=("cyst", "stone")[n % 2], record=f"{n}#0") for n in range(20)]
    items = [stored(f"aaa/{n}", png(draw(n)), f"p{n}", [labels[n]]) for n in range(20)]
    items = [replace(item, sample=replace(item.sample, classes={"finding": ("cyst", "stone")})) for item in items]
    folder = corpus(tmp_path / "c", items)
    split_corpus(SplitConfig(corpus=folder, val=0.2, test=0.3))
    bench = tmp_path / "bench"
    build_bench(BenchConfig(corpus=folder, out=bench, job=HERE))
    assert audit(folder, bench, out=tmp_path / "clean")["hits"] == 0
    with pytest.raises(LeakageError):
        audit(folder, bench, out=tmp_path / "dirty", split="test")
    assert {how for how, *_ in hits(tmp_path / "dirty")} == {"same sample", "same pixels"}


def test_a_benchmark_file_of_others_is_held_against_by_its_pictures(training, tmp_path):
    rows = [
        {"index": n, "image": base64.b64encode(way(draw(n))).decode(), "question": "What is it?", "A": "a", "B": "b"}
        for n, way in enumerate([png, COPIES["mirrored"]])
    ]
    rows.append({"index": 7, "image": "1", "question": "And where?", "A": "a", "B": "b"})
    write_tsv(tmp_path / "THEIRS.tsv", rows, ("index", "image", "question", "A", "B"))
    with pytest.raises(LeakageError):
        audit(training, tmp_path / "THEIRS.tsv", out=tmp_path / "audit")
    assert hits(tmp_path / "audit") == {("same pixels", "aaa/0", "THEIRS#0"), ("mirrored", "aaa/1", "THEIRS#1"),
                                        ("mirrored", "aaa/1", "THEIRS#7")}  # fmt: skip


def test_fingerprints_find_what_data_would_and_hold_no_data(training, tmp_path):
    secret = stored("hospital/secret-name", COPIES["mirrored"](draw(3)), "Ada Patient")
    same = under(stored("aaa/4", png(draw(70)), ""), "aaa/4-again", "p4")
    other = corpus(tmp_path / "other", [secret, same, text("hospital/t", LONG, "Ada Patient")])
    fingerprint(FingerprintConfig(data=other, out=tmp_path / "prints", job=HERE))
    held = str(pq.read_table(tmp_path / "prints/fingerprints.parquet").to_pylist())
    assert "'id': " in held
    assert not [word for word in ("secret", "Ada", "dressing", "hospital", "aaa", "PNG") if word in held]
    assert all(row["thumb"] == b"" for row in pq.read_table(tmp_path / "prints/fingerprints.parquet").to_pylist())
    with pytest.raises(LeakageError):
        audit(training, tmp_path / "prints", out=tmp_path / "audit")
    found = {(hit.how, hit.sample): hit.compared for hit in iter_jsonl(tmp_path / "audit/hits.jsonl", Hit)}
    assert found == {("mirrored", "aaa/3"): False, ("same subject", "aaa/4"): True, ("same file", "aaa/4"): True,
                     ("same words", "aaa/words"): True}  # fmt: skip


def test_the_command_ends_with_code_4_and_0(training, tmp_path):
    run = CliRunner()
    other = corpus(tmp_path / "other", [stored("bbb/0", png(draw(100)), "q0")])
    given = ["corpus", "audit", str(training), "--workers", "0", "--against"]
    clean = run.invoke(main, [*given, str(other), "-o", str(tmp_path / "a")])
    assert clean.exit_code == 0, clean.output
    leak = run.invoke(main, [*given, str(other), "--against", str(training), "-o", str(tmp_path / "b")])
    assert leak.exit_code == 4 and "leak" in leak.output
    assert read_json(tmp_path / "b/stats.json")["samples_hit"] == 13
    assert json.loads((tmp_path / "b/hits.jsonl").read_text().splitlines()[0])["against"] == "training"


def test_errors(training, tmp_path):
    with pytest.raises(ConfigError, match="is no run of gmai"):
        audit(training, tmp_path, out=tmp_path / "audit")
    fingerprint(FingerprintConfig(data=training, out=tmp_path / "prints", job=HERE))
    with pytest.raises(ConfigError, match="no corpus|no folder|nothing"):
        audit_corpus(AuditConfig(corpus=tmp_path / "prints", against=(training,), out=tmp_path / "b", job=HERE))
