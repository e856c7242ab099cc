"""Labels that may be true of one thing are found, by other names, broader names, parts and sides; others stay apart."""

import pytest

from gmai.lexicon import may_be_related, may_both_hold

SAME = [
    ("lung nodule", "pulmonary nodule", "CT"),
    ("high-grade dysplasia", "high grade dysplasia", None),
    ("dysplasia", "high grade dysplasia", None),
    ("consolidation", "pulmonary consolidation", "X-ray"),
    ("lung consolidation", "pulmonary consolidation", "X-ray"),
    ("effusion", "pleural effusion", "X-ray"),
    ("calcification", "breast calcification", "X-ray"),
    ("fibrosis", "pulmonary fibrosis", "X-ray"),
    ("COVID 19", "COVID 19 positive", "CT"),
    ("central serous chorioretinopathy", "retinopathy", "Fundus Photography"),
    ("thyroid", "thyroid gland", "CT"),
    ("clavicle", "clavicles", "X-ray"),
    ("left kidney", "kidney", "CT"),
    ("carcinoma", "adenocarcinoma", "Histopathology"),
]
"""The doubled labels of the published tree, and some more."""
APART = [
    ("left kidney", "right kidney", "CT"),
    ("glaucoma", "non glaucoma", None),
    ("tumor", "no tumor", None),
    ("typical", "atypical", None),
    ("normal", "abnormal", None),
    ("liver", "spleen", "CT"),
    ("benign", "malignant", None),
    ("optic disc", "optic cup", "Fundus Photography"),
]
OF_TWO_SETS = [
    ("lung tumor", "lung cancer", "CT"),
    ("grasper", "instrument clasper", "Endoscopy"),
    ("optic disc", "optic cup", "Fundus Photography"),
    ("lung", "lung nodule", "CT"),
    ("lung", "quite unknown thing", "CT"),
]
OF_TWO_SETS_APART = [
    ("lung", "heart", "X-ray"),
    ("scissors", "grasper", "Endoscopy"),
    ("cardiomegaly", "pneumothorax", "X-ray"),
    ("left kidney", "right kidney", "CT"),
    ("liver", "stomach", "CT"),
]


@pytest.mark.parametrize(("first", "second", "modality"), SAME)
def test_other_and_broader_names_may_both_hold(first, second, modality):
    assert may_both_hold(first, second, modality) and may_both_hold(second, first, modality)
    assert may_be_related(first, second, modality) and may_be_related(second, first, modality)


@pytest.mark.parametrize(("first", "second", "modality"), APART)
def test_opposites_and_different_things_do_not(first, second, modality):
    assert not may_both_hold(first, second, modality) and not may_both_hold(second, first, modality)


@pytest.mark.parametrize(("first", "second", "modality"), OF_TWO_SETS)
def test_labels_annotated_apart_may_be_true_of_one_region(first, second, modality):
    assert may_be_related(first, second, modality) and may_be_related(second, first, modality)


@pytest.mark.parametrize(("first", "second", "modality"), OF_TWO_SETS_APART)
def test_labels_annotated_apart_that_exclude_each_other(first, second, modality):
    assert not may_be_related(first, second, modality) and not may_be_related(second, first, modality)
