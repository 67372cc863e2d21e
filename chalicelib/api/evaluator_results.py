"""Routes of what evaluators have judged, could not judge, and are to judge after the fact."""

import re
from dataclasses import asdict
from datetime import date, timedelta
from typing import Any

from chalicelib.api.call import Call
from chalicelib.api.evaluators import own_id
from chalicelib.api.paging import decode, encode, page_body
from chalicelib.api.reply import Reply
from chalicelib.api.routing import Operation
from chalicelib.domain.errors import Malformed
from chalicelib.domain.free_form import Json
from chalicelib.domain.judging.filters import read_filter
from chalicelib.domain.times import parse_time
from chalicelib.services.evaluation.backfilling import BackfillWanted
from chalicelib.services.ports import Backfill, Failure

ACCEPTED = 202
FIELDS = {"since", "until", "filter", "rate"}
DEFAULT_RATE, MOST_RATE = 50, 1_000
DEFAULT_DAYS, MOST_DAYS = 30, 366
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def start_backfill(call: Call) -> Reply:
    """Have it judge what is there already."""
    call.only(set())
    evaluator_id = own_id(call)
    return Reply(_backfill(call.use.backfilling.start(call.tenant, evaluator_id, _wanted(call.json()))), ACCEPTED)


def get_backfill(call: Call) -> Reply:
    """How far the latest backfill has come."""
    call.only(set())
    return Reply(_backfill(call.use.backfilling.get(call.tenant, own_id(call))))


def stop_backfill(call: Call) -> Reply:
    """End the backfill that is running."""
    call.only(set())
    return Reply(_backfill(call.use.backfilling.stop(call.tenant, own_id(call))))


def get_stats(call: Call) -> Reply:
    """What it has judged, by day and version."""
    call.only({"since", "until"})
    evaluator = call.use.evaluators.get(call.tenant, own_id(call))
    until = _day(call, "until") or call.use.ports.clock.now().date()
    since = _day(call, "since") or date.fromordinal(max(1, until.toordinal() - DEFAULT_DAYS + 1))
    if not timedelta() <= until - since < timedelta(days=MOST_DAYS):
        raise Malformed(f"since to until must be 1 to {MOST_DAYS} days", meta={"parameter": "since"})
    return Reply(call.use.evaluator_results.stats(call.tenant, evaluator.id, since.isoformat(), until.isoformat()))


def list_failures(call: Call) -> Reply:
    """What it could not judge, newest first."""
    call.only({"limit", "cursor"})
    evaluator = call.use.evaluators.get(call.tenant, own_id(call))
    scope = [call.tenant, "evaluator failures", evaluator.id]
    position = decode(scope, call.query.get("cursor"), 1)
    before = position[0] if position else None
    page = call.use.evaluator_results.failures(call.tenant, evaluator.id, before, call.limit())
    return Reply(page_body([_failure(one) for one in page.rows], encode(scope, [page.last] if page.last else None)))


def _wanted(body: Json) -> BackfillWanted:
    if not isinstance(body, dict) or body.keys() - FIELDS:
        raise Malformed("the body must be an object of since, until, filter and rate, each if you like")
    since, until = _time(body, "since"), _time(body, "until")
    if since and until and since > until:
        raise Malformed("since must not be after until", meta={"field": "since"})
    rate = body.get("rate", DEFAULT_RATE)
    if type(rate) is not int or not 1 <= rate <= MOST_RATE:
        raise Malformed(f"rate must be a whole number from 1 to {MOST_RATE}", meta={"field": "rate"})
    return BackfillWanted(since, until, read_filter(body.get("filter")), rate)


def _time(body: dict[str, Any], name: str) -> str | None:
    value = body.get(name)
    if value is None:
        return None
    try:
        return parse_time(value if isinstance(value, str) else "")
    except ValueError as error:
        raise Malformed(f"{name} {error}", meta={"field": name}) from error


def _day(call: Call, name: str) -> date | None:
    text = call.query.get(name)
    if text is None:
        return None
    try:
        if _DAY.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise Malformed(f"{name} must be a day, as in 2026-05-31", meta={"parameter": name})


def _backfill(backfill: Backfill) -> dict[str, Any]:
    return {
        "id": backfill.id,
        "evaluator_id": backfill.evaluator_id,
        "state": backfill.state,
        "since": backfill.since,
        "until": backfill.until,
        "filter": asdict(backfill.filter),
        "rate": backfill.rate,
        "examined": backfill.examined,
        "queued": backfill.queued,
        "reached": backfill.after[0] if backfill.after else None,
        "started_at": backfill.started_at,
        "updated_at": backfill.updated_at,
    }


def _failure(failure: Failure) -> dict[str, Any]:
    return {
        "generation_id": failure.generation_id,
        "version": failure.version,
        "reason": failure.reason,
        "failed_at": failure.failed_at,
    }


OPERATIONS = [
    Operation(
        "POST", "/v1/evaluators/{evaluator_id}/backfill", "evaluators:StartBackfill", start_backfill, role="admin"
    ),
    Operation("GET", "/v1/evaluators/{evaluator_id}/backfill", "evaluators:GetBackfill", get_backfill),
    Operation(
        "DELETE", "/v1/evaluators/{evaluator_id}/backfill", "evaluators:StopBackfill", stop_backfill, role="admin"
    ),
    Operation("GET", "/v1/evaluators/{evaluator_id}/stats", "evaluators:GetStats", get_stats),
    Operation("GET", "/v1/evaluators/{evaluator_id}/failures", "evaluators:ListFailures", list_failures),
]
