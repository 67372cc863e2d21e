"""The keys of generations, their lists and lineage, and of promises, with the access pattern that each serves.

The free part of a key always comes last and everything before it has a fixed alphabet without `#`, so that no two ids
can collide.
"""

from hashlib import blake2b

from chalicelib.services.ports import Position

LIST_SHARDS = 8
WIDE_LISTS = frozenset({"time", "agent", "version", "status", "root", "failing", "people", "traces", "conversations"})
OUTBOX_SHARDS = 16
HASH_PREFIX = 32
PAYLOADS = ("P#", "P#~")
"""Between which sort keys the contents of a generation lie."""
RUN_SHARDS = 16
HEAD = "H"
COURSE = "U"
STATE = "S"
TOUCHED = "Q"
FAN_OUT = "C!"
OVERFLOW = "R!"
EDGE_PARTITIONS = (1, 16, 256)
"""Partitions of one parent's edges by level; a level is read together with all below it."""
MARKER = "M"

Key = tuple[str, str]


def shard_of(value: str, shards: int) -> int:
    """A stable shard number for a value."""
    return int.from_bytes(blake2b(value.encode(), digest_size=2).digest()) % shards


def head(tenant: str, generation_id: str) -> Key:
    """Commit and read one generation by id."""
    return f"{tenant}#G#{generation_id}", HEAD


def payload(tenant: str, generation_id: str, content_hash: str) -> Key:
    """Read a generation's content, named by the head's hash; beside the head, never rewritten by processing."""
    return f"{tenant}#G#{generation_id}", f"P#{content_hash[:HASH_PREFIX]}"


def course(tenant: str, generation_id: str) -> Key:
    """Read and move one run."""
    return f"{tenant}#G#{generation_id}", COURSE


def watched_partition(shard: int) -> str:
    """Find runs that may have been abandoned, strongly consistent."""
    return f"RUNS#{shard}"


def watched(tenant: str, generation_id: str, due_ms: int) -> Key:
    """Look after one run at a time; a tenant's name holds no `#`, so that the two can be told apart."""
    shard = shard_of(f"{tenant}#{generation_id}", RUN_SHARDS)
    return watched_partition(shard), f"{due_ms:013d}#{tenant}#{generation_id}"


def edge(tenant: str, parent: str, child: str, level: int = 0) -> Key:
    """List the generations that consumed a parent's output: with the parent, or spread once there are many."""
    shard = shard_of(child, EDGE_PARTITIONS[level])
    return edge_partition(tenant, parent, level, shard), f"C#{child}"


def edge_partition(tenant: str, parent: str, level: int, shard: int) -> str:
    """One partition of a parent's edges; level 0 is the parent's own."""
    return f"{tenant}#G#{parent}" if level == 0 else f"{tenant}#E#{level}#{shard}#{parent}"


def fan_out(tenant: str, parent: str) -> Key:
    """Know over how many partitions a parent's edges are spread; read together with the first of them."""
    return f"{tenant}#G#{parent}", FAN_OUT


def state(tenant: str, generation_id: str) -> Key:
    """Decide whether a generation is a root: its latest scores, failure, waiver."""
    return f"{tenant}#G#{generation_id}", STATE


def touched(tenant: str, generation_id: str) -> Key:
    """Know, with one unit per dependency, that a parent has neither failed nor been reached by a root."""
    return f"{tenant}#G#{generation_id}", TOUCHED


def reach(tenant: str, generation_id: str, root: str) -> Key:
    """List the roots that reach a generation."""
    return f"{tenant}#G#{generation_id}", f"R#{root}"


def overflow(tenant: str, generation_id: str) -> Key:
    """Know that more roots reach a generation than are stored."""
    return f"{tenant}#G#{generation_id}", OVERFLOW


def score(tenant: str, score_id: str) -> Key:
    """Commit one score, and read it by id."""
    return f"{tenant}#S#{score_id}", "S"


def filed_score(tenant: str, generation_id: str, created_at: str, score_id: str) -> Key:
    """List a generation's scores by time."""
    return f"{tenant}#G#{generation_id}", f"Z#{created_at}#{score_id}"


def list_shards(kind: str) -> int:
    """How many partitions a list is spread over: busy lists over eight, lists of one conversation or trace over one."""
    return LIST_SHARDS if kind.partition(":")[0] in WIDE_LISTS else 1


def list_partition(tenant: str, kind: str, value: str, shard: int) -> str:
    """Page through one list (`time` has an empty value), newest first."""
    return f"{tenant}#I#{kind}#{shard}#{value}" if kind != "time" else f"{tenant}#I#time#{shard}"


def list_row(tenant: str, kind: str, value: str, position: Position) -> Key:
    """One generation's row in one list."""
    shard = shard_of(position[1], list_shards(kind))
    return list_partition(tenant, kind, value, shard), list_sort_key(position)


def list_sort_key(position: Position) -> str:
    """Rows of a list are ordered by time, then id."""
    return f"{position[0]}#{position[1]}"


def list_position(sort_key: str) -> Position:
    """The inverse of `list_sort_key`."""
    listed_at, _, generation_id = sort_key.partition("#")
    return listed_at, generation_id


def entry(tenant: str, position: Position) -> Key:
    """Read a generation's summary by its position; the rows of the list of all are the entries themselves."""
    return list_row(tenant, "time", "", position)


def outbox_partition(shard: int) -> str:
    """Find promises that are due, strongly consistent."""
    return f"OUTBOX#{shard}"


def outbox(key: str, due_ms: int) -> Key:
    """Write and delete one promise."""
    return outbox_partition(shard_of(key, OUTBOX_SHARDS)), f"{due_ms:013d}#{key}"


def marker(tenant: str, owner: str) -> Key:
    """Know which positions of a message have been counted."""
    return f"{tenant}#M#{owner}", MARKER
