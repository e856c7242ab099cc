"""Reads articles in one process, as ours or as pubmed_parser does, and prints seconds and findings as JSON.

Run as a script by ``benchmarks.pmc.parsing``, by the Python that has the reader; needs nothing but that reader.
"""

import json
import resource
import sys
import time


def ours():
    from pathlib import Path

    from gmai.pmc import read_article

    def read(path):
        article = read_article(Path(path))
        return [
            {
                "label": figure.label,
                "caption": " ".join(filter(None, (figure.title, figure.caption))),
                "graphics": list(figure.graphics),
                "passages": sum(len(part.passages) for part in (figure, *figure.translations)),
                "count": 1 + len(figure.translations),
            }
            for figure in article.figures
        ]

    return read


def pubmed_parser():
    import pubmed_parser as peer

    def read(path):
        paragraphs = peer.parse_pubmed_paragraph(path, all_paragraph=False) or []
        figures = peer.parse_pubmed_caption(path) or []
        cited = [rid for each in paragraphs for rid in each["reference_ids"]]
        return [
            {
                "label": (figure["fig_label"] or "").strip().rstrip(".:"),
                "caption": " ".join((figure["fig_caption"] or "").split()),
                "graphics": [figure["graphic_ref"]] if figure["graphic_ref"] else [],
                "passages": cited.count(figure["fig_id"]),
                "count": 1,
            }
            for figure in figures
        ]

    return read


def main(name, listing):
    read = {"ours": ours, "pubmed_parser": pubmed_parser}[name]()
    with open(listing) as file:
        told = json.load(file)
    found, seconds = {}, {}
    for path in told["cases"]:
        try:
            found[path] = read(path)
        except Exception as error:
            found[path] = f"{type(error).__name__}: {error}"[:80]
    for group, paths in told["groups"].items():
        readable = [path for path in paths if path not in told.get("leave", [])]
        for path in paths:
            try:
                found[path] = read(path)
            except Exception as error:
                found[path] = f"{type(error).__name__}: {error}"[:80]
                readable = [each for each in readable if each != path]
        start = time.process_time()
        for path in readable:
            read(path)
        seconds[group] = (time.process_time() - start) / max(len(readable), 1)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    json.dump({"found": found, "seconds": seconds, "peak_mb": peak}, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
