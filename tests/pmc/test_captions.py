from collections import Counter

import pytest
from written_captions import measure, read_written

from gmai.pmc.align import align, align_panels
from gmai.pmc.captions import join_caption, split_caption
from gmai.pmc.packages import iter_articles
from gmai.types.article import Panel


def panels(*boxes, labels=()):
    names = [*labels, *[""] * len(boxes)]
    return [
        Panel(box=box, order=order, label=name) for order, (box, name) in enumerate(zip(boxes, names, strict=False))
    ]


ROW = ((0, 0, 100, 100), (110, 0, 210, 100), (220, 0, 320, 100))
GRID = ((0, 0, 100, 100), (110, 0, 210, 100), (0, 110, 100, 210), (110, 110, 210, 210))


def test_there_are_two_hundred_written_captions_and_no_two_alike():
    written = read_written()
    assert len({caption.text for caption in written}) == len(written) >= 200


@pytest.mark.parametrize("half", [0, 1])
def test_written_captions_are_cut_where_their_authors_cut_them(half):
    result = measure(read_written()[half::2])
    assert result["labels"] >= 0.95
    assert result["span_f1"] >= 0.95


def test_every_part_lies_where_it_says_and_nothing_is_lost():
    for caption in read_written():
        parts = split_caption(caption.text, caption.language)
        assert [sub.start for sub in parts.subs] == sorted(sub.start for sub in parts.subs)
        for sub in parts.subs:
            assert 0 <= sub.start < sub.end <= len(caption.text)
            for word in sub.text.split():
                assert word in caption.text[sub.start : sub.end]
        said = " ".join([parts.lead, *(caption.text[sub.start : sub.end] for sub in parts.subs), parts.tail])
        joining = [letter for word in ("and", "y", "e", "et") for letter in word] * len(parts.subs)
        lost = Counter(filter(str.isalnum, caption.text)) - Counter(said) - Counter(joining)
        assert not lost, (caption.text, lost)


def test_a_caption_without_labels_says_why():
    assert split_caption("").why == "empty"
    assert split_caption("Serum vitamin A and hepatitis B.").why == "no_labels"
    assert split_caption("(A) The only one.").why == "one_label"


def test_title_and_caption_are_one_text():
    assert join_caption("A title", "(A) One. (B) Two.") == "A title. (A) One. (B) Two."
    assert join_caption("", "x") == "x"
    assert join_caption("Title:", "x") == "Title: x"


def test_members_of_a_group_named_after_their_words_stay_together():
    parts = split_caption("(A–C) Neurons in wild type (A), mutant (B) and rescued (C) worms. (D) Length.")
    assert [sub.labels for sub in parts.subs] == [("A", "B", "C"), ("D",)]
    assert parts.subs[0].shared


def test_ranges_of_bracketed_labels_are_ranges():
    parts = split_caption("Results in (a)–(c) are at rest, results in (d)–(f) under load.")
    assert [sub.labels for sub in parts.subs] == [("a", "b", "c"), ("d", "e", "f")]


def test_letters_on_panels_decide_over_their_order():
    parts = split_caption("(A) One. (B) Two. (C) Three.")
    found = align(panels(*ROW, labels=("C", "a", "B")), parts)
    assert [(panel.text, panel.how) for panel in found] == [
        ("Three.", "letter"),
        ("One.", "letter"),
        ("Two.", "letter"),
    ]


def test_without_letters_equal_counts_go_by_order_less_surely_in_a_grid():
    three = align(panels(*ROW), split_caption("(A) One. (B) Two. (C) Three."))
    four = align(panels(*GRID), split_caption("(A) One. (B) Two. (C) Three. (D) Four."))
    assert [panel.text for panel in three] == ["One.", "Two.", "Three."]
    assert {panel.how for panel in (*three, *four)} == {"order"}
    assert four[0].confidence < three[0].confidence < 1


def test_unequal_counts_are_not_guessed():
    result = align_panels(panels(*ROW), split_caption("(A) One. (B) Two."))
    assert result.why == "counts_differ"
    assert [(panel.text, panel.how, panel.confidence) for panel in result.panels] == [("", "unaligned", 0.0)] * 3


def test_missing_letters_are_filled_only_where_the_others_stand_in_order():
    parts = split_caption("(A) One. (B) Two. (C) Three.")
    filled = align(panels(*ROW, labels=("A", "", "C")), parts)
    assert [(panel.text, panel.how) for panel in filled] == [
        ("One.", "letter"),
        ("Two.", "order"),
        ("Three.", "letter"),
    ]
    crossed = align_panels(panels(*ROW, labels=("B", "", "")), parts)
    assert crossed.why == "letters_out_of_order"
    assert [panel.how for panel in crossed.panels] == ["letter", "unaligned", "unaligned"]


def test_a_letter_the_caption_does_not_know_is_unaligned():
    result = align_panels(panels(*ROW, labels=("A", "B", "K")), split_caption("(A) One. (B) Two. (C) Three."))
    assert result.why == "letters_unknown"
    assert [panel.how for panel in result.panels] == ["letter", "letter", "unaligned"]


def test_what_is_said_of_a_group_reaches_each_of_its_panels():
    found = align(panels(*ROW, labels=("A", "B", "C")), split_caption("(A, B) Both eyes. (C) Scan."))
    assert [panel.text for panel in found] == ["Both eyes.", "Both eyes.", "Scan."]


def test_groups_across_the_alphabet_follow_the_letters_in_order():
    found = align(panels(*GRID), split_caption("(A, C) Control. (B, D) Treated."))
    assert [panel.text for panel in found] == ["Control.", "Treated.", "Control.", "Treated."]


def test_words_for_places_go_by_where_panels_lie():
    sides = align(panels(*GRID), split_caption("Left: before. Right: after."))
    assert [(panel.text, panel.how) for panel in sides] == [("before.", "place"), ("after.", "place")] * 2
    rows = align(panels(*GRID), split_caption("Top row: control. Bottom row: treated."))
    assert [panel.text for panel in rows] == ["control.", "control.", "treated.", "treated."]
    across = align_panels(panels((0, 0, 200, 100), *GRID[2:]), split_caption("Left: before. Right: after."))
    assert across.why == "places_unclear"
    assert [panel.how for panel in across.panels] == ["unaligned", "unaligned", "unaligned"] or across.panels[
        0
    ].text == ""


def test_one_panel_has_the_whole_caption_unless_it_speaks_of_several():
    whole = align(panels(ROW[0]), split_caption("Axial CT of the liver."))
    assert [(panel.text, panel.how) for panel in whole] == [("Axial CT of the liver.", "whole")]
    assert align(panels(ROW[0]), split_caption("(A) One. (B) Two."))[0].how == "unaligned"
    assert align_panels(panels(*ROW), split_caption("Axial CT.")).why == "no_parts"
    assert align_panels([], split_caption("Axial CT.")).why == "no_panels"


@pytest.mark.parametrize(
    "text", ["((((((", "(A" * 2000, "A, " * 3000, "(A) (B) " * 500, "« » \0 (A) x (B) y", "(A–Z) (a–" * 300]
)
def test_strange_captions_end_soon(text):
    parts = split_caption(text)
    assert all(sub.end <= len(text) for sub in parts.subs)


@pytest.mark.data
def test_real_captions_are_cut(data):
    whys = {"": 0, "no_labels": 0, "one_label": 0, "empty": 0}
    for item in iter_articles(data / "articles"):
        for figure in item.article.figures if hasattr(item, "article") else ():
            if text := join_caption(figure.title, figure.caption):
                whys[split_caption(text, figure.language).why] += 1
    assert sum(whys.values()) >= 552
    assert whys[""] >= 280
    assert whys["empty"] == 0
