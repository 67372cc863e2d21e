"""What travels through the evaluate queue. The messages may come any number of times."""

from collections.abc import Iterable, Sequence
from typing import Literal

from chalicelib.services.evaluation.pairs import WAVE, Pair
from chalicelib.services.queue_message import QueueMessage, reader

EVALUATE_QUEUE = "evaluate"
CHUNK = 100


class ToJudge(QueueMessage):
    """Generations that have ended and are processed; all of the tenant's evaluators judge them, or those named."""

    kind: Literal["judge"] = "judge"
    generation_ids: tuple[str, ...]
    evaluator_ids: tuple[str, ...] | None = None


class ToTryAgain(QueueMessage):
    """One evaluator could not judge these, and may be able to later.

    `tried` counts the tries of a message that this one has taken the place of.
    """

    kind: Literal["again"] = "again"
    evaluator_id: str
    generation_ids: tuple[str, ...]
    tried: int = 0


class BackfillGoesOn(QueueMessage):
    """A backfill has come to this step; a message of another step is obsolete."""

    kind: Literal["backfill"] = "backfill"
    evaluator_id: str
    backfill_id: str
    step: int


EvaluateMessage = ToJudge | ToTryAgain | BackfillGoesOn


_read = reader(EvaluateMessage)


def decode(body: str) -> EvaluateMessage:
    """Read a message body. Raises UnreadableMessage."""
    message: EvaluateMessage = _read(body)
    return message


def judge_messages(
    tenant: str, cause: str, generation_ids: Sequence[str], evaluator_ids: Iterable[str] | None = None
) -> list[str]:
    """Bodies that have these generations judged; `cause` is the correlation id."""
    named = None if evaluator_ids is None else tuple(evaluator_ids)
    return [
        ToJudge(
            tenant=tenant,
            correlation_id=cause,
            generation_ids=tuple(generation_ids[at : at + CHUNK]),
            evaluator_ids=named,
        ).encode()
        for at in range(0, len(generation_ids), CHUNK)
    ]


def lacking_messages(tenant: str, cause: str, left: Sequence[Pair]) -> list[str]:
    """Bodies that have each generation judged by those that it still lacks; what lacks the same travels together."""
    lacking: dict[str, list[str]] = {}
    for pair in left:
        lacking.setdefault(pair.generation_id, []).append(pair.evaluator.id)
    together: dict[tuple[str, ...], list[str]] = {}
    for generation_id, evaluator_ids in lacking.items():
        together.setdefault(tuple(evaluator_ids), []).append(generation_id)
    return [body for named, ids in together.items() for body in judge_messages(tenant, cause, ids, named)]


def again_messages(tenant: str, cause: str, pairs: Sequence[Pair]) -> list[str]:
    """Bodies that have hooks asked again, each about what is asked at once: it fails, and comes again, as a whole."""
    by_evaluator: dict[str, list[str]] = {}
    for pair in pairs:
        by_evaluator.setdefault(pair.evaluator.id, []).append(pair.generation_id)
    return [
        ToTryAgain(
            tenant=tenant,
            correlation_id=cause,
            evaluator_id=evaluator_id,
            generation_ids=tuple(ids[at : at + WAVE]),
        ).encode()
        for evaluator_id, ids in by_evaluator.items()
        for at in range(0, len(ids), WAVE)
    ]
