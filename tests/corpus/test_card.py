"""The card of a corpus says what is inside, and ``datasets`` opens corpus and exports by it, offline."""

import json
import re

import pytest
import yaml
from mixed import make_mixed

from gmai.base import JobConfig
from gmai.corpus import ExportConfig, export_corpus, write_description
from gmai.corpus.croissant import CONTEXT
from gmai.images import draw_view


@pytest.fixture
def mixed(tmp_path):
    folder = make_mixed(tmp_path / "mixed")
    write_description(folder)
    return folder


def test_the_head_tells_licences_languages_and_size(mixed):
    text = (mixed / "README.md").read_text("utf-8")
    head = yaml.safe_load(text.split("---\n")[1])
    assert head["licences_inside"] == {"CC-BY-NC-4.0": 1, "MIT": 3, "unknown": 1}
    assert (head["license"], head["language"], head["size_categories"]) == ("other", ["en", "zh"], ["n<1K"])
    assert "visual-question-answering" in head["task_categories"]
    assert "7 conversations about 5 samples with 5 pictures, from 3 sources" in text
    assert "Not for commercial use: closed, nc. Pictures not to be passed on: closed." in text
    assert "| open | 3 | 5 | MIT |" in text and "A. Author 2020 (nc)" in text
    assert "| Counting | 1 |" in text


def test_the_card_in_chinese_has_the_same_numbers(mixed):
    english, chinese = ((mixed / name).read_text("utf-8") for name in ("README.md", "README.zh.md"))
    rows = [re.findall(r"^\| .* \|$", text, re.MULTILINE) for text in (english, chinese)]
    numbers = [[re.findall(r"\d+", row) for row in each] for each in rows]
    assert numbers[0] == numbers[1] and "许可" in chinese


def test_datasets_opens_the_corpus_by_its_card(mixed, tmp_path):
    datasets = pytest.importorskip("datasets")
    cache = str(tmp_path / "cache")
    talks = datasets.load_dataset(str(mixed), "conversations", split="train", cache_dir=cache)
    samples = datasets.load_dataset(str(mixed), "samples", split="train", cache_dir=cache)
    assert len(talks) == 7 and talks[0]["messages"][0] == {"role": "user", "content": "What is it?"}
    assert {row["id"]: [image.size for image in row["images"]] for row in samples}["open/1"] == [(12, 8)] * 2


@pytest.mark.parametrize("format", ["llava", "internvl", "llama-factory", "swift", "m3llm"])
def test_datasets_opens_exports(mixed, tmp_path, format):
    datasets = pytest.importorskip("datasets")
    job = JobConfig(workers=0)
    out = tmp_path / "out"
    export_corpus(ExportConfig(corpus=mixed, format=format, out=out, pictures="all", job=job), draw_view)
    file = out / ("conversations.json" if format == "llava" else "conversations.jsonl")
    streaming = format in {"llava", "internvl", "m3llm"}  # an image is a name or a list there
    given = {"data_files": str(file), "split": "train", "cache_dir": str(tmp_path / "cache"), "streaming": streaming}
    assert len(list(datasets.load_dataset("json", **given))) == 7


def test_datasets_opens_shards_of_samples_with_alike_pictures(corpus, tmp_path):
    datasets = pytest.importorskip("datasets")
    given = {"corpus": corpus, "format": "webdataset", "out": tmp_path / "out", "job": JobConfig(workers=0)}
    export_corpus(ExportConfig(**given), draw_view)
    shards = {"data_files": str(tmp_path / "out/shards/*.tar"), "cache_dir": str(tmp_path / "cache")}
    rows = datasets.load_dataset("webdataset", split="train", **shards)
    assert len(rows) == 160 and rows[0]["0.png"].size == (12, 8)
    assert rows[0]["json"]["conversations"][0]["messages"][1]["content"] == "cyst"


def test_croissant_describes_every_column_and_names_only_what_is_there(mixed):
    told = json.loads((mixed / "croissant.json").read_text("utf-8"))
    assert told["@context"] == CONTEXT and "http://mlcommons.org/croissant/1.0" in told["conformsTo"]
    required = {"@type", "name", "description", "license", "url", "version", "citeAs", "distribution", "recordSet"}
    assert required <= set(told) and told["@type"] == "sc:Dataset"
    files = {entry["@id"]: list(mixed.glob(entry["includes"])) for entry in told["distribution"]}
    assert all(files.values())
    import pyarrow.parquet as pq

    names = [field["@id"] for each in told["recordSet"] for field in each["field"]]
    assert len(names) == len(set(names))
    for each in told["recordSet"]:
        columns = set(pq.read_schema(files[f"{each['@id']}-files"][0]).names)
        assert {field["source"]["extract"]["column"] for field in each["field"]} == columns
        assert {field["source"]["fileSet"]["@id"] for field in each["field"]} <= set(files)
        assert each["key"]["@id"] in names
        assert {
            field.get("references", {"field": {"@id": names[0]}})["field"]["@id"] for field in each["field"]
        } <= set(names)


def test_croissant_is_valid_by_its_own_library(mixed):
    library = pytest.importorskip("mlcroissant")
    found = library.Dataset(str(mixed / "croissant.json"))
    assert found.metadata.issues.errors == set()
    assert len(list(found.records("conversations"))) == 7 and len(list(found.records("samples"))) == 5
