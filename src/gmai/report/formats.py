"""How numbers are written for people: thousands apart, percentages with one decimal, no trailing zeros."""


def trim(value: float) -> str:
    """At most two decimals and no trailing zeros; what coordinates are written with."""
    text = f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
    return "0" if text in {"-0", ""} else text


def format_count(value: float) -> str:
    """A whole number with a thin space between thousands: 12 345."""
    return f"{round(value):,}".replace(",", "\u202f")


def format_percent(share: float, digits: int = 1) -> str:
    """A share as a percentage: 0.897 is 89.7 %."""
    return f"{100 * share:.{digits}f}\u202f%"


def format_interval(low: float, high: float, digits: int = 1) -> str:
    """An interval of shares as percentages: 86.9 – 91.8 %."""
    return f"{100 * low:.{digits}f}\u2009–\u2009{100 * high:.{digits}f}\u202f%"


def format_number(value: float) -> str:
    """A measured number with three significant digits, or with thousands apart if it is large."""
    return format_count(value) if abs(value) >= 1000 else f"{value:.3g}"


def plural(count: float, singular: str, many: str = "") -> str:
    """A count and its noun: 1 sample, 2 000 samples."""
    return f"{format_count(count)} {singular if count == 1 else many or singular + 's'}"
