"""Samples and conversations made of the rows of others."""

import re
from typing import cast, get_args

from gmai.base import hash_bytes
from gmai.corpus.imports.foreign import ForeignRow, ImportConfig, Named, PictureFolder, PictureTools, Subset
from gmai.corpus.imports.restored import turn_of
from gmai.corpus.store import StoredSample
from gmai.types import Conversation, ImageRef, Provenance, Sample, Step

_CHINESE = re.compile(r"[\u4e00-\u9fff]")


class Maker:
    """Makes samples and conversations; what a row does not say comes from the config."""

    def __init__(self, config: ImportConfig, tools: PictureTools, folder: PictureFolder) -> None:
        self._config = config
        self._tools = tools
        self._folder = folder

    def name_sample(self, row: ForeignRow) -> str:
        """Id of the sample a row is about: by its pictures' names, or by its place if it has none; never by a label."""
        names = "\n".join(picture.name for picture in row.pictures) or row.where
        return f"{self._source(row)}/{hash_bytes(names.encode('utf-8', 'surrogatepass'))[:16]}"

    def make_sample(self, row: ForeignRow, name: str) -> StoredSample:
        """The sample with its pictures, clean of metadata.

        Raises:
            ImageError: a picture is not there or not whole.
        """
        config = self._config
        images, data, steps = [], [], [Step(name="import", parameters={"format": config.format, "row": row.where})]
        for place, picture in enumerate(row.pictures):
            image, encoded, told = self._picture(row, picture)
            images.append(image)
            data.append(encoded)
            own = {"image": place} if len(row.pictures) > 1 else {}
            steps += [Step(name=step.name, version=step.version, parameters=step.parameters | own) for step in told]
        source = self._source(row)
        sample = Sample(
            id=name,
            source=source,
            subject=name.removeprefix(f"{source}/"),
            modality=self._modality(row),
            department=row.told.get("department") or config.department,
            provenance=Provenance(
                source=source,
                licence=row.told.get("licence") or config.licence,
                original_id=row.id or row.where,
                steps=tuple(steps),
            ),
            images=tuple(images),
            annotations=row.annotations,
            language=self._language(row),
        )
        return StoredSample(sample=sample, pictures=tuple(data))

    def make_conversation(self, row: ForeignRow, sample: str) -> Conversation:
        """The conversation of a row."""
        subset = self._subset(row)
        return Conversation(
            id=f"{sample}#{row.where}",
            sample=sample,
            source=self._source(row),
            subset=subset,
            kind=row.told.get("kind") or subset,
            task=row.told.get("task", ""),
            modality=self._modality(row),
            department=row.told.get("department") or self._config.department,
            turns=tuple(turn_of(role, text, row.where) for role, text in row.turns),
            language=self._language(row),
            template=f"import:{self._config.format}",
        )

    def _picture(self, row: ForeignRow, picture: Named) -> tuple[ImageRef, bytes, tuple[Step, ...]]:
        data = self._folder.read(picture.name) if picture.data is None else picture.data
        read = self._tools.read(data, picture.name)
        encoded = read.encoded()
        image = ImageRef(
            uri=picture.name,
            kind="raster",
            width=read.size[0],
            height=read.size[1],
            modality=self._modality(row),
            sha256=read.sha256,
            asset=hash_bytes(encoded),
            phash=self._tools.fingerprint(encoded),
        )
        return image, encoded, read.steps

    def _source(self, row: ForeignRow) -> str:
        return re.sub(r"[^\w.-]+", "-", row.told.get("source") or self._config.source).strip("-.") or "imported"

    def _modality(self, row: ForeignRow) -> str:
        raw = row.told.get("modality")
        if raw is None:
            return self._config.modality if row.pictures else "Text"
        return self._config.modalities.get(raw, raw)

    def _subset(self, row: ForeignRow) -> Subset:
        found = row.told.get("subset", "instruct")
        if not row.pictures:
            return "text"
        return cast(Subset, found) if found in get_args(Subset) and found != "text" else "instruct"

    def _language(self, row: ForeignRow) -> str:
        chinese = any(_CHINESE.search(text) for _, text in row.turns)
        return row.told.get("language") or ("zh" if chinese else "en")
