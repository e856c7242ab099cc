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
@click.option(
    "--root", type=options.folder(), help="Folder with the files of the published benchmark that SOURCES names."
)
@click.option("--name", help="Name of the data set, for keys.")
@click.option(
    "--split",
    "splits",
    multiple=True,
    help="Split, such as TEST, by default as names or card say; of a published benchmark, may be repeated.",
)
@click.option("--language", help="Questions of a published benchmark in this language alone.")
@click.option("--pictures", type=click.Choice(["inline", "link"]), help="Pictures in the public file, or beside it.")
@click.option("--partial", is_flag=True, default=None, help="Go on if a numbered part is missing.")
@click.option("--resume/--no-resume", default=None, help="Reuse a finished run, or start over.")
@options.quiet
def import_(sources: tuple[Path, ...], root: Path | None, **values: Any) -> None:
    """Make a benchmark folder of SOURCES: TSV files of GMAI-MMBench or VLMEvalKit, folders of them, or one NAME.

    NAME is a published benchmark of gmai bench datasets, whose files lie below --root.
    """
    from gmai.base import load_config
    from gmai.bench import DatasetConfig, ImportConfig, import_bench, import_dataset

    check_sources(sources, root, values)
    if root is None:
        values["split"] = "".join(values.pop("splits"))
        summary = import_bench(load_config(ImportConfig, values={"sources": sources, **values}))
    else:
        named = {**values, "name": str(sources[0]), "root": root}
        summary = import_dataset(load_config(DatasetConfig, values=named))
    known = f", {summary.accepted['key']} with their answer" if "key" in summary.accepted else ""
    click.echo(f"{values['out']}: {summary.accepted['question']} questions{known}")
    unit = "without a key" if "key" in summary.accepted else "left out"
    for reason, count in summary.reasons.items():
        click.echo(f"  {count} {unit}: {reason}")


def check_sources(sources: tuple[Path, ...], root: Path | None, values: dict[str, Any]) -> None:
    """Tell what is missing: the folder of a published benchmark, or what only such a one can be given.

    Raises:
        ConfigError: the flags do not fit what is imported.
    """
    from gmai.bench import dataset_names, read_dataset
    from gmai.errors import ConfigError

    named = [str(source) for source in sources if str(source) in dataset_names() and not source.exists()]
    named += [str(source) for source in sources if source.suffix == ".yaml"]
    if root is None and named:
        card = read_dataset(named[0])
        raise ConfigError("a published benchmark needs --root FOLDER", where=card.home, fix="; ".join(card.place))
    given = [name for name in ("language", "pictures") if values[name]]
    if root is None and (given or len(values["splits"]) > 1):
        raise ConfigError("only a published benchmark has several splits, languages or --pictures", fix="give --root")
    if root is not None and (len(sources) > 1 or values["name"]):
        raise ConfigError("--root goes with one NAME, which is the name in keys too", fix="gmai bench datasets")
    if root is None:
        values.pop("language"), values.pop("pictures")
    else:
        values.pop("name")


@click.command()
@click.argument("name", required=False)
def datasets(name: str | None) -> None:
    """List the published benchmarks that can be imported; of NAME, what must lie where and what to know of it."""
    from gmai.bench import dataset_names, read_dataset

    if name is None:
        for card in map(read_dataset, dataset_names()):
            click.echo(f"{card.name:15} {card.title}")
        return
    card = read_dataset(name)
    click.echo(f"{card.title}\n{card.home}\n{card.paper or 'no paper'}\nlicence: {card.licence}, access: {card.access}")
    for line in card.place:
        click.echo(f"  place: {line}")
    for split, rule in card.splits.items():
        default = ", by default" if split in card.default else ""
        click.echo(
            f"  {split}: {rule.expected or 'unknown number of'} questions{default}{', no answers' * rule.hidden}"
        )
    for line in card.notes:
        click.echo(f"  {line}")
    click.echo(f"  not checked against the publisher's files: {', '.join(card.unverified) or 'nothing'}")


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
