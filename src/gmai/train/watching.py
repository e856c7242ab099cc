"""What a recipe says of looking on: loggers, validation, probes, and the proof that packing changes nothing."""

from gmai.train.loggers import LoggerConfig
from gmai.types import record


@record
class WatchConfig:
    """What is looked at while a model trains. Nothing here changes a weight."""

    loggers: tuple[LoggerConfig, ...] = ()
    """Where numbers go besides ``log.jsonl``."""
    validate_every: int = 0
    """Steps between measurements of the loss on the validation split; 0: none. The last step is always measured."""
    validate_rows: int = 256
    """Rows of each set's validation split that are measured, the same each time."""
    validate_split: str = "val"
    """The split."""
    probe_every: int = 0
    """Steps between calls of the probe that the caller gave; 0: none."""
    peak_tflops: float | None = None
    """Peak of one device in 10^12 operations per second, for MFU; by default what its maker states."""


@record
class CheckConfig:
    """How packing is proved."""

    at_start: bool = True
    """Prove it before training, on a few rows; a model, contract and environment once proved is not proved again."""
    rows: int = 4
    """Rows at the start; ``--check`` takes four times as many."""
    logits: float | None = None
    """Largest difference of a logit as a share of the largest logit; by default 1e-4 in fp32, 0.03 in bf16."""
    cosine: float | None = None
    """Smallest cosine of the gradients; by default 0.9999 in fp32, 0.99 in bf16."""
    isolation: float | None = None
    """Largest change by a change elsewhere, as a share of the largest logit; by default 1e-5 in fp32, 0.01 in bf16."""
