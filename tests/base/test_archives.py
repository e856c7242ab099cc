"""Archives: what leads out of the target is never written, what is cut short is an error, sizes are believed late."""

import io
import json
import tarfile
import zipfile

import pytest

from gmai.base import UnpackLimits, is_archive, unpack
from gmai.errors import FormatError
from gmai.sources import UnpackConfig, unpack_archives


def write_zip(path, members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in members.items():
            archive.writestr(zipfile.ZipInfo(name), text, compress_type=zipfile.ZIP_DEFLATED)
    return path


def write_tar(path, members, links=()):
    with tarfile.open(path, "w:gz") as archive:
        for name, text in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(text)
            archive.addfile(info, io.BytesIO(text))
        for name, target, kind in links:
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, target
            archive.addfile(info)
    return path


def below(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


EVIL = ("../evil", "a/../../evil", "/abs/evil", "C:\\evil", "..\\evil")


def test_members_that_lead_out_are_refused_and_the_rest_is_unpacked(tmp_path):
    archive = write_zip(tmp_path / "a.zip", {**dict.fromkeys(EVIL, b"x"), "ok/fine.txt": b"fine"})
    written, rejects = unpack(archive, tmp_path / "out/deep")
    assert below(tmp_path) == ["a.zip", "out/deep/ok/fine.txt"] and written[0].read_bytes() == b"fine"
    assert [each.reason for each in rejects] == ["archive.outside"] * len(EVIL)


def test_links_and_devices_of_a_tar_are_refused(tmp_path):
    links = [("soft", "/etc", tarfile.SYMTYPE), ("hard", "ok.txt", tarfile.LNKTYPE), ("pipe", "", tarfile.FIFOTYPE)]
    archive = write_tar(tmp_path / "a.tar.gz", {"ok.txt": b"1", "../evil": b"2", "soft/in.txt": b"3"}, links)
    _, rejects = unpack(archive, tmp_path / "out")
    assert below(tmp_path / "out") == ["ok.txt", "soft/in.txt"]
    assert sorted(each.reason for each in rejects) == ["archive.link"] * 3 + ["archive.outside"]


@pytest.mark.parametrize("ending", ["zip", "tar.gz"])
def test_an_archive_cut_short_anywhere_is_an_error(tmp_path, ending):
    write = write_zip if ending == "zip" else write_tar
    noise = bytes(i * i % 251 for i in range(5000))
    data = write(tmp_path / f"a.{ending}", {"a.bin": noise, "b.bin": noise[::-1]}).read_bytes()
    for part in range(1, 20):
        cut = tmp_path / f"cut.{ending}"
        cut.write_bytes(data[: len(data) * part // 20])
        with pytest.raises(FormatError) as caught:
            unpack(cut, tmp_path / f"out{part}")
        assert caught.value.reason == "archive.unreadable"


def test_a_tar_cut_between_two_members_is_an_error(tmp_path):
    with tarfile.open(tmp_path / "a.tar", "w") as archive:
        for name in ("x", "y"):
            info = tarfile.TarInfo(name)
            info.size = 3
            archive.addfile(info, io.BytesIO(b"abc"))
    data = (tmp_path / "a.tar").read_bytes()
    assert len(unpack(tmp_path / "a.tar", tmp_path / "whole")[0]) == 2
    for blocks in range(1, 5):
        (tmp_path / "cut.tar").write_bytes(data[: 512 * blocks])
        with pytest.raises(FormatError, match="cannot be read whole"):
            unpack(tmp_path / "cut.tar", tmp_path / f"out{blocks}")


def test_a_member_without_a_name_is_refused(tmp_path):
    data = write_zip(tmp_path / "a.zip", {"ab": b"1", "c": b"2"}).read_bytes()
    at = data.rindex(b"PK\x01\x02")
    broken = bytearray(data)
    broken[at + 28 : at + 30] = b"\0\0"
    broken[at + 30 : at + 32] = b"\1\0"  # the name's byte now belongs to the extra field
    (tmp_path / "b.zip").write_bytes(bytes(broken))
    written, rejects = unpack(tmp_path / "b.zip", tmp_path / "out")
    assert [path.name for path in written] == ["ab"] and [each.reason for each in rejects] == ["archive.outside"]


def test_bombs_are_refused_before_they_are_written(tmp_path):
    archive = write_zip(tmp_path / "a.zip", {"bomb": b"\0" * 30_000_000})
    with pytest.raises(FormatError, match="more than is allowed") as caught:
        unpack(archive, tmp_path / "out", UnpackLimits(max_ratio=100))
    assert caught.value.reason == "archive.too_large" and not (tmp_path / "out").exists()
    many = write_zip(tmp_path / "b.zip", {str(i): b"" for i in range(20)})
    with pytest.raises(FormatError, match="members"):
        unpack(many, tmp_path / "many", UnpackLimits(max_members=10))


def test_no_archive_is_said_to_be_none(tmp_path):
    (tmp_path / "a.txt").write_text("text")
    (tmp_path / "a.npz").write_bytes(b"PK\x03\x04")
    assert not is_archive(tmp_path / "a.txt") and not is_archive(tmp_path / "a.npz") and not is_archive(tmp_path)
    assert is_archive(write_zip(tmp_path / "b.zip", {"x": b""})) and is_archive(write_tar(tmp_path / "c.tgz", {}))


def test_the_run_folder_tells_what_was_refused(tmp_path):
    first = write_zip(tmp_path / "a.zip", {"x.txt": b"1", "../y.txt": b"2"})
    second = write_tar(tmp_path / "b.tar.gz", {"x.txt": b"3"})
    config = UnpackConfig(archives=(first, second), out=tmp_path / "run")
    run, rejects = unpack_archives(config)
    assert below(run.path / "files") == ["a/x.txt", "b/x.txt"] and len(rejects) == 1
    assert run.stats() == {"written": 2, "bytes": 2, "refused": {"archive.outside": 1}}
    assert set(json.loads((run.path / "manifest.json").read_text())["files"]) >= {"files/a/x.txt", "rejects.jsonl"}
    assert unpack_archives(config)[0].done


def test_nothing_is_kept_of_an_archive_that_breaks(tmp_path):
    data = write_zip(tmp_path / "a.zip", {"x.txt": b"1"}).read_bytes()
    (tmp_path / "a.zip").write_bytes(data[:30])
    with pytest.raises(FormatError):
        unpack_archives(UnpackConfig(archives=(tmp_path / "a.zip",), out=tmp_path / "run"))
    assert not (tmp_path / "run/files").exists()
