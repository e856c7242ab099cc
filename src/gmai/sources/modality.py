"""What modality a picture is of: as its own source says it, in the lexicon's words, or as the card says."""

from functools import cache

from gmai.lexicon import read_lexicon
from gmai.types import SourceCard

DICOM_MODALITIES = {
    **{"CT": "CT", "MR": "MRI", "US": "UltraSound", "CR": "X-ray", "DX": "X-ray", "RG": "X-ray", "PX": "X-ray"},
    **{"IO": "X-ray", "MG": "Mammography", "PT": "PET", "NM": "SPECT", "XA": "Angiography", "RF": "Fluoroscopy"},
    **{"OP": "Fundus Photography", "OPT": "OCT", "SM": "Histopathology", "GM": "Microscopy", "ES": "Endoscopy"},
    **{"XC": "Clinical Photography", "IVOCT": "OCT", "IVUS": "UltraSound", "BMD": "X-ray", "DMS": "Dermoscopy"},
}
"""DICOM's code of a modality to that of the lexicon."""


def find_modality(said: str | None, card: SourceCard) -> str | None:
    """The modality of a picture; None where what its source says is not understood.

    What the card's ``modalities`` say holds first. A code of DICOM of the family of the card's modality is the card's
    (MR under ``T1 MRI``); a name of the lexicon is itself, whatever its case.

    Args:
        said: modality as the source spells it for this picture, if it does.
        card: of the source.
    """
    if said is None:
        return card.modality
    if said in card.modalities:
        return card.modalities[said]
    families = _families()
    code = DICOM_MODALITIES.get(said)
    if code is not None and families[code] == families.get(card.modality):
        return card.modality
    return _names().get(said.strip().casefold())


@cache
def _families() -> dict[str, str]:
    lexicon = read_lexicon()
    return {**lexicon.modalities, **lexicon.other_modalities}


@cache
def _names() -> dict[str, str]:
    return {name.casefold(): name for name in _families()}
