"""What a folder holds of a source, counted from its annotation files and headers."""

from collections import Counter
from pathlib import Path

from gmai.annotations import find_reader
from gmai.sources.describe import label_advice
from gmai.sources.find import find_missing
from gmai.sources.look import build_look
from gmai.types import Reject, SourceCard, record


@record
class SourceCheck:
    """What a folder holds of a source, without a pixel decoded."""

    card: str
    root: str
    missing: tuple[str, ...]
    """File patterns that match nothing; if there are any, nothing was counted."""
    found: dict[str, int]
    """Units the annotation files speak of and whose files are there."""
    rejected: dict[str, int]
    """Units already known to be unusable."""
    reasons: dict[str, int]
    expected: dict[str, int]
    advice: tuple[str, ...] = ()
    """What is to be said of the card's labels: near misses, and names that the lexicon lacks."""
    unverified: tuple[str, ...] = ()
    """Fields of the card that nobody has checked."""

    @property
    def agrees(self) -> bool:
        """True if every expected unit is there, found or rejected."""
        total = Counter(self.found) + Counter(self.rejected)
        return not self.missing and all(total[unit] == count for unit, count in self.expected.items())

    def lines(self) -> list[str]:
        """What there is to say, for a reader."""
        found = [f"missing: {pattern}" for pattern in self.missing]
        for unit in sorted({*self.found, *self.rejected, *self.expected}):
            expected = f", expected {self.expected[unit]}" if unit in self.expected else ""
            found.append(f"{unit}: {self.found.get(unit, 0)} found, {self.rejected.get(unit, 0)} rejected{expected}")
        found += [f"rejected: {reason} {count}" for reason, count in self.reasons.items()]
        found += [f"label: {advice}" for advice in self.advice]
        return [*found, f"unverified: {', '.join(self.unverified)}"] if self.unverified else found


def check_source(card: SourceCard, root: Path) -> SourceCheck:
    """Say what of a source is below a folder.

    Raises:
        FormatError: an annotation file that everything rests on cannot be read.
    """
    missing = find_missing(card, root) if root.is_dir() else card.files
    found: Counter[str] = Counter()
    rejected: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    for item in find_reader(card.format)(root, card, build_look(root)) if not missing else ():
        if isinstance(item, Reject):
            rejected[item.unit] += item.count
            reasons[item.reason] += item.count
        else:
            found.update(item.units)
    return SourceCheck(
        card=card.name,
        root=str(root),
        missing=missing,
        found=dict(sorted(found.items())),
        rejected=dict(sorted(rejected.items())),
        reasons=dict(sorted(reasons.items())),
        expected=card.expected,
        advice=label_advice(card),
        unverified=card.unverified,
    )
