"""A drawing as text for Mermaid and for Graphviz.

Ids are anything a client sent. They never name a node and never stand outside a quoted label, and in it every character
that any of the two languages could understand is written as a character reference.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from chalicelib.services.lineage.graph import Drawing, Place

_UNSAFE = re.compile(r"[^A-Za-z0-9 _.:/@+=,-]")
STYLES = {
    "missing": "fill:#eeeeee,stroke:#888888,stroke-dasharray:4",
    "failing": "fill:#ffd6d6,stroke:#b00020",
    "flagged": "fill:#fff1c9,stroke:#b07d00",
}
ATTRIBUTES = {
    "missing": ' style="dashed" color="#888888"',
    "failing": ' style="filled" fillcolor="#ffd6d6" color="#b00020"',
    "flagged": ' style="filled" fillcolor="#fff1c9" color="#b07d00"',
    "": "",
}


def mermaid(drawing: Drawing) -> str:
    """A Mermaid flowchart, from what was consumed to what consumed it."""
    names = _names(drawing)
    lines = ["flowchart TD"]
    for node in drawing.nodes:
        kind = _kind(node)
        opened, closed = ("([", "])") if node["kind"] == "step" else ("[", "]")
        label = f'{opened}"{_quoted(_label(node), "#")}"{closed}'
        lines.append(f"  {names[_place(node)]}{label}{f':::{kind}' if kind else ''}")
    lines += [f"  {names[start]} --> {names[end]}" for start, end in drawing.arrows()]
    lines += [f"  classDef {kind} {style}" for kind, style in STYLES.items()]
    if drawing.truncated:
        lines.append("  %% truncated")
    return "\n".join(lines) + "\n"


def dot(drawing: Drawing) -> str:
    """A Graphviz digraph, from what was consumed to what consumed it."""
    names = _names(drawing)
    lines = ["digraph lineage {", "  node [shape=box]"]
    lines += [
        f'  {names[_place(node)]} [label="{_quoted(_label(node), "&#")}"{_shape(node)}{ATTRIBUTES[_kind(node)]}]'
        for node in drawing.nodes
    ]
    lines += [f"  {names[start]} -> {names[end]}" for start, end in drawing.arrows()]
    if drawing.truncated:
        lines.append("  // truncated")
    return "\n".join([*lines, "}"]) + "\n"


FORMATS: Mapping[str, Callable[[Drawing], str]] = {"mermaid": mermaid, "dot": dot}


def _names(drawing: Drawing) -> dict[Place, str]:
    return {_place(node): f"n{number}" for number, node in enumerate(drawing.nodes)}


def _place(node: Mapping[str, Any]) -> Place:
    return node["kind"], node["id"]


def _label(node: Mapping[str, Any]) -> str:
    """A generation's id, a step's name."""
    return str(node.get("step_name") or node["id"])


def _shape(node: Mapping[str, Any]) -> str:
    return ' shape="ellipse"' if node["kind"] == "step" else ""


def _quoted(text: str, reference: str) -> str:
    return _UNSAFE.sub(lambda found: f"{reference}{ord(found[0])};", text)


def _kind(node: Mapping[str, Any]) -> str:
    if node["missing"]:
        return "missing"
    if node.get("verdict") == "fail" or node["status"] == "failed":
        return "failing"
    return "flagged" if node.get("flagged") else ""
