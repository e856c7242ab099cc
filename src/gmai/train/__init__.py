"""Training in stages: one loop, many recipes, resumed bit for bit. The door is light; torch is loaded on use."""

from typing import TYPE_CHECKING

from gmai.base.door import lazy_door
from gmai.train.data import BatchConfig, FeedConfig, SetConfig
from gmai.train.recipe import HeadsConfig, InitConfig, OptimConfig, PictureConfig, RowConfig, StageName, TrainConfig
from gmai.train.shipped import read_recipe, recipe_names

if TYPE_CHECKING:
    from gmai.train.checking import check_run
    from gmai.train.forecast import DeviceConfig, Forecast, forecast_run
    from gmai.train.meters import LogLine
    from gmai.train.proof import Proof, check_proof
    from gmai.train.run import train
    from gmai.train.stages import STAGES, Stage
    from gmai.train.watch import Probe

__all__ = [
    "BatchConfig",
    "DeviceConfig",
    "FeedConfig",
    "Forecast",
    "HeadsConfig",
    "InitConfig",
    "LogLine",
    "OptimConfig",
    "PictureConfig",
    "Probe",
    "Proof",
    "RowConfig",
    "STAGES",
    "SetConfig",
    "Stage",
    "StageName",
    "TrainConfig",
    "check_proof",
    "check_run",
    "forecast_run",
    "read_recipe",
    "recipe_names",
    "train",
]

_FILES = {
    "STAGES": "stages",
    "Stage": "stages",
    "LogLine": "meters",
    "train": "run",
    "DeviceConfig": "forecast",
    "Forecast": "forecast",
    "forecast_run": "forecast",
    "Proof": "proof",
    "check_proof": "proof",
    "check_run": "checking",
    "Probe": "watch",
}
__getattr__ = lazy_door(__name__, _FILES)
