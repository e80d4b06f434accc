"""Saving: what one deposit, or a payment made every month, grows to, and what a future sum is worth today.

Deposits compound once a year; monthly payments are made at the end of each month and compound monthly at rate / 12.
"""

from __future__ import annotations

import math
from typing import Annotated

from pydantic import Field

from toolservers.annotations import Noun, Typical, Unit
from toolservers.errors import ToolError
from toolservers.financial.loans import annuity_factor
from toolservers.quantities import Amount, RatePercent
from toolservers.tool import Kind, Output, tool

Rate = Annotated[
    RatePercent, Field(ge=0, le=100, description="yearly interest rate in percent (5.0 means 5 %)"),
    Typical(0.5, 10, 0.25),
]
Years = Annotated[
    int, Unit("years"), Field(ge=1, le=100, description="number of years"),
    Typical(values=(2, 3, 5, 8, 10, 15, 20, 25, 30, 40)),
]
Deposit = Annotated[Amount, Field(ge=0, le=1e12, description="sum of money"), Typical(1_000, 100_000, 500)]
Payment = Annotated[
    Amount, Field(gt=0, le=1e9, description="sum paid at the end of every month"), Typical(50, 2_000, 50)
]


class DepositFuture(Output):
    value: Annotated[
        Amount, Noun("the value of a deposit of {amount} after {years} years at a yearly rate of {rate}")
    ]


class DepositPresent(Output):
    value: Annotated[
        Amount, Noun("the present value of {amount} due in {years} years at a yearly rate of {rate}")
    ]


class AnnuityFuture(Output):
    value: Annotated[
        Amount, Noun("the sum saved by a monthly payment of {payment} over {years} years at a yearly rate of {rate}")
    ]


class AnnuityPresent(Output):
    value: Annotated[
        Amount,
        Noun("the present value of a monthly payment of {payment} over {years} years at a yearly rate of {rate}"),
    ]


class SavingsMonths(Output):
    months: Annotated[
        int, Unit("months"),
        Noun("the number of months that saving {goal} takes with a monthly payment of {payment} "
             "at a yearly rate of {rate}"),
    ]


class SavingsPayment(Output):
    payment: Annotated[
        Amount, Noun("the monthly payment that saves {goal} in {years} years at a yearly rate of {rate}")
    ]


Goal = Annotated[Amount, Field(gt=0, le=1e12, description="sum to be saved"), Typical(5_000, 200_000, 5_000)]


@tool(Kind.PROCESSING, example={"amount": 10_000.0, "rate": 3.0, "years": 10})
async def deposit_future(amount: Deposit, rate: Rate, years: Years) -> DepositFuture:
    """Value of one deposit after some years of yearly compound interest."""
    return DepositFuture(value=round(amount * (1 + rate / 100) ** years, 2))


@tool(Kind.PROCESSING, example={"amount": 10_000.0, "rate": 3.0, "years": 10})
async def deposit_present(amount: Deposit, rate: Rate, years: Years) -> DepositPresent:
    """Value today of a sum due in some years, discounted once a year."""
    return DepositPresent(value=round(amount * (1 + rate / 100) ** -years, 2))


@tool(Kind.PROCESSING, example={"payment": 200.0, "rate": 3.0, "years": 10})
async def annuity_future(payment: Payment, rate: Rate, years: Years) -> AnnuityFuture:
    """Sum that equal monthly payments grow to."""
    return AnnuityFuture(value=round(payment * growth_factor(rate, 12 * years), 2))


@tool(Kind.PROCESSING, example={"payment": 200.0, "rate": 3.0, "years": 10})
async def annuity_present(payment: Payment, rate: Rate, years: Years) -> AnnuityPresent:
    """Value today of equal monthly payments."""
    return AnnuityPresent(value=round(payment * annuity_factor(rate, 12 * years), 2))


@tool(Kind.PROCESSING, example={"goal": 50_000.0, "payment": 500.0, "rate": 3.0})
async def savings_months(goal: Goal, payment: Payment, rate: Rate) -> SavingsMonths:
    """Months of equal payments until their value first reaches a goal."""
    i = rate / 1200
    months = math.log1p(goal * i / payment) / math.log1p(i) if i else goal / payment
    if months > 12_000:
        raise ToolError("payment: the goal is over 1,000 years away; pay more a month")
    return SavingsMonths(months=math.ceil(round(months, 9)))


@tool(Kind.PROCESSING, example={"goal": 50_000.0, "rate": 3.0, "years": 10})
async def savings_payment(goal: Goal, rate: Rate, years: Years) -> SavingsPayment:
    """Monthly payment that reaches a savings goal in time."""
    return SavingsPayment(payment=round(goal / growth_factor(rate, 12 * years), 2))


def growth_factor(rate: float, months: int) -> float:
    """Future value of one unit paid at the end of each of `months` months at `rate` percent a year."""
    i = rate / 1200
    return math.expm1(months * math.log1p(i)) / i if i else float(months)
