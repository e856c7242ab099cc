"""Processor threads of torch, for as long as they are wanted."""

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def use_threads(number: int) -> Iterator[None]:
    """Let torch work with so many threads, and give it back what it had."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(number)
    try:
        yield
    finally:
        torch.set_num_threads(before)
