"""A tenant's evaluators: set, shown, disabled; each change is a new version, and none is ever lost."""

import json
from collections.abc import Callable, Collection
from dataclasses import asdict, dataclass, replace

from chalicelib.domain.errors import Malformed, NotFound, Unavailable
from chalicelib.domain.evaluator import Evaluator
from chalicelib.domain.free_form import Json
from chalicelib.domain.judging.configs import SECRET, Identity, read_evaluator
from chalicelib.domain.times import format_time
from chalicelib.observability.logs import log
from chalicelib.services.ports import Clock, Evaluators

ROUNDS = 8
KEY_STAYS = "score_key cannot be changed, since verdicts under the old one would stand; take another evaluator_id"


@dataclass(frozen=True, slots=True)
class Settled:
    """An evaluator as it now is; `secret` when one was made for it, to be shown this once."""

    evaluator: Evaluator
    secret: str | None = None


class EvaluatorSettings:
    """The use cases behind `/evaluators`. `allowed` are the hosts on which hooks may be."""

    def __init__(
        self, evaluators: Evaluators, clock: Clock, new_secret: Callable[[], str], allowed: Collection[str]
    ) -> None:
        self._evaluators = evaluators
        self._clock = clock
        self._new_secret = new_secret
        self._allowed = allowed

    def put(self, tenant: str, evaluator_id: str, body: Json) -> Settled:
        """Set it; a body that says what it is already changes nothing. Raises Malformed, Conflict and Unavailable."""
        for _ in range(ROUNDS):
            present = self._evaluators.get(tenant, evaluator_id)
            kept = present.config.get(SECRET) if present else None
            secret = kept or self._new_secret()
            version, at = (present.version, present.created_at) if present else (0, "")
            wanted = read_evaluator(body, Identity(evaluator_id, version, at, secret), self._allowed)
            if present and _text(wanted) == _text(present):
                return Settled(present)
            if present and wanted.score_key != present.score_key:
                raise Malformed(KEY_STAYS, meta={"field": "score_key"})
            changed = self._next(wanted)
            if self._evaluators.put(tenant, changed):
                made = kept is None and SECRET in changed.config
                return Settled(self._told(tenant, changed), secret if made else None)
        raise Unavailable("storage is busy")

    def disable(self, tenant: str, evaluator_id: str) -> Evaluator:
        """Let it judge no more; what it has said stands. Raises NotFound, and Unavailable."""
        for _ in range(ROUNDS):
            present = self.get(tenant, evaluator_id)
            if not present.enabled:
                return present
            disabled = self._next(replace(present, enabled=False))
            if self._evaluators.put(tenant, disabled):
                return self._told(tenant, disabled)
        raise Unavailable("storage is busy")

    def get(self, tenant: str, evaluator_id: str, version: int | None = None) -> Evaluator:
        """It as it is now, or one version of it. Raises NotFound."""
        if version is None:
            found = self._evaluators.get(tenant, evaluator_id)
        else:
            found = self._evaluators.past(tenant, evaluator_id, version)
        if found is None:
            raise NotFound("evaluator not found")
        return found

    def after(self, tenant: str, evaluator_id: str | None) -> list[Evaluator]:
        """All of them behind an id, disabled ones too, by id."""
        members = self._evaluators.all(tenant).members
        return [one for one in members if evaluator_id is None or one.id.encode() > evaluator_id.encode()]

    def _next(self, evaluator: Evaluator) -> Evaluator:
        """The version after it, whose time is never before that of the one it follows."""
        at = max(format_time(self._clock.now()), evaluator.created_at)
        return replace(evaluator, version=evaluator.version + 1, created_at=at)

    def _told(self, tenant: str, evaluator: Evaluator) -> Evaluator:
        log("evaluator_changed", tenant=tenant, evaluator_id=evaluator.id, version=evaluator.version)
        return evaluator


def _text(evaluator: Evaluator) -> str:
    """What tells an evaluator from another one, also true from 1."""
    return json.dumps(asdict(evaluator), sort_keys=True)
