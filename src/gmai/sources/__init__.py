"""Sources: cards that describe data sets, and the ingest that turns their files into samples."""

from gmai.sources.cards import card_names, card_text, check_card, read_card
from gmai.sources.check import SourceCheck, check_source
from gmai.sources.deid import DeidConfig, deid
from gmai.sources.describe import CardFilter, card_table, describe_card, label_advice, select_cards
from gmai.sources.find import find_missing, find_sources
from gmai.sources.ingest import IngestConfig, ingest
from gmai.sources.init import Drafts, InitConfig, init_source
from gmai.sources.unpack import UnpackConfig, unpack_archives

__all__ = [
    "CardFilter",
    "DeidConfig",
    "Drafts",
    "IngestConfig",
    "InitConfig",
    "SourceCheck",
    "UnpackConfig",
    "card_names",
    "card_table",
    "card_text",
    "check_card",
    "check_source",
    "deid",
    "describe_card",
    "find_missing",
    "find_sources",
    "ingest",
    "init_source",
    "label_advice",
    "read_card",
    "select_cards",
    "unpack_archives",
]
