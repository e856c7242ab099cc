"""The near index finds every pair that brute force finds, once each; texts are near by their words."""

import subprocess
import sys

import numpy as np
import pytest

from gmai.corpus import UnionFind, find_matches, find_near_texts, find_pairs, sign_text, split_words, text_key
from gmai.errors import ConfigError


def hashes(count, seed=0, spread=40):
    """Random fingerprints with copies of which a few bits are turned, and crowds that share most of their bits."""
    chance = np.random.default_rng(seed)
    drawn = chance.integers(0, 1 << 63, count, dtype=np.uint64) * 2 + chance.integers(0, 2, count, dtype=np.uint64)
    drawn[: count // 8] = drawn[0] ^ (chance.integers(0, 1 << 12, count // 8, dtype=np.uint64) << np.uint64(spread))
    copies = drawn[count // 2 : count // 2 + count // 5].copy()
    for _ in range(7):
        copies ^= np.uint64(1) << chance.integers(0, 64, len(copies)).astype(np.uint64)
    return np.unique(np.append(drawn, copies))


def told(found):
    rows = [row for pairs in found for row in zip(*(column.tolist() for column in pairs), strict=True)]
    assert len(rows) == len(set(rows))
    return set(rows)


@pytest.mark.parametrize("count", [100, 600])
@pytest.mark.parametrize("distance", [0, 1, 3, 6, 8])
def test_pairs_are_those_of_brute_force(count, distance):
    mine = hashes(count)
    bits = np.bitwise_count(mine[:, None] ^ mine[None])
    wanted = {(i, j, int(bits[i, j])) for i, j in np.argwhere(np.triu(bits <= distance, 1)).tolist()}
    assert told(find_pairs(mine, distance)) == wanted and (wanted or distance < 3)


@pytest.mark.parametrize("distance", [0, 3, 8])
def test_matches_are_those_of_brute_force(distance):
    mine, theirs = hashes(700), np.unique(np.append(hashes(500, seed=1), hashes(700)[::5] ^ np.uint64(1 << 50)))
    bits = np.bitwise_count(theirs[:, None] ^ mine[None])
    wanted = {(i, j, int(bits[i, j])) for i, j in np.argwhere(bits <= distance).tolist()}
    assert told(find_matches(theirs, mine, distance)) == wanted and (wanted or distance == 0)


@pytest.mark.parametrize("distance", [-1, 13])
def test_a_distance_beyond_the_index_is_refused(distance):
    with pytest.raises(ConfigError, match="bits"):
        list(find_pairs(hashes(10), distance))


def test_nothing_is_near_nothing():
    none = np.zeros(0, np.uint64)
    assert not told(find_pairs(none, 3)) and not told(find_matches(none, hashes(2000), 3))
    assert not told(find_matches(hashes(2000), none, 3))


def test_words_of_both_languages():
    assert split_words("T2-weighted: Größe 3 mm!") == ["t2", "weighted", "grösse", "3", "mm"]
    assert split_words("左肺CT显示") == ["左", "肺", "ct", "显", "示"]
    assert text_key(split_words("A  small, cyst.")) == text_key(split_words("a small cyst"))


def test_a_signature_estimates_how_many_words_are_shared():
    words = [f"w{n}" for n in range(300)]
    for shared in (300, 240, 150, 30):
        other = words[:shared] + [f"v{n}" for n in range(300 - shared)]
        truth = (2 * shared - 1) / (2 * 599 - 2 * shared + 1) if shared < 300 else 1.0
        assert (sign_text(words) == sign_text(other)).mean() == pytest.approx(truth, abs=0.2)


def test_near_texts_are_found_in_one_list_and_between_two():
    said = [
        f"the patient number {n} has a mass of {n * 7} mm in segment {n % 8} of the liver on the scan"
        for n in range(40)
    ]
    changed = said[5].replace("scan", "picture")
    mine = np.array([sign_text(split_words(text)) for text in [*said[:3], changed, said[5]]])
    pairs = {(i, j) for one, two, _ in find_near_texts(mine, None, 0.7) for i, j in zip(one, two, strict=True)}
    assert (3, 4) in pairs and all(i < j for i, j in pairs)
    every = [(i, j) for one, two, _ in find_near_texts(mine, None, 0.0) for i, j in zip(one, two, strict=True)]
    assert len(every) == len(set(every))
    other = np.array([sign_text(split_words("is this an entirely different question about the kidney")), mine[4]])
    across = {(i, j) for one, two, _ in find_near_texts(other, mine, 0.7) for i, j in zip(one, two, strict=True)}
    assert (1, 4) in across and not any(i == 0 for i, _ in across)


@pytest.mark.slow
def test_a_million_fingerprints_in_flat_memory_and_under_two_minutes():
    code = (
        "import resource, time, numpy as np\n"
        "from gmai.corpus import find_pairs\n"
        "chance = np.random.default_rng(0)\n"
        "mine = np.unique(chance.integers(0, 1 << 63, 1_000_000, dtype=np.uint64))\n"
        "mine = np.unique(np.append(mine, mine[:1000] ^ np.uint64(7)))\n"
        "before, start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.monotonic()\n"
        "found = sum(len(pairs.first) for pairs in find_pairs(mine, 3))\n"
        "print(found, time.monotonic() - start, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)\n"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    found, seconds, mib = result.stdout.split()
    assert int(found) >= 1000 and float(seconds) < 120 and int(mib) < 2048


def test_a_crowd_can_be_cut_short():
    crowd = np.uint64(1 << 40) + np.arange(3000, dtype=np.uint64) % np.uint64(4)
    every = sum(len(pairs.first) for pairs in find_pairs(crowd[:1000], 2))
    few = told(find_pairs(crowd[:1000], 2, most=5))
    assert every == 1000 * 999 // 2 and 0 < len(few) < 1000 * 5 * 10
    assert 0 < len(told(find_matches(crowd, crowd, 2, most=5))) < 3000 * 5 * 10


def test_roots_of_many_are_those_of_each():
    chance = np.random.default_rng(0)
    together = UnionFind(500)
    for one, other in chance.integers(0, 500, (300, 2)).tolist():
        together.join(one, other)
    assert together.roots(np.arange(500)).tolist() == [together.root(item) for item in range(500)]
    groups = together.groups()
    assert all(together.root(item) == root == min(items) for root, items in groups.items() for item in items)
    assert all(len(items) > 1 for items in groups.values())
