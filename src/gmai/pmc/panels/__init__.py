"""Compound figures: made ones with exact truth, cut into panels, and how well a cut agrees with a truth."""
