"""A run of the guided engine that is killed in the middle."""

import sys
from pathlib import Path

from gmai.base import JobConfig
from gmai.convert import GuidedConfig, convert_guided
from gmai.llm import EndpointConfig


def run(url, out, workers, raw):
    endpoint = EndpointConfig(model="fake", url=url, in_flight=8)
    job = JobConfig(workers=workers, shard_size=3)
    convert_guided(GuidedConfig(raw=(raw,), out=out, endpoint=endpoint, job=job))


if __name__ == "__main__":
    url, out, workers, raw = sys.argv[1:]
    run(url, Path(out), int(workers), Path(raw))
