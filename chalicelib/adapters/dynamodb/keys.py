"""Every key of the table, with the access pattern it serves.

The free part of a key always comes last and everything before it has a fixed alphabet without `#`, so that no two ids
can collide. Ids hold no control characters (`domain/identifiers.py`), so U+001F parts the one key that has several
free parts.
"""

from hashlib import blake2b

from chalicelib.services.ports import CatalogKey, Position

LIST_SHARDS = 8
WIDE_LISTS = frozenset({"time", "agent", "version", "status", "root", "failing", "people", "traces"})
CATALOG_SHARDS = 8
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
WEBHOOK = "W"
API_KEY = "K"
RATE_LIMIT = "L"
COUNTER = "C"
PERSON = "P"
SESSION = "S"
FINGERPRINT = "F"
TRACE = "T"
FORGOTTEN = "F"
AGENT_TALLY = "@"
DETAIL_PARTS = "\x1f"
PART_BYTES = 470  # version, provider and model together stay under the 1,024 bytes of a sort key

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


def forgotten(tenant: str, person_id: str) -> Key:
    """Know that a person's content is to be purged, whenever it arrives."""
    return f"{tenant}#P#{person_id}", FORGOTTEN


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


def webhook(tenant: str) -> Key:
    """Know where a tenant wants to be told of failing roots."""
    return f"{tenant}#W", WEBHOOK


def api_key(digest: str) -> Key:
    """Find a key by its digest, before its tenant is known; no tenant's name is empty, so that this is nobody's row."""
    return f"#K#{digest}", API_KEY


def api_keys_partition(tenant: str) -> str:
    """List a tenant's keys, newest first."""
    return f"{tenant}#K"


def listed_api_key(tenant: str, key_id: str) -> Key:
    """The key's row in its tenant's list; ids sort by the time they were made."""
    return api_keys_partition(tenant), key_id


def rate_limit(tenant: str, key_id: str) -> Key:
    """Know whether a key may send more."""
    return f"{tenant}#L#{key_id}", RATE_LIMIT


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


def agents_partition(tenant: str) -> str:
    """List a tenant's agents, newest first."""
    return f"{tenant}#A"


def agent(tenant: str, agent_name: str) -> Key:
    """Create and read one agent by name."""
    return agents_partition(tenant), f"N#{agent_name}"


def agent_by_age(tenant: str, created_at: str, agent_name: str) -> Key:
    """The agent's row in the list of agents."""
    return agents_partition(tenant), f"L#{created_at}#{agent_name}"


def agent_counter(tenant: str) -> Key:
    """Give the next agent its number."""
    return agents_partition(tenant), COUNTER


def versions_partition(tenant: str, agent_name: str) -> str:
    """List an agent's effective versions, newest first sight first."""
    return f"{tenant}#A#{agent_name}"


def version(tenant: str, agent_name: str, effective_version: str) -> Key:
    """Create and read one effective version."""
    return versions_partition(tenant, agent_name), f"V#{effective_version}"


def version_by_age(tenant: str, agent_name: str, first_seen_at: str, effective_version: str) -> Key:
    """The version's row in the list of versions."""
    return versions_partition(tenant, agent_name), f"L#{first_seen_at}#{effective_version}"


def named_version(tenant: str, agent_name: str, name: str) -> Key:
    """Create and read one version by the name that people gave it."""
    return versions_partition(tenant, agent_name), f"D#{name}"


def named_version_counter(tenant: str, agent_name: str) -> Key:
    """Give an agent's next named version its number."""
    return versions_partition(tenant, agent_name), COUNTER


def person(tenant: str, person_id: str) -> Key:
    """Create, change and read one person by id."""
    return f"{tenant}#P#{person_id}", PERSON


def session(tenant: str, session_id: str) -> Key:
    """Create and read one session by id."""
    return f"{tenant}#SE#{session_id}", SESSION


def fingerprint(tenant: str, fingerprint_id: str) -> Key:
    """Keep and read one fingerprint by id."""
    return f"{tenant}#F#{fingerprint_id}", FINGERPRINT


def trace(tenant: str, trace_id: str) -> Key:
    """Create one trace, and read it for the list of traces."""
    return f"{tenant}#T#{trace_id}", TRACE


def tally_partition(tenant: str, agent_name: str, shard: int) -> str:
    """Sum an agent's counts over its shards."""
    return f"{tenant}#C#{shard}#{agent_name}"


def tally(tenant: str, key: CatalogKey, shard: int) -> Key:
    """One shard of the count and the sight times of an agent, a version or a detail of a version."""
    partition = tally_partition(tenant, key.agent_name, shard)
    if key.effective_version is None:
        return partition, AGENT_TALLY
    return partition, DETAIL_PARTS.join((f"V#{key.effective_version}", *map(_fitting, key.detail)))


def version_tallies(effective_version: str) -> tuple[str, str]:
    """Between which sort keys the tally of a version and those of its details lie."""
    return f"V#{effective_version}", f"V#{effective_version}{DETAIL_PARTS}~"


def tally_key(agent_name: str, sort_key: str) -> CatalogKey:
    """The inverse of `tally` for a version or a detail."""
    effective_version, *detail = sort_key[2:].split(DETAIL_PARTS)
    return CatalogKey(agent_name, effective_version, tuple(detail))


def _fitting(part: str) -> str:
    """A name, or as much of it as fits with a digest of the whole: nobody's processing fails over a long name."""
    encoded = part.encode()
    if len(encoded) <= PART_BYTES:
        return part
    return f"{encoded[: PART_BYTES - 20].decode(errors='ignore')}…{blake2b(encoded, digest_size=8).hexdigest()}"
