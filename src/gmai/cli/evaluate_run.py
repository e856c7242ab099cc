"""``gmai eval run``: one file of questions to one model, or several to several."""

from pathlib import Path
from typing import Any

import click

from gmai.base import setup_logging, this_worker
from gmai.cli import options

_LISTS = ("--data", "--model")


class _Lists(click.Command):
    """Lets ``--data A B`` and ``--model M N`` take several values, where nothing else can be meant by them."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if "--data" in args or (args and not args[0].startswith("-")):
            args = _spread(args)
        return super().parse_args(ctx, args)


def _spread(args: list[str]) -> list[str]:
    spread: list[str] = []
    name = ""
    for place, text in enumerate(args):
        if text.startswith("-"):
            name = text if text in _LISTS else ""
        elif name and args[place - 1] != name:
            spread.append(name)
        spread.append(text)
    return spread


@click.command(cls=_Lists)
@click.argument("target", required=False)
@options.out
@click.option("--data", multiple=True, metavar="DATA...", help="TSVs, cuts, benchmark folders, names of data sets.")
@click.option(
    "--model", multiple=True, metavar="MODEL...", help="Folders or openai:NAME@URL, replay:FILE, python:M:NAME."
)
@click.option("--mode", type=click.Choice(["infer", "eval", "all"]), help="Answer, score, or both.")
@click.option("--runner", help="likelihood, letters, generate, a baseline, or package.module:name.")
@click.option("--prompt", help="Shipped prompt or YAML file.")
@click.option("--corpus", type=options.folder(exists=True), help="Split corpus that a baseline learns from.")
@click.option("--blind", is_flag=True, default=None, help="Take the picture away.")
@click.option("--circular", is_flag=True, default=None, help="Put each question once for each of its options, turned.")
@click.option("--name", help="What the answers are called on the board.")
@click.option("--batch", type=click.IntRange(min=1), help="Questions put to a local model at once.")
@click.option("--normalise", type=click.Choice(["sum", "mean", "pmi"]), help="How likelihoods of options compare.")
@click.option("--in-flight", type=click.IntRange(min=1), help="Most questions under way at a server.")
@click.option("--max-new-tokens", type=click.IntRange(min=1), help="Longest reply.")
@click.option("--limit", type=click.IntRange(min=1), help="Ask only the first questions; to try a model, not to score.")
@click.option("--device", help="Torch device.")
@click.option("--benches", type=options.folder(), help="Folder of imported data sets.")
@click.option("--verbose", is_flag=True, default=None, help="Log every answer.")
@click.option("--resume/--no-resume", default=None, help="Continue a killed run, or start over.")
@options.settings
@options.quiet
def run(target: str | None, data: tuple[str, ...], model: tuple[str, ...], **values: Any) -> None:
    """Put questions to models and score what they answer.

    \b
    gmai eval run TSV --model M -o PRED            one file, answered
    gmai eval run --data A B --model M N -o OUT    each on each, answered and scored
    gmai eval run RECIPE --model M -o OUT          the data sets of a recipe

    \b
    torchrun --nproc-per-node=4 -m gmai eval run … --device cuda
    shares the questions among processes, each with a copy of the model; the bytes are the same as of one process.

    \b
    DATA is a TSV, a saved cut, a benchmark folder (FOLDER:VAL) or the name of an imported data set.
    MODEL is a folder, openai:NAME@URL, replay:FILE, python:module:name or a baseline; LABEL= names it.
    """  # noqa: D301
    from gmai.evaluate import find_recipe

    if not this_worker().is_first:
        setup_logging(quiet=True)
    in_flight = values.pop("in_flight")
    overrides, matrix = values.pop("overrides"), {name: values.pop(name) for name in ("out", "mode", "benches")}
    values["endpoint"] = {"in_flight": in_flight} if in_flight else None
    recipe = find_recipe(target) if target else None
    if target and recipe is None:
        _run_one(target, data, model, matrix, values, overrides)
    else:
        matrix |= {"data": data or None, "model": model or None, "resume": values.pop("resume")}
        _run_matrix(recipe, matrix, values, overrides)


def _run_one(
    target: str,
    data: tuple[str, ...],
    model: tuple[str, ...],
    matrix: dict[str, Any],
    values: dict[str, Any],
    overrides: tuple[str, ...],
) -> None:
    from gmai.evaluate import run_one

    if data or len(model) > 1:
        raise click.UsageError("give one TSV and one model, or --data and --model")
    result = run_one(target, "".join(model), matrix["out"], matrix["mode"] or "infer", values, overrides)
    if this_worker().is_first:
        _say_result(result, matrix["out"])


def _say_result(result: Any, out: Path) -> None:
    reached = "" if result.accuracy is None else f"{result.accuracy:.3f} ({result.low:.3f} to {result.high:.3f}), "
    click.echo(f"{out}: {reached}{result.questions} answers of {result.model}, {result.invalid} invalid")
    if result.state == "no key":
        click.echo(f"no answers here to score {result.data} by, {out / 'submission.json.gz'} is for who has them")


def _run_matrix(recipe: Path | None, matrix: dict[str, Any], run: dict[str, Any], overrides: tuple[str, ...]) -> None:
    from gmai.errors import ConfigError
    from gmai.evaluate import iter_lines, read_matrix, run_matrix

    config = read_matrix(recipe, matrix, run, overrides)
    results = run_matrix(config)
    if not this_worker().is_first:
        return
    for line in iter_lines(results):
        click.echo(line)
    failed = [result for result in results if not result.is_fine]
    if failed:
        raise ConfigError(f"{len(failed)} of {len(results)} pairs did not succeed", where=str(config.out / "pairs.csv"))
