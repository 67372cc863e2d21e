"""What travels through the queues: small, versioned, without content."""

import json
from dataclasses import dataclass
from typing import Any

VERSION = 1


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


def as_final(body: str) -> str:
    """The same message, saying that its writer is gone."""
    return json.dumps({**json.loads(body), "final": True}, separators=(",", ":"))
