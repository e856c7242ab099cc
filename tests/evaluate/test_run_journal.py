"""The journal: nothing lost, nothing twice, whatever is cut off and however many write."""

import pytest

from gmai.base import dumps
from gmai.errors import ConfigError, FormatError
from gmai.evaluate.journal import Journal
from gmai.types import Prediction


def answer(index: int, rotation: int = 0, text: str = "") -> Prediction:
    return Prediction(index=index, mode="generate", choice=None, text=text, rotation=rotation)


def test_a_line_that_was_cut_is_forgotten_and_no_other(tmp_path):
    whole, next_line = dumps(answer(1)) + b"\n", dumps(answer(2)) + b"\n"
    for cut in range(len(next_line)):
        (tmp_path / "journal-000.jsonl").write_bytes(whole + next_line[:cut])
        with Journal(tmp_path) as journal:
            assert list(journal.answers()) == [answer(1)]
            journal.add([answer(2)])
        assert (tmp_path / "journal-000.jsonl").read_bytes() == whole + next_line


def test_an_answer_is_there_once_and_answers_come_by_index_and_rotation(tmp_path):
    with Journal(tmp_path) as journal:
        journal.add([answer(9), answer(2, 1, "b\n"), answer(2, 0, "的")])
        journal.add([answer(9, text="again")])
        assert (2, 1) in journal and (2, 2) not in journal and len(journal) == 3
    with Journal(tmp_path) as journal:
        journal.add([answer(9, text="again")])
        assert list(journal.answers()) == [answer(2, 0, "的"), answer(2, 1, "b\n"), answer(9)]


def test_workers_have_parts_and_see_all_of_them(tmp_path):
    with Journal(tmp_path, 0) as first, Journal(tmp_path, 1) as second:
        first.add([answer(1)])
        second.add([answer(2)])
    torn = tmp_path / "journal-001.jsonl"
    torn.write_bytes(torn.read_bytes() + b'{"index":3')
    with Journal(tmp_path, 0) as journal:
        assert list(journal.answers()) == [answer(1), answer(2)]


def test_two_processes_do_not_write_one_part(tmp_path):
    with Journal(tmp_path), pytest.raises(ConfigError, match="another process"):
        Journal(tmp_path)


def test_another_file_is_no_journal(tmp_path):
    (tmp_path / "journal-000.jsonl").write_text("index\tprediction\n")
    with pytest.raises(FormatError, match="no answer .*journal-000.jsonl:1"):
        Journal(tmp_path)
