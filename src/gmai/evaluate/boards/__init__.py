"""The board: scored runs, graded submissions and published numbers, each with what is known of it."""

from typing import Any

from gmai.base import open_run, output_files, to_dict, write_json, write_text
from gmai.errors import ConfigError
from gmai.evaluate.boards.drilling import Place, iter_places
from gmai.evaluate.boards.entries import Entry, Group, Keys, find_folders, find_key, group_rows, read_row
from gmai.evaluate.boards.marks import mark_group
from gmai.evaluate.boards.pages import Shown, write_markdown, write_page
from gmai.evaluate.boards.published import Quoted, Wanted, parse_wanted, published_names, read_published
from gmai.evaluate.config import BoardConfig

__all__ = ["Entry", "board", "published_names"]


def board(config: BoardConfig) -> list[Entry]:
    """Tabulate what was scored and what was published into ``board.json``, ``board.md`` and ``board.html``.

    Rows scored with one key stand in one table, best first; those of another key have a table of their own.

    Raises:
        ConfigError: nothing to tabulate, a folder that is no finished scoring, or two rows of one table with one name.
        FormatError: a file that is damaged, or not as its hash says.
    """
    if not config.scores and not config.published:
        fix = "give output folders of gmai eval run, score or grade, or --published NAME"
        raise ConfigError("nothing to tabulate", where="scores", fix=fix)
    folders = find_folders(config.scores)
    keys = Keys()
    groups = [mark_group(group) for group in group_rows([read_row(folder, keys) for folder in folders])]
    wanted = [parse_wanted(text) for text in config.published]
    inputs = {str(place): find_key(folder) for place, folder in enumerate(folders)}
    whole = [group.data for group in groups if all(row.answers for row in group.rows)]
    quoted = [to_dict(read_published(one)) for one in wanted]
    same = {"least": config.least, "quoted": quoted, "wanted": to_dict(wanted), "drilled": whole}
    shown = _gather(groups, wanted, config.least)
    run = open_run(config.out, "eval board", config, inputs, resume=config.resume, same=same)
    entries = [entry for group in groups for entry in group.entries]
    if not run.done:
        write_json(run.path / "board.json", _as_data(shown))
        write_text(run.path / "board.md", write_markdown(shown))
        write_text(run.path / "board.html", write_page(shown))
        counts = {"tables": len(groups), "rows": len(entries), "quoted": len(shown.quoted)}
        run.finish({**counts, "questions": {group.data: _count(group) for group in groups}}, output_files(run))
    return entries


def _count(group: Group) -> int:
    return group.rows[0].entry.questions


def _gather(groups: list[Group], wanted: list[Wanted], least: int) -> Shown:
    quoted: list[Quoted] = []
    beside: dict[str, tuple[Quoted, ...]] = {}
    known = [group.data for group in groups]
    for one in wanted:
        if one.data and one.data not in known:
            fix = f"tables: {', '.join(known) or 'none'}"
            raise ConfigError(f"no table {one.data!r} to put quoted numbers beside", where="--published", fix=fix)
        if one.data:
            beside[one.data] = (*beside.get(one.data, ()), *read_published(one))
        quoted += [row for row in read_published(one) if row not in quoted]
    places: dict[str, tuple[Place, ...]] = {}
    for group in groups:
        places[group.data] = tuple(iter_places(group.rows, least))
    return Shown(tuple(groups), tuple(quoted), beside, places)


def _as_data(shown: Shown) -> dict[str, Any]:
    tables = [
        {
            "data": group.data,
            "key": group.entries[0].key,
            "questions": _count(group),
            "rule": group.rule,
            "rows": [{"from": "graded" if entry.rounded else "measured", **to_dict(entry)} for entry in group.entries],
            "tree": to_dict(shown.places[group.data]),
            "beside": [{"from": "quoted", **to_dict(row)} for row in shown.beside.get(group.data, ())],
        }
        for group in shown.groups
    ]
    return {"tables": tables, "quoted": [{"from": "quoted", **to_dict(row)} for row in shown.quoted]}
