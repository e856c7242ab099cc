"""What can stand for a model on the command line: a folder, a server, replies, a Python function, a baseline.

``FOLDER`` · ``openai:NAME@URL`` · ``replay:FILE`` · ``python:package.module:name`` · ``majority`` and the like; with
``LABEL=`` before it, the answers go by that name.
"""

import re
from pathlib import Path
from typing import Any

from gmai.base import Registry
from gmai.errors import ConfigError

BASELINES = ("colour", "majority", "random", "thumbnail")
"""Runners that are models themselves."""
_LABEL = re.compile(r"(?P<label>[\w.\-]+)=(?P<rest>.+)", re.DOTALL)
_FORMS = "a folder, openai:NAME@URL, replay:FILE, python:package.module:name"


def read_model(text: str, runners: Registry[Any]) -> dict[str, Any]:
    """The settings of a run that a model stands for: ``runner`` where it decides it, ``model`` and so on.

    Args:
        text: the model as it was written.
        runners: the runners there are.

    Raises:
        ConfigError: nothing of that name, or a form that is written otherwise.
    """
    labelled = None if Path(text).exists() else _LABEL.fullmatch(text)
    label, rest = (labelled["label"], labelled["rest"]) if labelled else ("", text)
    settings = _read(rest, runners)
    return {**settings, "name": label} if label else settings


def _read(text: str, runners: Registry[Any]) -> dict[str, Any]:
    kind, colon, rest = text.partition(":")
    if colon and kind == "openai":
        name, at, url = rest.rpartition("@")
        if not (name and at and re.match(r"https?://", url)):
            raise ConfigError(f"cannot read {text!r}", where="--model", fix="write openai:NAME@http://HOST:PORT/v1")
        return {"runner": "openai", "endpoint": {"model": name, "url": url}}
    if colon and kind == "replay":
        return {"runner": "replay", "replies": rest}
    if colon and kind == "python":
        return {"runner": "function", "function": rest}
    if Path(text).is_dir():
        return {"model": text}
    if text in runners.names() and text not in ("likelihood", "letters", "generate", "openai", "replay", "function"):
        return {"runner": text}
    known = [name for name in runners.names() if name in BASELINES]
    fix = f"give {_FORMS} or a baseline: {', '.join(known)}"
    raise ConfigError(f"no model {text!r}", where="--model", fix=fix, reason="eval.no_model")
