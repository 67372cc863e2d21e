"""What travels through the purge queue. The messages may come any number of times."""

from typing import Literal

from chalicelib.services.queue_message import QueueMessage, reader

PURGE_QUEUE = "purge"


class ContentPurged(QueueMessage):
    """The content of these generations is to be purged to the end, whether or not their heads are marked yet.

    `final` is set on one that no copy is certain to follow.
    """

    kind: Literal["content"] = "content"
    generation_ids: tuple[str, ...]
    final: bool = False


class PersonForgotten(QueueMessage):
    """A person was marked as forgotten: the content of their generations, from `after` on, is to be purged."""

    kind: Literal["person"] = "person"
    person_id: str
    after: tuple[str, str] | None = None


PurgeMessage = ContentPurged | PersonForgotten


_read = reader(PurgeMessage)


def decode(body: str) -> PurgeMessage:
    """Read a message body. Raises UnreadableMessage."""
    message: PurgeMessage = _read(body)
    return message
