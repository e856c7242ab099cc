"""The house rules about packages: what the code imports is declared, and what is declared is pinned."""

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

ROOT = Path(__file__).parents[2]
NOT_THIRD = {"gmai", *sys.stdlib_module_names}
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def plain(name):
    """Name of a package as package indices compare it."""
    return re.sub(r"[-_.]+", "-", re.split(r"[<>=\[; ]", name)[0]).lower()


def declared():
    """Every package of the project, those for developers left out: what src needs must be there without them."""
    extras = PROJECT["optional-dependencies"]
    used = [*PROJECT["dependencies"], *(each for name, group in extras.items() if name != "dev" for each in group)]
    return {plain(each) for each in used}


def imported():
    """Top-level name to the files of src that import it, in functions too."""
    found = {}
    for path in sorted((ROOT / "src/gmai").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and not node.level:
                names = [node.module]
            for name in {name.split(".")[0] for name in names} - NOT_THIRD:
                found.setdefault(name, set()).add(path.relative_to(ROOT).as_posix())
    return found


def test_every_package_that_src_imports_is_declared():
    owners, known = packages_distributions(), declared()
    missing = {
        name: sorted(files)
        for name, files in imported().items()
        if not known & {plain(owner) for owner in owners.get(name, [name])}
    }
    assert missing == {}


def test_every_declared_package_is_pinned_and_pinned_ones_are_declared():
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    pinned = {plain(line) for line in lines if "==" in line}
    dev = {plain(each) for each in PROJECT["optional-dependencies"]["dev"]}
    assert pinned == declared() | dev


def test_every_extra_is_installed_by_make():
    line = next(line for line in (ROOT / "Makefile").read_text().splitlines() if "-e '.[" in line)
    assert set(re.search(r"\[([a-z,]+)\]", line)[1].split(",")) == set(PROJECT["optional-dependencies"])


def test_every_install_line_names_an_extra():
    texts = [path.read_text() for folder in ("src", "docs") for path in (ROOT / folder).rglob("*.[pm][yd]")]
    texts.append((ROOT / "README.md").read_text())
    named = {extra for text in texts for group in re.findall(r"gmai\[([a-z,]+)\]", text) for extra in group.split(",")}
    assert named and named <= set(PROJECT["optional-dependencies"])
