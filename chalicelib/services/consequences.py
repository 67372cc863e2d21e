"""What processing has other workers do: messages that follow from what was stored."""

from collections.abc import Sequence

from chalicelib.services.lineage.flag_messages import EdgesLinked, GenerationsFailed, RunEnded
from chalicelib.services.messages import ProcessMessage
from chalicelib.services.ports import Edge, Head
from chalicelib.services.purge_messages import ContentPurged
from chalicelib.services.stored import Stored

CHUNK = 100


def linked_messages(cause: ProcessMessage, edges: Sequence[Edge]) -> list[str]:
    """Messages for edges whose parent is, or is reached by, something that has failed."""
    rows = [(edge.parent, edge.child, edge.listed_at) for edge in edges]
    return [
        EdgesLinked(
            tenant=cause.tenant, correlation_id=cause.correlation_id, edges=tuple(rows[at : at + CHUNK])
        ).encode()
        for at in range(0, len(rows), CHUNK)
    ]


def failed_messages(cause: ProcessMessage, known: Sequence[Stored]) -> list[str]:
    """A message for the generations that failed by themselves, with the times of their ends."""
    failures = tuple(
        (one.head.id, one.generation.completed_at or one.head.created_at) for one in known if one.generation.call_error
    )
    if not failures:
        return []
    return [GenerationsFailed(tenant=cause.tenant, correlation_id=cause.correlation_id, failures=failures).encode()]


def ended_messages(cause: ProcessMessage, known: Sequence[Stored]) -> list[str]:
    """A message for each run that has failed, or had been taken to have."""
    return [
        RunEnded(
            tenant=cause.tenant,
            correlation_id=cause.correlation_id,
            generation_id=one.head.id,
            failed_at=one.course.failed_at,
            version=one.course.version,
        ).encode()
        for one in known
        if one.course and (one.course.failed_at or one.course.recovered)
    ]


def purge_messages(cause: ProcessMessage, left: Sequence[Head]) -> list[str]:
    """A message for what forgotten people have left, unless it is purged already."""
    ids = tuple(head.id for head in left if head.purged_at is None)
    if not ids:
        return []
    told = ContentPurged(tenant=cause.tenant, correlation_id=cause.correlation_id, generation_ids=ids, final=True)
    return [told.encode()]
