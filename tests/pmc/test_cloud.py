"""The cloud layout of PMC, from a folder and from a server on this machine."""

import asyncio
import hashlib
import json
import threading
from contextlib import contextmanager
from urllib.parse import unquote

import pytest
from tests.pmc.jats_cases import CC, article, fig

from gmai.errors import RemoteError
from gmai.pmc import ArticleItem, CloudOptions, iter_articles
from gmai.pmc.fetch import fetch

NC = CC.replace("by/4.0", "by-nc/4.0")


def add(root, name, *, front=CC, picture=b"picture", **told):
    """Write one version: its metadata, text and picture."""
    number, _, version = name.partition(".")
    xml = article(fig(1), front=front).encode()
    files = {f"{name}/{name}.xml": xml, f"{name}/f1.jpg": picture}
    for key, data in files.items():
        path = root / key
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    urls = [f"s3://bucket/{key}?md5={hashlib.md5(data).hexdigest()}" for key, data in files.items()]
    metadata = {
        "pmcid": number, "version": int(version), "pmid": 77, "doi": "10.1/x", "citation": "A. B. 2020.",
        "is_pmc_openaccess": True, "is_manuscript": False, "is_historical_ocr": False, "is_retracted": False,
        "license_code": "CC BY", "xml_url": urls[0], "media_urls": urls[1:],
    }  # fmt: skip
    (root / "metadata").mkdir(exist_ok=True)
    (root / f"metadata/{name}.json").write_text(json.dumps({**metadata, **told}))


@contextmanager
def served(root, faults=None):
    """A server that answers as the bucket does; two names a page of the listing, ``faults``: path to statuses."""
    from aiohttp import web

    faults, asked = faults or {}, []

    async def answer(request):
        path = unquote(request.path).lstrip("/")
        asked.append(path or request.query.get("prefix"))
        if faults.get(path):
            return web.Response(status=faults[path].pop(0))
        if "list-type" in request.query:
            return web.Response(text=listing(root, request.query), content_type="application/xml")
        file = root / path
        return web.Response(body=file.read_bytes()) if file.is_file() else web.Response(status=404)

    ready, loop = threading.Event(), asyncio.new_event_loop()
    address = []

    async def start():
        app = web.Application()
        app.router.add_get("/{tail:.*}", answer)
        runner = web.AppRunner(app)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        address.append(f"http://127.0.0.1:{site._server.sockets[0].getsockname()[1]}")
        ready.set()
        return runner

    def work():
        asyncio.set_event_loop(loop)
        runner = loop.run_until_complete(start())
        loop.run_forever()
        loop.run_until_complete(runner.cleanup())
        loop.close()

    thread = threading.Thread(target=work)
    thread.start()
    ready.wait()
    try:
        yield address[0], asked
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()


def listing(root, query):
    keys = sorted(f"metadata/{each.name}" for each in (root / "metadata").iterdir())
    keys = [key for key in keys if key.startswith(query["prefix"]) and key > query.get("continuation-token", "")]
    page, more = keys[:2], len(keys) > 2
    contents = "".join(f"<Contents><Key>{key}</Key></Contents>" for key in page)
    token = f"<NextContinuationToken>{page[-1]}</NextContinuationToken>" if more else ""
    return (
        '<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
        f"<IsTruncated>{str(more).lower()}</IsTruncated>{token}{contents}</ListBucketResult>"
    )


def read(root, **options):
    found = list(iter_articles(root, cloud=CloudOptions(**options)))
    items = [each for each in found if isinstance(each, ArticleItem)]
    return items, {each.id: each.reason for each in found if not isinstance(each, ArticleItem)}


@pytest.fixture(params=["folder", "server"])
def bucket(request, tmp_path):
    """A root to fill, and how to read it: from the folder or from a server."""
    root = tmp_path / "bucket"
    root.mkdir()
    if request.param == "folder":
        yield root, lambda **options: read(root, **options)
    else:
        with served(root) as (address, _):
            yield root, lambda **options: read(address, **{"keep": str(tmp_path / "keep"), **options})


def test_an_article_comes_with_ids_licence_and_its_checked_picture(bucket):
    root, read_it = bucket
    add(root, "PMC1.1")
    (item,), rejects = read_it()
    found = item.article
    assert rejects == {} and item.missing == ()
    assert (found.id, found.pmid, found.doi, found.licence) == ("PMC1", "77", "10.1/x", "CC-BY-4.0")
    assert found.citation == "A. B. 2020." and found.source.endswith("PMC1.1/PMC1.1.xml")
    assert item.pictures["f1.jpg"].read() == b"picture"


def test_the_newest_version_that_is_no_manuscript_is_read(bucket):
    root, read_it = bucket
    for name in ("PMC1.1", "PMC1.2", "PMC2.1", "PMC2.10", "PMC2.9"):
        add(root, name)
    add(root, "PMC1.3", is_manuscript=True)
    items, rejects = read_it(manuscripts=True)
    assert [item.article.source.rpartition("/")[2] for item in items] == ["PMC1.2.xml", "PMC2.10.xml"]
    assert set(rejects.values()) == {"cloud.other_version"} and len(rejects) == 4
    items, _ = read_it(versions="all")
    assert len(items) == 5


def test_articles_are_asked_for_by_id(bucket):
    root, read_it = bucket
    for name in ("PMC1.1", "PMC1.2", "PMC12.1"):
        add(root, name)
    items, rejects = read_it(ids=("PMC1.1", "PMC12", "PMC99"))
    assert [item.article.source.rpartition("/")[2] for item in items] == ["PMC1.1.xml", "PMC12.1.xml"]
    assert rejects == {"PMC99": "cloud.not_listed"}


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        ({"is_retracted": True}, "article.retracted"),
        ({"is_retracted": None}, "cloud.retraction_unknown"),
        ({"is_pmc_openaccess": False}, "cloud.not_open"),
        ({"is_pmc_openaccess": None}, "cloud.not_open"),
        ({"is_manuscript": True}, "cloud.manuscript"),
        ({"is_historical_ocr": True}, "cloud.scanned"),
        ({"pmcid": "PMC2"}, "cloud.metadata"),
        ({"version": 2}, "cloud.metadata"),
        ({"xml_url": "s3://bucket/PMC1.1/PMC1.1.xml"}, "cloud.md5_missing"),
        ({"xml_url": "s3://bucket/PMC1.1/PMC1.1.xml?md5=" + "0" * 32}, "cloud.md5"),
        ({"xml_url": "s3://bucket/PMC2.1/PMC2.1.xml?md5=" + "0" * 32}, "cloud.outside"),
        ({"xml_url": "s3://bucket/PMC1.1/%2e%2e/x.xml?md5=" + "0" * 32}, "cloud.outside"),
        ({"xml_url": None}, "cloud.outside"),
    ],
)
def test_what_is_not_sound_is_left_out_and_told(bucket, told, reason):
    root, read_it = bucket
    add(root, "PMC1.1", **told)
    items, rejects = read_it()
    assert items == [] and rejects == {"PMC1.1": reason}


@pytest.mark.parametrize(
    ("code", "front", "licence"),
    [
        ("CC BY", CC, "CC-BY-4.0"),
        (None, CC, "CC-BY-4.0"),
        ("CC BY-NC", "", "CC-BY-NC"),
        (None, "", "unknown"),
        ("CC BY", NC, "unknown"),
        ("TDM", NC, "CC-BY-NC-4.0"),
    ],
)
def test_licences_of_metadata_and_text_must_not_contradict_each_other(tmp_path, code, front, licence):
    add(tmp_path, "PMC1.1", license_code=code, front=front)
    (item,), _ = read(tmp_path)
    assert item.article.licence == licence == item.article.figures[0].licence


def test_a_picture_that_is_not_the_one_its_md5_tells_is_missing_not_used(bucket):
    root, read_it = bucket
    add(root, "PMC1.1")
    (root / "PMC1.1/f1.jpg").write_bytes(b"another")
    (item,), _ = read_it()
    assert item.pictures == {}
    assert [each.reason for each in item.missing] == ["cloud.md5", "figure.no_picture_file"]


def test_broken_metadata_is_told_and_the_rest_is_read(bucket):
    root, read_it = bucket
    add(root, "PMC1.1")
    add(root, "PMC2.1")
    (root / "metadata/PMC1.1.json").write_text("{")
    items, rejects = read_it()
    assert [item.article.id for item in items] == ["PMC2"] and rejects == {"PMC1.1": "json.invalid"}


def test_without_a_folder_to_keep_them_pictures_of_a_server_are_not_read(tmp_path):
    add(tmp_path, "PMC1.1")
    with served(tmp_path) as (address, asked):
        (item,), _ = read(address)
    assert item.pictures == {} and "PMC1.1/f1.jpg" not in asked


def test_kept_pictures_are_not_fetched_again(tmp_path):
    root = tmp_path / "bucket"
    root.mkdir()
    add(root, "PMC1.1")
    with served(root) as (address, asked):
        for _ in range(2):
            (item,), _ = read(address, keep=str(tmp_path / "keep"))
            assert item.pictures["f1.jpg"].read() == b"picture"
    assert asked.count("PMC1.1/f1.jpg") == 1


def test_a_busy_server_is_asked_again_and_a_lost_file_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr("gmai.pmc.fetch._WAITS_S", (0.01, 0.01))
    add(tmp_path, "PMC1.1")
    with served(tmp_path, {"metadata/PMC1.1.json": [503, 500]}) as (address, asked):
        assert len(read(address)[0]) == 1
        assert asked.count("metadata/PMC1.1.json") == 3
        with pytest.raises(RemoteError) as caught:
            fetch(f"{address}/nothing", 10, 5)
        assert caught.value.reason == "remote.missing"
        with pytest.raises(RemoteError) as caught:
            fetch(f"{address}/PMC1.1/f1.jpg", 3, 5)
        assert caught.value.reason == "remote.too_large"
    with pytest.raises(RemoteError) as caught:
        fetch(f"{address}/nothing", 10, 5)
    assert caught.value.reason == "remote.unreachable"
