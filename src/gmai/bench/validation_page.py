"""The page of a finished benchmark: what holds and is balanced, what guessing gives, what was left out, pictures."""

from collections.abc import Sequence

from markupsafe import Markup

from gmai.bench.baselines import Baseline
from gmai.bench.layout import LETTERS
from gmai.bench.validation import Validation
from gmai.report import (
    Card,
    Cell,
    Column,
    Node,
    Option,
    Page,
    Picture,
    Section,
    Tile,
    bars,
    count_cell,
    figure,
    forest,
    format_percent,
    gallery,
    paragraph,
    render_page,
    share_cell,
    subheading,
    table,
)
from gmai.types import Question

SHOWN = 3
"""Questions of each level in the gallery."""


def validation_page(found: Validation, shown: Sequence[tuple[Question, tuple[bytes, ...]]]) -> str:
    """The page as HTML.

    Args:
        found: what is known of the benchmark.
        shown: questions for the gallery, with their pictures.
    """
    total, failed = sum(found.splits.values()), sum(check.failed for check in found.checks)
    tiles = (
        Tile(str(total), "questions", ", ".join(f"{name} {n}" for name, n in found.splits.items())),
        Tile(f"{len(found.checks)}", "checks", "all hold" if not failed else f"{failed} questions fail one"),
        Tile(format_percent(found.chance), "chance", "where one option is right"),
    )
    sections = (
        _checks(found),
        _balance(found),
        _baselines(found.baselines),
        _pools(found),
        _left_out(found),
        _gallery(shown),
    )
    lead = "Everything here is counted from the questions as they were written."
    return render_page(Page(title="Benchmark: what holds", lead=lead, sections=sections, tiles=tiles))


def _checks(found: Validation) -> Section:
    columns = (Column("Check"), Column("Questions", numeric=True), Column("Hold", numeric=True), Column("Fail"))
    rows = [
        (c.name, count_cell(c.n), count_cell(c.n - c.failed), ", ".join(map(str, c.examples)) or "none")
        for c in found.checks
    ]
    body = table(columns, rows, "Every question was looked at; of those that fail, some indices are shown.")
    return Section("checks", "What holds", body, data={"checks": len(found.checks)})


def _balance(found: Validation) -> Section:
    charts = [
        ("Questions by kind", found.kinds, "Kinds"),
        ("Questions by level", found.levels, "Levels"),
        ("Questions by number of options", found.sizes, "Number of options"),
        ("How often each letter is right", found.letters, "Letters, where one option is right"),
    ]
    if found.rights:
        charts.append(("Questions by number of right options", found.rights, "Number of right options"))
    parts = [
        figure(lambda width, counts=counts, title=title: bars(counts, title, width, in_order=True), caption)  # type: ignore[misc]
        for title, counts, caption in charts
    ]
    columns = (
        Column("Option"),
        Column("Kind"),
        Column("Shown", numeric=True),
        Column("Right", numeric=True),
        Column("Share", numeric=True),
    )
    rows = [
        (Cell(use.text), use.kind, count_cell(use.shown), count_cell(use.right), share_cell(use.right / use.shown))
        for use in found.options
    ]
    said = f"The right option is the longest in {format_percent(found.longest)} of questions; chance is "
    parts += [
        paragraph(f"{said}{format_percent(found.chance)}."),
        subheading("Options shown most often"),
        table(columns, rows, "How often an option is shown, and how often it is right."),
    ]
    return Section("balance", "Balance", Markup("").join(parts), data={"longest": found.longest})


def _baselines(baselines: Sequence[Baseline]) -> Section:
    if not baselines:
        return Section("baselines", "Answers without looking", paragraph("They were not measured."))
    chance = baselines[0].accuracy
    nodes = [
        Node(group="TEST", name=b.name, accuracy=b.accuracy, low=b.low, high=b.high, n=b.n, chance=chance)
        for b in baselines
    ]
    chart = figure(lambda width: forest(nodes, "Baselines", width), "Accuracy with its 95 % interval; grey: chance.")
    rows = [(b.name, b.what) for b in baselines]
    words = table((Column("Baseline"), Column("What it does")), rows, "What each does.", sortable=False)
    lead = "None of them looks at a picture. A model that is no better has not been seen to look either."
    return Section("baselines", "Answers without looking", chart + words, lead, {"chance": chance})


def _pools(found: Validation) -> Section:
    columns = (
        Column("Modality"),
        Column("Task"),
        Column("Level"),
        Column("Labels", numeric=True),
        Column("Data sets", numeric=True),
    )
    rows = [
        (str(p["modality"]), str(p["task"]), str(p["level"]), count_cell(int(str(p["labels"]))), str(p["data_sets"]))
        for p in found.pools
    ]
    body = table(columns, rows, "Labels of regions that options may come from.") if rows else paragraph("No regions.")
    return Section("pools", "Pools of labels", body)


def _left_out(found: Validation) -> Section:
    columns = (Column("Reason"), Column("What"), Column("Questions", numeric=True))
    rows = [(reason.replace("_", " "), "left out on purpose", count_cell(n)) for reason, n in found.left_out.items()]
    rows += [(reason, "rejected", count_cell(n)) for reason, n in found.rejects.items()]
    return Section("left-out", "What was not asked, and why", table(columns, rows, "Every reason with its number."))


def _gallery(shown: Sequence[tuple[Question, tuple[bytes, ...]]]) -> Section:
    cards = [
        Card(
            title=f"{question.granularity} · {question.kind}",
            pictures=tuple(Picture(data, f"picture of question {question.index}") for data in pictures),
            lines=(question.question,),
            options=tuple(
                Option(letter, text, is_key=letter in question.answer)
                for letter, text in zip(LETTERS, question.options, strict=False)
            ),
            foot=f"{question.split} {question.index} · {question.task} · {question.modality}",
        )
        for question, pictures in shown
    ]
    return Section("gallery", "Questions as they are asked", gallery(cards, "Questions of each level"))
