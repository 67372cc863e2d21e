"""Routes of people and sessions."""

from chalicelib.api.call import Call
from chalicelib.api.generations import first_page
from chalicelib.api.paging import decode, encode, page_body
from chalicelib.api.reply import Reply
from chalicelib.api.routing import Operation
from chalicelib.api.voker.failure import typed_failure
from chalicelib.api.voker.wire import WirePerson, path_id, read_body

BY_AGE = 2  # parts of a position


def create_person(call: Call) -> Reply:
    """Create a person, or give the one that there is, unchanged."""
    wire = read_body(call, WirePerson, "person", "person_id")
    return Reply(call.use.people.create(call.tenant, wire.person_id or "", wire.properties))


def get_person(call: Call) -> Reply:
    """One person, with a record or only seen."""
    call.only(set())
    return Reply(call.use.people.one(call.tenant, path_id(call, "person_id", "person")))


def update_person(call: Call) -> Reply:
    """Put other properties in place of a person's."""
    wire = read_body(call, WirePerson, "person", "properties")
    return Reply(call.use.people.update(call.tenant, path_id(call, "person_id", "person"), wire.properties or {}))


def list_people(call: Call) -> Reply:
    """People with a record, newest first."""
    call.only({"limit", "cursor"})
    scope = [call.tenant, "people"]
    position = decode(scope, call.query.get("cursor"), BY_AGE)
    page = call.use.people.page(call.tenant, (position[0], position[1]) if position else None, call.limit())
    return Reply(page_body(page.items, encode(scope, list(page.last) if page.last else None)))


def get_session(call: Call) -> Reply:
    """One session with the first page of its generations; the list of generations has the rest."""
    call.only({"limit"})
    filters, scope = first_page(call, "session_id", path_id(call, "session_id", "session"))
    session, page = call.use.sessions.one(call.tenant, filters, call.limit())
    cursor = encode(scope, list(page.last) if page.last else None)
    return Reply({**session, "generations": page.items, "next_cursor": cursor})


CREATE, UPDATE = "people:CreatePerson", "people:UpdatePerson"
MANY, ONE = "/v1/people", "/v1/people/{person_id}"
OPERATIONS = [
    Operation("PUT", MANY, CREATE, create_person, role="member", failure=typed_failure),
    Operation("POST", MANY, CREATE, create_person, role="member", failure=typed_failure),
    Operation("GET", MANY, "people:ListPeople", list_people, failure=typed_failure),
    Operation("GET", ONE, "people:GetPerson", get_person, failure=typed_failure),
    Operation("PUT", ONE, UPDATE, update_person, role="member", failure=typed_failure),
    Operation("PATCH", ONE, UPDATE, update_person, role="member", failure=typed_failure),
    Operation("GET", "/v1/sessions/{session_id}", "sessions:GetSession", get_session, failure=typed_failure),
]
