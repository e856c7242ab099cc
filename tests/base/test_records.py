"""Codec, config, registry, files: strict reading, clear errors."""

import pickle

import pytest

from gmai.base import Registry, from_dict, iter_jsonl, load_config, to_dict, write_json
from gmai.base.codec import dumps
from gmai.base.files import hash_unit, write_atomic
from gmai.base.jobs import JobConfig
from gmai.base.run import input_key, open_run
from gmai.errors import ConfigError, FormatError, ImageError, MissingExtra
from gmai.types import Box, Provenance, Reject, Sample


def sample(**changes: object) -> dict:
    given = {
        "id": "a/1",
        "source": "a",
        "subject": "s1",
        "modality": "CT",
        "department": "none",
        "provenance": {"source": "a", "licence": "MIT", "original_id": "1"},
        "annotations": [{"kind": "box", "label": "x", "xyxy": [0, 0, 2, 3], "record": "x.json#0"}],
    }
    return given | changes


def test_a_record_survives_the_way_there_and_back():
    read = from_dict(Sample, sample())
    assert isinstance(read.annotations[0], Box)
    assert from_dict(Sample, to_dict(read)) == read
    assert isinstance(read.provenance, Provenance)


def test_every_wrong_field_is_named_with_its_path():
    wrong = sample(annotations=[{"kind": "box", "label": "x", "xyxy": [0, 0, 2, "q"], "record": "r"}], modalty="CT")
    with pytest.raises(FormatError) as caught:
        from_dict(Sample, wrong, where="x.json")
    text = str(caught.value)
    assert "annotations.0.box.xyxy.3" in text and "did you mean modality" in text and "x.json" in text


def test_a_broken_line_is_named(tmp_path):
    path = tmp_path / "r.jsonl"
    path.write_bytes(dumps(Reject(id="1", stage="s", reason="r", detail="d")) + b"\n{]\n")
    with pytest.raises(FormatError, match=r"r\.jsonl:2"):
        list(iter_jsonl(path, Reject))


def test_settings_win_over_flags_and_flags_over_the_file(tmp_path):
    path = tmp_path / "job.yaml"
    path.write_text("workers: 7\nlimit: 5\nshard_size: 9\n")
    job = load_config(JobConfig, path, ["shard_size=3"], {"limit": 6, "workers": None, "shard_size": 4})
    assert (job.workers, job.limit, job.shard_size) == (7, 6, 3)
    with pytest.raises(ConfigError, match="did you mean workers"):
        load_config(JobConfig, None, ["worker=3"])


def test_an_unknown_name_gets_near_misses_and_a_missing_package_the_install_line():
    table = Registry[object]("images", {"json": "json:loads", "ghost": "no_such_package:x"})
    assert table.get("json") is not None and table.get("json:dumps") is not None
    with pytest.raises(ConfigError, match="did you mean json"):
        table.get("jsn")
    with pytest.raises(MissingExtra, match="pip install no_such_package"):
        table.get("ghost")


def test_a_file_is_whole_or_not_there(tmp_path):
    with pytest.raises(RuntimeError), write_atomic(tmp_path / "x") as temporary:
        temporary.write_text("half")
        raise RuntimeError
    assert list(tmp_path.iterdir()) == []


def test_an_unfinished_input_is_refused(tmp_path):
    run = open_run(tmp_path / "a", "convert", {}, {})
    with pytest.raises(ConfigError, match="has not finished"):
        input_key(tmp_path / "a")
    write_json(tmp_path / "a/x.json", {"x": 1})
    run.finish({}, [tmp_path / "a/x.json"])
    assert len(input_key(tmp_path / "a")) == 64


def test_errors_cross_processes_whole():
    error = ImageError("cut short", where="a.png", fix="get it again", reason="image.truncated")
    same = pickle.loads(pickle.dumps(error))
    assert type(same) is ImageError and str(same) == str(error) and same.reason == "image.truncated"


def test_the_seeded_coin_never_changes():
    assert hash_unit("seed", 1) == 0.8809244172732593
    assert hash_unit("seed", 1) != hash_unit("seed", 2)
