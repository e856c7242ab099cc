"""The protocol for one GPU, on a processor with tiny sizes: every part runs and says what it measured."""

import json

import pytest
import torch
from benchmarks.h200 import parser, run
from benchmarks.h200.contenders import THEIRS, manifest_batches, operations, ours, recipe
from benchmarks.h200.rows import make_manifest
from benchmarks.h200.shapes import make_loaded
from benchmarks.h200.table import summarise

from gmai.models import Work, read_costs
from gmai.models.attention import by_groups, by_varlen
from gmai.models.packed import Paths
from gmai.models.windows import windows_attention

TINY = ["--device", "cpu", "--shape", "tiny", "--steps", "2", "--warm-up", "1", "--rows", "64", "--tokens", "2048"]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:.*flex_attention called without")
def test_every_part_of_the_protocol_runs_on_a_processor(tmp_path):
    for part in (["check"], ["run", "--order", "AC"], ["run", "--mode", "lora"], ["tune"], ["table"]):
        run(["--part", *part, *TINY, "--out", str(tmp_path)])
    found = json.loads((tmp_path / "h200.json").read_text())
    assert found["checks"][0]["good"] and len(found["checks"][0]["held"]) > 16
    assert {(row["mode"], row["contender"]) for row in found["run"]} == {(m, c) for m in ("full", "lora") for c in "AC"}
    assert all(row["steps"] == 2 and row["samples_s"] > 0 and row["hours"] > 0 for row in found["run"])
    assert all(row["ratio"] for row in found["run"] if row["contender"] == "C")
    assert all(window["last_loss"] > 0 and window["peak_gib"] > 0 for window in found["windows"])
    assert "| full | 4 | C |" in (tmp_path / "h200.md").read_text()


@pytest.fixture(scope="module")
def large():
    """The published shape, without memory for a weight."""
    return make_loaded("8b", "meta", 0)


def test_the_large_model_has_the_published_size_in_bfloat16(large):
    assert sum(weight.numel() for weight in large.model.parameters()) == pytest.approx(7.94e9, rel=0.01)
    assert {weight.dtype for weight in large.model.parameters()} == {torch.bfloat16}


@pytest.mark.parametrize("tiles,mean,tflop", [("1", 1.15, 18), ("4", 4.1, 51), ("7", 6.7, 81)])
def test_profiles_have_about_their_tiles_and_both_contenders_the_same_rows(large, tmp_path, tiles, mean, tflop):
    chosen = parser().parse_args(["--part", "run", "--tiles", tiles, "--steps", "10", "--warm-up", "0"])
    config = recipe(chosen, ours(chosen))
    manifest = make_manifest(large, tmp_path, tiles, 256, 16_384, 0)
    for batch in (THEIRS, config.batch):
        packs = [pack for step in manifest_batches(manifest, config, batch) for pack in step.packs]
        rows = [row for pack in packs for row in pack.rows]
        shown = sum(len(picture) for pack in packs for picture in pack.fitted)
        assert shown == sum(pack.tiles for pack in packs)
        assert sum(layout.tiles for row in rows for block in row for layout in block.pictures) == shown
        if batch is THEIRS:
            assert {len(pack.rows) for pack in packs} == {1}
            continue
        assert all(pack.work.tokens <= 16_384 and pack.tiles <= 48 for pack in packs)
        assert shown / len(rows) == pytest.approx(mean, rel=0.15)
        work = sum((pack.work for pack in packs), Work())
        assert operations(read_costs(large.model), config)(work) / 1e12 / len(rows) == pytest.approx(tflop, rel=0.15)


def window(**values):
    plain = {"mode": "full", "tiles": "4", "setting": "", "device": "H200", "peak_tflops": 989, "note": ""}
    sums = {"steps": 10, "tokens": 900, "slots": 1000, "labels": 9, "tiles_seen": 80, "peak_gib": 90.0}
    return {**plain, **sums, "seconds": 10.0, "samples": 20, "tflop": 989.0, **values}


def test_windows_of_one_kind_are_added_up():
    rows = summarise([window(contender="A"), window(contender="C", tflop=3956.0), window(contender="A", seconds=30.0)])
    theirs, ours = rows
    assert theirs["samples_s"] == 1.0 and theirs["mfu"] == pytest.approx(0.05) and theirs["windows"] == 2
    assert ours["mfu"] == pytest.approx(0.4) and ours["ratio"] == pytest.approx(8.0)
    assert ours["pad"] == pytest.approx(0.1) and ours["hours"] == pytest.approx(238_000 / 2.0 / 3600)


def test_a_window_without_a_timed_step_says_so():
    (row,) = summarise([window(contender="C", steps=0, seconds=0.0, samples=0, note="out of memory: …")])
    assert row["samples_s"] == 0.0 and row["mfu"] is None and row["note"].startswith("out of memory")


def test_a_window_that_broke_off_counts_for_nothing():
    whole, broken = window(contender="C"), window(contender="C", seconds=0.0, note="out of memory: …")
    (row,) = summarise([whole, broken])
    assert row["samples_s"] == 2.0 and row["steps"] == 10 and row["windows"] == 2 and row["note"]


def varlen(query, key, value, cu_q, cu_k, max_q, max_k, *, scale, window_size=(-1, -1), enable_gqa=False):
    """What a varlen kernel computes: each sequence apart, aligned at its end."""
    assert cu_q.dtype == cu_k.dtype == torch.int32 and query.is_contiguous() and key.is_contiguous()
    assert isinstance(max_q, int) and isinstance(max_k, int) and max_q == int(cu_q.diff().max())
    answers = []
    for sequence in range(len(cu_q) - 1):
        asks = query[cu_q[sequence] : cu_q[sequence + 1]]
        keys, values = (one[cu_k[sequence] : cu_k[sequence + 1]] for one in (key, value))
        if enable_gqa:
            keys, values = (one.repeat_interleave(query.shape[1] // key.shape[1], 1) for one in (keys, values))
        scores = torch.einsum("qhd,khd->hqk", asks, keys) * scale
        if window_size == (-1, 0):
            scores = scores + torch.full(scores.shape[1:], -torch.inf).triu(len(keys) - len(asks) + 1)
        answers.append(torch.einsum("hqk,khd->qhd", scores.softmax(-1), values))
    return torch.cat(answers)


@pytest.mark.parametrize("above", [((0,), (1,), (2,)), ((0,), (0, 1), (0, 2))], ids=["apart", "of one picture"])
def test_what_the_varlen_kernel_is_given_is_what_the_plain_way_computes(monkeypatch, above):
    monkeypatch.setattr("gmai.models.attention.find_varlen", lambda: varlen)
    paths = Paths((0, 5, 8), (5, 3, 6), above)
    assert paths.apart == (above[1] == (1,))
    query, key, value = (torch.randn(heads, 14, 8).transpose(0, 1) for heads in (4, 2, 2))
    found = by_varlen(query, key, value, paths, 0.3)
    torch.testing.assert_close(found, by_groups(query, key, value, paths, 0.3))


def test_windows_are_given_to_a_varlen_kernel_with_the_longest_of_them(monkeypatch):
    """transformers tells the longest only to kernels it knows."""
    monkeypatch.setattr("gmai.models.windows.find_varlen", lambda: varlen)
    ends = torch.tensor([0, 4, 6, 12], dtype=torch.int32)
    given = [torch.randn(1, 2, 12, 8) for _ in range(3)]
    plain, _ = windows_attention(None, *given, None, ends, scaling=0.3, max_length_q=None)
    monkeypatch.setattr("gmai.models.windows._takes_varlen", lambda query: True)
    found, _ = windows_attention(None, *given, None, ends, scaling=0.3, max_length_q=None)
    torch.testing.assert_close(found, plain)
