"""The section that says what the corpus holds: the sunburst, the sources, and counts by kind of conversation."""

from collections.abc import Mapping

from markupsafe import Markup

from gmai.report import Cell, Column, Section, bars, count_cell, figure, plural, ring_hues, subheading, sunburst, table
from gmai.story.survey import Survey

LEVELS = ("modality", "department", "task")
Paths = Mapping[tuple[str, ...], int]


def build_corpus_section(survey: Survey) -> Section:
    """Section of the corpus."""
    paths = {tuple(row[level] for level in LEVELS): row["count"] for row in survey.stats["sunburst"]}
    total = plural(survey.total("conversations"), "conversation")
    title = "Conversations by modality, department and task"
    caption = f"{total} by imaging modality (inner ring), department (middle ring) and clinical task (outer ring)."
    body = figure(lambda width: sunburst(paths, title, LEVELS, width, "conversations"), caption)
    body += _tree_table(paths) + subheading("Sources") + _source_table(survey)
    body += subheading("Kinds of conversation") + _kind_figure(survey)
    lead = (
        f"{plural(survey.total('samples'), 'sample')} of {plural(survey.total('subjects'), 'subject')} from "
        f"{plural(len(survey.sources), 'source')}, with {plural(survey.total('annotations'), 'annotation')}, became "
        f"{total}. Every statement of fact in them comes from an annotation."
    )
    return Section("corpus", "The corpus", body, lead, dict(survey.stats))


def _tree_table(paths: Paths) -> Markup:
    hues = ring_hues(paths)
    ordered = sorted(paths.items(), key=lambda item: (hues[item[0][0]], -item[1], item[0]))
    rows: list[list[Cell | str]] = [
        [Cell(path[0], swatch=hues[path[0]]), path[1], path[2], count_cell(count)] for path, count in ordered
    ]
    columns = [
        Column("Modality", tight=True),
        Column("Department"),
        Column("Task"),
        Column("Conversations", numeric=True),
    ]
    return table(columns, rows, "Every number of the figure above")


def _source_table(survey: Survey) -> Markup:
    samples, conversations = survey.stats["samples"]["source"], survey.stats["conversations"]["source"]
    columns = [Column(name, tight=name != "Title") for name in ("Source", "Title", "Modality", "Licence")]
    columns += [Column(name, numeric=True) for name in ("Samples", "Conversations")]
    rows: list[list[Cell | str]] = []
    for name in survey.sources:
        card = survey.cards[name]
        told = [str(card.get(field, "")) for field in ("title", "modality", "licence")]
        rows.append([name, *told, count_cell(samples[name]), count_cell(conversations.get(name, 0))])
    return table(columns, rows, _splits(survey))


def _splits(survey: Survey) -> str:
    counts = survey.stats["samples"].get("split", {})
    if not counts:
        return "The corpus is not split"
    said = ", ".join(f"{name} {plural(counts[name], 'sample')}" for name in ("train", "val", "test") if name in counts)
    return f"Split by subject, so that no subject is on two sides: {said}"


def _kind_figure(survey: Survey) -> Markup:
    kinds = survey.stats["conversations"]["kind"]
    others = "; ".join(
        f"by {axis}: " + ", ".join(f"{name} {plural(count, 'conversation')}" for name, count in counts.items())
        for axis, counts in survey.stats["conversations"].items()
        if axis in ("subset", "granularity")
    )
    return figure(lambda width: bars(kinds, "Conversations by kind", width), f"Conversations by kind; {others}.")
