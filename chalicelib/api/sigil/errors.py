"""Why an item is refused, in texts that a client may see: they name the field and the rule, never what was sent."""

from chalicelib.domain.errors import Malformed


class ItemRejected(Malformed):
    """One item cannot be taken in; `generation_id` is its id as far as it has one, `error` the text for its result."""

    def __init__(self, generation_id: str, error: str) -> None:
        super().__init__(error)
        self.generation_id = generation_id
        self.error = error


class FieldError(Exception):
    """A field that its type alone could not refuse; `told` says which and why, whatever kind of item it is in."""

    def __init__(self, path: str, reason: str) -> None:
        self.told = f"{path}: {reason}"
        super().__init__(f"generation.{self.told}")


class MissingError(Exception):
    """A field without which nothing can be stored."""

    def __init__(self, field: str) -> None:
        super().__init__(f"generation.{field} is required")
