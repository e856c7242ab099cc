"""When a study was made, as far as it may be told: the number of a visit, or a date moved back."""

import math
import re
from datetime import date

from gmai.images import keyed_days

_DATE = re.compile(r"((?:19|20)\d\d)(?:([-/.])(\d\d?)\2(\d\d?)|(\d\d)(\d\d))")
_NUMBER = re.compile(r"[-+]?\d{1,9}(?:\.\d{1,9})?")


def read_visit(said: str, subject: str) -> float | None:
    """A visit as a number; None where it is neither a number nor a date with the year first.

    Dates become days, moved back by the subject's keyed number of days, as in files without identifiers.
    """
    text = said.strip()
    if found := _DATE.fullmatch(text):
        try:
            day = date(int(found[1]), int(found[3] or found[5]), int(found[4] or found[6]))
        except ValueError:
            return None
        return float(day.toordinal() - keyed_days(subject))
    return float(text) if _NUMBER.fullmatch(text) and math.isfinite(float(text)) else None
