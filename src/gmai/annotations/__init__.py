"""What people said about pictures: readers of annotation formats, geometry of regions, and the facts they give."""

from gmai.annotations.choices import read_choices, split_question
from gmai.annotations.clip import clip_region
from gmai.annotations.embedded import embedded_pictures
from gmai.annotations.entries import Entry, EntryOptions, read_entries
from gmai.annotations.facts import NEGATIVES, NOT_ASKED, UNNAMED_MODALITIES, Look, find_facts
from gmai.annotations.formats import FORMATS, find_reader
from gmai.annotations.geometry import (
    longest_diameter,
    overlap,
    region_area,
    region_box,
    region_centroid,
    region_mask,
)
from gmai.annotations.glob import iter_files
from gmai.annotations.heads import Head, read_heads
from gmai.annotations.item import (
    STAGE,
    AnnotatedItem,
    Format,
    LookAt,
    Match,
    RegionFile,
    Seen,
    lone_picture,
    reject,
    reject_units,
    unannotated,
)
from gmai.annotations.outlines import Outline, read_outlines
from gmai.annotations.paths import PICTURES, check_pattern, list_files, name_label
from gmai.annotations.picture_files import PictureFiles
from gmai.annotations.region_facts import RegionFacts, region_facts
from gmai.annotations.vqa import VqaOptions
from gmai.annotations.walk import walk_files
from gmai.annotations.xml_file import parse_xml, read_xml

__all__ = [
    "AnnotatedItem",
    "Entry",
    "EntryOptions",
    "FORMATS",
    "Format",
    "Head",
    "Look",
    "LookAt",
    "Match",
    "NEGATIVES",
    "NOT_ASKED",
    "Outline",
    "PICTURES",
    "PictureFiles",
    "RegionFacts",
    "RegionFile",
    "STAGE",
    "Seen",
    "UNNAMED_MODALITIES",
    "VqaOptions",
    "check_pattern",
    "clip_region",
    "embedded_pictures",
    "find_facts",
    "find_reader",
    "iter_files",
    "list_files",
    "lone_picture",
    "longest_diameter",
    "name_label",
    "overlap",
    "parse_xml",
    "read_choices",
    "read_entries",
    "read_heads",
    "read_outlines",
    "read_xml",
    "region_area",
    "region_box",
    "region_centroid",
    "region_facts",
    "region_mask",
    "reject",
    "reject_units",
    "split_question",
    "unannotated",
    "walk_files",
]
