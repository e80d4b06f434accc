"""QuantLib, imported on first use (it takes a while), with dates that fail readably.

Its evaluation date is global: every computation sets it first, and none awaits before it is done.
"""

from __future__ import annotations

import datetime
import importlib
from functools import cache
from typing import Any

from toolservers.errors import ToolError

MATURITY_SPAN = 100
"""Longest life of a bond, in years."""


@cache
def library() -> Any:
    """The QuantLib module."""
    return importlib.import_module("QuantLib")


def date(parameter: str, day: datetime.date) -> Any:
    """`day` as a QuantLib date; raises `ToolError` outside 1910-2190, near the ends of its calendar."""
    if not 1910 <= day.year <= 2190:
        raise ToolError(f"{parameter}: must lie between 1910 and 2190, not in {day.year}")
    return library().Date(day.day, day.month, day.year)


def evaluate_on(day: Any) -> None:
    """Sets the global evaluation date."""
    library().Settings.instance().evaluationDate = day
