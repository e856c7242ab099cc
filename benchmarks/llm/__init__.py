"""``python -m benchmarks llm``: questions to a server, ours beside the peers."""


def run(arguments: list[str]) -> None:
    from benchmarks.llm.table import main

    main(arguments)
