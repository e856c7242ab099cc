"""The section of sample pictures: each clean and with its annotation drawn on, and what was said about it."""

from collections.abc import Sequence

from gmai.base import hash_unit
from gmai.corpus import StoredSample
from gmai.report import Bubble, Card, Picture, Section, gallery
from gmai.story.pictures import legend, show_plain, show_view, whole_view
from gmai.story.survey import SEED, Survey
from gmai.types import Conversation, View

_TURNS = 4
"""A card with so many utterances is full."""


def build_samples_section(survey: Survey) -> Section:
    """Section of samples, drawn by a fixed seed from each source."""
    cards = [_card(survey.corpus.sample(sample), items) for sample, items in survey.shown.items()]
    lead = (
        "A few samples of each source, drawn by a fixed seed: the picture, the picture with its annotation drawn on "
        "it, and conversations made from that annotation. Overlays are drawn when looked at and never stored."
    )
    data = {"samples": [{"id": name, "conversations": [c.id for c in items]} for name, items in survey.shown.items()]}
    return Section("samples", "Pictures and conversations", gallery(cards, "Samples"), lead, data)


def _card(stored: StoredSample, conversations: Sequence[Conversation]) -> Card:
    sample = stored.sample
    chosen = choose(conversations)
    view = next((item.view for item in chosen if item.view.regions), None) or whole_view(sample)
    return Card(
        title=sample.source,
        lines=(f"{sample.modality} · {sample.department}", f"subject {sample.subject}"),
        pictures=_pictures(stored, view),
        marks=legend(sample, view) if view and stored.pictures else (),
        bubbles=tuple(Bubble(turn.role, turn.text) for item in chosen for turn in item.turns),
        foot=sample.id,
    )


def _pictures(stored: StoredSample, view: View | None) -> tuple[Picture, ...]:
    if not stored.pictures:
        return ()
    what = f"{stored.sample.modality} picture of {stored.sample.source}"
    plain = show_plain(stored.pictures[0], what, "picture" if view else "")
    return (
        (plain, show_view(stored, view, f"{what} with its annotation drawn on it", "annotation")) if view else (plain,)
    )


def choose(conversations: Sequence[Conversation]) -> list[Conversation]:
    """A few conversations of different kinds that look at the sample in one way: a caption first, by a seeded coin."""
    coin = {item.id: hash_unit(SEED, item.id) for item in conversations}
    ordered = sorted(conversations, key=lambda item: (item.subset != "caption", not item.view.regions, coin[item.id]))
    chosen: list[Conversation] = []
    for item in ordered:
        turns = sum(len(other.turns) for other in chosen)
        same_view = not item.view.regions or item.view == chosen[0].view if chosen else True
        if same_view and all(item.kind != other.kind for other in chosen) and (not chosen or turns < _TURNS):
            chosen.append(item)
    return chosen
