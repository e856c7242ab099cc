"""Conversations about real pictures say what the annotation files say, counted here by other means."""

from collections import Counter
from xml.etree import ElementTree

import pytest

from gmai.base import JobConfig
from gmai.convert import ConvertConfig, convert
from gmai.corpus import iter_conversations, open_corpus
from gmai.sources import IngestConfig, ingest

NAMES = {"RBC": "red blood cell", "WBC": "white blood cell", "Platelets": "platelet"}


@pytest.mark.data
def test_counts_of_blood_cells_are_those_of_the_files(data, tmp_path):
    root = data / "detection/bccd_voc"
    job = JobConfig(workers=0, limit=40)
    counted = {"tasks": {"count": "Counting"}}  # the card leaves counts out, as many red cells carry no box
    ingest(IngestConfig(card="bccd", root=root, out=tmp_path / "raw", changes=counted, job=job))
    convert(ConvertConfig(raw=(tmp_path / "raw",), out=tmp_path / "corpus", kinds=("count",), per_kind=9, job=job))
    corpus, seen = open_corpus(tmp_path / "corpus"), 0
    for talk in iter_conversations(tmp_path / "corpus"):
        name = corpus.sample(talk.sample).sample.images[0].uri.split("/")[-1].replace(".jpg", ".xml")
        tree = ElementTree.parse(root / "BCCD/Annotations" / name)
        whole = [found for found in tree.iter("object") if _is_box(found.find("bndbox"))]
        counts = Counter(NAMES[found.findtext("name")] for found in whole)
        assert {fact.about: fact.answer for fact in talk.facts}.items() <= {
            k: str(n) for k, n in counts.items()
        }.items()
        if talk.subset == "caption":
            assert len(talk.facts) == len(counts)
        seen += 1
    assert seen > 100


def _is_box(box: ElementTree.Element) -> bool:
    x0, y0, x1, y1 = (float(box.findtext(edge)) for edge in ("xmin", "ymin", "xmax", "ymax"))
    return x1 > x0 and y1 > y0
