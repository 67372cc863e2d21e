"""What certainly exists: a process that has met a name before neither reads nor writes it again."""

MOST_NAMES = 10_000

Name = tuple[str, ...]


class Known:
    """A bounded set of names of things that never cease to exist; forgetting one costs a read."""

    def __init__(self, most: int = MOST_NAMES) -> None:
        self._names: set[Name] = set()
        self._most = most

    def __contains__(self, name: Name) -> bool:
        return name in self._names

    def add(self, name: Name) -> None:
        """Remember a name."""
        if len(self._names) >= self._most:
            self._names.clear()
        self._names.add(name)
