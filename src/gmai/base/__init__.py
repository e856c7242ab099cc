"""What every room stands on: codec, config, registry, files, jobs, progress, logging."""

from gmai.base.archives import UnpackLimits, is_archive, iter_members, unpack
from gmai.base.bounded import MOST_PACKED, BoundedFile, open_bounded
from gmai.base.boxes import PixelBox, find_boxes, replace_boxes, write_boxes
from gmai.base.codec import dumps, from_dict, from_json, iter_jsonl, loads, merge, schema_of, to_dict
from gmai.base.config import Worker, environment, load_config, read_yaml, this_worker
from gmai.base.damage import DAMAGED_ARCHIVE, DAMAGED_ARRAY, DAMAGED_GZIP, DAMAGED_WORKBOOK
from gmai.base.files import (
    digest,
    hash_bytes,
    hash_file,
    hash_unit,
    link_file,
    read_json,
    write_atomic,
    write_bytes,
    write_json,
    write_jsonl,
    write_text,
)
from gmai.base.graph import Task, run_graph
from gmai.base.intervals import (
    INTERVALS,
    Interval,
    cluster_interval,
    interval_of_sums,
    mean_interval,
    shares_of,
    student_t,
)
from gmai.base.jobs import JobConfig, Stage, Summary, each, output_files, run_job, summary_dict
from gmai.base.log import setup_logging
from gmai.base.npy import count_bytes, find_overclaim, read_array_header
from gmai.base.pool import Death, run_in_order
from gmai.base.progress import Progress, track
from gmai.base.registry import Registry
from gmai.base.rle import decode_runs, encode_runs, fill_runs, mask_runs, split_columns
from gmai.base.run import RunFolder, input_key, join_run, open_run

__all__ = [
    "BoundedFile",
    "DAMAGED_ARCHIVE",
    "DAMAGED_ARRAY",
    "DAMAGED_GZIP",
    "DAMAGED_WORKBOOK",
    "Death",
    "INTERVALS",
    "Interval",
    "JobConfig",
    "MOST_PACKED",
    "PixelBox",
    "Progress",
    "Registry",
    "RunFolder",
    "Stage",
    "Summary",
    "Task",
    "UnpackLimits",
    "Worker",
    "cluster_interval",
    "count_bytes",
    "decode_runs",
    "digest",
    "dumps",
    "each",
    "encode_runs",
    "environment",
    "fill_runs",
    "find_boxes",
    "find_overclaim",
    "from_dict",
    "from_json",
    "hash_bytes",
    "hash_file",
    "hash_unit",
    "input_key",
    "interval_of_sums",
    "is_archive",
    "iter_jsonl",
    "iter_members",
    "join_run",
    "link_file",
    "load_config",
    "loads",
    "mask_runs",
    "mean_interval",
    "merge",
    "open_bounded",
    "open_run",
    "output_files",
    "read_array_header",
    "read_json",
    "read_yaml",
    "replace_boxes",
    "run_graph",
    "run_in_order",
    "run_job",
    "schema_of",
    "setup_logging",
    "shares_of",
    "split_columns",
    "student_t",
    "summary_dict",
    "this_worker",
    "to_dict",
    "track",
    "unpack",
    "write_atomic",
    "write_boxes",
    "write_bytes",
    "write_json",
    "write_jsonl",
    "write_text",
]
