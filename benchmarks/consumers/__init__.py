"""``python -m benchmarks consumers``: exports of one corpus read by the loaders they are made for, row by row."""


def run(arguments: list[str]) -> None:
    from benchmarks.consumers.table import main

    main(arguments)
