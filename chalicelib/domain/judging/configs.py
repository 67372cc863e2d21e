"""Reading an evaluator out of a client's JSON: what could not judge is refused here, never later."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from chalicelib.domain.errors import Malformed
from chalicelib.domain.evaluator import Evaluator, Filter, Kind
from chalicelib.domain.free_form import Json, normal
from chalicelib.domain.generation import Source, Status
from chalicelib.domain.identifiers import check_identifier
from chalicelib.domain.judging.fields import DEFAULT, check_field, check_numeric_field
from chalicelib.domain.judging.regex import Pattern
from chalicelib.domain.judging.schema_check import check_schema
from chalicelib.domain.webhook import SHOWN_OF_SECRET, target_of

MOST_TAGS = 10
MOST_SECONDS = 10
DEFAULT_SECONDS = 5
SECRET = "secret"  # noqa: S105  # the name of a field


def _check_pattern(pattern: str) -> str:
    for ignore_case in (False, True):
        Pattern(pattern, ignore_case=ignore_case)
    return pattern


Identifier = Annotated[str, AfterValidator(check_identifier)]


class _Wire(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False, defer_build=True)


class _Regex(_Wire):
    pattern: Annotated[str, AfterValidator(_check_pattern)]
    field: Annotated[str, AfterValidator(check_field)] = DEFAULT
    expect: Literal["match", "no_match"] = "match"
    ignore_case: bool = False


class _JsonSchema(_Wire):
    schema_: Annotated[Json, AfterValidator(check_schema), Field(alias="schema")]
    field: Annotated[str, AfterValidator(check_field)] = DEFAULT


class _Threshold(_Wire):
    field: Annotated[str, AfterValidator(check_numeric_field)]
    op: Literal["lt", "lte", "gt", "gte", "eq", "ne"]
    value: Annotated[float, AfterValidator(normal)]


class _Http(_Wire):
    url: str
    timeout_seconds: Annotated[float, Field(ge=1, le=MOST_SECONDS)] = DEFAULT_SECONDS


_CONFIGS: Mapping[Kind, type[_Wire]] = {
    "regex": _Regex,
    "json_schema": _JsonSchema,
    "threshold": _Threshold,
    "http": _Http,
}


class _Filter(_Wire):
    agent_name: Identifier | None = None
    model: Identifier | None = None
    source: Source | None = None
    status: Status | None = None
    conversation_id: Identifier | None = None
    tags: Annotated[dict[Identifier, str], Field(max_length=MOST_TAGS)] = {}


class _Evaluator(_Wire):
    kind: Kind
    config: dict[str, Json]
    score_key: Identifier | None = None
    filter: _Filter = _Filter.model_construct()
    sampling_rate: Annotated[float, Field(ge=0, le=1)] = 1.0
    enabled: bool = True


Read = TypeVar("Read", bound=_Wire)


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
    wire = _read(_Evaluator, body, ())
    config = _read(_CONFIGS[wire.kind], wire.config, ("config",)).model_dump(by_alias=True, exclude_unset=True)
    if wire.kind == "http":
        config = {**config, **_hook(config["url"], identity.secret, allowed)}
    return Evaluator(
        id=identity.id,
        version=identity.version,
        kind=wire.kind,
        config=config,
        score_key=wire.score_key or identity.id,
        created_at=identity.created_at,
        filter=Filter(**wire.filter.model_dump()),
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


def _read(model: type[Read], body: Json, path: tuple[str, ...]) -> Read:
    try:
        return model.model_validate(body)
    except ValidationError as error:
        fault = error.errors(include_url=False)[0]
        where = ".".join(map(str, (*path, *fault["loc"])))[:80]
        reason = fault.get("ctx", {}).get("error", fault["msg"])
        raise Malformed(f"{where or 'the body'}: {reason}", meta={"field": where}) from None
