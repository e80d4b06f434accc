from __future__ import annotations

from toolservers.errors import ErrorKind


async def test_a_time_zone_and_its_country(ask, refusal):
    assert await ask("timezone_country", timezone="Europe/Paris") == {"country": "France"}  # tz database, zone.tab
    error = await refusal("timezone_country", timezone="Europe/Pariss")
    assert error.kind is ErrorKind.UNKNOWN_ENTITY and "Europe/Paris" in error.message


async def test_zones_of_a_country_belong_to_it(ask):
    zones = await ask("country_timezones", country="Portugal")
    assert zones == {"total": 3, "items": ["Atlantic/Azores", "Atlantic/Madeira", "Europe/Lisbon"]}
    american = await ask("country_timezones", country="US", limit=50)
    assert american["total"] == len(american["items"]) == 29  # zone.tab
    for zone in american["items"][::5]:
        assert await ask("timezone_country", timezone=zone) == {"country": "United States"}
