"""What travels through the flag queue."""

from typing import Literal

from chalicelib.services.queue_message import QueueMessage, reader


class ScoresStored(QueueMessage):
    """Scores of one chunk of a request were, or are about to be, stored under `owner`."""

    kind: Literal["scores"] = "scores"
    owner: str
    score_ids: tuple[str, ...]


class GenerationsFailed(QueueMessage):
    """Generations whose status is failed, with the times of their failures."""

    kind: Literal["failed"] = "failed"
    failures: tuple[tuple[str, str], ...]


class RunEnded(QueueMessage):
    """A run has failed, or what was taken for its failure is taken back (None); `version` is that of its course."""

    kind: Literal["run"] = "run"
    generation_id: str
    failed_at: str | None
    version: int


class EdgesLinked(QueueMessage):
    """Edges (parent, child, listed_at) that were written and have a parent which a root may reach or be."""

    kind: Literal["linked"] = "linked"
    edges: tuple[tuple[str, str, str], ...]


class WaiverDecided(QueueMessage):
    """A generation was waived, or its waiver lifted."""

    kind: Literal["waiver"] = "waiver"
    generation_id: str
    waived: bool
    reason: str
    at: str


class WalkHandedOn(QueueMessage):
    """The rest of a walk. `walk` names its roots and steps, `seen` the digests of generations met, one part a slice."""

    kind: Literal["walk"] = "walk"
    walk: str
    seen: tuple[str, ...]


FlagMessage = ScoresStored | GenerationsFailed | RunEnded | EdgesLinked | WaiverDecided | WalkHandedOn


_read = reader(FlagMessage)


def decode(body: str) -> FlagMessage:
    """Read a message body. Raises UnreadableMessage."""
    message: FlagMessage = _read(body)
    return message
