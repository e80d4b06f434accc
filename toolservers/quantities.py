"""The quantity types that numeric parameters and output fields share: what kind of number fits where.

The rule: a parameter of `Entity("number")` accepts every numeric type, any other parameter only its own type;
a list parameter of a type takes a list field of that type, or several values of it. Canonical units: an area is in
square kilometres, a length in kilometres, a mass in kilograms, a temperature in degrees Celsius.
"""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from toolservers.annotations import Digits, Entity, Unit

Number = Annotated[float, Entity("number"), Digits(12)]
Amount = Annotated[float, Entity("amount"), Digits(12)]
"""Money; tools that compute one round it to cents."""
Price = Annotated[float, Entity("price"), Digits(8)]
RatePercent = Annotated[float, Entity("rate_percent"), Unit("%"), Digits(6)]
"""A rate in percent: 5.0 means 5 %."""
Percent = Annotated[float, Entity("percent"), Unit("%"), Digits(6)]
"""A share or a change in percent: a size, not a rate at which anybody lends or borrows."""
Volatility = Annotated[float, Entity("volatility"), Unit("%"), Digits(6)]
"""A yearly volatility in percent: 20.0 means 20 %."""
BondPrice = Annotated[float, Entity("bond_price"), Digits(8)]
"""A price per 100 of face value."""
Factor = Annotated[float, Entity("factor")]
"""A bare multiplier, which nothing looked up is: the product of two prices means nothing."""
Ratio = Annotated[float, Entity("ratio"), Digits(6)]
Count = Annotated[int, Entity("count")]
Year = Annotated[int, Entity("year")]

Area = Annotated[float, Entity("area"), Unit("km²")]
Length = Annotated[float, Entity("length"), Unit("km")]
Mass = Annotated[float, Entity("mass"), Unit("kg")]
Temperature = Annotated[float, Entity("temperature"), Unit("°C")]

Bounded = Annotated[float, Field(ge=-1e15, le=1e15)]
Positive = Annotated[float, Field(ge=1e-6, le=1e9)]
Numbers = Annotated[list[Bounded], Entity("number"), Field(min_length=2, max_length=500)]
Amounts = Annotated[list[Bounded], Entity("amount"), Field(min_length=2, max_length=500)]
Prices = Annotated[list[Positive], Entity("price"), Field(min_length=2, max_length=500)]
