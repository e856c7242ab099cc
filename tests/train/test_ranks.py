"""Two processes learn what one does: DDP, FSDP2, killed and resumed, with another number of processes."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from practice import start_model
from ranks import work_off

from gmai.base import read_json
from gmai.models import FAMILIES, load_model
from gmai.train.meters import MEASURED

RANKS = Path(__file__).with_name("ranks.py")
MIXED = [1, 1, 0, 0]
"""Of two packs, the second has text only."""


def launch(folder: Path, name: str, jobs: list[dict], processes: int = 2) -> None:
    """Run jobs in so many processes, started by torchrun."""
    path = folder / f"{name}.json"
    path.write_text(json.dumps(jobs))
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", f"--nproc-per-node={processes}"]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [*command, str(RANKS), str(path)], env=environment, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == 0, done.stderr[-4000:]


def log_of(folder: Path) -> list[dict]:
    lines = [json.loads(line) for line in (folder / "log.jsonl").read_text().splitlines()]
    return [{name: value for name, value in line.items() if name not in MEASURED} for line in lines]


def losses_of(folder: Path) -> list[float]:
    return [line["loss"] for line in log_of(folder)]


def weights_of(folder: Path) -> dict[str, torch.Tensor]:
    return dict(load_model(folder).model.named_parameters())


def same_weights(one: Path, two: Path) -> bool:
    ours, theirs = weights_of(one), weights_of(two)
    return all(torch.equal(weight, theirs[name]) for name, weight in ours.items())


def near_weights(one: Path, two: Path) -> bool:
    ours, theirs = weights_of(one), weights_of(two)
    return all(torch.allclose(weight, theirs[name], atol=1e-4) for name, weight in ours.items())


SAVING = {"gradient_checkpointing": True, "reduce_every_pack": True}


class Plan:
    """Jobs, and where each writes."""

    def __init__(self, folder: Path, dtype: str = "float32") -> None:
        self.folder = folder
        self.model = start_model(folder / f"model-{dtype}", dtype=dtype)
        self.jobs: list[dict] = []

    def add(self, name: str, stage: str = "all", parallel: str = "none", steps: int = 4, **job) -> None:
        settings = {"parallel": parallel, "steps": steps, **job.pop("settings", {})}
        material = {"pictures": MIXED, **job.pop("material", {})}
        out = str(self.folder / name)
        made = {"model": str(self.model), "out": out, "stage": stage, "settings": settings, "material": material}
        self.jobs.append({**made, **job})


@pytest.fixture(scope="module")
def done(tmp_path_factory) -> Path:
    """What two processes do in the short tests, in one start of them."""
    folder = tmp_path_factory.mktemp("ranks")
    single, pair = Plan(folder), Plan(folder)
    single.add("one-all")
    for parallel in ("ddp", "fsdp2"):
        pair.add(f"{parallel}-all", parallel=parallel)
    again(pair, "fsdp2", "adamw8bit", kills=(3,))
    pair.add("lost", parallel="ddp", steps=2, settings={"max_rejects": 1}, missing=[[1, 1]])
    work_off(single.jobs)
    launch(folder, "pair", pair.jobs)
    return folder


def again(pair: Plan, parallel: str, kind: str, kills: tuple[int, ...], stage: str = "all", **settings) -> None:
    """A run in one piece, and the same one killed and continued."""
    settings = {"optim": {"kind": kind}, "checkpoint_every": 1, **settings}
    name = f"{parallel}-{kind}-{stage}"
    pair.add(f"whole-{name}", stage, parallel, settings=settings)
    for kill in (*kills, None):
        pair.add(f"again-{name}", stage, parallel, settings=settings, kill=kill)


def check_agree(one: Path, many: Path) -> None:
    assert losses_of(many) == pytest.approx(losses_of(one), rel=1e-5)
    assert near_weights(many, one)
    assert [line["tokens"] for line in log_of(many)] == [line["tokens"] for line in log_of(one)]
    assert read_json(many / "stats.json")["learned"] == read_json(one / "stats.json")["learned"]


def check_same(folder: Path, run: str) -> None:
    assert log_of(folder / f"again-{run}") == log_of(folder / f"whole-{run}")
    assert same_weights(folder / f"again-{run}", folder / f"whole-{run}")


@pytest.mark.parametrize("parallel", ["ddp", "fsdp2"])
def test_two_processes_learn_what_one_does_though_one_of_them_has_no_picture(done, parallel):
    check_agree(done / "one-all", done / f"{parallel}-all")


def test_two_processes_killed_and_run_again_end_with_the_same_bytes(done):
    check_same(done, "fsdp2-adamw8bit-all")


def test_rejects_are_counted_over_all_processes(done):
    stats = read_json(done / "lost" / "stats.json")
    assert stats["rejected"] == 1 and stats["learned"]["rows"]["practice"] == 2 * 4 - 2


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["adamw", "adamw8bit"])
@pytest.mark.parametrize("parallel", ["ddp", "fsdp2"])
def test_killed_before_every_step_and_run_again(tmp_path, parallel, kind):
    pair = Plan(tmp_path)
    for stage in ("all", "lora"):
        again(pair, parallel, kind, (1, 2, 3), stage)
    if (parallel, kind) == ("fsdp2", "adamw8bit"):
        again(pair, parallel, "adamw-bf16-stochastic", (1, 2, 3), precision="bf16")
        again(pair, parallel, "adamw", (2,), precision="bf16", scale={"gradient_checkpointing": True})
    launch(tmp_path, "pair", pair.jobs)
    for whole in tmp_path.glob("whole-*"):
        check_same(tmp_path, whole.name.removeprefix("whole-"))


@pytest.mark.slow
@pytest.mark.parametrize("stage", ["all", "lora", "projector+vision"])
def test_twenty_steps_agree_whatever_the_processes_and_when_their_number_changes(tmp_path, stage):
    settings = {"lora": {"dropout": 0.05}, "checkpoint_every": 1}
    job = {"stage": stage, "steps": 20, "settings": settings, "material": {"rows": 6, "packs": 6}}
    single = Plan(tmp_path)
    single.add("one", **job)
    work_off(single.jobs)
    for processes, kill in ((2, 6), (1, 11), (3, 16), (2, None)):
        pair = Plan(tmp_path)
        parallel = "ddp" if processes == 3 else "fsdp2"
        pair.add("changing", parallel=parallel, kill=kill, **job)
        if processes == 2 and kill:
            for kind in ("ddp", "fsdp2"):
                pair.add(kind, parallel=kind, **job)
            pair.add("saving", parallel="fsdp2", **{**job, "settings": {**settings, "scale": SAVING}})
        launch(tmp_path, f"with{processes}", pair.jobs, processes)
    for name in ("ddp", "fsdp2", "saving", "changing"):
        check_agree(tmp_path / "one", tmp_path / name)


@pytest.mark.slow
@pytest.mark.parametrize("family", list(FAMILIES))
def test_every_family_is_sharded(tmp_path, family):
    start_model(tmp_path / "model-float32", family)
    single, pair = Plan(tmp_path), Plan(tmp_path)
    single.add("one", steps=3)
    pair.add("fsdp2", parallel="fsdp2", steps=3, settings={"scale": SAVING})
    pair.add("ddp", parallel="ddp", steps=3)
    work_off(single.jobs)
    launch(tmp_path, "pair", pair.jobs)
    for name in ("ddp", "fsdp2"):
        check_agree(tmp_path / "one", tmp_path / name)


@pytest.mark.slow
def test_a_model_in_bf16_is_sharded_with_its_frozen_weights(tmp_path):
    pair = Plan(tmp_path, "bfloat16")
    for stage in ("lora", "projector", "all"):
        for kind in ("adamw", "adamw8bit", "adamw-bf16-stochastic"):
            again(pair, "fsdp2", kind, (2,), stage, precision="bf16", scale=SAVING)
    launch(tmp_path, "pair", pair.jobs)
    for whole in tmp_path.glob("whole-*"):
        check_same(tmp_path, whole.name.removeprefix("whole-"))
        assert losses_of(whole)[-1] < losses_of(whole)[0] or not whole.name.endswith("-all")
