"""The order of a subject's studies: read of columns, paths and headers; dates never leave as they are."""

import numpy as np
import pytest

import make
from gmai.base import JobConfig
from gmai.corpus import iter_records
from gmai.errors import CardError
from gmai.sources import IngestConfig, ingest, read_card

HERE = JobConfig(workers=0)


def visits(tmp_path, card, name="raw"):
    summary = ingest(IngestConfig(card=str(card), root=tmp_path / "files", out=tmp_path / name, job=HERE))
    found = {}
    for sample in iter_records(tmp_path / name):
        found.setdefault(sample.subject, []).append(sample.visit)
    return found, summary


def table(tmp_path, told, column="visit"):
    lines = [f"image,label,patient,{column}"]
    for number, visit in enumerate(told):
        make.picture(tmp_path / f"files/{number}.png", make.pixels(seed=number))
        lines.append(f"{number}.png,nodule,p{number // 2},{visit}")
    make.text(tmp_path / "files/table.csv", "\n".join(lines) + "\n")
    return make.write_card(
        tmp_path / "card.yaml",
        format="class_table",
        options={"table": "table.csv", "images": "."},
        subject={"column": "patient"},
        visit={"column": column},
        labels={"nodule": {"name": "nodule"}},
    )


def test_numbers_of_visits_are_kept(tmp_path):
    found, summary = visits(tmp_path, table(tmp_path, ["1", "2", "0", "1.5"]))
    assert found == {"p0": [1.0, 2.0], "p1": [0.0, 1.5]} and "visit.unread" not in summary.accepted


def test_dates_become_days_moved_back_by_subject(tmp_path):
    found, _ = visits(tmp_path, table(tmp_path, ["2024-01-31", "20240301", "2024/1/31", "2024.3.1"]))
    (first, second), (third, fourth) = found["p0"], found["p1"]
    assert second - first == fourth - third == 30 and first != third
    told = b"".join(path.read_bytes() for path in (tmp_path / "raw").rglob("*") if path.is_file())
    assert b"2024-01-31" not in told and b"20240301" not in told


def test_what_is_no_visit_is_counted_and_gives_no_order(tmp_path):
    found, summary = visits(tmp_path, table(tmp_path, ["baseline", "2", "2024-13-01", ""]))
    assert found == {"p0": [None, 2.0], "p1": [None, None]} and summary.accepted["visit.unread"] == 2


def test_a_pattern_finds_the_visit_in_the_path(tmp_path):
    for number in range(2):
        make.picture(tmp_path / f"files/normal/sub-1_ses-{number + 1}.png", make.pixels(seed=number))
    card = make.write_card(
        tmp_path / "card.yaml",
        format="class_folders",
        subject={"pattern": r"(sub-\d+)"},
        visit={"pattern": r"ses-(\d+)"},
        labels={"normal": {"name": "normal"}},
    )
    assert visits(tmp_path, card)[0] == {"sub-1": [1.0, 2.0]}


def test_dates_of_dicom_headers_keep_their_distance_alone(tmp_path):
    for number, day in enumerate(("20240131", "20240301", "")):
        uid = f"1.2.3.9.{number}"
        elements = {"StudyDate": day, "StudyInstanceUID": uid, "SeriesInstanceUID": uid}
        make.dicom(
            tmp_path / f"files/{number}.dcm", np.arange(192, dtype=np.int16).reshape(12, 16) + number, **elements
        )
    card = make.write_card(tmp_path / "card.yaml", format="dicom_series", modality="CT", annotations="none")
    found, _ = visits(tmp_path, card)
    (days,) = found.values()
    assert sorted(day is None for day in days) == [False, False, True]
    first, second = sorted(day for day in days if day is not None)
    assert second - first == 30
    told = b"".join(path.read_bytes() for path in (tmp_path / "raw").rglob("*") if path.is_file())
    assert b"20240131" not in told and b"2024-01-31" not in told


def test_a_pattern_that_is_none_is_a_card_error(tmp_path):
    with pytest.raises(CardError, match="visit"):
        read_card(make.write_card(tmp_path / "card.yaml", visit={"pattern": "("}))
