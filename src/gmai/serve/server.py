"""The server in the foreground, and in a thread of its own for tests and for programs that ask it."""

from __future__ import annotations

import logging
import socket
import threading
import time
from contextlib import suppress
from types import TracebackType

import uvicorn

from gmai.errors import ConfigError
from gmai.serve.app import build_app
from gmai.serve.config import ServeConfig, check_config, reachable
from gmai.serve.served import Served, open_served

logger = logging.getLogger(__name__)
_BACKLOG = 128


def serve_model(config: ServeConfig) -> None:
    """Serve until interrupted; answers under way come to their end.

    Raises:
        ConfigError: settings that do not fit, or an address that is taken.
        ModelError: no such model, or vLLM that does not follow its visual contract.
    """
    check_config(config)
    if config.backend == "vllm":
        from gmai.serve.vllm import serve_with_vllm

        serve_with_vllm(config)
        return
    listening = _listen(config)
    served = open_served(config)
    logger.info("serve: %s answers as %s", _url(listening), served.name)
    with suppress(KeyboardInterrupt):
        _build(served, config).run(sockets=[listening])


class ServerThread:
    """A server that answers while the context is open."""

    def __init__(self, config: ServeConfig, served: Served | None = None) -> None:
        check_config(config)
        self.served = served or open_served(config)
        self._socket = _listen(config)
        self._server = _build(self.served, config)
        self._thread = threading.Thread(target=self._server.run, args=([self._socket],), name="serve", daemon=True)

    @property
    def url(self) -> str:
        """Address for a client."""
        return _url(self._socket)

    def __enter__(self) -> ServerThread:
        self._thread.start()
        while not self._server.started and self._thread.is_alive():
            time.sleep(0.002)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self._server.should_exit = True
        self._thread.join()
        self._socket.close()


def _build(served: Served, config: ServeConfig) -> uvicorn.Server:
    settings = uvicorn.Config(
        build_app(served, config),
        log_config=None,
        access_log=False,
        server_header=False,
        backlog=_BACKLOG,
        timeout_graceful_shutdown=max(1, int(config.drain_s)),
        ws="none",
    )
    return uvicorn.Server(settings)


def _listen(config: ServeConfig) -> socket.socket:
    """Take the address before the model is loaded, so that one that is taken is told at once."""
    family = socket.AF_INET6 if ":" in config.host else socket.AF_INET
    listening = socket.socket(family)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((config.host, config.port))
    except OSError as error:
        listening.close()
        what = f"cannot listen on {config.host}:{config.port}: {error.strerror or error}"
        raise ConfigError(what, where="port", fix="choose another --port") from None
    return listening


def _url(listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    return f"http://{reachable(host)}:{port}/v1"
