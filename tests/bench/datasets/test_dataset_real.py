"""Published files as they are: every question is accounted for, and answers are those of an independent reading."""

import json
import re
from collections import Counter

import pytest

from gmai.base import hash_file
from gmai.bench import DatasetConfig, find_splits, import_dataset, make_cut, open_table, read_keys
from gmai.evaluate import MatrixConfig, run_matrix
from gmai.llm import FakeScript, FakeServer, Rule

pytestmark = pytest.mark.data


@pytest.fixture
def rad(data):
    file = data / "vqa/vqa_rad/osfstorage/VQA_RAD Dataset Public.json"
    return data / "vqa/vqa_rad", json.loads(file.read_text())


@pytest.fixture
def bench(rad, tmp_path):
    import_dataset(DatasetConfig(name="vqa-rad", root=rad[0], out=tmp_path / "vqa-rad", splits=("TEST", "TRAIN")))
    return tmp_path / "vqa-rad"


def test_every_question_of_vqa_rad_is_in_its_split_with_its_answer(rad, bench):
    root, entries = rad
    keys = {split: list(read_keys(bench / f"key/{split}.jsonl")) for split in ("TEST", "TRAIN")}
    assert len(entries) == 1296 and not (bench / "rejects.jsonl").read_text()
    for split, made in keys.items():
        tested = [n for n, entry in enumerate(entries) if entry["phrase_type"].startswith("test_") == (split == "TEST")]
        assert [key.index for key in made] == tested
        table = open_table(bench / f"public/{split}.tsv")
        for key, question in zip(made, table, strict=True):
            entry = entries[key.index]
            said = str(entry["answer"]).strip()
            closed = entry["answer_type"].strip() == "CLOSED" and said.lower() in ("yes", "no")
            assert (key.form, key.answer) == (("yes_no", said.lower()) if closed else ("open", said))
            assert question.question == key.question == entry["question"].strip()
            file = root / "osfstorage/VQA_RAD Image Folder" / entry["image_name"]
            assert key.assets == (hash_file(file),) and question.picture() == file.read_bytes()
    both = [key for made in keys.values() for key in made]
    assert Counter(key.facets["answer_type"] for key in both) == {"CLOSED": 720, "OPEN": 576}
    assert len({key.assets for key in both}) == 179


def test_a_cut_of_real_questions_is_what_another_reading_selects(rad, bench, tmp_path):
    tsv = bench / "public/TEST.tsv"
    cut = tmp_path / "cut.json"
    made = make_cut(
        tsv, "form=yes_no & kind=PRES & question ~ lung & !question ~ /right|left/", cut, find_splits(tsv)[0].keys
    )
    wanted = [
        number
        for number, entry in enumerate(rad[1])
        if entry["phrase_type"].startswith("test_")
        and str(entry["answer"]).strip().lower() in ("yes", "no")
        and entry["answer_type"].strip() == "CLOSED"
        and entry["question_type"].strip() == "PRES"
        and "lung" in entry["question"].lower()
        and not re.search("right|left", entry["question"], re.IGNORECASE)
    ]
    assert list(made.indices) == wanted and wanted
    assert list(open_table(cut).indices) == wanted


def test_every_question_of_pmc_mi_bench_has_its_pictures(data, tmp_path):
    root = data / "vqa/pmc_mi_bench"
    summary = import_dataset(DatasetConfig(name="pmc-mi-bench", root=root, out=tmp_path / "bench"))
    assert summary.accepted == {"question": 68} and not summary.rejected
    table, keys = open_table(tmp_path / "bench/public/TEST.tsv"), list(read_keys(tmp_path / "bench/key/TEST.jsonl"))
    assert Counter(key.kind for key in keys) == {
        "compound": 10, "multiple choice": 13, "several panels": 12, "text alone": 14, "one panel": 12,
        "spatial relation": 7,
    }  # fmt: skip
    assert Counter(key.form for key in keys) == {"choice": 13, "open": 55}
    files = sorted((root / "benchmark_data").glob("*.json"))
    entries = [entry for file in files for entry in json.loads(file.read_text())]
    for entry, question, key in zip(entries, table, keys, strict=True):
        named = [(root / "benchmark_images" / name).read_bytes() for name in entry.get("images", [])]
        assert question.pictures() == named and key.answer == entry["gt"].strip()
        assert key.subject in (entry.get("images") or entry["images_puretext"])[0]


def test_saying_yes_to_all_of_vqa_rad_gets_what_the_answers_give_it(rad, bench, tmp_path):
    with FakeServer(FakeScript(rules=(Rule(match="", answer="Yes."),))) as server:
        config = MatrixConfig(data=(f"{bench}:TEST",), model=(f"openai:fake@{server.url}",), out=tmp_path / "out")
        (found,) = run_matrix(config)
    tested = [entry for entry in rad[1] if entry["phrase_type"].startswith("test_")]
    right = sum(str(entry["answer"]).strip().lower() == "yes" for entry in tested)
    assert (found.state, found.questions, found.errors) == ("scored", 255, 0)
    assert found.accuracy == pytest.approx(right / 255, abs=1e-6) and found.low < found.accuracy < found.high
