"""Plans of steps: every row once, budgets kept, ratios honoured, alike for any number of processes."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from made_rows import EVERYTHING, made_mixture, made_row, random_rows

from gmai.errors import ConfigError
from gmai.train import BatchConfig, RowConfig
from gmai.train.lengths import EMPTY, Entries, Measure, divide
from gmai.train.mixture import Needs
from gmai.train.order import COPIES, Order
from gmai.train.packing import Budget, fill_packs, iter_packs
from gmai.train.plan import StepPlan, assign, plan_steps, read_plan, write_plan

BUDGET = BatchConfig(tokens=400, tiles=12, packs=4)


def make_plan(mixture, batch=BUDGET, *, seed=0, steps=None, epochs=None, shares=None) -> StepPlan:
    epochs = 1.0 if steps is None and epochs is None else epochs
    return plan_steps(Measure(mixture, seed, batch.tokens), Order(mixture, shares or {}, seed), batch, steps, epochs)


def columns(plan: StepPlan) -> dict[str, list]:
    names = ("rows", "turns", "parts", "tokens", "tiles", "labels", "pack_ends", "step_ends")
    return {name: getattr(plan, name).tolist() for name in names}


@pytest.fixture(scope="module")
def mixture(tmp_path_factory):
    return made_mixture(tmp_path_factory.mktemp("made"), [(1.0, random_rows(600, 1)), (1.0, random_rows(150, 2))])


def test_every_row_of_an_epoch_comes_once_and_budgets_are_kept(mixture):
    for seed in range(3):
        plan = make_plan(mixture, seed=seed)
        whole = plan.rows[plan.parts <= 0]
        assert sorted(whole.tolist()) == list(range(750))
        for step in range(plan.steps):
            for pack in plan.packs(step):
                assert plan.tokens[pack].sum() <= 400 and plan.tiles[pack].sum() <= 12
        assert plan.pack_ends[-1] == len(plan.rows) and plan.step_ends[-1] == len(plan.pack_ends)
        assert plan.epochs == 1.0
        counts = [len(plan.packs(step)) for step in range(plan.steps)]
        assert set(counts[:-1]) == {4} and 1 <= counts[-1] <= 4


def test_lengths_are_those_of_the_rows(mixture):
    plan = make_plan(mixture)
    whole = plan.parts < 0
    rows, local = plan.rows[whole], mixture.where(plan.rows[whole])[1]
    index = [mixture.indexes[number] for number in mixture.where(rows)[0]]
    for place in range(0, len(rows), 37):
        one, row = index[place], int(local[place])
        segments = range(*one.part("row_segments", row).indices(1 << 30))
        expected = int(one["row_prefix"][row]) + sum(int(one["segment_length"][s]) - 1 for s in segments)
        assert plan.tokens[whole][place] == expected
        assert plan.tiles[whole][place] == one["row_tiles"][row]
        assert plan.labels[whole][place] == sum(int(one["segment_scored"][s]) for s in segments)


def test_a_plan_is_a_function_of_its_settings_alone(mixture):
    plan = make_plan(mixture, seed=5)
    again = make_plan(mixture, seed=5)
    assert columns(plan) == columns(again) and plan.key == again.key
    assert columns(plan) != columns(make_plan(mixture, seed=6))
    assert plan.key != make_plan(mixture, replace(BUDGET, tokens=500), seed=5).key


def test_a_plan_is_the_same_on_disk(mixture, tmp_path):
    plan = make_plan(mixture)
    write_plan(plan, tmp_path / "plan.npz")
    again = read_plan(tmp_path / "plan.npz")
    assert columns(again) == columns(plan) and again.costs.tolist() == plan.costs.tolist()
    assert (again.key, again.epochs) == (plan.key, plan.epochs)
    assert said_by(assign(again, 1, 3)) == said_by(assign(plan, 1, 3))


def said_by(shares) -> list:
    return [[(share.pack, share.entries.tolist()) for share in own] for own in shares]


def test_steps_begin_as_a_longer_run_begins(mixture):
    short, long = make_plan(mixture, steps=3), make_plan(mixture, steps=30)
    assert short.steps == 3 and long.steps == 30
    assert short.rows.tolist() == long.rows[: len(short.rows)].tolist()


def test_several_epochs_hold_every_row_as_often(mixture):
    plan = make_plan(mixture, epochs=2.5)
    counts = Counter(plan.rows[plan.parts <= 0].tolist())
    assert set(counts.values()) == {2, 3} and sum(counts.values()) == 1875
    turns = Counter(zip(plan.rows.tolist(), plan.turns.tolist(), plan.parts.tolist(), strict=True))
    assert set(turns.values()) == {1}


@pytest.mark.parametrize("ranks", [1, 2, 3, 4, 5, 8])
def test_processes_share_the_same_rows_in_as_many_packs_each(mixture, ranks):
    plan = make_plan(mixture)
    for step in range(plan.steps):
        shares = assign(plan, step, ranks)
        assert len({len(own) for own in shares}) == 1 and len(shares) == ranks
        entries = sorted(entry for own in shares for share in own for entry in share.entries.tolist())
        packs = plan.packs(step)
        assert entries == list(range(packs[0].start, packs[-1].stop))
        for share in (share for own in shares for share in own):
            pack = packs[share.pack]
            assert all(pack.start <= entry < pack.stop for entry in share.entries)


def test_more_processes_than_rows_leave_some_with_nothing(tmp_path):
    mixture = made_mixture(tmp_path, [(1.0, random_rows(2, 0))])
    shares = assign(make_plan(mixture, BatchConfig(rows=2), steps=1), 0, 4)
    assert sorted(len(own[0].entries) for own in shares) == [0, 0, 1, 1]


def test_rows_alone_make_a_step_and_are_dealt_out_to_its_packs(mixture):
    one = make_plan(mixture, BatchConfig(rows=8), steps=100)
    four = make_plan(mixture, BatchConfig(rows=8, packs=4), steps=100)
    assert one.rows.tolist() == four.rows.tolist() and len(one.rows) == 800
    assert [len(one.packs(step)) for step in (0, 99)] == [1, 1]
    assert [[pack.stop - pack.start for pack in four.packs(step)] for step in (0, 99)] == [[2] * 4] * 2
    assert Counter(one.rows[:750].tolist()) == Counter(range(750))


def test_ratios_are_kept_to_the_row(tmp_path):
    ratios = (1.0, 0.05, 2.5, 0.3)
    made = made_mixture(tmp_path, [(ratio, random_rows(100, number)) for number, ratio in enumerate(ratios)])
    order = Order(made, {}, 7)
    often: Counter[int] = Counter()
    for epoch in range(20):
        rows, turns = order.epoch(epoch)
        counts = Counter(rows.tolist())
        often += counts
        sets = Counter(made.where(rows)[0].tolist())
        assert [sets[number] for number in range(4)] == [100, 5, 250, 30]
        assert {counts[row] for row in range(200, 300)} == {2, 3} and max(counts[row] for row in range(200)) == 1
        assert len(set(zip(rows.tolist(), turns.tolist(), strict=True))) == len(rows)
        assert set((turns // COPIES).tolist()) == {epoch}
    assert {often[row] for row in range(100, 200)} == {1}, "a twentieth in each of twenty epochs is every row once"
    assert {often[row] for row in range(300, 400)} == {6}


def test_shares_of_what_is_seen_are_kept_at_any_length(mixture):
    plan = make_plan(mixture, BatchConfig(rows=10), steps=200, shares={"image": 0.7, "text": 0.3})
    seen = mixture.column("row_shown", plan.rows) > 0
    for length in (50, 300, 2000):
        assert np.mean(~seen[:length]) == pytest.approx(0.3, abs=2 / length)
    texts = Counter(plan.rows[~seen].tolist())
    assert max(texts.values()) - min(texts.values()) <= 1


def test_settings_that_contradict_each_other_are_refused(mixture):
    with pytest.raises(ConfigError, match="so many rows, or packs"):
        make_plan(mixture, BatchConfig())
    with pytest.raises(ConfigError, match="so many steps, or so many epochs"):
        make_plan(mixture, steps=1, epochs=1.0)
    with pytest.raises(ConfigError, match="positive"):
        make_plan(mixture, replace(BUDGET, packs=0))
    with pytest.raises(ConfigError, match="positive"):
        Order(mixture, {"image": 0.0}, 0)
    with pytest.raises(ConfigError, match="no row"):
        Order(mixture, {"mask": 1.0}, 0)


def test_too_long_conversations_and_too_many_tiles_are_rejects(tmp_path):
    rows = [
        made_row("fits", [20, 30], [1]),
        made_row("one too long", [20, 300], [1]),
        made_row("all too long", [400]),
        made_row("too many tiles", [20], [4, 4]),
    ]
    made = made_mixture(tmp_path, [(1.0, rows)], needs=Needs(longest=200, tiles=6))
    assert made.usable[0].tolist() == [0, 1]
    found = {reject.id: reject.reason for reject in made.rejects()}
    assert found == {
        "one too long#1": "row.too_long",
        "all too long#0": "row.too_long",
        "too many tiles#0": "row.too_many_tiles",
    }
    (turn,) = made.draw(np.arange(2), np.zeros(2, np.int64), 0)
    assert turn.owner.tolist() == [0, 0, 1]


def test_a_row_with_too_many_conversations_is_divided(tmp_path):
    made = made_mixture(tmp_path, [(1.0, [made_row("many", [90] * 11, [2]), made_row("few", [20])])])
    plan = make_plan(made)
    mine = plan.rows == 0
    assert sorted(plan.parts[mine].tolist()) == [0, 1, 2] and plan.parts[~mine].tolist() == [-1]
    assert plan.tokens[mine].sum() == 3 * 35 + 11 * 89 and plan.tokens.max() <= 400
    assert plan.tiles[mine].tolist() == [2, 2, 2] and plan.epochs == 1.0


def test_division_keeps_the_order_and_the_limit():
    assert divide(10, [50, 40, 1, 89, 90, 3], 100) == [0, 0, 1, 1, 2, 3]


def test_packs_are_full_and_cost_alike():
    rng = np.random.default_rng(0)
    tiles = rng.choice([0, 1, 3, 5, 7, 13], 20_000)
    tokens = 256 * tiles + np.exp(rng.normal(np.log(300), 0.5, 20_000)).astype(np.int64).clip(40, 2000)
    for budget in (Budget(16_384, 64), Budget(16_384, 40), Budget(8192)):
        packs = [pack for _, found in iter_packs(windows(tokens, tiles), budget) for pack in found]
        shares = tokens.sum() / budget.tokens, tiles.sum() / (budget.tiles or 1 << 60)
        assert max(shares) / len(packs) >= 0.985


def windows(tokens, tiles):
    for start in range(0, len(tokens), 4096):
        part = slice(start, start + 4096)
        zeros = np.zeros(len(tokens[part]), np.int64)
        yield Entries(zeros, zeros, zeros, tokens[part], tiles[part], zeros, zeros, zeros)


def test_packing_takes_every_row_once_within_the_budget():
    rng = np.random.default_rng(1)
    for count in (0, 1, 7, 500):
        tokens, tiles = rng.integers(1, 101, count), rng.integers(0, 11, count)
        packs, left = fill_packs(tokens, tiles, Budget(100, 10), all_of_them=True)
        assert sorted(row for pack in packs for row in pack.tolist()) == list(range(count)) and not len(left)
        assert all(tokens[pack].sum() <= 100 and tiles[pack].sum() <= 10 for pack in packs)
    assert not list(iter_packs(iter([EMPTY]), Budget(100)))[0][1]


def test_the_order_of_steps_says_nothing_of_length(mixture):
    plan = make_plan(mixture, replace(BUDGET, packs=1), epochs=8.0)
    means = np.array([plan.tokens[pack].mean() for step in range(plan.steps) for pack in plan.packs(step)])
    assert abs(np.corrcoef(np.arange(len(means)), means)[0, 1]) < 0.15


def test_conversations_are_drawn_by_count_and_chance(tmp_path):
    config = RowConfig(questions=1, chances={"count": 0.25, "location": 0.0}, weights={})
    made = made_mixture(tmp_path, [(1.0, [made_row("a", [10] * 6), made_row("b", [10, 10])])], config)
    index = made.indexes[0]
    drawn: Counter[str] = Counter()
    for turn in range(400):
        (found,) = made.draw(np.arange(2), np.full(2, turn), 3)
        kinds = [index.names[index["segment_names"][segment]][0] for segment in found.segments.tolist()]
        assert kinds[0] == "finding", "those drawn by count stand first"
        drawn.update(kinds)
    assert drawn["finding"] == 800 and drawn["location"] == 0
    assert drawn["count"] == pytest.approx(100, abs=30)
    firsts = {int(next(iter(made.draw(np.arange(1), np.full(1, turn), 3))).segments[0]) for turn in range(50)}
    assert firsts == {0, 3}, "both findings of the first row have their turns"


def test_a_row_of_nothing_but_chances_that_fail_holds_one_conversation(tmp_path):
    config = replace(EVERYTHING, questions=0, chances={"finding": 0.0})
    made = made_mixture(tmp_path, [(1.0, [made_row("a", [10])])], config)
    (found,) = made.draw(np.arange(1), np.zeros(1, np.int64), 0)
    assert found.segments.tolist() == [0]
