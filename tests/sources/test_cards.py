"""Source cards: strict, checked against the lexicon, found below a folder."""

import pytest
import yaml
from click.testing import CliRunner

import make
from gmai.cli import main
from gmai.errors import CardError
from gmai.phantoms import CT_FINDINGS, FUNDUS_GRADES, HISTOLOGY_CELLS, ULTRASOUND_FINDINGS, XRAY_FINDINGS
from gmai.sources import card_names, card_text, find_sources, read_card


@pytest.mark.parametrize("name", card_names())
def test_shipped_cards_are_sound_and_named_after_their_file(name):
    card = read_card(name)
    assert card.name == name and card.title and card.files
    assert card.home.startswith("http") or name.startswith("phantom-")
    known = card.licence != "unknown" and not card.licence.startswith("LicenseRef-")
    assert not known or (card.redistribution is not None and card.commercial is not None)
    assert read_card(name, yaml.safe_load(card_text(card))) == card


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"modalty": "CT"}, "unknown key, did you mean modality"),
        ({"modality": "X-rays"}, "X-ray"),
        ({"department": "Radiology"}, "department"),
        ({"tasks": {"finding": "Diagnosis"}}, "Disease Diagnosis"),
        ({"format": "cocoo"}, "did you mean coco"),
        ({"files": []}, "names no files"),
        ({"files": ["/etc/*"]}, "does not stay below the root"),
        ({"files": ["a/../../*"]}, "does not stay below the root"),
        ({"subject": {"pattern": "(a"}}, "no regular expression"),
        ({"name": "a/b"}, "cannot be called"),
        ({"slices": {"mode": "some"}}, r"slices\.mode: should be 'largest'"),
        ({"files": "train"}, r"files: should be a list, such as \[a, b\]"),
        ({"labels": {"a": "b"}}, r"labels\.a: should be a mapping, such as \{key: value\}"),
        ({"name": None}, "name: should be text"),
        ({"licence": "CC BY 4.0"}, "SPDX identifier such as CC-BY-4.0"),
    ],
)
def test_what_is_wrong_with_a_card_is_said(tmp_path, changes, message):
    with pytest.raises(CardError, match=message):
        read_card(make.write_card(tmp_path / "card.yaml", **changes))


def test_an_unknown_card_names_its_neighbours():
    with pytest.raises(CardError, match="did you mean phantom-ct"):
        read_card("phantom-tc")


def test_the_cards_of_the_phantoms_name_what_is_drawn():
    drawn = {
        "phantom-ct": CT_FINDINGS,
        "phantom-xray": XRAY_FINDINGS,
        "phantom-histology": HISTOLOGY_CELLS,
        "phantom-ultrasound": ULTRASOUND_FINDINGS,
        "phantom-fundus": FUNDUS_GRADES,
    }
    for name, findings in drawn.items():
        assert tuple(label.name for label in read_card(name).labels.values()) == findings


def test_sources_are_found_below_a_folder(tmp_path):
    make.medmnist(tmp_path / "a/b/pneumoniamnist.npz")
    make.medmnist(tmp_path / "a/b/c/pneumoniamnist.npz")
    make.text(tmp_path / "x/data/ori_pqal.json", "{}")
    make.medmnist(tmp_path / "1/2/3/4/5/pneumoniamnist.npz")
    found = [(card.name, root.relative_to(tmp_path).as_posix()) for card, root in find_sources(tmp_path)]
    assert found == [("pneumoniamnist", "a/b"), ("pubmedqa", "x")]


def test_the_command_line_checks_and_ingests(tmp_path):
    make.medmnist(tmp_path / "f/pneumoniamnist.npz", {"train": 4, "test": 2})
    call = CliRunner().invoke
    assert "phantom-ct\tCT" in call(main, ["source", "list"]).output
    assert str(tmp_path / "f") in call(main, ["source", "list", str(tmp_path)]).output
    checked = call(main, ["source", "check", "pneumoniamnist", "--root", str(tmp_path / "f")])
    assert checked.exit_code == 0 and "image: 6 found, 0 rejected" in checked.output
    missing = call(main, ["source", "check", "pneumoniamnist", "--root", str(tmp_path)])
    assert missing.exit_code == 1 and "missing: pneumoniamnist.npz" in missing.output
    arguments = ["source", "ingest", "pneumoniamnist", "--root", str(tmp_path / "f"), "-o", str(tmp_path / "raw")]
    done = call(main, [*arguments, "--workers", "0", "--limit", "5", "--set", "changes.language=zh", "--quiet"])
    assert done.exit_code == 0, done.output
    assert yaml.safe_load((tmp_path / "raw/card.yaml").read_text())["language"] == "zh"
    again = call(main, [*arguments, "--workers", "0"])
    assert again.exit_code == 2 and "holds another run" in again.output
    wrong = call(main, ["source", "ingest", "nothing", "--root", str(tmp_path), "-o", str(tmp_path / "x")])
    assert wrong.exit_code == 2 and "no card 'nothing'" in wrong.output
