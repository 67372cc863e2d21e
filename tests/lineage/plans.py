"""What is taken in, drawn at random: a small graph, scores that flip, failures, waivers, and how they are cut up."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import TypeVar

from chalicelib.domain.generation import Status
from chalicelib.services.ports import Score
from tests.lineage.model import EdgeSet

T = TypeVar("T")
EVALUATORS = ("ann", "bob", "cy", "dee")
NOWHERE = "nowhere"
"""A generation that others depend on and that never arrives."""


@dataclass(frozen=True, slots=True)
class Made:
    """A generation as it is sent."""

    generation_id: str
    depends_on: tuple[str, ...]
    failed_at: str | None
    is_run: bool = False


@dataclass(frozen=True, slots=True)
class Waiver:
    """A person's decision."""

    generation_id: str
    waived: bool
    at: str


@dataclass(frozen=True, slots=True)
class Move:
    """What a client says of a run; without a status, that the schedule looks for abandoned ones."""

    generation_id: str
    status: Status | None
    depends_on: tuple[str, ...] = ()
    completed_at: str | None = None


@dataclass
class Plan:
    """Everything that is sent, cut into chunks and requests."""

    chunks: list[list[Made]] = field(default_factory=list)
    requests: list[list[Score]] = field(default_factory=list)
    waivers: list[Waiver] = field(default_factory=list)
    moves: list[Move] = field(default_factory=list)


def instant(number: int) -> str:
    """A time in stored form."""
    return f"2026-01-01T00:00:00.{number:06d}Z"


def draw(rng: random.Random) -> Plan:
    """One plan of three to eight generations."""
    ids = list("abcdefgh")[: rng.randint(3, 8)]
    rng.shuffle(ids)
    edges = _edges(rng, ids)
    made = [_made(rng, one, edges) for one in ids]
    troubled = rng.sample([*ids, NOWHERE], rng.randint(1, 3))
    scores = [_score(rng, number, rng.choice(troubled)) for number in range(rng.randint(1, 8))]
    waivers = [
        Waiver(rng.choice(troubled), rng.random() < 0.6, instant(500 + number))
        for number in range(rng.choice((0, 0, 1, 2, 3)))
    ]
    return Plan(_cut(rng, made), _cut(rng, scores), waivers)


def with_runs(rng: random.Random, plan: Plan) -> Plan:
    """The same, where some of what is sent are runs: opened, moved in any order by several, and abandoned."""
    made = [one for chunk in plan.chunks for one in chunk]
    runs = {one.generation_id for one in rng.sample(made, rng.randint(1, len(made)))}
    chunks = [
        [replace(one, is_run=True, failed_at=None) if one.generation_id in runs else one for one in chunk]
        for chunk in plan.chunks
    ]
    ids = [one.generation_id for one in made]
    moves = [_move(rng, number, one, ids) for one in sorted(runs) for number in range(rng.randint(0, 3))]
    return replace(plan, chunks=chunks, moves=moves)


def _move(rng: random.Random, number: int, generation_id: str, ids: Sequence[str]) -> Move:
    status: Status | None = rng.choice(("requires_action", "in_progress", "completed", "failed", "failed", None))
    parents = [one for one in rng.sample(ids, rng.choice((0, 0, 1, 2))) if one != generation_id] if status else []
    ended = status in {"completed", "failed"} and rng.random() < 0.5
    return Move(generation_id, status, tuple(sorted(parents)), instant(600 + number) if ended else None)


def _edges(rng: random.Random, ids: Sequence[str]) -> EdgeSet:
    """Chains, diamonds, rings and rings of rings: a backbone, shortcuts, and sometimes ways back."""
    forward = [(parent, child) for number, child in enumerate(ids) for parent in ids[:number]]
    backbone = set(pairwise(ids))
    density, back = rng.choice((0.1, 0.25, 0.5)), rng.choice((0.0, 0.1, 0.3))
    edges = {edge for edge in forward if rng.random() < (0.7 if edge in backbone else density)}
    edges |= {(child, parent) for parent, child in forward if rng.random() < back}
    edges |= {(NOWHERE, child) for child in ids if rng.random() < 0.1}
    return edges


def _made(rng: random.Random, generation_id: str, edges: EdgeSet) -> Made:
    parents = sorted(parent for parent, child in edges if child == generation_id)
    failed_at = instant(rng.randint(0, 400)) if rng.random() < 0.1 else None
    return Made(generation_id, tuple(parents), failed_at)


def _score(rng: random.Random, number: int, generation_id: str) -> Score:
    """Few times, so that some are equal; ids that do not follow the order of the times."""
    evaluator = rng.choice(EVALUATORS[: rng.choice((1, 3, 4))])
    passed = rng.choice((True, True, False, False, False, None))
    created_at = instant(rng.randint(1, 6))
    score_id = f"{rng.randint(0, 99):02d}-{number}"
    document = {
        "score_id": score_id,
        "generation_id": generation_id,
        "evaluator_id": evaluator,
        "score_key": rng.choice(("help", "help", "truth")),
        "created_at": created_at,
        "passed": passed,
    }
    return Score(score_id, generation_id, evaluator, str(document["score_key"]), created_at, passed, document)


def _cut(rng: random.Random, items: Sequence[T]) -> list[list[T]]:
    parts: list[list[T]] = []
    for item in rng.sample(items, len(items)):
        if parts and len(parts[-1]) < 3 and rng.random() < 0.4:
            parts[-1].append(item)
        else:
            parts.append([item])
    return parts
