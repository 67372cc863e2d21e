"""What travels through the queues: small, versioned, without content."""

import json
from dataclasses import asdict, dataclass
from typing import Any

VERSION = 1
RUN = "run"


class UnreadableMessage(ValueError):
    """A message body that no version of this product has written."""


@dataclass(frozen=True, slots=True)
class GenerationsStored:
    """Generations of one chunk of a request were, or are about to be, stored under `owner`.

    `refs` are (id, content hash) in the chunk's order. `final` is set on a message sent when the request that wrote
    the chunk cannot be alive any more: what it left behind may then be cleared away.
    """

    tenant: str
    owner: str
    refs: tuple[tuple[str, str], ...]
    received_ms: int
    correlation_id: str
    final: bool = False

    def encode(self) -> str:
        """The message body."""
        body: dict[str, Any] = {
            "v": VERSION,
            "tenant": self.tenant,
            "owner": self.owner,
            "refs": self.refs,
            "received_ms": self.received_ms,
            "correlation_id": self.correlation_id,
        }
        if self.final:
            body["final"] = True
        return json.dumps(body, separators=(",", ":"))

    @classmethod
    def decode(cls, body: str) -> "GenerationsStored":
        """Read a message body. Raises UnreadableMessage."""
        try:
            fields = json.loads(body)
            if fields["v"] != VERSION:
                raise UnreadableMessage(f"version {fields['v']}")
            return cls(
                tenant=fields["tenant"],
                owner=fields["owner"],
                refs=tuple((str(ref[0]), str(ref[1])) for ref in fields["refs"]),
                received_ms=int(fields["received_ms"]),
                correlation_id=fields["correlation_id"],
                final=bool(fields.get("final", False)),
            )
        except (KeyError, TypeError, ValueError, IndexError) as error:
            raise UnreadableMessage(type(error).__name__) from error


@dataclass(frozen=True, slots=True)
class RunMoved:
    """A run has moved, or is about to: its record is to be listed as it then is."""

    tenant: str
    generation_id: str
    received_ms: int
    correlation_id: str

    def encode(self) -> str:
        """The message body."""
        body = {"v": VERSION, "kind": RUN, **asdict(self)}
        return json.dumps(body, separators=(",", ":"))

    @classmethod
    def decode(cls, body: str) -> "RunMoved":
        """Read a message body. Raises UnreadableMessage."""
        try:
            fields = json.loads(body)
            if fields["v"] != VERSION:
                raise UnreadableMessage(f"version {fields['v']}")
            return cls(
                tenant=fields["tenant"],
                generation_id=fields["generation_id"],
                received_ms=int(fields["received_ms"]),
                correlation_id=fields["correlation_id"],
            )
        except (KeyError, TypeError, ValueError) as error:
            raise UnreadableMessage(type(error).__name__) from error


ProcessMessage = GenerationsStored | RunMoved


def decode(body: str) -> ProcessMessage:
    """Read a message of the process queue; one without a kind is of the first. Raises UnreadableMessage."""
    try:
        kind = json.loads(body).get("kind")
    except (AttributeError, ValueError) as error:
        raise UnreadableMessage(type(error).__name__) from error
    return RunMoved.decode(body) if kind == RUN else GenerationsStored.decode(body)


def as_final(body: str) -> str:
    """The same message, saying that its writer is gone."""
    return json.dumps({**json.loads(body), "final": True}, separators=(",", ":"))
