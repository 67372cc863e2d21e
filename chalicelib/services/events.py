"""Take events in: what they name is made first, which is harmless if the rest fails; then they are generations."""

from chalicelib.domain.generation import Generation
from chalicelib.services.fingerprints import FingerprintRecords
from chalicelib.services.ingest import NOBODY, Ingest, Outcome, Sender
from chalicelib.services.roster import Roster


class Events:
    """The use case behind `POST /events`."""

    def __init__(self, fingerprints: FingerprintRecords, roster: Roster, ingest: Ingest) -> None:
        self._fingerprints = fingerprints
        self._roster = roster
        self._ingest = ingest

    def __call__(self, tenant: str, event: Generation, sender: Sender = NOBODY) -> Outcome:
        """Store an event with all that it names. Raises NotFound for its fingerprint, and PartlyStored."""
        self._fingerprints.require(tenant, event.fingerprint_id or "")
        self._roster.meet(tenant, event)
        [outcome] = self._ingest(tenant, [event], sender)
        return outcome
