"""Cell values as Excel shows them: the common number and date formats."""

import re
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from openpyxl.cell.rich_text import CellRichText

_LITERAL = re.compile(r'"([^"]*)"|\\(.)|\[\$([^\]-]*)[^\]]*\]|\[[^\]]*\]|[_*].')
_DIGITS = re.compile(r"[#0?][#0?,]*(?:\.[#0?]+)?")

_EXACT = 1e15
"""Excel keeps 15 digits; beyond them, and for infinity, no format is applied."""


def shown(cell: Any) -> str:
    """The text a reader sees in a cell; an empty string for an empty one."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, CellRichText | str):
        return str(value)
    form = str(cell.number_format or "General")
    if isinstance(value, datetime | date | time):
        return _date(value, form)
    if isinstance(value, timedelta):
        return str(value)
    return _number(value, form)


def _number(value: int | float, form: str) -> str:
    form = _section(form, value)
    bare, before, after = _literals(form)
    digits = _DIGITS.search(bare)
    if digits is None or "E+" in bare or "/" in bare or not abs(value) < _EXACT:
        return _general(value)
    percent = "%" in bare
    number = Decimal(str(value)) * (100 if percent else 1)
    whole, _, fraction = digits[0].partition(".")
    fixed, longest = fraction.count("0"), len(fraction)
    text = f"{number.quantize(Decimal(1).scaleb(-longest), ROUND_HALF_UP):f}"
    if longest > fixed:
        head, _, tail = text.partition(".")
        tail = tail[:fixed] + tail[fixed:].rstrip("0")
        text = f"{head}.{tail}" if tail else head
    sign, text = ("-", text[1:]) if text.startswith("-") else ("", text)
    head, dot, tail = text.partition(".")
    head = head.zfill(whole.count("0"))
    if "," in whole:
        head = f"{int(head):,}".rjust(len(head))
    return f"{sign}{before}{head}{dot}{tail}{'%' if percent else ''}{after}"


def _section(form: str, value: int | float) -> str:
    """The part of a format for positive, negative or zero numbers."""
    parts = form.split(";")
    if value == 0 and len(parts) > 2:
        return parts[2]
    # A format of its own for negative numbers shows their sign itself, mostly by brackets.
    return parts[0]


def _literals(form: str) -> tuple[str, str, str]:
    """A number format without its literal texts, and those before and after the digits."""
    marks: list[str] = []

    def keep(match: re.Match[str]) -> str:
        marks.append(match[1] or match[2] or match[3] or "")
        return "\ue000"

    bare = _LITERAL.sub(keep, form)
    digits = _DIGITS.search(bare)
    at = bare.count("\ue000", 0, digits.start()) if digits else 0
    outside = bare[: digits.start()] if digits else ""
    symbols = "".join(character for character in outside if character in "¥￥$€£")
    return bare.replace("\ue000", ""), symbols + "".join(marks[:at]), "".join(marks[at:])


def _general(value: int | float) -> str:
    """A number in the format General: up to 15 digits, no point for whole numbers."""
    if abs(value) < _EXACT and float(value).is_integer():
        return str(int(value))
    return f"{value:.15G}"


_DATE_PARTS: tuple[tuple[str, str], ...] = (
    (r"yyyy|yy|e", "year"),
    (r"mmmm?|mm?", "month"),
    (r"dddd?|dd?", "day"),
    (r"hh?", "hour"),
    (r"ss?(?:\.0+)?", "second"),
    (r"am/pm|a/p|上午/下午", "half"),
)
_DATE_TOKENS = re.compile(
    r'"[^"]*"|\\.|\[[^\]]*\]|' + "|".join(f"(?P<{name}>{shape})" for shape, name in _DATE_PARTS),
    re.IGNORECASE,
)


def _date(value: datetime | date | time, form: str) -> str:
    form = form.split(";")[0]
    if form.casefold() == "general" or not _DATE_TOKENS.search(form):
        return value.isoformat(" ") if isinstance(value, datetime) else value.isoformat()
    halves = re.search(r"am/pm|a/p|上午/下午", form, re.IGNORECASE) is not None
    previous = ""

    def show(match: re.Match[str]) -> str:
        nonlocal previous
        part, token = match.lastgroup, match[0]
        if part is None:
            return "" if token[0] == "[" else token.strip('"\\')
        # `m` means minutes behind hours and before seconds.
        rest = form[match.end() :]
        if part == "month" and (
            previous == "hour" or re.match(r"[^a-zA-Z]*s", rest, re.IGNORECASE)
        ):
            part = "minute"
        previous = part
        return _date_part(value, part, token, halves)

    return _DATE_TOKENS.sub(show, form).replace("@", "").strip()


def _date_part(value: Any, part: str, token: str, halves: bool) -> str:
    if part == "half":
        return "AM" if value.hour < 12 else "PM"
    number = getattr(value, part, 0)
    if part == "year":
        return f"{number % 100:02d}" if len(token) == 2 else str(number)
    if part in ("month", "day") and len(token) > 2:
        return str(value.strftime({"month": "%b", "day": "%a"}[part]))
    if part == "hour" and halves:
        number = number % 12 or 12
    return f"{number:02d}" if len(token.split(".")[0]) > 1 else str(number)
