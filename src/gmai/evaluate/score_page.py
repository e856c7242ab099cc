"""The page of one scored run: accuracy of every node, subgroups, confidence, and what could not be read."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
from markupsafe import Markup

from gmai.evaluate.grading import Graded, weigh
from gmai.evaluate.nodes import ALL
from gmai.evaluate.scorers.confidence import Bin, confidences, has_confidence, reliability, risk_coverage
from gmai.report import (
    Cell,
    Column,
    Node,
    Page,
    Section,
    Series,
    Tile,
    bars,
    count_cell,
    curves,
    figure,
    forest,
    format_count,
    format_interval,
    format_percent,
    paragraph,
    plural,
    render_page,
    table,
)
from gmai.types import Measure, Score

_LEAD = (
    "Accuracy with its 95 % interval, which is clustered by subject, or by picture where the subject is unknown. Twins "
    "count once. Replies from which nothing could be read count as wrong."
)
_POINTS = 36


def score_page(
    name: str,
    scores: Sequence[Score],
    measures: Sequence[Measure],
    answers: Sequence[Graded],
    unread: dict[str, int],
    versions: dict[str, str],
) -> str:
    """The whole page as HTML; the same scores give the same text."""
    whole = scores[0]
    sections = [_accuracy(scores), _measures(measures), *_subgroups(measures), *_confidence(answers, measures)]
    if unread:
        draw = partial(bars, unread, "Replies that could not be read, by reason")
        lead = f"{plural(whole.invalid, 'reply', 'replies')} of {format_count(whole.n)}; all count as wrong."
        body = figure(lambda width: draw(width), "Why nothing could be read")
        sections.append(Section("unread", "Not read", body, lead=lead, data=dict(unread)))
    return render_page(
        Page(
            title=name,
            lead=_LEAD,
            sections=tuple(sections),
            kicker=f"{plural(whole.n, 'question')}, {plural(whole.clusters, 'cluster')}",
            statements=tuple(_statements(whole, measures)),
            tiles=tuple(_tiles(whole, measures)),
            foot="Scored by " + ", ".join(f"{part} {version}" for part, version in sorted(versions.items())),
        )
    )


def _statements(whole: Score, measures: Sequence[Measure]) -> list[str]:
    said = []
    if whole.low <= whole.chance:
        said.append("The interval of the whole contains chance: this run may know nothing.")
    if whole.clusters < 30:
        said.append(f"{plural(whole.clusters, 'cluster')}: with fewer than 30, intervals may be too narrow.")
    wide = [one for one in measures if one.metric == "accuracy.gap" and not one.few and _is_clear(one)]
    if wide:
        said.append(f"{plural(len(wide), 'subgroup')} with an accuracy apart from the rest (not corrected).")
    return said


def _is_clear(one: Measure) -> bool:
    return one.low is not None and one.high is not None and (one.low > 0 or one.high < 0)


def _tiles(whole: Score, measures: Sequence[Measure]) -> list[Tile]:
    found = {one.metric: one for one in measures if (one.axis, one.node) == ("overall", ALL)}
    tiles = [Tile(format_percent(whole.accuracy), "right", format_interval(whole.low, whole.high))]
    tiles.append(Tile(f"{whole.adjusted:.3f}", "corrected for chance", f"chance {format_percent(whole.chance)}"))
    if best := found.get("accuracy.best"):
        note = "if all that could not be read were right"
        tiles.append(Tile(format_percent(best.value), "at most", note))
    rates = f"{format_count(whole.refusals)} refusals, {format_count(whole.errors)} without reply"
    tiles.append(Tile(format_count(whole.invalid), "not read", rates))
    return tiles


def _accuracy(scores: Sequence[Score]) -> Section:
    nodes = [Node(s.axis.capitalize(), s.node, s.accuracy, s.low, s.high, s.n, s.chance) for s in scores]
    body = figure(
        lambda width: forest(nodes, "Accuracy by node", width), "Accuracy of every node; the grey stroke is chance"
    )
    return Section("accuracy", "Accuracy", body, data={"nodes": len(nodes)})


def _measures(measures: Sequence[Measure]) -> Section:
    rows = [_row(one) for one in measures if one.axis == "overall" and "calibration.bin" not in one.metric]
    columns = [
        Column("measure"),
        Column("node"),
        *(Column(text, numeric=True) for text in ("value", "95 % interval", "n")),
    ]
    shown = table([*columns, Column("how")], rows, "Every measure of the whole")
    return Section("measures", "Measures", shown)


def _row(one: Measure) -> tuple[Cell, ...]:
    few = " (few clusters)" if one.few else ""
    return (
        Cell(one.metric),
        Cell(one.node),
        Cell(f"{one.value:.3f}", sort=one.value),
        Cell("" if one.low is None else f"{one.low:.3f} to {one.high:.3f}", sort=one.low),
        count_cell(one.n),
        Cell(one.note + few),
    )


def _subgroups(measures: Sequence[Measure]) -> list[Section]:
    gaps = {(one.axis, one.node): one for one in measures if one.metric == "accuracy.gap"}
    groups = [one for one in measures if one.metric == "accuracy" and one.axis.startswith("subgroup ")]
    if not groups:
        return []
    rows = [_gap_row(one, gaps.get((one.axis, one.node))) for one in groups]
    names = ("value", "accuracy", "95 % interval", "n", "gap to the rest", "95 % interval of the gap", "")
    columns = [Column("trait"), *(Column(text, numeric=place > 0) for place, text in enumerate(names))]
    lead = "Gaps are to all others whose trait is known. Subgroups of fewer than 30 clusters are marked few."
    return [Section("subgroups", "Subgroups", table(columns, rows, "Accuracy by trait"), lead=lead)]


def _gap_row(one: Measure, gap: Measure | None) -> tuple[Cell, ...]:
    apart = f"{100 * gap.value:+.1f}" if gap else ""
    spread = f"{100 * (gap.low or 0):+.1f} to {100 * (gap.high or 0):+.1f}" if gap else ""
    few = "few" if one.few or (gap and gap.few) else ""
    return (
        Cell(one.axis.removeprefix("subgroup ")),
        Cell(one.node),
        Cell(format_percent(one.value), sort=one.value),
        Cell(format_interval(one.low or 0.0, one.high or 0.0), sort=one.low),
        count_cell(one.n),
        Cell(apart, sort=gap.value if gap else None),
        Cell(spread, sort=gap.low if gap else None),
        Cell(few),
    )


def _confidence(answers: Sequence[Graded], measures: Sequence[Measure]) -> list[Section]:
    fitting = [answer for answer in answers if has_confidence(answer)]
    if len(fitting) < 2:
        return []
    rows = reliability(fitting, confidences(fitting))
    nodes = [_bin_node(row) for row in rows]
    bins = figure(
        lambda width: forest(nodes, "Accuracy by confidence", width),
        "Accuracy of answers of like confidence; the grey stroke is their mean confidence",
    )
    right, weights = np.array([answer.right for answer in fitting]), np.asarray(weigh(fitting))
    risks, steps = risk_coverage(confidences(fitting), right, weights)
    covered = 100 * np.cumsum(steps)
    places = sorted({max(1, round(len(risks) * part / _POINTS)) for part in range(1, _POINTS + 1)})
    line = Series("risk", tuple((float(covered[place - 1]), float(risks[place - 1])) for place in places))
    risk = figure(
        lambda width: curves([line], "Risk over coverage", width, x_name="coverage (%)"),
        "Share of wrong answers among the surest, from few to all",
    )
    area = next(one for one in measures if one.metric == "abstention.aurc")
    text = paragraph(f"Area under the curve {area.value:.3f} ({area.low:.3f} to {area.high:.3f}).")
    data: dict[str, Any] = {"bins": [[b.low, b.high, b.n, b.confidence, b.accuracy.accuracy] for b in rows]}
    return [Section("confidence", "Confidence", Markup("").join((bins, risk, text)), data=data)]


def _bin_node(row: Bin) -> Node:
    found = row.accuracy
    name = f"{row.low:.1f} to {row.high:.1f}"
    return Node("Confidence", name, found.accuracy, found.low, found.high, row.n, row.confidence)
