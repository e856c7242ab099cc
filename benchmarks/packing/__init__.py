"""``python -m benchmarks packing``: packs beside those of others, and pictures read without a model.

``python -m benchmarks packing plan [--rows N] [--peers PYTHON]`` packs a mix of rows; PYTHON has what peers.txt names.
``python -m benchmarks packing scale [--rows N]`` indexes and plans a million rows.
``python -m benchmarks packing read [--rows N]`` reads pictures for a model, with and without processes of their own.
"""


def run(arguments: list[str]) -> None:
    import argparse
    from importlib import import_module

    parser = argparse.ArgumentParser(prog="python -m benchmarks packing")
    parser.add_argument("what", choices=["plan", "scale", "read"])
    parser.add_argument("--rows", type=int, default=0, help="rows; 30,000 of a plan and 1,000 read if not given")
    parser.add_argument("--peers", default="", help="a Python with the packages of benchmarks/packing/peers.txt")
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args(arguments)
    files = {"plan": "table", "scale": "scale", "read": "reading"}
    import_module(f"benchmarks.packing.{files[chosen.what]}").main(chosen)
