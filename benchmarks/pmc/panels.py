"""``python -m benchmarks pmc panels --data FOLDER``: panels found beside boxes of others, hand labels and made figures.

FOLDER holds ``vqa/pmc_mi_bench`` with ``panels.json`` (crops of another detector: recall alone can be measured) and
single pictures; the hand labels are those of ``tests/pmc/panels_hand``. Detectors: ours and fixed grids.
"""

import argparse
import json
import time
from pathlib import Path

import cv2
import numpy as np

from gmai.pmc.panels import find_panels
from gmai.pmc.panels.agreement import drop_ignored, find_interval, pair_boxes, score_separation
from gmai.pmc.panels.figures import make_figure, make_single
from gmai.pmc.panels.layouts import cut_evenly

HAND = Path(__file__).parents[2] / "tests/pmc/panels_hand"
SINGLES = (
    "classification/skimage_bundled/*.[pj]*g",
    "vqa/vqa_rad/**/*.jpg",
    "detection/bccd_voc/BCCD/JPEGImages/*.jpg",
    "segmentation/covid_cxr_segmentations/images/*",
    "segmentation/dsb2018_nuclei/stage1_train/*/images/*.png",
)


def ours(picture):
    return [panel.box for panel in find_panels(picture)]


def whole(picture):
    return [(0, 0, picture.shape[1], picture.shape[0])]


def grid(rows, columns):
    def find(picture):
        box = whole(picture)[0]
        return [cell for row in cut_evenly(box, 1, rows, 0) for cell in cut_evenly(row, 0, columns, 0)]

    return find


DETECTORS = {"ours": ours, "whole figure": whole, "grid 2x2": grid(2, 2), "grid 2x3": grid(2, 3)}


def read(path):
    picture = cv2.imread(str(path), cv2.IMREAD_COLOR) if path.exists() else None
    return None if picture is None else np.ascontiguousarray(picture[..., ::-1])


def show(name, counts):
    mean, low, high = find_interval(counts)
    print(f"  {name:34} {mean:.3f} ({low:.3f} to {high:.3f})")


def measure_recall(data, find):
    folder = data / "vqa/pmc_mi_bench"
    told = json.loads((folder / "panels.json").read_text())
    rows, num = {0.5: [], 0.7: []}, []
    for name, entry in sorted(told.items()):
        found = find(read(folder / "benchmark_images" / name))
        true = [tuple(box["xyxy"]) for box in entry["boxes"]]
        num.append((len(found), 1))
        for least, counts in rows.items():
            counts.append((len(pair_boxes(true, found, least)), len(true)))
    for least, counts in rows.items():
        show(f"crops: recall at {least}", counts)
    show("crops: panels a figure", num)


def measure_hand(data, find, level="image", verbose=False):
    recall, precision, exact, separated, every = {0.5: [], 0.7: []}, [], [], [], []
    for file in sorted(HAND.glob("*.json")):
        told = json.loads(file.read_text())
        picture = read(data / "vqa/pmc_mi_bench/benchmark_images" / told["file"])
        if picture is None:
            continue
        true = [tuple(panel["box"]) for panel in told[level]]
        ignored = [tuple(each["box"] if isinstance(each, dict) else each) for each in told.get("ignore", [])]
        found = drop_ignored(find(picture), ignored)
        for least, counts in recall.items():
            counts.append((len(pair_boxes(true, found, least)), len(true)))
        precision.append((recall[0.5][-1][0], len(found)))
        exact.append((len(found) == len(true), 1))
        separated.append((score_separation(true, found), 1))
        every.append((len(found), len(true)))
        if verbose:
            print(f"    {file.stem:45} true {len(true):3} found {len(found):3} paired {recall[0.7][-1][0]:3}")
    for least, counts in recall.items():
        show(f"hand, {level}: recall at {least}", counts)
    show(f"hand, {level}: precision at 0.5", precision)
    show(f"hand, {level}: exact count", exact)
    show(f"hand, {level}: separation", separated)
    show(f"hand, {level}: found per true", every)


def measure_made(part, num, find):
    groups = {"all": [], "no gutter": [], "uneven": []}
    for number in range(num):
        figure = make_figure(part, number)
        score = score_separation([panel.box for panel in figure.images], find(figure.pixels_HWC))
        for group, holds in (("all", True), ("no gutter", figure.gutter_px == 0), ("uneven", figure.plan != "grid")):
            if holds:
                groups[group].append((score, 1))
    for group, counts in groups.items():
        show(f"made, {part}, {group} ({len(counts)})", counts)
    show(f"made, {part}: singles cut", [(len(find(make_single(part, number))) > 1, 1) for number in range(num)])


def measure_singles(data, find, verbose=False):
    cut, seconds = [], []
    for pattern in SINGLES:
        for path in sorted(data.glob(pattern))[:40]:
            picture = read(path)
            start = time.process_time()
            num = len(find(picture))
            seconds.append(time.process_time() - start)
            cut.append((num > 1, 1))
            if verbose and num > 1:
                print(f"    {path.name} {num}")
    show(f"single pictures cut (of {len(cut)})", cut)


def measure_speed(data, find):
    pictures = [read(path) for path in sorted((data / "vqa/pmc_mi_bench/benchmark_images").glob("*.jpg")) if path]
    start = time.process_time()
    for picture in pictures:
        find(picture)
    print(f"  milliseconds a picture             {1000 * (time.process_time() - start) / len(pictures):.1f}")


def main(arguments):
    parser = argparse.ArgumentParser(prog="python -m benchmarks pmc panels", description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--detectors", nargs="*", default=list(DETECTORS), choices=list(DETECTORS))
    parser.add_argument("--made", type=int, default=200, help="made figures")
    parser.add_argument("--part", default="held-out", choices=["tuning", "held-out"])
    parser.add_argument("--verbose", action="store_true")
    options = parser.parse_args(arguments)
    cv2.setNumThreads(1)
    for name in options.detectors:
        find = DETECTORS[name]
        print(name)
        measure_recall(options.data, find)
        for level in ("image", "lettered"):
            measure_hand(options.data, find, level, options.verbose)
        measure_made(options.part, options.made, find)
        measure_singles(options.data, find, options.verbose)
        measure_speed(options.data, find)
