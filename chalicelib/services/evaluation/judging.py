"""Judge a generation by an evaluator of any kind."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from chalicelib.domain.errors import Unavailable
from chalicelib.domain.evaluator import Evaluator, Judgement, JudgingFailed
from chalicelib.domain.judging.configs import DEFAULT_SECONDS, SECRET
from chalicelib.domain.judging.hook import question, read_reply
from chalicelib.domain.judging.judge import judge
from chalicelib.domain.judging.matching import score_id_of
from chalicelib.domain.webhook import signature, target_of
from chalicelib.services.ports import Clock, Courier


@dataclass(frozen=True, slots=True)
class Judging:
    """`allowed` are the hosts on which hooks may be; hooks elsewhere are not asked, whenever they were configured."""

    courier: Courier
    clock: Clock
    allowed: Collection[str]

    def __call__(self, evaluator: Evaluator, resource: Mapping[str, Any]) -> Judgement:
        """What an evaluator says of a generation, given as its full resource. Raises JudgingFailed."""
        if evaluator.kind != "http":
            return judge(evaluator, resource)
        return read_reply(*self._asked(evaluator, resource))

    def _asked(self, evaluator: Evaluator, resource: Mapping[str, Any]) -> tuple[int, bytes]:
        config = evaluator.config
        try:
            target = target_of(config["url"], self.allowed)
        except ValueError as error:
            message = f"the hook's url {error}"
            raise JudgingFailed(message) from None
        body = question(evaluator, resource)
        timestamp = str(int(self.clock.now().timestamp()))
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "catchment-evaluator/1",
            "X-Catchment-Id": score_id_of(evaluator, resource["id"]),
            "X-Catchment-Timestamp": timestamp,
            "X-Catchment-Signature": signature(config[SECRET], timestamp, body),
        }
        try:
            return self.courier.ask(target, headers, body, config.get("timeout_seconds", DEFAULT_SECONDS))
        except Unavailable as error:
            raise JudgingFailed(error.message, again=True) from error
