"""The page of a run shows every number it is given, stands alone, and says nothing that was not measured."""

import json
import math
import shutil
import subprocess

import numpy as np
import pytest

from gmai.report import page_data, render_page
from gmai.train.meters import LogLine, summarise
from gmai.train.page import RunNumbers, training_page
from gmai.train.validation import SetLoss, Validation
from gmai.train.watch import ProbeLine
from gmai.types import Reject

SETS = [
    ("gmai-mm-caption", "medical caption", 1.0, 1700),
    ("pubmedvision-caption", "medical caption", 1.0, 1300),
    ("pmc-oa", "medical caption", 0.05, 1300),
    ("mimic-cxr", "report", 0.3, 486),
    ("gmai-mm-percept", "medical instruct", 1.0, 1300),
    ("gmai-mm-instruct", "medical instruct", 1.0, 900),
    ("pmc-vqa", "medical instruct", 0.1, 251),
    ("gmai-text-single", "medical text", 1.0, 1000),
    ("orca-math", "general text", 1.0, 379),
    ("llava-150k", "general instruct", 0.75, 157),
]


def make_lines(count: int = 300) -> list[LogLine]:
    rng = np.random.default_rng(0)
    return [
        LogLine(
            step=step,
            loss=0.8 + 2.2 * math.exp(-step / 60) + float(rng.normal(0, 0.05)),
            lr=1e-5 * 0.5 * (1 + math.cos(math.pi * step / count)),
            rates={"projector": 1e-4 * (1 - step / count), "language": 1e-5 * (1 - step / count)},
            tokens=16000 + int(rng.integers(300)),
            labels=3000,
            tiles=44,
            patches=44 * 1024,
            slots=16384,
            tflop=700.0,
            gradient_norm=1 + float(rng.gamma(2, 0.2)),
            seconds=1.7 + float(rng.gamma(2, 0.05)),
            wait_seconds=float(rng.gamma(1, 0.02)),
            memory_mb=98_000.0,
        )
        for step in range(1, count + 1)
    ]


def make_run(**given) -> RunNumbers:
    lines = make_lines()
    parts = {
        name: {"parameters": size, "trains": trains, "tensors": tensors, "changed": tensors if trains else 0}
        for name, size, trains, tensors in (
            ("vision", 304_000_000, False, 340),
            ("projector", 33_000_000, True, 6),
            ("language", 7_615_000_000, True, 339),
        )
    }
    mixture = [
        {"name": name, "category": category, "ratio": ratio, "available": rows, "rows": round(rows * ratio)}
        | {"passes": ratio, "tokens": rows * 600, "labels": rows * 100, "tiles": rows}
        for name, category, ratio, rows in SETS
    ]
    totals = {"steps": 300, "rows": 7000, "tokens": 4_850_000, "labels": 900_000, "tiles": 13_200, "tflop": 210_000.0}
    stats = {
        "parts": parts,
        "mixture": mixture,
        "plan": {"totals": totals},
        "unused": {"no picture": 12},
        "learned": {"rows": {"a": 6_990}, "sets": {one["name"]: one["rows"] for one in mixture}},
    }
    validations = [
        Validation(
            step=step,
            loss=loss,
            labels=4000,
            rows=200,
            sets={
                "mimic-cxr": SetLoss(loss=loss + 0.1, labels=1000, rows=50),
                "pmc-vqa": SetLoss(loss=loss - 0.1, labels=3000, rows=150),
            },
        )
        for step, loss in ((100, 1.4), (200, 1.1), (300, 0.95))
    ]
    reject = Reject(id="pmc-vqa/7#image", stage="train", reason="image.truncated", detail="cut short", unit="image")
    settings = {"stage": "projector+language", "optim": {"lr": 1e-5, "rates": {}}, "seed": 42}
    whole = {"name": "demo", "stage": "projector+language", "lines": lines, "stats": stats, "rejects": [reject] * 3}
    whole |= {
        "validations": validations,
        "settings": settings,
        "measured": summarise(lines, 8, 989.0) | {"plan": {"hours": 0.15}},
    }
    whole |= {"probes": [ProbeLine(step=100, values={"accuracy": 0.51}), ProbeLine(step=300, values={"n": 40.0})]}
    return RunNumbers(**{**whole, **given})


def test_every_number_is_on_the_page():
    page = training_page(make_run())
    text = render_page(page)
    sections = [section.id for section in page.sections]
    wanted = ["loss", "speed", "plan", "parts", "mixture", "validation", "probes", "rejects", "settings"]
    assert sections == wanted
    for name, category, *_ in SETS:
        assert name in text and category in text
    assert "image.truncated" in text and "MFU" in text and "not for diagnosis" in text
    assert "7\u202f615\u202f000\u202f000" in text
    data = page_data(page)["sections"]
    assert data["mixture"]["sets"][0]["rows"] == 1700 and data["rejects"]["rejected"] == {"image image.truncated": 3}
    json.dumps(data)


def test_the_page_stands_alone_and_is_the_same_every_time():
    text = render_page(training_page(make_run()))
    assert text == render_page(training_page(make_run()))
    assert "https://" not in text and "http://" not in text.replace("http://www.w3.org/2000/svg", "")
    assert "stylesheet" not in text and "src=" not in text


def test_what_was_not_measured_is_not_shown():
    bare = make_run(validations=(), probes=(), rejects=(), measured=summarise(make_lines()), settings={}, stats={})
    page = training_page(bare)
    assert [section.id for section in page.sections] == ["loss", "speed", "rejects"]
    text = render_page(page)
    assert "MFU" not in text and "validation" not in text.lower() and "Nothing was left out" in text


def test_a_run_on_one_corpus_shows_its_conversations():
    talks = {"percept choice location": 30, "percept open location": 10, "caption open caption": 20}
    one = make_run().stats["mixture"][:1]
    page = training_page(make_run(stats={"mixture": one, "learned": {"conversations": talks}}))
    (section,) = [section for section in page.sections if section.id == "mixture"]
    assert "location (choice)" in section.body and "50.0" in section.body
    assert section.data["conversations"] == talks


def test_planned_and_actual_stand_side_by_side():
    (section,) = [section for section in training_page(make_run()).sections if section.id == "plan"]
    text = str(section.body)
    assert "Rows" in text and "6\u202f990" in text and "7\u202f000" in text and "99.9" in text


@pytest.mark.parametrize("count", [1, 2])
def test_a_run_of_few_steps_has_a_page(count):
    assert "<svg" in render_page(training_page(make_run(lines=make_lines()[:count], validations=())))


@pytest.mark.browser
def test_the_page_opens_in_a_browser_without_a_request(tmp_path):
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("needs a Chromium")
    (tmp_path / "train.html").write_text(render_page(training_page(make_run())))
    flags = ["--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path}/profile", "--dump-dom"]
    command = [chromium, *flags, (tmp_path / "train.html").as_uri()]
    dom = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout
    for section in ("loss", "speed", "plan", "parts", "mixture", "validation", "probes", "rejects", "settings"):
        assert f'<section id="{section}"' in dom
    assert dom.count('<button type="button">') >= 20
