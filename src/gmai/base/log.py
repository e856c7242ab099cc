"""Logging is set up once, by the command line; every module only asks for its logger."""

import logging
import sys


def setup_logging(*, quiet: bool = False) -> None:
    """Send gmai's messages to standard error: summaries and warnings, or warnings only if ``quiet``."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s", "%H:%M:%S"))
    logger = logging.getLogger("gmai")
    logger.handlers[:] = [handler]
    logger.setLevel(logging.WARNING if quiet else logging.INFO)
    logger.propagate = False
