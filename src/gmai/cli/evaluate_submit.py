"""``gmai eval submit`` and ``gmai eval grade``: handing answers in, and grading what was handed in."""

from typing import Any

import click

from gmai.cli import options


@click.command()
@click.argument("predictions", type=options.folder(exists=True))
@click.option("-o", "--out", type=options.file(), required=True, help="submission.json or submission.json.gz.")
@click.option("--model-name", help="What the model is called; by default as the run calls it.")
@click.option("--team", help="Who hands in.")
@click.option("--paper", metavar="URL", help="Address of a description.")
@click.option("--data", type=options.file(exists=True), help="The benchmark file, if it is no longer where it was.")
@options.quiet
def submit(**values: Any) -> None:
    """Write the answers in PREDICTIONS to one file for who has the key."""
    from gmai.base import load_config
    from gmai.evaluate import SubmitConfig, submit

    config = load_config(SubmitConfig, values=values)
    made = submit(config)
    told = f"{made.unread} without a choice, {made.errors} without a reply"
    click.echo(f"{config.out}: {made.questions} answers of {made.model}, {told}")
    click.echo(f"sha256 {made.sha256}")


@click.command()
@click.argument("submission", type=options.file(exists=True))
@click.option("--key", type=options.file(exists=True), required=True, help="Key file of the benchmark.")
@options.out
@click.option("--sealed", type=options.folder(exists=True), help="Folder of the sealed file and its commitment.")
@click.option("--least", type=click.IntRange(min=1), help="Questions that a node must have to be told in public.")
@click.option("--ledger", type=options.file(), help="List of what was graded.")
@click.option(
    "--most", type=click.IntRange(min=1), help="Gradings that a team is granted with this key; by default 20."
)
@click.option("--model-name", help="What the model is called, of answers that do not say it.")
@click.option("--team", help="Who handed in, of answers that do not say it.")
@click.option("--resume/--no-resume", default=None, help="Reuse a finished run, or start over.")
@options.quiet
def grade(**values: Any) -> None:
    """Check and score a SUBMISSION; OUT/public may be shown, the rest is for the key holder."""
    from gmai.base import load_config
    from gmai.evaluate import GradeConfig, grade_submission

    config = load_config(GradeConfig, values=values)
    graded = grade_submission(config)
    for node in graded.nodes:
        if node.axis == "overall":
            interval = f"{node.low:.2f} to {node.high:.2f}"
            click.echo(f"{node.node:24} {node.accuracy:.2f}  ({interval}, n {node.n}, chance {node.chance:.2f})")
    held = "held against its commitment" if graded.commitment else "not sealed"
    click.echo(f"{graded.model} of {graded.team or 'nobody'}: grading {graded.submissions} with this key, {held}")
