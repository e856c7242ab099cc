"""Two pictures of a subject compared: only in a known order, only what both annotations say, and read back."""

import dataclasses
from collections import Counter
from pathlib import Path

import pytest
from raw_files import FINDINGS, GRADES, make_raw, make_sample, mask_ref
from reader_comparison import read_comparison
from reader_en import english
from reader_zh import chinese
from sample_truth import Truth
from test_read_back import ALSO, check_pairs, read_all
from visit_files import CARD, write_visits

import make
from gmai.base import JobConfig
from gmai.convert import ConvertConfig, convert, make_conversations
from gmai.convert.changes import find_changes
from gmai.convert.checks import GroundingError
from gmai.convert.comparison import check_changes
from gmai.convert.scene import Scene
from gmai.convert.tongue import Tongue
from gmai.corpus import iter_conversations, iter_records, open_corpus, trace
from gmai.sources import IngestConfig, ingest
from gmai.types import Box, Label, LabelName, Reject, Sample, Turn, View

HERE = JobConfig(workers=0)
NAMED = {
    "stone": LabelName(name="stone", plural="stones", zh="结石"),
    "node": LabelName(name="node", plural="nodes", zh="淋巴结"),
    "cyst": LabelName(name="cyst", plural="cysts", zh="囊肿"),
    "tumor": LabelName(name="tumor", plural="tumors", zh="肿瘤"),
    "abscess": LabelName(name="abscess", plural="abscesses", zh="脓肿"),
}
TONGUES = [Tongue("en", NAMED), Tongue("zh", NAMED)]
CONFIG = ConvertConfig(
    raw=(Path("raw"),), out=Path("out"), languages=("en", "zh"), also=("comparisons",), per_kind=9, turns=9
)


def study(number: int, visit: float | None, radius: int, nodes: int, grade: str, *more: str) -> Sample:
    """A stone of a radius in half millimetres, so many nodes, a grade, and further findings of the whole picture."""
    stone = mask_ref(20, 20, radius, "stone", f"m{number}.png")
    cells = tuple(Box(label="node", xyxy=(k * 5, 40, k * 5 + 4, 44), record=f"b{number}#{k}") for k in range(nodes))
    labels = tuple(Label(name=name, record=f"t{number}") for name in more)
    graded = Label(name=grade, record=f"g{number}", task="grade")
    classes = {"finding": (*FINDINGS, "node"), "grade": GRADES}
    stored = make_sample("ct", number, (graded, stone, *cells, *labels), classes=classes, visit=visit)
    return dataclasses.replace(stored.sample, subject="p")


BEFORE = study(1, 0, 5, 2, "mild", "cyst")
AFTER = study(2, 30, 9, 4, "severe", "tumor")


def answers(earlier: Sample, later: Sample) -> dict[tuple[str, str], str]:
    return {(fact.kind, fact.about): fact.answer for fact in find_changes(earlier, later)}


def test_changes_are_what_both_annotations_say():
    found = answers(BEFORE, AFTER)
    assert found.pop(("presence_change", "abscess")) == "absent in both"
    assert found == {
        ("size_change", "stone"): "larger",
        ("count_change", "node"): "more",
        ("count_change", "stone"): "as many",
        ("grade_change", ""): "higher",
        ("presence_change", "stone"): "present in both",
        ("presence_change", "node"): "present in both",
        ("presence_change", "cyst"): "no longer present",
        ("presence_change", "tumor"): "new",
    }
    back = answers(AFTER, BEFORE)
    assert back["size_change", "stone"] == "smaller" and back["count_change", "node"] == "fewer"
    assert back["grade_change", ""] == "lower" and back["presence_change", "cyst"] == "new"
    (size,) = (fact for fact in find_changes(BEFORE, AFTER) if fact.kind == "size_change")
    assert size.values["difference"] == pytest.approx(size.values["after"] - size.values["before"], abs=1e-9)
    assert (size.values["changed"], size.values["unchanged"]) == (20, 10)
    assert size.records == ("m1.png", "m2.png")


@pytest.mark.parametrize(
    ("before", "after", "answer"),
    [
        (10, 10, "unchanged"),
        (20, 21, "unchanged"),
        (14, 16, None),
        (10, 14, "larger"),
        (14, 10, "smaller"),
        (1, 2, None),
    ],
)
def test_between_changed_and_unchanged_nothing_is_said(before, after, answer):
    found = answers(study(1, 0, before, 0, "mild"), study(2, 1, after, 0, "mild"))
    assert found.get(("size_change", "stone")) == answer


def test_where_a_picture_leaves_a_doubt_there_is_no_fact():
    two = dataclasses.replace(AFTER, annotations=(*AFTER.annotations, mask_ref(40, 8, 4, "stone", "again")))
    assert ("size_change", "stone") not in answers(BEFORE, two)
    unspaced = dataclasses.replace(AFTER, images=(dataclasses.replace(AFTER.images[0], spacing_mm=None),))
    assert ("size_change", "stone") not in answers(BEFORE, unspaced)
    unasked = dataclasses.replace(BEFORE, classes={**BEFORE.classes, "finding": ("stone", "node", "cyst")})
    assert ("presence_change", "tumor") not in answers(unasked, AFTER)
    ungraded = dataclasses.replace(BEFORE, classes={**BEFORE.classes, "grade": ("mild", "other")})
    assert ("grade_change", "") not in answers(ungraded, AFTER)
    bare = dataclasses.replace(BEFORE, annotations=())
    assert answers(bare, AFTER) == {}
    gaps = dataclasses.replace(AFTER, tasks={"presence": "none", "count": "none"})
    assert not {kind for kind, _ in answers(BEFORE, gaps)} & {"presence_change", "count_change"}


def talks(earlier: Sample | None, later: Sample, **changes: object) -> list:
    made = list(make_conversations(dataclasses.replace(CONFIG, **changes), later, ("CT",), TONGUES, earlier))
    assert not [item for item in made if isinstance(item, Reject)]
    return [talk for talk in made if talk.prior or talk.kind == "progression"]


def readers(earlier: Truth, later: Truth) -> dict[str, object]:
    known = earlier.known | later.known
    return {"en": english(known, NAMED, "CT"), "zh": chinese(known, NAMED, "CT")}


@pytest.mark.parametrize("pair", [(BEFORE, AFTER), (dataclasses.replace(AFTER, visit=-1), BEFORE)])
def test_every_comparison_says_what_both_annotations_say(pair):
    earlier, later = (Truth(sample) for sample in pair)
    words = readers(earlier, later)
    for seed in range(6):
        made = talks(*pair, seed=seed)
        readings = [read_comparison(talk, earlier, later, words[talk.language]) for talk in made]
        assert not [problem for reading in readings for problem in reading.problems]
        assert check_pairs(made) * 2 == len(made) > 20
        assert {talk.subset for talk in made} == {"percept", "instruct"}
        assert {talk.prior for talk in made} == {pair[0].id}


def test_nothing_is_compared_unless_it_is_asked_for():
    assert talks(BEFORE, AFTER, also=()) == [] and talks(None, AFTER) == []
    assert {talk.kind for talk in talks(BEFORE, AFTER, kinds=("size_change",))} == {"size_change"}


RIGHT = "The stone is larger: its longest diameter is 5.7 mm in the first image and 9.6 mm in the second."
ASKED = "The first image was taken before the second. How does the stone compare?"
PLANTED = [
    ("en", ASKED, "The stone is smaller: 5.7 mm in the first image, 9.6 mm in the second."),
    ("en", ASKED, "The stone is larger: 9.6 mm in the first image and 5.7 mm in the second."),
    ("en", ASKED, "The stone is larger: 5.7 mm in the first image and 12.6 mm in the second."),
    ("en", ASKED, "From 5.7 mm to 9.6 mm, the stone is larger, a difference of 3.9 mm or 40 %."),
    ("en", ASKED, "From 5.7 mm to 9.6 mm, the stone is larger, a difference of 8 mm or 68.4 %."),
    ("en", ASKED, "unchanged"),
    ("en", ASKED, "The stone looks fine."),
    ("en", "The first image is earlier. And the nodes?", "The first image shows 4 nodes, the second 2 nodes: more."),
    ("en", "The first image is earlier. And the nodes?", "fewer"),
    ("en", "The first image is earlier. And the nodes?", "The first image shows 2 nodes, the second 5 nodes: more."),
    ("en", "The first image is earlier. And the grade?", "The grade is lower: mild first, severe in the second."),
    ("en", "The first image is earlier. And the grade?", "The grade is higher: severe first, mild in the second."),
    ("en", "The first image is earlier. A cyst?", "A cyst is new."),
    ("en", "The first image is earlier. A tumor?", "A tumor is present in both."),
    ("en", "The first image is earlier. A tumor?", "no longer present"),
    ("en", "The first image is earlier. An abscess?", "absent in both, and the grade is higher"),
    ("en", "How does the stone compare?", "larger"),
    ("zh", "第一张图像较早。结石如何？", "结石缩小：最长径在第一张图像中为5.7 mm，在第二张中为9.6 mm。"),
    ("zh", "第一张图像较早。结石如何？", "由9.6 mm至5.7 mm，结石增大。"),
    ("zh", "第一张图像较早。囊肿如何？", "新出现"),
    ("zh", "第一张图像较早。淋巴结如何？", "第一张图像有2个淋巴结，第二张有3个淋巴结：增多。"),
    ("zh", "第一张图像较早。分级如何？", "分级降低：第一张图像为轻度，第二张为重度。"),
    ("zh", "第一张图像较早。结石如何？", "larger"),
]


def reading(language: str, question: str, reply: str, **more) -> list[str]:
    earlier, later = Truth(BEFORE), Truth(AFTER)
    talk = next(talk for talk in talks(BEFORE, AFTER) if talk.language == language and talk.subset == "percept")
    turns = (Turn(role="user", text=question), Turn(role="assistant", text=reply))
    talk = dataclasses.replace(talk, **{"turns": turns, "options": (), **more})
    return read_comparison(talk, earlier, later, readers(earlier, later)[language]).problems


def test_the_reader_passes_what_is_right():
    assert reading("en", ASKED, RIGHT) == []
    assert reading("en", "The first image is earlier. And the nodes?", "There were 2 nodes, now 4 nodes: more.") == []
    assert reading("zh", "第一张图像较早。分级如何？", "分级升高：第一张图像为轻度，第二张为重度。") == []


@pytest.mark.parametrize("case", PLANTED, ids=lambda case: case[2][:40])
def test_the_reader_finds_planted_mistakes(case):
    assert reading(*case)


def test_the_reader_finds_the_wrong_sample_and_the_wrong_order():
    assert reading("en", ASKED, RIGHT, prior="ct/7") and reading("en", ASKED, RIGHT, prior=AFTER.id)
    earlier, later = Truth(dataclasses.replace(BEFORE, visit=99)), Truth(AFTER)
    talk = talks(BEFORE, AFTER)[0]
    assert read_comparison(talk, earlier, later, readers(earlier, later)["en"]).problems


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        ("smaller", "grounding.change"),
        ("The stone is larger and unchanged.", "grounding.change"),
        ("From 9.6 mm to 5.7 mm, the stone is larger.", "grounding.order"),
    ],
)
def test_the_check_after_filling_reads_both_annotations_again(reply, reason):
    (fact,) = (fact for fact in find_changes(BEFORE, AFTER) if fact.kind == "size_change")
    scene = Scene(CONFIG, AFTER, View(), (fact,), TONGUES[0], prior=BEFORE)
    (talk, *_) = (talk for talk in talks(BEFORE, AFTER) if talk.kind == "size_change")
    check_changes(talk, scene)
    turns = (talk.turns[0], Turn(role="assistant", text=reply))
    with pytest.raises(GroundingError) as caught:
        check_changes(dataclasses.replace(talk, turns=turns), scene)
    assert caught.value.reason == reason
    with pytest.raises(GroundingError, match="in no annotation"):
        check_changes(talk, dataclasses.replace(scene, prior=dataclasses.replace(BEFORE, annotations=())))


def test_a_sample_of_two_pictures_tells_the_course_its_source_gives():
    later = make_sample(
        "cxr",
        1,
        (Label(name="worsening", record="t.csv:2#consolidation", task="consolidation progression"),),
        modality="X-ray",
        classes={"consolidation progression": ("improving", "stable", "worsening")},
    ).sample
    both = dataclasses.replace(later, images=(later.images[0], later.images[0]))
    made = talks(None, both)
    assert {(talk.answer, talk.language) for talk in made if talk.subset == "percept"} == {
        ("worsening", "en"),
        ("恶化", "zh"),
    }
    truth = Truth(both)
    words = {"en": english({"consolidation"}, {}, "X-ray"), "zh": chinese({"consolidation"}, {}, "X-ray")}
    problems = [p for talk in made for p in read_comparison(talk, truth, truth, words[talk.language]).problems]
    assert not problems and not [talk for talk in made if "consolidation progression" in talk.turns[0].text]
    wrong = dataclasses.replace(made[0], turns=(made[0].turns[0], Turn(role="assistant", text="improving")), options=())
    assert read_comparison(wrong, truth, truth, words["en"]).problems


def pairs_of(folder: Path, samples: list[Sample]) -> set[tuple[str, str]]:
    stored = [dataclasses.replace(make_sample("ct", 0, ()), sample=sample) for sample in samples]
    raw = make_raw(folder / "raw", stored)
    convert(dataclasses.replace(CONFIG, raw=(raw,), out=folder / "out", languages=("en",), job=HERE))
    return {(talk.prior, talk.sample) for talk in iter_conversations(folder / "out") if talk.prior}


def test_only_pictures_in_a_known_order_are_compared(tmp_path):
    visits = [study(n, visit, 5 + n, 1, "mild") for n, visit in enumerate([30, 0, None, 60])]
    assert pairs_of(tmp_path / "a", visits) == {("ct/1", "ct/0"), ("ct/0", "ct/3")}
    same_day = [study(n, 1, 5 + n, 1, "mild") for n in range(2)]
    assert pairs_of(tmp_path / "b", same_day) == set()
    two_of_one = [study(0, 0, 5, 1, "mild"), study(1, 1, 6, 1, "mild"), study(2, 1, 7, 1, "mild")]
    assert pairs_of(tmp_path / "c", two_of_one) == set()
    others = [study(0, 0, 5, 1, "mild"), dataclasses.replace(study(1, 1, 6, 1, "mild"), subject="q")]
    assert pairs_of(tmp_path / "d", others) == set()
    kinds = [study(0, 0, 5, 1, "mild"), dataclasses.replace(study(1, 1, 6, 1, "mild"), modality="MRI")]
    assert pairs_of(tmp_path / "e", kinds) == set()


@pytest.fixture(scope="module")
def line(tmp_path_factory) -> tuple[Path, dict[str, Path]]:
    folder = tmp_path_factory.mktemp("visits")
    radii = [[(4, False), (8, True)], [(9, True), (5, False), (5, True)], [(6, False), (6, False)], [(7, True)]]
    write_visits(folder / "files", radii)
    card = make.write_card(folder / "card.yaml", **CARD)
    ingest(IngestConfig(card=str(card), root=folder / "files", out=folder / "raw", job=HERE))
    convert(
        ConvertConfig(
            raw=(folder / "raw",),
            out=folder / "corpus",
            languages=("en", "zh"),
            also=(*ALSO, "comparisons"),
            per_kind=4,
            job=HERE,
        )
    )
    return folder / "corpus", {"visits": folder / "raw"}


def test_volumes_of_several_sessions_are_compared_and_read_back(line):
    corpus, raws = line
    readings = list(read_all(corpus, raws))
    assert not [problem for reading in readings for problem in reading.problems]
    compared = [reading.talk for reading in readings if reading.talk.prior]
    subjects = {sample.id: sample.subject for sample in iter_records(corpus)}
    later = Counter(subjects[name] for name in {talk.sample for talk in compared})
    assert later == {"sub-0": 1, "sub-1": 2, "sub-2": 1}
    assert all(subjects[talk.sample] == subjects[talk.prior] for talk in compared)
    told = {fact.answer for talk in compared for fact in talk.facts}
    assert told >= {"larger", "smaller", "unchanged", "new", "no longer present", "present in both", "absent in both"}


def test_the_way_back_of_a_comparison_tells_both_samples_and_the_threshold(line):
    corpus, _ = line
    talk = next(talk for talk in iter_conversations(corpus) if talk.kind == "size_change")
    steps = trace(corpus, talk.id)
    assert [step.name for step in steps if step.what == "sample"] == [talk.prior, talk.sample]
    assert len([step for step in steps if step.what == "annotation"]) == 2
    (fact,) = (step for step in steps if step.what == "fact")
    assert fact.details["values"]["changed"] == 20


def test_a_comparison_is_in_one_split_with_both_of_its_samples(line):
    corpus = open_corpus(line[0])
    for talk in corpus.conversations():
        if talk.prior:
            assert corpus.sample(talk.prior).sample.subject == corpus.sample(talk.sample).sample.subject
