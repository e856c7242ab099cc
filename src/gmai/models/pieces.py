"""SentencePiece models (``tokenizer.model``) read without the library: pieces, their merging, how text is prepared."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gmai.errors import ModelError

_BPE = 2
_UNKNOWN, _CONTROL, _USER = 2, 3, 4
_BLANK = "▁"
Field = tuple[int, int | bytes]


@dataclass(frozen=True)
class Pieces:
    """A SentencePiece model of byte pairs."""

    pieces: tuple[tuple[str, float, int], ...]
    """Text, score and kind (1 normal, 2 unknown, 3 control, 4 given by the user, 6 byte), by number."""
    prefix: bool
    """Text begins with a blank that is not there."""
    squeeze: bool
    """Runs of blanks become one, those at the ends none."""
    charsmap: bytes
    """How signs are replaced before all else, in the library's own form; empty for not at all."""

    def special(self) -> list[tuple[int, str]]:
        """Number and text of pieces that are never found inside a text."""
        return [(number, text) for number, (text, _, kind) in enumerate(self.pieces) if kind in (_UNKNOWN, _CONTROL)]

    def given(self) -> list[str]:
        """Pieces of the user's: found whole, before all others."""
        return [text for text, _, kind in self.pieces if kind == _USER]


def read_pieces(path: Path) -> Pieces:
    """Read a ``tokenizer.model``.

    Raises:
        ModelError: another kind of file, cut short, or a model that is not of byte pairs.
    """
    pieces, prefix, squeeze, charsmap, kind = [], True, True, b"", 1
    try:
        for number, value in _fields(path.read_bytes()):
            if number == 1:
                pieces.append(_piece(_whole(value)))
            elif number == 2:
                kind = int(dict(_fields(_whole(value))).get(3, 1))
            elif number == 3:
                norm = dict(_fields(_whole(value)))
                prefix, squeeze = bool(norm.get(3, 1)), bool(norm.get(4, 1))
                charsmap = _whole(norm.get(2, b""))
    except (ValueError, IndexError, struct.error, UnicodeDecodeError) as error:
        raise ModelError(f"no SentencePiece model: {error}", where=str(path), reason="model.tokenizer") from None
    if kind != _BPE or not pieces:
        raise ModelError("no SentencePiece model of byte pairs", where=str(path), reason="model.tokenizer")
    return Pieces(tuple(pieces), prefix, squeeze, charsmap)


def build_backend(found: Pieces) -> Any:
    """A ``tokenizers.Tokenizer`` that spells text as the SentencePiece library does."""
    from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers

    vocabulary = {text: number for number, (text, _, _) in enumerate(found.pieces)}
    unknown = next((text for text, _, kind in found.pieces if kind == _UNKNOWN), None)
    backend = Tokenizer(
        models.BPE(vocabulary, _merges(found, vocabulary), unk_token=unknown, fuse_unk=True, byte_fallback=True)
    )
    steps: list[Any] = [normalizers.Precompiled(found.charsmap)] if found.charsmap else []
    if found.squeeze:
        steps += [normalizers.Strip(), normalizers.Replace(Regex(" {2,}"), " ")]
    steps += [normalizers.Prepend(_BLANK)] if found.prefix else []
    backend.normalizer = normalizers.Sequence([*steps, normalizers.Replace(" ", _BLANK)])
    back: list[Any] = [decoders.Replace(_BLANK, " "), decoders.ByteFallback(), decoders.Fuse()]
    backend.decoder = decoders.Sequence([*back, *([decoders.Strip(" ", 1, 0)] if found.prefix else [])])
    backend.add_special_tokens([AddedToken(text, normalized=False, special=True) for _, text in found.special()])
    backend.add_tokens([AddedToken(text, normalized=False) for text in found.given()])
    return backend


def _merges(found: Pieces, vocabulary: dict[str, int]) -> list[tuple[str, str]]:
    """Pairs that make a piece, best score first; pieces that no text can be merged into make none."""
    made: list[tuple[float, int, str, str]] = []
    plain = {text: number for text, number in vocabulary.items() if found.pieces[number][2] == 1}
    for text, number in plain.items():
        pairs = ((text[:cut], text[cut:]) for cut in range(1, len(text)))
        made += [(-found.pieces[number][1], number, one, two) for one, two in pairs if one in plain and two in plain]
    return [(one, two) for *_, one, two in sorted(made, key=lambda pair: pair[:2])]


def _piece(data: bytes) -> tuple[str, float, int]:
    values = dict(_fields(data))
    score = struct.unpack("<f", _whole(values[2]))[0] if 2 in values else 0.0
    return _whole(values.get(1, b"")).decode(), score, int(values.get(3, 1))


def _whole(value: int | bytes) -> bytes:
    if not isinstance(value, bytes):
        raise ValueError("a number stands where bytes belong")
    return value


def _fields(data: bytes) -> Iterator[Field]:
    """Numbered fields of a protocol buffer; no length is believed beyond the end of the data."""
    place = 0
    while place < len(data):
        tag, place = _varint(data, place)
        number, kind = tag >> 3, tag & 7
        if kind == 0:
            value, place = _varint(data, place)
            yield number, value
            continue
        length, place = _varint(data, place) if kind == 2 else ({1: 8, 5: 4}.get(kind, -1), place)
        if length < 0 or place + length > len(data):
            raise ValueError(f"a field at byte {place} does not fit")
        yield number, data[place : place + length]
        place += length


def _varint(data: bytes, place: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        byte = data[place]
        place += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, place
    raise ValueError(f"a number at byte {place} has no end")
