"""``gmai model``: make a model."""

from pathlib import Path

import click

from gmai.cli import options


@click.group()
def model() -> None:
    """Make a tiny model on the spot."""


@model.command()
@click.argument("corpus", type=options.folder(exists=True))
@options.out
@options.settings
@click.option("--resume/--no-resume", default=None, help="Keep a finished model, or make it anew.")
@options.quiet
def tiny(corpus: Path, out: Path, overrides: tuple[str, ...], resume: bool | None) -> None:
    """Make a tiny InternVL with random weights and a tokenizer of the CORPUS' training text."""
    from gmai.base import load_config
    from gmai.models import TinyConfig, build_tiny

    config = load_config(TinyConfig, None, overrides, {"corpus": corpus, "out": out, "resume": resume})
    stats = build_tiny(config)
    parts = ", ".join(f"{count:,} {part}" for part, count in stats["parameters"].items())
    click.echo(f"{out}: {parts}; {stats['vocabulary']} tokens")
