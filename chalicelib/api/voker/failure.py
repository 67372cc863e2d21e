"""Errors as Voker's client reads them: beside the contract's shape the fault's type, once flat and once nested."""

from chalicelib.api.errors import error_reply
from chalicelib.api.reply import Reply
from chalicelib.domain.errors import CatchmentError


def typed_failure(error: CatchmentError) -> Reply:
    """The reply for an error of ours."""
    return error_reply(error, type=error.kind, detail={"type": error.kind})
