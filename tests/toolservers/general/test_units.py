from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import constants

from toolservers.errors import ToolError
from toolservers.general import units

TABLES = [(units.LENGTHS, units.LengthUnit), (units.MASSES, units.MassUnit), (units.AREAS, units.AreaUnit),
          (units.VOLUMES, units.VolumeUnit), (units.TEMPERATURES, units.TemperatureUnit)]
SCIPY = {"inches": constants.inch, "feet": constants.foot, "yards": constants.yard, "miles": constants.mile,
         "nautical miles": constants.nautical_mile, "ounces": constants.oz, "pounds": constants.lb,
         "stones": constants.stone, "troy ounces": constants.troy_ounce, "hectares": constants.hectare,
         "acres": constants.acre, "square miles": constants.mile**2, "square feet": constants.foot**2,
         "litres": constants.liter, "US gallons": constants.gallon_US, "imperial gallons": constants.gallon_imp,
         "barrels": constants.bbl}


@pytest.mark.parametrize(("table", "names"), TABLES)
def test_every_unit_on_offer_has_a_factor(table, names):
    assert tuple(table) == get_args(names)


def test_factors_are_those_of_scipy():
    factors = {**units.LENGTHS, **units.MASSES, **units.AREAS, **units.VOLUMES}
    for unit, factor in SCIPY.items():
        assert factors[unit] == pytest.approx(factor, rel=1e-9), unit


@given(st.floats(0, 1e6), st.sampled_from(["length", "mass", "area", "volume"]), st.data())
async def test_there_and_back(call, value, kind, data):
    names = tuple({"length": units.LENGTHS, "mass": units.MASSES, "area": units.AREAS, "volume": units.VOLUMES}[kind])
    unit, to = (data.draw(st.sampled_from(names)) for _ in range(2))
    there = (await call(f"{kind}_convert", value=value, unit=unit, to=to))["result"]
    if there < 1e15:
        back = (await call(f"{kind}_convert", value=there, unit=to, to=unit))["result"]
        assert back == pytest.approx(value, rel=1e-10)


async def test_a_few_that_everyone_knows(call):
    assert await call("length_convert", value=1.0, unit="miles", to="feet") == {"result": 5280.0}
    assert await call("mass_convert", value=1.0, unit="stones", to="pounds") == {"result": 14.0}
    assert await call("area_convert", value=1.0, unit="square miles", to="acres") == {"result": 640.0}
    assert await call("volume_convert", value=1.0, unit="barrels", to="US gallons") == {"result": 42.0}
    assert await call("area_express", area=1.0, to="hectares") == {"result": 100.0}
    assert await call("length_express", length=1.852, to="nautical miles") == {"result": 1.0}


@pytest.mark.parametrize(("value", "unit", "to", "result"), [
    (212.0, "Fahrenheit", "Celsius", 100.0), (-40.0, "Celsius", "Fahrenheit", -40.0),
    (0.0, "Celsius", "kelvin", 273.15), (0.0, "kelvin", "Fahrenheit", -459.67), (98.6, "Fahrenheit", "Celsius", 37.0)])
async def test_temperatures(call, value, unit, to, result):
    assert await call("temperature_convert", value=value, unit=unit, to=to) == {"result": result}


async def test_bad_units_are_refused(call):
    with pytest.raises(ToolError, match="to: Input should be 'centimetres'"):
        await call("length_convert", value=1.0, unit="miles", to="acres")
    with pytest.raises(ToolError, match="value: -300 degrees Celsius lies below absolute zero"):
        await call("temperature_convert", value=-300.0, unit="Celsius", to="kelvin")
