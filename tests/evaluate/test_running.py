"""Runs: streamed and journalled, the same bytes after a kill, and baselines that learn what can be learned."""

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from gmai.base import iter_jsonl, read_json
from gmai.base.files import hash_file
from gmai.bench import LETTERS, PublicQuestion, fold, read_keys, read_tsv
from gmai.errors import ConfigError, FormatError
from gmai.evaluate import RUNNERS, RunConfig, run_model
from gmai.types import Prediction


@dataclass
class Fake:
    """Takes the longest option; breaks or dies after so many batches."""

    config: RunConfig
    left: int = 10**9
    deadly: bool = False
    asked: int = 0

    def answer(self, questions: Sequence[PublicQuestion]) -> list[Prediction]:
        if self.left == 0:
            if self.deadly:
                os.kill(os.getpid(), signal.SIGKILL)
            raise KeyboardInterrupt
        self.left -= 1
        FAKES.append(len(questions))
        assert all(question.answer is None for question in questions)
        longest = [max(range(len(q.options)), key=lambda i: len(q.options[i])) for q in questions]
        return [
            Prediction(index=q.index, mode="generate", choice=LETTERS[best], text=q.options[best])
            for q, best in zip(questions, longest, strict=True)
        ]


FAKES: list[int] = []


def open_fake(config: RunConfig) -> Fake:
    return Fake(config)


def open_breaking(config: RunConfig) -> Fake:
    return Fake(config, left=2)


def open_deadly(config: RunConfig) -> Fake:
    return Fake(config, left=3, deadly=True)


def hashes(folder: Path) -> dict[str, str]:
    return {str(p.relative_to(folder)): hash_file(p) for p in folder.rglob("*") if p.is_file() and p.name != "run.json"}


def run(bench: Path, out: Path, **settings: object) -> list[Prediction]:
    run_model(RunConfig(tsv=bench / "public/TEST.tsv", out=out, **settings))
    return list(iter_jsonl(out / "predictions.jsonl", Prediction))


def accuracy(bench: Path, predictions: list[Prediction], kind: str = "") -> float:
    keys = {key.index: key for key in read_keys(bench / "key/TEST.jsonl")}
    right = [p.choice == keys[p.index].answer for p in predictions if kind in ("", keys[p.index].kind)]
    return sum(right) / len(right)


def test_every_question_is_answered_once_in_order(bench, tmp_path):
    predictions = run(bench, tmp_path / "p", runner="test_running:open_fake", batch=7)
    rows = list(read_tsv(bench / "public/TEST.tsv"))
    assert [p.index for p in predictions] == sorted(row.index for row in rows)
    stats = read_json(tmp_path / "p/stats.json")
    assert stats["questions"] == len(rows) and set(stats["inputs"]) == {"tsv", "prompt"}
    assert not (tmp_path / "p/.work").exists()


def test_a_broken_run_continues_with_the_batch_it_was_at(bench, tmp_path, monkeypatch):
    whole = run(bench, tmp_path / "a", runner="test_running:open_fake", batch=5)
    monkeypatch.setitem(RUNNERS.table, "test_running:open_fake", "test_running:open_breaking")
    with pytest.raises(KeyboardInterrupt):
        run(bench, tmp_path / "b", runner="test_running:open_fake", batch=5)
    journal = tmp_path / "b/.work/journal/journal-000.jsonl"
    assert len(journal.read_bytes().splitlines()) == 10
    with journal.open("ab") as torn:
        torn.write(b'{"index":4')
    monkeypatch.undo()
    FAKES.clear()
    assert run(bench, tmp_path / "b", runner="test_running:open_fake", batch=5) == whole
    assert sum(FAKES) == len(whole) - 10
    assert hashes(tmp_path / "a") == hashes(tmp_path / "b")
    FAKES.clear()
    assert run(bench, tmp_path / "b", runner="test_running:open_fake", batch=5) == whole and not FAKES


def test_kill_minus_nine(bench, tmp_path):
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]);"
        "from gmai.evaluate import RUNNERS, RunConfig, run_model; from pathlib import Path;"
        "RUNNERS.table['test_running:open_fake'] = sys.argv[2];"
        "run_model(RunConfig(tsv=Path(sys.argv[3]), out=Path(sys.argv[4]), runner='test_running:open_fake', batch=5))"
    )

    def start(opener: str, out: Path) -> int:
        arguments = [str(Path(__file__).parent), opener, str(bench / "public/TEST.tsv"), str(out)]
        return subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True).returncode

    assert start("test_running:open_deadly", tmp_path / "b") == -signal.SIGKILL
    assert (tmp_path / "b/.work/journal/journal-000.jsonl").exists()
    assert start("test_running:open_fake", tmp_path / "b") == 0
    run(bench, tmp_path / "a", runner="test_running:open_fake", batch=5)
    assert hashes(tmp_path / "a") == hashes(tmp_path / "b")


def test_another_setting_or_an_index_twice_is_an_error(bench, tmp_path):
    run(bench, tmp_path / "p", runner="random")
    with pytest.raises(ConfigError, match="another run"):
        run(bench, tmp_path / "p", runner="random", seed=1)
    text = (bench / "public/TEST.tsv").read_bytes().splitlines(keepends=True)
    (tmp_path / "public").mkdir()
    (tmp_path / "public/TEST.tsv").write_bytes(b"".join([*text, text[-1]]))
    with pytest.raises(FormatError, match="is there twice"):
        run(tmp_path, tmp_path / "q", runner="random")
    with pytest.raises(ConfigError, match="did you mean majority"):
        run(bench, tmp_path / "r", runner="majorty")
    with pytest.raises(ConfigError, match="learns from a corpus"):
        run(bench, tmp_path / "s", runner="majority")
    with pytest.raises(ConfigError, match="asks a model"):
        run(bench, tmp_path / "t", runner="likelihood")


def test_majority_takes_what_training_has_most_of(bench, corpus, tmp_path):
    from gmai.corpus import open_corpus
    from gmai.evaluate.runners.majority import open_majority

    runner = open_majority(RunConfig(tsv=bench / "public/TEST.tsv", out=tmp_path, runner="majority", corpus=corpus))
    assert sum(runner.counts["modality", ""].values()) == len(list(open_corpus(corpus).samples("train")))
    assert set(runner.counts["finding", "CT"]) == {"cyst", "stone", "tumour", "scar", "abscess"}
    for question in read_tsv(bench / "public/TEST.tsv"):
        (answer,) = runner.answer([question])
        counts = runner.counts[question.kind, question.modality]
        chosen = question.options[LETTERS.index(answer.choice)]
        assert counts[fold(chosen)] == max(counts[fold(option)] for option in question.options)


@pytest.mark.parametrize("mode", ["colour", "thumbnail"])
def test_shallow_baselines_learn_what_the_eye_sees(bench, corpus, tmp_path, mode):
    """Findings of the tiny corpus differ in brightness alone, on every level; locations do not."""
    predictions = run(bench, tmp_path / "p", runner=mode, corpus=corpus)
    keys = {key.index: key for key in read_keys(bench / "key/TEST.jsonl")}
    ct = [p for p in predictions if (keys[p.index].kind, keys[p.index].modality) == ("finding", "CT")]
    assert accuracy(bench, ct) > 0.75
    assert run(bench, tmp_path / "q", runner=mode, corpus=corpus) == predictions


def test_nobody_sees_the_answers_of_a_validation_file(bench, tmp_path):
    assert all(row.answer for row in read_tsv(bench / "public/VAL.tsv"))
    run_model(RunConfig(tsv=bench / "public/VAL.tsv", out=tmp_path / "p", runner="test_running:open_fake"))


def test_chance_draws_all_letters(bench, tmp_path):
    predictions = run(bench, tmp_path / "p", runner="random")
    assert {p.choice for p in predictions} == set("ABCD")
    assert accuracy(bench, predictions) < 0.75
