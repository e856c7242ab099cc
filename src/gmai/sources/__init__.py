"""Sources: cards that describe data sets, and the ingest that turns their files into samples."""

from gmai.sources.cards import card_names, card_text, check_card, read_card
from gmai.sources.check import SourceCheck, check_source
from gmai.sources.deid import DeidConfig, deid
from gmai.sources.find import find_missing, find_sources
from gmai.sources.ingest import IngestConfig, ingest
from gmai.sources.unpack import UnpackConfig, unpack_archives

__all__ = [
    "DeidConfig",
    "IngestConfig",
    "SourceCheck",
    "UnpackConfig",
    "card_names",
    "card_text",
    "check_card",
    "check_source",
    "deid",
    "find_missing",
    "find_sources",
    "ingest",
    "read_card",
    "unpack_archives",
]
