from __future__ import annotations

import math
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolservers.errors import ErrorKind
from toolservers.general.cities import EARTH_RADIUS_KM, great_circle

FACTS = [  # any atlas
    ("city_country", "Osaka", {"country": "Japan"}),
    ("city_country", "Cambridge, United States", {"country": "United States"}),
    ("city_country", "Cambridge", {"country": "United Kingdom"}),
    ("city_timezone", "Paris", {"timezone": "Europe/Paris"}),
    ("city_timezone", "Denver", {"timezone": "America/Denver"}),
]
PLACE = st.builds(SimpleNamespace, latitude=st.floats(-90, 90), longitude=st.floats(-180, 180))


@pytest.mark.parametrize(("tool", "city", "expected"), FACTS)
async def test_facts(ask, tool, city, expected):
    assert await ask(tool, city=city) == expected


async def test_population_and_place(ask):
    # US Census Bureau, 2020 census: New York City has 8,804,190 people
    assert await ask("city_population", city="New York") == {"population": 8804190}
    paris = await ask("city_coordinates", city="Paris")  # 48°51′N 2°21′E
    assert paris["latitude"] == pytest.approx(48.85, abs=0.02) and paris["longitude"] == pytest.approx(2.35, abs=0.02)


@pytest.mark.parametrize(("loose", "strict"), [
    ("Zurich", "Zürich"), ("sao paulo", "São Paulo"), ("LODZ", "Łódź"), ("Frankfurt", "Frankfurt am Main"),
    ("Aurora, il, united states", "Aurora, IL, United States"), ("Washington, D.C.", "Washington"),
])
async def test_accents_and_case_may_be_left_out(ask, loose, strict):
    assert await ask("city_coordinates", city=loose) == await ask("city_coordinates", city=strict)


async def test_a_listed_city_is_found_by_the_name_it_is_listed_under(ask):
    for country, offset in (("United States", 0), ("United States", 300), ("Seychelles", 0), ("India", 60)):
        listed = await ask("cities_in_country", country=country, limit=20, offset=offset)
        sizes = [item["population"] for item in listed["items"]]
        assert sizes == sorted(sizes, reverse=True)
        for item in listed["items"]:
            assert await ask("city_population", city=item["city"]) == {"population": item["population"]}
            assert await ask("city_country", city=item["city"]) == {"country": country}


async def test_cities_of_a_time_zone(ask, refusal):
    listed = await ask("cities_in_timezone", timezone="Asia/Tokyo", limit=2)
    assert [item["city"] for item in listed["items"]] == ["Tokyo", "Yokohama"] and listed["total"] > 500
    assert "Asia/Tokyo" in (await refusal("cities_in_timezone", timezone="Asia/Tokio")).message


async def test_distance(ask):
    # airline distance between the city centres: 344 km
    there = await ask("city_distance", city="Paris", other="London")
    assert there["distance"] == pytest.approx(344, rel=0.01)
    assert there == await ask("city_distance", city="London", other="Paris")
    assert await ask("city_distance", city="Paris", other="Paris") == {"distance": 0.0}


@given(PLACE, PLACE)
def test_great_circle_is_the_angle_between_two_vectors(start, end):
    def vector(place):
        latitude, longitude = math.radians(place.latitude), math.radians(place.longitude)
        return (math.cos(latitude) * math.cos(longitude), math.cos(latitude) * math.sin(longitude), math.sin(latitude))

    a, b = vector(start), vector(end)
    cross = math.dist((a[1] * b[2], a[2] * b[0], a[0] * b[1]), (a[2] * b[1], a[0] * b[2], a[1] * b[0]))
    angle = math.atan2(cross, sum(x * y for x, y in zip(a, b, strict=True)))
    assert great_circle(start, end) == pytest.approx(EARTH_RADIUS_KM * angle, rel=1e-6, abs=1e-3)


@pytest.mark.parametrize("value", ["Parix", "' OR 1=1 --", "%", "______", ",", ", ,", "Paris, Narnia"])
async def test_an_unknown_city_is_refused_by_name(refusal, value):
    error = await refusal("city_population", city=value)
    assert error.kind is ErrorKind.UNKNOWN_ENTITY and error.message.startswith("city: ")


async def test_the_second_city_is_called_other(refusal):
    assert (await refusal("city_distance", city="Paris", other="Nowhere at all")).message.startswith("other: ")


async def test_a_misspelt_city_gets_a_suggestion(refusal):
    assert "Paris" in (await refusal("city_population", city="Pariss")).message
