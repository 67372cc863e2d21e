"""What clients say of the software they run in."""

from dataclasses import dataclass
from typing import Any, Protocol

MOST_BYTES = 300 * 1024
"""What a fingerprint may take once it is compressed; with its keys it has to fit into an item of 400 KB."""


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """A client's surroundings. `id` follows from `fields`."""

    id: str
    fields: dict[str, Any]
    created_at: str


class Fingerprints(Protocol):
    """Fingerprints by id, for ever."""

    def put(self, tenant: str, fingerprint: Fingerprint) -> None:
        """Keep it unless it is kept already, with a single write. Raises TooLarge over `MOST_BYTES`."""
        ...

    def get(self, tenant: str, fingerprint_id: str) -> Fingerprint | None:
        """One fingerprint, strongly consistent."""
        ...
