"""Random numbers of a subject: streams of different subjects and modalities never meet, and classes come out even."""

import numpy as np

from gmai.phantoms.classes import MODALITIES

_CODES = {name: code for code, name in enumerate(MODALITIES, start=1)}


def build_rng(seed: int, modality: str, subject: int) -> np.random.Generator:
    """Make the generator of one subject."""
    return np.random.default_rng([seed, _CODES[modality], 0, subject])


def pick_balanced(seed: int, modality: str, subject: int, num: int) -> int:
    """Pick class 0 to num-1 so that each block of ``num`` subjects holds every class once, in random order."""
    block = np.random.default_rng([seed, _CODES[modality], 7, subject // num])
    return int(block.permutation(num)[subject % num])


def pick_finding_and_location(seed: int, modality: str, subject: int) -> tuple[int, int]:
    """Pick one of four findings and one of four locations; 16 subjects in a row hold each pair once."""
    return pick_balanced(seed, modality, subject, 4), pick_balanced(seed, modality, subject // 4, 4)
