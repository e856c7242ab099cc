"""What a card leaves unsaid of its labels, filled in from the lexicon: Chinese names and plurals."""

from dataclasses import replace

from gmai.lexicon import find_terms
from gmai.types import LabelName, SourceCard


def add_names(card: SourceCard) -> SourceCard:
    """The card with the Chinese name, and the plural, of every label that the lexicon knows for certain.

    What the card says itself is kept. Near misses, ambiguous names and short forms whose meaning hangs on the modality
    fill in nothing.
    """
    labels = {raw: _add(label, card.modality) for raw, label in card.labels.items()}
    return card if labels == card.labels else replace(card, labels=labels)


def _add(label: LabelName, modality: str) -> LabelName:
    if label.zh and label.plural:
        return label
    match = find_terms(label.name, modality=modality)
    if match.term is None or match.short:
        return label
    plural = match.term.plural if label.name == match.term.name else ""
    return replace(label, zh=label.zh or match.called("zh"), plural=label.plural or plural or None)
