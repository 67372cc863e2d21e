"""Places in a generation, as an operator writes them: `metadata.user.email`, `input[*].parts[*].text`, `**.password`.

    path  = step *( "." step )
    step  = ( name | "*" | "**" ) *( "[*]" )

`*` is any member of an object, `[*]` any item of a list, `**` any number of members and items, none too. Names are
taken as they are written, without spaces, commas, dots, asterisks and brackets. A path does not end in `**`.
"""

import re
from collections.abc import Iterable

Path = tuple[str, ...]
Places = frozenset[Path]  # what is left of each path at a place of a tree; () is its end: the place itself is meant

NOWHERE: Places = frozenset()
ITEM, MEMBER, DEEP = "[*]", "*", "**"
_STEP = re.compile(r"(\*\*?|[^\s.,*\[\]]+)((?:\[\*\])*)")


def read_path(text: str) -> Path:
    """The steps of a path. Raises ValueError when it is none."""
    steps: list[str] = []
    for part in text.split("."):
        found = _STEP.fullmatch(part)
        if not found:
            raise ValueError(f"must be paths: {text}")
        steps += [found[1], *[ITEM] * (len(found[2]) // len(ITEM))]
    if steps[-1] == DEEP:
        raise ValueError(f"must not end in **: {text}")
    return tuple(steps)


def below(places: Places, key: str | None) -> Places:
    """What is left of the paths at a member of an object or, without a key, at an item of a list."""
    return frozenset(_steps_below(places, key)) if places else places


def _steps_below(places: Places, key: str | None) -> Iterable[Path]:
    for path in places:
        steps = path
        while steps and steps[0] == DEEP:
            yield steps
            steps = steps[1:]
        if steps and (steps[0] == ITEM if key is None else steps[0] in (key, MEMBER)):
            yield steps[1:]
