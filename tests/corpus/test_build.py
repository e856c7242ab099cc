"""A build holds what was asked for and nothing else, and says what it left out."""

import json

import pytest
from corpus_files import make_conversation, make_sample
from mixed import make_mixed, under

from gmai.base import open_run, output_files, write_json
from gmai.corpus import (
    BuildConfig,
    SplitConfig,
    build_corpus,
    iter_conversations,
    iter_samples,
    open_corpus,
    split_corpus,
    write_conversations,
    write_samples,
)
from gmai.corpus.terms import find_terms
from gmai.errors import ConfigError
from gmai.types import Step


@pytest.fixture
def mixed(tmp_path):
    return make_mixed(tmp_path / "mixed")


def build(corpus, out, **given):
    return build_corpus(BuildConfig(corpus=corpus, out=out, **given))


def test_a_commercial_build_holds_nothing_closed_and_lists_what_it_left_out(mixed, tmp_path):
    summary = build(mixed, tmp_path / "out", use="commercial")
    held = {stored.sample.provenance.licence for stored in iter_samples(tmp_path / "out")}
    assert held == {"MIT"} and {talk.source for talk in iter_conversations(tmp_path / "out")} == {"open"}
    assert summary.accepted == {"conversation": 5, "sample": 3}
    assert summary.reasons == {"build.sample": 2, "licence.nc": 1, "licence.unknown": 1}
    left = json.loads((tmp_path / "out/left_out.json").read_text())
    assert {
        (row["source"], row["licence"], row["reason"], row["count"]) for row in left if row["unit"] == "sample"
    } == {
        ("nc", "CC-BY-NC-4.0", "licence.nc", 1),
        ("closed", "unknown", "licence.unknown", 1),
    }
    assert len((tmp_path / "out/rejects.jsonl").read_text().splitlines()) == 4
    assert not (tmp_path / "out/cards/nc.yaml").exists()


def test_kept_records_and_pictures_pass_unchanged(mixed, tmp_path):
    build(mixed, tmp_path / "out", sources=("nc", "open"))
    before = {stored.sample.id: stored for stored in iter_samples(mixed)}
    after = {stored.sample.id: stored for stored in iter_samples(tmp_path / "out")}
    assert set(after) == {"open/0", "open/1", "open/2", "nc/3"}
    assert all(before[name] == stored for name, stored in after.items())
    assert list(iter_conversations(tmp_path / "out")) == [
        talk for talk in iter_conversations(mixed) if talk.source != "closed"
    ]


@pytest.mark.parametrize(
    ("given", "talks", "samples"),
    [
        ({"languages": ["zh"]}, ["open/0#box"], ["open/0"]),
        ({"kinds": ["instruct"]}, ["open/1#finding"], ["open/1"]),
        ({"tasks": ["Counting"]}, ["open/0#box"], ["open/0"]),
        ({"subsets": ["text"], "modalities": ["Text"]}, ["open/2#finding"], ["open/2"]),
        ({"sources": ["nc"], "departments": ["Urology"]}, ["nc/3#finding"], ["nc/3"]),
    ],
)
def test_every_axis_chooses(mixed, tmp_path, given, talks, samples):
    summary = build(mixed, tmp_path / "out", **{axis: tuple(names) for axis, names in given.items()})
    assert [talk.id for talk in iter_conversations(tmp_path / "out")] == talks
    assert [stored.sample.id for stored in iter_samples(tmp_path / "out")] == samples
    assert summary.accepted == {"conversation": 1, "sample": 1}
    assert summary.rejected == {"conversation": 6, "sample": 4}


def test_a_build_is_a_corpus_of_its_own(mixed, tmp_path):
    build(mixed, tmp_path / "one", use="commercial")
    split_corpus(SplitConfig(corpus=tmp_path / "one"))
    assert len(open_corpus(tmp_path / "one")) == 3
    build(tmp_path / "one", tmp_path / "two", languages=("zh",))
    assert [talk.id for talk in iter_conversations(tmp_path / "two")] == ["open/0#box"]


def test_the_same_build_has_the_same_bytes(mixed, tmp_path):
    for name in ("a", "b"):
        build(mixed, tmp_path / name, use="commercial")
    (tmp_path / "b/manifest.json").unlink()
    build(mixed, tmp_path / "b", use="commercial")
    assert (tmp_path / "a/manifest.json").read_bytes() == (tmp_path / "b/manifest.json").read_bytes()


def test_what_is_not_there_is_an_error(mixed, tmp_path):
    with pytest.raises(ConfigError, match="no modality MRI"):
        build(mixed, tmp_path / "out", modalities=("MRI",))
    with pytest.raises(ConfigError, match="nothing is left"):
        build(mixed, tmp_path / "none", sources=("nc",), use="commercial")


@pytest.mark.parametrize(
    ("licence", "card", "commercial", "passed_on"),
    [
        ("MIT", (None, None), True, True),
        ("CC BY 4.0", (None, None), True, True),
        ("CC-0", (None, None), True, True),
        ("CC-BY-4.0", (False, None), False, True),
        ("CC-BY-NC-SA-4.0", (True, None), False, True),
        ("CC-BY-ND-4.0", (True, None), False, False),
        ("CC-BY-NC-ND-4.0", (None, True), False, True),
        ("unknown", (True, None), False, False),
        ("unknown", (None, True), False, True),
        ("LicenseRef-house", (None, None), False, False),
        ("LicenseRef-house", (True, True), True, True),
        ("LicenseRef-WORD-GPL-3.0-non-commercial", (True, None), False, False),
        ("LicenseRef-CC-BY-NC", (None, None), False, False),
    ],
)
def test_licences_are_read_with_caution(licence, card, commercial, passed_on):
    terms = find_terms(licence, *card)
    assert (terms.commercial, terms.redistribution) == (commercial, passed_on)


@pytest.mark.parametrize(
    ("licence", "why"),
    [
        ("CC-BY-SA-4.0", ""),
        ("https://creativecommons.org/licenses/by-sa/4.0/", ""),
        ("http://creativecommons.org/publicdomain/zero/1.0/", ""),
        ("Public Domain", ""),
        ("CC-BY-4.0 OR MIT", ""),
        ("https://creativecommons.org/licenses/by-nc/4.0/", "licence.nc"),
        ("CC BY (NC)", "licence.nc"),
        ("CC BY-NC4.0", "licence.nc"),
        ("for non-commercial use", "licence.nc"),
        ("https://creativecommons.org/licenses/by-nd/4.0", "licence.nd"),
        ("CC-BYNC-4.0", "licence.not_commercial"),
        ("MIT AND LicenseRef-hospital", "licence.not_commercial"),
        ("n/a", "licence.not_commercial"),
        ("Unknown", "licence.unknown"),
        ("", "licence.unknown"),
    ],
)
def test_spellings_of_licences_allow_no_more_than_they_say(licence, why):
    assert find_terms(licence).why == why and find_terms(licence).commercial == (not why)


OWN = [
    ("CC-BY-4.0", {}, "CC BY-NC-SA", "licence.nc"),
    ("CC-BY-4.0", {"commercial": True}, "CC-BY-ND-4.0", "licence.nd"),
    ("CC-BY-4.0", {"commercial": True}, "LicenseRef-hospital", "licence.not_commercial"),
    ("CC-BY-NC-4.0", {}, "CC-BY-4.0", ""),
    ("LicenseRef-hospital", {}, "CC0-1.0", ""),
    ("CC-BY-NC-4.0", {"commercial": False}, "CC-BY-4.0", "licence.not_commercial"),
    ("LicenseRef-hospital", {"commercial": True}, "", ""),
    ("LicenseRef-hospital", {}, "", "licence.not_commercial"),
    ("CC-BY-SA-4.0", {}, "", ""),
    ("CC-BY-NC-4.0", {"commercial": True}, "", "licence.nc"),
]


def test_a_pictures_own_licence_goes_before_its_sources(tmp_path):
    run = open_run(tmp_path / "corpus", "convert", {"made": "by a test"}, {})
    for name in ("samples", "conversations"):
        (run.path / name).mkdir()
    talks = []
    for number, (licence, card, own, _) in enumerate(OWN):
        steps = (Step(name="read", parameters={"format": "coco", **({"licence": own} if own else {})}),)
        stored = under(make_sample(f"s{number}", number), licence, steps)
        write_samples(run.path / f"samples/s{number}-00000.parquet", [stored])
        write_json(run.path / f"cards/s{number}.yaml", {"name": f"s{number}", "licence": licence, **card})
        talks.append(make_conversation(stored))
    write_conversations(run.path / "conversations/00000.parquet", talks)
    run.finish({}, output_files(run))
    summary = build(tmp_path / "corpus", tmp_path / "out", use="commercial")
    kept = {stored.sample.source for stored in iter_samples(tmp_path / "out")}
    assert kept == {f"s{number}" for number, (*_, why) in enumerate(OWN) if not why}
    left = json.loads((tmp_path / "out/left_out.json").read_text())
    told = {(row["source"], row["licence"], row["reason"]) for row in left if row["unit"] == "sample"}
    assert told == {(f"s{n}", own or licence, why) for n, (licence, _, own, why) in enumerate(OWN) if why}
    assert summary.accepted["sample"] + summary.rejected["sample"] == len(OWN)
