"""General medical AI: annotated scans to vision-language data, models, leak-free benchmarks and honest scores.

Importing ``gmai`` loads nothing heavy; import the rooms you need, such as ``from gmai.images import open_image``.
"""

__version__ = "0.1.0"
