"""Two runs on the same questions: differences, tests against scipy, and when nothing is compared."""

import json

import numpy as np
import pytest
from answered import ask, chosen
from click.testing import CliRunner
from scipy import stats

from gmai.base import read_json, write_json, write_jsonl
from gmai.cli import main
from gmai.errors import ConfigError, ScoreError
from gmai.evaluate import CompareConfig, ScoreConfig, compare, grade, score
from gmai.evaluate.comparing import compare_answers, correct, mcnemar, swap_clusters


@pytest.mark.parametrize(("only_a", "only_b"), [(0, 0), (1, 9), (5, 5), (0, 6), (12, 12)])
def test_mcnemar_is_exact_with_few_differences(only_a, only_b):
    expected = stats.binomtest(only_a, only_a + only_b).pvalue if only_a + only_b else 1.0
    assert mcnemar(only_a, only_b) == pytest.approx(expected)


def test_mcnemar_of_many_differences():
    assert mcnemar(20, 40) == pytest.approx(stats.chi2.sf((20 - 1) ** 2 / 60, 1))


def test_swapping_clusters():
    sums = np.array([1.0, 1.0, 1.0, 0.0, -1.0, 2.0])
    exact = stats.permutation_test(
        (sums[sums != 0],), np.sum, permutation_type="samples", n_resamples=np.inf, alternative="two-sided"
    )
    assert swap_clusters(sums, 99) == pytest.approx(exact.pvalue)
    assert swap_clusters(np.zeros(5), 99) == 1.0
    many = np.ones(40)
    assert swap_clusters(many, 9999) == 1 / 10_000 and swap_clusters(np.tile([1.0, -1.0], 20), 999) == 1.0


def test_holm():
    assert correct([0.01, 0.04, 0.03, 0.005]) == [0.03, 0.06, 0.06, 0.02]
    assert correct([]) == []


def answers(keys, wrong):
    return grade([chosen(key.index, "A" if key.index in wrong else "B") for key in keys], keys)


def test_differences_of_nodes():
    keys = [ask(n, subject=f"p{n // 4}", task="T" if n < 40 else "U") for n in range(160)]
    found = compare_answers(answers(keys, range(0, 40)), answers(keys, range(20, 50)), keys)
    whole = found.nodes[0]
    assert (whole.a, whole.b, whole.difference) == (0.75, 0.8125, 0.0625)
    assert (whole.only_a, whole.only_b, whole.n, whole.clusters, whole.few) == (10, 20, 160, 40, False)
    assert whole.low < 0.0625 < whole.high and whole.p == whole.holm > 0.05
    task = {one.node: one for one in found.nodes if one.axis == "task"}
    assert task["T"].difference == 0.5 and task["U"].difference == pytest.approx(-10 / 120, abs=1e-6)
    kinds = {(one.axis, one.node): one for one in found.nodes}
    assert kinds["kind", "finding"].holm == whole.p  # the same questions as the whole: no test of its own
    assert kinds["modality", "CT"].holm == kinds["kind x modality", "finding · CT"].holm
    assert found.tested == 4 and found.by_chance == pytest.approx(0.2)  # two tasks, two modalities
    assert all(one.holm >= one.p for one in found.nodes)


def test_the_same_answers_do_not_differ():
    keys = [ask(n) for n in range(80)]
    whole = compare_answers(answers(keys, [1, 2]), answers(keys, [1, 2]), keys).nodes[0]
    assert whole.difference == 0 and whole.p == whole.mcnemar == 1
    assert whole.low == pytest.approx(-whole.high) and 0 < whole.high < 0.2


def test_clusters_are_not_taken_for_independent_questions():
    keys = [ask(n, subject=f"p{n // 10}") for n in range(300)]
    whole = compare_answers(answers(keys, range(40)), answers(keys, range(290, 300)), keys).nodes[0]
    assert whole.mcnemar < 1e-4 < 0.2 < whole.p  # five subjects differ, whole


def test_the_paired_interval_holds_the_truth_and_the_test_its_level():
    chance = np.random.default_rng(3)
    held = refused = 0
    keys = [ask(n, subject=f"p{n // 5}") for n in range(200)]
    clusters = np.arange(200) // 5
    from gmai.base import mean_interval

    for _ in range(400):
        hard = chance.beta(2, 1.5, 40)[clusters]
        a, b = (chance.random(200) < np.clip(hard + chance.normal(0, 0.15, 40)[clusters], 0, 1) for _ in range(2))
        difference = b.astype(float) - a
        found = mean_interval(difference, clusters, bounds=(-1, 1))
        held += found.low <= 0 <= found.high
        refused += swap_clusters(np.bincount(clusters, difference), 499) < 0.05
    assert 0.92 < held / 400 < 0.985 and 0.02 < refused / 400 < 0.085
    assert len(keys) == 200


def write_run(folder, keys, wrong, name):
    given = [chosen(key.index, "A" if key.index in wrong else "B") for key in keys]
    write_jsonl(folder / name / "predictions.jsonl", given)
    write_jsonl(folder / "key.jsonl", keys)
    predictions = folder / name / "predictions.jsonl"
    score(ScoreConfig(predictions=predictions, key=folder / "key.jsonl", out=folder / f"{name}-scores"))
    return folder / f"{name}-scores"


def test_files_and_command_of_a_comparison(tmp_path):
    keys = [ask(n) for n in range(60)]
    a, b = write_run(tmp_path, keys, range(30), "small"), write_run(tmp_path, keys, range(5), "large")
    arguments = ["eval", "compare", str(a), str(b), "-o", str(tmp_path / "c"), "--quiet"]
    shown = CliRunner().invoke(main, arguments)
    assert shown.exit_code == 0, shown.output
    assert "A small, B large" in shown.output and "0.500 → 0.917" in shown.output and "by chance" in shown.output
    told = read_json(tmp_path / "c/comparison.json")
    assert told["nodes"][0]["difference"] == pytest.approx(25 / 60, abs=1e-6)
    page = (tmp_path / "c/comparison.html").read_text()
    assert "small" in page and "+41.7" in page and "http" not in page.replace("http-equiv", "")
    assert CliRunner().invoke(main, arguments).output == shown.output


def test_other_questions_or_other_rules_are_not_compared(tmp_path):
    keys = [ask(n) for n in range(6)]
    a, b = write_run(tmp_path, keys, [], "a"), write_run(tmp_path, keys, [1], "b")
    other = write_run(tmp_path / "x", [*keys[:5], ask(5, answer="C")], [], "b")
    with pytest.raises(ScoreError, match="different keys"):
        compare(CompareConfig(a=a, b=other, out=tmp_path / "c"))
    found = json.loads((b / "stats.json").read_text())
    found["versions"]["extractor"] = "gmai-0"
    write_json(b / "stats.json", found)
    with pytest.raises(ScoreError, match="extractor .* and gmai-0"):
        compare(CompareConfig(a=a, b=b, out=tmp_path / "c"))
    (tmp_path / "key.jsonl").unlink()
    with pytest.raises(ConfigError, match="the key is no longer there"):
        compare(CompareConfig(a=a, b=a, out=tmp_path / "c"))
    with pytest.raises(ScoreError, match="not the key"):
        compare(CompareConfig(a=a, b=a, out=tmp_path / "c", key=tmp_path / "x/key.jsonl"))
