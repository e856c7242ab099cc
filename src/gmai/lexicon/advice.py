"""What is to be said about the labels of a card: which are known, which doubtful, which one and the same."""

from collections.abc import Iterable

from gmai.lexicon.match import TermMatch, find_terms
from gmai.types import record


@record
class LabelAdvice:
    """What is to be said about one label."""

    label: str
    match: TermMatch
    same_as: tuple[str, ...] = ()
    """Other labels of the card that mean the same term on the same side."""
    advice: str = ""
    """One sentence for the card's author; empty where the label is a canonical name already."""


def check_labels(labels: Iterable[str], modality: str | None = None) -> list[LabelAdvice]:
    """Look every label up, in the order given; nothing is accepted or changed by this.

    Args:
        labels: raw labels, or the names a card gives them.
        modality: the card's modality.
    """
    matches = {label: find_terms(label, modality=modality) for label in dict.fromkeys(labels)}
    by_meaning: dict[object, list[str]] = {}
    for label, match in matches.items():
        if match.term is not None:
            by_meaning.setdefault(_meaning(match), []).append(label)
    return [_advise(label, match, by_meaning.get(_meaning(match), [])) for label, match in matches.items()]


def _meaning(match: TermMatch) -> object:
    return (match.term.name, match.side, match.absent) if match.term is not None else None


def _advise(label: str, match: TermMatch, alike: list[str]) -> LabelAdvice:
    others = tuple(other for other in alike if other != label)
    said = [_say(label, match)]
    if others:
        said.append(f"{', '.join(others)} {'mean' if len(others) > 1 else 'means'} the same.")
    return LabelAdvice(label=label, match=match, same_as=others, advice=" ".join(filter(None, said)))


def _say(label: str, match: TermMatch) -> str:
    if match.term is not None:
        name = match.called()
        return "" if label == name else f"{label!r} is {name!r}."
    named = " or ".join(repr(candidate.term.name) for candidate in match.candidates)
    if match.how == "ambiguous":
        return f"{label!r} may be {named}: spell it out, or give the modality."
    if match.how == "near":
        return f"{label!r} is no term of the lexicon; near to it: {named}."
    return f"{label!r} is no term of the lexicon: give it a Chinese name in the card."
