"""The error tree of the product.

    CatchmentError
    ├── Rejected              a permanent fault of the request or of one item
    │   ├── Malformed         400  the request cannot be read
    │   ├── Unauthenticated   401  nobody valid is calling
    │   ├── Forbidden         403  the caller's role lacks the action
    │   ├── NotFound          404  no such thing for this tenant
    │   ├── Conflict          409  the state does not allow it
    │   ├── TooLarge          413  over a documented limit
    │   ├── UnsupportedEncoding 415 the body's Content-Encoding is not one of ours
    │   └── EmptySession      422  an event names a session by nothing
    ├── RunFailed             502  a run has failed; the code is that of its record
    │   └── RunTimedOut       504  a run has failed because its time was used up
    ├── TooManyRequests       429  the caller's key sends too much; the same later is right
    └── Unavailable           503  storage or queue cannot be reached now; trying again is right

The HTTP statuses are mapped in `chalicelib/api/errors.py`, in one table.
"""

from typing import Any


class CatchmentError(Exception):
    """Base of every error that is ours. `code` is UPPER_SNAKE, `message` is safe to show a client.

    `kind` is the fault's name where dialects have one that says more than the code: `person-not-found`.
    """

    code = "INTERNAL"

    def __init__(
        self, message: str, *, code: str | None = None, meta: dict[str, Any] | None = None, kind: str | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or type(self).code
        self.meta = meta or {}
        self.kind = kind or self.code.lower().replace("_", "-")


class Rejected(CatchmentError):
    """A permanent fault: sending the same again fails again."""

    code = "REJECTED"


class Malformed(Rejected):
    """The request cannot be read."""

    code = "MALFORMED"


class Unauthenticated(Rejected):
    """Nobody valid is calling."""

    code = "UNAUTHENTICATED"


class Forbidden(Rejected):
    """The caller's role lacks the action named in `meta.action`."""

    code = "FORBIDDEN"


class NotFound(Rejected):
    """No such thing for this tenant; a thing of another tenant reads the same."""

    code = "NOT_FOUND"


def missing(thing: str) -> NotFound:
    """What to raise when a thing (`agent version`) is not there; its kind is `agent-version-not-found`."""
    return NotFound(f"{thing} not found", kind=f"{thing.replace(' ', '-')}-not-found")


class Conflict(Rejected):
    """The present state does not allow it."""

    code = "CONFLICT"


class TooLarge(Rejected):
    """Over a limit that the message names."""

    code = "TOO_LARGE"


class UnsupportedEncoding(Rejected):
    """The Content-Encoding is neither identity nor gzip."""

    code = "UNSUPPORTED_ENCODING"


class RunFailed(CatchmentError):
    """A run has failed, mostly because of its provider; the error is that of its record, and `meta` has its ids."""

    code = "RUN_FAILED"


class RunTimedOut(RunFailed):
    """The time for a run was used up."""

    code = "RUN_TIMEOUT"


class TooManyRequests(CatchmentError):
    """The caller's key sends more than it may. `retry_after` is in seconds."""

    code = "TOO_MANY_REQUESTS"

    def __init__(self, message: str, *, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class EmptySession(Rejected):
    """An event's session is the empty string; the one fault that Voker's client knows by this status."""

    code = "SESSION_ID_EMPTY"


class Unavailable(CatchmentError):
    """Storage or queue cannot be reached now. `retry_after` is in seconds."""

    code = "UNAVAILABLE"
    retry_after = 1
