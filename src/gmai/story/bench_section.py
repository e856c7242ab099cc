"""The section of the benchmark: how many questions of which kind, and where the right options stand."""

from collections.abc import Mapping, Sequence

from markupsafe import Markup

from gmai.report import Cell, Column, Section, bars, count_cell, figure, format_percent, plural, subheading, table
from gmai.story.runs import Run, of_command


def build_bench_section(runs: Sequence[Run]) -> Section | None:
    """Section of the benchmarks; None if there are none."""
    benches = of_command(runs, "bench build")
    if not benches:
        return None
    body = Markup("")
    for run in benches:
        axes = run.stats["axes"]
        body += subheading(run.label) if len(benches) > 1 else Markup("")
        body += _kind_figure(axes["kind"], axes["granularity"]) + _letter_table(axes["answer"])
    asked = sum(sum(run.stats["axes"]["split"].values()) for run in benches)
    lead = (
        f"{plural(asked, 'multiple-choice question')} about subjects that training does not hold. The test file "
        "carries no answer; its key lies apart. Wrong options are wrong answers of the same data set."
    )
    data = {run.label: {"axes": run.stats["axes"], "left_out": run.stats["left_out"]} for run in benches}
    return Section("bench", "The benchmark", body, lead, data)


def _kind_figure(kinds: Mapping[str, int], levels: Mapping[str, int]) -> Markup:
    others = ", ".join(
        f"{name} {count}" for name, count in sorted(levels.items(), key=lambda item: (-item[1], item[0]))
    )
    return figure(
        lambda width: bars(kinds, "Questions by kind", width), f"Questions by kind. By granularity: {others}."
    )


def _letter_table(letters: Mapping[str, int]) -> Markup:
    total = sum(letters.values())
    columns = [Column("Right option"), Column("Questions", numeric=True), Column("Share", numeric=True)]
    rows: list[list[Cell | str]] = [
        [letter, count_cell(count), Cell(format_percent(count / total), sort=count / total)]
        for letter, count in sorted(letters.items())
    ]
    return table(columns, rows, "Where the right option stands; questions with fewer options have no later letters")
