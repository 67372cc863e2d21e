"""Diagrams of hostile ids are diagrams of these ids and nothing else."""

import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.api.diagrams import dot, mermaid
from chalicelib.services.lineage.graph import Drawing

HOSTILE = [
    '"];click n0 "javascript:alert(1)"',
    "end",
    "a]:::x",
    "`bold`",
    "%%{init: {}}%%",
    "</script><script>alert(1)</script>",
    '\\" color=red',
    "\\N",
    "#quot;",
    "&quot;",
    "\u2028\u202e x",
    "ü✓😀",
    "--> n9",
]


def node(generation_id: str, **fields: object) -> dict[str, object]:
    known = {"status": "completed", "verdict": "unknown", "flagged": False, "agent_name": None, "depth": 0}
    return {"kind": "generation", "id": generation_id, **known, "missing": False, **fields}


def drawing(*ids: str) -> Drawing:
    return Drawing(ids[0], [node(each) for each in ids], list(pairwise(ids)), truncated=False)


MERMAID_NODE = re.compile(r'  n\d+\["((?:[A-Za-z0-9 _.:/@+=,-]|#\d+;)*)"\](?::::(?:missing|failing|flagged))?')
DOT_NODE = re.compile(r'  n\d+ \[label="((?:[A-Za-z0-9 _.:/@+=,-]|&#\d+;)*)"(?: [a-z]+="[a-z#0-9]+")*\]')


def read_back(label: str, reference: str) -> str:
    return re.sub(f"{reference}(\\d+);", lambda found: chr(int(found[1])), label)


@given(st.lists(st.text(min_size=1) | st.sampled_from(HOSTILE), min_size=1, max_size=4, unique=True))
def test_every_line_is_of_our_own_making_and_the_ids_read_back(ids: list[str]) -> None:
    for write, line_of_node, reference in ((mermaid, MERMAID_NODE, "#"), (dot, DOT_NODE, "&#")):
        lines = write(drawing(*ids)).split("\n")
        nodes = [found for line in lines[1 if write is mermaid else 2 :] if (found := line_of_node.fullmatch(line))]
        assert [read_back(found[1], reference) for found in nodes] == ids
        rest = [line for line in lines if not line_of_node.fullmatch(line)]
        assert all(len(line) < 80 and line.isascii() for line in rest)
        assert len([line for line in rest if re.fullmatch(r"  n\d+ --?> n\d+", line)]) == len(ids) - 1


def test_what_is_wrong_with_a_generation_is_seen() -> None:
    nodes = [
        node("m", missing=True),
        node("v", verdict="fail"),
        node("s", status="failed"),
        node("f", flagged=True),
        node("ok"),
    ]
    shown = mermaid(Drawing("m", nodes, [], truncated=True)).splitlines()

    assert shown[1:6] == [
        '  n0["m"]:::missing',
        '  n1["v"]:::failing',
        '  n2["s"]:::failing',
        '  n3["f"]:::flagged',
        '  n4["ok"]',
    ]
    assert shown[-1] == "  %% truncated"


@pytest.mark.parametrize("write", [mermaid, dot])
def test_a_whole_drawing_says_nothing_about_truncation(write: object) -> None:
    assert callable(write)
    assert "truncated" not in write(drawing("a", "b"))


@pytest.mark.parametrize("hostile", HOSTILE)
def test_steps_are_round_and_their_names_are_no_more_than_names(hostile: str) -> None:
    step = {"kind": "step", "id": "n0", "step_name": hostile, "status": "failed", "missing": False}
    unnamed = {"kind": "step", "id": hostile, "step_name": None, "status": None, "missing": True}
    edges = [(("step", "n0"), ("generation", "n0")), (("step", hostile), ("step", "n0"))]
    shown = Drawing("n0", [node("n0"), step, unnamed], [], truncated=False, step_edges=edges)  # type: ignore[arg-type]  # mypy widens the literals
    written = mermaid(shown).splitlines()
    found = [re.fullmatch(r'  n\d\(\["((?:[A-Za-z0-9 _.:/@+=,-]|#\d+;)*)"\]\):::(\w+)', line) for line in written[2:4]]
    assert [(read_back(one[1], "#"), one[2]) for one in found if one] == [(hostile, "failing"), (hostile, "missing")]
    assert written[4:6] == ["  n1 --> n0", "  n2 --> n1"]
    drawn = [DOT_NODE.fullmatch(line) for line in dot(shown).splitlines()[3:5]]
    assert [read_back(one[1], "&#") for one in drawn if one] == [hostile, hostile]
