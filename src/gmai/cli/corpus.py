"""``gmai corpus``: split, count and trace a corpus."""

from pathlib import Path
from typing import Any

import click

from gmai.cli.curate import COMMANDS
from gmai.cli.options import file, folder, job, out, quiet, removed, settings

_corpus = click.argument("corpus", type=folder(exists=True))
_resume = click.option("--resume/--no-resume", default=None, help="Keep what is there, or start over.")


@click.group()
def corpus() -> None:
    """Split, count and trace a corpus."""


for _command in COMMANDS:
    corpus.add_command(_command)


@corpus.command()
@_corpus
@settings
@_resume
@quiet
def split(corpus: Path, overrides: tuple[str, ...], resume: bool | None) -> None:
    """Split CORPUS by subject into train, val and test, in its folder split."""
    from gmai.base import load_config
    from gmai.corpus import SplitConfig, split_corpus

    split_corpus(load_config(SplitConfig, None, overrides, {"corpus": corpus, "resume": resume}))


@corpus.command()
@_corpus
@out
@settings
@_resume
@quiet
def stats(corpus: Path, out: Path, overrides: tuple[str, ...], resume: bool | None) -> None:
    """Count what CORPUS holds, into stats.json, and draw it, as stats.html."""
    from gmai.base import load_config
    from gmai.corpus import StatsConfig, corpus_stats
    from gmai.curate import stats_page

    given = {"corpus": corpus, "out": out, "resume": resume}
    corpus_stats(load_config(StatsConfig, None, overrides, given), stats_page)


@corpus.command()
@_corpus
@click.argument("item")
@click.option("--key", type=file(exists=True), help="Key of a benchmark; ITEM is then the index of a question.")
@click.option("--json", "as_json", is_flag=True, help="One JSON record a line.")
def trace(corpus: Path, item: str, key: Path | None, as_json: bool) -> None:
    """Print the way back of ITEM, a sample, a conversation or a question, to file, slice and annotation record."""
    from gmai.base import dumps
    from gmai.corpus import trace as follow
    from gmai.corpus import trace_question

    if key is not None and not item.isdigit():
        raise click.BadParameter(f"{item!r} is no index", param_hint="ITEM")
    for step in follow(corpus, item) if key is None else trace_question(corpus, key, int(item)):
        click.echo(dumps(step).decode() if as_json else "\n".join(step.lines()))


@corpus.command()
@_corpus
@out
@click.option("--use", type=click.Choice(["any", "commercial"]), help="What it is for; decides by licence.")
@click.option("--commercial", "use", flag_value="commercial", default=None, help="The same as --use commercial.")
@click.option(
    "--duplicates",
    type=click.Choice(["keep", "drop-exact", "drop-near"]),
    help="Keep one of each group that gmai corpus dedup found: of the same pixels or words, or of near ones too.",
)
@removed
@settings
@_resume
@quiet
def build(
    corpus: Path,
    out: Path,
    use: str | None,
    duplicates: str | None,
    removed: tuple[Path, ...],
    overrides: tuple[str, ...],
    resume: bool | None,
) -> None:
    """Take a part of CORPUS by licence, source, modality, department, task, kind, language or subset."""
    from gmai.base import load_config
    from gmai.corpus import BuildConfig, build_corpus

    given: dict[str, Any] = {"corpus": corpus, "out": out, "use": use, "duplicates": duplicates}
    given |= {"removed": removed or None, "resume": resume}
    build_corpus(load_config(BuildConfig, None, overrides, given))


@corpus.command()
@click.argument("format")
@_corpus
@out
@settings
@job
@quiet
def export(format: str, corpus: Path, out: Path, overrides: tuple[str, ...], job: dict[str, Any]) -> None:
    """Write CORPUS as FORMAT: llava, internvl, llama-factory, swift, m3llm, webdataset or annotations."""
    from gmai.base import load_config
    from gmai.corpus import ExportConfig, export_corpus
    from gmai.images import draw_view

    given = {"format": format, "corpus": corpus, "out": out, "job": job}
    export_corpus(load_config(ExportConfig, None, overrides, given), draw_view)


@corpus.command("import")
@click.argument("format")
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@out
@removed
@settings
@_resume
@quiet
def import_(
    format: str, path: Path, out: Path, removed: tuple[Path, ...], overrides: tuple[str, ...], resume: bool | None
) -> None:
    """Make a corpus of PATH, which is in FORMAT: one of those of export, or gmai-vl, the released GMAI-VL-5.5M."""
    from gmai.base import load_config
    from gmai.corpus import ImportConfig, PictureTools, import_corpus
    from gmai.images import hash_picture, read_encoded, replay

    given = {"format": format, "path": path, "out": out, "removed": removed or None, "resume": resume}
    tools = PictureTools(read_encoded, hash_picture, replay)
    import_corpus(load_config(ImportConfig, None, overrides, given), tools)
