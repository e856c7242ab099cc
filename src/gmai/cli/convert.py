"""``gmai convert``: samples to conversations."""

from pathlib import Path
from typing import Any

import click

from gmai.cli.options import folder, job, out, quiet, settings


@click.command()
@click.argument("raw", nargs=-1, required=True, type=folder(exists=True))
@out
@settings
@job
@quiet
def convert(raw: tuple[Path, ...], out: Path, overrides: tuple[str, ...], job: dict[str, Any]) -> None:
    """Make a corpus of conversations from RAW, folders that gmai source ingest made; every fact from an annotation."""
    from gmai.base import load_config
    from gmai.convert import ConvertConfig
    from gmai.convert import convert as run

    run(load_config(ConvertConfig, None, overrides, {"raw": raw, "out": out, "job": job}))
