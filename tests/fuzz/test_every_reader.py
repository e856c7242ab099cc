"""Every reader, its files damaged thousands of times: sound, or an error or reject with a reason; nothing else, ever.

No input takes over 5 s or a gigabyte more than the reader needs anyway, none makes a file or opens a connection. A child
process does the work; a decoder that ends it would end a worker of ingest, which goes on without the item.
"""

import pytest
from siege import besiege
from subjects import SUBJECTS

from gmai.annotations import FORMATS

SLICE = 12
MANY = 10_000


def check(name: str, count: int, folder) -> None:
    found = besiege(name, 0, count, folder)
    wrong = {outcome: times for outcome, times in found.items() if outcome.startswith(("BAD", "death"))}
    assert not wrong and found.total() >= count


@pytest.mark.parametrize("name", SUBJECTS)
def test_a_seeded_slice(name, tmp_path):
    check(name, SLICE, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("name", SUBJECTS)
def test_ten_thousand(name, tmp_path):
    check(name, MANY, tmp_path)


def test_every_format_is_attacked():
    attacked = {subject.card["format"] for subject in SUBJECTS.values()}
    assert attacked == set(FORMATS.names())
