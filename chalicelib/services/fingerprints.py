"""Keep what clients say of the software they run in, under ids that follow from it."""

from collections.abc import Callable
from typing import Any

from chalicelib.domain.errors import missing
from chalicelib.domain.fingerprint import fingerprint_id
from chalicelib.domain.free_form import Json
from chalicelib.domain.times import format_time
from chalicelib.services.known import Known
from chalicelib.services.ports import Clock, Fingerprint, Fingerprints


class FingerprintRecords:
    """The use cases behind the routes of fingerprints."""

    def __init__(self, fingerprints: Fingerprints, redact: Callable[[Json], Json], clock: Clock) -> None:
        self._fingerprints = fingerprints
        self._redact = redact
        self._clock = clock
        self._known = Known()

    def keep(self, tenant: str, fields: dict[str, Any]) -> str:
        """Keep a fingerprint; gives its id. One write, no read: without it a client sends nothing. Raises TooLarge."""
        fields = self._redact(fields)
        own_id = fingerprint_id(fields)
        self._fingerprints.put(tenant, Fingerprint(own_id, fields, format_time(self._clock.now())))
        self._known.add((tenant, own_id))
        return own_id

    def one(self, tenant: str, own_id: str) -> Fingerprint:
        """One fingerprint. Raises NotFound."""
        found = self._fingerprints.get(tenant, own_id)
        if found is None:
            raise missing("fingerprint")
        self._known.add((tenant, own_id))
        return found

    def require(self, tenant: str, own_id: str) -> None:
        """Raise NotFound unless there is such a fingerprint; one that is known costs no read."""
        if (tenant, own_id) not in self._known:
            self.one(tenant, own_id)
