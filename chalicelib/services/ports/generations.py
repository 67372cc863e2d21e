"""Heads, payloads, and the lists that generations stand in."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

PURGED = "purged"
"""Stands for the content hash of what stays of a purged content."""


@dataclass(frozen=True, slots=True)
class Head:
    """The commit record of one generation; written once and changed by nothing but a purge.

    `owner` is the key of the chunk whose request committed it and `position` its place in that chunk: together they
    say which message counts it. `listed_at` (27 characters) and the id place its entry in every list. `size` is the
    length in bytes of what `ref` names. `key_id` is the API key that sent it and `project_id` the project that key is
    made for. `is_run` says that it has a course (`ports/runs.py`). `purged_at` (27 characters) says since when the
    content is purged.
    """

    id: str
    content_hash: str
    owner: str
    position: int
    created_at: str
    listed_at: str
    size: int
    key_id: str | None = None
    project_id: str | None = None
    is_run: bool = False
    purged_at: str | None = None

    @property
    def ref(self) -> tuple[str, str]:
        """Under which (id, hash) the content is stored: once it is purged, what may stay of it."""
        return self.id, PURGED if self.purged_at else self.content_hash


@dataclass(frozen=True, slots=True)
class Payload:
    """The content of a generation as it is stored, and the hash of what was received (64 hex digits)."""

    id: str
    content_hash: str
    content: bytes


class GenerationStore(Protocol):
    """Heads and payloads."""

    def put_payloads(self, tenant: str, owner: str, payloads: Sequence[Payload]) -> None:
        """Write payloads in batches. Repeating it is harmless."""
        ...

    def commit(self, tenant: str, heads: Sequence[Head]) -> list[Head]:
        """Write each head unless its id has one; give back, in order, the head that stands."""
        ...

    def heads(self, tenant: str, ids: Iterable[str]) -> dict[str, Head]:
        """Read heads by id, strongly consistent; an unknown id is absent."""
        ...

    def contents(self, tenant: str, refs: Iterable[tuple[str, str]]) -> dict[str, bytes]:
        """Read contents by (id, content hash), strongly consistent; keyed by id; an unknown one is absent.

        Of one that was purged since its head was read, what may stay.
        """
        ...

    def link(self, tenant: str, head: Head) -> str | None:
        """A URL that reads a content as JSON for fifteen minutes; None when there is none."""
        ...

    def discard(self, tenant: str, owner: str, refs: Iterable[tuple[str, str]]) -> None:
        """Delete payloads (id, content hash) that no head names, but only those that `owner` wrote last."""
        ...

    def settle(self, tenant: str, owner: str, standing: Head) -> None:
        """After losing a race with the same content: leave exactly one object behind the payload that both wrote."""
        ...


class Purge(Protocol):
    """Takes content away for good. Ids and hashes stay, so that a late retry is still known and restores nothing."""

    def replace(self, tenant: str, head: Head, remains: bytes, at: str) -> Head:
        """Store what may stay of a content, then mark its head as purged at `at`; gives the head that stands."""
        ...

    def sweep(self, tenant: str, generation_id: str) -> None:
        """Delete every content of a purged generation but what may stay, whoever has written it."""
        ...

    def forget_person(self, tenant: str, person_id: str) -> None:
        """Mark a person, for ever, as one whose content is to be purged."""
        ...

    def forgotten(self, tenant: str, person_ids: Iterable[str]) -> set[str]:
        """Those of the persons that are marked, strongly consistent."""
        ...


@dataclass(frozen=True, slots=True)
class Entry:
    """One generation as lists show it. `keys` are the (kind, value) lists it stands in, besides the list of all.

    `version` is that of a run's course: an entry never takes the place of one with a higher version.
    """

    id: str
    listed_at: str
    summary: Mapping[str, Any]
    keys: tuple[tuple[str, str], ...] = ()
    version: int | None = None


def left_behind(summary: Mapping[str, Any]) -> list[str]:
    """The statuses that a run of this summary will never have again: all others, once it has ended."""
    status = summary.get("status")
    others = ("in_progress", "requires_action", "failed")
    return [other for other in others if other != status] if status in {"completed", "failed"} else []


Position = tuple[str, str]
"""(listed_at, id) of a row in a list: the sort key, newest first."""


@dataclass(frozen=True, slots=True)
class Window:
    """The part of a list to read: strictly older than `before`, not older than `since`, not newer than `until`."""

    before: Position | None = None
    since: str | None = None
    until: str | None = None


Rewrite = Callable[[dict[str, Any]], dict[str, Any]]
"""Makes another summary of one."""


class GenerationIndex(Protocol):
    """Entries and the lists they stand in."""

    def put(self, tenant: str, entries: Sequence[Entry]) -> None:
        """Write entries and their list rows. Repeating it is harmless.

        Once a run has ended, it leaves the lists of the other statuses.
        """
        ...

    def rewrite(self, tenant: str, position: Position, change: Rewrite) -> None:
        """Change a summary, if there is one, in one step with what it was before; the lists it stands in stay."""
        ...

    def entries(
        self, tenant: str, positions: Iterable[Position], *, consistent: bool = False
    ) -> dict[str, dict[str, Any]]:
        """Read summaries by position; keyed by id; an unknown one is absent."""
        ...

    def oldest(self, tenant: str, key: tuple[str, str]) -> Position | None:
        """The first position of one list, or None when it is empty."""
        ...

    def newest(self, tenant: str, key: tuple[str, str] | None, window: Window, limit: int) -> list[Position]:
        """The newest positions of one list (None: the list of all) inside the window, newest first."""
        ...
