"""The stages: what trains, what stands in the picture's place, which loss teaches. A stage is data, not a script."""

from typing import Literal

from gmai.train.recipe import Group, StageName
from gmai.types import record


@record
class Stage:
    """One stage."""

    trains: tuple[Group, ...]
    """Groups of weights that may change; all others stay as they are, bit by bit."""
    lesson: Literal["language", "annotations"]
    """``language``: predict the answer's tokens; ``annotations``: heads on the encoder name regions and facts."""
    prefix: Literal["picture", "caption"] = "picture"
    """What a conversation is about: the picture, or its caption in the picture's place."""


STAGES: dict[StageName, Stage] = {
    "text": Stage(trains=("language",), lesson="language", prefix="caption"),
    "vision": Stage(trains=("vision",), lesson="annotations"),
    "projector": Stage(trains=("projector",), lesson="language"),
    "projector+vision": Stage(trains=("projector", "vision"), lesson="language"),
    "projector+language": Stage(trains=("projector", "language"), lesson="language"),
    "all": Stage(trains=("vision", "projector", "language"), lesson="language"),
    "lora": Stage(trains=("lora",), lesson="language"),
}
