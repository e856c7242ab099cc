"""``python -m benchmarks ingest``: ours beside the peers; ``scale`` measures growth with the number of pictures."""


def run(arguments: list[str]) -> None:
    from benchmarks.ingest.table import main

    main(arguments)
