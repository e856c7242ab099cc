"""The page in a real browser: it opens, its script runs, and it asks for nothing."""

import json
import shutil
import subprocess

import made_runs
import pytest

from gmai.story import StoryConfig, build_story

pytestmark = pytest.mark.browser
FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--disable-default-apps", "--hide-scrollbars"),
)


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    folder = tmp_path_factory.mktemp("browser")
    build_story(StoryConfig(runs=(str(made_runs.make_line(folder / "line")),), out=folder / "report.html"))
    return folder / "report.html"


def browse(page, folder, *flags: str) -> str:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("needs a Chromium")
    command = [chromium, *FLAGS, f"--user-data-dir={folder}/profile", *flags, page.as_uri()]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout


def test_the_page_opens_and_its_tables_can_be_sorted(page, tmp_path):
    dom = browse(page, tmp_path, "--dump-dom")
    for section in (
        "accuracy",
        "corpus",
        "samples",
        "bench",
        "training",
        "tree",
        "answers",
        "trace",
        "rejects",
        "runs",
    ):
        assert f'<section id="{section}"' in dom
    assert dom.count('<button type="button">') >= 20
    assert "http://" not in dom.replace("http://www.w3.org/2000/svg", "") and "https://" not in dom


def test_the_page_asks_for_nothing(page, tmp_path):
    log = tmp_path / "net.json"
    browse(page, tmp_path, f"--log-net-log={log}", "--dump-dom")
    events = json.loads(log.read_text())["events"]
    asked = [event["params"]["url"] for event in events if "url" in event.get("params", {})]
    mine = [url for url in asked if url.startswith(("http:", "https:", "ws:")) and page.stem in url]
    assert mine == []
    initiated = [e["params"] for e in events if str(e.get("params", {}).get("initiator", "")).startswith("file")]
    assert initiated == []


@pytest.mark.parametrize("width", [390, 768, 1280])
def test_nothing_sticks_out_sideways(page, tmp_path, width):
    """A frame of the page's width measures the page inside it."""
    frame = tmp_path / "frame.html"
    probe = "document.title = 'wide ' + (f.contentDocument ? f.contentDocument.documentElement.scrollWidth : 'none')"
    html = page.read_text(encoding="utf-8").replace("&", "&amp;").replace('"', "&quot;")
    frame.write_text(
        f'<iframe id="f" style="width:{width}px;height:900px;border:0" srcdoc="{html}" onload="{probe}"></iframe>',
        encoding="utf-8",
    )
    dom = browse(frame, tmp_path, "--dump-dom", "--window-size=1400,1000", "--virtual-time-budget=4000")
    assert f"<title>wide {width}</title>" in dom
