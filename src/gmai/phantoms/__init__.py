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
from gmai.phantoms.hospital import HospitalConfig, read_truth, write_hospital
from gmai.phantoms.trouble import Trouble
from gmai.phantoms.truth import DrawnBox, Truth

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
    "read_truth",
    "write_hospital",
]
