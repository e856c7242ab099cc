"""Self-contained HTML pages and SVG charts: plain data in, markup out, nothing fetched, the same bytes every time."""

from gmai.report.bars import bars
from gmai.report.chain import Fold, Link, chain, folds
from gmai.report.curves import Series, curves
from gmai.report.drill import Branch, Spot, drill
from gmai.report.formats import format_count, format_interval, format_number, format_percent, plural
from gmai.report.gallery import Bubble, Card, Mark, Option, Picture, gallery
from gmai.report.intervals import Node, forest
from gmai.report.page import (
    NARROW,
    WIDE,
    Page,
    Section,
    Tile,
    figure,
    figure_grid,
    page_data,
    paragraph,
    render_page,
    subheading,
)
from gmai.report.shares import shares
from gmai.report.staircase import Floor, Tread, staircase
from gmai.report.sunburst import ring_hues, sunburst
from gmai.report.table import Cell, Column, count_cell, interval_cell, share_cell, table
from gmai.report.tail import tail

__all__ = [
    "Branch",
    "Bubble",
    "Card",
    "Cell",
    "Column",
    "Floor",
    "Fold",
    "Link",
    "Mark",
    "NARROW",
    "Node",
    "Option",
    "Page",
    "Picture",
    "Section",
    "Series",
    "Spot",
    "Tile",
    "Tread",
    "WIDE",
    "bars",
    "chain",
    "count_cell",
    "curves",
    "drill",
    "figure",
    "figure_grid",
    "folds",
    "forest",
    "format_count",
    "format_interval",
    "format_number",
    "format_percent",
    "gallery",
    "interval_cell",
    "page_data",
    "paragraph",
    "plural",
    "render_page",
    "ring_hues",
    "share_cell",
    "shares",
    "staircase",
    "subheading",
    "sunburst",
    "table",
    "tail",
]
