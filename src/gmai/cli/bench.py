"""``gmai bench``: build a benchmark, look at a question, follow it back to its source."""

from pathlib import Path
from typing import Any

import click

from gmai.cli import bench_tables, options


@click.group()
def bench() -> None:
    """Build a benchmark from held-out subjects."""


_TABLES = ("tree", "cut", "import_", "datasets", "show", "mini")
for command in _TABLES:
    bench.add_command(getattr(bench_tables, command))


@bench.command()
@click.argument("corpus", type=options.folder(exists=True))
@options.out
@click.option("--seed", type=int, help="Seed of every choice and of the order of rows.")
@click.option("--per-label", type=int, help="Most questions with the same right answer.")
@click.option(
    "--languages", type=click.Choice(["en", "zh"]), multiple=True, help="Language to ask in; may be repeated."
)
@click.option("--twins", type=click.Choice(["one", "group"]), help="Levels at which one region is asked about.")
@click.option("--multiple", is_flag=True, default=None, help="Also ask for several findings of one picture.")
@options.settings
@options.job
@options.quiet
def build(corpus: Path, out: Path, overrides: tuple[str, ...], job: dict[str, Any], **values: Any) -> None:
    """Ask about the test and validation subjects of CORPUS."""
    from gmai.base import load_config
    from gmai.bench import BenchConfig, build_bench

    values["languages"] = values["languages"] or None
    config = load_config(BenchConfig, overrides=overrides, values={"corpus": corpus, "out": out, "job": job, **values})
    summary = build_bench(config)
    click.echo(f"{out}: {summary.accepted.get('question', 0)} questions")


@bench.command()
@click.argument("files", type=click.Path(exists=True, path_type=Path), nargs=-1, required=True)
@click.option("--against", type=click.Path(exists=True, path_type=Path), multiple=True, help="Must share no picture.")
@click.option("--key", type=options.file(exists=True), help="Key file of a single TSV: to find what predicts answers.")
@click.option("--pictures/--no-pictures", default=None, help="Read the pictures too.")
@click.option("--json", "report", type=options.file(), help="File for the findings as JSON.")
def check(files: tuple[Path, ...], against: tuple[Path, ...], report: Path | None, **values: Any) -> None:
    """Look for all that tells the answers of FILES (TSVs, cuts, benchmark folders); exit code 4 if something does."""
    from gmai.base import load_config, write_json
    from gmai.bench import CheckConfig, check_files
    from gmai.errors import LeakageError

    config = load_config(CheckConfig, values={"files": files, "against": against, **values})
    found = check_files(config)
    for name, count in found.files.items():
        click.echo(f"{name}: {count} questions; answers known from: {found.answers[name] or 'nothing'}")
    for finding in found.findings:
        number = f" ({finding.count} of {finding.of})" if finding.count else ""
        click.echo(f"  {finding.level:<5}  {finding.file:<12}  {finding.check}: {finding.detail}{number}")
    if report is not None:
        write_json(report, found)
    if found.leaks:
        raise LeakageError(f"{len(found.leaks)} leaks", where=", ".join(map(str, files)))


@bench.command()
@click.argument("bench", type=options.folder(exists=True))
@click.option("-o", "--out", type=options.folder(), help="Run folder to write: public to hand out, key to keep.")
@click.option("--splits", multiple=True, help="Split to seal; may be given again; TEST by default.")
@click.option("--salt-file", type=options.file(exists=True), help="32 random bytes in hex that all salts come from.")
@click.option("--without", multiple=True, help="Column that is not shown either; may be given again.")
@click.option(
    "--largest-growth",
    type=float,
    help="How many times as large pictures may become, so that sizes tell nothing; 1: not.",
)
@click.option("--verify", type=options.folder(exists=True), help="Key folder to hold against the commitments in BENCH.")
@click.option("--resume/--no-resume", default=None, help="Reuse a finished run, or start over with other salts.")
@options.quiet
def seal(bench: Path, out: Path | None, verify: Path | None, **values: Any) -> None:
    """Make public rows of BENCH that tell nothing, its key apart, and a commitment to the key."""
    from gmai.base import load_config
    from gmai.bench import SealConfig, seal_bench, verify_key

    if verify is not None:
        click.echo(f"{verify}: {verify_key(bench, verify)} answers as committed")
        return
    if out is None:
        raise click.UsageError("give --out, or --verify KEY")
    given = {name: value for name, value in values.items() if value != ()}
    config = load_config(SealConfig, values={"bench": bench, "out": out, **given})
    summary = seal_bench(config)
    click.echo(f"{out}: {summary.accepted['question']} questions; hand out {out / 'public'}, keep {out / 'key'}")


@bench.command()
@click.argument("bench", type=options.folder(exists=True))
@click.argument("index", type=int)
@click.option(
    "--corpus", type=options.folder(exists=True), help="Corpus it was built from; by default, the one in run.json."
)
def trace(bench: Path, index: int, corpus: Path | None) -> None:
    """Print the way from question INDEX back to file, slice and annotation record."""
    from gmai.bench import trace_question

    for step in trace_question(bench, index, corpus or _corpus_of(bench)):
        click.echo("\n".join(step.lines()))


def _corpus_of(bench: Path) -> Path:
    from gmai.base import input_key, read_json
    from gmai.errors import ConfigError

    input_key(bench, "bench build")
    corpus = Path(read_json(bench / "run.json")["config"]["corpus"])
    if not corpus.is_dir():
        raise ConfigError("the corpus is not where it was", where=str(corpus), fix="give its folder as --corpus")
    return corpus
