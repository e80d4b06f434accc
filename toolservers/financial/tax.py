"""Taxes: US federal income tax on taxable income, and value added tax at a given rate."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from toolservers.annotations import Noun, Typical
from toolservers.financial.tax_brackets import BRACKETS, RATES, FilingStatus
from toolservers.quantities import Amount, RatePercent
from toolservers.tool import Kind, Output, tool

Income = Annotated[
    Amount, Field(ge=0, le=1e12, description="taxable income in US dollars, after deductions"),
    Typical(15_000, 400_000, 2_500),
]
TaxYear = Annotated[
    int, Field(ge=min(BRACKETS), le=max(BRACKETS), description="tax year, 2023 to 2025"),
    Typical(values=tuple(BRACKETS)),
]
Status = Annotated[
    FilingStatus,
    Field(description="filing status: single, joint (married), separate (married) or head (of household)"),
    Typical(values=("single", "joint", "separate", "head")),
]
Money = Annotated[Amount, Field(ge=0, le=1e12), Typical(20, 5_000, 20)]
VatRate = Annotated[
    RatePercent, Field(ge=0, le=100, description="value added tax rate in percent (20.0 means 20 %)"),
    Typical(values=(5, 7, 10, 19, 20, 21, 22, 25)),
]


class IncomeTax(Output):
    tax: Annotated[
        Amount, Noun("the US federal tax for {year} on a taxable income of {income} with filing status {status}")
    ]


class MarginalRate(Output):
    rate: Annotated[
        RatePercent,
        Noun("the US federal marginal tax rate for {year} on a taxable income of {income} with filing status {status}"),
    ]


class Gross(Output):
    gross: Annotated[Amount, Noun("the gross price of a net price of {net} with VAT at a rate of {rate}")]


class Net(Output):
    net: Annotated[Amount, Noun("the net price of a gross price of {gross} with VAT at a rate of {rate}")]


@tool(Kind.PROCESSING, example={"income": 85_000.0, "year": 2024, "status": "single"})
async def tax_income(income: Income, year: TaxYear, status: Status) -> IncomeTax:
    """US federal income tax from the rate schedules, without credits or surtaxes."""
    lows = BRACKETS[year][status]
    highs = (*lows[1:], income)
    return IncomeTax(tax=round(sum(rate * max(0.0, min(income, high) - low) for rate, low, high
                                   in zip(RATES, lows, highs, strict=True)) / 100, 2))


@tool(Kind.PROCESSING, example={"income": 85_000.0, "year": 2024, "status": "single"})
async def tax_marginal(income: Income, year: TaxYear, status: Status) -> MarginalRate:
    """US federal rate on the last dollar of taxable income."""
    return MarginalRate(rate=max(rate for rate, low in zip(RATES, BRACKETS[year][status], strict=True)
                                 if low < income or low == 0))


@tool(Kind.PROCESSING, example={"net": 100.0, "rate": 19.0})
async def vat_gross(net: Annotated[Money, Field(description="price without tax")], rate: VatRate) -> Gross:
    """Price with value added tax."""
    return Gross(gross=round(net * (1 + rate / 100), 2))


@tool(Kind.PROCESSING, example={"gross": 119.0, "rate": 19.0})
async def vat_net(gross: Annotated[Money, Field(description="price with tax")], rate: VatRate) -> Net:
    """Price without the value added tax that it contains."""
    return Net(net=round(gross / (1 + rate / 100), 2))
