"""The files that mark regions of one volume: what each holds, and a reject for all that cannot be used."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from gmai.annotations import AnnotatedItem, RegionFile, reject, reject_units
from gmai.errors import GmaiError
from gmai.images import Volume, VolumeRegions, read_regions
from gmai.sources.build import without_paths
from gmai.types import Reject, SourceCard, Step


@dataclass
class RegionFiles:
    """What the region files of a volume hold."""

    found: list[tuple[RegionFile, VolumeRegions]] = field(default_factory=list)
    lost: list[Reject] = field(default_factory=list)

    def steps(self) -> Iterator[Step]:
        """What was done to read them, with the file of each."""
        for file, regions in self.found:
            for step in regions.steps:
                yield Step(name=step.name, version=step.version, parameters={"file": file.name, **step.parameters})


def read_region_files(item: AnnotatedItem, root: Path, card: SourceCard, volume: Volume) -> RegionFiles:
    """Read the region files of a volume.

    A file with units of its own that cannot be used costs these units alone; another one costs the item, and so do all
    files together where the card requires annotations.

    Raises:
        ImageError: a file that costs the item, or the first of them all; nothing is told in ``lost`` then.
    """
    files, first = RegionFiles(), None
    for file in item.regions:
        try:
            regions = read_regions(file.kind, root / file.path, volume, file)
        except GmaiError as error:
            if not file.units:
                raise
            first = first or error
            detail = without_paths(str(error), item, root)
            files.lost += reject_units(file.name, file.units, error.reason, detail)
            continue
        files.found.append((file, regions))
        files.lost += [
            reject(file.name, each.reason, each.detail, unit=each.unit, count=each.count) for each in regions.lost
        ]
    if first and not files.found and card.annotations == "required":
        raise first
    return files
