"""What a reply answers: pure functions that say how they know, or why they abstain, and never guess."""

from gmai.evaluate.parsing.choices import EXTRACTOR, Extraction, extract_choice

__all__ = ["EXTRACTOR", "Extraction", "extract_choice"]
