"""The contract for producers as JSON Schemas, derived from the very types that ingest reads."""

import json

from models.contract import schema_of
from models.errors import OperatorError
from models.events.catalogue import event_types


class UnknownEventType(OperatorError):
    """There is no event of that type, or producers may not send it. Operator action: choose one of those named."""


def shown(wanted: str = "") -> str:
    """The schema of one event type as JSON, or an object of all that producers may send, by type.

    Raises `UnknownEventType`.
    """
    kinds = {name: kind for name, kind in event_types().items() if not kind.internal}
    if wanted and wanted not in kinds:
        raise UnknownEventType(f"no producer sends events of type {wanted!r}: choose of {', '.join(kinds)}")
    found = schema_of(kinds[wanted]) if wanted else {name: schema_of(kind) for name, kind in kinds.items()}
    return json.dumps(found, indent=2, ensure_ascii=False)
