"""The contract of courses and watches, on every engine; and what runs ask of index and lineage."""

from dataclasses import replace

import pytest

from chalicelib.domain.lineage import reasons
from chalicelib.domain.run import Course, blank
from chalicelib.services.ports import Entry, Watch, Window
from tests.contract.grounds import Ground

AT = "2026-01-02T03:04:05.000006Z"
COURSE = Course(last_activity_at=AT, version=1, status="requires_action", moved="m", last="l", overlay=blank("r"))
LONG = "".join(chr(33 + (number * number * 7 + number // 3) % 90) for number in range(200_000))


def test_a_course_is_written_on_the_one_before_it(ground: Ground, tenant: str) -> None:
    courses = ground.ports.courses
    assert courses.read(tenant, ["r"]) == {}
    assert courses.save(tenant, "r", COURSE)
    assert courses.read(tenant, ["r", "other"]) == {"r": COURSE}
    assert not courses.save(tenant, "r", COURSE)
    ended = replace(COURSE, version=2, status="failed", abandoned=True, recovered=True)
    assert not courses.save(tenant, "r", replace(ended, version=3))
    assert not courses.save(tenant, "fresh", ended)
    assert courses.save(tenant, "r", ended)
    assert courses.read(tenant, ["r"]) == {"r": ended}
    assert courses.read("nobody", ["r"]) == {}


def test_a_long_overlay_comes_and_goes_whole(ground: Ground, tenant: str) -> None:
    courses = ground.ports.courses
    long = replace(COURSE, overlay=blank("r", metadata={"text": LONG}))
    assert courses.save(tenant, "r", long)
    assert courses.read(tenant, ["r"]) == {"r": long}
    assert not courses.save(tenant, "r", long)
    longer = replace(long, version=2, overlay=blank("r", metadata={"text": LONG + "!"}))
    assert courses.save(tenant, "r", longer)
    assert courses.read(tenant, ["r"]) == {"r": longer}
    assert ground.objects(tenant) == ground.named_objects(tenant)
    assert courses.save(tenant, "r", replace(COURSE, version=3))
    assert courses.read(tenant, ["r"]) == {"r": replace(COURSE, version=3)}
    assert ground.objects(tenant) == set()


def test_watches_come_when_they_are_due(ground: Ground, tenant: str) -> None:
    courses = ground.ports.courses
    watches = [Watch(tenant, f"run#{number}", 1_000 + number) for number in range(3)]
    courses.watch(watches)
    courses.watch(watches[:1])

    def due(at: int) -> list[Watch]:
        return sorted((one for one in courses.due(at, 1_000) if one.tenant == tenant), key=lambda one: one.due_ms)

    assert due(999) == []
    assert due(1_001) == watches[:2]
    courses.unwatch(watches[:1])
    courses.unwatch(watches[:1])
    assert due(2_000) == watches[1:]
    courses.unwatch(watches)


def entry(status: str, version: int) -> Entry:
    """A run's entry; `completed` has no list."""
    keys = () if status == "completed" else (("status", status),)
    return Entry("r", AT, {"id": "r", "status": status}, keys, version)


@pytest.mark.parametrize("turn", [(0, 1, 2, 3), (3, 2, 1, 0), (1, 3, 0, 2), (0, 3, 3, 1, 2, 0)])
def test_the_entry_of_the_highest_version_stands_whatever_the_order(
    ground: Ground, tenant: str, turn: tuple[int, ...]
) -> None:
    statuses = ("in_progress", "requires_action", "failed", "completed")
    index = ground.ports.index
    for version in turn:
        index.put(tenant, [entry(statuses[version], version)])
    assert index.entries(tenant, [(AT, "r")], consistent=True) == {"r": {"id": "r", "status": "completed"}}
    assert [index.newest(tenant, ("status", status), Window(), 9) for status in statuses] == [[], [], [], []]
    assert index.newest(tenant, None, Window(), 9) == [(AT, "r")]


def test_a_run_that_failed_stays_listed_as_that(ground: Ground, tenant: str) -> None:
    index = ground.ports.index
    for one in (entry("failed", 2), entry("in_progress", 1)):
        index.put(tenant, [one])
    assert index.newest(tenant, ("status", "failed"), Window(), 9) == [(AT, "r")]
    assert index.newest(tenant, ("status", "in_progress"), Window(), 9) == []


@pytest.mark.parametrize("turn", [(0, 1), (1, 0), (0, 1, 0), (1, 1, 0)])
def test_the_failure_of_the_highest_version_stands_whatever_the_order(
    ground: Ground, tenant: str, turn: tuple[int, ...]
) -> None:
    lineage = ground.ports.lineage
    applied: tuple[tuple[str | None, int], ...] = ((AT, 4), (None, 5))
    for number in turn:
        lineage.apply_course(tenant, "r", *applied[number])
    assert reasons(lineage.states(tenant, ["r"])["r"]) == []
    lineage.apply_course(tenant, "r", AT, 6)
    state = lineage.states(tenant, ["r"])["r"]
    assert (reasons(state), state.activated, state.failed_at) == (["failed_generation"], True, AT)
