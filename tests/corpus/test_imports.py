"""What was exported comes back the same; what others wrote becomes a corpus; bad rows are counted."""

import json
import zipfile
from pathlib import Path

import pytest
from corpus_files import picture
from mixed import TOOLS, jpeg, make_mixed, mixed_samples

from gmai.base import JobConfig, hash_bytes, write_json
from gmai.corpus import (
    EXPORTS,
    IMPORTS,
    ExportConfig,
    ImportConfig,
    export_corpus,
    import_corpus,
    iter_conversations,
    iter_samples,
    open_corpus,
)
from gmai.errors import ConfigError
from gmai.images import draw_view

ALONE = JobConfig(workers=0)


def read(path, out, format, **given):
    return import_corpus(ImportConfig(path=path, out=out, format=format, **given), TOOLS)


def write_lines(path, rows):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")


@pytest.mark.parametrize(
    ("format", "regions"),
    [*((name, "thousand") for name in sorted(set(EXPORTS.names()) - {"annotations"})), ("llava", "pixels")],
)
def test_an_export_comes_back_the_same(tmp_path, format, regions):
    corpus = make_mixed(tmp_path / "mixed")
    given = {"regions": regions, "pictures": "all", "job": ALONE}
    export_corpus(ExportConfig(corpus=corpus, format=format, out=tmp_path / "out", **given), draw_view)
    summary = read(tmp_path / "out", tmp_path / "back", format)
    assert summary.rejected == {} and summary.accepted["conversation.edited"] == 0
    assert list(iter_conversations(tmp_path / "back")) == list(iter_conversations(corpus))
    samples = [{stored.sample.id: stored for stored in iter_samples(folder)} for folder in (tmp_path / "back", corpus)]
    assert samples[0] == samples[1]
    assert open_corpus(tmp_path / "back").sample("open/1").sample.id == "open/1"
    assert (tmp_path / "back/cards/nc.yaml").read_bytes() == (corpus / "cards/nc.yaml").read_bytes()


@pytest.mark.parametrize("format", ["llava", "internvl", "swift", "m3llm"])
def test_a_file_of_an_export_comes_back_as_its_folder_does(tmp_path, format):
    corpus = make_mixed(tmp_path / "mixed")
    given = {"regions": "thousand", "pictures": "all", "job": ALONE}
    export_corpus(ExportConfig(corpus=corpus, format=format, out=tmp_path / "out", **given), draw_view)
    [file] = (tmp_path / "out").glob("conversations.json*")
    summary = read(file, tmp_path / "back", format)
    assert summary.rejected == {} and summary.accepted["conversation.edited"] == 0
    assert list(iter_conversations(tmp_path / "back")) == list(iter_conversations(corpus))
    assert {each.sample.id for each in iter_samples(tmp_path / "back")} == {
        each.sample.id for each in iter_samples(corpus)
    }


def test_every_export_has_its_import():
    assert set(EXPORTS.names()) < set(IMPORTS.names())


def test_annotations_come_back_with_pictures_made_again_of_the_sources_files(tmp_path):
    corpus = make_mixed(tmp_path / "mixed", ("closed",))
    stored = mixed_samples()[4]
    root = tmp_path / "closed"
    root.mkdir()
    (root / "4.png").write_bytes(stored.pictures[0])
    export_corpus(ExportConfig(corpus=corpus, format="annotations", out=tmp_path / "out", job=ALONE), draw_view)
    summary = read(tmp_path / "out", tmp_path / "back", "annotations", roots={"closed": root})
    assert summary.rejected == {}
    assert list(iter_samples(tmp_path / "back")) == list(iter_samples(corpus))
    assert list(iter_conversations(tmp_path / "back")) == list(iter_conversations(corpus))
    (root / "4.png").write_bytes(picture(99))
    wrong = read(tmp_path / "out", tmp_path / "wrong", "annotations", roots={"closed": root})
    assert wrong.reasons == {"import.asset": 1, "import.sample": 1}
    assert read(tmp_path / "out", tmp_path / "none", "annotations").reasons == {"import.missing": 1, "import.sample": 1}


def test_a_row_that_was_edited_loses_its_facts_and_is_counted(tmp_path):
    corpus = make_mixed(tmp_path / "mixed", ("open",))
    export_corpus(ExportConfig(corpus=corpus, format="swift", out=tmp_path / "out", job=ALONE), draw_view)
    lines = tmp_path / "out/conversations.jsonl"
    rows = [json.loads(line) for line in lines.read_text("utf-8").splitlines()]
    rows[0]["messages"][1]["content"] = "a stone, perhaps"
    write_lines(lines, rows)
    summary = read(tmp_path / "out", tmp_path / "back", "swift")
    first, *others = iter_conversations(tmp_path / "back")
    assert summary.accepted["conversation.edited"] == 1
    assert first.turns[1].text == "a stone, perhaps" and first.facts == () and first.template == "edited"
    assert others == list(iter_conversations(corpus))[1:]


def test_bare_rows_make_samples_by_their_pictures(tmp_path):
    (tmp_path / "in/images").mkdir(parents=True)
    (tmp_path / "in/images/a.png").write_bytes(picture(1))
    (tmp_path / "in/images/b.jpg").write_bytes(jpeg(2))
    said = [{"from": "human", "value": "<image>\nWhat?"}, {"from": "gpt", "value": "肿块"}]
    rows = [
        {"id": str(number), "image": f"images/{name}", "conversations": said}
        for number, name in enumerate(["a.png"] * 2 + ["b.jpg"])
    ]
    rows += [
        {"id": "text", "conversations": [{"from": "human", "value": "Hello?"}, {"from": "gpt", "value": "Yes."}]},
        {"id": "gone", "image": "images/c.png", "conversations": said},
        {"id": "out", "image": "../in/images/a.png", "conversations": said},
        {"id": "silent", "image": "images/a.png", "conversations": []},
        {"id": "who", "image": "images/a.png", "conversations": [{"from": "nurse", "value": "?"}]},
        ["no object"],
    ]
    write_json(tmp_path / "in/data.json", rows)
    summary = read(tmp_path / "in", tmp_path / "out", "llava", licence="MIT", modality="CT")
    assert summary.accepted == {"conversation": 4, "conversation.edited": 0, "picture": 2, "sample": 3}
    assert summary.reasons == {
        **{"import.missing": 1, "import.outside": 1, "import.row": 1, "import.turns": 2},
    }
    talks = list(iter_conversations(tmp_path / "out"))
    assert [talk.turns[0].text for talk in talks] == ["What?"] * 3 + ["Hello?"]
    assert [talk.language for talk in talks] == ["zh"] * 3 + ["en"] and talks[3].subset == "text"
    samples = list(iter_samples(tmp_path / "out"))
    assert [stored.sample.modality for stored in samples] == ["CT", "CT", "Text"]
    assert [hash_bytes(stored.pictures[0]) for stored in samples[:2]] == [
        item.sample.images[0].asset for item in samples[:2]
    ]
    assert samples[1].pictures[0] == jpeg(2)


def test_an_array_larger_than_one_read_comes_whole(tmp_path, monkeypatch):
    monkeypatch.setattr("gmai.corpus.imports.rows._PIECE", 64)
    said = [{"from": "human", "value": '[{"é]'}, {"from": "gpt", "value": 'ok \\ "]'}]
    write_json(tmp_path / "data.json", [{"id": n, "conversations": said} for n in range(20)])
    summary = read(tmp_path / "data.json", tmp_path / "out", "llava")
    assert summary.accepted["conversation"] == 20 and summary.rejected == {}
    assert {talk.turns[0].text for talk in iter_conversations(tmp_path / "out")} == {'[{"é]'}


def test_the_released_gmai_vl_comes_with_its_zips_and_with_pictures_placed(tmp_path):
    opened, closed = tmp_path / "GMAI-VL-5.5M-OpenSource", tmp_path / "GMAI-VL-5.5M-NonOpenSource"
    said = [{"from": "human", "value": "<image>\nDescribe."}, {"from": "gpt", "value": "Tissue."}]
    name = "2d#cls#histopathology#crc100k#images#NORM#a.png"
    row = {"id": name, "image": "images/crc/a.png", "width": 12, "height": 8, "conversations": said}
    write_lines(opened / "annotations/GMAI-MM-Caption-1.7M.jsonl", [row, {**row, "image": "images/crc/gone.png"}])
    write_lines(opened / "annotations/GMAI_Text_Single_1M.jsonl", [{"id": "t", "conversations": said[1:] * 2}])
    other = {**row, "id": name.replace("crc100k", "chexpert"), "image": "chexpert/b.jpg"}
    write_lines(closed / "annotations/GMAI-MM-Percept-1.3M.jsonl", [other])
    (opened / "zips").mkdir()
    with zipfile.ZipFile(opened / "zips/images_chunk_000.zip", "w") as archive:
        archive.writestr("images/crc/a.png", picture(5))
    (closed / "chexpert").mkdir()
    (closed / "chexpert/b.jpg").write_bytes(jpeg(9))
    given = {"modalities": {"histopathology": "Histopathology"}}
    summary = read(tmp_path, tmp_path.parent / f"{tmp_path.name}-out", "gmai-vl", **given)
    out = tmp_path.parent / f"{tmp_path.name}-out"
    assert summary.accepted["conversation"] == 3 and summary.reasons == {"import.missing": 1}
    talks = {talk.source: talk for talk in iter_conversations(out)}
    assert {(source, talk.subset) for source, talk in talks.items()} == {
        *{("gmai-vl-crc100k", "caption"), ("imported", "text"), ("gmai-vl-closed-chexpert", "percept")}
    }
    assert talks["gmai-vl-crc100k"].modality == "Histopathology" and "NORM" not in talks["gmai-vl-crc100k"].id
    assert "redistribution: false" in (out / "cards/gmai-vl-closed-chexpert.yaml").read_text()


def test_the_released_m3llm_comes_with_captions_and_contexts(tmp_path):
    pair = {"question": "What?", "answer": "Cells.", "context": "Seen.", "improved context": "Better seen."}
    row = {"image": "PMC1_f1.jpg", "caption": "Fig. 1", "qa_pairs": [pair]}
    write_lines(tmp_path / "in/compound_image.jsonl", [row, {**row, "qa_pairs": "none"}])
    write_lines(tmp_path / "in/puretext.jsonl", [row])
    (tmp_path / "pictures").mkdir()
    (tmp_path / "pictures/PMC1_f1.jpg").write_bytes(jpeg(4))
    summary = read(tmp_path / "in", tmp_path / "out", "m3llm", images=tmp_path / "pictures")
    assert summary.accepted["conversation"] == 2 and summary.reasons == {"import.turns": 1}
    talks = list(iter_conversations(tmp_path / "out"))
    assert [talk.subset for talk in talks] == ["instruct", "text"]
    stored = open_corpus(tmp_path / "out").sample(talks[0].sample)
    assert {item.section: item.text for item in stored.sample.annotations} == {
        **{"caption": "Fig. 1", "context": "Seen.", "improved context": "Better seen."}
    }


def test_the_same_input_gives_the_same_bytes_also_after_a_kill(tmp_path):
    corpus = make_mixed(tmp_path / "mixed", ("open", "nc"))
    export_corpus(ExportConfig(corpus=corpus, format="webdataset", out=tmp_path / "out", job=ALONE), draw_view)
    read(tmp_path / "out", tmp_path / "a", "webdataset")
    read(tmp_path / "out", tmp_path / "b", "webdataset")
    (tmp_path / "b/manifest.json").unlink()
    (tmp_path / "b/samples/00001.parquet").write_bytes(b"left by a run that was killed")
    read(tmp_path / "out", tmp_path / "b", "webdataset")
    assert (tmp_path / "a/manifest.json").read_bytes() == (tmp_path / "b/manifest.json").read_bytes()


def test_a_damaged_shard_and_nothing_to_read_are_told(tmp_path):
    corpus = make_mixed(tmp_path / "mixed", ("open",))
    export_corpus(ExportConfig(corpus=corpus, format="webdataset", out=tmp_path / "out", job=ALONE), draw_view)
    shard = tmp_path / "out/shards/00000.tar"
    shard.write_bytes(shard.read_bytes()[:2000])
    assert read(tmp_path / "out", tmp_path / "back", "webdataset").reasons.get("import.tar") == 1
    (tmp_path / "empty").mkdir()
    with pytest.raises(ConfigError, match="no JSON file"):
        read(tmp_path / "empty", tmp_path / "none", "llava")


def test_metadata_of_pictures_does_not_come_in(tmp_path):
    from io import BytesIO

    from PIL import Image
    from PIL.PngImagePlugin import PngInfo

    told = PngInfo()
    told.add_text("Patient", "Erika Mustermann")
    out = BytesIO()
    Image.new("L", (9, 9), 50).save(out, "PNG", pnginfo=told)
    Path(tmp_path / "in").mkdir()
    (tmp_path / "in/a.png").write_bytes(out.getvalue())
    said = [{"role": "user", "content": "<image>?"}, {"role": "assistant", "content": "!"}]
    write_lines(tmp_path / "in/rows.jsonl", [{"messages": said, "images": ["a.png"]}])
    read(tmp_path / "in", tmp_path / "out", "swift")
    assert not any(b"Mustermann" in path.read_bytes() for path in (tmp_path / "out").rglob("*") if path.is_file())
    assert next(iter_samples(tmp_path / "out")).sample.images[0].phash is not None
