"""The last step of a proof: a small typed expression over the outputs of executed calls.

Every operator is a frozen model tagged by `op`, so that a proof is plain JSON; `evaluate` gives its value:
a number, a string, a boolean, or a list of strings or numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Output = dict[str, Any]
Comparison = Literal["above", "below", "equal"]


class ExpressionError(ValueError):
    """The expression has no value on these outputs (a path that leads nowhere, a division by zero)."""


class Node(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Ref(Node):
    """A value inside the output of an earlier call: `ref=(2, "items", 0, "rate")`."""

    ref: tuple[int | str, ...] = Field(min_length=2)

    @property
    def call(self) -> int:
        return int(self.ref[0])

    @property
    def path(self) -> tuple[int | str, ...]:
        return self.ref[1:]

    def resolve(self, outputs: Sequence[Output]) -> Any:
        """The value; raises ExpressionError if the path leads nowhere."""
        try:
            value: Any = outputs[self.call]
            for step in self.path:
                value = value[step]
        except (KeyError, IndexError, TypeError) as error:
            raise ExpressionError(f"nothing stands at {self.ref}") from error
        return value


class Pick(Node):
    op: Literal["pick"] = "pick"
    of: Ref


class Difference(Node):
    """`first - second`, or its absolute value."""

    op: Literal["difference"] = "difference"
    first: Ref
    second: Ref
    absolute: bool = False


class Ratio(Node):
    op: Literal["ratio"] = "ratio"
    first: Ref
    second: Ref


class PercentChange(Node):
    """100 * (last - first) / first."""

    op: Literal["percent_change"] = "percent_change"
    first: Ref
    last: Ref


class Sum(Node):
    op: Literal["sum"] = "sum"
    of: tuple[Ref, ...] = Field(min_length=2)


class Mean(Node):
    op: Literal["mean"] = "mean"
    of: tuple[Ref, ...] = Field(min_length=2)


class Choice(Node):
    """One of the things a question compares: what it is called, and the value it is judged by."""

    label: str | Ref
    value: Ref


class Extreme(Node):
    """The label of the choice with the largest or smallest value; a tie has no answer."""

    op: Literal["argmax", "argmin"]
    choices: tuple[Choice, ...] = Field(min_length=2)


class Sort(Node):
    """The labels of the choices in order of their values; a tie has no answer."""

    op: Literal["sort"] = "sort"
    choices: tuple[Choice, ...] = Field(min_length=2)
    descending: bool = True


class Compare(Node):
    """Yes or no: is `first` larger than `second`?"""

    op: Literal["compare"] = "compare"
    first: Ref
    second: Ref


class Condition(Node):
    """Which items of a list count: the ones whose `field` is above, below or equal to `value`."""

    field: str
    comparison: Comparison
    value: float | str

    def holds(self, item: Output) -> bool:
        value = item[self.field]
        if self.comparison == "equal":
            return bool(value == self.value)
        return bool(value > self.value if self.comparison == "above" else value < self.value)


class Filter(Node):
    """The set of `field` over the items of a list that meet the condition (all of them without one)."""

    op: Literal["filter"] = "filter"
    of: Ref
    field: str | None = None
    where: Condition | None = None


class Count(Node):
    """How many items of a list meet the condition."""

    op: Literal["count"] = "count"
    of: Ref
    where: Condition | None = None


class Round(Node):
    """A number to `decimals` decimal places."""

    op: Literal["round"] = "round"
    of: Ref
    decimals: int = Field(ge=0, le=6)


Expression = Annotated[
    Pick | Difference | Ratio | PercentChange | Sum | Mean | Extreme | Sort | Compare | Filter | Count | Round,
    Field(discriminator="op"),
]


def references(node: Any) -> tuple[Ref, ...]:
    """Every `Ref` inside a node, in reading order."""
    if isinstance(node, Ref):
        return (node,)
    if isinstance(node, str | int | float):
        return ()
    if isinstance(node, Node):
        return tuple(ref for name in type(node).model_fields for ref in references(getattr(node, name)))
    if isinstance(node, (list, tuple)):
        return tuple(ref for item in node for ref in references(item))
    return ()


def evaluate(expression: Expression, outputs: Sequence[Output]) -> Any:
    """The value of `expression` over the outputs of a proof's calls. Raises ExpressionError if there is none."""
    try:
        return _evaluate(expression, outputs)
    except (TypeError, KeyError, ZeroDivisionError, AttributeError) as error:
        raise ExpressionError(f"{expression.op}: {error}") from error


def _evaluate(expression: Expression, outputs: Sequence[Output]) -> Any:
    match expression:
        case Pick(of=ref):
            return ref.resolve(outputs)
        case Difference(first=first, second=second, absolute=absolute):
            value = _number(first, outputs) - _number(second, outputs)
            return abs(value) if absolute else value
        case Ratio(first=first, second=second):
            return _number(first, outputs) / _number(second, outputs)
        case PercentChange(first=first, last=last):
            start = _number(first, outputs)
            return 100 * (_number(last, outputs) - start) / start
        case Sum(of=refs):
            return sum(_number(ref, outputs) for ref in refs)
        case Mean(of=refs):
            return sum(_number(ref, outputs) for ref in refs) / len(refs)
        case Extreme(op=op, choices=choices):
            return _ranked(choices, outputs, descending=op == "argmax")[0]
        case Sort(choices=choices, descending=descending):
            return _ranked(choices, outputs, descending)
        case Compare(first=first, second=second):
            return _distinct(_number(first, outputs), _number(second, outputs))
        case Filter(of=ref, field=field, where=where):
            return [item if field is None else item[field] for item in _items(ref, where, outputs)]
        case Count(of=ref, where=where):
            return len(_items(ref, where, outputs))
        case Round(of=ref, decimals=decimals):
            return round(_number(ref, outputs), decimals)


def _number(ref: Ref, outputs: Sequence[Output]) -> float:
    value = ref.resolve(outputs)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise ExpressionError(f"{ref.ref} is not a number")
    return value


def _distinct(first: float, second: float) -> bool:
    if first == second:
        raise ExpressionError("a tie has no answer")
    return first > second


def _ranked(choices: Sequence[Choice], outputs: Sequence[Output], descending: bool) -> list[str]:
    values = [_number(choice.value, outputs) for choice in choices]
    if len(set(values)) < len(values):
        raise ExpressionError("a tie has no answer")
    labels = [choice.label.resolve(outputs) if isinstance(choice.label, Ref) else choice.label for choice in choices]
    return [str(label) for _, label in sorted(zip(values, labels, strict=True), reverse=descending)]


def _items(ref: Ref, where: Condition | None, outputs: Sequence[Output]) -> list[Any]:
    items = ref.resolve(outputs)
    if not isinstance(items, list):
        raise ExpressionError(f"{ref.ref} is not a list")
    return [item for item in items if where is None or where.holds(item)]
