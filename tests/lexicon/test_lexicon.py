"""The vocabularies hold what the published benchmark has, and wrong terms are answered with near misses."""

import dataclasses

import pytest

from gmai.errors import CardError
from gmai.lexicon import read_lexicon
from gmai.types import SourceCard

CARD = SourceCard(
    name="phantom",
    title="Phantoms",
    home="",
    licence="MIT",
    modality="CT",
    department="Urology",
    format="coco",
    files=("*.png",),
    tasks={"finding": "Disease Diagnosis"},
)


def test_sizes_of_the_vocabularies():
    lexicon = read_lexicon()
    assert len(lexicon.modalities) == 38
    assert len(lexicon.tasks) == 18 and len(set(lexicon.tasks.values())) == 18
    assert len(lexicon.departments) == 18 and lexicon.departments["Neurosurgery"] == "N"
    assert set(lexicon.granularities) == {"image", "box", "mask", "contour"}
    assert len(lexicon.families) == 13 and set(lexicon.modalities.values()) <= set(lexicon.families)
    assert not set(lexicon.families) & set(lexicon.other_families)
    named = {*lexicon.modalities.values(), *lexicon.other_modalities.values()}
    assert named == {*lexicon.families, *lexicon.other_families}


def test_tree_counts_match_the_published_ones():
    lexicon = read_lexicon()
    tasks = {node.name: node.count for node in lexicon.tree("task").children}
    assert tasks["Surgical Instrument Recognition"] == 22
    assert tasks["Disease Diagnosis"] == 352
    assert tasks["Nervous Tissue"] == 4
    assert lexicon.tree("task").count == 717
    levels = {node.name: sum(leaf.count for leaf in node.children) for node in lexicon.tree("granularity").children}
    assert levels["mask"] == levels["contour"] == 249 and levels["box"] == 59
    departments = {node.name: len(node.children) for node in lexicon.tree("department").children}
    assert all(departments.values()) and len(departments) == 19
    assert sum(len(node.children) > 0 for node in lexicon.tree("modality").children) == 38


def test_card_with_unknown_terms_is_told_the_near_ones():
    lexicon = read_lexicon()
    lexicon.check_card(CARD)
    with pytest.raises(CardError, match=r"unknown modality 'Ultrasound' .*modality .*did you mean UltraSound"):
        lexicon.check_card(dataclasses.replace(CARD, modality="Ultrasound"))
    with pytest.raises(CardError, match=r"unknown department 'Neuro surgery'.*Neurosurgery"):
        lexicon.check_card(dataclasses.replace(CARD, department="Neuro surgery"))
    with pytest.raises(CardError, match=r"unknown task 'Diagnosis'.*tasks\.finding"):
        lexicon.check_card(dataclasses.replace(CARD, tasks={"finding": "Diagnosis"}))
    lexicon.check_card(dataclasses.replace(CARD, department="none", modality="PET"))


@pytest.mark.parametrize(
    ("field", "said", "meant"),
    [
        ("modality", "CXR", "X-ray"),
        ("modality", "cardiac MRI", "CMR"),
        ("modality", "colonoscopy", "Endoscopy"),
        ("modality", "FLAIR", "FLAIR MRI"),
        ("modality", "fundus photograph", "Fundus Photography"),
        ("modality", "T2-weighted", "T2 weighted MRI"),
        ("modality", "超声", "UltraSound"),
        ("department", "Gastroenterology", "Gastroenterology and Hepatology"),
        ("department", "ENT", r"Otolaryngology \(ENT\)"),
        ("department", "Radiology", "none"),
        ("department", "病理科", "Laboratory Medicine and Pathology"),
    ],
)
def test_usual_words_lead_to_the_term(field, said, meant):
    with pytest.raises(CardError, match=f"did you mean {meant}"):
        read_lexicon().check_card(dataclasses.replace(CARD, **{field: said}))


def test_tree_goes_down_several_axes_and_its_nodes_tell_what_they_span():
    tree = read_lexicon().tree("task", "modality")
    counting = next(node for node in tree.children if node.name == "Counting")
    assert counting.count == 38 and [node.name for node in counting.children] == ["Histopathology"]
    assert len(counting.children[0].children) == 38
    assert tree.spans == {"modality": 38, "task": 18, "department": 19, "granularity": 4}
    muscle = next(node for node in tree.children if node.name == "Muscle")
    assert muscle.spans == {"modality": 1, "task": 1, "department": 1, "granularity": 2}
    four = read_lexicon().tree("department", "task", "modality", "granularity")
    assert four.count == 717 and four.children[0].children[0].children[0].children[0].children


def test_labels_of_places():
    lexicon = read_lexicon()
    assert len(lexicon.labels_of()) == 717
    assert lexicon.labels_of(task="Nervous Tissue", modality="UltraSound") == ("brachial plexus",)
    assert len(lexicon.labels_of(granularity="box")) == 59
    masks = lexicon.labels_of(granularity="mask", department="Ophthalmology", modality="Fundus Photography")
    assert "optic disc" in masks and "glaucoma" not in masks
    assert lexicon.labels_of(task="Counting", modality="CT") == ()
    with pytest.raises(CardError, match="unknown task 'Count'.*did you mean Counting"):
        lexicon.labels_of(task="Count")


def test_modality_pool_keeps_what_is_there_and_fills_with_other_families():
    lexicon = read_lexicon()
    pool = lexicon.modality_pool(["T2 MRI", "Text", "Microscopy"])
    assert pool[:2] == ("Microscopy", "T2 MRI")
    assert len({lexicon.family(name) for name in pool}) == len(pool) == 4
    five = ["CT", "X-ray", "Histopathology", "Fundus Photography", "UltraSound"]
    assert lexicon.modality_pool(five) == tuple(sorted(five))
