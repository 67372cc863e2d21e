"""Verdicts, roots and flags: what the quality of a generation means for those that consumed it.

A verdict is derived from the latest score of each (evaluator, score key); a generation is a root while it fails, by its
verdict or its status, unless waived; every generation that a root reaches over dependency edges is flagged by it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Verdict = Literal["pass", "fail", "unknown"]
Reason = Literal["failed_evaluation", "failed_generation"]
Pair = tuple[str, str]
"""(evaluator_id, score_key)."""

MOST_FLAGS = 64
"""Flags that one response lists; `flags_more` says that there are others."""


@dataclass(frozen=True, slots=True, order=True)
class Latest:
    """The latest score of one pair. `passed` None counts for nothing, but supersedes what came before."""

    created_at: str
    score_id: str
    passed: bool | None = field(compare=False)


@dataclass(frozen=True, slots=True)
class State:
    """Everything that decides whether a generation is a root.

    `activated` says that it has ever failed, and only ever turns true. `walked` says that what it reaches is marked.
    `listed_as` is the time under which the list of failing roots has it now.
    """

    latest: Mapping[Pair, Latest] = field(default_factory=dict)
    failed_at: str | None = None
    waived: bool = False
    activated: bool = False
    walked: bool = False
    listed_as: str | None = None


HEALTHY = State()


@dataclass(frozen=True, slots=True)
class Reached:
    """One root that reaches a generation: over which direct dependency, and since when that is known."""

    root: str
    via: str
    at: str


@dataclass(frozen=True, slots=True)
class Reach:
    """The roots, failing now or not, that reach a generation; `overflow` when there were too many to store."""

    roots: Mapping[str, Reached] = field(default_factory=dict)
    overflow: bool = False


def verdict(state: State) -> Verdict:
    """Any latest score that did not pass fails; else any that did passes."""
    outcomes = {latest.passed for latest in state.latest.values()}
    if False in outcomes:
        return "fail"
    return "pass" if True in outcomes else "unknown"


def reasons(state: State) -> list[Reason]:
    """Why a generation is a root now; empty when it is none."""
    if state.waived:
        return []
    found: list[Reason] = []
    if verdict(state) == "fail":
        found.append("failed_evaluation")
    if state.failed_at is not None:
        found.append("failed_generation")
    return found


def failing_evaluators(state: State) -> list[str]:
    """The evaluators whose latest score did not pass."""
    return sorted({pair[0] for pair, latest in state.latest.items() if latest.passed is False})


def failing_since(state: State) -> str | None:
    """The newest failure of a root (27 characters), or None when it is none."""
    if not reasons(state):
        return None
    times = [latest.created_at for latest in state.latest.values() if latest.passed is False]
    return max([*times, *([state.failed_at] if state.failed_at else [])])


def flags(reach: Reach, states: Mapping[str, State]) -> list[dict[str, Any]]:
    """The flags of a generation, newest first: one for each root that reaches it and fails now."""
    found = [
        {
            "root_generation_id": reached.root,
            "reasons": list(why),
            "evaluators": failing_evaluators(states[reached.root]),
            "via": reached.via,
            "flagged_at": max(reached.at, failing_since(states[reached.root]) or ""),
        }
        for reached in reach.roots.values()
        if reached.root in states and (why := reasons(states[reached.root]))
    ]
    return sorted(found, key=lambda flag: (flag["flagged_at"], flag["root_generation_id"]), reverse=True)
