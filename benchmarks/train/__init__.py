"""``python -m benchmarks train``: useful tokens per processor second, ours beside TRL's SFTTrainer or ms-swift."""


def run(arguments: list[str]) -> None:
    from benchmarks.train.table import main

    main(arguments)
