"""A commercial build of public sets holds nothing NC, ND or unknown, and tells what it left out to the last row."""

import json
import re
from collections import Counter

import pytest
import yaml

from gmai.base import JobConfig
from gmai.convert import ConvertConfig, convert
from gmai.corpus import BuildConfig, build_corpus, iter_conversations, iter_records
from gmai.sources import IngestConfig, ingest

pytestmark = pytest.mark.data
FEW, MORE = JobConfig(workers=0, limit=12), JobConfig(workers=0, limit=250)
"""Of MedQuAD the first sources have questions without answers alone."""
SETS = {
    "bccd": ("detection/bccd_voc", {}, ""),
    "medquad": ("text/medquad", {}, ""),
    "msd-hippocampus": ("volumes/msd_hippocampus", {}, ""),
    "vqa-rad": ("vqa/vqa_rad", {"licence": "CC-BY-NC-4.0"}, "licence.nc"),
    "dsb2018-nuclei": ("segmentation/dsb2018_nuclei", {"licence": "CC-BY-ND-4.0"}, "licence.nd"),
    "pubmedqa": ("text/pubmedqa", {"licence": "unknown", "commercial": None}, "licence.unknown"),
    "covid-cxr-segmentations": ("segmentation/covid_cxr_segmentations", {}, "licence.not_commercial"),
    "mts-dialog": ("text/mts_dialog", {"commercial": False}, "licence.not_commercial"),
    "ge-head-ct": ("dicom/dcm_qa_ct_ge", {"licence": "LicenseRef-vendor", "commercial": True}, ""),
}
"""Card, folder, what is changed in the card so that every kind of licence is there, and why it must go, if it must."""
PARTS = ("corpus", "part")
PICTURES = "CC BY-NC-SA 2.0"


def own_licences(data, folder):
    """The COCO set with every third picture under a licence of its own that is NC; the others under the set's CC0."""
    home = data / "detection/brain_tumor2_coco"
    for path in sorted(home.rglob("*")):
        target = folder / path.relative_to(home)
        if path.is_file():
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())
    closed = set()
    for path in sorted(folder.rglob("*.json")):
        told = json.loads(path.read_text())
        if "images" not in told:
            continue
        told["licenses"].append({"id": 77, "name": PICTURES, "url": ""})
        for number, image in enumerate(told["images"]):
            if number % 3 == 0:
                image["license"] = 77
                closed.add(image["file_name"])
        path.write_text(json.dumps(told))
    return folder, closed


@pytest.fixture(scope="module")
def built(request, tmp_path_factory):
    data = request.config.getoption("--data")
    if data is None:
        pytest.skip("needs --data FOLDER")
    folder = tmp_path_factory.mktemp("pool")
    for card, (place, changes, _) in SETS.items():
        ingest(
            IngestConfig(
                card=card, root=data / place, out=folder / card, changes=changes, job=MORE if card == "medquad" else FEW
            )
        )
    home, closed = own_licences(data, folder / "files")
    ingest(IngestConfig(card="brain-tumor2", root=home, out=folder / "brain-tumor2", job=FEW))
    raws = tuple(folder / card for card in (*SETS, "brain-tumor2"))
    convert(ConvertConfig(raw=raws, out=folder / "corpus", also=("reports",), job=JobConfig(workers=0)))
    summary = build_corpus(BuildConfig(corpus=folder / "corpus", out=folder / "part", use="commercial"))
    return folder, summary, closed


def licence_of(sample):
    """What provenance says of the row: the picture's own licence, else the source's."""
    own = [step.parameters["licence"] for step in sample.provenance.steps if step.parameters.get("licence")]
    return (own or [sample.provenance.licence])[0]


def test_no_row_is_closed_by_its_provenance_or_by_its_card(built):
    folder, _, closed = built
    samples = list(iter_records(folder / "part"))
    kept = {sample.source for sample in samples}
    assert kept == {card for card, (_, _, why) in SETS.items() if not why} | {"brain-tumor2"}
    for sample in samples:
        card = yaml.safe_load((folder / f"part/cards/{sample.source}.yaml").read_text())
        for licence in (licence_of(sample), sample.provenance.licence, card["licence"]):
            assert not re.search(r"(?i)\b(NC|ND|unknown)\b", licence), sample.id
        assert card.get("commercial") is not False
        assert not {image.uri.rpartition("/")[2] for image in sample.images} & closed
    assert {talk.sample for talk in iter_conversations(folder / "part")} <= {sample.id for sample in samples}
    assert {path.stem for path in (folder / "part/cards").iterdir()} == kept


def test_what_was_left_out_is_told_with_licence_and_count(built):
    folder, summary, _ = built
    before, after = (Counter((each.source, licence_of(each)) for each in iter_records(folder / name)) for name in PARTS)
    left = json.loads((folder / "part/left_out.json").read_text())
    told = Counter()
    for row in left:
        if row["unit"] == "sample":
            told[row["source"], row["licence"]] += row["count"]
            expected = "licence.nc" if row["source"] == "brain-tumor2" else SETS[row["source"]][2]
            assert row["reason"] == expected
    assert before == after + told and told["brain-tumor2", PICTURES] > 0
    assert {source for source, _ in told} == {card for card, (_, _, why) in SETS.items() if why} | {"brain-tumor2"}
    assert summary.accepted["sample"] + summary.rejected["sample"] == before.total()
    talks = [Counter(talk.source for talk in iter_conversations(folder / name)) for name in PARTS]
    gone = Counter({row["source"]: row["count"] for row in left if row["unit"] == "conversation"})
    assert talks[0] == talks[1] + gone
    lines = [json.loads(line) for line in (folder / "part/rejects.jsonl").read_text().splitlines()]
    assert Counter(line["unit"] for line in lines) == summary.rejected
