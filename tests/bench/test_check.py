"""Each kind of leak is found where it is planted, and a file without one is found clean."""

import base64
import json
import random

import cv2
import numpy as np
import pytest
from bench_corpus import make_corpus, make_samples
from click.testing import CliRunner

from gmai.base import JobConfig, write_jsonl
from gmai.bench import (
    BenchConfig,
    CheckConfig,
    MiniatureConfig,
    SealConfig,
    build_bench,
    check_files,
    seal_bench,
    write_miniature,
    write_tsv,
)
from gmai.bench.leaks.probes import find_predictive
from gmai.bench.leaks.rows import Row, Sheet
from gmai.cli import main
from gmai.errors import ConfigError
from gmai.types import Question

WORDS = ["cyst", "scar", "hernia", "abscess", "polyp", "fracture", "glaucoma", "drusen"]
COLUMNS = ("index", "image", "question", *"ABCD", "modality")


def picture(seed: int, size: int = 16) -> str:
    pixels = np.random.default_rng(seed).integers(0, 255, (size, size, 3), dtype=np.uint8)
    return base64.b64encode(cv2.imencode(".png", pixels)[1].tobytes()).decode()


def rows(count: int = 240, seed: int = 0):
    """Questions with four options out of eight, drawn at random, each right once in eight."""
    chance = random.Random(seed)
    made = []
    for n in range(count):
        options = chance.sample(WORDS, 4)
        row = {
            "index": 1000 + n,
            "image": picture(n + 7919 * seed),
            "question": "Which finding does this CT image show?",
        }
        row |= dict(zip("ABCD", options, strict=True)) | {"modality": "CT", "right": chance.randrange(4)}
        made.append(row)
    return made


def write(folder, made, name="TEST", columns=COLUMNS, key=True):
    path = folder / f"{name}.tsv"
    write_tsv(path, made, columns)
    if not key:
        return path, None
    keys = [
        Question(index=r["index"], sample="s", source="s", subject="s", question="", answer="ABCD"[r["right"]],
                 options=tuple(r[c] for c in "ABCD"), kind="finding", task="", department="", modality="CT",
                 granularity="Image Level")
        for r in made
    ]  # fmt: skip
    write_jsonl(folder / f"{name}.key.jsonl", keys)
    return path, folder / f"{name}.key.jsonl"


def found(folder, made, columns=COLUMNS, **settings):
    path, key = write(folder, made, columns=columns)
    return check_files(CheckConfig(files=(path,), key=key, **settings)).findings


def test_a_file_without_leaks_is_clean(tmp_path):
    for seed in range(2):
        assert found(tmp_path, rows(seed=seed)) == ()


def test_a_key_of_other_questions_is_refused(tmp_path):
    path, _ = write(tmp_path, rows(), key=False)
    for name, others in (
        ("options", rows(seed=1)),
        ("indices", [{**row, "index": row["index"] + 500} for row in rows()]),
    ):
        (tmp_path / name).mkdir()
        _, key = write(tmp_path / name, others)
        with pytest.raises(ConfigError, match="a key of other questions"):
            check_files(CheckConfig(files=(path,), key=key))


def test_category_that_equals_an_option_is_told_in_percent(tmp_path):
    write_miniature(MiniatureConfig(out=tmp_path / "GMAI_TEST.tsv", rows=300, split="TEST"))
    report = check_files(CheckConfig(files=(tmp_path / "GMAI_TEST.tsv",)))
    (finding,) = [f for f in report.leaks if f.check == "column equals an option" and f.column == "category"]
    assert (finding.count, finding.of) == (300, 300) and "in 100.0 % of rows" in finding.detail
    assert report.answers == {"GMAI_TEST": "category"}
    done = CliRunner().invoke(
        main, ["bench", "check", str(tmp_path / "GMAI_TEST.tsv"), "--json", str(tmp_path / "r.json")]
    )
    assert done.exit_code == 4 and "category equals an option in 100.0 % of rows" in done.output
    assert json.loads((tmp_path / "r.json").read_text())["findings"][0]["level"] == "leak"


def test_an_open_split_may_show_its_answers(tmp_path):
    write_miniature(MiniatureConfig(out=tmp_path / "VAL.tsv", rows=120, split="VAL"))
    report = check_files(CheckConfig(files=(tmp_path / "VAL.tsv",)))
    told = [f for f in report.findings if f.column in ("answer", "category")]
    assert told and {f.level for f in told} == {"note"}


def planted(made, leak):
    for row in made:
        row |= leak(row)
    return made


PLANTS = {
    "an id that tells the letter": ("hint_id", "predictive", lambda r: {"hint_id": "qwer"[r["right"]]}),
    "an id with the label in it": (
        "path",
        "column holds an option",
        lambda r: {"path": f"set/{r['ABCD'[r['right']]]}/{r['index']}.png"},
    ),
    "a department that goes with the label": (
        "department",
        "predictive",
        lambda r: {"department": f"d{WORDS.index(r['ABCD'[r['right']]]) // 2}"},
    ),
    "a number that tells the letter": ("code", "predictive", lambda r: {"code": str(r["right"] * 5000 + r["index"])}),
}


@pytest.mark.parametrize("plant", PLANTS)
def test_columns_that_tell_are_found(tmp_path, plant):
    column, check, leak = PLANTS[plant]
    made = planted(rows(), leak)
    findings = found(tmp_path, made, columns=(*COLUMNS, column), pictures=False)
    assert [(f.check, f.level) for f in findings if f.column.startswith(column)] == [(check, "leak")]


def test_an_index_or_an_order_that_tells_is_found(tmp_path):
    by_index = [row | {"index": 4 * n + row["right"]} for n, row in enumerate(rows())]
    assert any(f.column == "index modulo 4" for f in found(tmp_path, by_index, pictures=False))
    ordered = sorted(rows(), key=lambda row: row["right"])
    ordered = [row | {"index": n} for n, row in enumerate(ordered)]
    assert {"row order", "index (size)"} <= {f.column for f in found(tmp_path, ordered, pictures=False)}


def test_letters_lengths_and_frequencies_that_tell_are_found(tmp_path):
    skewed = [row | {"right": row["right"] if n % 3 else 2} for n, row in enumerate(rows())]
    assert any(f.check == "positions" for f in found(tmp_path, skewed, pictures=False))
    long = [dict(row) for row in rows()]
    for row in long[::2]:
        row["ABCD"[row["right"]]] += " with an added explanation"
    assert any(f.column == "longest" for f in found(tmp_path, long, pictures=False))
    common = rows()
    for row in common:
        letter = next((n for n, c in enumerate("ABCD") if row[c] == "cyst"), row["right"])
        row["right"] = letter
    assert any(
        f.check in ("options", "predictive") or "shown" in f.column for f in found(tmp_path, common, pictures=False)
    )


def test_pictures_that_tell_are_found(tmp_path):
    sized = [row | {"image": picture(n, 12 + 4 * row["right"])} for n, row in enumerate(rows(200))]
    assert {"picture size", "picture bytes"} <= {f.column for f in found(tmp_path, sized)}
    broken = rows(40)
    broken[3]["image"] = base64.b64encode(b"\x89PNG" + b"x" * 90).decode()
    assert [(f.check, f.examples) for f in found(tmp_path, broken)][0] == ("pictures unreadable", (1003,))


def test_bad_options_and_questions_are_found(tmp_path):
    made = rows(60)
    made[0] |= {"A": "Cyst", "B": "cyst ."}
    made[1] |= {"A": "lung nodule", "B": "pulmonary nodule"}
    made[2] |= {"A": "None"}
    made[3] |= {"question": "What is it?"}
    made.append(made[10] | {"index": 5, "right": (made[10]["right"] + 1) % 4})
    findings = {f.check: f.examples for f in found(tmp_path, made)}
    assert findings == {
        "options equal": (1000,),
        "options mean the same": (1001,),
        "options lost": (1002,),
        "cue missing": (1003,),
        "questions doubled": (1010, 5),
        "answers differ": (1010, 5),
    }


def test_twins_in_another_file_are_found(tmp_path):
    test, val = rows(60), rows(60, seed=5)
    val[7]["image"] = test[9]["image"]
    pixels = cv2.imdecode(np.frombuffer(base64.b64decode(test[11]["image"]), np.uint8), 1)
    pixels[0, 0] = 255 - pixels[0, 0]
    val[8]["image"] = base64.b64encode(cv2.imencode(".png", pixels)[1].tobytes()).decode()
    mine, _ = write(tmp_path, test)
    other, _ = write(tmp_path, val, name="VAL")
    report = check_files(CheckConfig(files=(mine,), against=(other,)))
    pictures = {f.check: (f.level, f.examples) for f in report.findings if "picture" in f.check}
    assert pictures == {"same picture": ("leak", (1009,)), "picture alike": ("doubt", (1011,))}
    together = check_files(CheckConfig(files=(mine, other)))
    assert {f.check for f in together.leaks} == {"same picture"}


def test_a_damaged_file_is_a_finding_and_a_clean_file_exits_with_0(tmp_path):
    (tmp_path / "BAD.tsv").write_text("index\tquestion\tA\tB\tC\n0\tWhat?\tx\t\ty\n")
    path, _ = write(tmp_path, rows(50))
    report = check_files(CheckConfig(files=(tmp_path / "BAD.tsv", path)))
    assert [(f.check, f.file) for f in report.leaks] == [("unreadable", "BAD")] and "without gaps" in report.leaks[
        0
    ].detail
    done = CliRunner().invoke(main, ["bench", "check", str(path)])
    assert done.exit_code == 0 and "answers known from: nothing" in done.output


def test_a_sealed_benchmark_shares_no_picture_with_training_and_is_clean(tmp_path):
    corpus = make_corpus(tmp_path / "corpus", make_samples(80))
    build_bench(BenchConfig(corpus=corpus, out=tmp_path / "bench", multiple=True, job=JobConfig(workers=0)))
    seal_bench(SealConfig(bench=tmp_path / "bench", out=tmp_path / "sealed"))
    report = check_files(CheckConfig(files=(tmp_path / "sealed",), against=(tmp_path / "bench/public/VAL.tsv",)))
    assert report.answers == {"TEST": "key"} and report.leaks == ()


def test_questions_asked_again_of_one_subject_are_no_leak():
    """Marks and translations of one question have pictures of their own, and nearly one size."""
    chance = random.Random(0)
    made = []
    for subject in range(80):
        options, right = chance.sample(WORDS, 4), chance.randrange(4)
        for copy in range(4):
            mixed = chance.sample(options, 4)
            letter = "ABCD"[mixed.index(options[right])]
            row = Row(len(made), len(made), "Which finding?", tuple(mixed), "choice", letter, {})
            row.seen = {"picture bytes": str(10_000 + 37 * subject + copy)}
            row.pictures = f"picture {subject} {copy}"
            made.append(row)
    apart = list(find_predictive(Sheet("TEST", made, False)))
    for row in made:
        row.subject = f"p{row.number // 4}"
    assert "picture bytes" in {finding.column for finding in apart}
    assert not list(find_predictive(Sheet("TEST", made, False)))
