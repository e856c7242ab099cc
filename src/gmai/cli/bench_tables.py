"""``gmai bench``: files of questions: their tree, cuts of them, imports, one question, a miniature."""

from pathlib import Path
from typing import Any

import click

from gmai.cli import options

_AXES = ("department", "modality")
_KEY = click.option("--key", type=options.file(exists=True), help="Key file, for labels, subjects and data sets.")


@click.command()
@click.argument("source", type=click.Path(exists=True, path_type=Path), required=False)
@click.option("--axis", "axes", multiple=True, help=f"What to count by, from the top down; {' then '.join(_AXES)}.")
@click.option("--depth", type=click.IntRange(min=0), help="Levels to show; by default all.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@_KEY
def tree(source: Path | None, axes: tuple[str, ...], depth: int | None, as_json: bool, key: Path | None) -> None:
    """Count the questions of SOURCE (TSV, cut or benchmark folder) by place; without it, show the lexical tree.

    Axes are task, department, modality, granularity, family, label, subject, or any column.
    """
    from gmai.base import dumps, to_dict
    from gmai.bench import build_tree, find_splits, lexical_tree, tree_lines

    wanted = axes or _AXES
    if source is None:
        nodes = [lexical_tree(wanted)]
    else:
        nodes = [build_tree(split.table, wanted, split.keys, split.name) for split in find_splits(source, key)]
    if as_json:
        click.echo(dumps([to_dict(node) for node in nodes], indent=True).decode())
        return
    for node in nodes:
        click.echo("\n".join(tree_lines(node, depth)))


@click.command()
@click.argument("source", type=options.file(exists=True))
@click.argument("query")
@click.option("-o", "--out", type=options.file(), required=True, help="JSON file to write.")
@_KEY
def cut(source: Path, query: str, out: Path, key: Path | None) -> None:
    """Save which questions of SOURCE (TSV or cut) QUERY selects; the cut stands wherever a TSV may.

    A query: department=Ophthalmology & (modality=fundus | modality=OCT) & !option~disc & options>=4
    """
    from gmai.bench import find_splits, make_cut

    made = make_cut(source, query, out, find_splits(source, key)[0].keys)
    click.echo(f"{out}: {len(made.indices)} questions, {made.canonical}")


@click.command(name="import")
@click.argument("sources", type=click.Path(path_type=Path), nargs=-1, required=True)
@options.out
@click.option("--name", help="Name of the data set, for keys.")
@click.option("--split", help="Split of the files, such as TEST; by default, as their names say.")
@click.option("--partial", is_flag=True, default=None, help="Go on if a numbered part is missing.")
@click.option("--resume/--no-resume", default=None, help="Reuse a finished run, or start over.")
@options.quiet
def import_(**values: Any) -> None:
    """Make a benchmark folder of SOURCES: TSV files of GMAI-MMBench or VLMEvalKit, or folders of them."""
    from gmai.base import load_config
    from gmai.bench import ImportConfig, import_bench

    config = load_config(ImportConfig, values=values)
    summary = import_bench(config)
    click.echo(f"{config.out}: {summary.accepted['question']} questions, {summary.accepted['key']} with their answer")
    for reason, count in summary.reasons.items():
        click.echo(f"  {count} without a key: {reason}")


@click.command()
@click.argument("tsv", type=options.file(exists=True))
@click.argument("index", type=int)
@click.option("-o", "--out", type=options.file(), help="Picture file to write; several become NAME-1.png and so on.")
def show(tsv: Path, index: int, out: Path | None) -> None:
    """Print question INDEX of a benchmark file or cut, and write its pictures as they are stored.

    Another format is written only where the ending of --out asks for it.
    """
    from gmai.bench import LETTERS, find_question, write_pictures

    question = find_question(tsv, index)
    written = write_pictures(question, out) if out is not None else []
    known = [part for part in (question.task, question.department, question.modality, question.granularity) if part]
    click.echo(f"{question.question}  [{', '.join(known)}]")
    for letter, option in zip(LETTERS, question.options, strict=False):
        click.echo(f"  {letter}. {option}")
    for name, text in question.extra.items():
        click.echo(f"  {name}: {text}")
    click.echo(f"  pictures: {len(question.places)}" + "".join(f" · {path}" for path in written))


@click.command()
@click.option("-o", "--out", type=options.file(), required=True, help="TSV to write.")
@click.option("--rows", type=int, help="Questions; by default, as few as show every place of the tree's axes.")
@click.option("--picture-px", type=int, help="Side of the pictures, which are noise: three bytes a pixel.")
@click.option("--split", type=click.Choice(["VAL", "TEST"]), help="TEST has no column answer.")
@click.option("--seed", type=int, help="Seed of all that is drawn.")
def mini(**values: Any) -> None:
    """Write a benchmark file in the shape of GMAI-MMBench with drawn pictures, to try things on."""
    from gmai.base import load_config
    from gmai.bench import MiniatureConfig, write_miniature

    config = load_config(MiniatureConfig, values=values)
    click.echo(f"{config.out}: {write_miniature(config)} questions")
