"""What went wrong, as providers and the gateways before them say it."""

from chalicelib.domain.extraction.bodies import Body, Document, Events
from chalicelib.domain.extraction.json_values import compact, count, string
from chalicelib.domain.extraction.shape import Failure
from chalicelib.domain.free_form import Json

CUT = Failure("the stream ended before its end")

_MESSAGE_CHARACTERS = 1_000
_FIRST_ERROR = 400
_LAST_ERROR = 599
_NAME_CHARACTERS = 256
_MAX_CODE = 2**63 - 1


def error_in(document: Document) -> Failure | None:
    """The error that a document or an event holds, None where it holds none."""
    error = document.get("error")
    if isinstance(error, str) and error:
        return Failure(error, _name(document, "type"), _code(document))
    if isinstance(error, dict) and error:
        return _failure(error)
    if document.get("object") == "error" or document.get("type") == "error":
        return _failure(document)
    return None


def error_in_body(body: Body) -> Failure:
    """The error that the body of a refused request tells, in whatever form."""
    if isinstance(body, Events):
        found = (failure for event in body.items if (failure := error_in(event)))
        return next(found, Failure())
    if isinstance(body, dict):
        return error_in(body) or _failure(body, otherwise=compact(body) if body else None)
    return Failure(body)


def is_error_status(status: int | None) -> bool:
    """Whether a status tells of a failure; 0 is that of a request that nobody answered."""
    return status is not None and (status >= _FIRST_ERROR or status == 0)


def provider_status(status: int | None, failure: Failure) -> int | None:
    """The status with which the provider failed. Where 200 was answered before, the error may tell it."""
    if status is not None and status >= _FIRST_ERROR:
        return status
    said = failure.status
    return said if said is not None and _FIRST_ERROR <= said <= _LAST_ERROR else None


def describe(status: int | None, failure: Failure) -> str:
    """The message of a generation whose provider failed, bounded in length."""
    lead = f"Provider returned {status}" if status is not None else "Provider request failed"
    # Cut first: a body may be of any size.
    said = " ".join((failure.message or "")[: 4 * _MESSAGE_CHARACTERS].split())[:_MESSAGE_CHARACTERS]
    return f"{lead}: {said}" if said else lead


def _failure(error: Document, otherwise: str | None = None) -> Failure:
    message = string(error, "message", "detail", "error_message", "Message") or otherwise
    # Google's errors have a number as code and their name as status.
    return Failure(
        message,
        _name(error, "type") or _name(error, "status"),
        _code(error),
        count(error, "status_code", "status", "code"),
    )


def _name(error: Document, key: str) -> str | None:
    name = string(error, key)
    # That of the object itself, which names no kind of error.
    return None if name is None or name == "error" else name[:_NAME_CHARACTERS]


def _code(error: Document) -> str | int | None:
    code: Json = error.get("code")
    return code if type(code) is int and abs(code) <= _MAX_CODE else _name(error, "code")
