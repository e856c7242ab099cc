"""The whole line on drawn phantoms, or on a folder of public data sets; the door is light."""

from typing import TYPE_CHECKING

from gmai.base.door import lazy_door
from gmai.demo.config import DemoConfig

if TYPE_CHECKING:
    from gmai.demo.line import DemoResult, run_demo

__all__ = ["DemoConfig", "DemoResult", "run_demo"]

__getattr__ = lazy_door(__name__, {"DemoResult": "line", "run_demo": "line"})
