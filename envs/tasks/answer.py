"""What counts as the right answer: a typed specification and its verifier. No model judges; a parser does.

Numbers are read with thousands separators, units and percent signs; dates as YYYY-MM-DD or "2 January 2020"; sets and
lists separated by commas or semicolons, or as a JSON array. Text is compared case-folded, with white space collapsed.
"""

from __future__ import annotations

import datetime
import json
import math
import re
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

QUOTES = "\"'`\u201c\u201d\u2018\u2019 "
NUMBER = re.compile(r"[-+]?(?:\d[\d,]*\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")


@dataclass(frozen=True, slots=True)
class Verdict:
    """`well_formed`: the answer has the form asked for; `correct`: it is also right."""

    correct: bool
    well_formed: bool


WRONG_FORM = Verdict(correct=False, well_formed=False)


class Spec(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class TextAnswer(Spec):
    kind: Literal["text"] = "text"
    value: str

    @property
    def reference(self) -> str:
        return self.value

    def verify(self, text: str) -> Verdict:
        return Verdict(fold(text) == fold(self.value), bool(text.strip()))


class NumberAnswer(Spec):
    """A number, right within `tolerance` relative to the reference (absolute below 1e-9)."""

    kind: Literal["number"] = "number"
    value: float
    tolerance: float = Field(default=1e-4, ge=0)

    @property
    def reference(self) -> str:
        return f"{self.value:.15g}"

    def verify(self, text: str) -> Verdict:
        number = read_number(text)
        if number is None:
            return WRONG_FORM
        return Verdict(math.isclose(number, self.value, rel_tol=self.tolerance, abs_tol=1e-9), well_formed=True)


class DateAnswer(Spec):
    kind: Literal["date"] = "date"
    value: datetime.date

    @property
    def reference(self) -> str:
        return self.value.isoformat()

    def verify(self, text: str) -> Verdict:
        day = read_date(text)
        return WRONG_FORM if day is None else Verdict(day == self.value, well_formed=True)


class SetAnswer(Spec):
    """Names in any order, none twice."""

    kind: Literal["set"] = "set"
    value: tuple[str, ...]

    @property
    def reference(self) -> str:
        return json.dumps(self.value, ensure_ascii=False)

    def verify(self, text: str) -> Verdict:
        items = read_items(text)
        wanted = sorted(map(fold, self.value))
        return Verdict(sorted(map(fold, items)) == wanted, bool(items))


class ListAnswer(Spec):
    """Names in the order asked for."""

    kind: Literal["list"] = "list"
    value: tuple[str, ...]

    @property
    def reference(self) -> str:
        return json.dumps(self.value, ensure_ascii=False)

    def verify(self, text: str) -> Verdict:
        items = read_items(text)
        return Verdict(list(map(fold, items)) == list(map(fold, self.value)), bool(items))


AnswerSpec = Annotated[TextAnswer | NumberAnswer | DateAnswer | SetAnswer | ListAnswer, Field(discriminator="kind")]


def answer_spec(value: Any, *, ordered: bool = False, tolerance: float = 1e-4) -> AnswerSpec:
    """The specification for a value that a proof gave. Booleans read as "yes" and "no"."""
    if isinstance(value, bool):
        return TextAnswer(value="yes" if value else "no")
    if isinstance(value, (int, float)):
        return NumberAnswer(value=float(value), tolerance=tolerance)
    if isinstance(value, list):
        items = tuple(str(item) for item in value)
        return ListAnswer(value=items) if ordered else SetAnswer(value=tuple(sorted(items)))
    day = re.fullmatch(r"\d{4}-\d{2}-\d{2}", str(value)) and read_date(str(value))
    return DateAnswer(value=day) if day else TextAnswer(value=str(value))


def fold(text: str) -> str:
    """Case and white space removed, and the quotation marks or full stop that people put around an answer."""
    return " ".join(text.split()).strip(QUOTES).removesuffix(".").strip(QUOTES).casefold()


def read_number(text: str) -> float | None:
    """The only number in `text`, or None if there is none or more than one."""
    found = NUMBER.findall(text[:200])
    if len(found) != 1:
        return None
    number = float(found[0].replace(",", ""))
    return number if math.isfinite(number) else None


def read_date(text: str) -> datetime.date | None:
    """A calendar day in one of the accepted forms, or None."""
    stripped = text.strip().removesuffix(".")[:40]
    for form in ("%Y-%m-%d", "%d %B %Y", "%B %d, %Y"):
        try:
            return datetime.datetime.strptime(stripped, form).date()
        except ValueError:
            continue
    return None


def read_items(text: str) -> list[str]:
    """The items of a JSON array, or of a text separated by semicolons, new lines or commas."""
    stripped = text.strip()
    if stripped.startswith("["):
        try:
            return [str(item) for item in json.loads(stripped)]
        except (ValueError, RecursionError):  # not JSON, an integer of thousands of digits, brackets without end
            return []
    separator = ";" if ";" in stripped else "\n" if "\n" in stripped else ","
    return [item.strip() for item in stripped.split(separator) if item.strip()]
