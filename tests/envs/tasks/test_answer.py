"""A specification takes its own reference in every usual writing, and nothing else."""

import datetime
import json

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from envs.tasks.answer import (
    DateAnswer,
    ListAnswer,
    NumberAnswer,
    SetAnswer,
    TextAnswer,
    Verdict,
    answer_spec,
    read_date,
    read_items,
    read_number,
)

NUMBERS = st.one_of(st.integers(-10**9, 10**9).map(float), st.floats(-1e9, 1e9).filter(lambda x: abs(x) > 1e-3))
NAMES = st.lists(st.text("abcdefghij XYZ", min_size=1, max_size=8).map(str.strip).filter(bool), min_size=1, max_size=5,
                 unique_by=str.casefold)


@given(NUMBERS)
def test_a_number_is_read_in_usual_writings(value: float) -> None:
    spec = NumberAnswer(value=value)
    for text in (spec.reference, f" {value:.15g} ", f"{value:,.6f} km²", f"{value:.10g}%", f"about {value:.12g}."):
        assert spec.verify(text).correct, text


@given(NUMBERS, NUMBERS)
def test_another_number_is_wrong_but_well_formed(value: float, other: float) -> None:
    assume(abs(value - other) > 1e-3 * max(abs(value), abs(other)))
    verdict = NumberAnswer(value=value).verify(f"{other:.15g}")
    assert verdict.well_formed and not verdict.correct


@pytest.mark.parametrize("text", ["", "none", "1 or 2", "from 3 to 4"])
def test_no_number_or_several_are_not_an_answer(text: str) -> None:
    assert read_number(text) is None
    assert not NumberAnswer(value=1).verify(text).well_formed


def test_tolerance_is_relative_and_zero_means_exact() -> None:
    assert NumberAnswer(value=10_000).verify("10000.9").correct
    assert not NumberAnswer(value=10_000).verify("10002").correct
    assert not NumberAnswer(value=10_000, tolerance=0).verify("10000.9").correct


@given(st.dates(datetime.date(1900, 1, 1), datetime.date(2100, 1, 1)))
def test_a_day_is_read_in_three_forms_and_its_neighbour_is_wrong(day: datetime.date) -> None:
    spec = DateAnswer(value=day)
    for text in (spec.reference, f"{day.day} {day:%B %Y}", f"{day:%B} {day.day}, {day.year}."):
        assert spec.verify(text).correct, text
    assert not spec.verify((day + datetime.timedelta(days=1)).isoformat()).correct


def test_no_day() -> None:
    assert read_date("2020-13-01") is None
    assert not DateAnswer(value=datetime.date(2020, 1, 1)).verify("soon").well_formed


@given(NAMES)
def test_names_in_any_order_make_a_set_but_only_one_order_a_list(names: list[str]) -> None:
    in_set, in_list = SetAnswer(value=tuple(sorted(names))), ListAnswer(value=tuple(names))
    for text in (json.dumps(names), "; ".join(names) if len(names) > 1 else names[0]):
        assert in_set.verify(text).correct and in_list.verify(text).correct
    assert in_set.verify(json.dumps(names[::-1])).correct
    if len(names) > 1:
        assert not in_list.verify(json.dumps(names[::-1])).correct
        assert not in_set.verify(json.dumps(names[1:])).correct
        assert not in_set.verify(json.dumps([*names, names[0]])).correct


@pytest.mark.parametrize("text", ["[" * 200_000, "[" * 50_000 + "]" * 50_000, "[" + "9" * 5_000 + "]", "[1, 2", "[]x"])
def test_arrays_that_cannot_be_read_have_no_items(text: str) -> None:
    assert read_items(text) == []
    assert ListAnswer(value=("a",)).verify(text) == Verdict(correct=False, well_formed=False)


@given(st.text("abcXYZ '", min_size=1, max_size=12).filter(lambda text: text.strip(" '")))
def test_text_ignores_case_space_and_quotes(text: str) -> None:
    spec = TextAnswer(value=text)
    assert spec.verify(f'  "{text.upper()}".').correct
    assert spec.verify(f'"{text.lower()}."').correct
    assert spec.verify(spec.reference).correct
    assert not spec.verify(text + "q").correct


@pytest.mark.parametrize(("value", "kind"), [
    (True, "text"), (3, "number"), (2.5, "number"), ("2020-02-29", "date"), ("2020-02-30", "text"), ("x", "text"),
    (["a"], "set"),
])
def test_the_kind_follows_the_value(value: object, kind: str) -> None:
    spec = answer_spec(value)
    assert spec.kind == kind
    assert spec.verify(spec.reference).correct


def test_ordered_values_are_a_list() -> None:
    assert answer_spec(["b", "a"], ordered=True) == ListAnswer(value=("b", "a"))
