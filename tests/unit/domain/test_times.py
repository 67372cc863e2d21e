"""Every instant has one stored form: 27 characters, UTC, microseconds."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.times import format_epoch, format_time, parse_time, to_datetime

MOMENTS = st.datetimes(min_value=datetime(1, 1, 2), max_value=datetime(9999, 12, 30), timezones=st.just(UTC))  # noqa: DTZ001


@pytest.mark.parametrize(
    ("text", "stored"),
    [
        ("2026-02-11T12:00:00Z", "2026-02-11T12:00:00.000000Z"),
        ("2026-02-11T12:00:00.123Z", "2026-02-11T12:00:00.123000Z"),
        ("2026-02-11T12:00:00,5Z", "2026-02-11T12:00:00.500000Z"),
        ("2026-02-11T12:00:00.999999999Z", "2026-02-11T12:00:00.999999Z"),
        ("2026-02-11T12:00:00+02:00", "2026-02-11T10:00:00.000000Z"),
        ("2026-02-11T12:00:00.25-05:30", "2026-02-11T17:30:00.250000Z"),
        ("2026-02-11T12:00:00-00:00", "2026-02-11T12:00:00.000000Z"),
        ("2026-02-11T12:00:00+24:00", "2026-02-10T12:00:00.000000Z"),
        ("2026-02-11T5:00:00Z", "2026-02-11T05:00:00.000000Z"),
        ("2024-02-29T00:00:00Z", "2024-02-29T00:00:00.000000Z"),
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000000Z"),
        ("9999-12-31T23:59:59.9999999Z", "9999-12-31T23:59:59.999999Z"),
    ],
)
def test_what_the_reference_takes_is_read(text: str, stored: str) -> None:
    assert parse_time(text) == stored


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-02-11",
        "2026-02-11T12:00Z",
        "2026-02-11T12:00:00",
        "2026-02-11 12:00:00Z",
        "2026-02-11t12:00:00Z",
        "2026-02-11T12:00:00z",
        "2026-02-11T12:00:00.Z",
        "2026-02-11T12:00:00.1234567891Z",
        "2026-02-11T12:00:00+0200",
        "2026-02-11T12:00:00+25:00",
        "2026-02-11T12:00:00+00:61",
        "2026-02-11T12:00:00Z\n",
        " 2026-02-11T12:00:00Z",
        "2026-02-30T12:00:00Z",
        "2026-02-11T24:00:00Z",
        "2026-02-11T12:00:60Z",
        "0000-01-01T00:00:00Z",
        "0001-01-01T00:00:00+00:01",
        "9999-12-31T23:59:59-00:01",
        "12026-02-11T12:00:00Z",
        "\u0662026-02-11T12:00:00Z",
        "2026-W07-3T12:00:00Z",
        "1700000000",
    ],
)
def test_anything_else_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(ValueError, match=r"^must be an RFC 3339 time with a zone$"):
        parse_time(text)


@given(MOMENTS)
def test_the_stored_form_reads_back_as_the_same_instant(moment: datetime) -> None:
    stored = format_time(moment)
    assert len(stored) == 27
    assert parse_time(stored) == stored
    assert to_datetime(stored) == moment


@given(MOMENTS, st.integers(-23 * 60 - 59, 23 * 60 + 59))
def test_the_zone_an_instant_is_written_in_does_not_matter(moment: datetime, minutes: int) -> None:
    elsewhere = moment.astimezone(timezone(timedelta(minutes=minutes)))
    assert parse_time(elsewhere.isoformat()) == format_time(elsewhere) == format_time(moment)


@given(MOMENTS, MOMENTS)
def test_stored_forms_sort_in_the_order_of_time(one: datetime, other: datetime) -> None:
    assert (format_time(one) < format_time(other)) == (one < other)


def test_an_epoch_is_formatted_in_seconds() -> None:
    assert format_epoch(1_700_000_000.25) == "2023-11-14T22:13:20.250000Z"
    assert format_epoch(-1) == "1969-12-31T23:59:59.000000Z"


@pytest.mark.parametrize("seconds", [1e18, -1e18, float("inf"), float("nan")])
def test_an_epoch_outside_the_calendar_is_refused(seconds: float) -> None:
    with pytest.raises(ValueError, match=r"^must be"):
        format_epoch(seconds)


def test_a_time_without_a_zone_is_not_formatted() -> None:
    with pytest.raises(ValueError, match="without a zone"):
        format_time(datetime(2026, 1, 1))  # noqa: DTZ001  # that is the point
