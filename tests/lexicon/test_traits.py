"""Traits as scores name them: sexes, bands of ages, and any other text as it is."""

import pytest

from gmai.lexicon import read_facet


@pytest.mark.parametrize(
    ("said", "band"),
    [
        ("063Y", "60-69"),
        ("63", "60-69"),
        ("63.0", "60-69"),
        (" 9 years ", "0-9"),
        ("54 岁", "50-59"),
        ("102", "90+"),
        ("089Y", "80-89"),
        ("006M", "0-9"),
        ("140M", "10-19"),
        ("012W", "0-9"),
        ("300D", "0-9"),
        ("7 months", "0-9"),
        ("8个月", "0-9"),
        ("60-64", "60-64"),
        ("80+", "80+"),
        ("90-94", "90+"),
        ("45M", ""),
        ("old", ""),
        ("-5", ""),
        ("1970-01-01", ""),
        ("0", "0-9"),
        ("unknown", ""),
    ],
)
def test_ages_become_bands(said, band):
    assert read_facet("age", said) == band


def test_sexes_are_written_one_way_and_codes_stay():
    assert [read_facet("sex", said) for said in ("Female", "f", "女", "M", " male ", "O", "1", "NaN", "")] == [
        *("F", "F", "F", "M", "M", "O", "1", "", "")
    ]


def test_other_traits_stay_as_they_are_said():
    assert read_facet("site", " Sankt  Gallen ") == "Sankt Gallen"
    assert read_facet("scanner", "n/a") == "" == read_facet("scanner", "x" * 65)
