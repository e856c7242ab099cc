"""What holds of every import by card: nothing of the answer is public, runs repeat, what is missing is told."""

import json

import pytest
from click.testing import CliRunner
from published import ALL, draw, png, vqa_rad, write

import make
from gmai.bench import DatasetConfig, dataset_names, import_dataset, open_table, read_dataset, read_keys
from gmai.bench.question import TELLING
from gmai.cli import main
from gmai.errors import CardError, ConfigError, FormatError
from gmai.lexicon import read_lexicon

ENTRIES = sorted(name for name in ALL if read_dataset(name).layout == "entries")


def run(*words):
    result = CliRunner().invoke(main, ["bench", *map(str, words)], catch_exceptions=False)
    return result.exit_code, result.output


@pytest.mark.parametrize("name", ENTRIES)
def test_the_public_file_has_no_answer_and_a_second_run_makes_the_same_bytes(name, tmp_path):
    ALL[name](tmp_path / "root")
    first = import_dataset(DatasetConfig(name=name, root=tmp_path / "root", out=tmp_path / "a"))
    again = import_dataset(DatasetConfig(name=name, root=tmp_path / "root", out=tmp_path / "a"))
    other = import_dataset(DatasetConfig(name=name, root=tmp_path / "root", out=tmp_path / "b"))
    assert first == again == other and first.items == sum(first.accepted.values()) + sum(first.rejected.values())
    assert (tmp_path / "a/manifest.json").read_bytes() == (tmp_path / "b/manifest.json").read_bytes()
    for split in (tmp_path / "a/public").iterdir():
        table = open_table(split)
        assert not {column.lower() for column in table.columns} & set(TELLING)
        assert all(question.answer is None and not question.extra.keys() - {"language"} for question in table)
    assert len((tmp_path / "a/rejects.jsonl").read_text().splitlines()) == sum(first.rejected.values())


@pytest.mark.parametrize("name", dataset_names())
def test_a_card_speaks_of_the_lexicon_and_says_where_files_go(name):
    card, lexicon = read_dataset(name), read_lexicon()
    assert card.place and card.home.startswith("https://") and card.notes and card.name == name
    known = {*lexicon.modalities, *lexicon.other_modalities}
    assert {*card.modality.values.values(), card.modality.default} <= known | {""}
    assert set(card.task.values.values()) <= set(lexicon.tasks)
    assert card.department.default in (*lexicon.departments, "none")
    for split in card.splits.values():
        for file in split.files:
            card.rule(file)


def test_pictures_beside_the_public_file_are_stored_once_under_their_hash(tmp_path):
    root, out = tmp_path / "root", tmp_path / "bench"
    vqa_rad(root)
    import_dataset(DatasetConfig(name="vqa-rad", root=root, out=out, pictures="link"))
    table, keys = open_table(out / "public/TEST.tsv"), list(read_keys(out / "key/TEST.jsonl"))
    stored = sorted(path.stem for path in (out / "pictures").rglob("*.jpg"))
    assert stored == sorted({key.assets[0] for key in keys}) and len(stored) == 2
    assert table[0].picture() == (root / "VQA_RAD Image Folder/synpic1.jpg").read_bytes()
    listed = json.loads((out / "manifest.json").read_text())["files"]
    assert sum(path.startswith("pictures/") for path in listed) == 2
    moved = open_table(out.rename(tmp_path / "moved") / "public/TEST.tsv")
    assert moved[0].picture() == (root / "VQA_RAD Image Folder/synpic1.jpg").read_bytes()


def test_a_picture_that_several_questions_share_is_written_once(tmp_path):
    vqa_rad(tmp_path / "root")
    import_dataset(DatasetConfig(name="vqa-rad", root=tmp_path / "root", out=tmp_path / "bench"))
    rows = (tmp_path / "bench/public/TEST.tsv").read_text().splitlines()
    assert [row.split("\t")[:2] for row in rows[2:3]] == [["1", "0"]]


def test_lines_of_a_question_stay_lines(tmp_path):
    draw(tmp_path, "imgs/a.png")
    question = 'First\tline\n\n"second" line'
    rows = [{"img_name": "a.png", "question": question, "answer": "x", "q_lang": "en", "answer_type": "OPEN"}]
    write(tmp_path / "test.json", rows)
    import_dataset(DatasetConfig(name="slake", root=tmp_path, out=tmp_path / "bench"))
    (asked,) = open_table(tmp_path / "bench/public/TEST.tsv")
    (key,) = read_keys(tmp_path / "bench/key/TEST.jsonl")
    assert asked.question == key.question == question


def test_bad_entries_are_rejects_with_reasons(tmp_path):
    draw(tmp_path, "imgs/a.png")
    (tmp_path / "imgs/page.png").write_text("<html>")
    make.png_claiming(tmp_path / "imgs/huge.png", 100_000, 100_000)
    (tmp_path / "imgs/cut.png").write_bytes(png()[:60])
    good = {"img_name": "a.png", "question": "Q?", "answer": "x"}
    bad = [
        ({**good, "question": " "}, "bench.no_question"),
        ({**good, "answer": None}, "bench.no_answer"),
        ({**good, "img_name": ""}, "bench.no_picture"),
        ({**good, "img_name": "../../etc/passwd"}, "path.outside"),
        ({**good, "img_name": "page.png"}, "image.kind"),
        ({**good, "img_name": "cut.png"}, "image.broken"),
        ({**good, "img_name": "b.png"}, "image.missing"),
        ({**good, "img_name": "huge.png"}, "image.broken"),
        ({**good, "img_name": "/9j/" + "A" * 200}, "image.embedded"),
    ]
    write(tmp_path / "test.json", [good, *(entry for entry, _ in bad), "no entry"])
    summary = import_dataset(DatasetConfig(name="slake", root=tmp_path, out=tmp_path / "bench"))
    rejects = [json.loads(line) for line in (tmp_path / "bench/rejects.jsonl").read_text().splitlines()]
    assert [reject["reason"] for reject in rejects] == [*(reason for _, reason in bad), "entries.entry"]
    assert [reject["id"] for reject in rejects] == [f"TEST/test.json#{n}" for n in range(1, 11)]
    assert (
        summary.accepted == {"question": 1}
        and summary.rejected == {"question": 10}
        and max(map(len, (reject["detail"] for reject in rejects))) < 200
    )


def test_options_that_cannot_be_are_rejects(tmp_path):
    draw(tmp_path, "images/a.jpg")
    base = {"Figure_path": "a.jpg", "Question": "Q?", "Answer_label": "A", "Choice A": "x", "Choice B": "y"}
    rows = [
        {**base, "Choice C": "", "Choice D": "z"},
        {**base, "Choice B": ""},
        {**base, "Choice C": "X", "Choice D": "z"},
        {**base, "Choice C": "z", "Choice D": "z"},
        {**base, "Answer_label": "AB"},
    ]
    write(tmp_path / "test.csv", rows)
    summary = import_dataset(DatasetConfig(name="pmc-vqa", root=tmp_path, out=tmp_path / "bench"))
    assert summary.reasons == {"bench.answer_twice": 1, "bench.options": 2}
    keys = list(read_keys(tmp_path / "bench/key/TEST.jsonl"))
    assert [(key.index, key.form, key.answer) for key in keys] == [(3, "choice", "A"), (4, "multiple", "AB")]


def test_a_choice_without_options_is_a_reject_and_never_an_open_question(tmp_path):
    draw(tmp_path, "images/a.jpg", "benchmark_images/a.jpg")
    write(tmp_path / "test.csv", [{"Figure_path": "a.jpg", "Question": "Q?", "Answer_label": "A", "Choice A": ""}])
    rows = [
        {"question": f"Q? The candidate options are: {text}", "images": ["a.jpg"], "gt": "A"} for text in ("", "A. x")
    ]
    write(tmp_path / "benchmark_data/multiplechoiceVQA_benchmark.json", rows)
    for name in ("pmc-vqa", "pmc-mi-bench"):
        summary = import_dataset(DatasetConfig(name=name, root=tmp_path, out=tmp_path / name))
        assert set(summary.reasons) == {"bench.options"} and not summary.accepted["question"]


def test_a_pickle_is_refused_with_a_sentence(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data/test-0.parquet").write_bytes(b"\x80\x04N.")
    with pytest.raises(FormatError, match="a pickle can run code"):
        import_dataset(DatasetConfig(name="pathvqa", root=tmp_path, out=tmp_path / "bench"))


def test_what_is_missing_is_told_with_where_to_get_it(tmp_path):
    with pytest.raises(FormatError, match="osf.io") as error:
        import_dataset(DatasetConfig(name="vqa-rad", root=tmp_path, out=tmp_path / "bench"))
    assert error.value.reason == "source.missing" and not (tmp_path / "bench").exists()
    with pytest.raises(ConfigError, match="no such folder"):
        import_dataset(DatasetConfig(name="vqa-rad", root=tmp_path / "x", out=tmp_path / "bench"))
    with pytest.raises(ConfigError, match="no split 'DEV' · splits: TEST, TRAIN"):
        import_dataset(DatasetConfig(name="vqa-rad", root=tmp_path, out=tmp_path / "bench", splits=("DEV",)))
    with pytest.raises(ConfigError, match="did you mean vqa-rad"):
        read_dataset("vqa-red")


def test_a_file_that_lies_there_twice_is_not_read_twice(tmp_path):
    vqa_rad(tmp_path)
    vqa_rad(tmp_path / "osfstorage")
    with pytest.raises(FormatError, match="several files may be it"):
        import_dataset(DatasetConfig(name="vqa-rad", root=tmp_path, out=tmp_path / "bench"))


def test_other_files_are_another_run(tmp_path):
    vqa_rad(tmp_path / "root")
    config = DatasetConfig(name="vqa-rad", root=tmp_path / "root", out=tmp_path / "bench")
    import_dataset(config)
    draw(tmp_path / "root", "x", "VQA_RAD Image Folder/synpic9.jpg")
    with pytest.raises(ConfigError, match="another run"):
        import_dataset(config)


def test_a_card_of_ones_own(tmp_path):
    draw(tmp_path, "pictures/a.png")
    write(tmp_path / "q.jsonl", [{"file": "a.png", "asked": "Which?", "one": "x", "two": "y", "right": 2}])
    text = """
    {name: own, title: Own, home: "https://example.org", licence: CC0-1.0, place: [q.jsonl],
    splits: {TEST: {files: [q.jsonl]}}, entries: {images: pictures, image: file,
    question: asked, answer: right, choices: [one, two]}}
    """
    (tmp_path / "own.yaml").write_text(text)
    config = DatasetConfig(name=str(tmp_path / "own.yaml"), root=tmp_path, out=tmp_path / "bench")
    assert import_dataset(config).reasons == {"bench.answer_no_option": 1}
    (tmp_path / "own.yaml").write_text(text.replace("choices", "chioces"))
    with pytest.raises(CardError, match="chioces"):
        import_dataset(config)


def test_the_commands(tmp_path):
    code, listed = run("datasets")
    assert code == 0 and [line.split()[0] for line in listed.splitlines()] == list(dataset_names())
    code, told = run("datasets", "vqa-rad")
    assert code == 0 and "451 questions, by default" in told and "place: VQA_RAD Dataset Public.json" in told
    vqa_rad(tmp_path / "root")
    bench = tmp_path / "bench"
    code, told = run("import", "vqa-rad", "--root", tmp_path / "root", "-o", bench, "--pictures", "link")
    assert code == 0 and told.splitlines()[0].endswith("vqa-rad TEST: 5 questions, 451 as published")
    assert (
        told.partition("\n")[2] == f"{bench}: 3 questions\n  1 left out: bench.no_answer\n  1 left out: image.missing\n"
    )
    code, told = run("import", "vqa-rad", "-o", tmp_path / "other")
    assert code == 2 and "needs --root" in told and "osf.io" in told
    code, told = run("import", tmp_path / "x.tsv", "-o", tmp_path / "other", "--language", "en")
    assert code == 2 and "--root" in told
    code, told = run("import", "vqa-rad", "--root", tmp_path / "root", "--name", "x", "-o", tmp_path / "other")
    assert code == 2 and "--root goes with one NAME" in told
