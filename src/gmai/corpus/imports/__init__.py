"""Imports of what others wrote into a corpus: one file a format, by :data:`IMPORTS`."""

from gmai.corpus.imports.foreign import ImportConfig, ImportFormat, PictureTools
from gmai.corpus.imports.job import IMPORTS, import_corpus

__all__ = ["IMPORTS", "ImportConfig", "ImportFormat", "PictureTools", "import_corpus"]
