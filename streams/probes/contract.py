"""The contract of events at the probes' port, for producers' tools: made when it is first asked for, then kept."""

from functools import cache
from typing import Final

import orjson

from streams.topics import ADDRESSES, CARE, ORDERS, TELEMETRY

FOR_PRODUCERS: Final = {
    ORDERS: "Orders, their steps and promises; keyed by nothing that we rely on, read by customer.",
    TELEMETRY: "What customers did and met, and measurements of what many share.",
    CARE: "Contacts with support, and what customers allow.",
    ADDRESSES: "Where to reach customers: the only topic with contact data; the key is the customer.",
}
"""Topics that producers write to, and what each is for."""
ASYNCAPI: Final = "/asyncapi.json"
SCHEMAS: Final = "/schemas.json"
"""Event type -> where its JSON Schema is."""


def contract_page(path: str) -> bytes | None:
    """The JSON at this path: the AsyncAPI 3.0 document, the list of schemas, or one schema. None: no such page."""
    if path not in (ASYNCAPI, SCHEMAS) and not path.startswith("/schemas/"):
        return None
    return _pages().get(path)


@cache
def _pages() -> dict[str, bytes]:
    from models.asyncapi import asyncapi, schemas  # imported here: most processes are never asked

    found = schemas()
    where = {name: f"/schemas/{name}.json" for name in found}
    pages = {ASYNCAPI: asyncapi(FOR_PRODUCERS), SCHEMAS: where} | {where[name]: found[name] for name in found}
    return {path: orjson.dumps(page, option=orjson.OPT_INDENT_2) for path, page in pages.items()}
