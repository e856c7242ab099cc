"""The hospital: same bytes however it is written, nothing twice after a kill, every trouble listed."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from gmai.base import JobConfig, dumps, read_json
from gmai.base.files import hash_file
from gmai.errors import ConfigError
from gmai.phantoms import HospitalConfig, read_truth, write_hospital
from gmai.phantoms.wards import WARDS


def hashes(folder: Path) -> dict[str, str]:
    files = (path for path in folder.rglob("*") if path.is_file() and path.name != "run.json")
    return {path.relative_to(folder).as_posix(): hash_file(path) for path in files}


def test_layout_and_counts(hospital):
    files = hospital / "files"
    assert sorted(path.name for path in files.iterdir()) == [
        "KNOWN_TROUBLE.json", "ct", "fundus", "histology", "text", "ultrasound", "xray",
    ]  # fmt: skip
    assert len(list((files / "xray/images").iterdir())) == 8
    assert len(list((files / "ct").glob("ct*"))) == len(list((files / "ct/labels").iterdir())) == 9 + 2
    assert len((files / "text/qa.jsonl").read_text().splitlines()) == 40
    truth = list(read_truth(hospital))
    assert len(truth) == 9 + 8 + 8 + 12 + 8
    assert all((files / item.file).exists() for item in truth)
    stats = read_json(hospital / "stats.json")
    assert stats["accepted"]["picture"] == 9 * 8 + 36 and stats["accepted"]["question"] == 40
    assert not (hospital / ".work").exists()


def test_the_answer_key_is_not_among_the_files(hospital):
    assert (hospital / "truth.jsonl").exists()
    assert not list((hospital / "files").rglob("*truth*"))
    listed = read_json(hospital / "manifest.json")["files"]
    assert "truth.jsonl" in listed and "files/xray/annotations.json" in listed


def test_same_bytes_with_workers(hospital, config, tmp_path):
    summary = write_hospital(config(tmp_path / "b", workers=2))
    assert hashes(tmp_path / "b") == hashes(hospital)
    assert write_hospital(config(tmp_path / "b")) == summary


def test_a_killed_run_continues_to_the_same_bytes(hospital, config, tmp_path):
    folder = tmp_path / "b"
    script = (
        "import sys; from gmai.base import from_json; from gmai.phantoms import HospitalConfig, write_hospital\n"
        "write_hospital(from_json(HospitalConfig, sys.argv[1]))"
    )
    process = subprocess.Popen([sys.executable, "-c", script, dumps(config(folder)).decode()])
    last = folder / "files/histology/JPEGImages/histology0003.png"
    while process.poll() is None and not last.exists():
        time.sleep(0.001)
    os.kill(process.pid, signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL and not (folder / "manifest.json").exists()
    write_hospital(config(folder))
    assert hashes(folder) == hashes(hospital)


def test_files_cut_short_by_a_kill_are_written_again(hospital, config, tmp_path, monkeypatch):
    def cut(files: Path, seed: int, number: int):
        for truth in write(files, seed, number):
            if number == 5:
                (files / truth.file).write_bytes(b"half")
                raise KeyboardInterrupt
            yield truth

    write = WARDS["ultrasound"]
    monkeypatch.setitem(WARDS, "ultrasound", cut)
    with pytest.raises(KeyboardInterrupt):
        write_hospital(config(tmp_path / "b"))
    monkeypatch.setitem(WARDS, "ultrasound", write)
    write_hospital(config(tmp_path / "b"))
    assert hashes(tmp_path / "b") == hashes(hospital)


def test_every_known_trouble_is_there_and_not_in_the_answer_key(hospital):
    troubles = json.loads((hospital / "files/KNOWN_TROUBLE.json").read_text())
    assert {item["reason"] for item in troubles} == {
        "image.truncated", "dicom.no_pixels", "volume.shape_mismatch", "image.missing", "box.outside",
    }  # fmt: skip
    assert all((hospital / "files" / item["file"]).exists() for item in troubles)
    broken = {"ct0009", "ct0010", "histology0008", "fundus0006"}
    assert broken.isdisjoint(truth.subject for truth in read_truth(hospital))


def test_a_hospital_without_trouble_has_only_sound_files(tmp_path):
    summary = write_hospital(
        HospitalConfig(out=tmp_path / "b", ct=1, xray=1, histology=0, fundus=1, ultrasound=0, text=0, trouble=False,
                       job=JobConfig(workers=0))
    )  # fmt: skip
    files = tmp_path / "b/files"
    assert sorted(path.name for path in files.iterdir()) == ["ct", "fundus", "xray"]
    assert (files / "fundus/grades.csv").read_text().count("\n") == 3
    assert len(json.loads((files / "xray/annotations.json").read_text())["annotations"]) == 1
    assert summary.accepted == {"picture": 11, "question": 0, "region": 2}


def test_a_folder_of_another_hospital_is_refused(hospital):
    with pytest.raises(ConfigError, match="another run"):
        write_hospital(HospitalConfig(out=hospital, seed=4))


def test_a_negative_number_of_patients_is_refused(tmp_path):
    with pytest.raises(ConfigError, match="-1 patients · xray"):
        write_hospital(HospitalConfig(out=tmp_path / "b", xray=-1))
    assert not (tmp_path / "b").exists()
