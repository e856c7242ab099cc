"""Order in a corpus: duplicates, audits, looking at samples, and what people say of them."""

from gmai.curate.agreement import Agreement, AgreementReport, compare_reviews, find_kappa
from gmai.curate.audit import AuditConfig, audit_corpus
from gmai.curate.config import Likeness
from gmai.curate.dedup import DedupConfig, dedup_corpus
from gmai.curate.fingerprint import FingerprintConfig, fingerprint
from gmai.curate.hit import Hit
from gmai.curate.prints import VARIANTS, compare_thumbs, print_picture
from gmai.curate.review import ReviewConfig, write_review_sheet
from gmai.curate.show import show_sample
from gmai.curate.stats_page import stats_page

__all__ = [
    "Agreement",
    "AgreementReport",
    "AuditConfig",
    "DedupConfig",
    "FingerprintConfig",
    "Hit",
    "Likeness",
    "ReviewConfig",
    "VARIANTS",
    "audit_corpus",
    "compare_reviews",
    "compare_thumbs",
    "dedup_corpus",
    "find_kappa",
    "fingerprint",
    "print_picture",
    "show_sample",
    "stats_page",
    "write_review_sheet",
]
