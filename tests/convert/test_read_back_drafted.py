"""Texts about public sets that no shipped card describes, read by drafted cards, say what is annotated (``--data``)."""

import dataclasses

import pytest
import yaml
from test_read_back import ALSO, JOB, check_pairs, read_all

from gmai.base import JobConfig
from gmai.convert import ConvertConfig, convert
from gmai.sources import IngestConfig, InitConfig, ingest, init_source
from pool_sets import SETS, change, copy_set

pytestmark = pytest.mark.data
FEW = JobConfig(workers=0, limit=6)
UNTOLD = (
    *("pydicom_test_files", "highdicom_test_files", "dcm_qa_nih", "dcm_qa_ct_ge", "skimage_bundled"),
    *("nibabel_testdata", "niivue_images", "torchio_fernando", "vqa_med_2019_text"),
)
"""Sets of which nothing can be said but the modality, or whose pictures are not there."""


@pytest.fixture(scope="module")
def drafted(request, tmp_path_factory):
    data = request.config.getoption("--data")
    if data is None:
        pytest.skip("needs --data FOLDER")
    folder = tmp_path_factory.mktemp("drafted")
    raws = {}
    for number, each in enumerate(SETS):
        if each.folder.endswith(UNTOLD):
            continue
        root = copy_set(data, each, folder / f"files-{number}")
        (draft,) = init_source(InitConfig(folder=root)).drafts
        card = folder / f"card-{number}.yaml"
        card.write_text(change(draft.text, each.changes), encoding="utf-8")
        raw = folder / f"raw-{number}"
        summary = ingest(IngestConfig(card=str(card), root=root, out=raw, job=FEW))
        if summary.accepted.get("sample"):
            raws[yaml.safe_load((raw / "card.yaml").read_text())["name"]] = raw
    return folder, raws


def test_every_text_by_a_drafted_card_says_what_is_annotated(drafted):
    folder, raws = drafted
    also = (*ALSO, "comparisons")
    config = ConvertConfig(raw=tuple(raws.values()), out=folder / "corpus", languages=("en", "zh"), also=also, job=JOB)
    summary = convert(dataclasses.replace(config, wrong="hard", overlays=1, per_kind=2))
    assert not [reason for reason in summary.reasons if reason.startswith("grounding")], summary.reasons
    readings = list(read_all(folder / "corpus", raws))
    assert [problem for reading in readings for problem in reading.problems] == []
    talks = [reading.talk for reading in readings]
    assert len({talk.source for talk in talks}) >= 13 and len(talks) > 500
    assert sum(reading.items for reading in readings) > 1000 and check_pairs(talks) > 200
