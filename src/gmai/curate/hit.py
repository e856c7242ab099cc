"""A hit of an audit: something a corpus shares with what it is held against."""

from gmai.types import record

SAME_SUBJECT, SAME_SAMPLE = "same subject", "same sample"


@record
class Hit:
    """One thing shared, and how it was found."""

    against: str
    """Name of the benchmark or corpus."""
    how: str
    """``same subject``, ``same sample``, ``same file``, ``same pixels``, ``same words``, ``near words``,
    ``same content``, ``cut out``, or the form in which a picture came near: ``as it is``, ``mirrored`` and so on."""
    sample: str
    """Sample of the corpus."""
    part: int
    """Number of the picture, or of the annotation that is a text; -1 of a subject or sample."""
    source: str
    subject: str
    other: str
    """Sample or question on the other side; a hash where only hashes were given."""
    other_part: int
    likeness: float
    """How alike the two are, up to 1."""
    compared: bool
    """False if only hashes could be compared."""
