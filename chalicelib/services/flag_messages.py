"""What travels through the flag queue."""

from functools import cache
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from chalicelib.services.messages import UnreadableMessage


class _Message(BaseModel):
    model_config = ConfigDict(frozen=True, defer_build=True)

    v: Literal[1] = 1
    tenant: str
    correlation_id: str

    def encode(self) -> str:
        """The message body."""
        return self.model_dump_json()


class ScoresStored(_Message):
    """Scores of one chunk of a request were, or are about to be, stored under `owner`."""

    kind: Literal["scores"] = "scores"
    owner: str
    score_ids: tuple[str, ...]


class GenerationsFailed(_Message):
    """Generations whose status is failed, with the times of their failures."""

    kind: Literal["failed"] = "failed"
    failures: tuple[tuple[str, str], ...]


class RunEnded(_Message):
    """A run has failed, or what was taken for its failure is taken back (None); `version` is that of its course."""

    kind: Literal["run"] = "run"
    generation_id: str
    failed_at: str | None
    version: int


class EdgesLinked(_Message):
    """Edges (parent, child, listed_at) that were written and have a parent which a root may reach or be."""

    kind: Literal["linked"] = "linked"
    edges: tuple[tuple[str, str, str], ...]


class WaiverDecided(_Message):
    """A generation was waived, or its waiver lifted."""

    kind: Literal["waiver"] = "waiver"
    generation_id: str
    waived: bool
    reason: str
    at: str


class WalkHandedOn(_Message):
    """The rest of a walk. `walk` names its roots and steps, `seen` the digests of generations met, one part a slice."""

    kind: Literal["walk"] = "walk"
    walk: str
    seen: tuple[str, ...]


FlagMessage = ScoresStored | GenerationsFailed | RunEnded | EdgesLinked | WaiverDecided | WalkHandedOn


@cache
def _adapter() -> TypeAdapter[FlagMessage]:
    return TypeAdapter(Annotated[FlagMessage, Field(discriminator="kind")])


def decode(body: str) -> FlagMessage:
    """Read a message body. Raises UnreadableMessage."""
    try:
        return _adapter().validate_json(body)
    except ValidationError as error:
        raise UnreadableMessage(type(error).__name__) from error
