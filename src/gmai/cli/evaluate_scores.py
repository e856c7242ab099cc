"""``gmai eval compare`` and ``judge``: what is made of scores."""

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


@click.command()
@click.argument("scores", type=options.folder(exists=True))
@click.option("--model", required=True, help="Name the server knows the judge by.")
@click.option("--base-url", "url", required=True, help="Address of its server, up to and including the version.")
@click.option("--key", type=options.file(exists=True), help="Key file, if it is no longer where it was.")
@click.option("--which", type=click.Choice(["open", "unread", "all"]), help="Which replies are judged.")
@click.option("--in-flight", type=click.IntRange(min=1), help="Most questions under way at a time.")
@options.out
@click.option("--resume/--no-resume", default=None, help="Go on with a run, or start over.")
@options.quiet
def judge(model: str, url: str, in_flight: int | None, out: Path, **values: Any) -> None:
    """Have a model judge the replies behind SCORES: recorded whole, beside the score, never part of it."""
    from gmai.base import from_dict, load_config, read_json
    from gmai.evaluate import JudgeConfig, judge
    from gmai.types import Measure

    endpoint = {"model": model, "url": url, **({"in_flight": in_flight} if in_flight else {})}
    found = judge(load_config(JudgeConfig, values={"endpoint": endpoint, "out": out, **values}))
    (whole, *_) = from_dict(tuple[Measure, ...], read_json(out / "judged.json"))
    interval = f"{whole.low:.3f} to {whole.high:.3f}"
    click.echo(f"judged by {found.judge}: {whole.value:.3f} ({interval}, n {whole.n}); the score stays as it is")
    told = ", ".join(f"{number} {verdict}" for verdict, number in found.verdicts.items())
    agreed = "" if found.agreement is None else f"; {found.agreement:.3f} of the verdicts are as the score has it"
    click.echo(f"{told}{agreed}")
