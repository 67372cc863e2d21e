"""What the messages of most queues have, and how a body becomes one of several kinds."""

from collections.abc import Callable
from functools import cache
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from chalicelib.services.messages import UnreadableMessage


class QueueMessage(BaseModel):
    """A message; where its queue has several kinds, it tells its own by a field `kind`."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    v: Literal[1] = 1
    tenant: str
    correlation_id: str

    def encode(self) -> str:
        """The message body."""
        return self.model_dump_json()


def reader(kinds: Any) -> Callable[[str], Any]:  # noqa: ANN401 - a union of classes is no type of its own
    """A function that reads a body as one of these kinds, or raises UnreadableMessage. Built on first use."""

    @cache
    def adapter() -> TypeAdapter[Any]:
        return TypeAdapter(Annotated[kinds, Field(discriminator="kind")])

    def read(body: str) -> Any:  # noqa: ANN401 - one of `kinds`
        try:
            return adapter().validate_json(body)
        except ValidationError as error:
            raise UnreadableMessage(type(error).__name__) from error

    return read
