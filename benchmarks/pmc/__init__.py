"""``python -m benchmarks pmc NAME …``: the literature line, part by part; each part is a file here with a ``main``."""

from importlib import import_module


def run(arguments: list[str]) -> None:
    if not arguments:
        raise SystemExit(__doc__)
    import_module(f"benchmarks.pmc.{arguments[0]}").main(arguments[1:])
