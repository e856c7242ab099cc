"""Raw labels are found however they are spelled, and nothing that is only alike is taken for the term."""

import time

import pytest

from gmai.lexicon import check_labels, find_terms, read_lexicon
from gmai.lexicon.fold import fold, split_absent, split_side
from gmai.lexicon.terms import read_lines


@pytest.mark.parametrize(
    ("raw", "modality", "how", "name"),
    [
        ("optic disc", None, "exact", "optic disc"),
        ("视盘", None, "exact", "optic disc"),
        ("optic-disc", None, "folded", "optic disc"),
        ("OpticDiscs", None, "folded", "optic disc"),
        ("OPTIC_DISK", None, "folded", "optic disc"),
        ("GLIOMA", None, "folded", "glioma"),
        ("Platelets", None, "folded", "platelet"),
        ("Z线", None, "synonym", "Z line"),
        ("RBC", None, "synonym", "red blood cell"),
        ("COVID-19 Ground Glass Opacities", None, "folded", "COVID-19 ground-glass opacity"),
        ("lung nodule", None, "exact", "pulmonary nodule"),
        ("Haemorrhage of the Retina", None, "synonym", "retinal hemorrhage"),
        ("Non-Proliferative Diabetic Retinopathy, severe", None, "near", None),
        ("no apparent diabetic retinopathy", None, "synonym", "no diabetic retinopathy"),
        ("ER+", None, "synonym", "estrogen receptor-positive"),
        ("ER-", None, "synonym", "estrogen receptor-negative"),
        ("DR", "Fundus Photography", "synonym", "diabetic retinopathy"),
        ("DR", "CT", "ambiguous", None),
        ("DR", None, "ambiguous", None),
        ("disc", "MRI", "synonym", "intervertebral disc"),
        ("disc", "Fundus Photography", "synonym", "optic disc"),
        ("disc", None, "ambiguous", None),
        ("mass", "Mammography", "synonym", "breast mass"),
        ("effusion", "X-ray", "exact", "pleural effusion"),
        ("effusion", "MRI", "ambiguous", None),
        ("Buldging", None, "near", None),
        ("xyzzy", None, "none", None),
        ("", None, "none", None),
        ("3", None, "none", None),
    ],
)  # fmt: skip
def test_a_label_is_found_as_it_is_spelled(raw, modality, how, name):
    match = find_terms(raw, modality=modality)
    assert (match.how, match.term and match.term.name) == (how, name)
    assert (match.how in ("near", "ambiguous")) == bool(match.candidates)


@pytest.mark.parametrize(
    ("raw", "name", "side", "english", "chinese"),
    [
        ("Left Lung", "lung", "left", "left lung", "左侧肺"),
        ("kidney_right", "kidney", "right", "right kidney", "右侧肾脏"),
        ("R kidney", "kidney", "right", "right kidney", "右侧肾脏"),
        ("双肺", "lung", "both", "both lungs", "双侧肺"),
        ("右肺", "lung", "right", "right lung", "右侧肺"),
        ("lung_upper_lobe_left", "upper lobe of the lung", "left", "left upper lobe of the lung", "左侧肺上叶"),
        ("Left Ventricle", "cardiac ventricle", "left", "left cardiac ventricle", "左侧心室"),
    ],
)
def test_a_side_is_taken_off_and_told(raw, name, side, english, chinese):
    match = find_terms(raw)
    assert match.term and (match.term.name, match.side) == (name, side)
    assert (match.called(), match.called("zh")) == (english, chinese)


def test_a_label_that_names_a_side_itself_keeps_it():
    match = find_terms("fractures on the left part of lowerlimb")
    assert match.how == "exact" and match.side is None
    assert find_terms("OS", modality="Fundus Photography").called("zh") == "左眼"
    assert find_terms("right eye", modality="CT").called() == "right eye"
    assert find_terms("right eye", modality="CT").side == "right"


def test_a_denial_is_never_taken_for_the_thing():
    match = find_terms("no_tumor")
    assert match.absent and match.term and match.term.name == "tumor"
    assert (match.called(), match.called("zh")) == ("no tumor", "无肿瘤")
    assert find_terms("No Pneumothorax").term.name == "no pneumothorax"
    assert not find_terms("non-proliferative diabetic retinopathy").absent
    severe = find_terms("severe non-proliferative diabetic retinopathy")
    assert severe.term and severe.term.name == "severe nonproliferative diabetic retinopathy" and not severe.absent
    assert find_terms("non-small cell lung cancer").term is None
    assert find_terms("非增殖期糖尿病视网膜病变").term is None
    for raw in ("no cancer seen here", "non-tumor", "not a polyp at all"):
        assert find_terms(raw).term is None


def test_near_misses_are_scored_and_never_taken():
    match = find_terms("Buldging disc")
    assert match.term is None and match.how == "near"
    assert [candidate.term.name for candidate in match.candidates][0] == "disc bulge"
    scores = [candidate.score for candidate in match.candidates]
    assert scores == sorted(scores, reverse=True) and 0.6 < scores[-1] <= scores[0] < 1
    assert find_terms("Disc, optic").candidates[0].term.name == "optic disc"
    assert find_terms("glaucomaa").candidates[0].term.name == "glaucoma"
    assert find_terms("糖尿病视网膜病").candidates[0].term.zh == "糖尿病视网膜病变"


def test_every_spelling_of_the_tables_leads_home():
    for line in read_lines():
        places = line.modalities or tuple(x.modality for x in read_lexicon().labels if x.label == line.label) or (None,)
        for text in (line.label, line.name, line.zh, *line.synonyms, *line.synonyms_zh, *line.short):
            plain = text.removesuffix(" (left)").removesuffix(" (right)")
            for modality in places if plain else ():
                match = find_terms(plain, modality=modality)
                if plain == "OD":
                    assert {one.term.name for one in match.candidates} == {"optic disc", "right eye"}
                    continue
                assert match.term and match.term.name == line.name, (plain, modality, match.how)


def test_upper_case_plural_and_underscores_of_every_label_are_folded():
    for label in read_lexicon().labels:
        for spelled in (label.label.upper(), label.label.replace(" ", "_")):
            found = find_terms(spelled, modality=label.modality)
            assert found.term and label.label in found.term.labels, (spelled, found.how)


def test_a_letter_too_many_leads_to_the_right_candidate_and_never_to_another_term():
    labels = [label for label in read_lexicon().labels if not label.label.startswith("the number of")][::3]
    first = 0
    for n, label in enumerate(labels):
        at = (7 * n) % len(label.label)
        match = find_terms(f"{label.label[:at]}q{label.label[at:]}", modality=label.modality)
        assert match.term is None or label.label in match.term.labels, label
        names = [match.term] if match.term else [candidate.term for candidate in match.candidates]
        first += bool(names) and label.label in names[0].labels
    assert first >= 0.98 * len(labels)


def test_a_label_is_looked_up_in_under_five_milliseconds():
    queries = [f"{label.label[:-1]}x" for label in read_lexicon().labels[::8]]
    find_terms(queries[0])
    start = time.process_time()
    for query in queries:
        find_terms(query)
    assert (time.process_time() - start) / len(queries) < 0.005


def test_folding():
    same = ["OpticDisc", "optic_disc", "Optic-Discs", "optic disk", "the optic disc", "ｏｐｔｉｃ disc"]
    assert {fold(text) for text in same} == {"optic disc"}
    assert fold("Oesophageal tumours") == fold("esophageal tumor") and fold("Leucocytes") == fold("leukocyte")
    assert fold("COVID19") == fold("covid-19") == "covid 19"
    assert fold("HER2+") != fold("HER2-") != fold("HER2")
    assert fold("(Z 线)") == fold("Z线") and fold("") == fold("--") == ""
    assert split_side("left right lung") is None and split_side("left") is None
    assert split_absent("normal") is None and split_absent("tumor absent") == "tumor"


def test_the_labels_of_a_card_are_advised_on():
    advice = {one.label: one for one in check_labels(["RBC", "erythrocytes", "glioma", "Buldging", "cup", "qqq"])}
    assert list(advice) == ["RBC", "erythrocytes", "glioma", "Buldging", "cup", "qqq"]
    assert advice["RBC"].same_as == ("erythrocytes",)
    assert advice["RBC"].advice == "'RBC' is 'red blood cell'. erythrocytes means the same."
    assert advice["glioma"].advice == "" and advice["glioma"].match.how == "exact"
    assert "near to it: 'disc bulge'" in advice["Buldging"].advice
    assert advice["cup"].advice == "'cup' may be 'optic cup': spell it out, or give the modality."
    assert "no term of the lexicon" in advice["qqq"].advice and not advice["qqq"].match.candidates
    both = check_labels(["left lung", "right lung"])
    assert all(one.same_as == () for one in both)
