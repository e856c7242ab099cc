"""Archives of a data set unpacked into a run folder, every member written or refused with a reason."""

import shutil
from collections import Counter
from pathlib import Path

from gmai.base import RunFolder, UnpackLimits, input_key, open_run, unpack, write_jsonl
from gmai.types import Reject, record

FILES = "files"


@record
class UnpackConfig:
    """What to unpack and where."""

    archives: tuple[Path, ...]
    """ZIP or tar archives; each goes into a folder of its own name, if there are several."""
    out: Path
    """Run folder to write; the members lie below ``files``."""
    limits: UnpackLimits = UnpackLimits()
    """What is taken for an archive made to harm."""
    resume: bool = True
    """Reuse a folder that is complete; False starts over."""


def unpack_archives(config: UnpackConfig) -> tuple[RunFolder, list[Reject]]:
    """Unpack archives into ``OUT/files``.

    Raises:
        ConfigError: the output folder holds another run.
        FormatError: an archive cannot be read whole, or holds more than the limits allow; nothing of it is kept.
    """
    inputs = {path.name: input_key(path) for path in config.archives}
    same = {"archives": [path.name for path in config.archives], "limits": config.limits}
    run = open_run(config.out, "source unpack", config, inputs, resume=config.resume, same=same)
    if run.done:
        return run, []
    target = run.path / FILES
    shutil.rmtree(target, ignore_errors=True)
    written: list[Path] = []
    rejects: list[Reject] = []
    try:
        for path in config.archives:
            place = target / path.name.partition(".")[0] if len(config.archives) > 1 else target
            found, refused = unpack(path, place, config.limits)
            written += found
            rejects += refused
    except BaseException:
        shutil.rmtree(target, ignore_errors=True)
        raise
    write_jsonl(run.path / "rejects.jsonl", rejects)
    reasons = dict(sorted(Counter(each.reason for each in rejects).items()))
    stats = {"written": len(written), "bytes": sum(path.stat().st_size for path in written), "refused": reasons}
    run.finish(stats, [*written, run.path / "rejects.jsonl"])
    return run, rejects
