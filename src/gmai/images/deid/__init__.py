"""De-identification: hashes under a secret key, and headers reduced to what research needs."""

from gmai.images.deid.keys import KEY_VARIABLE, has_key, key_fingerprint, keyed_days, keyed_hash, keyed_uid

__all__ = ["KEY_VARIABLE", "has_key", "key_fingerprint", "keyed_days", "keyed_hash", "keyed_uid"]
