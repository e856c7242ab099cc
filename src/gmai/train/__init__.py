"""Training in stages: one loop, many recipes, resumed bit for bit. The door is light; torch is loaded on use."""

from typing import TYPE_CHECKING

from gmai.base.door import lazy_door
from gmai.train.data import BatchConfig, FeedConfig, SetConfig
from gmai.train.recipe import HeadsConfig, InitConfig, OptimConfig, PictureConfig, RowConfig, StageName, TrainConfig
from gmai.train.shipped import read_recipe, recipe_names

if TYPE_CHECKING:
    from gmai.train.meters import LogLine
    from gmai.train.run import train
    from gmai.train.stages import STAGES, Stage

__all__ = [
    "BatchConfig",
    "FeedConfig",
    "HeadsConfig",
    "InitConfig",
    "LogLine",
    "OptimConfig",
    "PictureConfig",
    "RowConfig",
    "STAGES",
    "SetConfig",
    "Stage",
    "StageName",
    "TrainConfig",
    "read_recipe",
    "recipe_names",
    "train",
]

_FILES = {"STAGES": "stages", "Stage": "stages", "LogLine": "meters", "train": "run"}
__getattr__ = lazy_door(__name__, _FILES)
