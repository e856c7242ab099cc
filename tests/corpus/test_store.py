"""What is written is read back, with the same bytes each time, and Hugging Face datasets sees pictures."""

import dataclasses
import pickle

import cv2
import numpy as np
import pyarrow.parquet as pq
import pytest
from corpus_files import make_corpus, make_sample
from mixed import with_pictures

from gmai.corpus import (
    BuildConfig,
    build_corpus,
    iter_conversations,
    iter_records,
    iter_samples,
    open_corpus,
    write_samples,
)
from gmai.errors import ConfigError, FormatError


def test_round_trip_and_same_bytes(tmp_path, small):
    paths = [tmp_path / name / "samples/00000.parquet" for name in ("a", "b")]
    for path in paths:
        path.parent.mkdir(parents=True)
        write_samples(path, small["aaa"])
    assert list(iter_samples(tmp_path / "a")) == small["aaa"]
    assert paths[0].read_bytes() == paths[1].read_bytes()
    assert pq.ParquetFile(paths[0]).metadata.row_group(0).num_rows == 64


def test_datasets_shows_the_pictures(corpus, tmp_path, monkeypatch):
    monkeypatch.setenv("HF_DATASETS_OFFLINE", "1")
    import datasets

    datasets.disable_progress_bars()
    files = [str(path) for path in sorted((corpus / "samples").glob("*.parquet"))]
    table = datasets.load_dataset("parquet", data_files=files, split="train", cache_dir=str(tmp_path / "cache"))
    assert len(table) == 160 and table[3]["id"] == "aaa/3"
    assert (np.asarray(table[3]["images"][0]) == 3).all() and table[3]["images"][0].size == (12, 8)
    talks = str(corpus / "conversations/00000.parquet")
    row = datasets.load_dataset("parquet", data_files=talks, split="train", cache_dir=str(tmp_path / "cache"))[0]
    assert row["messages"] == [{"role": "user", "content": "What is it?"}, {"role": "assistant", "content": "cyst"}]


def test_random_access_and_streams_agree(corpus, small):
    opened = open_corpus(corpus)
    everything = [*small["aaa"], *small["bbb"]]
    assert list(opened.samples()) == everything and len(opened) == 160
    assert list(iter_records(corpus)) == [stored.sample for stored in everything]
    for stored in (everything[159], everything[0], everything[64], everything[63]):
        assert opened.sample(stored.sample.id) == stored
    assert pickle.loads(pickle.dumps(opened)).sample("bbb/9") == everything[159]
    assert list(iter_samples(corpus, {"bbb"})) == small["bbb"]
    assert len(list(iter_conversations(corpus))) == 160
    with pytest.raises(FormatError, match="no sample 'ccc/1'"):
        opened.sample("ccc/1")


def test_broken_stores_are_named(tmp_path, corpus, small):
    with pytest.raises(ConfigError, match="no folder 'samples'"):
        list(iter_samples(tmp_path))
    with pytest.raises(FormatError, match="1 pictures for 0 images"):
        write_samples(
            tmp_path / "x",
            [dataclasses.replace(s, sample=dataclasses.replace(s.sample, images=())) for s in small["bbb"]],
        )
    write_samples(corpus / "samples/again.parquet", small["bbb"][:1])
    with pytest.raises(FormatError, match="2 samples share an id"):
        open_corpus(corpus).sample("aaa/1")
    (corpus / "samples/again.parquet").write_bytes(b"PAR1")
    with pytest.raises(FormatError, match="cannot be read as Parquet"):
        list(iter_samples(corpus))
    (corpus / "manifest.json").unlink()
    with pytest.raises(ConfigError, match="has not finished"):
        open_corpus(corpus)


@pytest.mark.parametrize("how", ["written", "built"])
def test_a_byte_of_a_picture_that_changed_on_disk_is_noticed(tmp_path, how):
    noise = np.random.default_rng(0).integers(0, 255, (64, 64, 3), np.uint8)
    stored = with_pictures(make_sample("aaa", 0), [cv2.imencode(".png", noise)[1].tobytes()])
    folder = make_corpus(tmp_path / "corpus", {"aaa": [stored]})
    if how == "built":
        build_corpus(BuildConfig(corpus=folder, out=tmp_path / "part"))
        folder = tmp_path / "part"
    path = next((folder / "samples").glob("*.parquet"))
    data = bytearray(path.read_bytes())
    data[data.index(stored.pictures[0][2000:2100]) + 50] ^= 1
    path.write_bytes(data)
    for read in (lambda: list(iter_samples(folder)), lambda: open_corpus(folder).sample("aaa/0")):
        with pytest.raises(FormatError, match=r"cannot be read as Parquet: .*aaa-00000\.parquet") as caught:
            read()
        assert caught.value.reason == "store.parquet"
