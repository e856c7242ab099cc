"""Write the table of docs/guides/catalogue.md from the cards that ship with gmai."""

import sys
from pathlib import Path

from gmai.lexicon import NONE
from gmai.sources import card_names, read_card
from gmai.types import SourceCard

PAGE = Path(__file__).parent / "guides/catalogue.md"
BEGIN, END = "<!-- table: written by make docs -->", "<!-- end of table -->"
HEAD = "| card | modality | tasks | format | licence | access | published |\n|---|---|---|---|---|---|---|"


def build() -> str:
    """The page with its table as the cards have it now."""
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    return f"{before}{BEGIN}\n\n{table()}\n{END}{rest.partition(END)[2]}"


def public_cards() -> list[SourceCard]:
    """The shipped cards of public data sets, all but the phantoms."""
    return [read_card(name) for name in card_names() if not name.startswith("phantom-")]


def table() -> str:
    """Which sets show a modality, and a heading and a table for each department."""
    by_department: dict[str, list[SourceCard]] = {}
    by_modality: dict[str, list[str]] = {}
    for card in (cards := public_cards()):
        by_department.setdefault(card.department, []).append(card)
        for modality in modalities_of(card):
            by_modality.setdefault(modality, []).append(f"`{card.name}`")
    text = [f"{len(cards)} data sets, {len(by_modality)} modalities.\n", "## By modality\n"]
    text += [f"- {name}: {', '.join(by_modality[name])}" for name in sorted(by_modality, key=str.lower)] + [""]
    for department in sorted(by_department, key=lambda name: (name == NONE, name)):
        title = "No one department" if department == NONE else department
        text += [f"## {title}\n", HEAD, *map(row, by_department[department]), ""]
    return "\n".join(text)


def modalities_of(card: SourceCard) -> tuple[str, ...]:
    """What the pictures of a set are, one by one or all alike."""
    return tuple(dict.fromkeys(card.modalities.values())) or (card.modality,)


def row(card: SourceCard) -> str:
    """A card's line. A star: not verified against the publisher."""

    def star(field: str) -> str:
        return "\\*" if field in card.unverified else ""

    cells = (
        f"[`{card.name}`]({card.home})<br>{card.title}",
        ", ".join(modalities_of(card)),
        ", ".join(dict.fromkeys(card.tasks.values())),
        f"`{card.format}`",
        card.licence + star("licence"),
        card.access + star("access"),
        ", ".join(f"{count:,} {unit}s" for unit, count in card.expected.items()) + star("expected"),
    )
    return f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


if __name__ == "__main__":
    PAGE.write_text(build(), encoding="utf-8")
    sys.stdout.write("docs/guides/catalogue.md\n")
