"""Cards drafted for a folder nobody has described: tried as every format, with what is unsure."""

import time
from dataclasses import dataclass
from pathlib import Path

from gmai.base import write_text
from gmai.errors import CardError, ConfigError
from gmai.sources.cards import card_names
from gmai.sources.drafts.draft import Draft, draft_card, draft_name
from gmai.sources.drafts.survey import Survey, survey_folder
from gmai.sources.drafts.trial import Trial, try_formats
from gmai.sources.find import find_sources
from gmai.types import record


@record
class InitConfig:
    """Which folder to draft cards for."""

    folder: Path
    """Folder that holds the source's files; it becomes the card's root."""
    format: str = ""
    """Draft for this format only; by default for the one that explains most of the folder."""
    all: bool = False
    """Draft a card for every format that reads something."""
    seconds: float = 9.0
    """Time to spend; what is larger than can be read in it is read in part, and the card says so."""


@dataclass(frozen=True, kw_only=True)
class Drafts:
    """What a folder holds, the cards drafted for it, and the shipped cards it fits."""

    survey: Survey
    drafts: tuple[Draft, ...]
    shipped: tuple[tuple[str, Path], ...]
    """(name, root) of shipped cards whose files lie in the folder."""

    def told(self) -> list[str]:
        """What was found and what is unsure, for a reader."""
        found = [*self.survey.lines()]
        for name, root in self.shipped:
            found.append(f"a shipped card fits: gmai source ingest {name} --root {root}")
        for draft in self.drafts:
            found += [f"{draft.name}: format {draft.format}", *(f"  unsure of {each}" for each in draft.unsure)]
        return found

    def write(self, path: Path) -> tuple[Path, ...]:
        """Write the cards: one to the path itself, several into it as a folder.

        Raises:
            ConfigError: a file is there already.
        """
        several = len(self.drafts) > 1
        paths = tuple(path / f"{draft.name}.yaml" for draft in self.drafts) if several else (path,)
        there = [each for each in paths if each.exists()]
        if there:
            raise ConfigError("the card is there already", where=str(there[0]), fix="give another name, or remove it")
        for each, draft in zip(paths, self.drafts, strict=True):
            write_text(each, draft.text)
        return paths


def init_source(config: InitConfig) -> Drafts:
    """Draft cards for a folder.

    Raises:
        CardError: no format of gmai reads anything of it.
        ConfigError: the format asked for does not match.
    """
    start = time.monotonic()
    survey = survey_folder(config.folder, config.seconds * 0.4)
    trials = try_formats(survey, config.seconds * 0.4)
    chosen = _choose(config, survey, trials)
    names = draft_name(config.folder, card_names())
    drafts: list[Draft] = []
    for trial in chosen:
        several = len(chosen) > 1
        name = f"{names}-{trial.match.format.replace('_', '-')}" if several else names
        others = [] if several else [each for each in trials if each is not trial and each.num_items]
        left = config.seconds - (time.monotonic() - start)
        drafts.append(draft_card(survey, trial, name, left / (len(chosen) - len(drafts)), others))
    shipped = tuple((card.name, root) for card, root in find_sources(config.folder))
    return Drafts(survey=survey, drafts=tuple(drafts), shipped=shipped)


def _choose(config: InitConfig, survey: Survey, trials: list[Trial]) -> list[Trial]:
    if config.format:
        found = [trial for trial in trials if trial.match.format == config.format]
        if not found:
            known = ", ".join(trial.match.format for trial in trials) or "none"
            raise ConfigError(f"the folder does not look like {config.format}", fix=f"formats that match: {known}")
        return found
    if not trials:
        packed = f"unpack {', '.join(survey.archives[:3])} with gmai source unpack" if survey.archives else ""
        told = "; ".join(survey.lines()[:2])
        fix = packed or "write a reader of its format: docs/guides/add-format.md"
        raise CardError(f"no format reads anything here ({told})", where=str(config.folder), fix=fix)
    return [trial for trial in trials if trial.num_items] or trials[:1] if config.all else trials[:1]
