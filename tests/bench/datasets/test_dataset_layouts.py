"""Each published benchmark, in miniature and in its publisher's layout, becomes a benchmark folder."""

import json

import pytest
from published import ALL, SUBJECTS

from gmai.base import hash_file
from gmai.bench import (
    DatasetConfig,
    MiniatureConfig,
    dataset_names,
    import_dataset,
    open_table,
    read_keys,
    write_miniature,
)
from gmai.errors import ConfigError


def bring(name, tmp_path, **more):
    root, out = tmp_path / "root", tmp_path / "bench"
    if not root.exists():
        ALL[name](root)
    summary = import_dataset(DatasetConfig(name=name, root=root, out=out, **more))
    stats = json.loads((out / "stats.json").read_text())
    made = {}
    for split in stats["splits"]:
        table, keys = open_table(out / f"public/{split}.tsv"), list(read_keys(out / f"key/{split}.jsonl"))
        made[split] = (table, {key.index: key for key in keys})
        assert [key.index for key in keys] == list(table.indices)
    return root, summary, made


def one_split(name, tmp_path, **more):
    root, summary, made = bring(name, tmp_path, **more)
    ((table, keys),) = made.values()
    return root, summary, table, keys


def answers(keys):
    return [(key.index, key.form, key.answer) for key in keys.values()]


def test_every_card_has_a_miniature():
    assert sorted(ALL) == list(dataset_names())


def test_vqa_rad_tells_its_test_split_by_the_phrase(tmp_path):
    root, summary, made = bring("vqa-rad", tmp_path, splits=("TEST", "TRAIN"))
    table, keys = made["TEST"]
    assert answers(keys) == [(0, "yes_no", "yes"), (1, "open", "2"), (5, "yes_no", "no")]
    assert answers(made["TRAIN"][1]) == [(2, "open", "CT")]
    assert summary.reasons == {"bench.no_answer": 1, "image.missing": 1} and summary.items == 6
    assert [question.form for question in table] == ["yes_no", "open", "yes_no"]
    assert keys[0].facets == {
        "answer_type": "CLOSED",
        "organ": "HEAD",
        "phrase": "test_freeform",
        "evaluation": "given",
    }
    assert keys[0].subject == "https://example.org/synpic1.jpg"
    files = [root / f"VQA_RAD Image Folder/synpic{n}.jpg" for n in (1, 1, 2)]
    assert [question.picture() for question in table] == [file.read_bytes() for file in files]
    assert [key.assets for key in keys.values()] == [(hash_file(file),) for file in files]


def test_pmc_mi_bench_has_six_tasks(tmp_path):
    root, summary, table, keys = one_split("pmc-mi-bench", tmp_path)
    assert summary.accepted == {"question": 6} and not summary.rejected
    assert [key.kind for key in keys.values()] == [
        "compound", "multiple choice", "several panels", "text alone", "one panel", "spatial relation",
    ]  # fmt: skip
    compound, choice, several, text, *_ = table
    assert compound.question == "The pictures are, in order: Fig-0.\nWhat do panels (A) and (B) show?"
    assert not compound.options and keys[0].form == "open"
    assert choice.options == ("Panel (A), not (B).", "Two", "Three A.", "Four") and (keys[1].form, keys[1].answer) == (
        "choice",
        "C",
    )
    assert choice.question.startswith("The pictures are, in order: Fig-0, Fig-4.\n")
    names = ("PMC1_x.jpg", "PMC1_x.jpg_0.jpg", "PMC1_x.jpg_3.jpg")
    assert several.pictures() == [(root / "benchmark_images" / name).read_bytes() for name in names]
    assert not text.places and text.question == "What is a stent?" and keys[3].assets == ()
    assert {key.subject for key in keys.values()} == {"PMC1"}


@pytest.mark.parametrize("pictures", ["link", "inline"])
def test_omnimedvqa_shows_neither_modality_nor_folder_where_they_are_the_answer(tmp_path, pictures):
    root, summary, table, keys = one_split("omnimedvqa", tmp_path, pictures=pictures)
    assert answers(keys) == [(0, "choice", "B"), (1, "choice", "C"), (4, "choice", "B")]
    assert summary.reasons == {"bench.answer_no_option": 1, "bench.answer_twice": 1}
    assert [question.modality for question in table] == ["", "Fundus Photography", "Fundus Photography"]
    assert [key.modality for key in keys.values()] == ["Fundus Photography"] * 3
    assert [key.task for key in keys.values()] == ["", "Disease Diagnosis", ""]
    assert keys[4].facets["dataset"] == "Chest CT Scan"
    public = (tmp_path / "bench/public/TEST.tsv").read_text()
    assert "ACRIMA" not in public and "adenocarcinoma" not in public
    assert [question.picture() for question in table] == [
        (root / f"Images/{name}").read_bytes()
        for name in ("ACRIMA/glaucoma/a.png", "ACRIMA/glaucoma/a.png", "Chest CT Scan/adenocarcinoma/b.png")
    ]


def test_mmmu_has_options_as_text_and_up_to_seven_pictures(tmp_path):
    _, summary, table, keys = one_split("mmmu-medical", tmp_path)
    assert summary.accepted == {"question": 15} and summary.reasons == {"bench.answer_no_option": 5}
    assert answers(keys)[:3] == [(0, "choice", "B"), (1, "choice", "F"), (2, "open", "5")]
    assert table[0].options == ("one", "it's", "B") and keys[2].answers == ("5", "five")
    assert [len(question.pictures()) for question in table][:3] == [1, 2, 1]
    assert {key.kind for key in keys.values()} == set(SUBJECTS)


def test_a_split_whose_answers_are_not_published_has_no_key(tmp_path):
    ALL["mmmu-medical"](tmp_path / "root")
    out = tmp_path / "bench"
    import_dataset(DatasetConfig(name="mmmu-medical", root=tmp_path / "root", out=out, splits=("TEST",)))
    assert len(open_table(out / "public/TEST.tsv")) == 5 and not (out / "key").exists()


def test_slake_in_two_languages(tmp_path):
    _, summary, table, keys = one_split("slake", tmp_path)
    assert answers(keys) == [
        (0, "open", "MRI"), (1, "open", "核磁共振"), (2, "yes_no", "yes"), (3, "yes_no", "no"), (4, "open", "Left"),
    ]  # fmt: skip
    assert [key.language for key in keys.values()] == ["en", "zh", "en", "zh", "en"]
    assert [question.modality for question in table] == ["", "", "MRI", "MRI", "MRI"] and not summary.rejected


def test_one_language_alone_keeps_the_indices_of_the_file(tmp_path):
    _, summary, table, _ = one_split("slake", tmp_path, language="zh")
    assert table.indices == (1, 3) and summary.items == 2
    stats = json.loads((tmp_path / "bench/stats.json").read_text())
    assert stats["splits"]["TEST"]["other_language"] == 3


def test_pmc_vqa_in_both_versions(tmp_path):
    _, summary, made = bring("pmc-vqa", tmp_path, splits=("TEST", "TEST_2"))
    table, keys = made["TEST"]
    assert answers(keys) == [(0, "choice", "A"), (2, "choice", "A")]
    assert summary.reasons == {"bench.answer_no_option": 1}
    assert table[0].options == ("A cell", "A bone", "A lung", "A liver") and table[0].question == 'What, "exactly"?'
    assert answers(made["TEST_2"][1]) == [(0, "choice", "D")] and keys[2].subject == "PMC2"


def test_pathvqa_from_parquet(tmp_path):
    _, summary, table, keys = one_split("pathvqa", tmp_path)
    assert answers(keys) == [(0, "yes_no", "yes"), (1, "open", "bile duct cells")]
    assert summary.reasons == {"image.broken": 1}
    assert keys[0].subject == "" and keys[0].assets == keys[1].assets and table[1].picture() == table[0].picture()


def test_medxpertqa_puts_its_options_once(tmp_path):
    root, summary, table, keys = one_split("medxpertqa-mm", tmp_path)
    assert answers(keys) == [(0, "choice", "E"), (1, "choice", "A")] and not summary.rejected
    assert [question.question for question in table] == ["Which side?", "Which lobe?"]
    assert table[1].options == ("left", "right", "both", "none", "E")
    assert table[0].pictures() == [(root / f"images/MM-1-{name}.jpeg").read_bytes() for name in "ba"]


def test_pairs_of_radiographs_are_asked_about_each_finding_that_has_a_label(tmp_path):
    root, summary, table, keys = one_split("ms-cxr-t", tmp_path)
    assert answers(keys) == [(0, "choice", "C"), (1, "choice", "B")]
    assert summary.reasons == {"bench.answer_no_option": 1, "image.missing": 1} and summary.items == 4
    assert [key.kind for key in keys.values()] == ["edema", "pneumonia"]
    assert {key.subject for key in keys.values()} == {"10000001"}
    assert "How has edema changed" in table[0].question and table[0].options == ("improving", "stable", "worsening")
    earlier, later = sorted((root / "files").rglob("*.jpg"))
    assert table[0].pictures() == [earlier.read_bytes(), later.read_bytes()]


def test_both_splits_of_gmai_mmbench_are_one_folder_the_second_without_a_key(tmp_path):
    root, out = tmp_path / "root", tmp_path / "bench"
    ALL["gmai-mmbench"](root)
    write_miniature(MiniatureConfig(out=tmp_path / "test.tsv", picture_px=8, rows=44, split="TEST"))
    header, *rows = (tmp_path / "test.tsv").read_bytes().splitlines(keepends=True)
    for part in range(11):
        (root / f"GMAI_mm_bench_TEST_part_{part + 1}.tsv").write_bytes(header + b"".join(rows[4 * part : 4 * part + 4]))
    config = DatasetConfig(name="gmai-mmbench", root=root, out=out, splits=("VAL", "TEST"))
    assert import_dataset(config).accepted == {"question": 92 + 44, "key": 92}
    assert (out / "public/TEST.tsv").read_bytes() == (tmp_path / "test.tsv").read_bytes()
    assert [path.name for path in (out / "key").iterdir()] == ["VAL.jsonl"]
    (root / "GMAI_mm_bench_TEST_part_4.tsv").unlink()
    with pytest.raises(ConfigError, match="part 4 of 11 is missing"):
        import_dataset(DatasetConfig(name="gmai-mmbench", root=root, out=tmp_path / "b", splits=("TEST",)))


def test_gmai_mmbench_is_taken_as_it_is(tmp_path):
    root, summary, table, keys = one_split("gmai-mmbench", tmp_path)
    assert (tmp_path / "bench/public/VAL.tsv").read_bytes() == (root / "GMAI_mm_bench_VAL.tsv").read_bytes()
    assert summary.accepted == {"question": 92, "key": 92} and {key.source for key in keys.values()} == {"gmai-mmbench"}
