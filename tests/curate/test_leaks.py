"""After the search for duplicates and the split no planted copy is across splits, and no duplicate is made up."""

from collections import defaultdict

import cv2
import numpy as np
import pytest
from curate_files import COPIES, corpus, draw, jpeg, png, stored, text, window

from gmai.base import JobConfig
from gmai.corpus import SplitConfig, iter_duplicates, open_corpus, split_corpus
from gmai.curate import AuditConfig, DedupConfig, audit_corpus, dedup_corpus
from gmai.errors import LeakageError

HERE = JobConfig(workers=0)
SIZE = 240, 320
WAYS = {
    **COPIES,
    "exact": png,
    "half the size": lambda picture: png(cv2.resize(picture, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA)),
    "recompressed": lambda picture: jpeg(picture, 40),
    "windowed": lambda picture: png(window(picture)),
    "cut out": lambda picture: png(np.ascontiguousarray(picture[40:, 10:290])),
    "cut out, recompressed": lambda picture: jpeg(picture[:200, 60:], 60),
}
SAID = [
    ("Is there any evidence of a fracture of the distal radius in this radiograph?",
     "Does the image show that the distal radius of this patient is fractured?"),
    ("Does early removal of the dressing reduce the number of infections after burns of the hand?",
     "Does early removal of the dressing lower the number of infections after burns of the hand?"),
]  # fmt: skip


def planted(folder):
    """Each picture and text with its copy under another source and subject; two pictures of each subject are fine."""
    items = []
    for number, (name, way) in enumerate(WAYS.items()):
        picture = draw(number) if name in COPIES else draw(number, *SIZE)
        items.append(stored(f"aaa/{number}", png(picture), f"p{number}"))
        items.append(stored(f"bbb/{number}", way(picture), f"q{number}"))
        items.append(stored(f"aaa/other {number}", png(draw(100 + number)), f"p{number}"))
        items.append(stored(f"ccc/{number}", png(draw(200 + number)), f"r{number}"))
    for number, (one, other) in enumerate(SAID):
        items.append(text(f"aaa/text {number}", one, f"article {number}"))
        items.append(text(f"bbb/text {number}", other, f"page {number}"))
    return corpus(folder, items)


def leaks(folder):
    """Planted copies and subjects that lie in several splits."""
    opened = open_corpus(folder)
    splits = defaultdict(set)
    for item in opened.samples():
        source, _, name = item.sample.id.partition("/")
        family = name.removeprefix("other ") if source != "ccc" else item.sample.id
        splits[family].add(opened.split_of(item.sample))
    assert set.union(*splits.values()) == {"train", "val", "test"}
    return {name for name, found in splits.items() if len(found) > 1}


@pytest.mark.parametrize("seed", [0, 1])
def test_after_the_search_and_the_split_no_known_leak_is_left(tmp_path, seed):
    apart, together = planted(tmp_path / "apart"), planted(tmp_path / "together")
    dedup_corpus(DedupConfig(corpus=together, job=HERE))
    families = defaultdict(set)
    for item in iter_duplicates(together):
        families[item.group].add(item.sample.split("/")[1])
    assert sorted(map(len, families.values())) == [1] * (len(WAYS) + len(SAID)), "each group is one planted family"
    for folder in (apart, together):
        split_corpus(SplitConfig(corpus=folder, val=0.2, test=0.3, seed=seed))
    assert leaks(together) == set() and leaks(apart)
    audit = {"against_split": "test", "job": HERE}
    assert audit_corpus(AuditConfig(corpus=together, against=(together,), out=tmp_path / "a", **audit))["hits"] == 0
    with pytest.raises(LeakageError):
        audit_corpus(AuditConfig(corpus=apart, against=(apart,), out=tmp_path / "b", **audit))
