"""Routes of evaluators: set, shown, disabled, tried."""

import json
from dataclasses import asdict
from typing import Any

from chalicelib.api.call import Call
from chalicelib.api.paging import decode, encode, page_body
from chalicelib.api.reply import Reply
from chalicelib.api.routing import Operation
from chalicelib.api.sigil.export import read_item
from chalicelib.domain.errors import Malformed, NotFound
from chalicelib.domain.evaluator import Evaluator
from chalicelib.domain.free_form import Json, normal
from chalicelib.domain.identifiers import check_identifier
from chalicelib.domain.judging.configs import SECRET, shown_config
from chalicelib.services.evaluation.trying import Trial
from chalicelib.services.showing import RESPONSE_BYTES, size_of

MOST_CHARACTERS = 96 * 1024
MOST_VERSION = 99_999_999
NOT_STORED = {"Cache-Control": "no-store"}


def put_evaluator(call: Call) -> Reply:
    """Create or change it; a secret that was made here is shown this once."""
    call.only(set())
    evaluator_id = call.path("evaluator_id")
    try:
        check_identifier(evaluator_id)
    except ValueError as error:
        raise Malformed(f"evaluator_id {error}", meta={"field": "evaluator_id"}) from error
    settled = call.use.evaluators.put(call.tenant, evaluator_id, _body(call))
    if settled.secret is None:
        return Reply(shown(settled.evaluator))
    return Reply({**shown(settled.evaluator), SECRET: settled.secret}, headers=NOT_STORED)


def get_evaluator(call: Call) -> Reply:
    """It as it is now, or one of its versions."""
    call.only({"version"})
    version = call.number("version", 1, MOST_VERSION) if "version" in call.query else None
    return Reply(shown(call.use.evaluators.get(call.tenant, own_id(call), version)))


def list_evaluators(call: Call) -> Reply:
    """A page of a tenant's evaluators, disabled ones too, by id; it ends early before it grows too large."""
    call.only({"limit", "cursor"})
    scope = [call.tenant, "evaluators"]
    position = decode(scope, call.query.get("cursor"), 1)
    left = call.use.evaluators.after(call.tenant, position[0] if position else None)
    items: list[dict[str, Any]] = []
    room = RESPONSE_BYTES
    for one in left[: call.limit()]:
        item = shown(one)
        room -= size_of(item)
        if items and room < 0:
            break
        items.append(item)
    return Reply(page_body(items, encode(scope, [items[-1]["id"]] if len(items) < len(left) else None)))


def disable_evaluator(call: Call) -> Reply:
    """Let it judge no more; what it has said stands."""
    call.only(set())
    return Reply(shown(call.use.evaluators.disable(call.tenant, own_id(call))))


def try_evaluator(call: Call) -> Reply:
    """What it would say of a generation; nothing is written."""
    call.only(set())
    evaluator = call.use.evaluators.get(call.tenant, own_id(call))
    body = call.json(envelope=1)
    if not isinstance(body, dict) or len(body) != 1 or not body.keys() <= {"generation_id", "generation"}:
        raise Malformed("the body must be an object of either generation_id or generation")
    if "generation" in body:
        generation = read_item(body["generation"], conversation_required=False)
        trial = call.use.trying.sent(call.tenant, evaluator, generation)
    else:
        trial = call.use.trying.stored(call.tenant, evaluator, _generation_id(body["generation_id"]))
    return Reply({"evaluator_id": evaluator.id, "version": evaluator.version, **_tried(trial)})


def own_id(call: Call) -> str:
    """The evaluator's id; one that no evaluator can have is simply not found."""
    try:
        return check_identifier(call.path("evaluator_id"))
    except ValueError as error:
        raise NotFound("evaluator not found") from error


def shown(evaluator: Evaluator) -> dict[str, Any]:
    """An evaluator without what signs its calls."""
    return {
        "id": evaluator.id,
        "version": evaluator.version,
        "kind": evaluator.kind,
        "config": shown_config(evaluator),
        "score_key": evaluator.score_key,
        "filter": asdict(evaluator.filter),
        "sampling_rate": evaluator.sampling_rate,
        "enabled": evaluator.enabled,
        "created_at": evaluator.created_at,
    }


def _body(call: Call) -> Json:
    """The body in its one form, as long as an evaluator may be."""
    try:
        body = normal(call.json())
    except ValueError as error:
        raise Malformed(f"the body {error}") from error
    if len(json.dumps(body)) > MOST_CHARACTERS:
        message = f"an evaluator may have at most {MOST_CHARACTERS:,} characters"
        raise Malformed(message)
    return body


def _generation_id(value: Json) -> str:
    if not isinstance(value, str):
        raise Malformed("generation_id must be a text", meta={"field": "generation_id"})
    try:
        return check_identifier(value)
    except ValueError as error:
        raise NotFound("generation not found") from error


def _tried(trial: Trial) -> dict[str, Any]:
    judgement = asdict(trial.judgement) if trial.judgement else None
    return {"matches": trial.matches, "sampled": trial.sampled, "judgement": judgement, "error": trial.error}


OPERATIONS = [
    Operation("GET", "/v1/evaluators", "evaluators:ListEvaluators", list_evaluators),
    Operation("PUT", "/v1/evaluators/{evaluator_id}", "evaluators:PutEvaluator", put_evaluator, role="admin"),
    Operation("GET", "/v1/evaluators/{evaluator_id}", "evaluators:GetEvaluator", get_evaluator),
    Operation(
        "DELETE", "/v1/evaluators/{evaluator_id}", "evaluators:DisableEvaluator", disable_evaluator, role="admin"
    ),
    Operation("POST", "/v1/evaluators/{evaluator_id}/test", "evaluators:TryEvaluator", try_evaluator, role="admin"),
]
