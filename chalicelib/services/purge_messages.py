"""What travels through the purge queue. The messages may come any number of times."""

from functools import cache
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from chalicelib.services.messages import UnreadableMessage

PURGE_QUEUE = "purge"


class _Message(BaseModel):
    model_config = ConfigDict(frozen=True, defer_build=True)

    v: Literal[1] = 1
    tenant: str
    correlation_id: str

    def encode(self) -> str:
        """The message body."""
        return self.model_dump_json()


class ContentPurged(_Message):
    """The content of these generations is to be purged to the end, whether or not their heads are marked yet.

    `final` is set on one that no copy is certain to follow.
    """

    kind: Literal["content"] = "content"
    generation_ids: tuple[str, ...]
    final: bool = False


class PersonForgotten(_Message):
    """A person was marked as forgotten: the content of their generations, from `after` on, is to be purged."""

    kind: Literal["person"] = "person"
    person_id: str
    after: tuple[str, str] | None = None


PurgeMessage = ContentPurged | PersonForgotten


@cache
def _adapter() -> TypeAdapter[PurgeMessage]:
    return TypeAdapter(Annotated[PurgeMessage, Field(discriminator="kind")])


def decode(body: str) -> PurgeMessage:
    """Read a message body. Raises UnreadableMessage."""
    try:
        return _adapter().validate_json(body)
    except ValidationError as error:
        raise UnreadableMessage(type(error).__name__) from error
