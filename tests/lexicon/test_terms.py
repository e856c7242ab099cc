"""The tables of terms: every label of the tree is there, in both languages, and no spelling means two things unsaid."""

import re
from collections import Counter

import pytest

from gmai.errors import CardError
from gmai.lexicon import article, read_lexicon, read_terms
from gmai.lexicon.fold import fold
from gmai.lexicon.match import modality_group
from gmai.lexicon.terms import Term, _join, read_forms, read_lines

HAN = re.compile(r"[\u4e00-\u9fff]")
AMBIGUOUS = {
    "calcification", "disc", "edema", "fibrosis", "hemorrhage", "inflammatory", "mass", "norm", "od", "parasitized",
    "plaque", "stroma", "wrist",
}  # fmt: skip
"""Folded spellings that are several terms on purpose: short forms that the modality tells apart."""


def test_every_label_of_the_tree_has_a_line():
    lines = [line for line in read_lines() if line.label]
    tree = {label.label for label in read_lexicon().labels}
    assert {line.label for line in lines} == tree and len(tree) == 717
    twice = [label for label, count in Counter(line.label for line in lines).items() if count > 1]
    assert twice == ["fibrosis"]
    places = {(label.modality, label.label) for label in read_lexicon().labels}
    assert all((modality, line.label) in places for line in lines for modality in line.modalities)


def test_every_line_is_whole():
    for line in read_lines():
        assert HAN.search(line.zh), line
        assert not HAN.search(line.name + line.plural) and not any(map(HAN.search, line.synonyms)), line
        assert all(map(HAN.search, line.synonyms_zh)), line
        assert line.name == line.name.strip() and "_" not in line.name and "  " not in line.name, line
        first = line.name.split()[0]
        assert first[0].islower() or first[0].isdigit() or first in PROPER or first.split("-")[0].isupper(), line
        assert not re.search(r"[;:；]", line.zh), line


PROPER = {
    "Achilles", "Alzheimer's", "Aptina", "Barrett's", "Bietti", "Boston", "Bowen's", "Calot", "Crohn's", "Gleason",
    "Golgi", "Graves'", "Helicobacter", "Kaposi's", "Kellgren-Lawrence", "Lisfranc", "Mayo", "Mycobacterium",
    "Parkinson's", "Plasmodium", "RealSense", "Vogt-Koyanagi-Harada",
}  # fmt: skip


def test_no_spelling_is_written_twice_for_one_term():
    for line in read_lines():
        forms = [*line.synonyms, *line.synonyms_zh, *line.short]
        assert len(set(forms)) == len(forms), line
        assert line.name not in line.synonyms and line.zh not in line.synonyms_zh, line
    names = [line.name for line in read_lines() if not line.label]
    assert len(set(names)) == len(names)


def test_one_spelling_is_one_term_or_is_said_to_be_several():
    terms = {}
    for form in read_forms():
        terms.setdefault(fold(form.text), set()).add(form.term)
    assert {folded for folded, found in terms.items() if len(found) > 1} == AMBIGUOUS


def test_no_two_terms_of_one_modality_share_a_spelling():
    terms = {}
    for form in read_forms():
        for modality in form.modalities:
            terms.setdefault((modality_group(modality), fold(form.text)), set()).add(form.term)
    shared = {key: found for key, found in terms.items() if len(found) > 1}
    assert shared == {("Fundus", "od"): {"optic disc", "right eye"}}


def test_no_two_terms_share_a_chinese_name():
    shared = Counter(term.zh for term in read_terms().values())
    assert [zh for zh, count in shared.items() if count > 1] == []


def test_lines_of_one_name_must_agree():
    one = Term(name="pulmonary nodule", zh="肺结节", kind="finding", labels=("lung nodule",))
    with pytest.raises(CardError, match="pulmonary nodule.*differ in zh|differ in zh.*"):
        _join(one, Term(name="pulmonary nodule", zh="肺部小结节", kind="finding"))
    nodule = read_terms()["pulmonary nodule"]
    assert {"lung nodule", "nodule", "pulmonary nodule"} == set(nodule.labels)


def test_articles_and_plurals():
    said = [
        "an airway",
        "a uterus",
        "a ureter",
        "an ulcer",
        "an optic disc",
        "a urinary bladder",
        "an MRI",
        "a CT",
        "an erosion",
        "a RealSense sensor",
    ]
    assert [f"{article(text.split(' ', 1)[1])} {text.split(' ', 1)[1]}" for text in said] == said
    terms = read_terms()
    assert terms["ascites"].article == "" and terms["metastasis"].plural == "metastases"
    assert terms["atelectasis"].called("en", plural=True) == "atelectases"
    wrong = [term.name for term in terms.values() if term.plural == term.name]
    assert wrong == []
