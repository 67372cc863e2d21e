"""Instants in the one form that is stored, hashed and compared: `YYYY-MM-DDTHH:MM:SS.ffffffZ`, always 27 characters.

Reading follows what protobuf's JSON mapping takes for a Timestamp, so that no client it served is refused here. As text
of one length in UTC, instants sort in the order of time.
"""

import re
from datetime import UTC, datetime, timedelta

_RFC3339 = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})T([0-9]{1,2})(:[0-9]{2}:[0-9]{2})(?:[.,]([0-9]{1,9}))?(?:Z|([+-])([0-9]{2}):([0-9]{2}))"
)
_FRACTION_DIGITS = 6
_MAX_OFFSET_HOURS = 24
_MAX_OFFSET_MINUTES = 60
_NOT_A_TIME = "must be an RFC 3339 time with a zone"


def parse_time(text: str) -> str:
    """The stored form of an RFC 3339 time.

    Takes 0 to 9 fraction digits after `.` or `,` (cut to microseconds, never rounded) and any offset.

    Raises:
        ValueError: not such a time, or outside the years 0001 to 9999 once it is in UTC.
    """
    match = _RFC3339.fullmatch(text)
    if match is None:
        raise ValueError(_NOT_A_TIME)
    date, hour, rest, fraction, sign, offset_hours, offset_minutes = match.groups()
    micros = (fraction or "")[:_FRACTION_DIGITS].ljust(_FRACTION_DIGITS, "0")
    local = f"{date}T{hour.zfill(2)}{rest}.{micros}"
    try:
        moment = datetime.fromisoformat(local)
    except ValueError:
        raise ValueError(_NOT_A_TIME) from None
    return f"{local}Z" if sign is None else _in_utc(moment, sign, int(offset_hours), int(offset_minutes))


def format_time(moment: datetime) -> str:
    """The stored form of an aware datetime.

    Raises:
        ValueError: it has no zone, so that no instant is meant.
    """
    if moment.tzinfo is None:
        raise ValueError("a time without a zone is no instant")
    return f"{moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='microseconds')}Z"


def format_epoch(seconds: float) -> str:
    """The stored form of seconds since 1970-01-01T00:00:00Z.

    Raises:
        ValueError: outside the years 0001 to 9999.
    """
    try:
        return format_time(datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds))
    except (OverflowError, ValueError):
        raise ValueError(_NOT_A_TIME) from None


def to_datetime(stored: str) -> datetime:
    """The aware UTC datetime of a stored form."""
    return datetime.fromisoformat(stored)


def _in_utc(moment: datetime, sign: str, hours: int, minutes: int) -> str:
    # 24 hours and 60 minutes are taken because the reference takes them; a datetime's own offset could not hold them.
    if hours > _MAX_OFFSET_HOURS or minutes > _MAX_OFFSET_MINUTES:
        raise ValueError(_NOT_A_TIME)
    offset = timedelta(hours=hours, minutes=minutes)
    try:
        shifted = moment + offset if sign == "-" else moment - offset
    except OverflowError:
        raise ValueError(_NOT_A_TIME) from None
    return f"{shifted.isoformat(timespec='microseconds')}Z"
