"""Whole-slide images: which files are slides, who reads them, where tissue lies and which tiles are taken."""
