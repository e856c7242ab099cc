"""``gmai train``: one stage of training."""

from pathlib import Path

import click

from gmai.cli import options


@click.command()
@click.argument("recipe", type=options.file(exists=True))
@options.out
@options.settings
@click.option("--resume/--no-resume", default=None, help="Continue a killed run, or start over.")
@options.quiet
def train(recipe: Path, out: Path, overrides: tuple[str, ...], resume: bool | None) -> None:
    """Train one stage from a RECIPE.

    Recipes name neither data nor weights: give --set corpus=CORPUS --set init.model=MODEL.
    """
    from gmai.base import load_config
    from gmai.train import TrainConfig
    from gmai.train import train as run_training

    config = load_config(TrainConfig, recipe, overrides, {"out": out, "resume": resume})
    stats = run_training(config)
    for part, row in stats["parts"].items():
        moved = f"{row['changed']} of {row['tensors']} tensors trained" if row["trains"] else "frozen, unchanged"
        click.echo(f"{part:>10}  {row['parameters']:>12,}  {moved}")
    click.echo(f"{out}: {stats['steps']} steps, {stats['epochs']} epochs, {stats['rejected']} rejected")
