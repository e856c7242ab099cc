"""Compound figures: made ones with exact truth, cut into panels, and how well a cut agrees with a truth."""

from gmai.pmc.panels.find import find_panels

__all__ = ["find_panels"]
