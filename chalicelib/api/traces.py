"""Routes of traces."""

from chalicelib.api.call import Call
from chalicelib.api.paging import decode, encode, page_body
from chalicelib.api.reply import Reply
from chalicelib.api.routing import Operation
from chalicelib.api.voker.wire import path_id

BY_AGE = 2  # parts of a position


def list_traces(call: Call) -> Reply:
    """A tenant's traces, newest first."""
    call.only({"limit", "cursor"})
    scope = [call.tenant, "traces"]
    position = decode(scope, call.query.get("cursor"), BY_AGE)
    page = call.use.traces.page(call.tenant, (position[0], position[1]) if position else None, call.limit())
    return Reply(page_body(page.items, encode(scope, list(page.last) if page.last else None)))


def get_trace(call: Call) -> Reply:
    """One trace, put together from its generations."""
    return Reply(call.use.traces.one(call.tenant, _trace_id(call)))


def get_trace_generations(call: Call) -> Reply:
    """The ids of a trace's generations, oldest first."""
    return Reply(call.use.traces.generations(call.tenant, _trace_id(call)))


def get_trace_tree(call: Call) -> Reply:
    """A trace's generations under those that initiated them."""
    return Reply(call.use.traces.tree(call.tenant, _trace_id(call)))


def _trace_id(call: Call) -> str:
    call.only(set())
    return path_id(call, "trace_id", "trace")


ONE = "/traces/{trace_id}"
GENERATIONS = f"{ONE}/generations"
OPERATIONS = [
    Operation("GET", "/v1/traces", "traces:ListTraces", list_traces),
    Operation("GET", f"/v1{ONE}", "traces:GetTrace", get_trace, aliases=(ONE,)),
    Operation("GET", f"/v1{GENERATIONS}", "traces:GetTraceGenerations", get_trace_generations, aliases=(GENERATIONS,)),
    Operation("GET", f"/v1{ONE}/tree", "traces:GetTraceTree", get_trace_tree),
]
