"""The commands of ``gmai corpus`` that clean, audit, take out, compare and review."""

from pathlib import Path
from typing import Any

import click

from gmai.cli import options

_corpus = click.argument("corpus", type=options.folder(exists=True))
_any = click.Path(exists=True, path_type=Path)
_resume = click.option("--resume/--no-resume", default=None, help="Keep what is there, or start over.")


@click.command()
@_corpus
@options.settings
@options.job
@options.quiet
def dedup(corpus: Path, overrides: tuple[str, ...], job: dict[str, Any]) -> None:
    """Find duplicates and near duplicates of CORPUS, in its folder dedup; gmai corpus split keeps them together."""
    from gmai.base import load_config
    from gmai.curate import DedupConfig, dedup_corpus

    found = dedup_corpus(load_config(DedupConfig, None, overrides, {"corpus": corpus, "job": job}))
    click.echo(f"{found['groups']} groups, {found['groups_across_subjects']} of them of several subjects")


@click.command()
@click.argument("data", type=_any)
@options.out
@click.option("--split", type=click.Choice(["train", "val", "test"]), help="Only this split of a corpus.")
@options.job
@options.quiet
def fingerprint(data: Path, out: Path, split: str | None, job: dict[str, Any]) -> None:
    """Write fingerprints of DATA, a corpus or a benchmark, that others can audit against without the data."""
    from gmai.base import load_config
    from gmai.curate import FingerprintConfig
    from gmai.curate import fingerprint as write

    summary = write(load_config(FingerprintConfig, None, (), {"data": data, "out": out, "split": split, "job": job}))
    click.echo(", ".join(f"{count} {unit}s" for unit, count in summary.accepted.items()))


@click.command()
@_corpus
@click.option("--against", type=_any, multiple=True, required=True, help="Benchmark, corpus or fingerprints.")
@options.out
@click.option("--split", help="Split of CORPUS to audit; by default train, or all of a corpus that is not split.")
@click.option("--against-split", help="Split of the corpora it is held against.")
@options.settings
@options.job
@options.quiet
def audit(
    corpus: Path, against: tuple[Path, ...], out: Path, overrides: tuple[str, ...], job: dict[str, Any], **given: Any
) -> None:
    """Say whether CORPUS holds what a benchmark asks about; exit code 4 if it does."""
    from gmai.base import load_config
    from gmai.curate import AuditConfig, audit_corpus

    values = {"corpus": corpus, "against": against, "out": out, "job": job, **given}
    audit_corpus(load_config(AuditConfig, None, overrides, values))
    click.echo("nothing shared was found")


@click.command()
@_corpus
@click.argument("reason")
@options.out
@click.option("--source", "sources", multiple=True, help="A source, whole or of the given subjects.")
@click.option("--subject", "subjects", multiple=True, help="A subject.")
@click.option("--id", "ids", multiple=True, help="A sample.")
@click.option("--used", type=options.folder(exists=True), multiple=True, help="Where runs that used it are looked for.")
@_resume
@options.quiet
def remove(**given: Any) -> None:
    """Build a corpus without some samples of CORPUS, for REASON, and list the runs that used it."""
    from gmai.base import load_config, read_json
    from gmai.corpus import RemoveConfig, remove_samples

    stats = remove_samples(load_config(RemoveConfig, None, (), given))
    click.echo(f"{stats['samples']['removed']} samples, {stats['conversations']['removed']} conversations removed")
    for user in read_json(given["out"] / "used.json"):
        click.echo(f"used by {user['command']}: {user['path']}")


@click.command()
@click.argument("first", type=options.folder(exists=True))
@click.argument("second", type=options.folder(exists=True))
@click.option("--json", "as_json", is_flag=True, help="One JSON record a line.")
def diff(first: Path, second: Path, as_json: bool) -> None:
    """Print the samples and conversations in which the corpora FIRST and SECOND differ."""
    from gmai.base import dumps
    from gmai.corpus import diff_corpora

    for item in diff_corpora(first, second):
        click.echo(dumps(item).decode() if as_json else item.line())


@click.command()
@click.argument("corpora", type=options.folder(exists=True), nargs=-1, required=True)
@options.out
@_resume
@options.quiet
def merge(corpora: tuple[Path, ...], out: Path, resume: bool | None) -> None:
    """Make one corpus of several CORPORA; one id in two of them is an error."""
    from gmai.base import load_config
    from gmai.corpus import MergeConfig, merge_corpora

    stats = merge_corpora(load_config(MergeConfig, None, (), {"corpora": corpora, "out": out, "resume": resume}))
    click.echo(", ".join(f"{count} {unit}" for unit, count in stats["totals"].items()))


@click.command()
@_corpus
@click.argument("sample")
@click.option("-o", "--out", type=options.file(), required=True, help="PNG file to write.")
@click.option("--level", type=click.Choice(["image", "box", "mask", "contour"]), default="contour", show_default=True)
@click.option("--image", type=int, default=0, show_default=True, help="Which picture of the sample, from 0.")
def show(corpus: Path, sample: str, out: Path, level: Any, image: int) -> None:
    """Draw SAMPLE of CORPUS with the regions that are marked on it."""
    from gmai.curate import show_sample

    for line in show_sample(corpus, sample, out, level, image):
        click.echo(line)


@click.command("review-sheet")
@_corpus
@options.out
@options.settings
@_resume
@options.quiet
def review_sheet(corpus: Path, out: Path, overrides: tuple[str, ...], resume: bool | None) -> None:
    """Draw conversations of CORPUS for people to judge: a page to look at and a table to fill in."""
    from gmai.base import load_config
    from gmai.curate import ReviewConfig, write_review_sheet

    config = load_config(ReviewConfig, None, overrides, {"corpus": corpus, "out": out, "resume": resume})
    click.echo(f"{out}: {write_review_sheet(config)['on_sheet']} conversations")


@click.command()
@click.argument("first", type=options.file(exists=True))
@click.argument("second", type=options.file(exists=True))
@click.option("--json", "as_json", is_flag=True, help="One JSON record.")
def agreement(first: Path, second: Path, as_json: bool) -> None:
    """Compare two filled-in review sheets: Cohen's kappa with its interval, and what is disputed."""
    from gmai.base import dumps
    from gmai.curate import compare_reviews

    report = compare_reviews(first, second)
    if as_json:
        click.echo(dumps(report).decode())
        return
    click.echo("\n".join(group.line() for group in report.groups))
    click.echo(f"judged by the first alone {report.only_first}, by the second alone {report.only_second}")
    click.echo("\n".join(f"disputed: {name}" for name in report.disputed), nl=bool(report.disputed))


COMMANDS = (dedup, fingerprint, audit, remove, diff, merge, show, review_sheet, agreement)
