"""Tables that unfold: every place has its numbers, and nothing in a name is markup."""

import pytest

from gmai.report import Branch, Spot, drill

ALL = Spot(0.5, 0.4, 0.6, 0.25)


def branch(depth: int, name: str = "place", spots: tuple[Spot | None, ...] = (ALL,)) -> Branch:
    return Branch(depth, name, "task", 1234, spots)


def test_places_with_others_below_can_be_opened_and_missing_numbers_stay_empty():
    shown = drill(["<m>"], [branch(0), branch(1, "a<b"), branch(2, spots=(None,)), branch(1)], ("all", "task"), "What")
    assert shown.count("data-opens") == 2 and "a&lt;b" in shown and "<m>" not in shown
    assert shown.count("<td></td>") == 1 and "1\u202f234" in shown and "--l:40.0;--h:60.0;--c:25.0" in shown


def test_a_spot_is_above_or_below_chance_only_with_its_whole_interval():
    assert [Spot(0.5, low, high, 0.45).side for low, high in ((0.46, 0.6), (0.4, 0.6), (0.3, 0.44))] == [
        "above",
        "",
        "below",
    ]


@pytest.mark.parametrize(
    "branches", [[branch(1)], [branch(0), branch(2)], [branch(0, spots=())], [branch(0), branch(-1)]]
)
def test_places_that_hang_nowhere_are_a_mistake(branches):
    with pytest.raises(ValueError, match="has no place"):
        drill(["m"], branches, ("all",), "What")


def test_no_places_make_an_empty_table():
    assert "<tbody>" in drill(["m"], [], ("all",), "What")
