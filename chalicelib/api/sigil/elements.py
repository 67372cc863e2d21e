"""How many things one item may be made of. Counted before anything is made of them: what a client spells in three bytes
is a kilobyte or two here.
"""

from chalicelib.api.limits import MAX_ELEMENTS
from chalicelib.api.scalars import refused
from chalicelib.domain.free_form import Json

MESSAGES = ("input", "output", "messages")
ONE_MESSAGE = "message"
PARTS = ("parts", "content")
# fmt: off
FLAT = ("tools", "raw_artifacts", "rawArtifacts", "tool_calls", "toolCalls", "tool_outputs", "toolOutputs", "tags")
# fmt: on
TOO_MANY = f"has more than {MAX_ELEMENTS:,} messages, parts, tools and artifacts"


def limited(raw: Json) -> Json:
    """The item as it is, with at most 10,000 elements; raises pydantic's error for others."""
    if elements_of(raw) > MAX_ELEMENTS:
        raise refused(TOO_MANY)
    return raw


def elements_of(raw: Json) -> int:
    """Messages, parts, tools, artifacts, tool calls, tool outputs and tags of an item, in all."""
    if not isinstance(raw, dict):
        return 0
    messages = [message for name in MESSAGES for message in _several(raw.get(name))]
    messages.append(raw.get(ONE_MESSAGE))
    parts = sum(len(_several(message.get(name))) for message in messages if isinstance(message, dict) for name in PARTS)
    return len(messages) - 1 + parts + sum(len(_several(raw.get(name))) for name in FLAT)


def _several(value: Json) -> list[Json] | dict[str, Json]:
    return value if isinstance(value, list | dict) else []
