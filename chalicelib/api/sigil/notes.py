"""What an item carries beyond the fields of a generation: kept in its metadata under `unrecognized`, never lost.

A field that nobody knows is there under its path (`usage.is_byok`, `input[0].parts[1].citations`), and so is what was
left out of a known one (`depends_on`: empty and repeated ids and the item's own).
"""

from typing import Any

from chalicelib.api.free_fields import with_unrecognized
from chalicelib.api.sigil.errors import FieldError
from chalicelib.api.sigil.wire import Wire
from chalicelib.domain.free_form import Json, mended, normal


class Notes:
    """Collects while an item is read."""

    def __init__(self) -> None:
        self._kept: dict[str, Json] = {}

    def keep(self, path: str, value: Json) -> None:
        """Keeps a value that is known to be JSON under its path."""
        self._kept[path] = value

    def fields_of(self, path: str, wire: Wire) -> None:
        """Keeps the fields of an object that its model does not know; null is the same as absent.

        Raises:
            FieldError: one of them cannot be stored as JSON.
        """
        for name, value in (wire.model_extra or {}).items():
            if value is not None:
                self.keep_any(path, name, value)

    def keep_any(self, path: str, name: str, value: object) -> None:
        """Keeps what may be no JSON value, as the field `name` of the object at `path`.

        Raises:
            FieldError: it cannot be stored as JSON.
        """
        try:
            self.keep(mended(f"{path}.{name}" if path else name), normal(value))
        except ValueError as error:
            raise FieldError(path or "<unknown>", f"a field nobody knows {error}") from None

    def added_to(self, metadata: dict[str, Any]) -> dict[str, Json]:
        """The metadata and the notes. A client's own `unrecognized` goes into ours when there is one.

        Raises:
            FieldError: the metadata cannot be stored as JSON.
        """
        try:
            metadata = normal(metadata)
        except ValueError as error:
            raise FieldError("metadata", str(error)) from None
        return with_unrecognized(metadata, self._kept)
