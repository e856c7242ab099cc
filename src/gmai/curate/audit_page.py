"""The page of an audit: what was compared, what was found, and what an audit cannot see."""

from collections.abc import Mapping, Sequence
from typing import Any

from gmai.curate.hit import Hit
from gmai.report import Cell, Column, Page, Section, count_cell, paragraph, plural, render_page, table

SHOWN = 500
"""Most hits on the page; ``hits.jsonl`` has all."""
BLIND = (
    "Not seen: one subject under two names, pictures cut off-centre by more than a few per cent, other slices of one "
    "volume whose subject has another name, and texts that share fewer words than the threshold."
)


def audit_page(stats: Mapping[str, Any], hits: Sequence[Hit]) -> str:
    """The page as HTML; the same hits give the same page."""
    found = plural(stats["hits"], "hit") if stats["hits"] else "Nothing shared was found"
    page = Page(
        title="Audit of a corpus",
        kicker="gmai corpus audit",
        lead=f"{found}. Audited: {stats['split'] or 'the whole corpus'}.",
        statements=(BLIND,),
        sections=(_compared(stats), _hits(stats, hits)),
    )
    return render_page(page)


def _compared(stats: Mapping[str, Any]) -> Section:
    columns = (
        Column("side"),
        *(Column(name, numeric=True) for name in ("pictures", "of them without content", "texts", "rejected")),
        Column("compared by"),
    )
    rows = [
        (
            side["name"],
            *(count_cell(side[name]) for name in ("pictures", "flat_pictures", "texts")),
            count_cell(sum(side["rejected"].values())),
            "hashes alone" if side["hashes_alone"] else "hashes, then details",
        )
        for side in stats["compared"]
    ]
    body = table(columns, rows, "What was compared. Pictures without content are compared by their pixels alone.")
    return Section(id="compared", title="What was compared", body=body, data={"compared": stats["compared"]})


def _hits(stats: Mapping[str, Any], hits: Sequence[Hit]) -> Section:
    if not hits:
        return Section(id="hits", title="Hits", body=paragraph("None."), data={"hits": 0})
    counts = table(
        (Column("shared"), Column("hits", numeric=True)),
        [(how, count_cell(count)) for how, count in stats["hits_by_how"].items()],
        "Hits by what is shared.",
    )
    columns = (
        *(Column(name) for name in ("sample", "shared", "with", "in")),
        Column("likeness", numeric=True),
    )
    rows = [
        (f"{hit.sample} {_part(hit.part)}", hit.how, f"{hit.other[:60]} {_part(hit.other_part)}", hit.against,
         Cell(f"{hit.likeness:.2f}", sort=hit.likeness))
        for hit in hits[:SHOWN]
    ]  # fmt: skip
    caption = f"The first {min(len(hits), SHOWN)} of {len(hits)} hits; hits.jsonl has all."
    body = counts + table(columns, rows, caption)
    return Section(id="hits", title="Hits", body=body, data={"hits": stats["hits"], "by": stats["hits_by_how"]})


def _part(part: int) -> str:
    return f"#{part}" if part >= 0 else ""
