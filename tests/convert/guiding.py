"""Runs of the guided engine for tests: in this process, or as one that is killed in the middle."""

import json
import sys
from pathlib import Path

from gmai.base import JobConfig, hash_file
from gmai.convert import GuidedConfig, convert_guided
from gmai.llm import EndpointConfig, FakeScript

HONEST = FakeScript(function="guided")


def guide(raws, out, server, **more):
    workers, in_flight = more.pop("workers", 0), more.pop("in_flight", 16)
    job = JobConfig(workers=workers, shard_size=8, **more.pop("job", {}))
    asked = {"model": "fake", "url": server.url, "in_flight": in_flight, "attempts": 2, "timeout_s": 5.0}
    endpoint = EndpointConfig(**{**asked, **more.pop("endpoint", {})})
    if "verifier" in more:
        more["verifier"] = EndpointConfig(**{**asked, **more["verifier"]})
    return convert_guided(GuidedConfig(raw=raws, out=out, endpoint=endpoint, job=job, **more))


def rejects(out):
    return [json.loads(line) for line in (out / "rejects.jsonl").read_text().splitlines()]


def content(out):
    """Every byte of a run but its description, which tells the time."""
    files = sorted(path for path in out.rglob("*") if path.is_file() and path.name != "run.json")
    return {path.relative_to(out).as_posix(): hash_file(path) for path in files}


def run(url, out, workers, raw):
    endpoint = EndpointConfig(model="fake", url=url, in_flight=8)
    job = JobConfig(workers=workers, shard_size=3)
    convert_guided(GuidedConfig(raw=(raw,), out=out, endpoint=endpoint, job=job))


if __name__ == "__main__":
    url, out, workers, raw = sys.argv[1:]
    run(url, Path(out), int(workers), Path(raw))
