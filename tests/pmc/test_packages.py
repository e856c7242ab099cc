"""Packages: articles out of folders and archives, figures joined with their files, plain figure folders."""

import io
import json
import tarfile
import zipfile

import pytest
from tests.pmc.jats_cases import CC, article, fig

from gmai.errors import FormatError
from gmai.pmc import ArticleItem, iter_articles

XML = article(fig(1) + fig(2), front=CC).encode()


def read(*args, **named):
    found = list(iter_articles(*args, **named))
    return [each for each in found if isinstance(each, ArticleItem)], [
        e for e in found if not isinstance(e, ArticleItem)
    ]


def zipped(path, members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in members.items():
            file.writestr(name, data)
    return path


def tarred(path, members):
    with tarfile.open(path, "w:gz" if path.suffix == ".gz" else "w") as file:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            file.addfile(info, io.BytesIO(data))
    return path


@pytest.mark.parametrize("pack", [zipped, tarred])
def test_an_archive_gives_its_article_and_the_bytes_of_its_pictures(tmp_path, pack):
    members = {"PMC1/a.nxml": XML, "PMC1/f1.jpg": b"one", "PMC1/F2.JPG": b"two", "PMC1/f1.gif": b"small"}
    path = pack(tmp_path / ("a.zip" if pack is zipped else "a.tar.gz"), members)
    (item,), rejects = read(path)
    assert rejects == [] and item.missing == ()
    assert [file.read() for figure in item.article.figures for file in item.pictures_of(figure)] == [b"one", b"two"]
    assert item.article.source == f"{path}:PMC1/a.nxml"
    assert sorted(each.name for each in tmp_path.iterdir()) == [path.name]


def test_many_articles_of_one_archive_keep_their_own_pictures(tmp_path):
    members = {f"PMC{n}/{name}": data for n in (1, 2) for name, data in (("a.xml", XML), ("f1.jpg", b"%d" % n))}
    items, _ = read(tarred(tmp_path / "a.tar", members))
    assert [item.pictures["f1.jpg"].read() for item in items] == [b"1", b"2"]
    assert [[each.reason for each in item.missing] for item in items] == [["figure.no_picture_file"]] * 2


def test_a_folder_is_read_as_its_articles_and_archives_are(tmp_path):
    (tmp_path / "one").mkdir()
    (tmp_path / "one/a.xml").write_bytes(XML)
    (tmp_path / "one/f1.tif").write_bytes(b"tif")
    (tmp_path / "one/bad.xml").write_bytes(b"<article>")
    zipped(tmp_path / "two.zip", {"a.xml": XML, "f1.png": b"png"})
    items, rejects = read(tmp_path)
    assert {item.pictures["f1.jpg"].read() for item in items} == {b"tif", b"png"}
    assert [(each.reason, each.unit) for each in rejects] == [("xml.invalid", "article")]


@pytest.mark.parametrize(
    ("href", "name"),
    [
        ("a-fig1", "a-fig1.tif"),
        ("a-fig1.tif", "a-fig1.jpg"),
        ("info:doi/10.1371/journal.pone.1.g001", "journal.pone.1.g001.png"),
        ("https://host/x/abc.jpg", "abc.jpg"),
        ("Fig1.JPG", "fig1.jpg"),
        ("a.b.c", "a.b.c.jpg"),
    ],
)
def test_a_figure_finds_its_file_by_name(tmp_path, href, name):
    (tmp_path / "a.xml").write_text(article(f'<fig id="F1"><graphic xlink:href="{href}"/></fig>'))
    (tmp_path / name).write_bytes(b"picture")
    (tmp_path / "other.jpg").write_bytes(b"other")
    (item,), _ = read(tmp_path)
    assert item.pictures[href].read() == b"picture"


def test_an_alternative_stands_in_for_a_picture_that_is_not_there(tmp_path):
    body = '<fig id="F1"><alternatives><graphic xlink:href="a.tif"/><graphic xlink:href="b.jpg"/></alternatives></fig>'
    (tmp_path / "a.xml").write_text(article(body))
    (tmp_path / "b.jpg").write_bytes(b"jpg")
    (item,), _ = read(tmp_path)
    assert item.missing == () and item.pictures["a.tif"].name == "b.jpg"


def test_a_figure_whose_picture_is_not_there_is_told_and_never_guessed(tmp_path):
    (tmp_path / "a.xml").write_text(article(fig(1) + "<fig id='F2'/>"))
    (tmp_path / "other.jpg").write_bytes(b"")
    (item,), _ = read(tmp_path)
    assert item.pictures == {}
    assert [each.reason for each in item.missing] == ["figure.no_picture_file", "figure.no_picture_named"]


def test_members_that_climb_out_are_refused_and_a_cut_archive_is_told(tmp_path):
    zipped(tmp_path / "a.zip", {"../evil.xml": XML, "/abs.xml": XML, "ok.xml": XML})
    whole = zipped(tmp_path / "b.zip", {"ok.xml": XML}).read_bytes()
    (tmp_path / "b.zip").write_bytes(whole[: len(whole) // 2])
    items, rejects = read(tmp_path)
    assert len(items) == 1
    assert [each.reason for each in rejects] == ["archive.outside", "archive.outside", "archive.unreadable"]


def test_a_bomb_in_an_archive_is_refused(tmp_path):
    zipped(tmp_path / "a.zip", {"a.xml": b"<article>" + b" " * 20_000_000 + b"</article>"})
    items, rejects = read(tmp_path)
    assert items == [] and [each.reason for each in rejects] == ["archive.too_large"]


def test_a_text_in_an_archive_that_is_too_large_is_not_read(tmp_path, monkeypatch):
    monkeypatch.setattr("gmai.pmc.packages.MAX_XML_BYTES", 1000)
    zipped(tmp_path / "a.zip", {"a.xml": XML + b" " * 1000, "b.xml": b"<article/>"})
    items, rejects = read(tmp_path)
    assert len(items) == 1 and [each.reason for each in rejects] == ["xml.too_large"]


def test_a_picture_that_is_too_large_or_gone_is_told(tmp_path, monkeypatch):
    path = zipped(tmp_path / "a.zip", {"a.xml": XML, "f1.jpg": b"12345"})
    (item,), _ = read(path)
    monkeypatch.setattr("gmai.pmc.pictures.MAX_PICTURE_BYTES", 4)
    with pytest.raises(FormatError) as caught:
        item.pictures["f1.jpg"].read()
    assert caught.value.reason == "picture.too_large"
    zipped(path, {"a.xml": XML})
    with pytest.raises(FormatError) as caught:
        item.pictures["f1.jpg"].read()
    assert caught.value.reason == "picture.missing"


def test_what_is_not_there_is_an_error(tmp_path):
    with pytest.raises(FormatError) as caught:
        list(iter_articles(tmp_path / "nothing"))
    assert caught.value.reason == "articles.missing"


def plain(folder, *names):
    for name in names:
        (folder / name).write_bytes(b"picture")


def test_captions_of_plain_figures_in_json_csv_and_text(tmp_path):
    plain(tmp_path, "a.jpg", "b.png", "c.tif", "d.jpg")
    entry = {
        "image": "a.jpg",
        "caption": "A lung.",
        "references": ["See it."],
        "licence": "CC BY 4.0",
        "label": "Fig. 1",
    }
    (tmp_path / "captions.json").write_text(json.dumps([entry]))
    (tmp_path / "more.csv").write_text("file,caption\nb.png,A heart.\n")
    (tmp_path / "c.txt").write_text("A liver.\n")
    items, rejects = read(tmp_path, licence="CC0-1.0")
    figures = {item.article.id: item.article.figures[0] for item in items}
    assert rejects == []
    assert {key: (each.caption, each.licence) for key, each in figures.items()} == {
        "a.jpg": ("A lung.", "CC-BY-4.0"),
        "b.png": ("A heart.", "CC0-1.0"),
        "c.tif": ("A liver.", "CC0-1.0"),
        "d.jpg": ("", "CC0-1.0"),
    }
    assert figures["a.jpg"].passages[0].text == "See it." and figures["a.jpg"].label == "Fig. 1"
    assert [file.read() for file in items[0].pictures_of(items[0].article.figures[0])] == [b"picture"]


def test_plain_figures_of_one_pmcid_are_one_article_and_crops_are_none(tmp_path):
    plain(tmp_path, "PMC12_f1.jpg", "PMC12_f2.jpg", "PMC12_f1.jpg_0.jpg", "PMC3_x.jpg")
    items, rejects = read(tmp_path)
    assert [(item.article.pmcid, len(item.article.figures)) for item in items] == [("PMC12", 2), ("PMC3", 1)]
    assert {item.article.licence for item in items} == {"unknown"}
    assert [(each.id, each.reason) for each in rejects] == [("PMC12_f1.jpg_0.jpg", "figure.is_crop")]


def test_entries_of_plain_figures_that_fit_nothing_are_told(tmp_path):
    plain(tmp_path, "a.jpg")
    lines = [
        {"image": "a.jpg", "caption": "x"},
        {"image": "a.jpg", "caption": "y"},
        {"image": "no.jpg", "caption": "z"},
        {"image": "a.jpg"},
    ]
    (tmp_path / "c.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines) + "{broken\n")
    items, rejects = read(tmp_path)
    assert items[0].article.figures[0].caption == "x"
    reasons = [each.reason for each in rejects]
    assert reasons[:3] == ["figure.told_twice", "figure.no_picture_file", "figure.no_caption"] and len(reasons) == 4


@pytest.mark.data
def test_real_packages_give_the_figures_and_pictures_that_were_counted(data):
    items, rejects = read(data / "articles/packages")
    found = {item.article.doi: item for item in items}
    assert rejects == [] and len(found) == 2
    elife, scielo = found["10.7554/eLife.19405"], found["10.1590/1414-431X2021e11439"]
    assert (len(elife.article.figures), elife.article.num_citations, elife.missing) == (1, 2, ())
    assert elife.pictures_of(elife.article.figures[0])[0].read()[:4] in (b"II*\0", b"MM\0*")
    assert (len(scielo.article.figures), scielo.article.num_citations) == (2, 7)
    assert [each.reason for each in scielo.missing] == ["figure.no_picture_file"] * 2


@pytest.mark.data
def test_a_folder_of_real_figures_is_read_without_its_crops(data):
    items, rejects = read(data / "vqa/pmc_mi_bench")
    assert sum(len(item.article.figures) for item in items) == 59
    assert sum(each.reason == "figure.is_crop" for each in rejects) == 68
    assert all(item.article.pmcid for item in items)


@pytest.mark.data
def test_hostile_archives_write_nothing_and_are_told(data, tmp_path):
    _, rejects = read(data / "trouble/made/archives")
    reasons = [each.reason for each in rejects]
    assert reasons.count("archive.outside") == 5 and reasons.count("archive.link") == 2
    assert reasons.count("archive.unreadable") == 1
