"""Values as people write them, found as whole tokens only."""

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from envs.tasks.renderings import renderings, stands_in

SCALARS = st.one_of(st.integers(-10**9, 10**9), st.floats(-1e6, 1e6).map(lambda x: round(x, 4)),
                    st.dates(datetime.date(1950, 1, 1)).map(str), st.text("abcé. &", min_size=1).filter(str.strip))


@given(SCALARS)
def test_every_rendering_is_found_inside_a_sentence(value: object) -> None:
    for form in renderings(value):
        if form.strip() == form and form:
            assert stands_in(value, f"say ({form}) or {form}?")


@pytest.mark.parametrize(("value", "text"), [
    (20, "in 2015"), (5, "5.5 percent"), (5, "1.5 percent"), (200, "200,000 people"), (3, "room 13"), (7, "minus -7"),
    ("Niger", "in Nigeria"), ("BA", "a BAA rate"), (2020, "on 2020-01-02"), (1, "0.1"),
])
def test_a_part_of_a_token_is_not_the_value(value: object, text: str) -> None:
    assert not stands_in(value, text)


@pytest.mark.parametrize(("value", "text"), [
    (200_000, "a loan of 200,000 at"), (5.0, "5 percent"), (2.5, "2.50 dollars"), ("2020-01-02", "on 2 January 2020"),
    ("Acme Inc.", "of Acme Inc?"), (True, "yes or no"), ("japan", "in Japan."),
])
def test_other_writings_count(value: object, text: str) -> None:
    assert stands_in(value, text)
