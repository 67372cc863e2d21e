"""Fingerprints as they come and as they are shown."""

from typing import Any

from chalicelib.api.free_fields import UNRECOGNIZED
from chalicelib.api.voker.wire import object_of
from chalicelib.domain.errors import Malformed
from chalicelib.domain.fingerprint import FIELDS, REQUIRED, without_userinfo
from chalicelib.domain.free_form import Json, normal
from chalicelib.services.ports import Fingerprint

ITEM = "fingerprint"
REPOSITORY = "git_repository_url"


def read_fingerprint(raw: Json) -> dict[str, Any]:
    """The fields of a fingerprint, whatever their types: a client that gets no id sends no event. Raises Malformed."""
    try:
        fields: dict[str, Any] = normal(object_of(raw, ITEM))
    except ValueError as error:
        raise Malformed(f"{ITEM}: {error}") from None
    fields = {name: value for name, value in fields.items() if value is not None}
    for name in REQUIRED:
        if name not in fields:
            raise Malformed(f"{ITEM}: {name} is required")
    if isinstance(fields.get(REPOSITORY), str):
        fields[REPOSITORY] = without_userinfo(fields[REPOSITORY])
    return fields


def shown(fingerprint: Fingerprint) -> dict[str, Any]:
    """A fingerprint as a resource: every known field, null where it was not sent."""
    fields = fingerprint.fields
    return {
        "fingerprint_id": fingerprint.id,
        "created_at": fingerprint.created_at,
        **{name: fields.get(name) for name in FIELDS},
        UNRECOGNIZED: {name: value for name, value in fields.items() if name not in FIELDS},
    }
