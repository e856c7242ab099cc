"""Articles of the literature: read, held to their licences, their figures cut into panels, and made into data."""

from gmai.pmc.cloud import CloudOptions
from gmai.pmc.jats import read_article, read_articles
from gmai.pmc.licences import LicencePolicy, check_article, check_figure, find_licence, gate
from gmai.pmc.packages import iter_articles
from gmai.pmc.pictures import ArticleItem, PictureFile

__all__ = [
    "ArticleItem",
    "CloudOptions",
    "LicencePolicy",
    "PictureFile",
    "check_article",
    "check_figure",
    "find_licence",
    "gate",
    "iter_articles",
    "read_article",
    "read_articles",
]
