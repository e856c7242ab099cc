"""Pages: whole in one file, nothing fetched, readable in both colour schemes, numbers beside the words."""

import base64
import re
from importlib.resources import files

import pytest
from markupsafe import Markup

from gmai.report import (
    Bubble,
    Card,
    Cell,
    Column,
    Fold,
    Link,
    Mark,
    Option,
    Page,
    Picture,
    Section,
    Tile,
    bars,
    chain,
    count_cell,
    figure,
    folds,
    format_count,
    format_interval,
    format_number,
    format_percent,
    gallery,
    interval_cell,
    page_data,
    paragraph,
    plural,
    render_page,
    share_cell,
    table,
)

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


def make_page(**changes) -> Page:
    body = figure(lambda width: bars({"a": 1}, "Bars", width), "A figure.")
    given = {
        "title": "A <title>",
        "lead": "A lead.",
        "statements": ("Research use only.",),
        "tiles": (Tile("12", "samples", "of 3 subjects"),),
        "sections": (Section("one", "One", body, "First.", {"n": 1}), Section("two", "Two", paragraph("a & b"))),
    }
    return Page(**(given | changes))


def style() -> str:
    return (files("gmai.report") / "templates/style.css").read_text(encoding="utf-8")


def test_a_page_is_whole_in_itself():
    html = render_page(make_page())
    assert "default-src 'none'" in html
    named = re.findall(r"""(?:src|href)\s*=\s*["']([^"']+)|url\(([^)]+)\)|@import""", html)
    targets = [first or second for first, second in named]
    assert targets and all(target.startswith(("#", "data:")) for target in targets)
    assert "<style>" in html and "prefers-color-scheme: dark" in html and "@media print" in html


def test_a_page_has_its_sections_in_order_and_escapes_words():
    html = render_page(make_page())
    assert html.index('<section id="one"') < html.index('<section id="two"')
    assert html.count('<a href="#one">') == 1
    assert "A &lt;title&gt;" in html and "a &amp; b" in html
    assert 'class="wide"' in html and 'class="narrow"' in html


def test_the_same_page_gives_the_same_text():
    assert render_page(make_page()) == render_page(make_page())


def test_the_numbers_of_a_page_are_data_too():
    assert page_data(make_page())["sections"] == {"one": {"n": 1}, "two": {}}
    assert page_data(make_page())["tiles"] == [{"name": "samples", "value": "12", "note": "of 3 subjects"}]


def test_a_card_shows_picture_words_legend_and_options():
    card = Card(
        title="What is it?",
        pictures=(Picture(PNG, "a 'picture'", "clean"), Picture(b"\xff\xd8\xff", "photo")),
        bubbles=(Bubble("user", "Tell me <b>"), Bubble("assistant", "A cyst.")),
        marks=(Mark("rgb(255 0 0)", "mask: cyst"),),
        options=(Option("A", "cyst", 0.75, "log-likelihood -1", is_key=True), Option("B", "scar", is_choice=True)),
        verdict="no answer",
    )
    html = gallery([card], "Cards")
    assert f"data:image/png;base64,{base64.b64encode(PNG).decode()}" in html and "data:image/jpeg;base64," in html
    assert "a &#39;picture&#39;" in html and "Tell me &lt;b&gt;" in html and "mask: cyst" in html
    assert "width:75.0%" in html and "75\u202f%" in html and 'class="card no-answer"' in html
    assert html.count("<em>key</em>") == 1 and html.count("<em>model</em>") == 1


def test_a_table_sorts_by_numbers_and_heads_its_rows():
    columns = [Column("Node"), Column("n", numeric=True), Column("Accuracy", numeric=True), Column("CI", numeric=True)]
    rows = [[Cell("CT", swatch=2), count_cell(1234), share_cell(0.5), interval_cell(0.4, 0.6)]]
    html = table(columns, rows, "Nodes")
    assert 'scope="row"' in html and 'data-sort="1234.0"' in html and "1\u202f234" in html and 'data-sort="0.4"' in html
    assert 'tabindex="0"' in html and 'class="sortable"' in html and "var(--c3" in html


def test_a_ragged_table_is_refused():
    with pytest.raises(ValueError, match="2 cells"):
        table([Column("a"), Column("b")], [["only one"]], "Ragged")


def test_chains_and_folds_hold_particulars():
    html = chain([Link("Sample: s/1", "Held out.", (("subject", "p<1>"),))], "Way back")
    assert '<p class="name">Sample: s/1</p>' in html and "p&lt;1&gt;" in html
    html = folds([Fold("gmai train", "stage1", (("key", "abc"),), '{"steps": 3}')])
    assert "<summary>" in html and "{&#34;steps&#34;: 3}" in html


def test_numbers_for_people():
    assert format_count(1234567) == "1\u202f234\u202f567"
    assert format_percent(0.8971) == "89.7\u202f%"
    assert format_interval(0.1, 0.25, 0) == "10\u2009–\u200925\u202f%"
    assert format_number(0.123456) == "0.123" and format_number(12345) == "12\u202f345"
    assert (
        plural(1, "box", "boxes") == "1 box" and plural(2, "box", "boxes") == "2 boxes" and plural(0, "run") == "0 runs"
    )


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_words_and_lines_stand_out_in_both_schemes(scheme):
    """WCAG 2.2: 4.5 to 1 for text, 3 to 1 for what a chart is read from."""
    block = re.findall(r":root \{(.*?)\n\s*\}", style(), re.DOTALL)[scheme]
    colours = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6})", block))
    for ground in ("paper", "card", "soft"):
        assert contrast(colours["ink"], colours[ground]) >= 7
        assert contrast(colours["muted"], colours[ground]) >= 4.5
    assert min(contrast(colours[f"c{place}"], colours["paper"]) for place in range(1, 9)) >= 3
    assert min(contrast(colours[name], colours[f"{name}-soft"]) for name in ("good", "bad")) >= 4.5


def test_no_type_is_smaller_than_11_px():
    sizes = re.findall(r"font(?:-size)?:[^;]*?([\d.]+)(rem|px)", style())
    pixels = [float(size) * (16 if unit == "rem" else 1) for size, unit in sizes]
    assert pixels and min(pixels) >= 11


def test_markup_is_taken_as_it_is_and_text_is_not():
    assert paragraph(Markup("<b>x</b>")) == "<p><b>x</b></p>" and paragraph("<b>") == "<p>&lt;b&gt;</p>"
