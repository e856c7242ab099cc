"""The catalogue of data sets: every shipped card reads a miniature of its set whole, and says what it does not know."""

import importlib.util
import re
from pathlib import Path

import pytest
from miniatures import PLACES, build

from gmai.base import JobConfig
from gmai.corpus import iter_samples
from gmai.lexicon import read_lexicon
from gmai.sources import IngestConfig, card_names, check_source, find_missing, ingest, read_card
from gmai.types import SourceCard

CARDS = {name: read_card(name) for name in card_names()}
PUBLIC = {name: card for name, card in CARDS.items() if not name.startswith("phantom-")}
SPDX = {
    *("Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "MIT", "GPL-2.0-only", "ODbL-1.0", "ODC-By-1.0", "CC0-1.0"),
    *(f"CC-{terms}-{version}" for terms in ("BY", "BY-SA", "BY-NC", "BY-NC-SA") for version in ("3.0", "4.0")),
    *("CC-BY-NC-ND-4.0", "CC-BY-NC-ND-3.0", "CC-BY-ND-4.0"),
}


@pytest.mark.parametrize("name", CARDS)
def test_a_miniature_of_the_set_is_read_whole(name, tmp_path):
    card, root = CARDS[name], tmp_path / "files"
    truth = build(card, root)
    checked = check_source(card, root)
    assert checked.missing == () and checked.rejected == {}, checked.reasons
    summary = ingest(IngestConfig(card=name, root=root, out=tmp_path / "raw", job=JobConfig(workers=0)))
    assert summary.rejected == {}, (tmp_path / "raw/rejects.jsonl").read_text()
    assert {unit: summary.accepted.get(unit) for unit in checked.found} == checked.found
    samples = [stored.sample for stored in iter_samples(tmp_path / "raw")]
    assert samples and "annotation.unmapped" not in summary.accepted
    assert truth.subjects in (None, {sample.subject for sample in samples})
    assert truth.splits in (None, {sample.split for sample in samples})
    assert {sample.modality for sample in samples} == truth.modalities
    found = {getattr(each, "raw", "") for sample in samples for each in sample.annotations}
    assert truth.labels <= found
    for pattern in card.files:
        for path in root.glob(pattern):
            path.unlink()
        assert pattern in check_source(card, root).missing


def test_the_catalogue_is_wide():
    lexicon = read_lexicon()
    assert len(PUBLIC) >= 120
    assert {card.department for card in PUBLIC.values()} >= {*lexicon.departments, "none"}
    shown = {name for card in PUBLIC.values() for name in modalities_of(card)}
    assert {*lexicon.modalities} <= shown
    assert {lexicon.family(name) for name in shown} >= {*lexicon.families}


def modalities_of(card: SourceCard) -> set[str]:
    return {card.modality, *card.modalities.values()}


@pytest.mark.parametrize("name", PUBLIC)
def test_a_card_says_what_it_knows_and_what_not(name):
    card = PUBLIC[name]
    assert re.fullmatch(r"https?://\S+", card.home)
    assert card.licence in SPDX or card.licence == "unknown" or card.licence.startswith("LicenseRef-")
    assert card.citation == "" or re.search(r"(19|20)\d\d", card.citation)
    fields = set(SourceCard.__dataclass_fields__)
    assert set(card.unverified) <= fields, "unverified names a field there is not"
    absent = [field for field in card.unverified if getattr(card, field) in (None, "", (), {})]
    assert not absent, "unverified, yet nothing is said"
    if card.redistribution is None or card.commercial is None:
        assert card.licence == "unknown" or card.licence.startswith("LicenseRef-") or "licence" in card.unverified


def test_no_place_is_kept_for_a_card_there_is_not():
    assert set(PLACES) <= set(CARDS)


def test_what_is_missing_of_a_set_is_said_by_name(tmp_path):
    assert all(find_missing(card, tmp_path) == card.files for card in CARDS.values())


def test_the_guide_shows_the_cards_as_they_are():
    script = Path(__file__).parents[2] / "docs/build_catalogue.py"
    spec = importlib.util.spec_from_file_location("build_catalogue", script)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    page = module.build()
    assert module.PAGE.read_text(encoding="utf-8") == page, "docs/guides/catalogue.md is stale: run make docs"
    assert all(f"[`{name}`]" in page for name in PUBLIC)
