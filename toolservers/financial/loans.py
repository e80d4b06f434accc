"""Level-payment loans: a sum borrowed, repaid in equal monthly instalments at a nominal yearly rate.

With i = rate / 1200 a month and n = 12 · years instalments, payment = amount · i / (1 - (1 + i)^-n) (annuity formula).
"""

from __future__ import annotations

import math
from typing import Annotated

from pydantic import Field

from toolservers.annotations import Noun, Typical, Unit
from toolservers.errors import ToolError
from toolservers.quantities import Amount, RatePercent
from toolservers.tool import Kind, Output, tool

Sum = Annotated[Amount, Field(gt=0, le=1e12, description="sum borrowed"), Typical(10_000, 500_000, 5_000)]
Rate = Annotated[
    RatePercent, Field(ge=0, le=100, description="nominal yearly interest rate in percent (5.0 means 5 %)"),
    Typical(1, 12, 0.25),
]
Years = Annotated[
    int, Unit("years"), Field(ge=1, le=50, description="term of the loan in years"),
    Typical(values=(2, 3, 5, 7, 10, 15, 20, 25, 30)),
]
Instalment = Annotated[
    Amount, Field(ge=0.01, le=1e12, description="amount paid at the end of every month"), Typical(500, 5_000, 50)
]


class LoanPayment(Output):
    payment: Annotated[
        Amount, Noun("the monthly payment on a loan of {amount} over {years} years at a yearly rate of {rate}")
    ]


class LoanInterest(Output):
    interest: Annotated[
        Amount, Noun("the total interest on a loan of {amount} over {years} years at a yearly rate of {rate}")
    ]


class LoanBalance(Output):
    balance: Annotated[
        Amount,
        Noun("the balance left after {months} months on a loan of {amount} over {years} years "
             "at a yearly rate of {rate}"),
    ]


class LoanAmount(Output):
    amount: Annotated[
        Amount,
        Noun("the largest loan that a monthly payment of {payment} repays over {years} years "
             "at a yearly rate of {rate}"),
    ]


class LoanMonths(Output):
    months: Annotated[
        int, Unit("months"),
        Noun("the number of months that a loan of {amount} at a yearly rate of {rate} takes "
             "to repay with a monthly payment of {payment}"),
    ]


def annuity_factor(rate: float, months: float) -> float:
    """Present value of one unit paid at the end of each of `months` months at `rate` percent a year."""
    i = rate / 1200
    return -math.expm1(-months * math.log1p(i)) / i if i else float(months)


@tool(Kind.PROCESSING, example={"amount": 200_000.0, "rate": 4.5, "years": 20})
async def loan_payment(amount: Sum, rate: Rate, years: Years) -> LoanPayment:
    """Monthly payment that repays a loan in equal instalments."""
    return LoanPayment(payment=round(amount / annuity_factor(rate, 12 * years), 2))


@tool(Kind.PROCESSING, example={"amount": 200_000.0, "rate": 4.5, "years": 20})
async def loan_interest(amount: Sum, rate: Rate, years: Years) -> LoanInterest:
    """Interest paid over the whole life of a loan with equal monthly instalments."""
    return LoanInterest(interest=round(12 * years * amount / annuity_factor(rate, 12 * years) - amount, 2))


@tool(Kind.PROCESSING, example={"amount": 200_000.0, "rate": 4.5, "years": 20, "months": 60})
async def loan_balance(
    amount: Sum,
    rate: Rate,
    years: Years,
    months: Annotated[int, Unit("months"), Field(ge=0, le=600, description="number of instalments already paid"),
                      Typical(6, 24, 6)],
) -> LoanBalance:
    """Debt still outstanding after a number of monthly instalments."""
    if months > 12 * years:
        raise ToolError(f"months: the loan ends after {12 * years} months; give at most that many")
    factor = annuity_factor(rate, 12 * years)
    return LoanBalance(balance=round(amount * annuity_factor(rate, 12 * years - months) / factor, 2))


@tool(Kind.PROCESSING, example={"payment": 1_000.0, "rate": 4.5, "years": 20})
async def loan_amount(payment: Instalment, rate: Rate, years: Years) -> LoanAmount:
    """Largest loan that a given monthly payment repays."""
    return LoanAmount(amount=round(payment * annuity_factor(rate, 12 * years), 2))


@tool(Kind.PROCESSING, example={"amount": 200_000.0, "rate": 4.5, "payment": 1_500.0})
async def loan_months(
    amount: Annotated[Amount, Field(gt=0, le=1e12, description="sum borrowed"), Typical(5_000, 50_000, 1_000)],
    rate: Rate,
    payment: Instalment,
) -> LoanMonths:
    """Months until a fixed monthly payment has repaid a loan; the last instalment may be smaller."""
    i = rate / 1200
    if payment <= amount * i:
        raise ToolError(f"payment: the first month's interest is {amount * i:.2f}; pay more than that")
    months = -math.log1p(-amount * i / payment) / math.log1p(i) if i else amount / payment
    return LoanMonths(months=math.ceil(round(months, 9)))
