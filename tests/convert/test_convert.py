"""A corpus is the same bytes however it is made, and holds what its sources hold."""

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from raw_files import ct, make_raw, make_raws, make_sample

from gmai.base import JobConfig, read_json
from gmai.base.files import hash_file
from gmai.convert import ConvertConfig, convert
from gmai.corpus import iter_conversations, iter_samples, open_corpus
from gmai.errors import ConfigError

KILLED = """
import os, sys
from pathlib import Path
from gmai.base import JobConfig
import gmai.convert.job as room
made, count = room.make_conversations, 0
def deadly(*args):
    global count
    count += 1
    if count == int(sys.argv[1]):
        os.kill(os.getpid(), 9)
    return made(*args)
room.make_conversations = deadly
job, raw = JobConfig(workers=0, shard_size=8), tuple(map(Path, sys.argv[3:]))
room.convert(room.ConvertConfig(raw=raw, out=Path(sys.argv[2]), job=job))
"""


def job(workers: int = 0) -> JobConfig:
    return JobConfig(workers=workers, shard_size=8)


def hashes(folder: Path) -> dict[str, str]:
    files = (path for path in folder.rglob("*") if path.is_file() and path.name != "run.json")
    return {path.relative_to(folder).as_posix(): hash_file(path) for path in files}


@pytest.fixture(scope="module")
def raws(tmp_path_factory) -> tuple[Path, ...]:
    return make_raws(tmp_path_factory.mktemp("raw"))


@pytest.fixture(scope="module")
def corpus(raws, tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("made") / "corpus"
    convert(ConvertConfig(raw=raws, out=out, job=job()))
    return out


@pytest.mark.parametrize("workers", [1, 2])
def test_same_bytes_with_any_number_of_workers_and_order_of_folders(workers, raws, corpus, tmp_path):
    summary = convert(ConvertConfig(raw=raws[::-1], out=tmp_path / "again", job=job(workers)))
    assert hashes(tmp_path / "again") == hashes(corpus)
    assert summary.items == 72 and sum(summary.accepted.values()) == len(list(iter_conversations(corpus)))


@pytest.mark.parametrize("at", [1, 30])
def test_a_killed_run_goes_on_to_the_same_bytes(at, raws, corpus, tmp_path):
    command = [sys.executable, "-c", KILLED, str(at), str(tmp_path / "killed"), *map(str, raws)]
    assert subprocess.run(command, check=False).returncode == -9
    assert not (tmp_path / "killed/manifest.json").exists()
    first = convert(ConvertConfig(raw=raws, out=tmp_path / "killed", job=job()))
    assert hashes(tmp_path / "killed") == hashes(corpus)
    assert convert(ConvertConfig(raw=raws, out=tmp_path / "killed", job=job())) == first


def test_samples_are_those_of_the_sources_as_links_or_copies(raws, corpus, tmp_path, monkeypatch):
    stored = {item.sample.id: item for raw in raws for item in iter_samples(raw)}
    assert {item.sample.id: item for item in open_corpus(corpus).samples()} == stored
    assert (corpus / "samples/ct-00000.parquet").samefile(raws[0] / "samples/00000.parquet")

    def refuse(*paths):
        raise OSError("another file system")

    monkeypatch.setattr(os, "link", refuse)
    convert(ConvertConfig(raw=raws, out=tmp_path / "copied", job=job()))
    assert hashes(tmp_path / "copied") == hashes(corpus)
    assert not (tmp_path / "copied/samples/ct-00000.parquet").samefile(raws[0] / "samples/00000.parquet")


def test_manifest_lists_every_file_and_not_a_later_split(corpus):
    listed = set(read_json(corpus / "manifest.json")["files"])
    assert listed == {name for name in hashes(corpus) if name != "manifest.json"}
    assert "cards/ct.yaml" in listed and "rejects.jsonl" in listed


def test_each_sample_gives_its_conversations(corpus):
    talks = list(iter_conversations(corpus))
    assert len({talk.id for talk in talks}) == len(talks)
    captions = Counter(talk.sample for talk in talks if talk.subset == "caption")
    assert captions["ct/0"] == 2 and captions["fundus/0"] == 1 and "asked/0" not in captions
    passed = {talk.id: talk for talk in talks if talk.kind == "qa"}
    assert passed["asked/1#text.qa-0"].turns[1].text == "no, 2 cm"
    assert passed["asked/0#instruct.qa-0"].facts[0].records == ("qa.json#0",)
    kinds = Counter(talk.kind for talk in talks if talk.subset == "percept" and talk.sample == "ct/0")
    assert set(kinds) == {"modality", "finding", "location", "count", "presence", "size"}
    assert all(talk.facts and talk.template.startswith("rules-2:") for talk in talks)


def test_what_gives_nothing_is_counted(tmp_path):
    bare = make_sample("bare", 1, (), modality="Radiology")
    broken = ct(2)
    bad = broken.sample.annotations[1].__class__(label="cyst", record="m", uri="m.png", rle="0", size=(7, 7))
    torn = make_sample("bare", 2, (bad,))
    summary = convert(ConvertConfig(raw=(make_raw(tmp_path / "raw", [bare, torn]),), out=tmp_path / "out", job=job()))
    assert summary.reasons == {"convert.nothing": 1, "mask.size": 1} and summary.rejected == {"sample": 2}
    assert list(open_corpus(tmp_path / "out").conversations()) == []


def test_wrong_inputs_and_settings(raws, corpus, tmp_path):
    with pytest.raises(ConfigError, match="two folders hold the source ct"):
        convert(ConvertConfig(raw=(raws[0], raws[0]), out=tmp_path / "a", job=job()))
    with pytest.raises(ConfigError, match="no folder 'samples'"):
        convert(ConvertConfig(raw=(tmp_path,), out=tmp_path / "a", job=job()))
    with pytest.raises(ConfigError, match="holds another run"):
        convert(ConvertConfig(raw=raws, out=corpus, seed=1, job=job()))
    with pytest.raises(ConfigError, match="options cannot be 1"):
        ConvertConfig(raw=raws, out=tmp_path / "a", options=1)
    (tmp_path / "raw").mkdir()
    make_raw(tmp_path / "raw/ct", [ct(0), ct(1)])
    (tmp_path / "raw/ct/manifest.json").unlink()
    with pytest.raises(ConfigError, match="has not finished"):
        convert(ConvertConfig(raw=(tmp_path / "raw/ct",), out=tmp_path / "b", job=job()))
