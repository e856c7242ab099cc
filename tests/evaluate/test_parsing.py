"""Reading the option a reply names: one style on each line, and abstention wherever a reader would have to guess."""

import pytest

from gmai.bench import fold
from gmai.evaluate.parsing import extract_choice

GUT = ("cyst", "polyp", "stone", "normal mucosa")
EYE = ("glaucoma", "non glaucoma", "cataract", "drusen", "myopia")
LIVER = ("hepatitis A", "hepatitis B", "hepatitis C", "cirrhosis")
YES_NO = ("yes", "no")
COUNTS = ("3", "13", "4", "5")
ZH = ("肺炎", "肺结核", "气胸", "正常")
BLOOD = ("B", "A", "AB", "O")
BACTERIA = ("S. aureus", "E. coli", "Candida", "yeast", "none seen")

READ = [
    ("B", GUT, "B"),
    ("b", GUT, "B"),
    ("A", GUT, "A"),
    ("B.", GUT, "B"),
    ("(b)", GUT, "B"),
    ("[C]", GUT, "C"),
    ("**B**", GUT, "B"),
    ("  B \n", GUT, "B"),
    ("Ｂ", GUT, "B"),
    ("（Ｂ）", GUT, "B"),
    ("B。", GUT, "B"),
    ("E", EYE, "E"),
    ("Option C", GUT, "C"),
    ("polyp", GUT, "B"),
    ("Polyp.", GUT, "B"),
    ("NORMAL  MUCOSA", GUT, "D"),
    ("Answer: C", GUT, "C"),
    ("answer: c", GUT, "C"),
    ("ANSWER = D", GUT, "D"),
    ("The answer is B.", GUT, "B"),
    ("The answer is A.", GUT, "A"),
    ("The correct answer is (C) stone.", GUT, "C"),
    ("The correct option is D because the surface is smooth.", GUT, "D"),
    ("The answer is a polyp, which is not a cyst.", GUT, "B"),
    ("Answer: polyp. A stone would cast a shadow.", GUT, "B"),
    ("Answer: B. polyp", GUT, "B"),
    ("The best choice would be: B", GUT, "B"),
    ("I would go with (C).", GUT, "C"),
    ("I choose option B", GUT, "B"),
    ("B is the correct answer.", GUT, "B"),
    ("Option A is correct.", GUT, "A"),
    ("First I thought the answer is A.\nFinal answer: C", GUT, "C"),
    ("<answer>C</answer>", GUT, "C"),
    ("<think>It may be A or B.</think>\n<answer>(B) polyp</answer>", GUT, "B"),
    ("<think>Answer: A", GUT, None),
    ('{"answer": "D"}', GUT, "D"),
    ('```json\n{"reason": "round", "answer": "B. polyp"}\n```', GUT, "B"),
    (r"So \boxed{C}", GUT, "C"),
    (r"\boxed{\text{B}}", GUT, "B"),
    ("B. polyp", GUT, "B"),
    ("B) polyp", GUT, "B"),
    ("b) polyp", GUT, "B"),
    ("B: polyp", GUT, "B"),
    ("(B) Polyp, since it has a stalk.", GUT, "B"),
    ("B - polyp", GUT, "B"),
    ("B\n\nThe picture shows a stalk.", GUT, "B"),
    ("**E** because the eye is long", EYE, "E"),
    ("A because there is fluid.", GUT, "A"),
    ("A. cyst", GUT, "A"),
    ("I think it is B.", GUT, "B"),
    ("It has a stalk and is round, therefore B", GUT, "B"),
    ("The picture shows a polyp (B).", GUT, "B"),
    ("A polyp is visible", GUT, "B"),
    ("There is a polyp in the colon.", GUT, "B"),
    ("Two polyps can be seen.", GUT, "B"),
    ("No cyst; a polyp is seen.", GUT, "B"),
    ("This is a stone rather than a polyp.", GUT, "C"),
    ("non glaucoma", EYE, "B"),
    ("The eye is non-glaucoma", EYE, "B"),
    ("The eye shows glaucoma.", EYE, "A"),
    ("hepatitis C", LIVER, "C"),
    ("The answer is hepatitis C.", LIVER, "C"),
    ("This is chronic hepatitis B.", LIVER, "B"),
    ("Yes", YES_NO, "A"),
    ("No, there is no fracture.", YES_NO, "B"),
    ("Yes, there is no doubt.", YES_NO, "A"),
    ("The answer is no.", YES_NO, "B"),
    ("13", COUNTS, "B"),
    ("There are 3 cells.", COUNTS, "A"),
    ("答案是B", ZH, "B"),
    ("答案：Ｃ", ZH, "C"),
    ("正确答案为 D。", ZH, "D"),
    ("选B", ZH, "B"),
    ("我选择 C，因为右侧无肺纹理", ZH, "C"),
    ("图中显示肺炎", ZH, "A"),
    ("肺结核", ZH, "B"),
    ("E. coli", BACTERIA, "B"),
    ("The answer is E. coli.", BACTERIA, "B"),
    ("E. coli is seen.", BACTERIA, "B"),
    ("AB", BLOOD, "C"),
    ("I would choose A.", GUT, "A"),
    ("Ans: B", GUT, "B"),
    ("Answer - B", GUT, "B"),
    ("It's not a cyst or a stone. It's a polyp.", GUT, "B"),
    ("The lesion is consistent with a polyp; cyst unlikely.", GUT, "B"),
    ("This is not a polyp but a cyst", GUT, "A"),
    ("The answer is B, not C", GUT, "B"),
    ("It could be A but I'd choose B", GUT, "B"),
    ("assistant\nB", GUT, "B"),
    ("选项B", ZH, "B"),
    ("B选项", ZH, "B"),
    ("我认为是B", ZH, "B"),
    ("正确答案：B。因为A不对", ZH, "B"),
    ("The answer is A. On second thought, the answer is B.", GUT, "B"),
]

ABSTAIN = [
    ("", GUT, "empty"),
    (" \n ", GUT, "empty"),
    ("A or B", GUT, "several"),
    ("A, C", GUT, "several"),
    ("Answer: B/C", GUT, "several"),
    ("A和B", ZH, "several"),
    ("A. No B. Yes", YES_NO, "several"),
    ("Yes or no", YES_NO, "several"),
    ("The answer is A polyp", GUT, "disagrees"),
    ("Neither A nor B", GUT, "nothing_named"),
    ("The patient has blood group A.", GUT, "nothing_named"),
    ("Stage B lymphoma", GUT, "nothing_named"),
    ("AC", GUT, "several"),
    ("The answer is B or C.", GUT, "several"),
    ("A. cyst B. polyp C. stone D. normal mucosa", GUT, "several"),
    ("It may be a polyp or a cyst.", GUT, "several"),
    ("B", BLOOD, "several"),
    ("E", GUT, "no_such_option"),
    ("Answer: D", YES_NO, "no_such_option"),
    ("B. cyst", GUT, "disagrees"),
    ("Answer: (C) polyp", GUT, "disagrees"),
    ("<answer>unsure</answer>", GUT, "disagrees"),
    ("There is no polyp.", GUT, "negated"),
    ("A polyp is not seen.", GUT, "negated"),
    ("without evidence of a stone", GUT, "negated"),
    ("A lesion is visible", GUT, "nothing_named"),
    ("vitamin D deficiency", GUT, "nothing_named"),
    ("hepatitis C", GUT, "nothing_named"),
    ("The answer is not B.", GUT, "nothing_named"),
    ("不选B", ZH, "nothing_named"),
    ("There is no doubt about the fracture", YES_NO, "nothing_named"),
    ("The lesion measures 3.5 mm", COUNTS, "nothing_named"),
    ("30", COUNTS, "nothing_named"),
    ("C. difficile was cultured", GUT, "nothing_named"),
    ("I cannot determine whether this is a polyp.", GUT, "refusal"),
    ("I'm sorry, but I can't help with medical images.", GUT, "refusal"),
    ("None of the above.", GUT, "refusal"),
    ("无法判断", ZH, "refusal"),
]


@pytest.mark.parametrize(("reply", "options", "letter"), READ)
def test_a_named_option_is_read(reply, options, letter):
    assert extract_choice(reply, options).letter == letter


@pytest.mark.parametrize(("reply", "options", "reason"), ABSTAIN)
def test_anything_else_is_an_abstention_with_its_reason(reply, options, reason):
    found = extract_choice(reply, options)
    assert (found.letter, found.reason) == (None, reason)


def test_every_letter_and_every_text_of_every_list():
    for options in (GUT, EYE, LIVER, COUNTS, ZH, BACTERIA):
        for position, option in enumerate(options):
            letter = "ABCDE"[position]
            for reply in (
                letter,
                letter.lower(),
                f"{letter}.",
                f"({letter})",
                f"Answer: {letter}",
                f"{letter}. {option}",
            ):
                assert extract_choice(reply, options).letter == letter, reply
            assert extract_choice(option, options).letter == letter, option
            assert extract_choice(f"The answer is {option}.", options).letter == letter, option


def test_folding():
    assert fold(" Normal_Mucosa. ") == fold("normal  mucosa") == "normal mucosa"
    assert fold("ＣＴ") == "ct"
