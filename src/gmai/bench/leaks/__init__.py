"""Whether a benchmark file tells its answers, through any of its columns, options, pictures, or the files beside it."""

from gmai.bench.leaks.check import CheckConfig, CheckReport, check_files
from gmai.bench.leaks.rows import Finding

__all__ = ["CheckConfig", "CheckReport", "Finding", "check_files"]
