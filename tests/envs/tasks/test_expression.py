"""Operators against plain arithmetic, and the round trip of every expression through JSON."""

import statistics
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from envs.tasks.expression import (
    Choice,
    Compare,
    Condition,
    Count,
    Difference,
    Expression,
    ExpressionError,
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
    evaluate,
    references,
)

NUMBERS = st.lists(st.integers(-10**6, 10**6), min_size=2, max_size=6, unique=True)


def outputs(values: list[Any]) -> list[dict[str, Any]]:
    return [{"value": value} for value in values]


def refs(values: list[Any]) -> tuple[Ref, ...]:
    return tuple(Ref(ref=(index, "value")) for index in range(len(values)))


def choices(values: list[Any]) -> tuple[Choice, ...]:
    return tuple(Choice(label=f"n{index}", value=ref) for index, ref in enumerate(refs(values)))


@given(NUMBERS)
def test_sum_and_mean_are_those_of_the_values(values: list[int]) -> None:
    assert evaluate(Sum(of=refs(values)), outputs(values)) == sum(values)
    assert evaluate(Mean(of=refs(values)), outputs(values)) == pytest.approx(statistics.fmean(values), rel=1e-12)


@given(NUMBERS)
def test_extremes_and_sort_follow_the_values(values: list[int]) -> None:
    ranked = [f"n{values.index(value)}" for value in sorted(values)]
    assert evaluate(Extreme(op="argmin", choices=choices(values)), outputs(values)) == ranked[0]
    assert evaluate(Extreme(op="argmax", choices=choices(values)), outputs(values)) == ranked[-1]
    assert evaluate(Sort(op="sort", choices=choices(values), descending=False), outputs(values)) == ranked
    assert evaluate(Sort(op="sort", choices=choices(values)), outputs(values)) == ranked[::-1]


@given(NUMBERS)
def test_pairs(values: list[int]) -> None:
    first, second = refs(values)[:2]
    a, b = values[:2]
    assert evaluate(Difference(first=first, second=second), outputs(values)) == a - b
    assert evaluate(Difference(first=first, second=second, absolute=True), outputs(values)) == abs(a - b)
    assert evaluate(Compare(first=first, second=second), outputs(values)) is (a > b)
    if b:
        assert evaluate(Ratio(first=first, second=second), outputs(values)) == a / b
    if a:
        change = evaluate(PercentChange(first=first, last=second), outputs(values))
        assert a * (1 + change / 100) == pytest.approx(b, abs=1e-6)


@pytest.mark.parametrize("expression", [
    Extreme(op="argmax", choices=choices([1, 1])), Compare(first=refs([1])[0], second=refs([1])[0]),
    Sort(op="sort", choices=choices([1, 1])),
])
def test_a_tie_has_no_answer(expression: Expression) -> None:
    with pytest.raises(ExpressionError, match="tie"):
        evaluate(expression, outputs([1, 1]))


@pytest.mark.parametrize(("expression", "values"), [
    (Ratio(first=Ref(ref=(0, "value")), second=Ref(ref=(1, "value"))), [1, 0]),
    (PercentChange(first=Ref(ref=(0, "value")), last=Ref(ref=(1, "value"))), [0, 1]),
    (Sum(of=refs([1, 2])), [1, "two"]),
    (Sum(of=refs([1, 2])), [1, True]),
    (Pick(of=Ref(ref=(0, "other"))), [1]),
    (Pick(of=Ref(ref=(7, "value"))), [1]),
    (Count(of=Ref(ref=(0, "value"))), [1]),
])
def test_what_has_no_value_raises_its_own_error(expression: Expression, values: list[Any]) -> None:
    with pytest.raises(ExpressionError):
        evaluate(expression, outputs(values))


@given(st.lists(st.integers(0, 20), max_size=12), st.integers(0, 20), st.sampled_from(["above", "below", "equal"]))
def test_count_and_filter_keep_the_records_that_meet_the_condition(sizes: list[int], cut: int, side: Any) -> None:
    records = [{"name": f"n{index}", "size": size} for index, size in enumerate(sizes)]
    holds = {"above": lambda x: x > cut, "below": lambda x: x < cut, "equal": lambda x: x == cut}[side]
    where = Condition(field="size", comparison=side, value=cut)
    kept = [record["name"] for record in records if holds(record["size"])]
    ref = Ref(ref=(0, "items"))
    assert evaluate(Filter(of=ref, field="name", where=where), [{"items": records}]) == kept
    assert evaluate(Count(of=ref, where=where), [{"items": records}]) == len(kept)


@given(st.floats(-1e6, 1e6), st.integers(0, 6))
def test_round_is_within_half_a_unit(value: float, decimals: int) -> None:
    rounded = evaluate(Round(of=Ref(ref=(0, "value")), decimals=decimals), outputs([value]))
    assert abs(rounded - value) <= 0.5 * 10**-decimals + 1e-9


@pytest.mark.parametrize("expression", [
    Pick(of=Ref(ref=(0, "items", 3, "x"))), Mean(of=refs([1, 2, 3])), Sort(op="sort", choices=choices([1, 2])),
    Filter(of=Ref(ref=(0, "items")), field="name", where=Condition(field="size", comparison="above", value=2)),
])
def test_json_round_trip_and_references(expression: Expression) -> None:
    adapter: TypeAdapter[Expression] = TypeAdapter(Expression)
    assert adapter.validate_json(adapter.dump_json(expression)) == expression
    assert references(expression)
