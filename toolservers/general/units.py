"""Units of measurement: exact factors to SI units (NIST Special Publication 811, appendix B).

`area_express` and `length_express` take a fact of the world in its canonical unit; the other tools take any unit.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import Field

from toolservers.annotations import Noun, Typical
from toolservers.errors import ToolError
from toolservers.quantities import Area, Length, Number
from toolservers.tool import Kind, Output, tool

LengthUnit = Literal["centimetres", "metres", "kilometres", "inches", "feet", "yards", "miles", "nautical miles"]
MassUnit = Literal["grams", "kilograms", "tonnes", "ounces", "pounds", "stones", "troy ounces"]
AreaUnit = Literal["square metres", "hectares", "square kilometres", "square feet", "acres", "square miles"]
VolumeUnit = Literal["millilitres", "litres", "cubic metres", "US gallons", "imperial gallons", "barrels"]
TemperatureUnit = Literal["Celsius", "Fahrenheit", "kelvin"]

LENGTHS: Mapping[LengthUnit, float] = {
    "centimetres": 0.01, "metres": 1.0, "kilometres": 1000.0, "inches": 0.0254, "feet": 0.3048, "yards": 0.9144,
    "miles": 1609.344, "nautical miles": 1852.0,
}
MASSES: Mapping[MassUnit, float] = {
    "grams": 0.001, "kilograms": 1.0, "tonnes": 1000.0, "ounces": 0.028349523125, "pounds": 0.45359237,
    "stones": 6.35029318, "troy ounces": 0.0311034768,
}
AREAS: Mapping[AreaUnit, float] = {
    "square metres": 1.0, "hectares": 1e4, "square kilometres": 1e6, "square feet": 0.09290304,
    "acres": 4046.8564224, "square miles": 2589988.110336,
}
VOLUMES: Mapping[VolumeUnit, float] = {
    "millilitres": 1e-6, "litres": 0.001, "cubic metres": 1.0, "US gallons": 0.003785411784,
    "imperial gallons": 0.00454609, "barrels": 0.158987294928,
}
TEMPERATURES: Mapping[TemperatureUnit, tuple[float, float]] = {
    "Celsius": (1.0, 273.15), "Fahrenheit": (5 / 9, 459.67 * 5 / 9), "kelvin": (1.0, 0.0),
}
"""Kelvin = factor * degrees + offset."""

Value = Annotated[float, Field(ge=0, le=1e15, description="number of units"), Typical(2, 250, 2)]
FROM, TO = Field(description="unit of the value"), Field(description="unit of the result")
FromLength = Annotated[LengthUnit, FROM, Typical(values=tuple(LENGTHS))]
ToLength = Annotated[LengthUnit, TO, Typical(values=tuple(LENGTHS))]
FromMass = Annotated[MassUnit, FROM, Typical(values=tuple(MASSES))]
ToMass = Annotated[MassUnit, TO, Typical(values=tuple(MASSES))]
FromArea = Annotated[AreaUnit, FROM, Typical(values=tuple(AREAS))]
ToArea = Annotated[AreaUnit, TO, Typical(values=tuple(AREAS))]
FromVolume = Annotated[VolumeUnit, FROM, Typical(values=tuple(VOLUMES))]
ToVolume = Annotated[VolumeUnit, TO, Typical(values=tuple(VOLUMES))]
FromDegrees = Annotated[TemperatureUnit, FROM, Typical(values=tuple(TEMPERATURES))]
ToDegrees = Annotated[TemperatureUnit, TO, Typical(values=tuple(TEMPERATURES))]


class Converted(Output):
    result: Annotated[Number, Noun("the amount of {value} {unit} in {to}")]


class ConvertedDegrees(Output):
    result: Annotated[Number, Noun("the temperature of {value} degrees {unit} in degrees {to}")]


class ExpressedArea(Output):
    result: Annotated[Number, Noun("{area} in {to}")]


class ExpressedLength(Output):
    result: Annotated[Number, Noun("{length} in {to}")]


@tool(Kind.PROCESSING, example={"value": 26.2, "unit": "miles", "to": "kilometres"})
async def length_convert(value: Value, unit: FromLength, to: ToLength) -> Converted:
    """Length in another unit."""
    return Converted(result=value * LENGTHS[unit] / LENGTHS[to])


@tool(Kind.PROCESSING, example={"value": 150.0, "unit": "pounds", "to": "kilograms"})
async def mass_convert(value: Value, unit: FromMass, to: ToMass) -> Converted:
    """Mass in another unit."""
    return Converted(result=value * MASSES[unit] / MASSES[to])


@tool(Kind.PROCESSING, example={"value": 40.0, "unit": "acres", "to": "hectares"})
async def area_convert(value: Value, unit: FromArea, to: ToArea) -> Converted:
    """Area in another unit."""
    return Converted(result=value * AREAS[unit] / AREAS[to])


@tool(Kind.PROCESSING, example={"value": 12.0, "unit": "US gallons", "to": "litres"})
async def volume_convert(value: Value, unit: FromVolume, to: ToVolume) -> Converted:
    """Volume in another unit."""
    return Converted(result=value * VOLUMES[unit] / VOLUMES[to])


@tool(Kind.PROCESSING, example={"value": 98.6, "unit": "Fahrenheit", "to": "Celsius"})
async def temperature_convert(
    value: Annotated[float, Field(ge=-1e9, le=1e9, description="number of degrees"), Typical(5, 400, 5)],
    unit: FromDegrees,
    to: ToDegrees,
) -> ConvertedDegrees:
    """Temperature on another scale."""
    factor, offset = TEMPERATURES[unit]
    kelvin = factor * value + offset
    if kelvin < -1e-9:
        raise ToolError(f"value: {value:g} degrees {unit} lies below absolute zero; give a higher temperature")
    factor, offset = TEMPERATURES[to]
    return ConvertedDegrees(result=round((kelvin - offset) / factor, 9))  # sheds the rounding of the offsets


@tool(Kind.PROCESSING, example={"area": 357_022.0, "to": "square miles"})
async def area_express(
    area: Annotated[Area, Field(ge=0, le=1e15, description="area in square kilometres")], to: ToArea
) -> ExpressedArea:
    """Area known in square kilometres, in another unit."""
    return ExpressedArea(result=area * 1e6 / AREAS[to])


@tool(Kind.PROCESSING, example={"length": 878.5, "to": "miles"})
async def length_express(
    length: Annotated[Length, Field(ge=0, le=1e15, description="length in kilometres")], to: ToLength
) -> ExpressedLength:
    """Length known in kilometres, in another unit."""
    return ExpressedLength(result=length * 1000 / LENGTHS[to])
