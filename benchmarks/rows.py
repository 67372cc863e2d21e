"""Which kind of row a key belongs to, and which step of a generation's life a request is."""

from collections.abc import Iterable

from benchmarks.shadow import Key
from chalicelib.adapters.dynamodb.keys import FAN_OUT
from chalicelib.adapters.dynamodb.record_keys import RUNNING_BACKFILLS

BY_PARTITION = {
    "M": "marker",
    "A": "agent and version records",
    "C": "tally",
    "E": "edge",
    "S": "score",
    "W": "webhook setting",
    "T": "trace",
    "V": "evaluator",
    "VC": "count of judgements",
    "CV": "conversation",
}
BY_SORT_KEY = {
    "H": "head",
    "P": "payload",
    "C": "edge",
    "S": "state",
    "Q": "touched mark",
    "R": "reach row",
    "Z": "score list row",
}

STEPS = {
    ("BatchWriteItem", "outbox"): "outbox row",
    ("BatchWriteItem", "payload"): "payload",
    ("PutItem", "head"): "head",
    ("Delete", "outbox"): "outbox delete",
    ("Delete", "payload"): "payload delete",
    ("BatchGetItem", "head"): "read heads",
    ("BatchGetItem", "payload"): "read payloads",
    ("GetItem", "payload"): "read payload row",
    ("BatchWriteItem", "edge"): "edges",
    ("BatchGetItem", "agent and version records"): "catalog: register",
    ("TransactWriteItems", "agent and version records"): "catalog: register",
    ("BatchGetItem", "tally"): "catalog: witness",
    ("UpdateItem", "tally"): "catalog: witness",
    ("TransactWriteItems", "marker"): "catalog: count",
    ("GetItem", "marker"): "catalog: count",
    ("BatchWriteItem", "entry"): "entry and list rows",
    ("BatchWriteItem", "list row"): "entry and list rows",
    ("UpdateItem", "fan-out"): "fan-out sample",
    ("BatchGetItem", "touched mark"): "read touched marks",
    ("BatchWriteItem", "touched mark"): "touched mark",
    ("BatchGetItem", "state"): "read states",
    ("UpdateItem", "state"): "state",
    ("TransactWriteItems", "state"): "state and list of failing roots",
    ("Query", "reach row"): "read reach rows",
    ("BatchWriteItem", "reach row"): "reach rows",
    ("Query", "fan-out"): "read children",
    ("Query", "edge"): "read children",
    ("Query", "list row"): "read lists",
    ("Query", "entry"): "read lists",
    ("BatchGetItem", "entry"): "read entries",
    ("BatchGetItem", "trace"): "traces: register",
    ("PutItem", "trace"): "traces: register",
    ("BatchGetItem", "conversation"): "conversations: register",
    ("PutItem", "conversation"): "conversations: register",
    ("PutItem", "score"): "score",
    ("BatchGetItem", "score"): "read scores",
    ("BatchWriteItem", "score list row"): "score list row",
    ("GetItem", "webhook setting"): "read webhook setting",
}
MARKS = "list rows and touched mark"


def kind_of(key: Key) -> str:
    """The kind of row behind a key (the patterns of `keys.py` and `record_keys.py` in `adapters/dynamodb`)."""
    partition, sort_key = key
    if partition.startswith("OUTBOX#"):
        return "outbox"
    if partition == RUNNING_BACKFILLS:
        return "evaluator"
    _, family, *rest = partition.split("#")
    if family == "G":
        if sort_key == FAN_OUT:
            return "fan-out"
        return BY_SORT_KEY.get(sort_key[0], "other")
    if family == "I":
        return "entry" if rest[0] == "time" else "list row"
    return BY_PARTITION.get(family, "other")


def step_of(operation: str, kinds: Iterable[str]) -> str:
    """The step that a request belongs to; one that no step names is shown under its own name."""
    kinds = list(kinds)
    if operation == "BatchWriteItem" and {"list row", "touched mark"} <= set(kinds):
        return MARKS
    first = min(kinds, key=lambda kind: kind == "tally", default="")  # a transaction's marker names it, not its tallies
    return STEPS.get((operation, first), f"{operation} {first}")
