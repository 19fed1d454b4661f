"""The cut-off date: what a user writes into the one form that is compared and locked."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone

from cortexlock.errors import FileLine, UsageError
from cortexlock.patterns import pattern

_OFFSET = r"[Zz]|(?P<sign>[+-])(?P<hours>\d{2}):(?P<minutes>\d{2})"
_TIME = rf"[Tt ]\s*(?P<time>\d{{2}}:\d{{2}}:\d{{2}})(?:\.\d+)?\s*(?:{_OFFSET})?"
_MOMENT = pattern(rf"(?P<date>\d{{4}}-\d{{2}}-\d{{2}})(?:{_TIME})?", re.ASCII)
_ISO_DURATION = pattern(
    r"P(?!$)(?:(?P<weeks>\d+)W)?(?:(?P<days>\d+)D)?(?:T(?!$)(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?)?", re.ASCII
)
_PART = pattern(r"(?P<number>\d+)\s*(?P<unit>weeks?|w|days?|d|hours?|h|minutes?|min)", re.ASCII)
_DURATION = pattern(rf"(?P<parts>{_PART.pattern}(?:[\s,]+{_PART.pattern.replace('?P<', '?P<next_')})*)(?:\s+ago)?")
_UNITS = {"w": "weeks", "d": "days", "h": "hours", "m": "minutes"}
_NO_FIXED_LENGTH = pattern(r"P\d+[YM].*|\d+\s*(?:months?|mo|years?|y)\b.*")
_EXAMPLES = "write a date, 2020-06-01, a date and time, 2020-06-01T12:00:00Z, or a duration, `7 days`"


def parse_exclude_newer(text: str, *, where: FileLine | str | None = None, now: datetime | None = None) -> str:
    """Return a cut-off date as RFC 3339 date and time in UTC, `2020-06-01T00:00:00Z`.

    Args:
        text: A date, which means 00:00 UTC of that day (so nothing of that day is considered), or a date and time as in
            RFC 3339 or as a YAML timestamp; without an offset it is UTC, and fractions of a second are dropped. Or a
            duration, which counts back from now: `7 days`, `1 week`, `36 hours`, or `P7D` and `PT36H` as in ISO 8601.
        where: The place for messages.
        now: The time that it is, with its zone; by default, the clock's.

    Raises:
        UsageError: It is none of them, or in the future.
    """
    now = (now or datetime.now(timezone.utc)).astimezone(timezone.utc).replace(microsecond=0)
    text = text.strip()
    moment = _MOMENT.fullmatch(text)
    if not moment and (_NO_FIXED_LENGTH.fullmatch(text.lower()) or _NO_FIXED_LENGTH.fullmatch(text.upper())):
        what = f"`{text}` is no fixed time: months and years have different lengths"
        raise UsageError(what, where=where, hint="say days or weeks: `30 days`")
    utc = _utc(moment) if moment else None
    if is_duration(text):
        utc = _before(now, text)
    if utc is None:
        raise UsageError(f"`{text}` is no date", where=where, hint=_EXAMPLES)
    if utc > now:
        what = f"the cut-off date `{text}` is in the future: what is published until then would change the lock"
        raise UsageError(what, where=where, hint="say a date that has been, or a duration before today: `0 days`")
    return utc.isoformat(timespec="seconds").replace("+00:00", "Z")


def is_duration(text: str) -> bool:
    """Whether a text is a duration before now, which means another date with each day, and no date."""
    text = text.strip()
    if _MOMENT.fullmatch(text):
        return False
    return bool(_ISO_DURATION.fullmatch(text.upper()) or _DURATION.fullmatch(text.lower()))


def _before(now: datetime, text: str) -> datetime | None:
    """Return the moment that is a duration before another, or None where the calendar does not reach that far."""
    iso = _ISO_DURATION.fullmatch(text.upper())
    if iso is not None:
        parts = {unit: int(number) for unit, number in iso.groupdict().items() if number}
    else:
        parts = {}
        for part in _PART.finditer(text.lower()):
            unit = _UNITS[part["unit"][0]]
            parts[unit] = parts.get(unit, 0) + int(part["number"])
    try:
        return now - timedelta(**parts)
    except OverflowError:
        return None


def _utc(found: re.Match[str]) -> datetime | None:
    """Return the moment in UTC, or None where the calendar or the clock has no such one."""
    try:
        moment = datetime.fromisoformat(f"{found['date']}T{found['time'] or '00:00:00'}")
        offset = timedelta(hours=int(found["hours"] or 0), minutes=int(found["minutes"] or 0))
        zone = timezone(-offset if found["sign"] == "-" else offset)
        return moment.replace(tzinfo=zone).astimezone(timezone.utc)
    except (ValueError, OverflowError):
        return None
