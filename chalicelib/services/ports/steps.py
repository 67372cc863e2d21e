"""Workflow steps, each id once, listed under their conversation and under the generations made in them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from chalicelib.services.ports.generations import Position

StepList = Literal["conversation-steps", "generation-steps"]


@dataclass(frozen=True, slots=True)
class StepRecord:
    """A step without its content. `labels` is what lists show; times have 27 characters.

    `listed_at` places it in lists: `started_at`, else `created_at`.
    """

    step_id: str
    content_hash: str
    created_at: str
    listed_at: str
    labels: Mapping[str, Any]
    purged_at: str | None = None


@dataclass(frozen=True, slots=True)
class NewStep:
    """A step to commit, with its content as JSON."""

    record: StepRecord
    content: bytes


class Steps(Protocol):
    """Workflow steps."""

    def commit(self, tenant: str, steps: Sequence[NewStep]) -> list[StepRecord]:
        """Write each step unless its id is taken; give for each the record that stands. No id comes twice.

        The rows of lists are written first, so that a step which is there is sure to be listed; a list may therefore
        name steps that are not there, or that stand elsewhere (`stands_in` tells).
        """
        ...

    def some(self, tenant: str, step_ids: Iterable[str]) -> dict[str, StepRecord]:
        """Records by id, strongly consistent; an unknown one is absent."""
        ...

    def read(self, tenant: str, step_id: str) -> tuple[StepRecord, bytes] | None:
        """One step with its content, strongly consistent."""
        ...

    def newest(self, tenant: str, listed: tuple[StepList, str], before: Position | None, limit: int) -> list[Position]:
        """(listed_at, id) of the steps listed under a conversation or a generation, newest first."""
        ...

    def replace(self, tenant: str, step: NewStep) -> None:
        """Put labels and content in place of a step's and mark it as purged at `purged_at`, unless it is marked.

        Nothing of what it held before can be read any more. Repeating it is harmless.
        """
        ...


def stands_in(record: StepRecord, listed: tuple[StepList, str], position: Position) -> bool:
    """Whether a row of a list is that of the step that stands."""
    kind, value = listed
    if kind == "conversation-steps":
        inside = record.labels["conversation_id"] == value
    else:
        inside = value in record.labels.get("linked_generation_ids", ())
    return inside and (record.listed_at, record.step_id) == position
