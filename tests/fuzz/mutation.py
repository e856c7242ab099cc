"""Seeded damage: cuts, flipped bits, runs of one byte, dropped, doubled and moved blocks, numbers at their extremes."""

import json
import random
import struct

EXTREMES = (0, 1, 2, 3, 4, 7, 8, 16, 127, 128, 255, 256, 32767, 32768, 65535, 65536, 2**31 - 1, 2**31, 2**32 - 1)
ODD = [  # of JSON
    None, [], {}, "x", "", -1, 0, 1.5, True, float("nan"), 1e308, [1], [[1]], "../../x", 10**30, {"a": 1}, "图", "\0",
]  # fmt: skip
WORDS = [
    "0", "-1", "nan", "1e999", "99999999999999999999", "", "../../../etc/passwd", "\u202e", '"', "\n", "\t", ",",
    "<!ENTITY a 'b'>",
]  # fmt: skip


def damage(data: bytes, rng: random.Random) -> bytes:
    """Damage bytes in one to three ways."""
    changed = bytearray(data)
    for _ in range(rng.choice([1, 1, 1, 2, 3])):
        if changed:
            rng.choice([_cut, _flip, _run, _drop, _double, _swap, _number, _number])(changed, rng)
    return bytes(changed)


def _place(changed: bytearray, rng: random.Random) -> int:
    """A place, in the header more often than elsewhere."""
    return rng.randrange(min(len(changed), rng.choice([16, 64, 400, 1024, len(changed), len(changed)])))


def _cut(changed: bytearray, rng: random.Random) -> None:
    del changed[rng.randrange(len(changed)) :]


def _flip(changed: bytearray, rng: random.Random) -> None:
    for _ in range(rng.choice([1, 2, 5, 30])):
        changed[_place(changed, rng)] ^= 1 << rng.randrange(8)


def _run(changed: bytearray, rng: random.Random) -> None:
    place = _place(changed, rng)
    length = min(rng.choice([1, 2, 4, 8, 64]), len(changed) - place)
    changed[place : place + length] = bytes([rng.choice([0, 255, 32, rng.randrange(256)])]) * length


def _drop(changed: bytearray, rng: random.Random) -> None:
    place = _place(changed, rng)
    del changed[place : place + rng.choice([1, 2, 3, 8, 100])]


def _double(changed: bytearray, rng: random.Random) -> None:
    place = _place(changed, rng)
    changed[place:place] = changed[place : place + rng.choice([1, 4, 16, 200])] * rng.choice([1, 1, 3])


def _swap(changed: bytearray, rng: random.Random) -> None:
    first, second, length = _place(changed, rng), _place(changed, rng), rng.choice([1, 2, 8])
    piece = changed[first : first + length]
    changed[first : first + length] = changed[second : second + length]
    changed[second : second + length] = piece


def _number(changed: bytearray, rng: random.Random) -> None:
    kind = rng.choice(["<H", ">H", "<I", ">I", "<i", ">i", "<f", ">f", "<Q"])
    value = rng.choice(EXTREMES)
    if kind[1] == "f":
        number = struct.pack(kind, rng.choice([0.0, -1.0, float("nan"), float("inf"), 1e30, float(value)]))
    else:
        bits = 8 * struct.calcsize(kind)
        limit = 2 ** (bits - 1) - 1 if kind[1] == "i" else 2**bits - 1
        number = struct.pack(kind, min(value, limit))
    place = _place(changed, rng) & ~1
    changed[place : place + len(number)] = number


def twist_text(data: bytes, rng: random.Random) -> bytes:
    """Damage text as text: lines dropped, doubled and moved, words replaced; now and then its bytes."""
    if rng.random() < 0.3:
        return damage(data, rng)
    lines = data.split(b"\n")
    for _ in range(rng.choice([1, 1, 2, 5])):
        place = rng.randrange(len(lines))
        what = rng.randrange(4)
        if what == 0:
            del lines[place]
        elif what == 1:
            lines.insert(rng.randrange(len(lines) + 1), lines[place])
        else:
            parts = lines[place].split(b" " if what == 2 else b",")
            parts[rng.randrange(len(parts))] = rng.choice(WORDS).encode()
            lines[place] = (b" " if what == 2 else b",").join(parts)
        if not lines:
            break
    return b"\n".join(lines)


def twist_json(data: bytes, rng: random.Random) -> bytes:
    """Change, drop or add one value somewhere in JSON (or in one line of JSON lines); now and then its bytes."""
    if rng.random() < 0.3:
        return damage(data, rng)
    lines = data.split(b"\n") if data.count(b"\n{") else [data]
    place = rng.randrange(len(lines))
    try:
        lines[place] = json.dumps(_twist(json.loads(lines[place]), rng)).encode()
    except ValueError:
        return damage(data, rng)
    return b"\n".join(lines)


def _twist(value, rng: random.Random):
    if isinstance(value, dict) and value and rng.random() < 0.9:
        key = rng.choice(sorted(value))
        rest = {name: inner for name, inner in value.items() if name != key}
        return rest if rng.random() < 0.1 else {**rest, key: _twist(value[key], rng)}
    if isinstance(value, list) and value and rng.random() < 0.9:
        place = rng.randrange(len(value))
        return [*value[:place], _twist(value[place], rng), *value[place + 1 :]]
    return rng.choice(ODD)


def change_for(name: str):
    """The way of damaging a file of a name."""
    ending = name.rpartition(".")[2].lower()
    if ending in {"json", "jsonl", "geojson"}:
        return twist_json
    return twist_text if ending in {"csv", "tsv", "txt", "xml", "yaml"} else damage
