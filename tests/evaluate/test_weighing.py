"""Every option that a reply names is weighed: what is set aside, what is left, and what is no letter at all."""

import pytest

from gmai.evaluate.parsing import extract_choice
from gmai.evaluate.parsing.forms import find_forms, iter_forms
from gmai.evaluate.parsing.lettered import find_letters
from gmai.evaluate.parsing.scope import Scope
from gmai.evaluate.parsing.stems import find_roots
from gmai.evaluate.parsing.weighing import is_set_aside, read_weighed

SKIN = ("melanoma", "nevus", "wart", "keratosis")


def letters(text, options=SKIN):
    return [options[i] for _, _, i in find_letters(Scope(text, options), text)]


def named(text, options):
    return [option for option, ways in zip(options, find_forms(options), strict=True) if iter_forms(ways, text)]


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("While B is tempting, the border makes A the right answer.", "A"),
        ("I see no reason for C. D explains the colour.", "D"),
        ("A and B are out, which leaves C.", "C"),
        ("A? No. B? No. C? Yes.", "C"),
        ("All but D are wrong.", "D"),
        ("Both A and B fit, though B is better.", "B"),
        ("My first guess was B, but the pearly border means C.", "C"),
        ("In contrast, B would be round; therefore C.", "C"),
        ("A shown here is a wart, not a nevus.", "C"),
        ("B or C", None),
        ("If the border were round, B.", None),
        ("Nobody would choose B.", None),
        ("B. Then again A fits best.", "AB"),
    ],
)
def test_what_is_left_is_neither_denied_nor_supposed_nor_conceded(text, left):
    found = read_weighed(Scope(text, SKIN))
    assert ("".join(sorted(found.letters)) if found else None) == left


def test_a_list_under_a_line_that_says_why_not_is_set_aside():
    reply = (
        "Answer: B\n\nWhy not the others?\n- A. melanoma: no colours\n- C. wart: not rough\n- D. keratosis: no scale"
    )
    assert extract_choice(reply, SKIN).letter == "B"


def test_an_option_that_is_only_denied_is_set_aside():
    assert is_set_aside(frozenset("B"), Scope("B can be excluded.", SKIN))
    assert not is_set_aside(frozenset("B"), Scope("B can be excluded at first, but B it is.", SKIN))


@pytest.mark.parametrize(
    "text", ["Weber B fracture", "B cells", "toxin type A", "a C section", "D dimer", "group A and B"]
)
def test_letters_of_terms_are_no_letters(text):
    assert letters(text) == []


@pytest.mark.parametrize(
    ("text", "option"),
    [("it makes C the best", "wart"), ("so (b).", "nevus"), ("rule out D", "keratosis"), ("B fits", "nevus")],
)
def test_letters_stand_between_words_that_can_stand_beside_them(text, option):
    assert letters(text) == [option]


@pytest.mark.parametrize(
    ("option", "written"),
    [
        ("Polyps", "a polyp"),
        ("Haematoma", "hematoma"),
        ("Oesophageal tumour", "esophageal tumors"),
        ("Magnetic resonance imaging", "mri"),
        ("Staphylococcus aureus", "s. aureus"),
        ("Los Angeles grade D", "grade d"),
        ("Vitamin A deficiency", "a lack of vitamin a"),
        ("Acute myeloid leukemia (AML)", "aml"),
        ("PET-CT", "pet/ct"),
        ("Chest X-ray", "chest radiograph"),
    ],
)
def test_an_option_is_found_however_it_is_spelled(option, written):
    assert named(written, (option, "something else")) == [option]


def test_what_two_options_share_names_neither():
    options = ("Type A influenza", "Type B influenza")
    assert named("influenza", options) == []
    assert named("grade d", ("Los Angeles grade D", "Savary grade D")) == []


@pytest.mark.parametrize(
    ("option", "text"),
    [
        ("Psoriasis", "psoriatic plaques"),
        ("Pleural effusion", "an effusion of the left pleura"),
        ("Renal cyst", "a cyst of the kidney"),
        ("Liver", "hepatic tissue"),
    ],
)
def test_words_of_the_same_root_name_an_option(option, text):
    assert [i for _, _, i in find_roots(text, ("Asthma", option))] == [1]


def test_a_part_a_code_or_a_denial_has_no_root():
    assert find_roots("an effusion", ("Pleural effusion", "Mass")) == []
    assert find_roots("hepatitis", ("Hepatitis A", "Hepatitis B")) == []
    assert find_roots("non glaucomatous", ("Glaucoma", "Cataract")) == []
