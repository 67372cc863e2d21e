"""Health that a test decides."""


class FakeHealth:
    """The `Health` port."""

    def __init__(self, *missing: str) -> None:
        self.missing = list(missing)

    def check(self) -> list[str]:
        """What the test has said is missing."""
        return self.missing
