"""A model in memory is asked as a model in a folder is, and nothing is left behind."""

import pytest
import torch

from gmai.base import from_dict, read_json
from gmai.errors import ConfigError
from gmai.evaluate import BenchProbe, RunConfig, ScoreConfig, run_model, score
from gmai.models import load_model
from gmai.types import Score


def test_a_probe_gives_the_accuracy_of_a_whole_evaluation(bench, model, tmp_path):
    tsv = bench / "public/VAL.tsv"
    run_model(RunConfig(tsv=tsv, out=tmp_path / "run", model=model))
    score(ScoreConfig(predictions=tmp_path / "run", key=bench / "key/VAL.jsonl", out=tmp_path / "scores"))
    whole = from_dict(tuple[Score, ...], read_json(tmp_path / "scores/scores.json"))[0]
    probe = BenchProbe(tsv)
    loaded = load_model(model)
    before = {name: weight.clone() for name, weight in loaded.model.state_dict().items()}
    threads = torch.get_num_threads()
    found = probe(7, loaded)
    assert found == {"accuracy": whole.accuracy, "low": whole.low, "high": whole.high, "n": float(whole.n)}
    assert probe(8, loaded) == found and torch.get_num_threads() == threads
    assert all(torch.equal(weight, before[name]) for name, weight in loaded.model.state_dict().items())


def test_a_probe_of_a_long_file_asks_the_same_few(bench, model):
    probe, loaded = BenchProbe(bench / "public/VAL.tsv", most=3), load_model(model)
    assert probe(1, loaded) == probe(2, loaded) and probe(1, loaded)["n"] <= 3


def test_a_file_without_answers_is_refused(bench, tmp_path):
    tsv = tmp_path / "TEST.tsv"
    tsv.write_bytes((bench / "public/TEST.tsv").read_bytes())
    with pytest.raises(ConfigError, match="no answers"):
        BenchProbe(tsv)
