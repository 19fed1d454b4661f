"""The cut-off date in its one form."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cortexlock.errors import UsageError
from cortexlock.inputs.exclude_newer import parse_exclude_newer

_NOW = datetime(2021, 3, 8, 12, 0, 0, 999, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2020-06-01", "2020-06-01T00:00:00Z"),
        (" 2020-06-01 ", "2020-06-01T00:00:00Z"),
        ("2020-06-01T12:30:45Z", "2020-06-01T12:30:45Z"),
        ("2020-06-01t12:30:45z", "2020-06-01T12:30:45Z"),
        ("2020-06-01 12:30:45", "2020-06-01T12:30:45Z"),
        ("2020-06-01T00:30:00+02:00", "2020-05-31T22:30:00Z"),
        ("2020-03-24T22:05:53-07:00", "2020-03-25T05:05:53Z"),
        ("2020-06-01T12:30:45.999Z", "2020-06-01T12:30:45Z"),
        ("2020-06-01  12:30:45 +01:00", "2020-06-01T11:30:45Z"),
        ("0999-01-01", "0999-01-01T00:00:00Z"),
    ],
)
def test_what_is_read(text: str, expected: str) -> None:
    assert parse_exclude_newer(text) == expected
    assert parse_exclude_newer(expected) == expected


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "yesterday",
            "7",
            "-7 days",
            "7 days from now",
            "P",
            "PT",
            "P7",
            "7 d x",
            "2020",
            "2020-6-1",
            "20200601",
            "2020-13-01",
            "2020-02-30",
            "٢٠٢٠-06-01",
        ),
        *("2020-06-01T25:00:00Z", "2020-06-01T12:00Z", "2020-06-01T12:00:00+25:00"),
        *("0001-01-01T00:00:00+01:00", "9999-12-31T23:59:59-01:00", "99999999 weeks", "P99999999999D"),
    ],
)
def test_what_is_refused(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_exclude_newer(text, where="cortexlock.yaml:3")
    assert caught.value.where == "cortexlock.yaml:3"
    assert "2020-06-01" in (caught.value.hint or "")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("7 days", "2021-03-01T12:00:00Z"),
        ("7 Days ago", "2021-03-01T12:00:00Z"),
        ("7d", "2021-03-01T12:00:00Z"),
        ("P7D", "2021-03-01T12:00:00Z"),
        ("1 week", "2021-03-01T12:00:00Z"),
        ("P1W", "2021-03-01T12:00:00Z"),
        ("1 week, 2 days", "2021-02-27T12:00:00Z"),
        ("36 hours", "2021-03-07T00:00:00Z"),
        ("PT36H", "2021-03-07T00:00:00Z"),
        ("p1dt12h30m", "2021-03-06T23:30:00Z"),
        ("90 minutes", "2021-03-08T10:30:00Z"),
        ("0 days", "2021-03-08T12:00:00Z"),
        ("2021-03-08", "2021-03-08T00:00:00Z"),
    ],
)
def test_durations_mean_a_date(text: str, expected: str) -> None:
    assert parse_exclude_newer(text, now=_NOW) == expected


@pytest.mark.parametrize("text", ["2021-03-09", "2021-03-08T12:00:01Z", "2021-03-08T12:00:00-01:00", "9999-12-31"])
def test_the_future_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="in the future"):
        parse_exclude_newer(text, now=_NOW)


@pytest.mark.parametrize("text", ["1 month", "P1M", "2 years", "p1y2d", "3mo"])
def test_what_has_no_fixed_length_is_refused(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_exclude_newer(text, now=_NOW)
    assert caught.value.hint == "say days or weeks: `30 days`"


@settings(deadline=None)
@given(
    st.datetimes(min_value=datetime(1970, 1, 1), max_value=datetime(2025, 1, 1)),  # noqa: DTZ001 - the zone is drawn
    st.integers(-14 * 60, 14 * 60),
)
def test_any_offset_means_the_same_moment(moment: datetime, minutes: int) -> None:
    aware = moment.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    read = datetime.fromisoformat(parse_exclude_newer(aware.isoformat()).replace("Z", "+00:00"))
    assert read == aware.replace(microsecond=0)
