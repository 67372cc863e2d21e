"""Reading an evaluator out of a client's JSON: what could not judge is refused here, never later."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from chalicelib.domain.errors import Malformed
from chalicelib.domain.evaluator import Evaluator, Filter, Kind
from chalicelib.domain.free_form import Json, normal
from chalicelib.domain.judging.fields import DEFAULT, check_field, check_numeric_field
from chalicelib.domain.judging.filters import WireFilter
from chalicelib.domain.judging.regex import Pattern
from chalicelib.domain.judging.schema_check import check_schema
from chalicelib.domain.judging.wire import Identifier, Wire, read
from chalicelib.domain.webhook import SHOWN_OF_SECRET, target_of

MOST_SECONDS = 10
DEFAULT_SECONDS = 5
SECRET = "secret"  # noqa: S105  # the name of a field


def _check_pattern(pattern: str) -> str:
    for ignore_case in (False, True):
        Pattern(pattern, ignore_case=ignore_case)
    return pattern


class _Regex(Wire):
    pattern: Annotated[str, AfterValidator(_check_pattern)]
    field: Annotated[str, AfterValidator(check_field)] = DEFAULT
    expect: Literal["match", "no_match"] = "match"
    ignore_case: bool = False


class _JsonSchema(Wire):
    schema_: Annotated[Json, AfterValidator(check_schema), Field(alias="schema")]
    field: Annotated[str, AfterValidator(check_field)] = DEFAULT


class _Threshold(Wire):
    field: Annotated[str, AfterValidator(check_numeric_field)]
    op: Literal["lt", "lte", "gt", "gte", "eq", "ne"]
    value: Annotated[float, AfterValidator(normal)]


class _Http(Wire):
    url: str
    timeout_seconds: Annotated[float, Field(ge=1, le=MOST_SECONDS)] = DEFAULT_SECONDS


_CONFIGS: Mapping[Kind, type[Wire]] = {
    "regex": _Regex,
    "json_schema": _JsonSchema,
    "threshold": _Threshold,
    "http": _Http,
}


class _Evaluator(Wire):
    kind: Kind
    config: dict[str, Json]
    score_key: Identifier | None = None
    filter: WireFilter | None = None
    sampling_rate: Annotated[float, Field(ge=0, le=1)] = 1.0
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class Identity:
    """What an evaluator has that its client does not send. `secret` is the key of the signatures of the kind `http`."""

    id: str
    version: int
    created_at: str
    secret: str


def read_evaluator(body: Json, identity: Identity, allowed: Collection[str]) -> Evaluator:
    """The evaluator that a client's JSON asks for: `kind`, `config`, and if it likes `score_key` (else the id),
    `filter`, `sampling_rate` and `enabled`. `allowed` are the hosts on which hooks may be.

    Raises:
        Malformed: it cannot be; `meta.field` names the field.
    """
    wire = read(_Evaluator, body)
    config = read(_CONFIGS[wire.kind], wire.config, ("config",)).model_dump(by_alias=True, exclude_unset=True)
    if wire.kind == "http":
        config = {**config, **_hook(config["url"], identity.secret, allowed)}
    return Evaluator(
        id=identity.id,
        version=identity.version,
        kind=wire.kind,
        config=config,
        score_key=wire.score_key or identity.id,
        created_at=identity.created_at,
        filter=wire.filter.filter() if wire.filter else Filter(),
        sampling_rate=wire.sampling_rate,
        enabled=wire.enabled,
    )


def shown_config(evaluator: Evaluator) -> dict[str, Any]:
    """An evaluator's config as anybody may see it: with the first characters of its secret only."""
    config = dict(evaluator.config)
    if SECRET in config:
        config["secret_prefix"] = config.pop(SECRET)[:SHOWN_OF_SECRET]
    return config


def _hook(url: str, secret: str, allowed: Collection[str]) -> dict[str, Any]:
    try:
        target_of(url, allowed)
    except ValueError as error:
        message = f"config.url {error}"
        raise Malformed(message, meta={"field": "config.url"}) from None
    return {SECRET: secret}
