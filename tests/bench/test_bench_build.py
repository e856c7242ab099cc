"""A benchmark built from a tiny corpus: what it asks, what it shows, and that it comes out the same every time."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from bench_corpus import make_corpus, make_sample, make_samples, picture
from click.testing import CliRunner

from gmai.base import JobConfig, iter_jsonl
from gmai.base.files import hash_file
from gmai.bench import BenchConfig, build_bench, fold, read_header, read_keys, read_tsv, trace_question
from gmai.cli import main
from gmai.corpus import open_corpus
from gmai.errors import ConfigError, LeakageError
from gmai.images import decode_picture
from gmai.types import Question, Reject

JOB = JobConfig(workers=0, shard_size=8)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory) -> Path:
    return make_corpus(tmp_path_factory.mktemp("bench") / "corpus", make_samples())


@pytest.fixture(scope="module")
def bench(corpus) -> Path:
    out = corpus.parent / "bench"
    build_bench(BenchConfig(corpus=corpus, out=out, multiple=True, job=JOB))
    return out


def keys(bench: Path) -> list[Question]:
    return [question for split in ("TEST", "VAL") for question in read_keys(bench / f"key/{split}.jsonl")]


def right(question: Question) -> list[str]:
    return [question.options["ABCDE".index(letter)] for letter in question.answer]


def hashes(folder: Path) -> dict[str, str]:
    return {str(p.relative_to(folder)): hash_file(p) for p in folder.rglob("*") if p.is_file() and p.name != "run.json"}


def test_test_shows_no_answer_and_validation_does(bench):
    assert not {"answer", "category"} & set(read_header(bench / "public/TEST.tsv"))
    assert {"answer", "category"} <= set(read_header(bench / "public/VAL.tsv"))
    text = (bench / "public/TEST.tsv").read_text()
    assert "scans/" not in text and ".csv" not in text and ".xml" not in text


def test_rows_agree_with_keys_and_indices_are_unique(bench):
    for split in ("TEST", "VAL"):
        rows = list(read_tsv(bench / f"public/{split}.tsv"))
        for row, key in zip(rows, read_keys(bench / f"key/{split}.jsonl"), strict=True):
            assert (row.index, row.question, row.options) == (key.index, key.question, key.options)
            assert (row.kind, row.task, row.granularity) == (key.kind, key.task, key.granularity)
            asked = key.kind == "modality"
            assert (row.modality, row.department) == (("", "") if asked else (key.modality, key.department))
    indices = [question.index for question in keys(bench)]
    assert indices == list(range(len(indices)))


def test_the_key_is_what_the_annotations_say(bench, corpus):
    store = open_corpus(corpus)
    for question in keys(bench):
        sample = store.sample(question.sample).sample
        answer = right(question)[0]
        labels = {getattr(item, "label", getattr(item, "name", "")) for item in sample.annotations}
        if question.kind == "finding":
            marked = [sample.annotations[region].label for region in question.view.regions]
            assert answer in (marked or labels)
            if not marked:
                assert not labels & (set(question.options) - {answer})
        if question.kind == "findings":
            assert question.form == "multiple" and labels & set(question.options) == set(right(question))
            assert 0 < len(question.answer) < len(question.options) == 4
        if question.kind == "modality":
            assert answer == sample.modality and set(question.options) == {"CT", "X-ray"}
        assert set(question.records) <= {item.record for item in sample.annotations} | {
            f"card:{sample.source}#modality"
        }


def test_positions_are_balanced_in_every_block_level_and_answer(bench):
    for size in (2, 4):
        blocks: dict[tuple, Counter] = {}
        for q in keys(bench):
            if len(q.options) == size:
                blocks_of = [(q.split, q.kind, q.modality)]
                blocks_of += [(q.split, q.kind, q.modality, q.granularity, right(q)[0])] * (q.form == "choice")
                for block in blocks_of:
                    blocks.setdefault(block, Counter(dict.fromkeys("ABCDE"[:size], 0))).update(q.answer)
        assert blocks
        assert all(max(b.values()) - min(b.values()) <= 1 for b in blocks.values())


def test_no_region_twice_and_every_level_is_asked(bench):
    regions = [(q.sample, q.kind, q.view.regions) for q in keys(bench) if q.view.regions]
    assert len(regions) == len(set(regions))
    assert {q.granularity for q in keys(bench)} == {"Image Level", "Box Level", "Mask Level", "Contour Level"}


def test_splits_share_no_subject_with_each_other_or_training(bench, corpus):
    store = open_corpus(corpus)
    training = {(s.sample.source, s.sample.subject) for s in store.samples("train")}
    owners = {split: {(q.source, q.subject) for q in keys(bench) if q.split == split} for split in ("TEST", "VAL")}
    assert owners["TEST"] and owners["VAL"]
    assert not owners["TEST"] & owners["VAL"] and not training & (owners["TEST"] | owners["VAL"])


def test_overlays_are_drawn_and_pictures_carry_no_metadata(bench, corpus):
    store = open_corpus(corpus)
    rows = {row.index: row for split in ("TEST", "VAL") for row in read_tsv(bench / f"public/{split}.tsv")}
    for question in keys(bench):
        data = rows[question.index].picture()
        assert data.startswith(b"\x89PNG") and b"tEXt" not in data and b"eXIf" not in data
        clean = decode_picture(store.sample(question.sample).pictures[0])
        same = np.array_equal(decode_picture(data), clean)
        assert same == (question.granularity == "Image Level")


def test_open_questions_are_rejects_and_choices_are_counted(bench):
    rejects = list(iter_jsonl(bench / "rejects.jsonl", Reject))
    assert {reject.reason for reject in rejects} == {"bench.open_question"}
    held_out = 2 * 5 * 2
    assert len(rejects) == held_out


def test_a_cap_for_each_answer_prefers_many_subjects(corpus, tmp_path):
    build_bench(BenchConfig(corpus=corpus, out=tmp_path / "b", per_label=2, job=JOB))
    choices = [q for q in keys(tmp_path / "b") if q.form == "choice"]
    labels = Counter((q.split, q.kind, q.modality, *right(q)) for q in choices)
    assert max(labels.values()) == 2
    yes = [q.subject for q in keys(tmp_path / "b") if q.kind == "modality" and q.split == "TEST" and q.modality == "CT"]
    assert len(set(yes)) == 2


def test_same_bytes_with_workers_and_after_a_kill(corpus, bench, tmp_path, monkeypatch):
    build_bench(BenchConfig(corpus=corpus, out=tmp_path / "two", multiple=True, job=JobConfig(workers=2, shard_size=8)))
    assert hashes(tmp_path / "two") == hashes(bench)
    with monkeypatch.context() as patch:
        patch.setattr("gmai.bench.build.check_bench", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            build_bench(BenchConfig(corpus=corpus, out=tmp_path / "cut", multiple=True, job=JOB))
    assert not (tmp_path / "cut/manifest.json").exists()
    again = build_bench(BenchConfig(corpus=corpus, out=tmp_path / "cut", multiple=True, job=JOB))
    assert hashes(tmp_path / "cut") == hashes(bench)
    assert build_bench(BenchConfig(corpus=corpus, out=tmp_path / "cut", multiple=True, job=JOB)) == again


def test_another_seed_gives_another_order(corpus, bench, tmp_path):
    build_bench(BenchConfig(corpus=corpus, out=tmp_path / "b", seed=1, job=JOB))
    assert [q.sample for q in keys(tmp_path / "b")] != [q.sample for q in keys(bench)]


def test_a_picture_of_training_or_a_second_copy_is_left_out(tmp_path):
    samples = make_samples(8)
    copied = samples[0].pictures[0]
    annotations = samples[0].sample.annotations
    held = [make_sample("copies", n, "CT", annotations, data) for n, data in [(0, samples[8].pictures[0]), (1, copied)]]
    corpus = make_corpus(tmp_path / "corpus", samples + held)
    summary = build_bench(BenchConfig(corpus=corpus, out=tmp_path / "b", job=JOB))
    assert summary.reasons["bench.shared_with_training"] > 0
    assert summary.reasons["bench.duplicate_picture"] > 0


def test_leakage_that_gets_past_the_choice_is_found(corpus, tmp_path, monkeypatch):
    monkeypatch.setattr("gmai.bench.plan.place_answers", lambda kept, seed: {c.key: 0 for c in kept})
    with pytest.raises(LeakageError, match="not balanced"):
        build_bench(BenchConfig(corpus=corpus, out=tmp_path / "b", job=JOB))


def test_an_unsplit_corpus_or_a_wrong_setting_is_refused(corpus, tmp_path):
    with pytest.raises(ConfigError, match="options must be 2 to 5"):
        build_bench(BenchConfig(corpus=corpus, out=tmp_path / "b", options=7, job=JOB))
    lonely = [s for s in make_samples(8) if int(s.sample.subject[1:]) % 4 > 1]
    with pytest.raises(ConfigError, match="no question"):
        build_bench(BenchConfig(corpus=make_corpus(tmp_path / "c", lonely), out=tmp_path / "b", job=JOB))


def test_a_question_leads_back_to_its_annotation(bench, corpus):
    question = next(q for q in keys(bench) if q.granularity == "Mask Level")
    steps = trace_question(bench, question.index, corpus)
    assert [step.what for step in steps][0] == "question"
    assert [s.name for s in steps if s.what == "annotation"] == list(question.records)
    with pytest.raises(ConfigError, match="no question with index"):
        trace_question(bench, 10**6, corpus)


def test_commands(corpus, tmp_path):
    out = tmp_path / "b"
    made = CliRunner().invoke(main, ["bench", "build", str(corpus), "-o", str(out), "--workers", "0", "--quiet"])
    assert made.exit_code == 0, made.output
    traced = CliRunner().invoke(main, ["bench", "trace", str(out), "0"])
    assert traced.exit_code == 0 and "sample" in traced.output
    shown = CliRunner().invoke(
        main, ["bench", "show", str(out / "public/TEST.tsv"), "0", "-o", str(tmp_path / "q.png")]
    )
    assert shown.exit_code == 0 and "A. " in shown.output
    assert decode_picture((tmp_path / "q.png").read_bytes()).shape == (24, 32, 3)


def test_folding_tells_apart_what_differs():
    assert fold("Non-Glaucoma") == fold("non glaucoma") != fold("glaucoma")
    assert fold("T1") != fold("T2")
    assert picture(10, 1) != picture(10, 2)
