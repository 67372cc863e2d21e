"""The trace header is read leniently and handed on only when SQS would take it."""

import re

import pytest

from chalicelib.observability.trace_header import TraceHeader, carried, carried_trace_id, carrying, new_root, parse

ROOT = "1-5759e988-bd862e3fe1be46a994272793"
PARENT = "53995c3f42cd8ad8"


@pytest.mark.parametrize(
    ("text", "header"),
    [
        (f"Root={ROOT};Parent={PARENT};Sampled=1", TraceHeader(ROOT, PARENT, "1")),
        (f"Sampled=0;Root={ROOT}", TraceHeader(ROOT, None, "0")),
        (f"Root={ROOT};Sampled=?", TraceHeader(ROOT)),
        (f"Self=1-67891234-12456789abcdef012345678;Root={ROOT};Lineage=1:a87bd80c:0", TraceHeader(ROOT)),
    ],
)
def test_the_known_fields_are_read_in_any_order(text: str, header: TraceHeader) -> None:
    assert parse(text) == header


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "nonsense",
        "Root=1-2-3",
        f"Parent={PARENT}",
        f"Root={ROOT};Parent=short",
        f"Root={ROOT};Note=two words",
        f"Root={ROOT}\n",
        f"Root={ROOT};" + "A=1;" * 200,
    ],
)
def test_a_malformed_header_is_none(text: str | None) -> None:
    assert parse(text) is None


def test_a_header_reads_back_as_it_was_written() -> None:
    for header in (TraceHeader(ROOT), TraceHeader(ROOT, PARENT), TraceHeader(new_root(), PARENT, "0")):
        assert parse(str(header)) == header


def test_new_roots_have_the_format_of_a_trace_id_and_differ() -> None:
    assert re.fullmatch(r"1-[0-9a-f]{8}-[0-9a-f]{24}", new_root())
    assert new_root() != new_root()


def test_a_header_is_carried_unchanged_and_only_within_its_work() -> None:
    text = f"Root={ROOT};Lineage=1:a87bd80c:0"
    with carrying(text):
        assert (carried(), carried_trace_id()) == (text, ROOT)
        with carrying("nonsense"):
            assert (carried(), carried_trace_id()) == (None, None)
        assert carried() == text
    assert carried() is None
