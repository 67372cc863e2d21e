"""How much one request may hold, whatever its dialect."""

from collections.abc import Iterable

from chalicelib.domain.errors import Malformed, TooLarge
from chalicelib.domain.free_form import Json
from chalicelib.domain.generation import Generation

MAX_ITEMS = 1_000
MAX_DEPENDENCIES = 10_000


def items_of(body: object, name: str, *, required: bool = True) -> list[Json]:
    """The list `name` of a parsed body; where it is not required, an absent one is empty.

    Raises:
        Malformed: the body is no object, or there is no such list.
        TooLarge: over 1,000 items.
    """
    items = body.get(name, None if required else []) if isinstance(body, dict) else None
    if items is None and isinstance(body, dict) and not required:
        return []
    if not isinstance(items, list):
        raise Malformed(f"the body must be an object with a list `{name}`")
    if len(items) > MAX_ITEMS:
        raise TooLarge(f"a request may have at most {MAX_ITEMS:,} {name}", meta={"limit": MAX_ITEMS})
    return items


def limit_dependencies(generations: Iterable[Generation]) -> None:
    """Raise TooLarge over 10,000 dependencies in all."""
    limit_links(len(generation.depends_on) for generation in generations)


def limit_links(numbers: Iterable[int]) -> None:
    """Raise TooLarge when items name over 10,000 others in all; each gives how many it names."""
    if sum(numbers) > MAX_DEPENDENCIES:
        raise TooLarge(
            f"a request may have at most {MAX_DEPENDENCIES:,} dependencies", meta={"limit": MAX_DEPENDENCIES}
        )
