"""The last step of a question, one small function per operator: its wording, and the expression behind it.

An operator on one output takes a `Value`; an operator on several takes a `Family`, the same value of several subjects.
Each gives None where it would ask something odd (a sum of rates) or nothing at all (a difference of zero).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from random import Random
from typing import Any, get_origin

from envs.dive.evidence import Evidence
from envs.dive.phrase import ClumsyError, Phrases, entity_word, field_of, listed, plural, written
from envs.tasks.expression import (
    Choice,
    Compare,
    Comparison,
    Condition,
    Count,
    Difference,
    Expression,
    Extreme,
    Filter,
    Mean,
    PercentChange,
    Pick,
    Ratio,
    Ref,
    Round,
    Sort,
    Sum,
)
from envs.tasks.proof import Call
from envs.tasks.schema import field_entities
from envs.tasks.splits import QUANTITIES
from toolservers.tool import Kind, OutputField, Tool

ADDABLE = frozenset({"count", "amount", "area", "length", "mass"})
GROWING = QUANTITIES - {"rate_percent", "percent", "volatility", "ratio", "year"}
"""Quantities of which people state changes in percent."""
FORMS = {"date": ", as YYYY-MM-DD", "currency": ", as an ISO code"}
"""How to write an answer of an entity type, where a reader could wonder."""
UNITS = {"°": "degrees", "%": "percent"}


@dataclass(frozen=True, slots=True)
class Asked:
    """A question and the expression, over the evidence, that answers it."""

    question: str
    expression: Expression
    ordered: bool = False


@dataclass(frozen=True)
class Value:
    """An output field that a question can name."""

    evidence: Evidence
    tools: Mapping[str, Tool]
    ref: Ref

    @cached_property
    def field(self) -> OutputField:
        return field_of(self.tools[self.evidence.steps[self.ref.call].call.tool], self.ref)

    @cached_property
    def value(self) -> Any:
        return self.ref.resolve(self.evidence.outputs)

    @cached_property
    def phrase(self) -> str:
        return Phrases(self.evidence, self.tools).of(self.ref)

    @cached_property
    def measurable(self) -> bool:
        """A number with a meaning as a size: codes and identifiers are not."""
        return measurable(self.field)

    def in_unit(self, phrase: str) -> str:
        """`phrase` with the unit or form of the answer, where it does not already say so."""
        unit = UNITS.get(self.field.unit, self.field.unit)
        if unit and unit not in phrase and "number of" not in phrase and not unit.startswith("per "):
            return f"{phrase}, in {unit}"
        if self.field.noun is not None and self.field.noun.form:
            return f"{phrase}, {self.field.noun.form}"
        form = FORMS.get(self.field.entity or "", "")
        return phrase if "code" in phrase else phrase + form


def measurable(field: OutputField) -> bool:
    return field.numeric and (field.entity in QUANTITIES or bool(field.unit))


def suits(operator: str, field: OutputField) -> bool:
    """Whether an operator could be put to values of this field."""
    if operator in ("count", "filter"):
        return get_origin(field.field.annotation) is list and field.entity is None
    if operator == "pick":
        return True
    narrower = {"sum": ADDABLE, "ratio": ADDABLE | {"price"}, "percent_change": GROWING}
    return measurable(field) and (operator not in narrower or field.entity in narrower[operator])


@dataclass(frozen=True)
class Family:
    """The same field for several subjects; `labels` are the literals in which their calls differ."""

    values: tuple[Value, ...]
    labels: tuple[str, ...]
    entity: str
    step: int
    """The call, behind the first value, that takes the label."""
    parameter: str

    @property
    def choices(self) -> tuple[Choice, ...]:
        pairs = zip(self.labels, self.values, strict=True)
        return tuple(Choice(label=label, value=value.ref) for label, value in pairs)

    @property
    def word(self) -> str:
        return entity_word(self.entity)

    @property
    def open_phrase(self) -> str:
        """The noun phrase with "that country" in the place of the subject."""
        return self.phrase_of(f"that {self.word}")

    @property
    def over_all(self) -> str:
        """The noun phrase of all members at once: "the population of each of the cities A, B and C"."""
        try:
            return self.phrase_of(f"each of the {plural(self.word)} {listed(list(self.labels))}")
        except ClumsyError:
            unmistakable(self, " and ")
            return listed([value.phrase for value in self.values])

    def phrase_of(self, subject: str) -> str:
        """The noun phrase with other words in the place of the subject."""
        first = self.values[0]
        varied = first.evidence.steps[self.step].call

        def say(call: Call, name: str) -> str | None:
            return subject if call is varied and name == self.parameter else None

        return Phrases(first.evidence, first.tools, say).of(first.ref)


def pick(value: Value, rng: Random) -> Asked | None:
    shown, phrase = value.value, value.phrase
    if isinstance(shown, list):
        if not shown or not value.field.entity or not complete(value) or not all(isinstance(x, str) for x in shown):
            return None
        return Asked(f"What are {phrase}? List them all.", Pick(of=value.ref))
    if shown == 0 and value.field.entity in ADDABLE | {"price"}:
        return None  # a guess that is too often right
    if isinstance(shown, bool):
        if checks_a_fact(value):
            return None
        fact = phrase.replace("whether ", "that ", 1) if phrase.startswith("whether ") else f"that {phrase}"
        return Asked(f"Is it true {fact}? Answer yes or no.", Pick(of=value.ref))
    return Asked(f"What is {value.in_unit(phrase)}?", Pick(of=value.ref))


def checks_a_fact(value: Value) -> bool:
    """Whether a yes-or-no tool is put to something looked up: a code on record is always valid."""
    call = value.evidence.steps[value.ref.call].call
    return value.tools[call.tool].kind is Kind.PROCESSING and bool(call.sources)


def round_(value: Value, rng: Random) -> Asked | None:
    shown = value.value
    if not isinstance(shown, float) or not value.measurable or "rounding" in value.phrase:
        return None
    places = [decimals for decimals in (0, 1, 2) if round(shown, decimals) not in (shown, 0)]
    if not places:
        return None
    decimals = rng.choice(places)
    said = "the nearest whole number" if decimals == 0 else f"{decimals} decimal place{'s' * (decimals > 1)}"
    return Asked(f"What is {value.in_unit(value.phrase)}, rounded to {said}?", Round(of=value.ref, decimals=decimals))


def count(value: Value, rng: Random) -> Asked | None:
    if (found := threshold(value, rng)) is None:
        return None
    _, where = found
    question = f"How many of {value.phrase} have a {where.field} {where.comparison} {written(where.value)}?"
    return Asked(question, Count(of=value.ref, where=where))


def filter_(value: Value, rng: Random) -> Asked | None:
    if (found := threshold(value, rng)) is None:
        return None
    label, where = found
    word = "day" if label == "on" else label
    question = f"Which of {value.phrase} have a {where.field} {where.comparison} {written(where.value)}?"
    return Asked(f"{question} List each {word}.", Filter(of=value.ref, field=label, where=where))


def threshold(value: Value, rng: Random) -> tuple[str, Condition] | None:
    """A field that names the records of a whole list, and a condition that some of them meet and some do not."""
    records = value.value
    if not isinstance(records, list) or len(records) < 3 or not isinstance(records[0], dict) or not complete(value):
        return None
    model = next((record for name, _, record in field_entities(value.tools[
        value.evidence.steps[value.ref.call].call.tool].output) if name == value.ref.path[0]), None)
    entities = dict((name, entity) for name, entity, _ in field_entities(model)) if model else {}
    labels = [name for name, entity in entities.items() if entity and entity not in QUANTITIES]
    numbers = [name for name, entity in entities.items() if entity in QUANTITIES]
    if not labels or not numbers:
        return None
    field = rng.choice(numbers)
    sizes = sorted(record[field] for record in records)
    place = rng.randrange(1, len(sizes))
    cut = between(sizes[place - 1], sizes[place])
    side: Comparison = rng.choice(("above", "below"))
    return None if cut is None else (labels[0], Condition(field=field, comparison=side, value=cut))


def between(low: float, high: float) -> float | None:
    """The shortest number strictly between two others."""
    for digits in range(1, 12):
        cut = float(f"{(low + high) / 2:.{digits}g}")
        if low < cut < high:
            return cut
    return None


def complete(value: Value) -> bool:
    """Whether a list is whole: not one window of a longer one."""
    output = value.evidence.steps[value.ref.call].output
    return int(output.get("total", len(value.value))) == len(value.value)


def difference(family: Family, rng: Random) -> Asked | None:
    higher, lower = sorted(family.values[:2], key=lambda one: one.value, reverse=True)
    if higher.value == lower.value:
        return None
    unit = ", in percentage points" if higher.field.unit == "%" else unit_aside(higher)
    question = f"By how much is {higher.phrase} higher than {lower.phrase}{unit}?"
    return Asked(question, Difference(first=higher.ref, second=lower.ref))


def ratio(family: Family, rng: Random) -> Asked | None:
    first, second = family.values[:2]
    if not positive(family) or first.value == second.value or first.field.entity not in ADDABLE | {"price"}:
        return None
    unmistakable(family, " to ")
    return Asked(f"What is the ratio of {first.phrase} to {second.phrase}?", Ratio(first=first.ref, second=second.ref))


def percent_change(family: Family, rng: Random) -> Asked | None:
    if family.entity != "date" or not positive(family) or family.values[0].field.entity not in GROWING:
        return None
    (_, first), (_, last) = sorted(zip(family.labels[:2], family.values[:2], strict=True), key=lambda pair: pair[0])
    if first.value == last.value:
        return None
    unmistakable(family, " to ")
    question = f"What is the percent change from {first.phrase} to {last.phrase}?"
    return Asked(question, PercentChange(first=first.ref, last=last.ref))


def sum_(family: Family, rng: Random) -> Asked | None:
    if family.values[0].field.entity not in ADDABLE or family.entity == "date" or any_zero(family):
        return None
    return Asked(f"What is the sum of {family.over_all}{unit_aside(family.values[0])}?",
                 Sum(of=tuple(value.ref for value in family.values)))


def mean(family: Family, rng: Random) -> Asked | None:
    if family.values[0].field.entity == "year" or any_zero(family):
        return None
    return Asked(f"What is the mean of {family.over_all}{unit_aside(family.values[0])}?",
                 Mean(of=tuple(value.ref for value in family.values)))


def argmax(family: Family, rng: Random) -> Asked | None:
    return _extreme(family, Extreme(op="argmax", choices=family.choices), "highest")


def argmin(family: Family, rng: Random) -> Asked | None:
    return _extreme(family, Extreme(op="argmin", choices=family.choices), "lowest")


def _extreme(family: Family, expression: Extreme, most: str) -> Asked:
    where = "On" if family.entity == "date" else "For"
    return Asked(f"{where} which {family.word} is {family.open_phrase} {most}: {listed(list(family.labels), 'or')}?",
                 expression)


def sort(family: Family, rng: Random) -> Asked | None:
    descending = rng.random() < 0.5
    order = "highest" if descending else "lowest"
    measure = family.phrase_of(f"each {family.word}")
    question = f"Order these {plural(family.word)} by {measure}, {order} first: {listed(list(family.labels))}."
    return Asked(question, Sort(op="sort", choices=family.choices, descending=descending), ordered=True)


def compare(family: Family, rng: Random) -> Asked | None:
    first, second = family.values[:2]
    return Asked(f"Is {first.phrase} higher than {second.phrase}? Answer yes or no.",
                 Compare(first=first.ref, second=second.ref))


def unmistakable(family: Family, joint: str) -> None:
    """Raises ClumsyError if a phrase holds the word that joins it to the next."""
    if any(joint in value.phrase for value in family.values):
        raise ClumsyError(f"{family.values[0].phrase!r} already says{joint}")


def any_zero(family: Family) -> bool:
    return any(value.value == 0 for value in family.values)


def positive(family: Family) -> bool:
    return all(value.value > 0 for value in family.values)


def unit_aside(value: Value) -> str:
    """", in km²" if the value has a unit that its phrase does not say."""
    return value.in_unit(value.phrase).removeprefix(value.phrase)


ON_ONE: Mapping[str, Callable[[Value, Random], Asked | None]] = {
    "pick": pick, "round": round_, "count": count, "filter": filter_,
}
ON_SEVERAL: Mapping[str, Callable[[Family, Random], Asked | None]] = {
    "difference": difference, "ratio": ratio, "percent_change": percent_change, "sum": sum_, "mean": mean,
    "argmax": argmax, "argmin": argmin, "sort": sort, "compare": compare,
}
