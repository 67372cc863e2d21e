"""A drawing as text for Mermaid and for Graphviz.

Ids are anything a client sent. They never name a node and never stand outside a quoted label, and in it every character
that any of the two languages could understand is written as a character reference.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from chalicelib.services.graph import Drawing

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
        lines.append(f'  {names[node["id"]]}["{_quoted(node["id"], "#")}"]{f":::{kind}" if kind else ""}')
    lines += [f"  {names[parent]} --> {names[child]}" for parent, child in drawing.edges]
    lines += [f"  classDef {kind} {style}" for kind, style in STYLES.items()]
    if drawing.truncated:
        lines.append("  %% truncated")
    return "\n".join(lines) + "\n"


def dot(drawing: Drawing) -> str:
    """A Graphviz digraph, from what was consumed to what consumed it."""
    names = _names(drawing)
    lines = ["digraph lineage {", "  node [shape=box]"]
    lines += [
        f'  {names[node["id"]]} [label="{_quoted(node["id"], "&#")}"{ATTRIBUTES[_kind(node)]}]'
        for node in drawing.nodes
    ]
    lines += [f"  {names[parent]} -> {names[child]}" for parent, child in drawing.edges]
    if drawing.truncated:
        lines.append("  // truncated")
    return "\n".join([*lines, "}"]) + "\n"


FORMATS: Mapping[str, Callable[[Drawing], str]] = {"mermaid": mermaid, "dot": dot}


def _names(drawing: Drawing) -> dict[str, str]:
    return {node["id"]: f"n{number}" for number, node in enumerate(drawing.nodes)}


def _quoted(text: str, reference: str) -> str:
    return _UNSAFE.sub(lambda found: f"{reference}{ord(found[0])};", text)


def _kind(node: Mapping[str, Any]) -> str:
    if node["missing"]:
        return "missing"
    if node["verdict"] == "fail" or node["status"] == "failed":
        return "failing"
    return "flagged" if node["flagged"] else ""
