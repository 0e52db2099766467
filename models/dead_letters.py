"""Why an input was set aside. The list is closed: every dead letter names one of these."""

from enum import StrEnum


class Reason(StrEnum):
    """Reasons, each with what to do about it in `docs/dead-letters.md`."""

    NOT_JSON = "not_json"
    TOO_LARGE = "too_large"
    TOO_DEEP = "too_deep"
    DUPLICATE_KEY = "duplicate_key"
    UNKNOWN_TYPE = "unknown_type"
    UNSUPPORTED_VERSION = "unsupported_version"
    INVALID = "invalid"
    NOT_ALLOWED = "not_allowed"
    FUTURE_TIMESTAMP = "future_timestamp"
    UNMAPPED = "unmapped"
    UNRESOLVED_IDENTITY = "unresolved_identity"
    DETECTOR_ERROR = "detector_error"
    BAD_JOURNAL_RECORD = "bad_journal_record"
    EXAMPLE_REFUSED = "example_refused"
    MODEL_REFUSED = "model_refused"
    PARAMETERS_REFUSED = "parameters_refused"


HEADER_REASON = "dlq.reason"
HEADER_TOPIC = "dlq.topic"
HEADER_PARTITION = "dlq.partition"
HEADER_OFFSET = "dlq.offset"
HEADER_STAGE = "dlq.stage"
HEADER_DETAIL = "dlq.detail"
"""Which member failed and which rule: never its value."""
