"""Procedurally drawn phantom pictures, written as a small hospital in the file formats of real ones."""

from gmai.phantoms.classes import (
    CT_FINDINGS,
    CT_LABELS,
    CT_LOCATIONS,
    FUNDUS_GRADES,
    HISTOLOGY_CELLS,
    MODALITIES,
    QUADRANTS,
    ULTRASOUND_FINDINGS,
    ULTRASOUND_LABELS,
    XRAY_CATEGORIES,
    XRAY_FINDINGS,
)
from gmai.phantoms.fundus import draw_fundus
from gmai.phantoms.histology import draw_histology
from gmai.phantoms.hospital import HospitalConfig, read_truth, write_hospital
from gmai.phantoms.trouble import Trouble
from gmai.phantoms.truth import DrawnBox, Truth
from gmai.phantoms.ultrasound import draw_ultrasound
from gmai.phantoms.xray import draw_xray

__all__ = [
    "CT_FINDINGS",
    "CT_LABELS",
    "CT_LOCATIONS",
    "DrawnBox",
    "FUNDUS_GRADES",
    "HISTOLOGY_CELLS",
    "HospitalConfig",
    "MODALITIES",
    "QUADRANTS",
    "Trouble",
    "Truth",
    "ULTRASOUND_FINDINGS",
    "ULTRASOUND_LABELS",
    "XRAY_CATEGORIES",
    "XRAY_FINDINGS",
    "draw_fundus",
    "draw_histology",
    "draw_ultrasound",
    "draw_xray",
    "read_truth",
    "write_hospital",
]
