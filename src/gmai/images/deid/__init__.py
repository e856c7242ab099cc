"""De-identification: hashes under a secret key, and files of every kind reduced to what research needs."""

from gmai.images.deid.keep import is_plain_word
from gmai.images.deid.keys import KEY_VARIABLE, has_key, key_fingerprint, keyed_days, keyed_hash, keyed_uid
from gmai.images.deid.kinds import CLEANERS, clean_packed_dicom, find_clean_kind
from gmai.images.deid.result import Cleaned

__all__ = [
    "CLEANERS",
    "Cleaned",
    "KEY_VARIABLE",
    "clean_packed_dicom",
    "find_clean_kind",
    "has_key",
    "is_plain_word",
    "key_fingerprint",
    "keyed_days",
    "keyed_hash",
    "keyed_uid",
]
