"""``python -m benchmarks`` lists the benchmarks; ``python -m benchmarks NAME …`` runs one."""

import sys
from importlib import import_module

NAMES = {
    "startup": "time from `gmai --help` to its last line",
    "footprint": "wall time and peak memory of the whole process tree of `gmai demo`",
    "reading": "slices of CT volumes by format, memory of one volume out of many",
    "convert": "rule conversion: conversations a second on one core, in one language and in two",
    "near": "near duplicates: the index beside brute force, and made corpora",
    "planted": "planted copies of your pictures and texts: recall and precision by way of copying",
    "ingest": "readers, slices, fingerprints, de-identification: ours beside the peers",
    "scale": "a corpus of a million samples through convert, dedup, split, stats, export and build",
    "llm": "questions to a server: requests a second, processor time and memory beside the peers",
    "consumers": "exports read by the loaders they are made for: datasets, LLaMA-Factory, ms-swift, InternVL",
    "train": "training: useful tokens per processor second, first step and memory, beside TRL's SFTTrainer",
    "slides": "tiles of a slide and frames of a video, beside OpenSlide and tiffslide",
    "tables": "benchmark files of several GB: index, first question, hash, memory, beside pandas",
    "options": "options in one row beside four rows of the plain model and beside generation",
    "harness": "evaluation of a served model: processor time, wall time, memory beside the peers; the journal alone",
    "coverage": "how often the interval of an accuracy holds the truth, in simulated models of known accuracy",
    "gradings": "how much of a secret key is read off by handing answers in again and again",
    "attack": "a sealed benchmark against one who never looks: every channel beside chance, salts guessed",
    "extraction": "lists of replies read by our rules and by VLMEvalKit's",
    "differences": "how often the interval of a paired difference holds the truth, and how often its test is wrong",
    "h200": "training InternVL3-8B's shape on one GPU, beside the published recipe made again",
    "packing": "packs of rows beside those of others; pictures read without a model",
    "pmc": "the literature line part by part: parsing beside pubmed_parser, …",
    "seeds": "the demo over several seeds: accuracy by kind, blind, baselines",
}

if len(sys.argv) < 2 or sys.argv[1] not in NAMES:
    print("\n".join(f"python -m benchmarks {name:10} {text}" for name, text in NAMES.items()))
else:
    import_module(f"benchmarks.{sys.argv[1]}").run(sys.argv[2:])
