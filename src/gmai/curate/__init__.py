"""Order in a corpus: duplicates, audits, looking at samples, and what people say of them."""

from gmai.curate.audit import AuditConfig, audit_corpus
from gmai.curate.config import Likeness
from gmai.curate.dedup import DedupConfig, dedup_corpus
from gmai.curate.fingerprint import FingerprintConfig, fingerprint
from gmai.curate.hit import Hit

__all__ = [
    "AuditConfig",
    "DedupConfig",
    "FingerprintConfig",
    "Hit",
    "Likeness",
    "audit_corpus",
    "dedup_corpus",
    "fingerprint",
]
