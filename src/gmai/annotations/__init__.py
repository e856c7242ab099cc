"""What people said about pictures: readers of annotation formats, geometry of regions, and the facts they give."""

from gmai.annotations.facts import find_facts
from gmai.annotations.geometry import (
    longest_diameter,
    overlap,
    region_area,
    region_box,
    region_centroid,
    region_mask,
)

__all__ = [
    "find_facts",
    "longest_diameter",
    "overlap",
    "region_area",
    "region_box",
    "region_centroid",
    "region_mask",
]
