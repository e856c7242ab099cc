"""A sealed benchmark: what it shows, that its key is bound, and that the salt decides everything."""

import base64
import csv
import json
import shutil
import sys
import zlib
from collections import Counter
from dataclasses import replace

import cv2
import numpy as np
import pytest
from bench_corpus import make_corpus, make_samples
from click.testing import CliRunner

from gmai.base import JobConfig, iter_jsonl, read_json, write_jsonl
from gmai.bench import (
    BenchConfig,
    ImportConfig,
    MiniatureConfig,
    build_bench,
    import_bench,
    open_table,
    read_keys,
    write_miniature,
    write_tsv,
)
from gmai.bench.encode import decode_base64_to_image
from gmai.bench.padding import Sizes, plan_sizes
from gmai.bench.seal import Salted, SealConfig, commit, seal_bench, tree_root, verify_key
from gmai.bench.sealing import clean_picture, seal_picture
from gmai.cli import main
from gmai.errors import ConfigError, LeakageError
from gmai.images import decode_picture

SALT = "5a" * 32
csv.field_size_limit(sys.maxsize)


@pytest.fixture(scope="module")
def bench(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sealed")
    out = folder / "bench"
    corpus = make_corpus(folder / "corpus", make_samples())
    build_bench(BenchConfig(corpus=corpus, out=out, multiple=True, job=JobConfig(workers=0)))
    (folder / "salt").write_text(SALT)
    return out


@pytest.fixture(scope="module")
def sealed(bench):
    out = bench.parent / "sealed"
    seal_bench(SealConfig(bench=bench, out=out, salt_file=bench.parent / "salt"))
    return out


def test_a_sealed_row_shows_what_is_asked_and_nothing_else(bench, sealed):
    table = open_table(sealed / "public/TEST.tsv")
    shown = {"index", "image", "question", *"ABCDE", "clinical vqa task", "department", "perceptual granularity"}
    assert set(table.columns) == shown | {"modality", "form", "language"}
    assert sorted(path.name for path in (sealed / "public").iterdir()) == ["TEST.commitment.json", "TEST.tsv"]
    assert table.indices == tuple(range(len(open_table(bench / "public/TEST.tsv"))))
    text = "".join(path.read_text() for path in (sealed / "public").iterdir())
    for key in read_keys(sealed / "key/TEST.jsonl"):
        assert key.sample not in text and not any(f'"{asset}' in text for asset in key.assets)
    assert (sealed / "key").stat().st_mode & 0o077 == 0


def test_rows_keys_and_pictures_are_those_of_the_benchmark_in_another_order(bench, sealed):
    before, after = open_table(bench / "public/TEST.tsv"), open_table(sealed / "public/TEST.tsv")
    salts = list(iter_jsonl(sealed / "key/TEST.salts.jsonl", Salted))
    keys = {key.index: key for key in read_keys(bench / "key/TEST.jsonl")}
    assert [salted.was for salted in salts] != sorted(salted.was for salted in salts)
    for salted, key in zip(salts, read_keys(sealed / "key/TEST.jsonl"), strict=True):
        old, new = before.find(salted.was), after.find(salted.index)
        assert (old.question, old.options, old.form) == (new.question, new.options, new.form)
        assert np.array_equal(decode_picture(old.picture()), decode_picture(new.picture()))
        assert key == replace(keys[salted.was], index=salted.index)


def test_the_same_salt_gives_the_same_bytes_and_another_one_does_not(bench, sealed, tmp_path):
    seal_bench(SealConfig(bench=bench, out=tmp_path / "again", salt_file=bench.parent / "salt"))
    for name in ("public/TEST.tsv", "public/TEST.commitment.json", "key/TEST.jsonl", "key/TEST.salts.jsonl"):
        assert (tmp_path / "again" / name).read_bytes() == (sealed / name).read_bytes()
    for name in ("one", "two"):
        seal_bench(SealConfig(bench=bench, out=tmp_path / name))
    roots = {json.loads((f / "public/TEST.commitment.json").read_text())["root"] for f in tmp_path.iterdir()}
    assert len(roots) == 3
    salts = [salted.salt for salted in iter_jsonl(tmp_path / "one/key/TEST.salts.jsonl", Salted)]
    assert len(set(salts)) == len(salts) and all(len(salt) == 64 for salt in salts)


def test_a_key_that_was_changed_is_found(sealed, tmp_path):
    count = len(open_table(sealed / "public/TEST.tsv"))
    assert verify_key(sealed / "public", sealed / "key") == count
    keys = list(read_keys(sealed / "key/TEST.jsonl"))
    other = "B" if keys[3].answer == "A" else "A"
    for changed in (
        [replace(key, answer=other) if key.index == 3 else key for key in keys],
        keys[:-1],
        [keys[1], keys[0], *keys[2:]],
    ):
        forged = tmp_path / "key"
        shutil.rmtree(forged, ignore_errors=True)
        shutil.copytree(sealed / "key", forged)
        write_jsonl(forged / "TEST.jsonl", changed)
        with pytest.raises(LeakageError, match="committed to"):
            verify_key(sealed / "public", forged)


def test_a_public_file_or_commitment_that_was_changed_is_found(sealed, tmp_path):
    shutil.copytree(sealed / "public", tmp_path / "public")
    file = tmp_path / "public/TEST.tsv"
    file.write_text(file.read_text().replace("image", "picture", 1))
    with pytest.raises(LeakageError, match="public file"):
        verify_key(tmp_path / "public", sealed / "key")
    shutil.copy(sealed / "public/TEST.tsv", file)
    told = json.loads((tmp_path / "public/TEST.commitment.json").read_text())
    told["leaves"][0] = told["leaves"][1]
    (tmp_path / "public/TEST.commitment.json").write_text(json.dumps(told))
    with pytest.raises(LeakageError, match="contradicts"):
        verify_key(tmp_path / "public", sealed / "key")


def test_commitments_bind_salt_index_and_answer():
    one = commit(b"s" * 32, 1, "A")
    others = [
        commit(b"t" * 32, 1, "A"),
        commit(b"s" * 32, 2, "A"),
        commit(b"s" * 32, 1, "B"),
        commit(b"s" * 32, 1, "AB"),
    ]
    assert one not in others and len(set(others)) == 4 and one == commit(b"s" * 32, 1, "A")
    assert commit(b"s" * 32, 11, "A") != commit(b"s" * 32, 1, "1A")
    roots = Counter(tree_root(leaves) for leaves in ([one], [one, one], others, others[::-1], others[:3]))
    assert max(roots.values()) == 1


def test_pictures_lose_their_metadata_and_keep_their_pixels():
    picture = np.random.default_rng(0).integers(0, 255, (20, 30, 3), dtype=np.uint8)
    plain = cv2.imencode(".png", picture)[1].tobytes()
    chunk = b"tEXtlabel\0cyst"
    written = len(chunk[4:]).to_bytes(4, "big") + chunk + zlib.crc32(chunk).to_bytes(4, "big")
    telling = plain[:33] + written + plain[33:]
    assert b"cyst" in telling and b"cyst" not in clean_picture(telling)
    assert np.array_equal(decode_picture(clean_picture(telling)), decode_picture(plain))
    assert clean_picture(plain) == plain


def test_every_picture_of_a_sealed_file_has_one_size(bench, sealed, tmp_path):
    sizes = {len(data) for question in open_table(sealed / "public/TEST.tsv") for data in question.pictures()}
    before = [len(data) for question in open_table(bench / "public/TEST.tsv") for data in question.pictures()]
    assert len(sizes) == 1 and len(set(before)) > 5 and min(sizes) > max(before)
    told = read_json(sealed / "stats.json")["sizes"]["TEST"]
    assert told["padded_bytes"] == list(sizes)
    assert told["growth"] == pytest.approx(min(sizes) * len(before) / sum(before), abs=1e-3)
    seal_bench(SealConfig(bench=bench, out=tmp_path / "plain", largest_growth=1))
    plain = [len(data) for question in open_table(tmp_path / "plain/public/TEST.tsv") for data in question.pictures()]
    assert sorted(plain) == sorted(before)


def test_pictures_of_other_kinds_become_png_to_be_padded():
    pixels = np.random.default_rng(0).integers(0, 255, (20, 30, 3), dtype=np.uint8)
    bmp = cv2.imencode(".bmp", pixels)[1].tobytes()
    png = cv2.imencode(".png", pixels)[1].tobytes()
    sizes = plan_sizes([(600, len(bmp)), (600, len(png))], 3)
    padded = [seal_picture(data, sizes) for data in (bmp, png)]
    assert len({len(data) for data in padded}) == 1
    assert all(np.array_equal(decode_picture(data), pixels[..., ::-1]) for data in padded)
    assert seal_picture(bmp, Sizes()) == bmp


def test_vlmevalkits_decoder_shows_padded_pictures_as_before(bench, sealed):
    before = open_table(bench / "public/TEST.tsv")
    salts = {salted.index: salted.was for salted in iter_jsonl(sealed / "key/TEST.salts.jsonl", Salted)}
    for question in open_table(sealed / "public/TEST.tsv"):
        shown = decode_base64_to_image(base64.b64encode(question.picture()).decode())
        assert np.array_equal(
            np.asarray(shown.convert("RGB")), decode_picture(before.find(salts[question.index]).picture())
        )


def test_wrong_salts_splits_and_columns_are_refused(bench, tmp_path):
    (tmp_path / "short").write_text("5a5a")
    for settings, said in [
        ({"salt_file": tmp_path / "short"}, "no salt"),
        ({"splits": ("DEV",)}, "no split DEV"),
        ({"without": ("index",)}, "no column index"),
    ]:
        with pytest.raises(ConfigError, match=said):
            seal_bench(SealConfig(bench=bench, out=tmp_path / "out", **settings))


def test_a_published_column_that_tells_is_not_sealed_with_the_rest(tmp_path):
    write_miniature(MiniatureConfig(out=tmp_path / "VAL.tsv", rows=600))
    with (tmp_path / "VAL.tsv").open(newline="") as source:
        rows = list(csv.DictReader(source, delimiter="\t"))
    for row in rows:
        row["modality"] = {"A": "CT", "B": "MRI"}.get(row["answer"], row["modality"])
    write_tsv(tmp_path / "VAL.tsv", rows, tuple(rows[0]))
    import_bench(ImportConfig(sources=(tmp_path / "VAL.tsv",), out=tmp_path / "bench", split="TEST"))
    salt = tmp_path / "salt"
    salt.write_text(SALT)  # the order of rows, and with it what small samples show, goes by the salt
    with pytest.raises(LeakageError, match="modality tells (which|the position)") as told:
        seal_bench(SealConfig(bench=tmp_path / "bench", out=tmp_path / "sealed", salt_file=salt))
    assert "--without 'modality'" in str(told.value)
    without = ("department", "perceptual granularity", "clinical vqa task", "modality")
    seal_bench(SealConfig(bench=tmp_path / "bench", out=tmp_path / "sealed", without=without, resume=False))
    assert not {"category", "answer", *without} & set(open_table(tmp_path / "sealed/public/TEST.tsv").columns)


def test_columns_can_be_left_out_and_commands_seal_and_verify(bench, tmp_path):
    out = tmp_path / "sealed"
    done = CliRunner().invoke(main, ["bench", "seal", str(bench), "-o", str(out), "--without", "department"])
    assert done.exit_code == 0, done.output
    assert "department" not in open_table(out / "public/TEST.tsv").columns
    checked = CliRunner().invoke(main, ["bench", "seal", str(out / "public"), "--verify", str(out / "key")])
    assert checked.exit_code == 0 and "as committed" in checked.output
    key = out / "key/TEST.jsonl"
    key.write_text(key.read_text().replace('"answer":"A"', '"answer":"B"'))
    forged = CliRunner().invoke(main, ["bench", "seal", str(out / "public"), "--verify", str(out / "key")])
    assert forged.exit_code == 4 and "committed to" in forged.output
