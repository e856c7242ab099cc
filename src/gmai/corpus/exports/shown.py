"""A conversation as others see it: its pictures with drawings, its texts with boxes in the wanted form."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from gmai.base import dumps, hash_bytes, replace_boxes
from gmai.errors import FormatError
from gmai.types import Conversation, Sample

Regions = Literal["pixels", "thousand", "unit"]
PLACEHOLDER = "<image>"
_RESERVED = (PLACEHOLDER, "<video>", "<audio>")
Box = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class ShownPicture:
    """One picture of a conversation."""

    data: bytes
    width: int
    height: int

    @property
    def path(self) -> str:
        """Its place in an export: named by the SHA-256 of its bytes."""
        name = hash_bytes(self.data)
        ending = "png" if self.data.startswith(b"\x89PNG") else "jpg"
        return f"images/{name[:2]}/{name}.{ending}"


@dataclass(frozen=True, slots=True)
class Shown:
    """One conversation, ready to be written."""

    conversation: Conversation
    sample: Sample
    licence: str
    pictures: tuple[ShownPicture, ...]
    clean: tuple[ShownPicture, ...]
    """The pictures without drawings; the same as ``pictures`` where nothing is drawn."""
    texts: tuple[str, ...]
    """Texts of the turns, boxes in the wanted form."""
    records: bool = True

    def prompt(self, separator: str = "\n") -> tuple[str, ...]:
        """The texts, with a placeholder for each picture before the first."""
        marks = (PLACEHOLDER + separator) * len(self.pictures)
        return (marks + self.texts[0], *self.texts[1:])

    def extra(self) -> dict[str, str]:
        """What every row says beside the format's own keys."""
        talk = self.conversation
        told = {
            **{"sample": talk.sample, "source": talk.source, "licence": self.licence, "subset": talk.subset},
            **{"kind": talk.kind, "task": talk.task, "modality": talk.modality, "department": talk.department},
            **{"language": talk.language},
            **({"prior": talk.prior} if talk.prior else {}),
        }
        return told | ({"record": dumps(talk).decode()} if self.records else {})

    def one_or_list(self) -> dict[str, Any]:
        """Key ``image`` as LLaVA and InternVL have it: no key, a path, or several."""
        paths = [picture.path for picture in self.pictures]
        return {} if not paths else {"image": paths[0] if len(paths) == 1 else paths}


def check_turns(conversation: Conversation) -> None:
    """Check that trainers can read the turns: user and assistant in turn, in pairs, and no placeholder in a text.

    Raises:
        FormatError: ``export.turns`` or ``export.placeholder``.
    """
    roles = [turn.role for turn in conversation.turns]
    if not roles or roles != ["user", "assistant"] * (len(roles) // 2):
        what = f"turns of {', '.join(roles) or 'nobody'}, not of user and assistant in pairs"
        raise FormatError(what, where=conversation.id, reason="export.turns")
    found = [mark for mark in _RESERVED for turn in conversation.turns if mark in turn.text]
    if found:
        what = f"a text holds {found[0]}, which trainers take for a picture"
        raise FormatError(what, where=conversation.id, reason="export.placeholder")


def render_texts(
    conversation: Conversation, size: tuple[int, int] | None, regions: Regions, tags: bool
) -> tuple[str, ...]:
    """The texts of the turns with their boxes as wanted; of pictures of one size (width, height) alone.

    Raises:
        FormatError: ``export.regions``: boxes, and no one picture they could be in.
    """

    def render(boxes: Sequence[Box]) -> str:
        if size is None:
            raise FormatError("a box, but not one picture", where=conversation.id, reason="export.regions")
        inner = ", ".join(render_box(box, size, regions) for box in boxes)
        return f"<box>[{inner}]</box>" if tags else inner

    if regions == "pixels" and tags:
        return tuple(turn.text for turn in conversation.turns)
    return tuple(replace_boxes(turn.text, render) for turn in conversation.turns)


def render_box(box: Box, size: tuple[int, int], regions: Regions) -> str:
    """One box as a list of numbers: pixels, whole parts of 1000, or parts of 1 with three places."""
    shares = [edge / side for edge, side in zip(box, (*size, *size), strict=True)]
    if regions == "thousand":
        return str([round(1000 * share) for share in shares])
    if regions == "unit":
        return f"[{', '.join(f'{share:.3f}' for share in shares)}]"
    return str(list(box))


def only_size(sample: Sample) -> tuple[int, int] | None:
    """Width and height of a sample's only picture, None where it has none or several."""
    return (sample.images[0].width, sample.images[0].height) if len(sample.images) == 1 else None
