from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import isin

from toolservers.financial.facts.loaders import company_fields as fields

PLACES = fields.Gazetteer(
    {"US": "United States", "JP": "Japan", "GB": "United Kingdom"},
    {"United States": frozenset({"Bothell", "Washington", "Indiana", "New York City"}), "Japan": frozenset({"Tokyo"})},
    frozenset({"Washington", "Pennsylvania", "Indiana", "New York"}),
)


@given(st.from_regex(r"[A-Z]{2}[A-Z0-9]{9}[0-9]", fullmatch=True))
def test_isin_check_digit_agrees_with_stdnum(number: str) -> None:
    number = f"US{number[2:]}"  # stdnum also checks the country
    assert fields.valid_isin(number) == isin.is_valid(number)
    assert fields.valid_isin(number[:-1] + isin.calc_check_digit(number[:-1]))


@pytest.mark.parametrize(("place", "country", "city"), [
    ("Bothell, Washington", "United States", "Bothell"),
    ("Indiana, Pennsylvania", "United States", "Indiana"),  # a town named like a state
    ("Tysons, Indiana , U.S.", "United States", None),  # a state is no town
    ("New York City , U.S.", "United States", "New York City"),
    ("Toyosu IHI Building, Tokyo , Japan", "Japan", "Tokyo"),
    ("London , England, UK", "United Kingdom", None),
    ("nowhere", None, None), (None, None, None),
])
def test_places(place: str | None, country: str | None, city: str | None) -> None:
    assert PLACES.country(place) == country
    assert PLACES.city(place, country or "") == city


@pytest.mark.parametrize(("text", "year"), [
    ("1972 ; 54 years ago ( 1972 )", 1972), ("1917 (Johannesburg) 1999 (London)", None), ("2006", 2006), (None, None),
])
def test_a_company_was_founded_once(text: str | None, year: int | None) -> None:
    assert fields.founded_year(text) == year


@pytest.mark.parametrize(("text", "number"), [
    ("23,299 (December, 2024)", 23299), ("c. 28,000 (2025)", 28000), ("68 (2024)", 68), ("1.5 million", None),
    ("10,000 in 30 countries", None), ("", None),
])
def test_employees_are_one_plain_number(text: str, number: int | None) -> None:
    assert fields.employee_count(text) == number


def test_share_classes_are_one_company() -> None:
    assert fields.company_name("Alphabet Inc. (Class A)") == "Alphabet Inc."
    assert fields.company_name("Alphabet Inc. (Class C)") == "Alphabet Inc."
    assert fields.company_name("LifcoB") == "Lifco"
    assert fields.company_name("SAP") == "SAP"
