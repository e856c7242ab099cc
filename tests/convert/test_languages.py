"""Facts in two languages: what is shared, what has no name, and what is made beside the questions of a benchmark."""

import dataclasses
import json
from collections import Counter
from pathlib import Path

import pytest
from raw_files import FINDINGS, ct, fundus, make_raw, make_raws, make_sample

from gmai.base import JobConfig, find_boxes
from gmai.convert import ConvertConfig, convert, make_conversations
from gmai.convert.tongue import Tongue, lexicon_tongue
from gmai.corpus import iter_conversations
from gmai.errors import CardError, ConfigError
from gmai.types import Box, Conversation, Label, LabelName, Measurement, Reject, Report, Sample

BOTH = ConvertConfig(raw=(Path("raw"),), out=Path("out"), languages=("en", "zh"))
NAMED = {
    "stone": LabelName(name="stone", plural="stones", zh="结石"),
    "node": LabelName(name="node", plural="nodes", zh="淋巴结"),
}
TONGUES = [Tongue("en", NAMED), Tongue("zh", NAMED)]


def made(sample: Sample, tongues=TONGUES, **changes: object) -> list[Conversation | Reject]:
    return list(make_conversations(dataclasses.replace(BOTH, **changes), sample, ("CT", "MRI"), tongues))


def talks(sample: Sample, **changes: object) -> list[Conversation]:
    found = made(sample, **changes)
    assert not [item for item in found if isinstance(item, Reject)]
    return found


def test_rows_of_both_languages_share_facts_and_id():
    for sample in (ct(5).sample, fundus(1).sample):
        found = {talk.id: talk for talk in talks(sample, also=("boxes", "measurements", "questions"))}
        english = {name: talk for name, talk in found.items() if talk.language == "en"}
        assert len(english) * 2 == len(found) > 10
        for name, talk in english.items():
            other = found[f"{name}.zh"]
            assert other.language == "zh" and other.facts == talk.facts and len(other.options) == len(talk.options)


def test_english_alone_is_what_it_is_beside_chinese():
    sample = ct(5).sample
    assert made(sample, TONGUES[:1]) == [talk for talk in made(sample) if talk.language == "en"]


def test_what_has_no_name_in_a_language_is_left_out_there_and_counted(tmp_path):
    box = Box(label="zorblax", xyxy=(1, 1, 9, 9), record="b#1")
    stored = make_sample("ct", 1, (box,), classes={"finding": ("zorblax", "cyst")})
    found = made(stored.sample)
    rejects = [item for item in found if isinstance(item, Reject)]
    english = [item for item in found if not isinstance(item, Reject) and item.language == "en"]
    assert any("zorblax" in talk.turns[1].text for talk in english)
    assert {(item.reason, item.unit) for item in rejects} == {("convert.no_name", "conversation")}
    assert "'zorblax'" in rejects[0].detail and rejects[0].id.endswith(".zh")
    config = dataclasses.replace(BOTH, raw=(make_raw(tmp_path / "raw", [stored, ct(2)]),), out=tmp_path / "out")
    summary = convert(dataclasses.replace(config, job=JobConfig(workers=0)))
    assert summary.rejected["conversation"] == summary.reasons["convert.no_name"] > 0


def test_names_come_from_the_card_then_the_lexicon_and_are_never_guessed():
    tongue = Tongue("zh", {"cyst": LabelName(name="cyst", zh="囊性灶")})
    assert tongue.label("cyst") == "囊性灶" and tongue.label("tumor") == "肿瘤"
    with pytest.raises(CardError, match="'tumorx' has no name in zh"):
        tongue.label("tumorx")
    with pytest.raises(CardError, match="has no name in en"):
        lexicon_tongue("en").label("某某某")


def test_articles_plurals_and_measure_words():
    english, chinese = TONGUES
    assert [english.with_article(name) for name in ("abscess", "cyst", "edema", "kidney")] == [
        "an abscess",
        "a cyst",
        "edema",
        "the kidney",
    ]
    assert english.things("1", "cyst") == "1 cyst" and english.things("3", "abscess") == "3 abscesses"
    assert english.things("1", "zorblax") == "1 instance of zorblax"
    assert chinese.things("3", "stone") == "3枚结石" and chinese.things("2", "cyst") == "2个囊肿"


def test_reports_and_measurements_are_given_as_they_are():
    said = (
        Report(text="心影增大。", record="r#1", section="findings"),
        Measurement(name="volume", value=12.5, unit="ml", record="m#1"),
        Label(name="cyst", record="t#1"),
    )
    stored = make_sample("ct", 1, said, classes={"finding": FINDINGS}, language="zh")
    found = [item for item in made(stored.sample, also=("reports", "measurements")) if isinstance(item, Conversation)]
    (report,) = [talk for talk in found if talk.kind == "report"]
    assert report.turns[1].text == "心影增大。" and "影像所见" in report.turns[0].text and report.language == "zh"
    values = [talk for talk in found if talk.kind == "measurement"]
    assert values and all("12.5 ml" in talk.turns[1].text for talk in values)
    assert not [talk for talk in talks(ct(5).sample) if talk.kind in ("report", "measurement", "box", "region")]


def test_boxes_are_the_whole_pixels_of_the_regions():
    box = Box(label="cyst", xyxy=(1.5, 2.0, 9.2, 10.0), record="b#1")
    sample = make_sample("ct", 1, (box,), classes={"finding": FINDINGS}).sample
    (one, other) = [talk for talk in talks(sample, also=("boxes",)) if talk.kind == "box"]
    assert one.answer == other.answer == "<box>[[1, 2, 10, 10]]</box>"
    assert all(find_boxes(talk.turns[1].text) == (((1, 2, 10, 10),),) for talk in (one, other))
    asked = [talk for talk in talks(sample, also=("boxes",)) if talk.kind == "region"]
    assert {talk.answer for talk in asked} == {"cyst", "囊肿"} and len(asked) == 4


def test_hard_wrong_options_are_those_like_the_right_one():
    names = ("lung nodule", "lung mass", "thyroid nodule", "fracture", "cataract", "kidney", "glaucoma", "gastritis")
    shares: Counter[str] = Counter()
    for wrong in ("drawn", "hard"):
        for number in range(30):
            label = Label(name="lung nodule", record="t#1")
            sample = make_sample("x", number, (label,), classes={"finding": names}).sample
            for talk in talks(sample, wrong=wrong, kinds=("finding",), languages=("en",)):
                shares[wrong] += len({"lung mass", "thyroid nodule"} & set(talk.options))
    assert shares["hard"] > 1.5 * shares["drawn"]
    places = Counter()
    for number in range(300):
        boxes = tuple(Box(label="node", xyxy=(n * 5, 1, n * 5 + 4, 5), record=f"b#{n}") for n in range(5))
        sample = make_sample("x", number, boxes, classes={"finding": ("node", "cyst")}).sample
        for talk in talks(sample, wrong="hard", kinds=("count",), subsets=("percept",), forms=("choice",)):
            numbers = sorted(map(int, talk.options))
            assert numbers == list(range(numbers[0], numbers[0] + 4))
            places[numbers.index(5)] += 1
    assert all(count > 0.15 * sum(places.values()) for count in places.values()) and len(places) == 4


def test_variety_is_told(tmp_path):
    config = dataclasses.replace(BOTH, raw=make_raws(tmp_path / "raw"), out=tmp_path / "out", job=JobConfig(workers=0))
    first = convert(config)
    stats = json.loads((tmp_path / "out/stats.json").read_text())["variety"]
    assert set(stats) == {"en", "zh"}
    for said in stats.values():
        assert 0 < said["distinct_1"] <= said["distinct_2"] <= said["distinct_3"] < 1
        opening = said["wordings"]["opening.modality"]
        assert opening["n"] == 24 and opening["used"] > 2 and opening["commonest"] < 0.6
    assert convert(config) == first
    languages = Counter(talk.language for talk in iter_conversations(tmp_path / "out") if talk.kind != "qa")
    assert languages["en"] > languages["zh"] > 0


def test_languages_that_make_nothing_are_refused():
    for wrong in ((), ("en", "en")):
        with pytest.raises(ConfigError, match="languages cannot be"):
            dataclasses.replace(BOTH, languages=wrong)
