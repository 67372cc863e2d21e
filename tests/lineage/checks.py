"""Compare what is read when the queues have drained with what lineage means."""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from chalicelib.adapters.dynamodb import keys
from chalicelib.adapters.dynamodb.codec import decompress
from chalicelib.services.lineage.flagged import FAILING, Flagged
from chalicelib.services.ports import Score, Window
from tests.lineage.model import Facts, Meaning
from tests.lineage.plans import Plan
from tests.lineage.world import TENANT, World, listed_at

ALL = 10_000
Row = tuple[tuple[str, ...], dict[str, Any] | None]


def facts_of(plan: Plan, world: World) -> Facts:
    """What was taken in: all that was sent, and of the scores those that were committed before a request died."""
    made = [one for chunk in plan.chunks for one in chunk]
    committed = world.table.get_all(
        keys.score(TENANT, score.score_id) for request in plan.requests for score in request
    )
    documents = [json.loads(decompress(row["d"])) for row in committed.values()]
    courses = world.sides[0].runs.courses.read(TENANT, [one.generation_id for one in made])
    added = {(parent, one) for one, course in courses.items() for parent in course.overlay.depends_on}
    failed_runs = {one: course.failed_at for one, course in courses.items() if course.failed_at}
    return Facts(
        edges={(parent, one.generation_id) for one in made for parent in one.depends_on} | added,
        scores=[Score(**document, document=document) for document in documents],
        failed_at={one.generation_id: one.failed_at for one in made if one.failed_at} | failed_runs,
        waivers=[(waiver.at, waiver.generation_id, waiver.waived) for waiver in plan.waivers],
    )


def differences(plan: Plan, world: World, *, crowded: bool) -> list[str]:
    """What is not as it should be; `crowded` when fewer roots are stored than there may be."""
    meaning = Meaning(facts_of(plan, world))
    side = world.sides[0]
    fields = side.flags.of(TENANT, sorted(meaning.ids))
    found = [problem for one in sorted(meaning.ids) for problem in _flags(meaning, one, fields[one], crowded)]
    failing = side.index.newest(TENANT, FAILING, Window(), ALL)
    if failing != meaning.failing():
        found.append(f"failing roots are {meaning.failing()}, listed are {failing}")
    if not crowded:
        found += _lists(plan, meaning, world)
    found += _runs(plan, world)
    return found


def _flags(meaning: Meaning, one: str, fields: dict[str, Any], crowded: bool) -> Iterator[str]:
    roots = meaning.roots_of(one)
    shown = {flag["root_generation_id"]: flag for flag in fields["flags"]}
    if fields["verdict"] != meaning.verdict(one):
        yield f"{one} is {meaning.verdict(one)}, not {fields['verdict']}"
    if fields["flagged"] is not bool(roots):
        yield f"{one} is flagged by {sorted(roots)}, but flagged is {fields['flagged']}"
    if not (set(shown) <= roots if crowded else set(shown) == roots):
        yield f"{one} is flagged by {sorted(roots)}, not by {sorted(shown)}"
    if set(shown) < roots and not fields["flags_more"]:
        yield f"{one} has more flags than {sorted(shown)}"
    for root in sorted(roots & set(shown)):
        yield from _flag(meaning, one, shown[root])


def _flag(meaning: Meaning, one: str, flag: dict[str, Any]) -> Iterator[str]:
    root = flag["root_generation_id"]
    why, vias = meaning.roots[root], meaning.vias(one, root)
    if (tuple(flag["reasons"]), tuple(flag["evaluators"])) != (why.reasons, why.evaluators):
        yield f"{one} is flagged by {root} for {why}, not {flag}"
    if flag["via"] not in vias:
        yield f"{one} is reached by {root} via {sorted(vias)}, not {flag['via']}"
    if flag["flagged_at"] < why.since:
        yield f"{one} is flagged before {root} failed"


def _lists(plan: Plan, meaning: Meaning, world: World) -> Iterator[str]:
    side = world.sides[1]
    arrived = {made.generation_id for chunk in plan.chunks for made in chunk}
    for root in sorted(meaning.roots):
        wanted = sorted(((listed_at(one), one) for one in meaning.reached[root] & arrived), reverse=True)
        listed = side.index.newest(TENANT, ("root", root), Window(), ALL)
        if listed != wanted:
            yield f"{root} reaches {wanted}, listed are {listed}"
    flagged = Flagged(side.index, side.flags)
    rows = list(flagged.rows(TENANT, None, Window(), ALL))
    shown, expected = _shown(rows), _root_by_root(meaning, arrived)
    if shown != expected:
        yield f"flagged are {expected}, listed are {shown}"
    if rows:
        half = len(rows) // 2
        rest = _shown(flagged.rows(TENANT, rows[half][0], Window(), ALL))
        if rest != _shown(rows[half + 1 :]):
            yield f"after {rows[half][0]} in {rows} come {rest}"


def _runs(plan: Plan, world: World) -> Iterator[str]:
    """Runs are listed as they have ended."""
    side = world.sides[1]
    runs = [one.generation_id for chunk in plan.chunks for one in chunk if one.is_run]
    listed = side.index.entries(TENANT, [(listed_at(one), one) for one in runs], consistent=True)
    for one, course in side.runs.courses.read(TENANT, runs).items():
        if listed[one]["status"] != course.status:
            yield f"{one} is {course.status}, listed as {listed[one]['status']}"


def _shown(rows: Iterable[Row]) -> list[tuple[str, str]]:
    return [(cursor[1], str(stored["id"])) for cursor, stored in rows if stored is not None]


def _root_by_root(meaning: Meaning, arrived: set[str]) -> list[tuple[str, str]]:
    """(root, generation): each generation with the newest of its roots."""
    shown: list[tuple[str, str]] = []
    for _, root in meaning.failing():
        new = (meaning.reached[root] & arrived) - {one for _, one in shown}
        shown += [(root, one) for _, one in sorted(((listed_at(one), one) for one in new), reverse=True)]
    return shown
