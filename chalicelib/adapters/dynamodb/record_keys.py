"""The keys of records that stand beside generations: agents, people, traces, callers and settings.

As in `keys`, the free part comes last. Ids hold no control characters (`domain/identifiers.py`), so U+001F parts the
keys that have several free parts.
"""

from hashlib import blake2b

from chalicelib.adapters.dynamodb.keys import Key
from chalicelib.services.ports import CatalogKey

CATALOG_SHARDS = 8
WEBHOOK = "W"
API_KEY = "K"
RATE_LIMIT = "L"
COUNTER = "C"
PERSON = "P"
SESSION = "S"
FINGERPRINT = "F"
TRACE = "T"
CONVERSATION = "V"
STEP = "S"
RATED, RATING = "L#", "R#"
ABOUT, BEHIND_ABOUT = "N#", "N$"
EVALUATOR_SET = "!"
EVALUATORS = (EVALUATOR_SET, "E~")
"""Between which sort keys a tenant's set and all its evaluators lie."""
FAILURES = ("X#", "X~")
BACKFILL = "B"
RUNNING_BACKFILLS = "BACKFILLS"
FORGOTTEN = "F"
RUN_CONFIG = "R"
WAITING = "M#"
AGENT_TALLY = "@"
DETAIL_PARTS = "\x1f"
PART_BYTES = 470  # version, provider and model together stay under the 1,024 bytes of a sort key


def forgotten(tenant: str, person_id: str) -> Key:
    """Know that a person's content is to be purged, whenever it arrives."""
    return f"{tenant}#P#{person_id}", FORGOTTEN


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


def run_config(tenant: str, agent_name: str) -> Key:
    """Know with what an agent runs."""
    return versions_partition(tenant, agent_name), RUN_CONFIG


def person(tenant: str, person_id: str) -> Key:
    """Create, change and read one person by id."""
    return f"{tenant}#P#{person_id}", PERSON


def session(tenant: str, session_id: str) -> Key:
    """Create and read one session by id."""
    return f"{tenant}#SE#{session_id}", SESSION


def agent_session(tenant: str, session_id: str) -> Key:
    """Know which run of a session with an agent is its newest."""
    return f"{tenant}#RS#{session_id}", SESSION


def waiting_message(tenant: str, session_id: str, key: str) -> Key:
    """A message that no run of its session has yet; keys sort by the time they were made."""
    return f"{tenant}#RS#{session_id}", f"{WAITING}{key}"


def fingerprint(tenant: str, fingerprint_id: str) -> Key:
    """Keep and read one fingerprint by id."""
    return f"{tenant}#F#{fingerprint_id}", FINGERPRINT


def trace(tenant: str, trace_id: str) -> Key:
    """Create one trace, and read it for the list of traces."""
    return f"{tenant}#T#{trace_id}", TRACE


def conversation(tenant: str, conversation_id: str) -> Key:
    """Create one conversation, and read it for the list of conversations."""
    return f"{tenant}#CV#{conversation_id}", CONVERSATION


def step(tenant: str, step_id: str) -> Key:
    """Commit and read one workflow step by id."""
    return f"{tenant}#WS#{step_id}", STEP


def ratings_partition(tenant: str, conversation_id: str) -> str:
    """List and count a conversation's ratings, strongly consistent."""
    return f"{tenant}#CR#{conversation_id}"


def rating(tenant: str, conversation_id: str, rating_id: str) -> Key:
    """Commit and read one rating by id."""
    return ratings_partition(tenant, conversation_id), f"{RATING}{rating_id}"


def rating_by_age(tenant: str, conversation_id: str, created_at: str, rating_id: str) -> Key:
    """The rating's row in the list by which its conversation is judged."""
    return ratings_partition(tenant, conversation_id), f"{RATED}{created_at}#{rating_id}"


def ratings_about_partition(tenant: str, generation_id: str) -> str:
    """Find, whatever their conversations, the ratings whose words go when the generation is purged."""
    return f"{tenant}#GR#{generation_id}"


def rating_about(tenant: str, generation_id: str, conversation_id: str, rating_id: str) -> Key:
    """The rating's row in that list."""
    return ratings_about_partition(tenant, generation_id), f"{ABOUT}{conversation_id}{DETAIL_PARTS}{rating_id}"


def evaluators_partition(tenant: str) -> str:
    """Read all of a tenant's evaluators with one query."""
    return f"{tenant}#V"


def evaluator_set(tenant: str) -> Key:
    """Know, with one small read, whether any of a tenant's evaluators has changed; it sorts before all of them."""
    return evaluators_partition(tenant), EVALUATOR_SET


def evaluator(tenant: str, evaluator_id: str) -> Key:
    """Change and read one evaluator as it is now."""
    return evaluators_partition(tenant), f"E#{evaluator_id}"


def evaluator_history(tenant: str, evaluator_id: str) -> str:
    """What there is of one evaluator beside what it is now."""
    return f"{tenant}#V#{evaluator_id}"


def evaluator_version(tenant: str, evaluator_id: str, version: int) -> Key:
    """Read one version of an evaluator."""
    return evaluator_history(tenant, evaluator_id), f"V#{version:08d}"


def failure(tenant: str, evaluator_id: str, created_at: str, score_id: str) -> Key:
    """List what an evaluator could not judge, newest first, each once."""
    return evaluator_history(tenant, evaluator_id), f"X#{created_at}#{score_id}"


def backfill(tenant: str, evaluator_id: str) -> Key:
    """Start, move and read the latest backfill of an evaluator."""
    return evaluator_history(tenant, evaluator_id), BACKFILL


def running_backfill(tenant: str, evaluator_id: str) -> Key:
    """Find all running backfills; a tenant's name holds no `#`, so that the two can be told apart."""
    return RUNNING_BACKFILLS, f"{tenant}#{evaluator_id}"


def judged_partition(tenant: str, evaluator_id: str, shard: int) -> str:
    """Sum what an evaluator has judged over its shards."""
    return f"{tenant}#VC#{shard}#{evaluator_id}"


def judged(tenant: str, evaluator_id: str, day: str, version: int, shard: int) -> Key:
    """One shard of what a version of an evaluator has judged on one day."""
    return judged_partition(tenant, evaluator_id, shard), f"{day}#{version:08d}"


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
