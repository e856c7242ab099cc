"""When two pictures or texts count as one."""

from gmai.types import record


@record
class Likeness:
    """Thresholds of near duplicates; docs/measured.md tells what they find and what they miss."""

    distance: int = 8
    """Most bits of 63 in which the fingerprints of two pictures may differ to be compared, 0 to 12."""
    distance_changed: int = 6
    """The same for copies that are mirrored, turned, inverted, trimmed or cut to their middle."""
    details: float = 0.6
    """Least agreement of the details of two pictures, 0 to 1."""
    distance_unseen: int = 4
    """Most bits where one side holds hashes alone, so that details cannot be compared."""
    changed: bool = True
    """Also look for copies that are mirrored, turned, inverted, trimmed or cut to their middle."""
    cut_out: bool = True
    """Also look for pieces cut out of a picture anywhere, of at least half its width and height."""
    words: float = 0.45
    """Least share of words and word pairs that two texts have in common."""
    content: float = 0.6
    """Least agreement of what two texts in other words are about, rare words counting more; above 1 they are
    not looked for."""
