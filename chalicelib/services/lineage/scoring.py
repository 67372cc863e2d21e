"""Take scores in: durable before the answer, each id once, their effect on verdicts and flags certain."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from chalicelib.domain.free_form import Json
from chalicelib.domain.lineage import HEALTHY, Pair, State
from chalicelib.observability.logs import current_correlation_id
from chalicelib.services.lineage.flag_messages import ScoresStored
from chalicelib.services.lineage.flagging import FLAG_QUEUE
from chalicelib.services.outgoing import Outgoing
from chalicelib.services.ports import Keys, Lineage, Score, Scores

CHUNK_SCORES = 100
MOST_PAIRS = 100
Commit = Callable[[str, str, Sequence[Score]], list[bool]]
"""Writes a tenant's scores for an owner, each id once; says for each whether this call wrote it."""
WORDS = ("value", "explanation", "metadata")
"""What of a score is free-form, and redacted before it is stored."""
TOO_MANY_PAIRS = f"a generation may have scores of at most {MOST_PAIRS} evaluators and score keys"


@dataclass(frozen=True, slots=True)
class ScoreOutcome:
    """What became of one score; `error` is empty when it is stored."""

    score_id: str
    error: str = ""


class Scoring:
    """The use case behind `POST /scores:export`."""

    def __init__(
        self, scores: Scores, lineage: Lineage, outgoing: Outgoing, new_key: Keys, redact: Callable[[Json], Json]
    ) -> None:
        self._redact = redact
        self._scores = scores
        self._lineage = lineage
        self._outgoing = outgoing
        self._new_key = new_key

    def __call__(self, tenant: str, scores: Sequence[Score], commit: Commit | None = None) -> list[ScoreOutcome]:
        """Store scores; one outcome each, in order. Raises Unavailable, after which a retry is safe and right.

        `commit` takes the place of the plain one where more is written with a score.
        """
        refused = self._beyond_the_pairs(tenant, scores)
        first: dict[str, Score] = {}
        for number, score in enumerate(scores):
            if number not in refused:
                first.setdefault(score.score_id, self._redacted(score))
        kept = list(first.values())
        for start in range(0, len(kept), CHUNK_SCORES):
            self._store(tenant, kept[start : start + CHUNK_SCORES], commit or self._scores.commit)
        return [
            ScoreOutcome(score.score_id, TOO_MANY_PAIRS if number in refused else "")
            for number, score in enumerate(scores)
        ]

    def _redacted(self, score: Score) -> Score:
        words = {name: self._redact(score.document[name]) for name in WORDS if score.document.get(name)}
        return Score.of({**score.document, **words})

    def _store(self, tenant: str, scores: Sequence[Score], commit: Commit) -> None:
        owner = self._new_key()
        message = ScoresStored(
            tenant=tenant,
            correlation_id=current_correlation_id() or owner,
            owner=owner,
            score_ids=tuple(score.score_id for score in scores),
        )
        rows = list(self._outgoing.promise(FLAG_QUEUE, {owner: message.encode()}).values())
        fresh = any(commit(tenant, owner, scores))
        self._outgoing.hand_over(rows if fresh else [], [] if fresh else rows)

    def _beyond_the_pairs(self, tenant: str, scores: Sequence[Score]) -> set[int]:
        """The scores that would give a generation its hundred and first pair."""
        states = self._lineage.states(tenant, dict.fromkeys(score.generation_id for score in scores))
        return set(_beyond(scores, states))


def _beyond(scores: Sequence[Score], states: dict[str, State]) -> Iterator[int]:
    pairs: dict[str, set[Pair]] = {}
    for number, score in enumerate(scores):
        known = pairs.setdefault(score.generation_id, set(states.get(score.generation_id, HEALTHY).latest))
        if score.pair not in known and len(known) >= MOST_PAIRS:
            yield number
        else:
            known.add(score.pair)
