"""Numbers for TensorBoard: ``tensorboard --logdir OUT/tensorboard``."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tensorboard.compat.proto.event_pb2 import Event, SessionLog
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.summary.writer.event_file_writer import EventFileWriter

from gmai.train.loggers import LoggerConfig


class TensorBoardLogger:
    """See :class:`gmai.train.loggers.Logger`. A continued run tells TensorBoard from which step on to forget."""

    def __init__(self, folder: Path, config: LoggerConfig, done: int) -> None:
        place = folder / "tensorboard" / config.name
        place.mkdir(parents=True, exist_ok=True)
        self._writer = EventFileWriter(str(place))
        if done:
            self._writer.add_event(Event(step=done + 1, session_log=SessionLog(status=SessionLog.START)))

    def write(self, step: int, values: Mapping[str, float]) -> None:
        """See :class:`gmai.train.loggers.Logger`."""
        found = [Summary.Value(tag=name, simple_value=value) for name, value in values.items()]
        self._writer.add_event(Event(step=step, summary=Summary(value=found)))

    def close(self) -> None:
        """See :class:`gmai.train.loggers.Logger`."""
        self._writer.close()
