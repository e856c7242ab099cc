"""Planted copies are found under the name of what was done to them; pictures that only look alike are not."""

import subprocess
import sys
from collections import defaultdict
from dataclasses import replace

import cv2
import numpy as np
import pytest
from curate_files import COPIES, corpus, draw, jpeg, png, stored, text, window

from gmai.base import JobConfig
from gmai.corpus import SplitConfig, StoredSample, iter_duplicates, open_corpus, split_corpus
from gmai.curate import VARIANTS, AuditConfig, DedupConfig, Likeness, audit_corpus, dedup_corpus
from gmai.errors import ConfigError, LeakageError

HERE = JobConfig(workers=0)
QUESTION = "Does early removal of the {} reduce the number of infections in patients with burns of the hand?"


def found(folder):
    """Copy to what it was found as; groups as sets of samples."""
    groups, how = defaultdict(set), {}
    for item in iter_duplicates(folder):
        groups[item.group].add(item.sample)
        how[item.sample] = item.how
    return list(groups.values()), how


@pytest.mark.parametrize("way", COPIES)
def test_a_copy_is_found_as_what_it_is(tmp_path, way):
    """Of a middle the share that is told may be a neighbouring one."""
    originals = [stored(f"aaa/{n}", png(draw(n)), f"p{n}") for n in range(6)]
    copy = stored("aaa/copy", COPIES[way](draw(3)), "somebody else")
    stats = dedup_corpus(DedupConfig(corpus=corpus(tmp_path / "c", [*originals, copy]), job=HERE))
    groups, how = found(tmp_path / "c")
    assert groups == [{"aaa/3", "aaa/copy"}] and how["aaa/3"] == ""
    assert how["aaa/copy"][:8] == way[:8]
    assert (stats["groups"], stats["groups_across_subjects"], stats["not_kept"]) == (1, 1, 1)


def test_recompressed_windowed_and_colour_copies_are_found(tmp_path):
    ways = [jpeg(draw(0), 40), png(window(draw(0))), png(cv2.cvtColor(draw(0), cv2.COLOR_GRAY2BGR))]
    items = [stored(f"aaa/{n}", data, f"p{n}") for n, data in enumerate([png(draw(0)), png(draw(1)), *ways])]
    dedup_corpus(DedupConfig(corpus=corpus(tmp_path / "c", items), job=HERE))
    groups, how = found(tmp_path / "c")
    assert groups == [{"aaa/0", "aaa/2", "aaa/3", "aaa/4"}]
    assert how["aaa/4"] == "same pixels" and {how["aaa/2"], how["aaa/3"]} == {"as it is"}


def test_different_pictures_make_no_group(tmp_path):
    items = [stored(f"aaa/{n}", png(draw(n)), f"p{n}") for n in range(60)]
    assert dedup_corpus(DedupConfig(corpus=corpus(tmp_path / "c", items), job=HERE))["groups"] == 0


def test_same_coarse_structure_with_other_details_is_no_copy(tmp_path):
    coarse = cv2.GaussianBlur(draw(0), (0, 0), 8).astype(np.float32)
    grain = [np.random.default_rng(n).normal(size=coarse.shape).astype(np.float32) for n in (1, 2)]
    fine = [np.clip(coarse + 90 * cv2.GaussianBlur(each, (0, 0), 2), 0, 255) for each in grain]
    alike = [each.astype(np.uint8) for each in fine]
    items = [stored(f"aaa/{n}", png(picture), f"p{n}") for n, picture in enumerate(alike)]
    folder = corpus(tmp_path / "c", items)
    assert dedup_corpus(DedupConfig(corpus=folder, job=HERE))["groups"] == 0
    loose = DedupConfig(corpus=folder, like=Likeness(details=-1.0), job=JobConfig(workers=0, resume=False))
    assert dedup_corpus(loose)["groups"] == 1


def test_pictures_that_show_nothing_are_compared_by_their_pixels_alone(tmp_path):
    blanks = [np.full((50, 60), grey, np.uint8) for grey in (0, 0, 3)]
    items = [stored(f"aaa/{n}", png(picture), f"p{n}") for n, picture in enumerate(blanks)]
    stats = dedup_corpus(DedupConfig(corpus=corpus(tmp_path / "c", items), job=HERE))
    assert found(tmp_path / "c")[0] == [{"aaa/0", "aaa/1"}] and stats["flat_pictures"] == 3


def test_the_largest_is_kept(tmp_path):
    small = png(cv2.resize(draw(0), (80, 60), interpolation=cv2.INTER_AREA))
    items = [stored("aaa/small", small, "p0"), stored("aaa/large", png(draw(0)), "p1")]
    dedup_corpus(DedupConfig(corpus=corpus(tmp_path / "c", items), job=HERE))
    kept = {item.sample: item.kept for item in iter_duplicates(tmp_path / "c")}
    assert kept == {"aaa/small": False, "aaa/large": True}
    assert {item.group for item in iter_duplicates(tmp_path / "c")} == {"aaa/large#0"}


def test_texts_alone_are_grouped_by_their_words(tmp_path):
    said = [QUESTION.format("dressing"), QUESTION.format("dressing").upper() + " ", QUESTION.format("old dressing")]
    other = "Is the width of the aorta at birth a sign of later disease of the kidney in twins?"
    items = [text(f"aaa/{n}", words, f"p{n}") for n, words in enumerate([*said, other])]
    folder = corpus(tmp_path / "c", items)
    dedup_corpus(DedupConfig(corpus=folder, job=HERE))
    groups, how = found(folder)
    assert groups == [{"aaa/0", "aaa/1", "aaa/2"}]
    assert how["aaa/1"] == "same words" and how["aaa/2"] == "near words"


def test_a_split_keeps_copies_together(tmp_path):
    items = [stored(f"aaa/{n}", png(draw(n)), f"p{n}") for n in range(24)]
    ways = list(COPIES)
    items += [stored(f"bbb/{n}", COPIES[ways[n % len(ways)]](draw(n)), f"q{n}") for n in range(24)]
    apart = corpus(tmp_path / "apart", items)
    split_corpus(SplitConfig(corpus=apart, val=0.2, test=0.3))
    together = corpus(tmp_path / "together", items)
    dedup_corpus(DedupConfig(corpus=together, job=HERE))
    split_corpus(SplitConfig(corpus=together, val=0.2, test=0.3))

    def crossing(folder):
        opened = open_corpus(folder)
        of = {item.sample.id: opened.split_of(item.sample) for item in opened.samples()}
        return sum(of[f"aaa/{n}"] != of[f"bbb/{n}"] for n in range(24)), len(set(of.values()))

    assert crossing(apart)[0] > 0 and crossing(together) == (0, 3)
    across = AuditConfig(corpus=together, against=(together,), against_split="test", out=tmp_path / "audit", job=HERE)
    assert audit_corpus(across)["hits"] == 0
    with pytest.raises(LeakageError):
        audit_corpus(replace(across, corpus=apart, against=(apart,), out=tmp_path / "leaking"))


def test_groups_of_another_state_of_the_corpus_are_refused(tmp_path):
    items = [stored(f"aaa/{n}", png(draw(n)), f"p{n}") for n in range(6)]
    folder = corpus(tmp_path / "c", items)
    dedup_corpus(DedupConfig(corpus=folder, job=HERE))
    other = corpus(tmp_path / "other", items[:5])
    (folder / "dedup").rename(other / "dedup")
    with pytest.raises(ConfigError, match="another state of the corpus"):
        split_corpus(SplitConfig(corpus=other))
    split_corpus(SplitConfig(corpus=other, duplicates=False))


def test_the_same_bytes_with_any_number_of_workers(tmp_path):
    items = [stored(f"aaa/{n}", png(draw(n % 50)), f"p{n}") for n in range(70)]
    written = []
    for name, workers in (("a", 0), ("b", 2)):
        folder = corpus(tmp_path / name, items)
        dedup_corpus(DedupConfig(corpus=folder, job=JobConfig(workers=workers)))
        written.append((folder / "dedup/groups.parquet").read_bytes())
        assert not (folder / "dedup/.work").exists()
    assert written[0] == written[1]


def test_a_broken_picture_is_a_counted_reject(tmp_path):
    whole = stored("aaa/0", png(draw(0)), "p0")
    broken = StoredSample(sample=stored("aaa/1", png(draw(1)), "p1").sample, pictures=(png(draw(1))[:200],))
    stats = dedup_corpus(DedupConfig(corpus=corpus(tmp_path / "c", [whole, broken]), job=HERE))
    assert stats["pictures"] == 1 and sum(stats["rejected"].values()) == 1


def test_every_copy_of_the_tests_is_a_form_that_is_looked_for():
    assert set(COPIES) <= set(VARIANTS)


def test_a_killed_search_goes_on_to_the_same_groups(tmp_path):
    items = [stored(f"aaa/{n}", png(draw(n % 8)), f"p{n}") for n in range(12)]
    whole = corpus(tmp_path / "whole", items)
    dedup_corpus(DedupConfig(corpus=whole, job=HERE))
    folder = corpus(tmp_path / "killed", items)
    code = (
        "import os, sys\n"
        "from pathlib import Path\n"
        "import gmai.curate.dedup as dedup\n"
        "from gmai.base import JobConfig\n"
        "dedup.link_within = lambda *given: os.kill(os.getpid(), 9)\n"
        "dedup.dedup_corpus(dedup.DedupConfig(corpus=Path(sys.argv[1]), job=JobConfig(workers=0)))\n"
    )
    assert subprocess.run([sys.executable, "-c", code, str(folder)], check=False).returncode == -9
    assert not (folder / "dedup/manifest.json").exists()
    dedup_corpus(DedupConfig(corpus=folder, job=HERE))
    assert [(folder / "dedup/groups.parquet").read_bytes()] == [(whole / "dedup/groups.parquet").read_bytes()]


@pytest.mark.data
def test_mirrored_copies_inside_a_public_set_are_found_and_are_copies(data, tmp_path):
    paths = sorted((data / "detection/brain_tumor2_coco").rglob("*.jpg"))
    pictures = {f"aaa/{n}": cv2.imread(str(path), 0) for n, path in enumerate(paths)}
    items = [stored(name, png(picture), f"p {name}") for name, picture in pictures.items()]
    dedup_corpus(DedupConfig(corpus=corpus(tmp_path / "c", items), job=HERE))
    mirrored = [item for item in iter_duplicates(tmp_path / "c") if item.how == "mirrored"]
    assert len(mirrored) >= 10
    for item in mirrored:
        one, other = pictures[item.sample], pictures[item.like.split("#")[0]][:, ::-1]
        assert np.corrcoef(one.ravel(), cv2.resize(other, one.shape[::-1]).ravel())[0, 1] > 0.97
