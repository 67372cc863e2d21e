"""Routes that show what a generation consumed and what consumed it."""

from collections.abc import Callable
from typing import Any, cast

from chalicelib.api.call import Call
from chalicelib.api.diagrams import FORMATS
from chalicelib.api.generations import identifier
from chalicelib.api.paging import decode, encode, page_body
from chalicelib.api.reply import Reply, TextReply
from chalicelib.api.routing import Operation
from chalicelib.domain.errors import Malformed
from chalicelib.domain.identifiers import check_identifier
from chalicelib.services.lineage.graph import Ask, Direction, Drawing, Place

DIRECTIONS = ("upstream", "downstream", "both")
DEFAULT_DEPTH, MOST_DEPTH = 10, 100
DEFAULT_NODES, MOST_NODES = 200, 2_000
POSITION = 2


def list_dependents(call: Call) -> Reply:
    """What a generation reaches, newest first, and how much that is."""
    call.only({"limit", "cursor"})
    generation_id = identifier(call.path("generation_id"))
    scope = [call.tenant, "dependents", generation_id]
    position = decode(scope, call.query.get("cursor"), POSITION)
    before = (position[0], position[1]) if position else None
    page, count = call.use.dependents.page(call.tenant, generation_id, before, call.limit())
    body = page_body(page.items, encode(scope, list(page.last) if page.last else None))
    return Reply({**body, "count": count.number, "count_exact": count.exact})


def show_lineage(call: Call) -> Reply:
    """The surroundings of a generation, or the way from it up to a root."""
    shown = _shown(call)
    drawing = _path(call) if "to" in call.query else _surroundings(call)
    return shown(drawing)


def _surroundings(call: Call) -> Drawing:
    call.only({"direction", "max_depth", "limit", "format"})
    ask = Ask(
        cast("Direction", _choice(call, "direction", DIRECTIONS, "both")),
        call.number("max_depth", DEFAULT_DEPTH, MOST_DEPTH),
        call.number("limit", DEFAULT_NODES, MOST_NODES),
    )
    return call.use.picture.draw(call.tenant, identifier(call.path("generation_id")), ask)


def _path(call: Call) -> Drawing:
    call.only({"direction", "to", "format"})
    _choice(call, "direction", ("upstream",), "upstream")
    try:
        root = check_identifier(call.query["to"])
    except ValueError as error:
        raise Malformed(f"to {error}", meta={"parameter": "to"}) from error
    return call.use.graph.path(call.tenant, identifier(call.path("generation_id")), root)


def _shown(call: Call) -> Callable[[Drawing], Reply]:
    asked = _choice(call, "format", ("json", *FORMATS), "json")
    write = FORMATS.get(asked)
    return _json if write is None else lambda drawing: TextReply(write(drawing))


def _json(drawing: Drawing) -> Reply:
    edges = [_edge(*arrow) for arrow in drawing.arrows()]
    return Reply({"root": drawing.root, "nodes": drawing.nodes, "edges": edges, "truncated": drawing.truncated})


def _edge(start: Place, end: Place) -> dict[str, Any]:
    """Of an end that is a step the kind is told; nothing told means a generation."""
    told = {name: kind for name, (kind, _) in (("from_kind", start), ("to_kind", end)) if kind == "step"}
    return {"from": start[1], "to": end[1], **told}


def _choice(call: Call, name: str, allowed: tuple[str, ...], default: str) -> str:
    value = call.query.get(name, default)
    if value not in allowed:
        raise Malformed(f"{name} must be one of {', '.join(allowed)}", meta={"parameter": name})
    return value


OPERATIONS = [
    Operation("GET", "/v1/generations/{generation_id}/dependents", "generations:ListDependents", list_dependents),
    Operation("GET", "/v1/generations/{generation_id}/lineage", "generations:GetLineage", show_lineage),
]
