"""Published files become benchmark folders: rows as they are, parts in order, keys where answers are shown."""

import base64
import json

import pytest
from click.testing import CliRunner

import make
from gmai.base import hash_bytes
from gmai.bench import ImportConfig, import_bench, open_table, read_keys
from gmai.bench.miniature import MiniatureConfig, write_miniature
from gmai.bench.tsv import write_tsv
from gmai.cli import main
from gmai.errors import ConfigError, FormatError

TEXT = base64.b64encode(b"\x89PNG" + bytes(range(100))).decode()


def split_in_parts(path, folder, count, name="GMAI_mm_bench_TEST_part_{}.tsv"):
    header, *rows = path.read_bytes().splitlines(keepends=True)
    folder.mkdir()
    parts = [folder / name.format(number + 1) for number in range(count)]
    for number, part in enumerate(parts):
        part.write_bytes(header + b"".join(rows[number * len(rows) // count : (number + 1) * len(rows) // count]))
    return parts


@pytest.fixture
def val(tmp_path):
    write_miniature(MiniatureConfig(out=tmp_path / "published/GMAI-MMBench_VAL.tsv", picture_px=8))
    return tmp_path / "published/GMAI-MMBench_VAL.tsv"


@pytest.fixture
def whole(tmp_path):
    path = tmp_path / "whole.tsv"
    write_miniature(MiniatureConfig(out=path, picture_px=8, split="TEST", rows=80))
    return path


def test_a_published_file_is_imported_as_it_is_with_the_key_that_it_shows(val, tmp_path):
    out = tmp_path / "bench"
    summary = import_bench(ImportConfig(sources=(val,), out=out, name="GMAI-MMBench"))
    assert (out / "public/VAL.tsv").read_bytes() == val.read_bytes()
    table, keys = open_table(val), {key.index: key for key in read_keys(out / "key/VAL.jsonl")}
    assert summary.accepted == {"question": len(table), "key": len(table)} and len(keys) == len(table)
    for question in table:
        key = keys[question.index]
        assert (key.question, key.options, key.answer) == (question.question, question.options, question.answer)
        assert key.options["ABCDE".index(key.answer)] == question.extra["category"]
        assert key.assets == (hash_bytes(question.picture()),)
        assert key.department == question.department.replace("None", "none")
        assert (key.sample, key.source) == (f"GMAI-MMBench/VAL/{question.index}", "GMAI-MMBench")
    stats = json.loads((out / "stats.json").read_text())
    assert stats["splits"]["VAL"]["shows"] == ["answer", "category"]
    assert import_bench(ImportConfig(sources=(val,), out=out, name="GMAI-MMBench")) == summary


@pytest.mark.parametrize("as_folder", [True, False])
def test_the_eleven_parts_of_the_test_file_are_one_split_in_the_order_of_their_numbers(whole, tmp_path, as_folder):
    parts = split_in_parts(whole, tmp_path / "parts", 11)
    out = tmp_path / "bench"
    sources = (tmp_path / "parts",) if as_folder else tuple(sorted(parts))
    summary = import_bench(ImportConfig(sources=sources, out=out))
    assert (out / "public/TEST.tsv").read_bytes() == whole.read_bytes()
    assert summary.accepted == {"question": 80, "key": 0} and not (out / "key").exists()
    stats = json.loads((out / "stats.json").read_text())
    assert stats["splits"]["TEST"]["files"][9:] == [parts[9].name, parts[10].name]
    assert stats["splits"]["TEST"]["shows"] == ["category"]


def test_parts_that_do_not_end_with_a_newline_are_put_together_whole(whole, tmp_path):
    parts = split_in_parts(whole, tmp_path / "parts", 3, "x_test_part{}.tsv")
    for part in parts:
        part.write_bytes(part.read_bytes().rstrip(b"\n"))
    import_bench(ImportConfig(sources=(tmp_path / "parts",), out=tmp_path / "bench"))
    assert (tmp_path / "bench/public/TEST.tsv").read_bytes() == whole.read_bytes()


def test_a_missing_part_is_told(whole, tmp_path):
    parts = split_in_parts(whole, tmp_path / "parts", 11)
    parts[10].unlink()
    parts[3].unlink()
    config = ImportConfig(sources=(tmp_path / "parts",), out=tmp_path / "bench")
    with pytest.raises(ConfigError, match="part 4, 11 of 11 is missing"):
        import_bench(config)
    partial = ImportConfig(sources=config.sources, out=config.out, partial=True)
    assert import_bench(partial).accepted["question"] == sum(len(open_table(p)) for p in parts if p.exists()) < 80


def test_parts_that_do_not_fit_together_are_errors(whole, tmp_path):
    parts = split_in_parts(whole, tmp_path / "parts", 3, "x_test_part_{}.tsv")
    config = ImportConfig(sources=(tmp_path / "parts",), out=tmp_path / "bench")
    text = parts[1].read_bytes()
    parts[1].write_bytes(text + parts[0].read_bytes().splitlines(keepends=True)[1])
    with pytest.raises(FormatError, match="index 0 is there twice"):
        import_bench(config)
    parts[1].write_bytes(text.replace(b"original task", b"task before"))
    with pytest.raises(FormatError, match="other columns"):
        import_bench(config)
    parts[1].write_bytes(text)
    (tmp_path / "parts/x_test.tsv").write_bytes(text)
    with pytest.raises(ConfigError, match="whole file beside parts"):
        import_bench(config)
    with pytest.raises(ConfigError, match="part 1 is there twice"):
        again = split_in_parts(whole, tmp_path / "again", 1, "y_test_part_{}.tsv")
        import_bench(ImportConfig(sources=(parts[0], again[0]), out=tmp_path / "bench"))


def test_val_and_test_of_one_folder_are_two_splits(val, whole, tmp_path):
    whole.rename(val.with_name("GMAI-MMBench_TEST.tsv"))
    summary = import_bench(ImportConfig(sources=(val.parent,), out=tmp_path / "bench"))
    assert sorted(path.name for path in (tmp_path / "bench/public").iterdir()) == ["TEST.tsv", "VAL.tsv"]
    assert [path.name for path in (tmp_path / "bench/key").iterdir()] == ["VAL.jsonl"]
    assert summary.accepted["question"] == 80 + summary.accepted["key"]


def test_answers_that_are_none_are_rejects_of_the_key_and_nothing_is_guessed(tmp_path):
    columns = ("index", "image", "question", "A", "B", "C", "answer")
    answers = ["A", "", "x", "D", "b", "A,C", "['C','A']", "None"]
    rows = [
        {"index": n, "image": TEXT, "question": "病灶？" if n == 4 else "q", "A": "x", "B": "y", "C": "z", "answer": a}
        for n, a in enumerate(answers)
    ]
    write_tsv(tmp_path / "other.tsv", rows, columns)
    summary = import_bench(ImportConfig(sources=(tmp_path / "other.tsv",), out=tmp_path / "bench"))
    keys = list(read_keys(tmp_path / "bench/key/VAL.jsonl"))
    assert [(key.index, key.answer, key.form) for key in keys] == [
        (0, "A", "choice"), (4, "B", "choice"), (5, "AC", "multiple"), (6, "AC", "multiple"),
    ]  # fmt: skip
    assert [key.language for key in keys] == ["en", "zh", "en", "en"]
    assert summary.reasons == {"bench.answer_no_option": 3, "bench.no_answer": 1}
    assert summary.accepted == {"question": 8, "key": 4} and summary.rejected == {"key": 4}
    assert len((tmp_path / "bench/rejects.jsonl").read_text().splitlines()) == 4


def test_paths_of_pictures_lead_to_them_from_the_new_place(tmp_path):
    file = make.picture(tmp_path / "data/pictures/a.png")
    columns = ("index", "image_path", "question", "A", "B", "answer")
    paths = ["pictures/a.png", str(file), "['pictures/a.png', 'pictures/a.png']"]
    rows = [
        {"index": n, "image_path": p, "question": 'a "b"', "A": "x", "B": "y", "answer": "A"}
        for n, p in enumerate(paths)
    ]
    write_tsv(tmp_path / "data/x_test.tsv", rows, columns)
    import_bench(ImportConfig(sources=(tmp_path / "data/x_test.tsv",), out=tmp_path / "bench"))
    table = open_table(tmp_path / "bench/public/TEST.tsv")
    assert [question.pictures() for question in table] == [[file.read_bytes()]] * 2 + [[file.read_bytes()] * 2]
    assert table[0].question == 'a "b"'
    key = next(read_keys(tmp_path / "bench/key/TEST.jsonl"))
    assert key.assets == (hash_bytes(file.read_bytes()),)


def test_several_files_that_name_no_split_are_not_guessed_at(val, tmp_path):
    one, two = val.rename(tmp_path / "one.tsv"), tmp_path / "two.tsv"
    two.write_bytes(one.read_bytes())
    with pytest.raises(ConfigError, match="none of which names its split"):
        import_bench(ImportConfig(sources=(one, two), out=tmp_path / "bench"))
    with pytest.raises(ConfigError, match="no TSV files"):
        import_bench(ImportConfig(sources=(tmp_path / "published",), out=tmp_path / "bench"))


def test_a_file_of_a_header_alone_is_an_error(val, tmp_path):
    header = tmp_path / "empty_val.tsv"
    header.write_bytes(val.read_bytes().partition(b"\n")[0] + b"\n")
    done = CliRunner().invoke(main, ["bench", "import", str(header), "-o", str(tmp_path / "bench")])
    assert done.exit_code == 2 and "no question" in done.output
    assert not (tmp_path / "bench/manifest.json").exists()


def run(*words):
    result = CliRunner().invoke(main, ["bench", *map(str, words)], catch_exceptions=False)
    return result.exit_code, result.output


def test_the_commands(tmp_path):
    tsv, bench = tmp_path / "mini_val.tsv", tmp_path / "bench"
    assert run("mini", "-o", tsv, "--picture-px", 12)[0] == 0
    assert run("import", tsv, "-o", bench)[1] == f"{bench}: 92 questions, 92 with their answer\n"
    code, shown = run("tree", bench, "--axis", "department", "--depth", 1)
    assert code == 0 and shown.startswith("VAL  [92 questions, 42 labels]\n") and len(shown.splitlines()) == 20
    code, shown = run("tree", tsv, "--json", "--axis", "level")
    assert [child["name"] for child in json.loads(shown)[0]["children"]] == ["image", "box", "mask", "contour"]
    assert run("tree", "--depth", 0) == (0, "all  [717 labels]\n")
    assert "Ophthalmology" in run("tree", "--axis", "科室")[1]
    cut = tmp_path / "eye.json"
    code, shown = run("cut", bench / "public/VAL.tsv", "科室=眼科 & options>2", "-o", cut)
    assert code == 0 and shown.endswith("department=眼科 & options>2\n")
    first = open_table(cut)[0]
    for name, begin in (("o.png", b"\x89PNG"), ("o.jpg", b"\xff\xd8\xff")):
        code, shown = run("show", cut, first.index, "-o", tmp_path / name)
        assert code == 0 and first.question in shown and (tmp_path / name).read_bytes().startswith(begin)
    assert (tmp_path / "o.png").read_bytes() == first.picture()
    code, shown = run("cut", tsv, "departmnt=x", "-o", cut)
    assert code == 2 and "did you mean department" in shown and "character 1" in shown


def test_several_pictures_are_several_files(tmp_path):
    columns = ("index", "image", "question", "A", "B")
    write_tsv(
        tmp_path / "t.tsv", [{"index": 1, "image": str([TEXT, TEXT]), "question": "q", "A": "x", "B": "y"}], columns
    )
    code, shown = run("show", tmp_path / "t.tsv", 1, "-o", tmp_path / "o.png")
    assert code == 0 and "o-1.png" in shown
    assert [(tmp_path / f"o-{n}.png").read_bytes() for n in (1, 2)] == [base64.b64decode(TEXT)] * 2
    assert run("show", tmp_path / "t.tsv", 1, "-o", tmp_path / "o.xyz")[0] == 2
