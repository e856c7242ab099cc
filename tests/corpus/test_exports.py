"""Exports hold what trainers read, pictures once and as stored, and nothing that may not be passed on."""

import hashlib
import json
import tarfile

import pytest
from mixed import make_mixed, mixed_samples, mixed_talks

from gmai.base import JobConfig
from gmai.corpus import EXPORTS, ExportConfig, SplitConfig, export_corpus, split_corpus
from gmai.errors import ConfigError
from gmai.images import decode_picture, draw_view

ALONE = JobConfig(workers=0)


@pytest.fixture
def mixed(tmp_path):
    return make_mixed(tmp_path / "mixed")


def export(corpus, out, format, **given):
    return export_corpus(ExportConfig(corpus=corpus, format=format, out=out, job=ALONE, **given), draw_view)


def rows_of(path):
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def files_of(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_llava_rows_name_pictures_by_their_bytes_and_carry_a_placeholder_for_each(mixed, tmp_path):
    summary = export(mixed, tmp_path / "out", "llava")
    assert summary.accepted == {"conversation": 7}
    rows = {row["id"]: row for row in json.loads((tmp_path / "out/conversations.json").read_text("utf-8"))}
    first = rows["open/0#finding"]
    assert first["conversations"] == [
        {"from": "human", "value": "<image>\nWhat is it?"},
        {"from": "gpt", "value": "cyst"},
    ]
    assert (first["width"], first["height"], first["licence"]) == (12, 8, "MIT")
    assert rows["open/1#finding"]["conversations"][0]["value"].startswith("<image>\n<image>\nWhat")
    assert "image" not in rows["open/2#finding"]
    files = [path for path in (tmp_path / "out/images").rglob("*") if path.is_file()]
    assert all(path.stem == hashlib.sha256(path.read_bytes()).hexdigest() for path in files)
    named = {row["image"] for row in rows.values() if isinstance(row.get("image"), str)}
    stored = {picture for item in mixed_samples() for picture in item.pictures if item.sample.source != "closed"}
    assert stored < {path.read_bytes() for path in files} and len(files) == len(stored) + 1
    assert rows["closed/4#finding"]["image"] in named
    assert not (tmp_path / "out" / rows["closed/4#finding"]["image"]).exists()


def test_a_drawn_view_is_exported_as_it_is_drawn(mixed, tmp_path):
    export(mixed, tmp_path / "out", "swift")
    rows = {row["id"]: row for row in rows_of(tmp_path / "out/conversations.jsonl")}
    drawn = decode_picture((tmp_path / "out" / rows["open/0#drawn"]["images"][0]).read_bytes())
    clean = decode_picture((tmp_path / "out" / rows["open/0#finding"]["images"][0]).read_bytes())
    assert drawn.shape == clean.shape and (drawn[1, 1] == [255, 0, 0]).all() and (clean[1, 1] == 0).all()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "There: <box>[[1, 1, 4, 4], [3, 2, 9, 8]]</box>, a"),
        ({"tags": False}, "There: [1, 1, 4, 4], [3, 2, 9, 8], a"),
        ({"regions": "thousand"}, "There: <box>[[83, 125, 333, 500], [250, 250, 750, 1000]]</box>, a"),
        (
            {"regions": "unit", "tags": False},
            "There: [0.083, 0.125, 0.333, 0.500], [0.250, 0.250, 0.750, 1.000], a",
        ),
    ],
)
def test_boxes_are_put_as_a_family_of_models_expects_them(mixed, tmp_path, given, said):
    export(mixed, tmp_path / "out", "internvl", **given)
    rows = {row["id"]: row for row in rows_of(tmp_path / "out/conversations.jsonl")}
    assert rows["open/0#box"]["conversations"][1]["value"].startswith(said)


def test_the_files_that_describe_data_sets_name_what_is_there(mixed, tmp_path):
    export(mixed, tmp_path / "internvl", "internvl", name="wards")
    meta = json.loads((tmp_path / "internvl/meta.json").read_text())
    assert meta["wards"]["annotation"] == "conversations.jsonl" and meta["wards"]["length"] == 7
    export(mixed, tmp_path / "factory", "llama-factory")
    told = json.loads((tmp_path / "factory/dataset_info.json").read_text())["gmai"]
    rows = rows_of(tmp_path / "factory" / told["file_name"])
    assert told["formatting"] == "sharegpt" and all(row[told["columns"]["messages"]] for row in rows)
    assert [row["messages"][0]["content"].count("<image>") for row in rows] == [len(row["images"]) for row in rows]


def test_m3llm_rows_are_pairs(mixed, tmp_path):
    export(mixed, tmp_path / "out", "m3llm")
    rows = {row["id"]: row for row in rows_of(tmp_path / "out/conversations.jsonl")}
    assert [len(rows[name]["qa_pairs"]) for name in ("open/0#finding", "open/1#finding")] == [1, 3]
    assert rows["open/2#finding"]["caption"] == "A caption." and rows["open/2#finding"]["image"] == ""
    assert set(rows["open/0#finding"]["qa_pairs"][0]) == {"question", "answer", "context", "improved context"}


def test_pictures_that_may_not_be_passed_on_stay_behind_with_a_recipe(mixed, tmp_path):
    export(mixed, tmp_path / "out", "llava")
    recipe = rows_of(tmp_path / "out/recipe.jsonl")
    image = mixed_samples()[4].sample.images[0]
    assert [(line["sample"], line["file"]) for line in recipe] == [("closed/4", "4.png")]
    assert recipe[0]["picture_sha256"] == image.asset and recipe[0]["file_sha256"] == image.sha256
    assert image.asset not in " ".join(files_of(tmp_path / "out"))
    export(mixed, tmp_path / "all", "llava", pictures="all")
    assert image.asset in " ".join(files_of(tmp_path / "all")) and not (tmp_path / "all/recipe.jsonl").exists()


def test_a_format_with_pictures_inside_is_refused_for_them(mixed, tmp_path):
    with pytest.raises(ConfigError, match="closed do not allow"):
        export(mixed, tmp_path / "out", "webdataset")
    export(mixed, tmp_path / "all", "webdataset", pictures="all")
    with tarfile.open(tmp_path / "all/shards/00000.tar") as archive:
        names = archive.getnames()
        held = {archive.extractfile(name).read() for name in names if not name.endswith("json")}
    stored = {picture for item in mixed_samples() for picture in item.pictures}
    assert stored < held and len(held) == len(stored) + 1 and len([name for name in names if "json" in name]) == 5


def test_annotations_only_holds_no_picture(mixed, tmp_path):
    export(mixed, tmp_path / "out", "annotations")
    held = files_of(tmp_path / "out")
    assert not [name for name in held if name.startswith("images/")]
    stored = [picture for item in mixed_samples() for picture in item.pictures]
    assert not [name for name, data in held.items() if any(picture in data for picture in stored)]
    assert len(rows_of(tmp_path / "out/recipe.jsonl")) == len(stored)


def test_what_trainers_cannot_read_is_a_counted_reject(tmp_path):
    from dataclasses import replace

    from gmai.base import open_run, output_files
    from gmai.corpus import write_conversations
    from gmai.types import Turn

    corpus = make_mixed(tmp_path / "mixed")
    first = mixed_talks(mixed_samples())[0]
    odd = replace(first, id="odd", turns=first.turns[:1])
    marked = replace(first, id="marked", turns=(Turn(role="user", text="What is <image>?"), first.turns[1]))
    (corpus / "manifest.json").unlink()
    write_conversations(corpus / "conversations/00001.parquet", [odd, marked])
    run = open_run(corpus, "convert", {"made": "by a test"}, {})
    run.finish({}, output_files(run))
    summary = export(corpus, tmp_path / "out", "llava")
    assert summary.reasons == {"export.turns": 1, "export.placeholder": 1} and summary.accepted == {"conversation": 7}


def test_a_split_is_exported_alone(mixed, tmp_path):
    with pytest.raises(ConfigError, match="not split"):
        export(mixed, tmp_path / "out", "llava", split="test")
    split_corpus(SplitConfig(corpus=mixed, val=0.3, test=0.3))
    counts = [
        export(mixed, tmp_path / name, "llava", split=name).accepted.get("conversation", 0)
        for name in ("train", "val", "test")
    ]
    assert sum(counts) == 7 and max(counts) < 7


@pytest.mark.parametrize("format", sorted(EXPORTS.names()))
def test_shards_and_workers_do_not_change_a_byte(mixed, tmp_path, format):
    workers = 2 if format in {"llava", "webdataset"} else 0
    for name, job in (("one", ALONE), ("two", JobConfig(workers=workers, shard_size=2))):
        given = ExportConfig(corpus=mixed, format=format, out=tmp_path / name, pictures="all", job=job)
        export_corpus(given, draw_view)
    one, two = (
        {name: data for name, data in files_of(tmp_path / name).items() if not name.startswith(("run.", "manifest."))}
        for name in ("one", "two")
    )
    if format in {"webdataset", "annotations"}:  # files are shards there
        one, two = ({name: data for name, data in each.items() if "/0" not in name} for each in (one, two))
    assert one == two
    again = files_of(tmp_path / "one")
    (tmp_path / "one/manifest.json").unlink()
    export_corpus(ExportConfig(corpus=mixed, format=format, out=tmp_path / "one", pictures="all", job=ALONE), draw_view)
    same = {name for name, data in files_of(tmp_path / "one").items() if again[name] == data}
    assert same >= set(again) - {"run.json"}
