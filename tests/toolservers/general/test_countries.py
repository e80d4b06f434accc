from __future__ import annotations

import pycountry
import pytest

from toolservers.errors import ErrorKind

FACTS = [  # general knowledge, any atlas; currency and calling codes: ISO 4217, ITU E.164
    ("country_capital", "Japan", {"capital": "Tokyo"}),
    ("country_capital", "Brazil", {"capital": "Brasília"}),
    ("country_capital", "Kazakhstan", {"capital": "Astana"}),
    ("country_currency", "Switzerland", {"currency": "CHF"}),
    ("country_currency", "Croatia", {"currency": "EUR"}),  # since 2023
    ("country_continent", "Egypt", {"continent": "Africa"}),
    ("country_calling_code", "Japan", {"calling_code": "+81"}),
    ("country_domain", "United Kingdom", {"domain": ".uk"}),
    ("country_area", "France", {"area": 547030.0}),  # metropolitan France, CIA World Factbook 2008
]


@pytest.mark.parametrize(("tool", "country", "expected"), FACTS)
async def test_facts(ask, tool, country, expected):
    assert await ask(tool, country=country) == expected


@pytest.mark.parametrize("name", ["Japan", "JP", "JPN", "jpn", " japan ", "the Japan"])
async def test_a_country_goes_by_its_name_and_its_codes(ask, name):
    assert await ask("country_capital", country=name) == {"capital": "Tokyo"}


async def test_codes_are_those_of_iso_3166(ask):
    for known in list(pycountry.countries)[::10]:
        codes = await ask("country_codes", country=known.alpha_2)
        assert codes == {"alpha2": known.alpha_2, "alpha3": known.alpha_3, "numeric": int(known.numeric)}


async def test_population_is_near_the_census(ask):
    # Statistics Bureau of Japan, 2020 census: 126.1 million
    assert (await ask("country_population", country="Japan"))["population"] == pytest.approx(126.1e6, rel=0.02)


async def test_borders_stand_in_both_directions(ask):
    swiss = await ask("country_neighbours", country="Switzerland")
    assert swiss == {"total": 5, "items": ["Austria", "France", "Germany", "Italy", "Liechtenstein"]}
    for neighbour in swiss["items"]:
        assert "Switzerland" in (await ask("country_neighbours", country=neighbour, limit=50))["items"]
    assert await ask("country_neighbours", country="Japan") == {"total": 0, "items": []}


async def test_a_capital_with_a_larger_namesake_says_where_it_lies(ask):
    capital = (await ask("country_capital", country="Seychelles"))["capital"]
    assert capital == "Victoria, Seychelles"
    assert await ask("city_country", city=capital) == {"country": "Seychelles"}


async def test_every_capital_leads_back_to_its_country(ask):
    for country in ("Costa Rica", "Iceland", "Togo", "Tonga", "Colombia", "Jamaica", "Barbados", "Chile", "Seychelles"):
        capital = (await ask("country_capital", country=country))["capital"]
        assert await ask("city_country", city=capital) == {"country": country}


async def test_country_by_domain(ask, refusal):
    assert await ask("country_by_domain", domain=".jp") == {"country": "Japan"}
    assert (await refusal("country_by_domain", domain=".jjj")).kind is ErrorKind.UNKNOWN_ENTITY
    assert (await refusal("country_by_domain", domain="jp")).kind is ErrorKind.INVALID_ARGUMENTS


async def test_pages_cover_the_whole_list_once(ask):
    whole = await ask("countries_in_continent", continent="Africa", limit=50)
    assert {"Egypt", "Kenya", "Nigeria"} <= set(whole["items"]) | set(
        (await ask("countries_in_continent", continent="Africa", limit=50, offset=50))["items"])
    paged = [name for offset in range(0, whole["total"], 7)
             for name in (await ask("countries_in_continent", continent="africa", limit=7, offset=offset))["items"]]
    assert len(paged) == len(set(paged)) == whole["total"] and paged == sorted(paged)
    assert (await ask("countries_in_continent", continent="Africa", offset=1000))["items"] == []


async def test_countries_with_currency(ask):
    users = await ask("countries_with_currency", currency="USD", limit=50)
    assert users["total"] == len(users["items"]) and {"United States", "Ecuador", "El Salvador"} <= set(users["items"])


@pytest.mark.parametrize("value", ["Japn", "'; DROP TABLE countries; --", "%", "_____", "Japan' OR '1'='1"])
async def test_an_unknown_country_is_refused_by_name(refusal, value):
    error = await refusal("country_capital", country=value)
    assert error.kind is ErrorKind.UNKNOWN_ENTITY and error.message.startswith("country: ")


async def test_a_misspelt_country_gets_a_suggestion(refusal):
    assert "Japan" in (await refusal("country_capital", country="Japn")).message
    assert "Asia" in (await refusal("countries_in_continent", continent="Asai")).message


async def test_a_missing_fact_is_said_to_be_missing(refusal):
    error = await refusal("country_capital", country="Antarctica")
    assert error.kind is ErrorKind.EXECUTION and "no capital" in error.message


@pytest.mark.parametrize("arguments", [
    {"country": 7}, {"country": None}, {"country": ""}, {"country": "x" * 500}, {}, {"country": "Japan", "on": "now"},
])
async def test_arguments_of_the_wrong_form_are_refused(refusal, arguments):
    assert (await refusal("country_capital", **arguments)).kind is ErrorKind.INVALID_ARGUMENTS


@pytest.mark.parametrize("window", [{"limit": 0}, {"limit": 51}, {"offset": -1}, {"limit": 2.5}, {"limit": True}])
async def test_windows_are_bounded(refusal, window):
    assert (await refusal("country_neighbours", country="Japan", **window)).kind is ErrorKind.INVALID_ARGUMENTS
