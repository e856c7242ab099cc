"""Settings of the server: what it serves, where, and how much it lets itself be asked."""

from ipaddress import ip_address
from pathlib import Path
from typing import Literal

from gmai.base import environment
from gmai.errors import ConfigError
from gmai.types import record


@record
class LimitsConfig:
    """The most that one question may ask for; more is an error that says so, never cut silently."""

    images: int = 16
    """Pictures of one question."""
    pixels: int = 50_000_000
    """Width times height of one picture, told by its header before it is decoded."""
    image_bytes: int = 20 << 20
    """Encoded bytes of one picture."""
    body_bytes: int = 64 << 20
    """Bytes of one request."""
    characters: int = 400_000
    """Signs of all texts of one question together."""
    answer_tokens: int = 1024
    """Tokens of one answer; also what an answer may take where the request does not say."""
    turns: int = 64
    """Turns of one conversation."""
    stops: int = 8
    """Stop texts of one question."""
    waiting: int = 128
    """Questions that wait; further ones are told to come later (429)."""


@record
class ServeConfig:
    """How ``gmai serve`` serves a model."""

    model: Path
    """Model folder, or the run folder that made one."""
    host: str = "127.0.0.1"
    """Address to listen on; any but this machine's own needs a key."""
    port: int = 8000
    """Port; 0 takes a free one."""
    name: str = ""
    """Name that requests call the model by; by default that of its folder."""
    key_variable: str = "GMAI_SERVE_KEY"
    """Environment variable that holds the key which requests must carry; empty or unset for none."""
    device: str = "cpu"
    """Where the model computes: cpu, cuda, cuda:1."""
    precision: Literal["fp32", "bf16"] = "fp32"
    """``bf16`` computes in bfloat16 where that is safe."""
    dtype: Literal["float32", "bfloat16"] = "float32"
    """Type in which weights are held; ``bfloat16`` takes half the memory, and answers may differ from evaluation's."""
    threads: int = 2
    """Processor threads of the model."""
    batch_rows: int = 8
    """Most questions answered together."""
    batch_tokens: int = 32_768
    """Most tokens answered together, padding and answers counted; a longer question goes alone."""
    gather_ms: float = 5.0
    """How long the first of a batch waits for others."""
    allow_urls: tuple[str, ...] = ()
    """Hosts (``host`` or ``host:port``) from which pictures may be fetched by http(s); all others are refused."""
    fetch_s: float = 10.0
    """Longest time for fetching one picture."""
    drain_s: float = 30.0
    """How long answers under way may go on when the server is told to stop."""
    limits: LimitsConfig = LimitsConfig()
    """Limits of a question."""
    backend: Literal["own", "vllm"] = "own"
    """``vllm`` starts vLLM from an environment of its own and holds its token counts against the visual contract."""
    vllm_python: Path | None = None
    """Python of the environment that has vLLM."""
    vllm_options: tuple[str, ...] = ()
    """Further options of ``vllm serve``."""
    vllm_start_s: float = 900.0
    """How long vLLM may take until it answers."""

    @property
    def key(self) -> str:
        """The key that requests must carry, or an empty string."""
        return environment(self.key_variable) if self.key_variable else ""


def check_config(config: ServeConfig) -> None:
    """Refuse settings that cannot work or would leave the server open.

    Raises:
        ConfigError: listening for others without a key, or numbers out of their range.
    """
    if not is_own(config.host) and not config.key:
        fix = f"put one into the environment variable {config.key_variable or 'named by key_variable'}"
        raise ConfigError(
            f"{config.host} can be reached from other machines and there is no key", where="host", fix=fix
        )
    for name in ("threads", "batch_rows", "batch_tokens"):
        if getattr(config, name) < 1:
            raise ConfigError(f"{name} cannot be {getattr(config, name)}", where=name)
    for name, value in ((name, getattr(config.limits, name)) for name in LimitsConfig.__dataclass_fields__):
        if value < (0 if name in ("images", "stops") else 1):
            raise ConfigError(f"limits.{name} cannot be {value}", where=f"limits.{name}")
    if config.backend == "vllm" and config.vllm_python is None:
        fix = "give --vllm-python, the python of an environment that has vLLM"
        raise ConfigError("vLLM is not part of this environment", where="vllm_python", fix=fix)


def is_own(host: str) -> bool:
    """True for addresses that only this machine can reach."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def reachable(host: str) -> str:
    """How this machine spells the address of a server that listens on ``host``."""
    return {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)
