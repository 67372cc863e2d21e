"""Read one whole exchange into its generation, whatever is in it."""

from chalicelib.domain.extraction import Reading
from chalicelib.domain.extraction.bodies import read_body
from chalicelib.domain.extraction.failure import error_in_body, is_error_status
from chalicelib.domain.extraction.filling import failed, fill, with_end
from chalicelib.domain.extraction.reading import NotApplicableError, UnreadableError, read
from chalicelib.domain.extraction.shape import Failure
from chalicelib.domain.generation import Exchange, Generation


def read_whole(generation: Generation, exchange: Exchange) -> Reading:
    """What `read_exchange` gives for a generation with an exchange."""
    try:
        return _read(with_end(generation), exchange)
    except Exception as fault:  # noqa: BLE001  # one body that nobody thought of must not stop those behind it
        reason = f"reading broke off with {type(fault).__name__}"
        return Reading(_with_status(generation, exchange, Failure()), "failed", reason)


def _read(generation: Generation, exchange: Exchange) -> Reading:
    provider = generation.model.provider if generation.model else None
    try:
        found = read(exchange, provider)
    except NotApplicableError:
        return Reading(_refused(generation, exchange), "not_applicable")
    except UnreadableError as unreadable:
        return Reading(_refused(generation, exchange), "failed", str(unreadable))
    return Reading(fill(generation, found, exchange.status_code), "succeeded")


def _refused(generation: Generation, exchange: Exchange) -> Generation:
    """The generation as the status makes it, with what the body says of an error."""
    return _with_status(generation, exchange, error_in_body(read_body(exchange.response_body)))


def _with_status(generation: Generation, exchange: Exchange, failure: Failure) -> Generation:
    """The generation, failed if the status says so."""
    if not is_error_status(exchange.status_code):
        return generation
    return failed(generation, exchange.status_code, failure)
