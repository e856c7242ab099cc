"""Archives that are damaged, locked or packed in an unknown way cost their pictures, counted, and nothing else."""

import io
import json
import tarfile
import zipfile

import pytest
from corpus_files import picture
from mixed import TOOLS

from gmai.corpus import ImportConfig, import_corpus, iter_samples

TURNS = [{"role": "user", "content": "What?"}, {"role": "assistant", "content": "a cyst"}]


def rows(folder, names):
    folder.mkdir(exist_ok=True)
    turns = [{"from": "human", "value": "<image>\nWhat?"}, {"from": "gpt", "value": "a cyst"}]
    found = [{"id": name, "image": f"{name}.png", "conversations": turns} for name in names]
    (folder / "a.json").write_text(json.dumps(found), "utf-8")
    return folder


def pack(path, names, method=zipfile.ZIP_DEFLATED):
    with zipfile.ZipFile(path, "w", method) as archive:
        for number, name in enumerate(names):
            archive.writestr(f"{name}.png", picture(number))


def damage(path, name, change):
    """Change the packed bytes, or the flags, of one member; the list at the end stays as it is."""
    data = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        info = archive.getinfo(f"{name}.png")
    start = info.header_offset + 30 + len(info.filename)
    change(data, info.header_offset, start, info.compress_size)
    path.write_bytes(bytes(data))


def scramble(data, header, start, size):
    data[start : start + size] = bytes(byte ^ 0x5A for byte in data[start : start + size])


def lock(data, header, start, size):
    data[header + 6] |= 1
    central = data.index(b"PK\x01\x02")
    while int.from_bytes(data[central + 42 : central + 46], "little") != header:
        central = data.index(b"PK\x01\x02", central + 4)
    data[central + 8] |= 1


def read(folder, out):
    return import_corpus(ImportConfig(path=folder, out=out, format="llava"), TOOLS)


@pytest.mark.parametrize(
    ("method", "change"),
    [
        (zipfile.ZIP_DEFLATED, scramble),
        (zipfile.ZIP_LZMA, scramble),
        (zipfile.ZIP_BZIP2, scramble),
        (zipfile.ZIP_STORED, scramble),
        (zipfile.ZIP_DEFLATED, lock),
    ],
)
def test_a_member_that_cannot_be_unpacked_is_one_reject(tmp_path, method, change):
    folder = rows(tmp_path / "rows", "abc")
    pack(folder / "pictures.zip", "abc", method)
    damage(folder / "pictures.zip", "b", change)
    summary = read(folder, tmp_path / "out")
    assert summary.reasons == {"import.zip": 1} and summary.accepted["conversation"] == 2
    assert {stored.pictures[0] for stored in iter_samples(tmp_path / "out")} == {picture(0), picture(2)}


def test_an_archive_that_is_none_costs_only_what_it_may_have_held(tmp_path):
    folder = rows(tmp_path / "rows", "abc")
    pack(folder / "good.zip", "a")
    pack(folder / "bad.zip", "bc")
    (folder / "bad.zip").write_bytes((folder / "bad.zip").read_bytes()[:-40])
    summary = read(folder, tmp_path / "out")
    assert summary.reasons == {"import.zip": 2} and summary.accepted["conversation"] == 1
    assert "bad.zip cannot be read" in (tmp_path / "out/rejects.jsonl").read_text()


def test_a_member_that_claims_too_much_is_not_unpacked(tmp_path, monkeypatch):
    monkeypatch.setattr("gmai.corpus.imports.foreign.MOST_BYTES", 1 << 16)
    folder = rows(tmp_path / "rows", "ab")
    with zipfile.ZipFile(folder / "pictures.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.png", picture(1))
        archive.writestr("b.png", bytes(1 << 20))
    summary = read(folder, tmp_path / "out")
    assert summary.rejected == {"conversation": 1} and summary.reasons == {"import.zip": 1}


@pytest.mark.parametrize("packed", ["gz", "xz", "bz2"])
def test_a_shard_that_breaks_off_is_one_reject_and_what_came_before_is_kept(tmp_path, packed):
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w") as archive:
        for number in range(40):
            talk = json.dumps({"id": str(number), "messages": TURNS, "images": ["png"]}).encode()
            for name, data in ((f"{number:03d}.png", picture(number)), (f"{number:03d}.json", talk)):
                entry = tarfile.TarInfo(name)
                entry.size = len(data)
                archive.addfile(entry, io.BytesIO(data))
    opener = __import__({"gz": "gzip", "xz": "lzma", "bz2": "bz2"}[packed])
    data = bytearray(opener.compress(raw.getvalue()))
    (tmp_path / "shards").mkdir()
    whole = ImportConfig(path=tmp_path / "shards", out=tmp_path / "whole", format="webdataset")
    (tmp_path / "shards/0.tar").write_bytes(bytes(data))
    assert import_corpus(whole, TOOLS).accepted["conversation"] == 40
    middle = len(data) * 2 // 3
    data[middle : middle + 60] = bytes(60)
    (tmp_path / "shards/0.tar").write_bytes(bytes(data))
    config = ImportConfig(path=tmp_path / "shards", out=tmp_path / "out", format="webdataset")
    summary = import_corpus(config, TOOLS)
    assert summary.reasons["import.tar"] == 1 and summary.rejected["file"] == 1
    assert summary.accepted["conversation"] < 40


def test_a_shard_cut_between_two_members_is_told(tmp_path):
    config = ImportConfig(path=tmp_path / "shards", out=tmp_path / "out", format="webdataset")
    (tmp_path / "shards").mkdir()
    with tarfile.open(tmp_path / "shards/0.tar", "w") as archive:
        for name in ("a", "b"):
            talk = json.dumps({"json": name, "messages": TURNS}).encode()
            entry = tarfile.TarInfo(f"{name}.json")
            entry.size = len(talk)
            archive.addfile(entry, io.BytesIO(talk))
    data = (tmp_path / "shards/0.tar").read_bytes()
    (tmp_path / "shards/0.tar").write_bytes(data[:1024])
    summary = import_corpus(config, TOOLS)
    assert summary.accepted["conversation"] == 1 and summary.reasons == {"import.tar": 1}
