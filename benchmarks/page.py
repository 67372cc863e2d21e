"""`docs/performance.md`: prose that people write, and between markers what a measurement wrote."""

import re
from collections.abc import Sequence
from pathlib import Path

PAGE = Path(__file__).parents[1] / "docs/performance.md"


def replaced(page: str, section: str, content: str) -> str:
    """The page with one section's content exchanged. Raises ValueError when it has no such section."""
    begin, end = f"<!-- measured: {section} -->", f"<!-- end: {section} -->"
    pattern = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
    if not pattern.search(page):
        message = f"the page has no section {section}"
        raise ValueError(message)
    return pattern.sub(lambda _: f"{begin}\n\n{content.strip()}\n\n{end}", page, count=1)


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table; every column but the first is aligned to the right."""
    rule = ["---", *["---:"] * (len(head) - 1)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (head, rule, *rows))


def number(value: float | None, digits: int = 2) -> str:
    """A number for people: thousands parted, nothing where there is none, zero without digits."""
    if value is None:
        return ""
    return f"{value:,.{digits}f}" if value else "0"
