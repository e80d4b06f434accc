"""How people write a value, and whether a text contains one: the link between a proof's literals and its question."""

from __future__ import annotations

import datetime
import re
from functools import lru_cache
from typing import Any


def renderings(value: Any) -> tuple[str, ...]:
    """Every form in which a question may write a scalar: 200000 also as "200,000", a day also as "2 January 2020"."""
    if isinstance(value, bool):
        return ("yes", "true") if value else ("no", "false")
    if isinstance(value, int | float):
        plain = f"{value:.15g}"
        forms = [plain, f"{value:,.15g}", f"{value:.2f}"] if float(f"{value:.2f}") == value else [plain]
        return tuple(dict.fromkeys(forms))
    if isinstance(value, datetime.date):
        return (value.isoformat(), f"{value.day} {value:%B %Y}", f"{value:%B} {value.day}, {value.year}")
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", str(value)):
        return renderings(datetime.date.fromisoformat(str(value)))
    return (str(value).removesuffix("."),)


def stands_in(value: Any, text: str) -> bool:
    """Whether `text` contains a rendering of `value` as whole tokens, case aside ("2015" holds no 20)."""
    return any(_holds(text, form) for form in renderings(value) if form)


def _holds(text: str, form: str) -> bool:
    if form.isascii() and text.isascii() and form.lower() not in text.lower():
        return False  # the usual case, spared a regular expression
    return _token(form).search(text) is not None


@lru_cache(maxsize=4096)
def _token(form: str) -> re.Pattern[str]:
    before = r"(?<![\w.,-])" if form[0].isdigit() else r"(?<!\w)"
    after = r"(?![\w-]|[.,]\d)" if form[-1].isdigit() else r"(?!\w)"
    return re.compile(before + re.escape(form) + after, re.IGNORECASE)
