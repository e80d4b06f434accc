"""Arithmetic on numbers of any kind: the small steps that join the answers of other tools."""

from __future__ import annotations

import math
from typing import Annotated

from pydantic import Field

from toolservers.annotations import Digits, Noun, Typical
from toolservers.errors import ToolError
from toolservers.quantities import Factor, Number, Numbers, Percent, Ratio
from toolservers.tool import Kind, Output, tool

Operand = Field(ge=-1e15, le=1e15)
First = Annotated[Number, Operand, Field(description="first number"), Typical(10, 500, 10)]
Second = Annotated[Number, Operand, Field(description="second number"), Typical(5, 95, 5)]
Multiplier = Annotated[Factor, Operand, Typical(5, 95, 5)]
Values = Annotated[
    Numbers, Field(description="numbers, two or more"),
    Typical(values=((12, 15, 21), (3.5, 4.5, 7.0, 9.0), (120, 80, 95, 140, 65), (1000, 1250, 900))),
]


class Sum(Output):
    sum: Annotated[Number, Noun("the sum of {first} and {second}")]


class Difference(Output):
    difference: Annotated[Number, Noun("the result of subtracting {second} from {first}")]


class Product(Output):
    product: Annotated[Number, Noun("the product of {first} and {second}")]


class Quotient(Output):
    ratio: Annotated[Ratio, Noun("the ratio of {first} to {second}")]


class PercentChange(Output):
    change: Annotated[Percent, Noun("the percent change from {first} to {second}")]


class PercentShare(Output):
    share: Annotated[Percent, Noun("the percentage of {second} that {first} makes up")]


class Largest(Output):
    largest: Annotated[Number, Noun("the larger of {first} and {second}")]


class Smallest(Output):
    smallest: Annotated[Number, Noun("the smaller of {first} and {second}")]


class Mean(Output):
    mean: Annotated[Number, Noun("the mean of {values}")]


class Median(Output):
    median: Annotated[Number, Noun("the median of {values}")]


class Deviation(Output):
    deviation: Annotated[Number, Noun("the sample standard deviation of {values}")]


class Rounded(Output):
    rounded: Annotated[float, Digits(12), Noun("the result of rounding {value} to {places} decimal places")]


@tool(Kind.PROCESSING, example={"first": 120.0, "second": 80.0})
async def number_sum(first: First, second: Second) -> Sum:
    """Sum of two numbers."""
    return Sum(sum=first + second)


@tool(Kind.PROCESSING, example={"first": 120.0, "second": 80.0})
async def number_difference(first: First, second: Second) -> Difference:
    """First number minus the second; negative where the second is larger."""
    return Difference(difference=first - second)


@tool(Kind.PROCESSING, example={"first": 120.0, "second": 80.0})
async def number_product(
    first: Annotated[Multiplier, Field(description="first number")],
    second: Annotated[Multiplier, Field(description="second number")],
) -> Product:
    """Product of two numbers."""
    return Product(product=first * second)


@tool(Kind.PROCESSING, example={"first": 120.0, "second": 80.0})
async def number_ratio(first: First, second: Second) -> Quotient:
    """First number divided by the second."""
    return Quotient(ratio=first / nonzero("second", second))


@tool(Kind.PROCESSING, example={"first": 120.0, "second": 80.0})
async def number_change(first: First, second: Second) -> PercentChange:
    """Change from the first number to the second, in percent of the first number's size."""
    return PercentChange(change=100 * (second - first) / abs(nonzero("first", first)))


@tool(Kind.PROCESSING, example={"first": 30.0, "second": 80.0})
async def number_share(first: First, second: Second) -> PercentShare:
    """How many percent of the second number the first one is."""
    return PercentShare(share=100 * first / nonzero("second", second))


@tool(Kind.PROCESSING, example={"first": 120.0, "second": 80.0})
async def number_max(first: First, second: Second) -> Largest:
    """The larger of two numbers."""
    return Largest(largest=max(first, second))


@tool(Kind.PROCESSING, example={"first": 120.0, "second": 80.0})
async def number_min(first: First, second: Second) -> Smallest:
    """The smaller of two numbers."""
    return Smallest(smallest=min(first, second))


@tool(Kind.PROCESSING, example={"values": [12.0, 15.0, 21.0]})
async def number_mean(values: Values) -> Mean:
    """Arithmetic mean of a list of numbers."""
    return Mean(mean=math.fsum(values) / len(values))


@tool(Kind.PROCESSING, example={"values": [12.0, 15.0, 21.0, 40.0]})
async def number_median(values: Values) -> Median:
    """Median of a list of numbers; of an even count, the mean of the middle two."""
    ordered, half = sorted(values), len(values) // 2
    return Median(median=ordered[half] if len(values) % 2 else (ordered[half - 1] + ordered[half]) / 2)


@tool(Kind.PROCESSING, example={"values": [12.0, 15.0, 21.0]})
async def number_deviation(values: Values) -> Deviation:
    """Sample standard deviation (n - 1) of a list of numbers."""
    mean = math.fsum(values) / len(values)
    return Deviation(deviation=math.sqrt(math.fsum((value - mean) ** 2 for value in values) / (len(values) - 1)))


@tool(Kind.PROCESSING, example={"value": 3.14159, "places": 2})
async def number_round(
    value: Annotated[Number, Operand, Field(description="number to round"), Typical(0.125, 99, 0.367)],
    places: Annotated[int, Field(ge=0, le=10, description="decimal places to keep"), Typical(values=(0, 2, 3, 4))],
) -> Rounded:
    """Number rounded to a number of decimal places, ties to even."""
    return Rounded(rounded=round(value, places))


def nonzero(name: str, value: float) -> float:
    """`value`, or a `ToolError` that names the parameter if it is zero."""
    if value == 0:
        raise ToolError(f"{name}: must not be zero; give a number to divide by")
    return value
