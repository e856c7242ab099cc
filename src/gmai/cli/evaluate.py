"""``gmai eval``: ask a model or a baseline, score the answers, tabulate the scores."""

from pathlib import Path
from typing import Any

import click

from gmai.cli import options
from gmai.cli.evaluate_run import run
from gmai.cli.evaluate_scores import compare, judge
from gmai.cli.evaluate_submit import grade, submit


@click.group("eval")
def evaluate() -> None:
    """Ask a model, score it, tabulate scores."""


for command in (run, compare, judge, submit, grade):
    evaluate.add_command(command)


@evaluate.command()
@click.argument("predictions", type=click.Path(exists=True, path_type=Path))
@click.option("--key", type=options.file(exists=True), required=True, help="Key file of the benchmark.")
@options.out
@click.option("--name", help="What the answers are called on the board.")
@click.option("--rules", help="Rules that read replies: gmai (default) or vlmevalkit.")
@click.option("--bertscore-model", type=options.folder(exists=True), help="Encoder for BERTScore of open answers.")
@click.option(
    "--bertscore-layer", type=click.IntRange(min=0), help="Layer of it that is compared; by default the last."
)
@click.option("--resume/--no-resume", default=None, help="Reuse a finished run, or start over.")
@options.quiet
def score(**values: Any) -> None:
    """Score PREDICTIONS: accuracy on every axis with n and 95 % interval."""
    from gmai.base import from_dict, load_config, read_json
    from gmai.evaluate import ScoreConfig, score
    from gmai.types import Score

    config = load_config(ScoreConfig, values=values)
    stats = score(config)
    for item in from_dict(tuple[Score, ...], read_json(config.out / "scores.json")):
        if item.axis in {"overall", "kind"}:
            interval = f"{item.low:.3f} to {item.high:.3f}"
            told = f"n {item.n}, chance {item.chance:.3f}, corrected {item.adjusted:.3f}"
            click.echo(f"{item.node:24} {item.accuracy:.3f}  ({interval}, {told})")
    counts = f"{stats.invalid} invalid ({stats.refusals} refusals, {stats.errors} without reply), {stats.ties} ties"
    counts += f", {stats.unkeyed} not scored: no answer known" if stats.unkeyed else ""
    click.echo(f"{stats.name}: {stats.correct} of {stats.questions} right, {counts}; see {config.out / 'scores.html'}")


@evaluate.command()
@click.argument("scores", type=click.Path(exists=True, path_type=Path), nargs=-1)
@options.out
@click.option("--published", multiple=True, metavar="NAME[:SPLIT[=DATA]]", help="Quote published numbers beside.")
@click.option("--least", type=click.IntRange(min=1), help="Questions that a place of the tree must have to be shown.")
@click.option("--resume/--no-resume", default=None, help="Reuse a finished run, or start over.")
@options.quiet
def board(**values: Any) -> None:
    """Tabulate SCORES side by side: outputs of gmai eval run, score or grade, or folders of such."""
    from gmai.base import load_config
    from gmai.evaluate import BoardConfig, board

    config = load_config(BoardConfig, values=values)
    for entry in board(config):
        whole = entry.whole
        shown = f"{whole.accuracy:.3f}  ({whole.low:.3f} to {whole.high:.3f}, n {whole.n})" if whole else "not told"
        click.echo(f"{entry.label:40} {shown}")
    click.echo(f"see {config.out / 'board.html'}")
