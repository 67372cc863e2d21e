"""Routes that read generations."""

from typing import Any

from chalicelib.api.call import Call
from chalicelib.api.paging import decode, encode, page_body
from chalicelib.api.reply import Reply
from chalicelib.api.routing import Operation
from chalicelib.domain.errors import Malformed, NotFound
from chalicelib.domain.identifiers import check_identifier
from chalicelib.domain.times import parse_time
from chalicelib.services.filters import FIELDS, LIST_ONLY, Filters
from chalicelib.services.ports import Window

CHOICES = {
    "status": ("in_progress", "requires_action", "completed", "failed"),
    "source": ("sigil", "ingate", "voker", "lifecycle", "otlp"),
    "fields": ("summary", "full"),
    "flagged": ("true", "false"),
    "verdict": ("pass", "fail", "unknown"),
    "reason": ("failed_evaluation", "failed_generation"),
}
TAG = "tag."
BY_TIME, BY_ROOT = 2, 4  # parts of a position
FILTERS = (*FIELDS, LIST_ONLY)
KNOWN = {*FILTERS, "since", "until", "limit", "cursor", "fields", TAG}


def get_generation(call: Call) -> Reply:
    """One generation, whatever its way in."""
    call.only({"fields"})
    generation_id = identifier(call.path("generation_id"))
    return Reply(call.use.reading.one(call.tenant, generation_id, full=_full(call, default=True)))


def list_generations(call: Call) -> Reply:
    """Generations that match all filters, newest first."""
    call.only(KNOWN)
    filters = _filters(call)
    since, until = _time(call, "since"), _time(call, "until")
    scope = _scope(call, filters, since, until)
    position = decode(scope, call.query.get("cursor"), BY_ROOT if filters.goes_by_root() else BY_TIME)
    after = tuple(position) if position else None
    window = Window(None, since, until)
    page = call.use.reading.page(call.tenant, filters, window, after, call.limit(), full=_full(call, default=False))
    return Reply(page_body(page.items, encode(scope, list(page.last) if page.last else None)))


def first_page(call: Call, name: str, value: str) -> tuple[Filters, list[Any]]:
    """The filters of a list by one field, and the scope of its cursors: they lead on in the list of generations."""
    filters = Filters({name: value}, indexed_tags=call.use.settings.indexed_tags)
    return filters, _scope(call, filters, None, None)


def _scope(call: Call, filters: Filters, since: str | None, until: str | None) -> list[Any]:
    return [call.tenant, "generations", dict(filters.fields), dict(filters.tags), since, until]


def identifier(value: str) -> str:
    """An id that no generation can have is simply not found."""
    try:
        return check_identifier(value)
    except ValueError as error:
        raise NotFound("generation not found") from error


def _filters(call: Call) -> Filters:
    fields = {name: _value(call, name) for name in FILTERS if name in call.query}
    tags = {name.removeprefix(TAG): _value(call, name) for name in call.query if name.startswith(TAG)}
    return Filters(fields, tags, call.use.settings.indexed_tags)


def _value(call: Call, name: str) -> str:
    value = call.query[name]
    _choice(name, value)
    try:
        return check_identifier(value)
    except ValueError as error:
        raise Malformed(f"{name} {error}", meta={"parameter": name[:80]}) from error


def _choice(name: str, value: str) -> None:
    allowed = CHOICES.get(name)
    if allowed is not None and value not in allowed:
        raise Malformed(f"{name} must be one of {', '.join(allowed)}", meta={"parameter": name})


def _time(call: Call, name: str) -> str | None:
    if name not in call.query:
        return None
    try:
        return parse_time(call.query[name])
    except ValueError as error:
        raise Malformed(f"{name} {error}", meta={"parameter": name}) from error


def _full(call: Call, *, default: bool) -> bool:
    value: Any = call.query.get("fields", "full" if default else "summary")
    _choice("fields", value)
    return bool(value == "full")


OPERATIONS = [
    Operation("GET", "/v1/generations", "generations:ListGenerations", list_generations),
    Operation(
        "GET",
        "/v1/generations/{generation_id}",
        "generations:GetGeneration",
        get_generation,
        aliases=("/generations/{generation_id}",),
    ),
]
