"""Depreciation: how the book value of an asset falls over its life."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from toolservers.annotations import Noun, Typical, Unit
from toolservers.errors import ToolError
from toolservers.quantities import Amount, RatePercent
from toolservers.tool import Kind, Output, tool

Cost = Annotated[Amount, Field(gt=0, le=1e12, description="price paid for the asset"), Typical(10_000, 200_000, 2_500)]
Salvage = Annotated[
    Amount, Field(ge=0, le=1e12, description="value left at the end of the asset's life"), Typical(500, 8_000, 500)
]
Life = Annotated[int, Unit("years"), Field(ge=1, le=100, description="useful life in years"), Typical(5, 20)]
Year = Annotated[
    int, Field(ge=1, le=100, description="year of the asset's life, the first being 1"), Typical(1, 5)
]


class StraightLine(Output):
    charge: Annotated[
        Amount,
        Noun("the yearly straight-line depreciation of an asset that cost {cost} with a salvage value of {salvage} "
             "and a life of {life} years"),
    ]


class SumOfYears(Output):
    charge: Annotated[
        Amount,
        Noun("the sum-of-years depreciation in year {year} of an asset that cost {cost} with a salvage value of "
             "{salvage} and a life of {life} years"),
    ]


class BookValue(Output):
    value: Annotated[
        Amount,
        Noun("the book value after {years} years of an asset that cost {cost} and loses a share of {rate} "
             "a year"),
    ]


@tool(Kind.PROCESSING, example={"cost": 50_000.0, "salvage": 5_000.0, "life": 10})
async def depreciation_linear(cost: Cost, salvage: Salvage, life: Life) -> StraightLine:
    """Yearly charge under straight-line depreciation."""
    check_salvage(cost, salvage)
    return StraightLine(charge=round((cost - salvage) / life, 2))


@tool(Kind.PROCESSING, example={"cost": 50_000.0, "salvage": 5_000.0, "life": 10, "year": 3})
async def depreciation_digits(cost: Cost, salvage: Salvage, life: Life, year: Year) -> SumOfYears:
    """Charge of one year under sum-of-the-years'-digits depreciation."""
    check_salvage(cost, salvage)
    if year > life:
        raise ToolError(f"year: the asset lives {life} years; give at most that")
    return SumOfYears(charge=round((cost - salvage) * (life - year + 1) / (life * (life + 1) / 2), 2))


@tool(Kind.PROCESSING, example={"cost": 50_000.0, "rate": 20.0, "years": 3})
async def depreciation_declining(
    cost: Cost,
    rate: Annotated[
        RatePercent, Field(ge=0, le=100, description="share of the book value written off a year, in percent"),
        Typical(10, 40, 2.5),
    ],
    years: Annotated[int, Unit("years"), Field(ge=0, le=100, description="years since purchase"), Typical(1, 10)],
) -> BookValue:
    """Book value after some years of declining-balance depreciation."""
    return BookValue(value=round(cost * (1 - rate / 100) ** years, 2))


def check_salvage(cost: float, salvage: float) -> None:
    """Raises `ToolError` where the asset would gain value."""
    if salvage > cost:
        raise ToolError(f"salvage: must not be above the cost ({cost:g})")
