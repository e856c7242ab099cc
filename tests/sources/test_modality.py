"""The modality of a picture: what its source says in words that card or lexicon know; all else is counted and told."""

import pytest

import make
from gmai.annotations import find_facts
from gmai.base import JobConfig, from_dict
from gmai.corpus import iter_samples
from gmai.errors import CardError
from gmai.sources import IngestConfig, ingest, read_card
from gmai.sources.modality import DICOM_MODALITIES, find_modality
from gmai.types import SourceCard


@pytest.mark.parametrize(
    ("card", "modalities", "said", "found"),
    [
        ("CT", {}, None, "CT"),
        ("CT", {"t1": "T1 MRI"}, "t1", "T1 MRI"),
        ("CT", {"MR": "T2 MRI"}, "MR", "T2 MRI"),
        ("T1 MRI", {}, "MR", "T1 MRI"),
        ("CTA", {}, "CT", "CTA"),
        ("MRI", {}, "t1 mri", "T1 MRI"),
        ("X-ray", {}, "Ultrasound", "UltraSound"),
        ("PET", {}, "CT", "CT"),
        ("CT", {}, "MR", None),
        ("CT", {}, "OT", None),
        ("CT", {}, "", None),
        ("CT", {"t1": "T1 MRI"}, "t2", None),
    ],
)
def test_what_a_source_says(card, modalities, said, found):
    assert find_modality(said, from_dict(SourceCard, make.card(modality=card, modalities=modalities))) == found


def test_every_code_of_dicom_is_one_of_the_lexicon():
    for code, modality in DICOM_MODALITIES.items():
        assert find_modality(code, from_dict(SourceCard, make.card(modality=modality))) == modality


@pytest.mark.parametrize("modalities", [{}, {"scan": "MRI"}])
def test_a_spelling_that_nobody_knows_is_counted_told_and_not_asked_about(tmp_path, modalities):
    for name in "abc":
        make.picture(tmp_path / f"files/{name}.png")
    make.text(tmp_path / "files/t.csv", "image,label,kind\na.png,cyst,scan\nb.png,cyst,CT\nc.png,cyst,\n")
    card = make.write_card(
        tmp_path / "card.yaml",
        format="class_table",
        tasks={"modality": "Disease Diagnosis"},
        options={"image": "image", "labels": {"label": "finding"}, "modality": "kind", "images": "."},
        modalities=modalities,
    )
    config = IngestConfig(card=str(card), root=tmp_path / "files", out=tmp_path / "raw", job=JobConfig(workers=0))
    summary = ingest(config)
    samples = {stored.sample.images[0].uri: stored.sample for stored in iter_samples(tmp_path / "raw")}
    told = {
        uri: step.parameters
        for uri, sample in samples.items()
        for step in sample.provenance.steps
        if step.name == "modality"
    }
    asked = {uri for uri, sample in samples.items() for fact in find_facts(sample) if fact.kind == "modality"}
    assert samples["b.png"].modality == samples["b.png"].images[0].modality == "CT"
    if modalities:
        assert "modality.unmapped" not in summary.accepted and not told
        assert samples["a.png"].modality == "MRI" and asked == set(samples)
    else:
        assert summary.accepted["modality.unmapped"] == 1 and asked == {"b.png", "c.png"}
        assert told == {"a.png": {"said": "scan", "taken": "X-ray"}} and samples["a.png"].modality == "X-ray"


def test_a_modality_of_the_card_that_the_lexicon_lacks_is_refused(tmp_path):
    card = make.write_card(tmp_path / "card.yaml", modalities={"t1": "T1 MRT"})
    with pytest.raises(CardError, match=r"modalities\.t1.*T1 MRI"):
        read_card(card)
