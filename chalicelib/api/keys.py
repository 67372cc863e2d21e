"""Routes of API keys."""

from typing import Any

from chalicelib.api.call import Call
from chalicelib.api.paging import decode, encode, page_body
from chalicelib.api.reply import Reply
from chalicelib.api.routing import Operation
from chalicelib.domain.api_key import ROLES, ApiKey, is_key_id
from chalicelib.domain.errors import Malformed
from chalicelib.domain.identifiers import check_identifier
from chalicelib.domain.times import parse_time
from chalicelib.services.api_keys import Wanted

CREATED = 201
FIELDS = {"name", "role", "project_id", "expires_at"}


def make_key(call: Call) -> Reply:
    """Make a key; it is shown this once."""
    call.only(set())
    made = call.use.api_keys.make(call.tenant, _wanted(call.json()))
    return Reply({**_shown(made.key), "key": made.secret}, CREATED, {"Cache-Control": "no-store"})


def list_keys(call: Call) -> Reply:
    """A tenant's keys, newest first, without anything that opens."""
    call.only({"limit", "cursor"})
    scope = [call.tenant, "keys"]
    position = decode(scope, call.query.get("cursor"), 1)
    if position and not is_key_id(position[0]):
        raise Malformed("cursor is not one of ours", meta={"parameter": "cursor"})
    page = call.use.api_keys.page(call.tenant, position[0] if position else None, call.limit())
    return Reply(page_body([_shown(key) for key in page.rows], encode(scope, [page.last] if page.last else None)))


def revoke_key(call: Call) -> Reply:
    """End a key for good; it stays in the list."""
    call.only(set())
    return Reply(_shown(call.use.api_keys.revoke(call.tenant, call.path("key_id"))))


def _wanted(body: object) -> Wanted:
    if not isinstance(body, dict):
        raise Malformed("the body must be an object of name, role and, if you like, project_id and expires_at")
    if unknown := sorted(body.keys() - FIELDS):
        raise Malformed(f"unknown field {unknown[0][:80]}", meta={"field": unknown[0][:80]})
    name, role = _text(body, "name", required=True), _text(body, "role", required=True)
    if role not in ROLES:
        raise Malformed(f"role must be one of {', '.join(ROLES)}", meta={"field": "role"})
    return Wanted(str(name), role, _text(body, "project_id"), _time(body, "expires_at"))


def _text(body: dict[str, Any], name: str, *, required: bool = False) -> str | None:
    """A text that may be an id; an empty or blank one is absent."""
    value = body.get(name)
    if value is not None and not isinstance(value, str):
        raise Malformed(f"{name} must be a text", meta={"field": name})
    if value is None or not value.strip():
        if required:
            raise Malformed(f"{name} is required", meta={"field": name})
        return None
    try:
        return check_identifier(value)
    except ValueError as error:
        raise Malformed(f"{name} {error}", meta={"field": name}) from error


def _time(body: dict[str, Any], name: str) -> str | None:
    value = _text(body, name)
    try:
        return parse_time(value) if value else None
    except ValueError as error:
        raise Malformed(f"{name} {error}", meta={"field": name}) from error


def _shown(key: ApiKey) -> dict[str, Any]:
    return {
        "id": key.id,
        "name": key.name,
        "role": key.role,
        "project_id": key.project_id,
        "hint": key.hint,
        "created_at": key.created_at,
        "expires_at": key.expires_at,
        "revoked_at": key.revoked_at,
    }


OPERATIONS = [
    Operation("POST", "/v1/keys", "keys:CreateKey", make_key, role="admin"),
    Operation("GET", "/v1/keys", "keys:ListKeys", list_keys, role="admin"),
    Operation("DELETE", "/v1/keys/{key_id}", "keys:RevokeKey", revoke_key, role="admin"),
]
