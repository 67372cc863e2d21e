"""What travels through the run queue."""

from pydantic import ValidationError

from chalicelib.services.messages import UnreadableMessage
from chalicelib.services.queue_message import QueueMessage

RUN_QUEUE = "run"


class RunDue(QueueMessage):
    """A run is, or is about to be, in progress and nobody is making it."""

    generation_id: str


def decode(body: str) -> RunDue:
    """Read a message body. Raises UnreadableMessage."""
    try:
        return RunDue.model_validate_json(body)
    except ValidationError as error:
        raise UnreadableMessage(type(error).__name__) from error
