"""``gmai demo``: the whole line in one command."""

from pathlib import Path
from typing import Any

import click

from gmai.cli import options


@click.command()
@click.option("-o", "--out", type=options.folder(), default=Path("demo"), show_default=True, help="Folder to write.")
@click.option("--data", type=options.folder(exists=True), help="Folder of public data sets; default: drawn phantoms.")
@click.option("--seed", type=int, help="Seed of everything.")
@click.option("--size", type=float, help="Share of the usual number of phantom patients.")
@options.job
@options.settings
@options.quiet
def demo(overrides: tuple[str, ...], **values: Any) -> None:
    """Corpus, split, benchmark, four training stages, evaluation and report, on a laptop's processor."""
    from gmai.base import load_config
    from gmai.demo import DemoConfig, run_demo

    result = run_demo(load_config(DemoConfig, overrides=overrides, values=values))
    for entry in result.entries:
        for item in entry.scores[:2]:
            interval = f"{item.low:.3f} to {item.high:.3f}"
            click.echo(f"{entry.label:28} {item.node:20} {item.accuracy:.3f}  ({interval}, n {item.n})")
    parts = ", ".join(f"{part} {seconds:.0f} s" for part, seconds in result.seconds.items())
    click.echo(f"{parts}\nOpen {result.page} in a browser.")
