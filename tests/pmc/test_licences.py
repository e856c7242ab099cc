"""Licences: every wording is read as the one name it has, and the gate is closed where in doubt."""

import pytest
from tests.pmc.jats_cases import CC, article, fig

from gmai.pmc import LicencePolicy, check_article, find_licence, gate, read_article
from gmai.pmc.licences import is_reprinted
from gmai.types import Article, Figure

CC_URL = "http://creativecommons.org/licenses/"


@pytest.mark.parametrize(
    ("text", "link", "licence"),
    [
        ("", CC_URL + "by/4.0/", "CC-BY-4.0"),
        ("", "https://creativecommons.org/licenses/by/2.0", "CC-BY-2.0"),
        ("", "https://creativecommons.org/licenses/by/4.0/deed.en", "CC-BY-4.0"),
        ("", "https://creativecommons.org/licenses/by-nc-nd/4.0/legalcode", "CC-BY-NC-ND-4.0"),
        ("", CC_URL + "by-nc-sa/3.0/igo/", "CC-BY-NC-SA-3.0"),
        ("", CC_URL + "by-sa/2.5/", "CC-BY-SA-2.5"),
        ("", CC_URL + "by-nd/4.0/", "CC-BY-ND-4.0"),
        ("", "https://creativecommons.org/publicdomain/zero/1.0/", "CC0-1.0"),
        ("", "https://creativecommons.org/publicdomain/mark/1.0/", "public-domain"),
        ("", "https://www.elsevier.com/tdm/userlicense/1.0/", "unknown"),
        ("distributed under the Creative Commons Attribution License, which permits unrestricted use", "", "CC-BY"),
        ("Creative Commons Attribution 4.0 International License", "", "CC-BY-4.0"),
        ("the Creative Commons Attribution Non-Commercial License (CC BY-NC 4.0)", "", "CC-BY-NC-4.0"),
        ("Creative Commons Attribution-NonCommercial-NoDerivatives License 4.0", "", "CC-BY-NC-ND-4.0"),
        ("Creative Commons Attribution-ShareAlike 3.0 Unported", "", "CC-BY-SA-3.0"),
        ("This is an open access article under the CC BY license", "", "CC-BY"),
        ("under the CC-BY-NC-ND license", "", "CC-BY-NC-ND"),
        ("CC0 public domain dedication", "", "CC0-1.0"),
        ("The author is an employee of the US government; this work is in the public domain", "", "public-domain"),
        ("sob a licença Creative Commons Atribuição 4.0", "", "CC-BY-4.0"),
        ("bajo la licencia Creative Commons Atribución-NoComercial 4.0", "", "CC-BY-NC-4.0"),
        ("Creative Commons Attribution License, which permits non-commercial use only", CC_URL + "by/3.0/",
         "CC-BY-NC-3.0"),
        (f"two at once {CC_URL}by-nc/4.0/", CC_URL + "by/4.0/", "CC-BY-NC-4.0"),
        ("the waiver (http://creativecommons.org/publicdomain/zero/1.0/) applies to the data", CC_URL + "by/4.0",
         "CC-BY-4.0"),
        ("© 2019 Elsevier. All rights reserved.", "", "unknown"),
        ("This article is made available via the PMC Open Access Subset for unrestricted re-use", "", "unknown"),
        ("permits unrestricted use, distribution and reproduction in any medium", "", "unknown"),
        ("", "", "unknown"),
    ],
)  # fmt: skip
def test_a_wording_has_one_name(text, link, licence):
    assert find_licence(text, [link]) == licence


@pytest.mark.parametrize(
    "text",
    [
        "CT scan. Reprinted with permission from Elsevier.",
        "Reproduced with kind permission of Springer.",
        "Adapted from Smith et al. [4].",
        "Life cycle (modified from Lee 2010).",
        "This figure is adapted from Wang et al.",
        "Diagram modified from [1].",
        "Image courtesy of Dr. Jones.",
        "Photos are courtesy of J. Pinhassi.",
        "Cross section (source: http://commons.wikimedia.org).",
        "Photo: © 2010 Nature Publishing Group.",
        "A map. Copyright 2009 by the Society.",
        "Used with permission from the publisher.",
        "Figura adaptada de Souza (2012).",
        "Imagem reproduzida com permissão de Elsevier.",
        "Schematic, redrawn from reference 7.",
    ],
)
def test_words_that_name_another_owner(text):
    assert is_reprinted(text)


@pytest.mark.parametrize(
    "text",
    [
        "Cells were adapted from suspension culture.",
        "The protocol, modified to include contrast.",
        "Published with permission of the patient.",
        "Photograph reproduced with the written permission of the patient's parents.",
        "RNA reproduced the effect; values (c) 2011 and (d) 2012.",
        "Mitral valve (A) and (C) tricuspid valve.",
        "Fonte: Dados da pesquisa (2022).",
        "Blood was taken from the left arm.",
        "Reads taken from the SRA were mapped.",
        "",
    ],
)
def test_words_that_do_not(text):
    assert not is_reprinted(text)


def made(licence="CC-BY-4.0", retracted=False, **figure):
    one = Figure(**{"id": "F1", "licence": licence, **figure})
    return Article(id="PMC1", licence=licence, retracted=retracted, figures=(one,))


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        (made("unknown"), "licence.unknown"),
        (made("CC-BY-NC-4.0"), "licence.not_allowed"),
        (made("CC-BY-ND-4.0"), "licence.not_allowed"),
        (made(retracted=True), "article.retracted"),
        (made(reprinted=True), "licence.reprinted"),
    ],
)
def test_the_gate_is_closed_and_says_why(found, reason):
    figures, rejects = gate(found, LicencePolicy())
    assert figures == () and [each.reason for each in rejects] == [reason]
    assert rejects[0].id.startswith("PMC1")


@pytest.mark.parametrize("licence", ["CC-BY-4.0", "CC-BY", "CC0-1.0", "public-domain", "CC-BY-SA-3.0"])
def test_the_gate_is_open_for_what_is_allowed(licence):
    figures, rejects = gate(made(licence), LicencePolicy())
    assert len(figures) == 1 and rejects == []


def test_a_policy_can_let_through_more_and_less():
    assert check_article(made("CC-BY-NC-4.0"), LicencePolicy(allowed=("CC-BY-NC",))) is None
    assert check_article(made("CC-BY-4.0"), LicencePolicy(allowed=("CC0",))) is not None
    assert check_article(made("CC-BY-3.0"), LicencePolicy(allowed=("CC-BY-4.0",))) is not None
    assert check_article(made(retracted=True), LicencePolicy(retracted=True)) is None


def test_a_reprinted_figure_passes_only_if_asked_for_and_with_a_licence_of_its_own():
    policy = LicencePolicy(reprinted=True)
    assert len(gate(made(reprinted=True), policy)[0]) == 1
    refused = Article(id="P", licence="CC-BY-4.0", figures=(Figure(id="F", reprinted=True),))
    assert [each.reason for each in gate(refused, policy)[1]] == ["licence.reprinted"]


def test_of_an_article_only_the_figures_of_others_are_left_out():
    theirs = fig(2, caption="<p>Scan. Reprinted with permission from Elsevier.</p>")
    found = read_article(article(fig(1) + theirs + fig(3), front=CC).encode())
    figures, rejects = gate(found, LicencePolicy())
    assert [each.id for each in figures] == ["F1", "F3"]
    assert [(each.unit, each.reason) for each in rejects] == [("figure", "licence.reprinted")]


def test_permissions_of_old_articles_without_a_permissions_element_are_read():
    front = "<copyright-statement>© 2004 Lee. Creative Commons Attribution License.</copyright-statement>"
    assert read_article(article("", front=front).encode()).licence == "CC-BY"


def test_a_licence_reference_of_niso_is_read():
    front = (
        '<permissions><license><ali:license_ref xmlns:ali="http://www.niso.org/schemas/ali/1.0/">'
        f"{CC_URL}by/4.0/</ali:license_ref></license></permissions>"
    )
    assert read_article(article("", front=front).encode()).licence == "CC-BY-4.0"
