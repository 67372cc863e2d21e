"""Routes that take content away for good."""

from chalicelib.api.call import Call
from chalicelib.api.generations import identifier
from chalicelib.api.reply import Reply
from chalicelib.api.routing import Operation
from chalicelib.domain.errors import Malformed
from chalicelib.domain.identifiers import check_identifier

ACCEPTED = 202


def purge_content(call: Call) -> Reply:
    """Purge one generation's content; ids, hashes, edges, verdicts and usage stay."""
    call.only(set())
    generation_id = identifier(call.path("generation_id"))
    at = call.use.purging.generation(call.tenant, generation_id)
    return Reply({"generation_id": generation_id, "content_purged_at": at}, ACCEPTED)


def delete_person(call: Call) -> Reply:
    """Purge the content of all that a person has left and may still leave, known or not."""
    call.only(set())
    try:
        person_id = check_identifier(call.path("person_id"))
    except ValueError as error:
        raise Malformed(f"person_id {error}", meta={"parameter": "person_id"}) from error
    call.use.purging.person(call.tenant, person_id)
    return Reply({"person_id": person_id, "status": "accepted"}, ACCEPTED)


OPERATIONS = [
    Operation(
        "DELETE",
        "/v1/generations/{generation_id}/content",
        "generations:PurgeGenerationContent",
        purge_content,
        role="admin",
    ),
    Operation("DELETE", "/v1/people/{person_id}", "people:DeletePerson", delete_person, role="admin"),
]
