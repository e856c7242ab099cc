"""The story of a set of runs: reads run folders and assembles the page of ``gmai report``."""

from typing import TYPE_CHECKING

from gmai.base.door import lazy_door

if TYPE_CHECKING:
    from gmai.story.build import StoryConfig, build_story

__all__ = ["StoryConfig", "build_story"]

__getattr__ = lazy_door(__name__, {"StoryConfig": "build", "build_story": "build"})
