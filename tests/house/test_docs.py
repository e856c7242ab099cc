"""The docs keep step with the code."""

import importlib.util
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def reference():
    spec = importlib.util.spec_from_file_location("build_reference", ROOT / "docs/build_reference.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_reference_is_what_the_code_says():
    for page, content in reference().build().items():
        written = (ROOT / "docs/reference" / page).read_text(encoding="utf-8")
        assert written == content, f"docs/reference/{page} is stale: run make docs"


def test_every_config_field_is_explained():
    empty = re.findall(r"^\| `(\w+)` \| .* \|  \|$", reference().configs(), re.MULTILINE)
    assert empty == []


def test_the_house_plan_lists_every_room():
    plan = (ROOT / "docs/house.md").read_text(encoding="utf-8")
    rooms = [path.parent.name for path in (ROOT / "src/gmai").glob("*/__init__.py")]
    assert [room for room in rooms if f"`{room}`" not in plan] == []


@pytest.mark.parametrize(
    "page", sorted(str(p.relative_to(ROOT)) for p in [ROOT / "README.md", *ROOT.glob("docs/**/*.md")])
)
def test_links_inside_the_docs_lead_somewhere(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    targets = [link.split("#")[0] for link in re.findall(r"\]\(([^)\s]+)\)", text) if "://" not in link]
    assert [link for link in targets if link and not ((ROOT / page).parent / link).exists()] == []


def test_the_readme_names_only_commands_that_exist():
    from gmai.cli import NOUNS

    text = (ROOT / "README.md").read_text(encoding="utf-8")
    nouns = re.findall(r"(?:^|`)gmai (\w+)", text, re.MULTILINE)
    targets = re.findall(r"(?:^|`)make ([a-z-]+)", text, re.MULTILINE)
    assert nouns and targets
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert set(nouns) <= set(NOUNS) and all(f"\n{target}:" in makefile for target in targets)
