"""Speeds and shares are what the log lines say; memory and waiting are measured."""

import time

import pytest

from gmai.base import from_json
from gmai.models import Work
from gmai.train.meters import MEASURED, LogLine, Meter, Step, operations_of, rates_of, summarise


def line(step: int, seconds: float, **given) -> LogLine:
    common = {"loss": 1.0, "lr": 1e-3, "gradient_norm": 1.0, "tokens": 90, "labels": 30, "tiles": 4, "slots": 100}
    return LogLine(step=step, seconds=seconds, **common, **given)


def test_rates_are_sums_over_sums():
    lines = [line(1, 1.0, tflop=10.0, wait_seconds=0.5), line(2, 3.0, tflop=30.0, wait_seconds=0.5)]
    rates = rates_of(lines, devices=2, peak=20.0)
    assert rates["tokens_per_second"] == 45 and rates["labels_per_second"] == 15 and rates["tiles_per_second"] == 2
    assert rates["wait_share"] == 0.25 and rates["pad_share"] == pytest.approx(0.1)
    assert rates["tflops"] == 10 and rates["mfu"] == pytest.approx(40 / (4 * 2 * 20))
    assert "mfu" not in rates_of(lines)


def test_a_run_is_summed_up():
    found = summarise([line(1, 1.0, memory_mb=5.0), line(2, 1.0, memory_mb=7.0)], devices=1, peak=100.0)
    assert found["peak_memory_mb"] == 7 and found["seconds"] == 2 and found["peak_tflops"] == 100
    assert summarise([]) == {}


def test_a_step_is_measured_from_the_end_of_the_one_before():
    meter = Meter(lambda work: work.tokens * 2e12, peak=100.0)
    with meter.waiting():
        time.sleep(0.05)
    first = meter.line(Step(1, 2.0, 1e-3, 0.5, Work(tokens=7, labels=3), tiles=2, slots=10))
    assert first.seconds >= first.wait_seconds >= 0.05 and first.memory_mb > 50
    assert (first.tokens, first.labels, first.tiles, first.slots, first.tflop) == (7, 3, 2, 10, 14)
    time.sleep(0.05)
    meter.forget()
    second = meter.line(Step(2, 1.0, 1e-3, 0.5, Work(tokens=7)))
    assert second.wait_seconds == 0 and second.seconds < 0.05
    assert "loss 1.0000" in meter.note() and "MFU" in meter.note()
    assert {"mfu", "pad_share"} <= set(meter.recent())


def test_a_step_without_text_counts_patches():
    assert Meter(lambda work: 0.0).line(Step(1, 1.0, 1.0, 1.0, Work(patches=64))).tokens == 64


def test_a_line_comes_back_as_it_was():
    made = line(3, 1.0, rates={"vision": 1e-5})
    from gmai.base import dumps

    assert from_json(LogLine, dumps(made), where="test") == made
    assert set(MEASURED) < {name for name in LogLine.__dataclass_fields__}


def test_operations_are_those_of_what_trains():
    class Fixed:
        def training(self, work, trains, lora_rank):
            return {"language": work.tokens * len(trains), "head": float(lora_rank)}

    assert operations_of(Fixed(), ["projector", "vision"], 16)(Work(tokens=5)) == 26
