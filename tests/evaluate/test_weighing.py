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


LIVER = ("Hepatocellular carcinoma", "Cholangiocarcinoma", "Hemangioma", "Abscess")
VESSELS = ("Right coronary artery", "Left main", "Left anterior descending", "Left circumflex")
PLANES = ("Coronal plane", "Sagittal plane", "Axial plane", "Oblique plane")
DUCT = ("Cholangiocarcinoma", "Pancreatic carcinoma", "Gallstone in common bile duct", "Liver cyst")
CELLS = ("Microcytic anemia", "Aplastic anemia", "Pterygium", "Nephrotic syndrome")


@pytest.mark.parametrize(
    ("reply", "options", "letter"),
    [
        ("hepatocelular carcinoma", LIVER, "A"),
        ("Hemangioma is unlikely; hepatocelular carcinoma.", LIVER, "A"),
        ("not hepatocelular carcinoma", LIVER, None),
        ("aplsatic anemia", CELLS, "B"),
        ("pteryguim", CELLS, "C"),
        ("microcitic anemia", CELLS, "A"),
        ("macrocytic anemia", CELLS, None),
        ("nephritic syndrome", CELLS, None),
    ],
)
def test_a_slip_in_a_long_word_names_its_option_and_a_word_of_its_own_does_not(reply, options, letter):
    assert extract_choice(reply, options).letter == letter


def test_what_a_misspelt_word_says_stands_where_it_was_written():
    reply = "I see a hepatocelular carcinoma here."
    start, end = extract_choice(reply, LIVER).span
    assert reply[start:end] == "hepatocelular carcinoma"


@pytest.mark.parametrize(
    ("reply", "options", "letter"),
    [
        ("The image was acquired axially.", PLANES, "C"),
        ("The image was not acquired axially.", PLANES, None),
        ("A stone is lodged in the distal common bile duct.", DUCT, "C"),
        ("No stone is lodged in the distal common bile duct.", DUCT, None),
        ("A stone in the gallbladder next to the common bile duct.", DUCT, None),
        ("There is a stone.", DUCT, None),
    ],
)
def test_an_adverb_or_a_part_of_a_compound_names_an_option_beside_its_other_words(reply, options, letter):
    assert extract_choice(reply, options).letter == letter


@pytest.mark.parametrize(
    ("reply", "letter"),
    [
        ("It comes down to B vs C. No fetal parts mean B, not C.", "B"),
        ("Absence of fever means A rather than C.", "A"),
        ("Between options B and C, B comes first: it must not wait.", "B"),
        ("I weighed B and C and decided in favour of B.", "B"),
        ("The signs do not mean B, not C.", None),
        ("Some say this means B, not C.", None),
        ("I see no way to say whether this means B rather than C.", None),
        ("Which comes first, B or C?", None),
        ("C comes first only if there is swelling.", None),
    ],
)
def test_of_two_letters_the_one_that_is_preferred_is_left(reply, letter):
    assert extract_choice(reply, SKIN).letter == letter


@pytest.mark.parametrize(
    ("reply", "letter"),
    [
        ("It localizes to the left anterior descending artery (option C). Another (A) would give changes in II.", "C"),
        ("I excluded the left anterior descending artery (option C).", None),
        ("The left circumflex artery (option C) is occluded.", None),
        ("so the best next step would be option d, left circumflex revascularisation of the proximal vessel", "D"),
        ("so the best next step would be d) left circumflex revascularisation of the", None),
    ],
)
def test_words_beside_their_own_letter_are_enough(reply, letter):
    assert extract_choice(reply, VESSELS).letter == letter


LINES = (
    "- **A. {}** – no washout.\n- **B. {}** – no ducts.\n- **C. {}** – no fill-in.\n- **D. {}** – thick rim.".format(
        *LIVER
    )
)


@pytest.mark.parametrize(
    ("reply", "letter"),
    [
        (LINES + " ✅\n\n**Therefore the answer is D.**", "D"),
        (LINES + "\n\nTherefore the answer is D.", "D"),
        (LINES.replace("ducts.", "ducts. ✅") + "\n\nTherefore the answer is D.", None),
        (LINES, None),
    ],
)
def test_what_a_list_of_all_options_comes_to_wins_over_its_lines(reply, letter):
    assert extract_choice(reply, LIVER).letter == letter


@pytest.mark.parametrize(
    ("reasons", "letter"),
    [
        ("A. No washout.\nB. The ducts are wide.\nC. No fill-in.\nD. No rim.", "B"),
        ("A. No washout.\nB. The ducts are wide.\nC. The best fit.\nD. No rim.", None),
        ("A. No washout.\nB. Excluded by the ducts.\nC. No fill-in.\nD. No rim.", None),
    ],
)
def test_an_option_named_in_full_above_reasons_by_letter_is_the_answer(reasons, letter):
    assert extract_choice(f"B. Cholangiocarcinoma\n\n{reasons}", LIVER).letter == letter
