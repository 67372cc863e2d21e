"""Entries: what lists show of a generation, and the lists in which it stands."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from chalicelib.domain.generation import Generation
from chalicelib.domain.redaction.skeleton import PURGED
from chalicelib.domain.resource import Findings, Receipt, compact, expand, summarise
from chalicelib.services.ports import Entry, Head

FIELD_BYTES = 1024
SHOWN_CHARACTERS = 256
OMITTED = "omitted"
ALWAYS_WHOLE = frozenset({"tags", "model"})
"""What filters need; both are bounded on the way in."""
PLAIN_LISTS = {
    "agent": "agent_name",
    "version": "effective_version",
    "conversation": "conversation_id",
    "trace": "trace_id",
    "session": "session_id",
    "person": "person_id",
}


def entry_of(
    tenant: str,
    head: Head,
    generation: Generation,
    findings: Findings,
    indexed_tags: tuple[str, ...],
    version: int | None = None,
) -> Entry:
    """The entry of one generation. What is long stays out: it seldom costs a second write unit, and always fits."""
    summary = summarise(generation, receipt_of(tenant, head), findings)
    stored, left_out = shortened(compact(summary))
    if left_out:
        stored[OMITTED] = left_out
    return Entry(head.id, head.listed_at, stored, tuple(_keys(summary, indexed_tags)), version)


def receipt_of(tenant: str, head: Head) -> Receipt:
    """When, for whom and from which key a head's generation came."""
    return Receipt(tenant, head.created_at, head.key_id, head.project_id, head.purged_at)


def shortened(summary: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """A summary in which nothing takes more than a kilobyte, and the names of what was cut for that."""
    long = [name for name, value in summary.items() if name not in ALWAYS_WHOLE and _size(value) > FIELD_BYTES]
    return {**summary, **{name: _cut(name, summary[name]) for name in long}}, long


def summary_of(stored: Mapping[str, Any]) -> dict[str, Any]:
    """The summary of a stored entry, with every key; what was left out is empty or cut (see `is_cut`)."""
    return expand({key: value for key, value in stored.items() if key != OMITTED})


def is_cut(stored: Mapping[str, Any]) -> bool:
    """Whether something of this entry has to be read from the payload."""
    return OMITTED in stored


def purged_entry(stored: Mapping[str, Any], head: Head) -> dict[str, Any]:
    """A stored entry without what purging takes away: metadata, and of an error all but its code."""
    kept = {key: value for key, value in stored.items() if key not in {"metadata", OMITTED}}
    if "error" in stored:
        kept["error"] = {"message": PURGED, **{key: code for key, code in stored["error"].items() if key == "code"}}
    left_out = [name for name in stored.get(OMITTED, ()) if name != "metadata"]
    return {**kept, **({OMITTED: left_out} if left_out else {}), "content_purged_at": head.purged_at}


def completed(stored: Mapping[str, Any], generation: Generation) -> dict[str, Any]:
    """The summary of a stored entry, with what was left out of it."""
    whole = summarise(generation, Receipt("", ""), Findings())
    return {**summary_of(stored), **{name: whole[name] for name in stored.get(OMITTED, ())}}


def findings_of(stored: Mapping[str, Any]) -> Findings:
    """What processing found, as a stored entry has it."""
    return Findings(
        effective_version=stored.get("effective_version"),
        cost_usd=stored.get("cost_usd"),
        processed_at=stored.get("updated_at"),
        **stored.get("processing", {}),
    )


def _size(value: object) -> int:
    return len(json.dumps(value))


def _cut(name: str, value: Any) -> Any:  # noqa: ANN401 - any field of a summary
    if isinstance(value, str):
        return value[:SHOWN_CHARACTERS]
    if name == "error":
        return {key: _cut(key, part) for key, part in value.items()}
    return type(value)()


def _keys(summary: Mapping[str, Any], indexed_tags: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    for kind, name in PLAIN_LISTS.items():
        if summary[name]:
            yield kind, summary[name]
    if summary["status"] != "completed":
        yield "status", summary["status"]
    for tag in indexed_tags:
        if tag in summary["tags"]:
            yield f"tag:{tag}", summary["tags"][tag]
