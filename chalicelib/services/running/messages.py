"""What travels through the run queue."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from chalicelib.services.messages import UnreadableMessage

RUN_QUEUE = "run"


class RunDue(BaseModel):
    """A run is, or is about to be, in progress and nobody is making it."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    v: Literal[1] = 1
    tenant: str
    correlation_id: str
    generation_id: str

    def encode(self) -> str:
        """The message body."""
        return self.model_dump_json()


def decode(body: str) -> RunDue:
    """Read a message body. Raises UnreadableMessage."""
    try:
        return RunDue.model_validate_json(body)
    except ValidationError as error:
        raise UnreadableMessage(type(error).__name__) from error
