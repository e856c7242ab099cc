"""Articles of the literature: read, held to their licences, their figures cut into panels, and made into data."""

from gmai.pmc.align import Alignment, align, align_panels
from gmai.pmc.captions import CaptionParts, join_caption, split_caption
from gmai.pmc.cloud import CloudOptions
from gmai.pmc.jats import read_article, read_articles
from gmai.pmc.licences import LicencePolicy, check_article, check_figure, find_licence, gate
from gmai.pmc.packages import iter_articles
from gmai.pmc.pictures import ArticleItem, PictureFile
from gmai.pmc.split_run import CaptionsConfig, SplitFigure, split_captions

__all__ = [
    "Alignment",
    "ArticleItem",
    "CaptionParts",
    "CaptionsConfig",
    "CloudOptions",
    "LicencePolicy",
    "PictureFile",
    "SplitFigure",
    "align",
    "align_panels",
    "check_article",
    "check_figure",
    "find_licence",
    "gate",
    "iter_articles",
    "join_caption",
    "read_article",
    "read_articles",
    "split_caption",
    "split_captions",
]
