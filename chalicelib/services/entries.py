"""Entries: what lists show of a generation, and the lists in which it stands."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from chalicelib.domain.generation import Generation
from chalicelib.domain.resource import Findings, Receipt, compact, expand, summarise
from chalicelib.services.ports import Entry, Head

METADATA_BYTES = 1024
OMITTED = "metadata_omitted"
PLAIN_LISTS = {
    "agent": "agent_name",
    "version": "effective_version",
    "conversation": "conversation_id",
    "trace": "trace_id",
    "session": "session_id",
    "person": "person_id",
}


def entry_of(
    tenant: str, head: Head, generation: Generation, findings: Findings, indexed_tags: tuple[str, ...]
) -> Entry:
    """The entry of one generation. Large metadata stays out, so that an entry seldom costs a second write unit."""
    summary = summarise(generation, Receipt(tenant, head.created_at), findings)
    stored = compact(summary)
    if len(json.dumps(stored.get("metadata", {}))) > METADATA_BYTES:
        stored["metadata"] = {}
        stored[OMITTED] = True
    return Entry(head.id, head.listed_at, stored, tuple(_keys(summary, indexed_tags)))


def summary_of(stored: Mapping[str, Any]) -> dict[str, Any]:
    """The summary of a stored entry, with every key; metadata that was left out is empty (see `lacks_metadata`)."""
    return expand({key: value for key, value in stored.items() if key != OMITTED})


def lacks_metadata(stored: Mapping[str, Any]) -> bool:
    """Whether this entry's metadata has to be read from the payload."""
    return OMITTED in stored


def _keys(summary: Mapping[str, Any], indexed_tags: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    for kind, name in PLAIN_LISTS.items():
        if summary[name]:
            yield kind, summary[name]
    if summary["status"] != "completed":
        yield "status", summary["status"]
    for tag in indexed_tags:
        if tag in summary["tags"]:
            yield f"tag:{tag}", summary["tags"][tag]
