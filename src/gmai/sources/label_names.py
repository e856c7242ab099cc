"""What a card leaves unsaid of its labels, filled in from the lexicon: Chinese names and plurals."""

from dataclasses import replace

from gmai.lexicon import Term, find_terms, read_lexicon
from gmai.types import LabelName, SourceCard


def add_names(card: SourceCard) -> SourceCard:
    """The card with the Chinese name, and the plural, of every label that the lexicon knows for certain.

    What the card says itself is kept. Near misses and ambiguous names fill in nothing; a short form, such as
    ``effusion``, only where the tree has its term under the card's modality and department, or where a term that the
    tree lacks is known from that modality.
    """
    labels = {raw: _add(label, card) for raw, label in card.labels.items()}
    return card if labels == card.labels else replace(card, labels=labels)


def _add(label: LabelName, card: SourceCard) -> LabelName:
    if label.zh and label.plural:
        return label
    match = find_terms(label.name, modality=card.modality)
    if match.term is not None and match.short and not _at_home(match.term, card):
        match = find_terms(label.name)
    if match.term is None:
        return label
    plural = match.term.plural if label.name == match.term.name else ""
    return replace(label, zh=label.zh or match.called("zh"), plural=label.plural or plural or None)


def _at_home(term: Term, card: SourceCard) -> bool:
    if not term.labels:
        return card.modality in term.modalities
    return bool(set(term.labels) & set(read_lexicon().labels_of(modality=card.modality, department=card.department)))
