"""A talk with a model about pictures: the question is spelled, and the pictures seen, as in training and evaluation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from gmai.errors import ConfigError
from gmai.images import decode_picture, open_image
from gmai.models.answering import Answered, Chat, Wish, answer_prompts, prompt_chat
from gmai.models.fitting import Picture
from gmai.models.loaded import LoadedModel

Tell = Callable[[str], None]
"""Takes each new piece of an answer."""


class Talk:
    """Questions and answers in turn, all about the pictures given at its start."""

    def __init__(self, loaded: LoadedModel, pictures: Sequence[Path] = (), wish: Wish | None = None) -> None:
        self._loaded = loaded
        self._pictures = tuple(read_seen(path) for path in pictures)
        self._wish = wish or Wish()
        self._turns: tuple[str, ...] = ()

    def ask(self, text: str, tell: Tell | None = None) -> str:
        """Ask, telling the answer as it comes; it is remembered for the next question.

        Raises:
            ConfigError: the talk has become too long for the model.
        """

        def hear(row: int, new: str, answer: Answered) -> bool:
            if tell is not None and new:
                tell(new)
            return True

        turns = (*self._turns, text)
        prompt = prompt_chat(self._loaded, Chat(turns, self._pictures))
        most = self._loaded.context
        room = most - len(prompt.tokens)
        if room < 1:
            what = f"the talk has {len(prompt.tokens)} tokens and the model takes {most}"
            raise ConfigError(what, fix="start anew")
        wish = replace(self._wish, max_tokens=min(room, self._wish.max_tokens))
        (answer,) = answer_prompts(self._loaded, [prompt], [wish], hear)
        self._turns = (*turns, answer.text)
        return answer.text

    def start_anew(self) -> None:
        """Forget what was said; the pictures stay."""
        self._turns = ()


def read_seen(path: Path) -> Picture:
    """A picture file as a corpus would hold it, (height, width, 3) uint8.

    Raises:
        ImageError: no picture that can be read.
        ConfigError: a volume, slide or film, of which one picture has to be chosen first.
    """
    image = open_image(path)
    if image.kind != "raster":
        fix = "give a picture of it: gmai source ingest makes them"
        raise ConfigError(f"a {image.kind} file is not one picture", where=str(path), fix=fix)
    return decode_picture(image.picture().encoded())
