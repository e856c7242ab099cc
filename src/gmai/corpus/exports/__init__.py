"""Exports of a corpus to the formats of trainers: one file a format, by :data:`EXPORTS`."""

from gmai.corpus.exports.config import ExportConfig, ExportFormat
from gmai.corpus.exports.job import EXPORTS, export_corpus

__all__ = ["EXPORTS", "ExportConfig", "ExportFormat", "export_corpus"]
