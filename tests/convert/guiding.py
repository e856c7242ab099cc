"""A run of the guided engine that is killed in the middle."""

import sys
from pathlib import Path

from gmai.base import JobConfig
from gmai.convert import GuidedConfig, convert_guided
from gmai.llm import EndpointConfig

if __name__ == "__main__":
    url, out, workers, raw = sys.argv[1:]
    convert_guided(
        GuidedConfig(
            raw=(Path(raw),),
            out=Path(out),
            endpoint=EndpointConfig(model="fake", url=url, in_flight=8),
            job=JobConfig(workers=int(workers), shard_size=3),
        )
    )
