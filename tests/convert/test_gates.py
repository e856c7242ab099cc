"""Every gate in both languages: what is wrong is told by its reason, what is right passes."""

import dataclasses
import time

import pytest
from raw_files import ct

from gmai.convert import Ask, judge_reply
from gmai.convert.guided import GATES
from gmai.convert.guided.wordlists import lexicon_names
from gmai.convert.tongue import Tongue
from gmai.types import Fact, LabelName

NAMES = {name: LabelName(name=name, zh=zh) for name, zh in (("stone", "结石"), ("cyst", "囊肿"), ("tumor", "肿瘤"))}
TONGUES = {"en": Tongue("en", NAMES), "zh": Tongue("zh", NAMES)}
SAMPLE = dataclasses.replace(ct(0).sample, classes={"finding": ("cyst", "stone", "tumor", "abscess")})


def fact(kind, answer, about="", **more):
    return Fact(kind=kind, answer=answer, about=about, task="Disease Diagnosis", records=("r",), **more)


FACTS = (
    fact("modality", "CT"),
    fact("finding", "cyst", pool=("cyst", "stone", "tumor", "abscess")),
    fact("location", "upper-left", "cyst"),
    fact("count", "3", "cyst"),
    fact("size", "20-to-40-mm", "cyst", values={"mm": 23.5}),
    fact("presence", "yes", "cyst"),
    fact("presence", "no", "stone"),
    fact("location", "lower-right", "tumor"),
    fact("count", "1", "tumor"),
    fact("grade", "moderate", pool=("mild", "moderate", "severe")),
)
FINDING = {"en": ("The image shows a cyst.", "f2"), "zh": ("图像显示囊肿。", "f2")}


def reasons(language, *sentences, task="caption", **ask):
    """The reasons for which a caption of the finding and these sentences is refused."""
    said = [{"text": text, "facts": list(facts)} for text, *facts in (FINDING[language], *sentences)]
    reply = {"sentences": said}
    verdict = judge_reply(reply, FACTS, task, language, sample=SAMPLE, tongue=TONGUES[language])
    return {reason.removeprefix("guided.") for reason in verdict.reasons}


RIGHT = {
    "en": [
        ("This is a CT image.", "f1"),
        ("It was acquired by computed tomography.", "f1"),
        ("The cyst lies in the upper-left quadrant.", "f3"),
        ("The cyst is found in the upper left part of the image.", "f3"),
        ("Three cysts are seen.", "f4"),
        ("The cyst measures 20 to 40 mm at its longest, about 23.5 mm.", "f5"),
        ("There is no stone.", "f7"),
        ("No stones are seen, while a cyst is present.", "f7", "f6"),
        ("A cyst is present without any stone.", "f6", "f7"),
        ("The cyst lies upper-left and the tumor is lower-right.", "f3", "f8"),
        ("The severity is graded as moderate.", "f10"),
        ("One tumor is visible.", "f9"),
    ],
    "zh": [
        ("这是一张CT图像。", "f1"),
        ("囊肿位于左上象限。", "f3"),
        ("共有三个囊肿。", "f4"),
        ("囊肿的最长径为20–40 mm，约23.5毫米。", "f5"),
        ("未见结石。", "f7"),
        ("图像可见囊肿，未见结石。", "f6", "f7"),
        ("囊肿位于左上，而肿瘤位于右下。", "f3", "f8"),
        ("严重程度评定为中度。", "f10"),
    ],
}
WRONG = {
    "en": {
        "label": [
            ("The cyst is beside a tumor and an abscess.", "f2"),
            ("The finding is a stone or an abscess.", "f2"),
        ],
        "finding": [
            ("A cyst with pneumothorax is seen.", "f2"),
            ("The cyst lies in the liver.", "f2"),
            ("A cyst with hepatoblastomatosis is seen.", "f2"),
            ("The image shows a cyst and splenic infarcts.", "f2"),
        ],
        "modality": [("This MRI shows a cyst.", "f2"), ("The CT angiography shows a cyst.", "f2")],
        "side": [
            ("The cyst lies in the upper-right quadrant.", "f3"),
            ("The cyst on the left is seen.", "f2"),
            ("The cyst lies lower-right and the tumor is upper-left.", "f3", "f8"),
            ("The cyst is in the central upper-left part.", "f3"),
        ],
        "number": [
            ("Four cysts are seen.", "f4"),
            ("3 cysts, of 12 in all, are seen.", "f4"),
            ("Multiple cysts are seen.", "f2"),
            ("A single cyst is seen.", "f2"),
            ("1 cyst and 3 tumors are seen.", "f4", "f9"),
            ("The tumors are seen.", "f9"),
            ("The cyst measures 41 mm.", "f5"),
        ],
        "unit": [("The cyst measures 20 to 40 cm.", "f5"), ("The cyst measures 23.5 cm.", "f5")],
        "denial.present": [
            ("No cyst is seen.", "f6"),
            ("The cyst is not present.", "f6"),
            ("The cyst is absent.", "f2"),
        ],
        "denial.absent": [("A stone is present.", "f7"), ("The cyst and a stone are seen.", "f2", "f7")],
        "denial.unnamed": [
            ("The cyst is seen; otherwise the image is unremarkable.", "f2"),
            ("A cyst is seen, but there is no other abnormality.", "f2"),
            ("The cyst is seen, and nothing is absent.", "f2"),
        ],
        "denial.reply": [("No, a cyst is present.", "f6"), ("Yes, there is no stone.", "f7")],
        "reference.missing": [("A cyst is seen.",), ("A cyst without stone is seen.", "f2")],
        "reference.unknown": [("A cyst is seen.", "f99"), ("A cyst is seen.", "cyst")],
        "reference.unstated": [("A cyst is seen.", "f3"), ("A finding is seen.", "f2"), ("It is upper-left.", "f3")],
        "language": [("The image shows a cyst 囊肿.", "f2")],
        "appearance": [("A hyperdense cyst is seen.", "f2"), ("The cyst has irregular margins.", "f2")],
        "course": [("A benign cyst is seen.", "f2"), ("The cyst is due to infection.", "f2")],
        "advice": [("A cyst is seen and biopsy is recommended.", "f2")],
        "history": [("A 50-year-old patient has a cyst.", "f2"), ("A cyst is seen in a male.", "f2")],
        "hedge": [("The image may show a cyst.", "f2"), ("A cyst is probably present.", "f6")],
        "word": [("A cyst with flubberings is seen.", "f2"), ("The cyst is beautiful.", "f2")],
        "echo": [
            ("According to the annotations, a cyst is seen.", "f2"),
            ("As f2 says, a cyst is seen.", "f2"),
            ("As an AI I see a cyst.", "f2"),
        ],
        "refusal": [("I'm sorry, I cannot show a cyst.", "f2")],
        "repetition": [FINDING["en"], ("A cyst is seen in the image, a cyst is seen in the image.", "f2")],
        "markup": [("**A cyst** is seen.", "f2"), ("A <b>cyst</b> is seen.", "f2"), ("A cyst is seen.\nIt is.", "f2")],
        "length": [("A cyst is seen " + "in the image " * 30 + ".", "f2"), ("...", "f2")],
    },
    "zh": {
        "label": [("囊肿旁可见脓肿。", "f2")],
        "finding": [("图像显示囊肿伴气胸。", "f2"), ("囊肿位于肝脏。", "f2"), ("囊肿伴某某瘤样增生。", "f2")],
        "modality": [("磁共振图像显示囊肿。", "f2")],
        "side": [
            ("囊肿位于右上象限。", "f3"),
            ("左侧可见囊肿。", "f2"),
            ("囊肿位于右下，而肿瘤位于左上。", "f3", "f8"),
            ("囊肿位于图像中央左上。", "f3"),
        ],
        "number": [
            ("共有四个囊肿。", "f4"),
            ("可见多发囊肿。", "f2"),
            ("可见单个囊肿。", "f2"),
            ("囊肿长约41 mm。", "f5"),
        ],
        "unit": [("囊肿的最长径为20–40厘米。", "f5")],
        "denial.present": [("未见囊肿。", "f6"), ("囊肿不存在。", "f6"), ("没有囊肿。", "f2")],
        "denial.absent": [("可见结石。", "f7"), ("图像显示囊肿和结石。", "f2", "f7")],
        "denial.unnamed": [("可见囊肿，其余未见异常。", "f2"), ("显示囊肿，无其他所见。", "f2")],
        "denial.reply": [("否，存在囊肿。", "f6"), ("是，未见结石。", "f7")],
        "reference.missing": [("可见囊肿。",), ("可见囊肿，未见结石。", "f2")],
        "reference.unknown": [("可见囊肿。", "f99")],
        "reference.unstated": [("可见囊肿。", "f3"), ("可见所见。", "f2")],
        "language": [("The image shows a 囊肿.", "f2"), ("Cyst.", "f2")],
        "appearance": [("可见高密度囊肿。", "f2"), ("囊肿边界清晰。", "f2")],
        "course": [("可见良性囊肿。", "f2"), ("囊肿由感染引起。", "f2")],
        "advice": [("可见囊肿，建议随访。", "f2")],
        "history": [("患者男性，可见囊肿。", "f2")],
        "hedge": [("图像可能显示囊肿。", "f2"), ("疑似囊肿。", "f2")],
        "word": [("囊肿很美丽。", "f2")],
        "echo": [("根据标注，可见囊肿。", "f2"), ("如事实f2所示，可见囊肿。", "f2")],
        "refusal": [("抱歉，无法提供囊肿的描述。", "f2")],
        "repetition": [FINDING["zh"]],
        "markup": [("**囊肿**可见。", "f2")],
        "length": [("图像显示囊肿" + "和囊肿" * 60 + "。", "f2")],
    },
}


@pytest.mark.parametrize(("language", "said"), [(one, said) for one, all_of in RIGHT.items() for said in all_of])
def test_what_the_facts_say_passes(language, said):
    assert reasons(language, said) == set()


@pytest.mark.parametrize(
    ("language", "reason", "said"),
    [(one, why, said) for one, by_why in WRONG.items() for why, all_of in by_why.items() for said in all_of],
)
def test_what_the_facts_do_not_say_is_told_by_its_reason(language, reason, said):
    assert reason in reasons(language, said)


def test_a_caption_states_the_finding():
    only = {"sentences": [{"text": "This is a CT image.", "facts": ["f1"]}]}
    assert judge_reply(only, FACTS, "caption", "en", sample=SAMPLE).reasons == ("guided.gap",)


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        ("I'm sorry, but I can't help with that.", "refusal"),
        ("抱歉，我无法提供帮助。", "refusal"),
        ("A cyst.", "schema"),
        ('{"sentences": "A cyst."}', "schema"),
        ({"sentences": [{"text": "A cyst."}]}, "schema"),
        ({"sentences": [], "more": 1}, "schema"),
        ({"sentences": []}, "length"),
    ],
)
def test_what_is_no_reply_is_told_so(reply, reason):
    assert f"guided.{reason}" in judge_reply(reply, FACTS, "caption", "en", sample=SAMPLE).reasons


def test_a_reply_may_come_as_text_in_its_wrapping():
    text = 'Here:\n```json\n{"sentences": [{"text": "A cyst is seen.", "facts": ["f2"]}]}\n```'
    assert judge_reply(text, FACTS, "caption", "en", sample=SAMPLE).accepted


def ask(language, question, target, answer, letter="", options=()):
    reply = {"question": question, "letter": letter, "sentences": [{"text": answer[0], "facts": list(answer[1:])}]}
    more = {"sample": SAMPLE, "tongue": TONGUES[language], "ask": Ask(target, options)}
    found = judge_reply(reply, FACTS, "percept", language, **more)
    return {reason.removeprefix("guided.") for reason in found.reasons}


OPTIONS = {"en": ("stone", "cyst", "tumor"), "zh": ("结石", "囊肿", "肿瘤")}
QUESTIONS = [
    ("en", "What finding does this CT image show?", "f2", set()),
    ("en", "What does this CT image show, a cyst?", "f2", {"leak.answer"}),
    ("en", "Is the finding a stone?", "f2", {"leak.answer"}),
    ("en", "Which finding, near the abscess, is shown?", "f2", {"label"}),
    ("en", "Which finding is obviously shown?", "f2", {"leak.hint"}),
    ("en", "Which is shown? A. stone B. cyst", "f2", {"leak.options", "leak.answer"}),
    ("zh", "这张CT图像显示什么？", "f2", set()),
    ("zh", "这张CT图像显示的是囊肿吗？", "f2", {"leak.answer"}),
    ("zh", "图像显示什么，对吧？", "f2", {"leak.hint"}),
    ("en", "What kind of image is this?", "f1", set()),
    ("en", "What kind of image is this CT scan?", "f1", {"leak.answer"}),
    ("en", "What tomographic kind of image is computed tomography?", "f1", {"leak.answer"}),
    ("zh", "这张CT图像是哪种成像方式？", "f1", {"leak.answer"}),
    ("en", "Where does the cyst lie?", "f3", set()),
    ("en", "Where in the upper part does the cyst lie?", "f3", {"leak.answer"}),
    ("zh", "囊肿位于何处？", "f3", set()),
    ("zh", "囊肿位于左侧何处？", "f3", {"leak.answer"}),
    ("en", "How many cysts are seen?", "f4", set()),
    ("en", "Which 3 cysts are seen?", "f4", {"leak.answer"}),
    ("en", "Is a stone present?", "f7", set()),
    ("en", "Is there no stone?", "f7", {"leak.hint"}),
    ("en", "There is a stone, isn't there?", "f7", {"leak.hint"}),
    ("zh", "是否存在结石？", "f7", set()),
    ("zh", "没有结石吗？", "f7", {"leak.hint"}),
]
ANSWERS = {
    "en": {
        "f1": "This is a CT image.",
        "f2": "The finding is a cyst.",
        "f3": "The cyst lies upper-left.",
        "f4": "Three cysts are seen.",
        "f7": "No, there is no stone.",
    },
    "zh": {"f1": "这是CT图像。", "f2": "图像显示囊肿。", "f3": "囊肿位于左上。", "f7": "否，没有结石。"},
}


@pytest.mark.parametrize(("language", "question", "target", "wanted"), QUESTIONS)
def test_a_question_does_not_tell_its_answer(language, question, target, wanted):
    found = ask(language, question, target, (ANSWERS[language][target], target))
    assert wanted <= found if wanted else found == set(), found


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(("letter", "right"), [("B", True), ("A", False), ("", False), ("cyst", False)])
def test_the_letter_is_that_of_the_right_option(language, letter, right):
    question = {"en": "Which finding is shown?", "zh": "显示的是哪种所见？"}[language]
    found = ask(language, question, "f2", (ANSWERS[language]["f2"], "f2"), letter, OPTIONS[language])
    assert found == (set() if right else {"letter"})


@pytest.mark.parametrize(
    ("language", "text"), [("en", "The answer is A, the cyst is seen."), ("zh", "答案是A，图像显示囊肿。")]
)
def test_a_wrong_letter_in_the_text_is_found(language, text):
    question = {"en": "Which finding is shown?", "zh": "显示的是哪种所见？"}[language]
    assert "letter" in ask(language, question, "f2", (text, "f2"), "B", OPTIONS[language])


def test_a_letter_without_options_is_wrong():
    assert ask("en", "Which finding is shown?", "f2", ("A cyst is seen.", "f2"), "A") == {"letter"}


def test_an_answer_states_what_is_asked_for():
    assert ask("en", "Where does the cyst lie?", "f3", ("The image shows a cyst.", "f2")) == {"gap"}


def talk(*turns, facts=FACTS[:4]):
    made = [{"fact": f, "question": q, "sentences": [{"text": a, "facts": [f]}]} for f, q, a in turns]
    found = judge_reply({"turns": made}, facts, "instruct", "en", sample=SAMPLE, tongue=TONGUES["en"])
    return {reason.removeprefix("guided.") for reason in found.reasons}


TURNS = [
    ("f1", "What kind of image is this?", "This is a CT image."),
    ("f2", "What does this CT image show?", "A cyst is seen."),
    ("f3", "Where does the cyst lie?", "The cyst lies upper-left."),
    ("f4", "How many cysts are there?", "There are 3 cysts."),
]


def test_a_conversation_may_name_what_was_answered():
    assert talk(*TURNS) == set()


def test_a_conversation_does_not_ask_for_what_was_told():
    assert "leak.earlier" in talk(TURNS[0], TURNS[2], TURNS[1], TURNS[3])


def test_a_conversation_asks_for_every_fact_once():
    assert "gap" in talk(*TURNS[:3])
    assert "repetition" in talk(*TURNS, TURNS[3])
    assert "reference.unknown" in talk(*TURNS, ("f9", "What else?", "Nothing."))


PAIR = fact("qa", "Aspirin 100 mg reduces the risk of stroke in men over 50.", "What does aspirin 100 mg do?")
SHORT = fact("qa", "no", "Is the heart enlarged?")
MEN = "In men over 50, aspirin 100 mg"
ZH_QUESTION = "服用阿司匹林100毫克的作用是什么？"
ZH_PAIR = fact("qa", "阿司匹林100毫克可以降低中风的风险。", "阿司匹林100毫克有什么作用？")


def rewritten(pair, language, question, answer):
    reply = {"question": question, "sentences": [{"text": answer, "facts": ["f1"]}]}
    return {reason.removeprefix("guided.") for reason in judge_reply(reply, [pair], "text", language).reasons}


@pytest.mark.parametrize(
    ("pair", "language", "question", "answer", "wanted"),
    [
        (PAIR, "en", "What is the effect of aspirin 100 mg?", f"{MEN} lowers the risk of stroke.", set()),
        (PAIR, "en", "What is the effect of aspirin?", f"{MEN} lowers the risk of stroke.", {"source.lost"}),
        (
            PAIR,
            "en",
            "What does aspirin 100 mg do?",
            f"{MEN} lowers the risk of stroke.".replace("50", "60"),
            {"number"},
        ),
        (PAIR, "en", "What does aspirin 100 mg do?", f"{MEN} does not lower the risk of stroke.", {"denial.source"}),
        (PAIR, "en", "What does aspirin 100 mg do?", f"{MEN} lowers the risk of glaucoma.", {"finding"}),
        (SHORT, "en", "Does the heart look enlarged?", "No, the heart is as it was asked about.", set()),
        (SHORT, "en", "Does the heart look enlarged?", "Yes, the heart is enlarged.", {"source.lost", "denial.source"}),
        (ZH_PAIR, "zh", ZH_QUESTION, "阿司匹林100毫克能够降低中风风险。", set()),
        (ZH_PAIR, "zh", ZH_QUESTION, "阿司匹林200毫克能够降低中风风险。", {"number", "source.lost"}),
        (ZH_PAIR, "zh", ZH_QUESTION, "阿司匹林100毫克不能降低中风风险，可致青光眼。", {"finding"}),
    ],
)
def test_a_source_in_other_words_stays_what_it_was(pair, language, question, answer, wanted):
    found = rewritten(pair, language, question, answer)
    assert wanted <= found if wanted else found == set(), found


def test_a_verdict_tells_everything_at_once():
    said = {"sentences": [{"text": "An MRI shows 4 cysts on the right.", "facts": ["f2"]}]}
    found = judge_reply(said, FACTS, "caption", "en", sample=SAMPLE)
    assert not found.accepted and {"guided.modality", "guided.side", "guided.number"} <= set(found.reasons)
    assert all(word in found.told for word in ("MRI", "4", "right"))


def test_judging_changes_nothing_and_needs_no_sample():
    reply = {"sentences": [{"text": "A cyst is seen.", "facts": ["f2"]}]}
    first = judge_reply(reply, FACTS, "caption", "en")
    assert first == judge_reply(reply, FACTS, "caption", "en") and first.accepted
    assert reply == {"sentences": [{"text": "A cyst is seen.", "facts": ["f2"]}]}


def test_every_gate_has_a_name_and_says_what_it_does():
    assert all(gate.__doc__ for gate in GATES.values()) and len(set(GATES.values())) == len(GATES)


def test_names_are_found_whole_and_the_longest_first():
    found = [(named.name, named.what) for named in lexicon_names().find("A lung nodule, no Pneumothorax; 左侧肺炎")]
    assert found == [("lung nodule", "finding"), ("Pneumothorax", "finding"), ("肺炎", "finding")]


@pytest.mark.parametrize("text", ["a-" * 50_000, "a" * 100_000, "囊肿" * 50_000, "a cyst " * 20_000, "(" * 100_000])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_what_is_far_too_long_is_refused_in_no_time(language, text):
    before = time.process_time()
    said = {"sentences": [{"text": text, "facts": ["f2"]}]}
    found = judge_reply(said, FACTS, "caption", language, sample=SAMPLE, tongue=TONGUES[language])
    assert found.reasons == ("guided.length",) and time.process_time() - before < 2
