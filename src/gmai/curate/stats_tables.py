"""Sections of the page of a corpus' counts that weigh something: labels, licences, sources, variety, copies, splits."""

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from gmai.report import (
    Cell,
    Column,
    Section,
    bars,
    count_cell,
    figure,
    format_count,
    format_percent,
    paragraph,
    plural,
    share_cell,
    shares,
    table,
    tail,
)

Stats = Mapping[str, Any]
LABELS = 25
"""Most labels drawn one by one."""
SENTENCES = 15
"""Most kinds of sentence listed for a language, the most used."""
ALLOWED = {"commercial": "commercial use", "redistribution": "pictures passed on"}


def build_labels(stats: Stats) -> Section | None:
    """The long tail of labels, and the commonest of them."""
    counts, told = stats["label_samples"], stats["label_tail"]
    if not counts:
        return None
    names, few = plural(told["names"], "label"), told["few_means_below"]
    head = plural(told["top_tenth"], "label")
    tells = (
        f"{names}. The commonest tenth ({head}) holds {format_percent(told['top_tenth_share'])} of all; "
        f"{plural(told['half'], 'label holds', 'labels hold')} half. {format_count(told['few'])} "
        f"({format_percent(told['few_share'])}) have fewer than {few} samples. "
        f"Gini coefficient {told['gini']:.2f} (0: all alike)."
    )
    caption = f"Samples of each label by rank, n\u202f=\u202f{format_count(told['total'])} pairs of sample and label."
    body = figure(lambda width: tail(list(counts.values()), "Samples of each label", width, few), caption)
    shown = dict(list(counts.items())[:LABELS])
    samples = f"n\u202f=\u202f{format_count(stats['totals']['samples'])}"
    caption = f"Samples of the commonest {plural(len(shown), 'label')} of {format_count(told['names'])}, {samples}."
    body += figure(lambda width: bars(shown, "Commonest labels", width, 1), caption)
    return Section("labels", "Labels", body, tells)


def build_licences(stats: Stats) -> Section:
    """Licences, and what they allow."""
    rows, total = stats["licences"], format_count(stats["totals"]["samples"])
    counts = {name or "not stated": count for name, count in stats["samples"]["licence"].items()}
    caption = f"Samples by licence, n\u202f=\u202f{total}."
    body = figure(lambda width: bars(counts, "Licences", width, 5), caption) if counts else paragraph("None.")
    allowed = {ALLOWED[name]: each for name, each in stats["allowed"].items()}
    caption = f"Samples by what may be done with them, n\u202f=\u202f{total}."
    body += figure(lambda width: shares(allowed, ("yes", "no"), "What is allowed", width), caption) if counts else ""
    columns = [Column("Licence"), Column("Commercial use"), Column("Pictures may be passed on"), Column("Why not")]
    columns.append(Column("Samples", numeric=True))
    cells = [
        [
            *(row["licence"] or "not stated", _yes(row["commercial"]), _yes(row["redistribution"]), row["why"] or "–"),
            count_cell(row["samples"]),
        ]
        for row in rows
    ]
    body += table(columns, cells, "What licences and source cards allow; what neither says is not allowed")
    return Section("licences", "Licences", body)


def build_sources(stats: Stats) -> Section:
    """Each source with its counts."""
    talks = stats["conversations"]["source"]
    columns = [Column("Source"), Column("Licences")]
    columns += [Column(name, numeric=True) for name in ("Samples", "Subjects", "Studies", "Pictures", "Conversations")]
    rows = [
        [
            *(row["source"], ", ".join(row["licences"])),
            *(count_cell(row[name]) for name in ("samples", "subjects", "studies", "images")),
            count_cell(talks.get(row["source"], 0)),
        ]
        for row in stats["sources"]
    ]
    counts = dict(list(stats["samples"]["source"].items())[:40])
    caption = f"Samples by source, n\u202f=\u202f{format_count(stats['totals']['samples'])}."
    body = figure(lambda width: bars(counts, "Sources", width), caption) if counts else paragraph("None.")
    body += table(columns, rows, "Sources; a study is counted where the source names it")
    return Section("sources", "Sources", body)


def build_variety(variety: Mapping[str, Any] | None) -> Section:
    """How varied the words are, as the conversion measured it."""
    title = "Variety of words"
    if not variety:
        return Section("variety", title, paragraph("Not measured: the corpus was not written by gmai convert."))
    grams: list[list[Cell | str]] = [
        [language, *(share_cell(told[f"distinct_{n}"]) for n in (1, 2, 3))] for language, told in variety.items()
    ]
    columns = [Column("Language"), *(Column(f"Distinct {n}-grams", numeric=True) for n in (1, 2, 3))]
    body = table(
        columns, grams, "Different runs of words (Chinese: characters) in the replies, by all runs", sortable=False
    )
    columns = [Column("Sentence"), Column("Language"), *(Column(name, numeric=True) for name in ("n", "Wordings"))]
    columns.append(Column("Share of the commonest", numeric=True))
    rows: list[list[Cell | str]] = [
        [name, language, count_cell(told["n"]), count_cell(told["used"]), share_cell(told["commonest"])]
        for language, each in variety.items()
        for name, told in sorted(each["wordings"].items(), key=lambda pair: -pair[1]["n"])[:SENTENCES]
    ]
    body += table(columns, rows, "Wordings of the sentences used most; stats.json has all") if rows else Markup("")
    return Section("variety", title, body, "Rule-made texts repeat themselves; how much, is told here.")


def build_duplicates(told: Mapping[str, Any] | None) -> Section:
    """Groups of duplicates."""
    title = "Duplicates"
    if told is None:
        body = paragraph("Not looked for: run gmai corpus dedup on the corpus, then this again.")
        return Section("duplicates", title, body)
    lead = (
        f"{plural(told['groups'], 'group')} of {plural(told['members'], 'picture or text', 'pictures and texts')}; "
        f"{format_count(told['not_kept'])} of them are copies of one that is kept."
    )
    body = paragraph("None.")
    if told["how"]:
        linked = f"n\u202f=\u202f{format_count(told['linked'])}"
        caption = f"What copies have in common with the one they were found with, {linked}."
        body = figure(lambda width: bars(told["how"], "How copies were found", width, 6), caption)
        caption = f"Groups by their size, n\u202f=\u202f{format_count(told['groups'])}."
        sizes = {f"groups of {size}": count for size, count in told["group_sizes"].items()}
        body += figure(lambda width: bars(sizes, "Sizes of groups", width, 6, in_order=True), caption)
    return Section("duplicates", title, body, lead)


def build_splits(stats: Stats) -> Section:
    """The split, and how the labels lie in it."""
    told, title = stats["split_labels"], "Split"
    if told is None:
        return Section("split", title, paragraph("The corpus is not split."))
    counts = stats["samples"]["split"]
    parts = tuple(told["shares"])
    lead = "; ".join(
        f"{part} {plural(counts[part], 'sample')} ({format_percent(told['shares'][part])})" for part in parts
    )
    commonest = list(stats["label_samples"])[:LABELS]
    rows = {name: told["counts"][name] for name in commonest}
    if not rows:
        return Section("split", title, paragraph("No labels."), f"{lead}.")
    total = format_count(stats["totals"]["samples"])
    caption = (
        f"Samples of the commonest {plural(len(rows), 'label')}, dotted lines: the shares "
        f"of all samples, n\u202f=\u202f{total}."
    )
    body = figure(lambda width: shares(rows, parts, "Labels in the splits", width, told["shares"]), caption)
    said = [f"labels missing from {part}: {format_count(told['missing'][part])}" for part in parts]
    if told["widest"]:
        gap, label = 100 * told["widest"]["gap"], told["widest"]["label"]
        said.append(
            f"of the {plural(told['labels_with_enough'], 'label')} with {told['enough']} samples and more, {label} "
            f"departs most from the shares of all samples, by {gap:.1f} percentage points"
        )
    columns = [Column("Label"), *(Column(part, numeric=True) for part in parts)]
    cells: list[list[Cell | str]] = [[name, *(count_cell(rows[name][part]) for part in parts)] for name in rows]
    body += paragraph("; ".join(said).capitalize() + ".") + table(columns, cells, "The numbers of the figure")
    return Section("split", title, body, f"By subject: {lead}.")


def _yes(allowed: bool) -> str:
    return "yes" if allowed else "no"
