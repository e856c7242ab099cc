"""The page of a corpus' counts: a chart for everything, and nothing that is not in ``stats.json``."""

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from gmai.curate.stats_tables import (
    build_duplicates,
    build_labels,
    build_licences,
    build_sources,
    build_splits,
    build_variety,
)
from gmai.report import (
    NARROW,
    Page,
    Section,
    Tile,
    bars,
    figure,
    figure_grid,
    format_count,
    format_number,
    paragraph,
    plural,
    render_page,
    subheading,
    sunburst,
)

Stats = Mapping[str, Any]
LEVELS = ("modality", "department", "task")
SHOWN = 40
"""Most bars of one chart."""
LANGUAGES = {"en": "English", "zh": "Chinese"}
ROLES = {"user": "questions", "assistant": "answers"}


def stats_page(stats: Stats) -> str:
    """The page of what :func:`gmai.corpus.corpus_stats` counts, as HTML; the same counts give the same page."""
    totals = stats["totals"]
    made = (
        _build_map(stats),
        _build_axes(stats),
        build_labels(stats),
        build_licences(stats),
        build_sources(stats),
        _build_pictures(stats),
        _build_talks(stats),
        _build_texts(stats),
        build_variety(stats["variety"]),
        build_duplicates(stats["duplicates"]),
        build_splits(stats),
    )
    return render_page(
        Page(
            title="What the corpus holds",
            kicker="gmai corpus stats",
            lead=f"{plural(totals['conversations'], 'conversation')} about {plural(totals['samples'], 'sample')} of "
            f"{plural(totals['subjects'], 'subject')}, from {plural(totals['sources'], 'source')}.",
            tiles=tuple(_tiles(totals)),
            sections=tuple(section for section in made if section is not None),
            foot="Every number here is in stats.json beside this page. Research use only, not for diagnosis.",
        )
    )


def _tiles(totals: Mapping[str, int]) -> list[Tile]:
    told = (
        ("samples", "samples", plural(totals["sources"], "source")),
        ("subjects", "subjects", plural(totals["studies"], "study", "studies") + " named"),
        ("images", "pictures", ""),
        ("annotations", "annotations", ""),
        ("labels", "labels", ""),
        ("conversations", "conversations", plural(totals["turns"], "turn")),
    )
    return [Tile(format_count(totals[name]), words, note) for name, words, note in told]


def _build_map(stats: Stats) -> Section:
    paths = {tuple(row[level] or "not stated" for level in LEVELS): row["count"] for row in stats["sunburst"]}
    total = stats["totals"]["conversations"]
    caption = (
        "Conversations by imaging modality (inner ring), department (middle ring) and clinical task (outer ring), "
        f"n\u202f=\u202f{format_count(total)}."
    )
    title = "Conversations by modality, department and task"
    body = (
        figure(lambda width: sunburst(paths, title, LEVELS, width, "conversations"), caption) if total else _nothing()
    )
    return Section("map", "Map", body)


def _build_axes(stats: Stats) -> Section:
    samples, talks = stats["samples"], stats["conversations"]
    num_samples, num_talks = stats["totals"]["samples"], stats["totals"]["conversations"]
    several = "a sample with annotations of several kinds counts for each"
    body = Markup("").join(
        [
            chart_counts(samples["modality"], "Modality", "samples", num_samples, 0),
            chart_counts(samples["original_task"], "Original task", "samples", num_samples, 1, several),
            chart_counts(samples["department"], "Department", "samples", num_samples, 2),
            chart_counts(talks["task"], "Clinical task", "conversations", num_talks, 3),
        ]
    )
    return Section("axes", "Modality, tasks, department", body)


def _build_pictures(stats: Stats) -> Section | None:
    sides = stats["image_sides"]
    if not stats["totals"]["images"]:
        return None
    charts = [_lengths(f"{name.capitalize()} side", "pixels", described, 4) for name, described in sides.items()]
    common = {f"{row['width']} × {row['height']}": row["count"] for row in stats["image_sizes"][:10]}
    different = plural(stats["different_sizes"], "size")
    body = figure_grid(
        tuple(charts), "Lengths of the sides of the pictures as stored, in classes that double in width."
    )
    body += chart_counts(common, f"Commonest of {different}, width × height", "pictures", stats["totals"]["images"], 4)
    body += chart_counts(
        stats["pictures_per_sample"], "Pictures of a sample", "samples", stats["totals"]["samples"], 4, in_order=True
    )
    return Section("pictures", "Pictures", body)


def _build_talks(stats: Stats) -> Section:
    talks, total = stats["conversations"], stats["totals"]["conversations"]
    body = chart_counts(talks["subset"], "Subset", "conversations", total, 5)
    body += chart_counts(talks["kind"], "Kind of question", "conversations", total, 5)
    body += chart_counts(talks["granularity"], "Granularity", "conversations", total, 5)
    body += chart_counts(talks["language"], "Language", "conversations", total, 5)
    turns = {
        f"{subset}, {number}": count for subset, counts in stats["turns"].items() for number, count in counts.items()
    }
    body += chart_counts(turns, "Subset and number of turns", "conversations", total, 6, in_order=True)
    return Section("conversations", "Conversations", body)


def _build_texts(stats: Stats) -> Section:
    parts = []
    for language, told in stats["text_lengths"].items():
        unit = told["unit"]
        spoken = LANGUAGES.get(language, language)
        charts = tuple(_lengths(f"{spoken} {name}", unit, told[role], 7) for role, name in ROLES.items())
        said = "; ".join(
            f"{name}: mean {format_number(told[role]['mean'])}, median {told[role]['p50']}, 5th and 95th "
            f"percentile {told[role]['p5']} and {told[role]['p95']}, longest {format_count(told[role]['max'])}"
            for role, name in ROLES.items()
            if told[role]["n"]
        )
        parts.append(figure_grid(charts, f"Length of the turns in {unit}, {said}."))
    return Section("texts", "Lengths of texts", Markup("").join(parts) if parts else _nothing())


def chart_counts(
    counts: Mapping[str, int], title: str, unit: str, total: int, hue: int, note: str = "", *, in_order: bool = False
) -> Markup:
    """One figure of bars for one axis, with its n; the names beyond :data:`SHOWN` are told, not drawn."""
    shown = {name or "not stated": count for name, count in list(counts.items())[:SHOWN]}
    if not shown:
        return _nothing()
    words = [f"{unit.capitalize()}, n\u202f=\u202f{format_count(total)}"]
    if len(counts) > SHOWN:
        words.append(f"the first {SHOWN} of {format_count(len(counts))}")
    caption = "; ".join([*words, *([note] if note else [])]) + "."
    return subheading(title) + figure(lambda width: bars(shown, title, width, hue, in_order=in_order), caption)


def _lengths(title: str, unit: str, told: Mapping[str, Any], hue: int) -> Markup:
    classes = {
        f"{one['from']}\u2009–\u2009{one['to']}" if one["from"] != one["to"] else str(one["from"]): one["count"]
        for one in told["classes"]
    }
    chart = bars(classes, f"{title}, {unit}", NARROW, hue, in_order=True)
    return subheading(f"{title}, {unit}, n\u202f=\u202f{format_count(told['n'])}") + chart


def _nothing() -> Markup:
    return paragraph("None.")
