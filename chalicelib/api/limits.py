"""How much one request may hold, whatever its dialect."""

from collections.abc import Iterable, Sized

from chalicelib.domain.errors import Malformed, TooLarge
from chalicelib.domain.free_form import Json
from chalicelib.domain.generation import Generation

MAX_ITEMS = 1_000
MAX_DEPENDENCIES = 10_000
MAX_ELEMENTS = 10_000
"""Messages, parts, tools, artifacts and tags that one item may have."""
MAX_ELEMENTS_IN_ALL = 100_000
"""Those that all items of a request may have; one takes up to 2 KB of memory until its item is stored."""


def items_of(body: object, name: str, *, required: bool = True) -> list[Json]:
    """The list `name` of a parsed body; where it is not required, null and a body of nothing stand for an empty one.

    Raises:
        Malformed: the body is no object, or there is no such list.
        TooLarge: over 1,000 items.
    """
    items = body.get(name) if isinstance(body, dict) else None
    if items is None and isinstance(body, dict) and not required and (name in body or not body):
        return []
    if not isinstance(items, list):
        raise Malformed(f"the body must be an object with a list `{name}`")
    limit_items(items, name)
    return items


def limit_items(items: Sized, name: str) -> None:
    """Raise TooLarge over 1,000 items."""
    if len(items) > MAX_ITEMS:
        raise TooLarge(f"a request may have at most {MAX_ITEMS:,} {name}", meta={"limit": MAX_ITEMS})


def limit_elements(numbers: Iterable[int]) -> None:
    """Raise TooLarge when items have over 100,000 elements in all; one that has too many for itself does not count."""
    if sum(number for number in numbers if number <= MAX_ELEMENTS) > MAX_ELEMENTS_IN_ALL:
        raise TooLarge(
            f"a request may have at most {MAX_ELEMENTS_IN_ALL:,} messages, parts, tools and artifacts",
            meta={"limit": MAX_ELEMENTS_IN_ALL},
        )


def limit_dependencies(generations: Iterable[Generation]) -> None:
    """Raise TooLarge over 10,000 dependencies in all."""
    limit_links(len(generation.depends_on) for generation in generations)


def limit_links(numbers: Iterable[int]) -> None:
    """Raise TooLarge when items name over 10,000 others in all; each gives how many it names."""
    if sum(numbers) > MAX_DEPENDENCIES:
        raise TooLarge(
            f"a request may have at most {MAX_DEPENDENCIES:,} dependencies", meta={"limit": MAX_DEPENDENCIES}
        )
