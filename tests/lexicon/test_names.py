"""Every term has a name in both languages, and the names are those of medicine."""

import re

import pytest

from gmai.annotations.wording import DIAMETERS, quadrant_pool
from gmai.errors import CardError
from gmai.lexicon import NONE, find_names, label_term, name_of, names_in, plural_of, read_lexicon

HAN = re.compile(r"[\u4e00-\u9fff]")
ABBREVIATIONS = {"CT", "OCT", "PET", "SPECT"}
SIDES = [("L", "P"), ("L", "I"), ("P", "I"), ("R", "A"), None]


def test_every_vocabulary_has_names_for_all_its_terms_and_no_others():
    lexicon = read_lexicon()
    vocabularies = {
        "modality": [*lexicon.modalities, *lexicon.other_modalities],
        "family": [*lexicon.families, *lexicon.other_families],
        "task": list(lexicon.tasks),
        "department": [*lexicon.departments, NONE],
        "granularity": list(lexicon.granularities),
    }
    for what, terms in vocabularies.items():
        named = names_in(what)
        assert list(named) == terms, what
        chinese = [names["zh"] for names in named.values()]
        assert len(set(chinese)) == len(chinese), what
        assert [name for name in chinese if not HAN.search(name) and name not in ABBREVIATIONS] == []


def test_answers_that_are_no_labels_have_names():
    for sides in SIDES:
        for place in quadrant_pool(sides):
            assert HAN.search(name_of(place, "zh", "location"))
    for size in DIAMETERS:
        assert name_of(size, "zh", "size").endswith("mm") and name_of(size, "en", "size").endswith("mm")
    chinese = [names["zh"] for names in names_in("location").values()]
    assert len(set(chinese)) == len(chinese)
    assert (name_of("yes", "zh"), name_of("no", "zh"), name_of("17", "zh")) == ("是", "否", "17")


def test_names_of_well_known_terms():
    said = {
        "optic disc": "视盘",
        "optic cup": "视杯",
        "diabetic retinopathy": "糖尿病视网膜病变",
        "Fundus Photography": "眼底照相",
        "Ophthalmology": "眼科",
        "Disease Diagnosis": "疾病诊断",
        "mask": "掩膜级",
        "upper-left": "左上",
        "moderate": "中度",
        "erythrocytes": "红细胞",
        "abdomen gallstone": "胆囊结石",
    }
    assert {term: read_lexicon().name(term, "zh") for term in said} == said
    assert name_of("abdomen gallstone") == "gallstone" and name_of("box") == "Box Level"
    assert plural_of("cell nucleus") == "cell nuclei" and read_lexicon().plural("ascites") == "ascites"
    assert plural_of("cell nucleus", "zh") == "细胞核"


def test_a_label_that_is_two_things_needs_its_modality():
    with pytest.raises(CardError, match="'fibrosis' may be .*say the modality"):
        label_term("fibrosis")
    assert label_term("fibrosis", "X-ray").name == "pulmonary fibrosis"
    assert name_of("fibrosis", "zh", modality="Fundus Photography") == "视网膜纤维化"
    assert label_term("edema", "X-ray").name == "pulmonary edema" and label_term("edema", "MRI").name == "edema"


def test_an_unknown_name_is_told_the_near_ones():
    with pytest.raises(CardError, match="unknown label 'optic disk'.*did you mean optic disc"):
        name_of("optic disk", "zh")
    with pytest.raises(CardError, match="unknown department 'cardiology'.*did you mean Cardiovascular Surgery"):
        name_of("cardiology", "zh", "department")
    with pytest.raises(CardError, match="unknown language 'fr'"):
        name_of("liver", "fr")


def test_words_name_terms_in_either_language_and_by_usual_other_words():
    assert find_names("fundus photography", "modality") == ("Fundus Photography",)
    assert find_names("眼底照相", "modality") == find_names("fundus", "modality") == ("Fundus Photography",)
    assert set(find_names("T1", "modality")) == {"T1 MRI", "T1 weighted MRI"}
    assert find_names("眼科", "department") == ("Ophthalmology",)
    assert find_names("Mask Level", "granularity") == find_names("mask", "granularity") == ("mask",)
    assert find_names("骨骼识别", "task") == ("Bone",)
    assert find_names("no such thing", "task") == ()
