"""The cut-off date: what a user writes into the one form that is compared and locked."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone

from cortexlock.errors import UsageError

_OFFSET = r"[Zz]|(?P<sign>[+-])(?P<hours>\d{2}):(?P<minutes>\d{2})"
_TIME = rf"[Tt ]\s*(?P<time>\d{{2}}:\d{{2}}:\d{{2}})(?:\.\d+)?\s*(?:{_OFFSET})?"
_MOMENT = re.compile(rf"(?P<date>\d{{4}}-\d{{2}}-\d{{2}})(?:{_TIME})?", re.ASCII)


def parse_exclude_newer(text: str, *, where: str | None = None) -> str:
    """Return a cut-off date as RFC 3339 date and time in UTC, `2020-06-01T00:00:00Z`.

    Args:
        text: A date, which means 00:00 UTC of that day (so nothing of that day is considered), or a date and time as in
            RFC 3339 or as a YAML timestamp; without an offset it is UTC, and fractions of a second are dropped.
        where: The place for messages.

    Raises:
        UsageError: It is neither.
    """
    found = _MOMENT.fullmatch(text.strip())
    utc = None if found is None else _utc(found)
    if utc is None:
        raise UsageError(
            f"`{text}` is no date",
            where=where,
            hint="write a date, 2020-06-01, or a date and time, 2020-06-01T12:00:00Z",
        )
    return utc.isoformat(timespec="seconds").replace("+00:00", "Z")


def _utc(found: re.Match[str]) -> datetime | None:
    """Return the moment in UTC, or None where the calendar or the clock has no such one."""
    try:
        moment = datetime.fromisoformat(f"{found['date']}T{found['time'] or '00:00:00'}")
        offset = timedelta(hours=int(found["hours"] or 0), minutes=int(found["minutes"] or 0))
        zone = timezone(-offset if found["sign"] == "-" else offset)
        return moment.replace(tzinfo=zone).astimezone(timezone.utc)
    except (ValueError, OverflowError):
        return None
