"""Articles of the literature: read, held to their licences, their figures cut into panels, and made into data."""

from gmai.pmc.jats import read_article, read_articles
from gmai.pmc.licences import LicencePolicy, check_article, check_figure, find_licence, gate

__all__ = [
    "LicencePolicy",
    "check_article",
    "check_figure",
    "find_licence",
    "gate",
    "read_article",
    "read_articles",
]
