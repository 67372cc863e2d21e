"""Routes of fingerprints."""

from chalicelib.api.call import Call
from chalicelib.api.reply import Reply
from chalicelib.api.routing import Operation
from chalicelib.api.voker.failure import typed_failure
from chalicelib.api.voker.fingerprint import read_fingerprint, shown
from chalicelib.api.voker.wire import BARE, path_id


def create_fingerprint(call: Call) -> Reply:
    """Keep a fingerprint; the same one again has the same id."""
    return Reply({"fingerprint_id": call.use.fingerprints.keep(call.tenant, read_fingerprint(call.json(BARE)))})


def get_fingerprint(call: Call) -> Reply:
    """One fingerprint."""
    call.only(set())
    return Reply(shown(call.use.fingerprints.one(call.tenant, path_id(call, "fingerprint_id", "fingerprint"))))


CREATE = "fingerprints:CreateFingerprint"
ONE = "/v1/fingerprints/{fingerprint_id}"
OPERATIONS = [
    Operation("PUT", "/v1/fingerprints", CREATE, create_fingerprint, role="member", failure=typed_failure),
    Operation("POST", "/v1/fingerprints", CREATE, create_fingerprint, role="member", failure=typed_failure),
    Operation("GET", ONE, "fingerprints:GetFingerprint", get_fingerprint, failure=typed_failure),
]
