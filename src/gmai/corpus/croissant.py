"""Croissant 1.0 metadata of a corpus (mlcommons.org/croissant): what its files and columns are, for machines."""

from collections.abc import Iterator, Sequence
from typing import Any

import pyarrow as pa

from gmai.corpus.store import CONVERSATION_SCHEMA, CONVERSATIONS, SAMPLE_SCHEMA, SAMPLES
from gmai.corpus.survey import Survey

_TERMS = (
    *("citeAs", "column", "data", "dataType", "examples", "extract", "field", "fileProperty", "fileObject", "fileSet"),
    *(
        "equivalentProperty",
        "format",
        "includes",
        "isLiveDataset",
        "jsonPath",
        "key",
        "md5",
        "parentField",
        "path",
        "recordSet",
    ),
    *("references", "regex", "repeated", "replace", "samplingRate", "separator", "source", "subField", "transform"),
)
"""Terms of the Croissant vocabulary that its standard context names."""
_TYPES = {"data": {"@id": "cr:data", "@type": "@json"}, "examples": {"@id": "cr:examples", "@type": "@json"}}
CONTEXT: dict[str, Any] = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    **{term: _TYPES.get(term, f"cr:{term}") for term in _TERMS},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "dct": "http://purl.org/dc/terms/",
    "sc": "https://schema.org/",
}
_SAMPLE_TEXT = {
    "id": "unique name of the sample",
    "source": "the data set it comes from",
    "subject": "what must not be split between training and test",
    "modality": "imaging modality",
    "department": "clinical department",
    "language": "language of the source",
    "record": "the whole record as JSON: annotations, provenance, licence",
}
_TALK_TEXT = {
    "id": "unique name of the conversation",
    "sample": "id of the sample it is about",
    "subset": "caption, percept, instruct or text",
    "kind": "kind of question",
    "task": "clinical task",
    "granularity": "what of the picture is looked at",
    "answer": "the answer, where there is one",
    "record": "the whole record as JSON: turns, view and the facts they rest on",
}


def croissant(survey: Survey) -> dict[str, Any]:
    """The metadata of a corpus with these contents, as JSON-LD."""
    from gmai import __version__

    citations = [str(card["citation"]) for _, card in sorted(survey.cards.items()) if card.get("citation")]
    return {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": ["http://mlcommons.org/croissant/1.0", "http://mlcommons.org/croissant/RAI/1.0"],
        "name": "medical-image-text-corpus",
        "description": f"{survey.conversations} conversations about {survey.samples} samples with {survey.images} "
        f"pictures, from {', '.join(sorted(survey.sources))}. Made by gmai {__version__}.",
        "license": [_licence_url(name) for name in sorted(survey.licences)],
        "url": "./",
        "version": __version__,
        "citeAs": " ".join(citations) or "See README.md",
        "inLanguage": sorted(survey.axes["language"]),
        "keywords": ["medical", *sorted(name for name in survey.axes["modality"] if name)],
        "isLiveDataset": False,
        "rai:dataCollection": "Read from the sources named in README.md, each by its card.",
        "rai:dataAnnotationProtocol": "Annotations are those of the sources; each keeps a pointer to its record.",
        "rai:dataPreprocessingProtocol": "Every step done to pixels is told in the column record of samples.",
        "rai:personalSensitiveInformation": "Pictures of patients; headers of medical files are left out and "
        "identifiers are replaced by keyed hashes.",
        "rai:dataLimitations": "Statements are no better than the annotations of the sources. No medical device.",
        "distribution": [_file_set(SAMPLES), _file_set(CONVERSATIONS)],
        "recordSet": [
            _record_set(SAMPLES, [*_text_fields(SAMPLES, SAMPLE_SCHEMA, _SAMPLE_TEXT), _pictures()]),
            _record_set(CONVERSATIONS, [*_text_fields(CONVERSATIONS, CONVERSATION_SCHEMA, _TALK_TEXT), _messages()]),
        ],
    }


def _licence_url(name: str) -> str:
    plain = not name.startswith("LicenseRef-") and name not in {"", "unknown"} and " " not in name
    return f"https://spdx.org/licenses/{name}.html" if plain else name or "unknown"


def _file_set(name: str) -> dict[str, Any]:
    return {
        "@type": "cr:FileSet",
        "@id": f"{name}-files",
        "name": f"{name}-files",
        "description": f"The {name}, in Parquet; manifest.json has the SHA-256 of every file.",
        "encodingFormat": "application/x-parquet",
        "includes": f"{name}/*.parquet",
    }


def _record_set(name: str, fields: Sequence[dict[str, Any]]) -> dict[str, Any]:
    key = {"@id": f"{name}/id"}
    return {"@type": "cr:RecordSet", "@id": name, "name": name, "key": key, "field": list(fields)}


def _text_fields(name: str, schema: pa.Schema, told: dict[str, str]) -> Iterator[dict[str, Any]]:
    for column in schema:
        if column.type == pa.string():
            found = _field(f"{name}/{column.name}", told.get(column.name, column.name), "sc:Text", name, column.name)
            if (name, column.name) == (CONVERSATIONS, "sample"):
                found["references"] = {"field": {"@id": f"{SAMPLES}/id"}}
            yield found


def _pictures() -> dict[str, Any]:
    field = _field(f"{SAMPLES}/images", "the pictures, each with its bytes", "sc:ImageObject", SAMPLES, "images")
    source = {**field["source"], "transform": {"jsonPath": "[*].bytes"}}
    return {**field, "source": source, "repeated": True}


def _messages() -> dict[str, Any]:
    told = "what is said in turn, the user first; column messages has role and content"
    field = _field(f"{CONVERSATIONS}/messages", told, "sc:Text", CONVERSATIONS, "messages")
    source = {**field["source"], "transform": {"jsonPath": "[*].content"}}
    return {**field, "source": source, "repeated": True}


def _field(name: str, description: str, kind: str, files: str, column: str) -> dict[str, Any]:
    source = {"fileSet": {"@id": f"{files}-files"}, "extract": {"column": column}}
    return {
        "@type": "cr:Field",
        "@id": name,
        "name": name,
        "description": description,
        "dataType": kind,
        "source": source,
    }
