"""Routes of conversations and their ratings."""

from typing import Any

from chalicelib.api.call import Call
from chalicelib.api.generations import first_page
from chalicelib.api.paging import decode, encode, page_body
from chalicelib.api.reply import Reply
from chalicelib.api.routing import Operation
from chalicelib.api.sigil.ratings import read_rating
from chalicelib.api.voker.wire import path_id
from chalicelib.domain.errors import Malformed, missing
from chalicelib.domain.identifiers import check_identifier
from chalicelib.services.ports import Position
from chalicelib.services.showing import RESPONSE_BYTES, size_of

BY_AGE = 2  # parts of a position
NAME = "conversation_id"


def list_conversations(call: Call) -> Reply:
    """A tenant's conversations by their first sight, newest first."""
    call.only({"limit", "cursor"})
    scope = [call.tenant, "conversations"]
    page = call.use.conversations.page(call.tenant, _position(call, scope), call.limit())
    return Reply(page_body(page.items, _cursor(scope, page.last)))


def get_conversation(call: Call) -> Reply:
    """One conversation, a page of its generations, and the first page of its steps."""
    call.only({"limit", "cursor"})
    conversation_id = path_id(call, NAME, "conversation")
    conversation = call.use.conversations.one(call.tenant, conversation_id)
    filters, scope = first_page(call, NAME, conversation_id)
    generations = call.use.conversations.generations(call.tenant, filters, _position(call, scope), call.limit())
    room = RESPONSE_BYTES - sum(map(size_of, generations.items)) - size_of(conversation)
    steps = call.use.step_reading.page(call.tenant, conversation_id, None, call.limit(), room)
    if not (conversation["generation_count"] or conversation["rating_summary"]["total_count"]) and not (
        steps.items or steps.last
    ):
        raise missing("conversation")
    return Reply(
        {
            **conversation,
            "generations": generations.items,
            "next_cursor": encode(scope, list(generations.last) if generations.last else None),
            "steps": steps.items,
            "steps_cursor": _cursor(_steps_scope(call, conversation_id), steps.last),
        }
    )


def list_steps(call: Call) -> Reply:
    """A conversation's steps, newest first; they may be there before any generation is."""
    call.only({"limit", "cursor"})
    conversation_id = path_id(call, NAME, "conversation")
    scope = _steps_scope(call, conversation_id)
    before = _position(call, scope)
    page = call.use.step_reading.page(call.tenant, conversation_id, before, call.limit())
    if not page.items and before is None:
        call.use.conversations.exists(call.tenant, conversation_id)
    return Reply(page_body(page.items, _cursor(scope, page.last)))


def rate_conversation(call: Call) -> Reply:
    """Keep somebody's rating; the same again changes nothing."""
    try:
        conversation_id = check_identifier(call.path(NAME))
    except ValueError as error:
        raise Malformed(f"{NAME} {error}", meta={"parameter": NAME}) from error
    said = read_rating(call)
    call.admit(1)
    rating, summary = call.use.rate(call.tenant, conversation_id, said)
    return Reply({"rating": rating, "summary": summary})


def list_ratings(call: Call) -> Reply:
    """A conversation's ratings, newest first, and what all of them come to."""
    call.only({"limit", "cursor"})
    conversation_id = path_id(call, NAME, "conversation")
    scope = [call.tenant, "ratings", conversation_id]
    page = call.use.rate.page(call.tenant, conversation_id, _position(call, scope), call.limit())
    if not page.summary["total_count"]:
        call.use.conversations.exists(call.tenant, conversation_id)
    return Reply({**page_body(page.items, _cursor(scope, page.last)), "summary": page.summary})


def _position(call: Call, scope: list[Any]) -> Position | None:
    position = decode(scope, call.query.get("cursor"), BY_AGE)
    return (position[0], position[1]) if position else None


def _cursor(scope: list[Any], last: Position | None) -> str | None:
    return encode(scope, list(last) if last else None)


def _steps_scope(call: Call, conversation_id: str) -> list[Any]:
    return [call.tenant, "conversation-steps", conversation_id]


ONE = "/v1/conversations/{conversation_id}"
RATINGS = f"{ONE}/ratings"
OPERATIONS = [
    Operation("GET", "/v1/conversations", "conversations:ListConversations", list_conversations),
    Operation("GET", ONE, "conversations:GetConversation", get_conversation),
    Operation("GET", f"{ONE}/workflow-steps", "conversations:ListWorkflowSteps", list_steps),
    Operation("POST", RATINGS, "conversations:RateConversation", rate_conversation, role="member"),
    Operation("GET", RATINGS, "conversations:ListRatings", list_ratings),
]
