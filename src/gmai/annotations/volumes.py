"""Volumes with NIfTI label maps: NIfTI images paired by name, or DICOM series paired by folder and checked by place."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from gmai.annotations.item import AnnotatedItem, Format, LookAt, Match, RegionFile, reject_units, unannotated
from gmai.annotations.paths import check_found, fill_template, list_files, parent, stem
from gmai.annotations.series import Series, group_series
from gmai.base import from_dict
from gmai.errors import CardError
from gmai.types import Reject, SourceCard, record

PAIR = {"pair": 1}


@record
class VolumeOptions:
    """Where images and label maps are.

    In ``labels``, ``{stem}`` stands for the image's file name without ending, ``{folder}`` for the name of the folder
    that holds a series.
    """

    images: str | None = None
    """Glob of the NIfTI images."""
    series: str | None = None
    """Glob of the DICOM files, where images are series."""
    labels: str = "labels/{stem}.nii.gz"
    ignore: tuple[int, ...] = ()
    """Values of label maps that are no region, beside 0."""


def read(folder: Path, card: SourceCard, look: LookAt) -> Iterator[AnnotatedItem | Reject]:
    """Yield one item per pair; an image without label map, or a label map without image, is a reject of its pair."""
    options = from_dict(VolumeOptions, card.options, where=f"card {card.name}: options", error=CardError)
    if (options.images is None) == (options.series is None):
        raise CardError("give either images or series", where=f"card {card.name}: options")
    used: set[str] = set()
    for item in _volumes(folder, card, options, look):
        if isinstance(item, Reject):
            yield item
            continue
        label_map, shown = item.regions[0].path, item.shown[0] if item.shown else item.files[0]
        if (folder / label_map).is_file():
            used.add(label_map)
            yield item
        else:
            yield from unannotated(replace(item, regions=()), card, f"no label map for {shown}")
    for path in list_files(folder, fill_template(options.labels, stem="*", folder="*")):
        if path not in used:
            yield from reject_units(
                path, PAIR, "image.missing", "no image, or none that can be read, for the label map"
            )


def _volumes(folder: Path, card: SourceCard, options: VolumeOptions, look: LookAt) -> Iterator[AnnotatedItem | Reject]:
    if options.images is not None:
        for path in check_found(card, options.images, list_files(folder, options.images), folder):
            label_map = fill_template(options.labels, stem=stem(path), folder=parent(path).rpartition("/")[2])
            yield AnnotatedItem(
                id=path,
                kind="volume",
                files=(path,),
                regions=(RegionFile(path=label_map, ignore=options.ignore),),
                units=PAIR,
            )
        return
    pattern = str(options.series)
    for found in group_series(check_found(card, pattern, list_files(folder, pattern), folder), look):
        if isinstance(found, Series):
            yield _series_item(found, options)
        else:
            yield found


def _series_item(series: Series, options: VolumeOptions) -> AnnotatedItem:
    home = parent(series.files[0]).rpartition("/")[2]
    label_map = fill_template(options.labels, stem=stem(series.files[0]), folder=home)
    hidden = series.shown[0] != series.files[0]
    return series.item(
        regions=(
            RegionFile(path=label_map, ignore=options.ignore, shown=f"{series.shown[0]}#label_map" if hidden else None),
        ),
        units={"pair": 1, "image": len(series.files)},
    )


def detect(folder: Path) -> Match | None:
    """NIfTI files of equal names in a folder of images and one of labels."""
    for images, labels in (("images", "labels"), ("imagesTr", "labelsTr")):
        for path in list_files(folder, f"{images}/*.nii.gz")[:1]:
            template = f"{labels}/{{stem}}.nii.gz"
            if (folder / template.format(stem=stem(path))).is_file():
                options = {"images": f"{images}/*.nii.gz", "labels": template}
                return Match(format="volumes", options=options, evidence=path)
    return None


FORMAT = Format(read=read, options=VolumeOptions, detect=detect)
