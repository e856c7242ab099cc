"""The rule files that ship with the package: one folder a language, the same files, groups and places in each."""

from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from gmai.lexicon import Language


@cache
def read_rules(name: str, language: Language = "en") -> dict[str, Any]:
    """Read one of the rule files of a language."""
    text = (files("gmai.convert") / "rules" / language / f"{name}.yaml").read_text(encoding="utf-8")
    rules: dict[str, Any] = yaml.safe_load(text)
    return rules
