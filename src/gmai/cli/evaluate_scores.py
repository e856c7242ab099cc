"""``gmai eval compare``: what is made of scores."""

from pathlib import Path
from typing import Any

import click

from gmai.cli import options


@click.command()
@click.argument("a", type=options.folder(exists=True))
@click.argument("b", type=options.folder(exists=True))
@options.out
@click.option("--key", type=options.file(exists=True), help="Key file of both, if it is no longer where it was.")
@click.option("--resume/--no-resume", default=None, help="Reuse a finished run, or start over.")
@options.quiet
def compare(out: Path, **values: Any) -> None:
    """Compare two SCORES of the same questions: paired difference of every node, corrected for how many there are."""
    from gmai.base import load_config
    from gmai.evaluate import CompareConfig, compare, iter_comparison_lines

    found = compare(load_config(CompareConfig, values={"out": out, **values}))
    click.echo(f"A {found.a}, B {found.b}")
    for line in iter_comparison_lines(found):
        click.echo(line)
    click.echo(f"see {out / 'comparison.html'}")
