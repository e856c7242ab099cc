"""Identifiers leave a reader only as hashes under a secret key: the same for the same key, not to be guessed back."""

import hashlib
from functools import lru_cache

from gmai.base import environment

KEY_VARIABLE = "GMAI_DEID_KEY"
"""Environment variable that holds the key; without it the hashes are the same everywhere, and guessable."""
MOST_DAYS = 3650
"""Dates move back by one day to so many, the same for all dates of a subject."""


def keyed_hash(*parts: str) -> str:
    """Hash identifiers under the secret key: 16 hex digits, the same for the same key."""
    return _keyed(8, *parts).hex()


def keyed_uid(uid: str) -> str:
    """A valid DICOM UID (of the form 2.25) in place of another: the same for the same UID and key."""
    return f"2.25.{int.from_bytes(_keyed(16, 'uid', uid), 'big')}"


def keyed_days(subject: str) -> int:
    """By how many days the dates of a subject move back: 1 to ``MOST_DAYS``."""
    return 1 + int.from_bytes(_keyed(8, "days", subject), "big") % MOST_DAYS


def has_key() -> bool:
    """True if a secret key is set."""
    return bool(environment(KEY_VARIABLE))


def key_fingerprint() -> str:
    """A hash that tells two keys apart without giving either away."""
    return keyed_hash("fingerprint")


def _keyed(size: int, *parts: str) -> bytes:
    text = "\x1f".join(parts).encode("utf-8", "surrogateescape")
    return hashlib.blake2b(text, digest_size=size, key=_key(environment(KEY_VARIABLE))).digest()


@lru_cache(maxsize=4)
def _key(secret: str) -> bytes:
    return hashlib.blake2b(secret.encode("utf-8", "surrogateescape"), digest_size=32).digest()
