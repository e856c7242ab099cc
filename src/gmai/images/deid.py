"""Identifiers leave a reader only as hashes under a secret key: the same for the same key, not to be guessed back."""

import hashlib
from functools import lru_cache

from gmai.base import environment

KEY_VARIABLE = "GMAI_DEID_KEY"
"""Environment variable that holds the key; without it the hashes are the same everywhere, and guessable."""


def keyed_hash(*parts: str) -> str:
    """Hash identifiers under the secret key: 16 hex digits, the same for the same key."""
    text = "\x1f".join(parts).encode()
    return hashlib.blake2b(text, digest_size=8, key=_key()).hexdigest()


@lru_cache(maxsize=1)
def _key() -> bytes:
    return hashlib.blake2b(environment(KEY_VARIABLE).encode(), digest_size=32).digest()


def key_fingerprint() -> str:
    """A hash that tells two keys apart without giving either away."""
    return keyed_hash("fingerprint")
