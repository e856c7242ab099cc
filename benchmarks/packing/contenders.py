"""Packers of others, made again from what is known of them: each takes lengths and gives packs of row numbers."""

from __future__ import annotations

import numpy as np

BUFFERS = 20
"""Open packs of the streaming packer, as its published scripts have it."""


def next_fit(tokens: np.ndarray, tiles: np.ndarray, most: tuple[int, int]) -> list[list[int]]:
    """Rows in order, each into the open pack or, if that has no room, into a new one."""
    packs: list[list[int]] = []
    used = (0, 0)
    for row, need in enumerate(zip(tokens.tolist(), tiles.tolist(), strict=True)):
        fits = all(have + more <= limit for have, more, limit in zip(used, need, most, strict=True))
        if not packs or not fits:
            packs.append([])
            used = (0, 0)
        packs[-1].append(row)
        used = (used[0] + need[0], used[1] + need[1])
    return packs


def buffers(tokens: np.ndarray, tiles: np.ndarray, most: tuple[int, int]) -> list[list[int]]:
    """Rows in order, each into the first open pack with room, those with most tiles first (InternVL's way).

    A pack is closed when its tiles are full, or when too many are open: then the one with most tiles goes. Left out is
    its choice to cut rows that overflow a pack.
    """
    done: list[list[int]] = []
    opened: list[tuple[int, int, list[int]]] = []
    for row, (length, count) in enumerate(zip(tokens.tolist(), tiles.tolist(), strict=True)):
        place = next((p for p, (k, t, _) in enumerate(opened) if k + count <= most[1] and t + length <= most[0]), None)
        tiles_used, tokens_used, rows = (0, 0, []) if place is None else opened.pop(place)
        pack = (tiles_used + count, tokens_used + length, [*rows, row])
        if pack[0] == most[1] or pack[1] == most[0]:
            done.append(pack[2])
            continue
        place = next((p for p, other in enumerate(opened) if other[0] < pack[0]), len(opened))
        opened.insert(place, pack)
        if len(opened) > BUFFERS:
            done.append(opened.pop(0)[2])
    return done + [rows for _, _, rows in opened]
