"""Counts are those of the records that went in."""

from gmai.base import read_json
from gmai.corpus import SplitConfig, StatsConfig, corpus_stats, split_corpus


def test_counts(corpus, tmp_path):
    split_corpus(SplitConfig(corpus=corpus))
    stats = corpus_stats(StatsConfig(corpus=corpus, out=tmp_path / "stats"))
    assert stats["totals"] == {
        **{"samples": 160, "subjects": 80, "images": 160, "annotations": 320},
        **{"conversations": 160, "turns": 320, "facts": 160},
    }
    assert stats["samples"]["source"] == {"aaa": 150, "bbb": 10}
    assert stats["samples"]["licence"] == {"MIT": 160}
    assert sum(stats["samples"]["split"].values()) == 160
    assert stats["labels"] == {"cyst": 160, "stone": 160} and stats["annotations"] == {"box": 160, "label": 160}
    assert stats["conversations"]["granularity"] == {"image": 160}
    row = {"modality": "CT", "department": "Urology", "task": "Disease Diagnosis", "count": 160}
    assert stats["sunburst"] == [row]
    assert stats["image_sizes"] == [{"width": 12, "height": 8, "count": 160}]
    assert stats["text_words"]["user"] == {"p5": 3.0, "p50": 3.0, "p95": 3.0, "counts": {"3": 160}}
    assert read_json(tmp_path / "stats/stats.json") == stats
    assert corpus_stats(StatsConfig(corpus=corpus, out=tmp_path / "stats")) == stats
