"""A model behind an OpenAI-compatible address, with limits and batches; or vLLM, held to the visual contract.

The door is light: the web server and the model are loaded when a name that needs them is used.
"""

from typing import TYPE_CHECKING, Any

from gmai.base.door import lazy_door
from gmai.errors import MissingExtra

if TYPE_CHECKING:
    from gmai.serve.app import build_app
    from gmai.serve.config import LimitsConfig, ServeConfig, check_config
    from gmai.serve.served import Served, open_served
    from gmai.serve.server import ServerThread, serve_model
    from gmai.serve.vllm import Probe, serve_with_vllm, start_vllm, vllm_line

__all__ = [
    "LimitsConfig",
    "Probe",
    "ServeConfig",
    "Served",
    "ServerThread",
    "build_app",
    "check_config",
    "open_served",
    "serve_model",
    "serve_with_vllm",
    "start_vllm",
    "vllm_line",
]

_FILES = {
    "app": ["build_app"],
    "config": ["LimitsConfig", "ServeConfig", "check_config"],
    "served": ["Served", "open_served"],
    "server": ["ServerThread", "serve_model"],
    "vllm": ["Probe", "serve_with_vllm", "start_vllm", "vllm_line"],
}
_EXTRA = ("fastapi", "starlette", "uvicorn")
_find = lazy_door(__name__, {name: file for file, names in _FILES.items() for name in names})


def __getattr__(name: str) -> Any:
    try:
        return _find(name)
    except ModuleNotFoundError as error:
        if error.name not in _EXTRA:
            raise
        raise MissingExtra(f"serving needs {error.name}", fix="pip install 'gmai[train,serve]'") from None
