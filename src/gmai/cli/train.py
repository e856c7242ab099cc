"""``gmai train``: one stage of training."""

from pathlib import Path

import click

from gmai.cli import options


@click.command()
@click.argument("recipe")
@options.out
@options.settings
@click.option("--resume/--no-resume", default=None, help="Continue a killed run, or start over.")
@options.quiet
def train(recipe: str, out: Path, overrides: tuple[str, ...], resume: bool | None) -> None:
    """Train one stage from a RECIPE: a YAML file, or the name of a shipped one, such as tiny-stage1.

    Recipes name neither data nor weights: give --set corpus=CORPUS --set init.model=MODEL.
    """
    from gmai.train import read_recipe
    from gmai.train import train as run_training

    given = {"out": out} if resume is None else {"out": out, "resume": resume}
    config = read_recipe(recipe, given, overrides)
    stats = run_training(config)
    for part, row in stats["parts"].items():
        moved = f"{row['changed']} of {row['tensors']} tensors trained" if row["trains"] else "frozen, unchanged"
        click.echo(f"{part:>10}  {row['parameters']:>12,}  {moved}")
    click.echo(f"{out}: {stats['steps']} steps, {stats['epochs']} epochs, {stats['rejected']} rejected")
