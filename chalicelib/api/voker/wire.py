"""What Voker's clients send. Nothing here refuses a field it does not know."""

from typing import Annotated, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError

from chalicelib.api.call import Call
from chalicelib.api.faults import TooDeep, first_fault, validated
from chalicelib.api.free_fields import Object
from chalicelib.api.scalars import Identifier, Text, refused
from chalicelib.domain.errors import Malformed, missing
from chalicelib.domain.free_form import Json, Unreadable
from chalicelib.domain.identifiers import check_identifier

MOST_DESCRIPTION = 10_000
BARE = 0  # a body is one thing, with nothing around it


class Wire(BaseModel):
    """A body; unknown fields are in `model_extra`."""

    model_config = ConfigDict(defer_build=True, extra="allow", strict=True, protected_namespaces=())


def _description(value: str | None) -> str | None:
    if value is not None and len(value) > MOST_DESCRIPTION:
        reason = f"must be at most {MOST_DESCRIPTION:,} characters"
        raise refused(reason)
    return value


Description = Annotated[Text | None, AfterValidator(_description)]


class WireEvent(Wire):
    """An event around one call of a model."""

    event_name: Text | None = None
    properties: Object = None
    fingerprint_id: Identifier = None
    agent: Identifier = None
    agent_version: Identifier = None
    person: Identifier = None
    session: Identifier = None


class WirePerson(Wire):
    """A person; an update has no id."""

    person_id: Identifier = None
    properties: Object = None


class WireAgent(Wire):
    """An agent."""

    agent_name: Identifier = None
    description: Description = None


class WireVersion(Wire):
    """A version of an agent."""

    agent_version_name: Identifier = None
    description: Description = None


W = TypeVar("W", bound=Wire)


def read_body(call: Call, model: type[W], item: str, *required: str) -> W:
    """The body of a request; `item` is what texts call it. Raises Malformed."""
    return read(call.json(BARE), model, item, *required)


def read(raw: Json, model: type[W], item: str, *required: str) -> W:
    """A parsed body. Raises Malformed."""
    raw = object_of(raw, item)
    try:
        wire = validated(model, raw)
    except ValidationError as error:
        raise Malformed(first_fault(error, item)) from None
    except TooDeep as error:
        raise Malformed(f"{item}: {error}") from None
    for name in required:
        if getattr(wire, name) is None:
            raise Malformed(f"{item}: {name} is required")
    return wire


def object_of(raw: Json, item: str) -> dict[str, Json]:
    """The body, if it is an object. Raises Malformed."""
    if not isinstance(raw, dict):
        raise Malformed(f"{item}: {raw.reason if isinstance(raw, Unreadable) else 'must be an object'}")
    return raw


def path_id(call: Call, name: str, thing: str) -> str:
    """An id in the path. One that nothing can have is simply not found."""
    try:
        return check_identifier(call.path(name))
    except ValueError:
        raise missing(thing) from None
