"""A small corpus: two sources, subjects with several samples, two subjects that show one picture."""

from pathlib import Path

import pytest
from corpus_files import make_corpus, make_sample

from gmai.corpus import StoredSample


@pytest.fixture
def small() -> dict[str, list[StoredSample]]:
    """Samples 0-149 of ``aaa`` (75 subjects; p0 and p74 show one picture), 0-9 of ``bbb``."""
    first = [make_sample("aaa", number, shade=number) for number in range(149)]
    return {
        "aaa": [*first, make_sample("aaa", 149, shade=0)],
        "bbb": [make_sample("bbb", n, shade=200 + n) for n in range(10)],
    }


@pytest.fixture
def corpus(tmp_path: Path, small: dict[str, list[StoredSample]]) -> Path:
    return make_corpus(tmp_path / "corpus", small)
