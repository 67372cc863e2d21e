"""The page, the catalog and the code say the same."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from chalicelib.observability.catalog import EVENTS, METRICS, SPANS

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "docs" / "observability.md"
LEVELS = {event.name: event.level for event in EVENTS}
DEFAULT_LEVEL = {"log": "INFO", "log_exception": "ERROR"}
HEADS = {
    "events": "| event | level | when |",
    "metrics": "| metric | unit | dimensions | what is counted |",
    "spans": "| name | kind | what it spans |",
}


def row(*cells: str) -> str:
    return "|" + "|".join(f" {cell} " if cell else " " for cell in cells) + "|"


ROWS = {
    "events": [row(f"`{event.name}`", event.level, event.meaning) for event in EVENTS],
    "metrics": [
        row(f"`{metric.name}`", metric.unit, ", ".join(f"`{name}`" for name in metric.dimensions), metric.meaning)
        for metric in METRICS
    ],
    "spans": [row(f"`{span.name}`", span.kind, span.meaning) for span in SPANS],
}


@pytest.mark.parametrize("table", list(HEADS))
def test_the_page_shows_the_catalogs_table(table: str) -> None:
    lines = PAGE.read_text().splitlines()
    start = lines.index(HEADS[table]) + 2
    end = next(number for number in range(start, len(lines)) if not lines[number].startswith("|"))
    assert lines[start:end] == ROWS[table]


def calls() -> Iterator[tuple[str, str, ast.Call]]:
    """(where, called name, call) for every call in the product."""
    for path in [ROOT / "app.py", *sorted((ROOT / "chalicelib").rglob("*.py"))]:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call):
                yield f"{path.relative_to(ROOT)}:{node.lineno}", ast.unparse(node.func), node


def constant(node: ast.expr | None) -> object:
    return node.value if isinstance(node, ast.Constant) else None


def test_every_event_that_is_logged_is_a_constant_of_the_catalog_at_its_level() -> None:
    wrong = []
    for where, called, call in calls():
        function = called.removeprefix("logs.")
        if function in DEFAULT_LEVEL:
            event = constant(call.args[0])
            given = next((constant(keyword.value) for keyword in call.keywords if keyword.arg == "level"), None)
            if LEVELS.get(str(event)) != (given or DEFAULT_LEVEL[function]):
                wrong.append(f"{where} {event}")
    assert wrong == []


@pytest.mark.parametrize("kind", ["segment", "subsegment"])
def test_every_span_that_is_begun_is_in_the_catalog(kind: str) -> None:
    known = {span.name for span in SPANS}
    begun = {
        f"{where} {name}": name
        for where, called, call in calls()
        if called.endswith(f"tracer.{kind}") and (name := constant(call.args[0]))
    }
    assert [where for where, name in begun.items() if name not in known] == []
