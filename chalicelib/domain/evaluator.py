"""Evaluators: what a tenant has configured to judge its generations by."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Kind = Literal["regex", "json_schema", "threshold", "http"]


@dataclass(frozen=True, slots=True)
class Filter:
    """Which generations an evaluator judges: all that every given field matches.

    `tags` are keys with the value that each must have.
    """

    agent_name: str | None = None
    model: str | None = None
    source: str | None = None
    status: str | None = None
    conversation_id: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Evaluator:
    """One version of an evaluator. Versions count from 1; each change is a new one.

    `config` is the kind's own configuration as the client sent it, checked. `sampling_rate` is from 0 to 1.
    """

    id: str
    version: int
    kind: Kind
    config: Mapping[str, Any]
    score_key: str
    created_at: str
    filter: Filter = field(default_factory=Filter)
    sampling_rate: float = 1.0
    enabled: bool = True

    @property
    def asks(self) -> bool:
        """Whether judging asks somebody outside, which takes its time and has its price."""
        return self.kind == "http"


@dataclass(frozen=True, slots=True)
class Judgement:
    """What an evaluator says of a generation. `passed` None is no verdict, only a value."""

    value: float | bool | str
    passed: bool | None
    explanation: str = ""


class JudgingFailed(Exception):
    """An evaluator could not judge: its config does not fit the generation, or a limit or time-out was reached.

    The message is safe to show the tenant. No score is written. `again` says that trying later may succeed.
    """

    def __init__(self, message: str, *, again: bool = False) -> None:
        super().__init__(message)
        self.message = message
        self.again = again
