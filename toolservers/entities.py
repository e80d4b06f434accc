"""The entity types that tools share: one alias per type, so that the output of one tool fits the input of another.

Canonical forms: a country is its English short name ("Japan"), a currency its ISO 4217 code ("JPY"), a company its
name, a bank its BIC, an exchange its market identifier code, a ticker and a CIK as the SEC writes them.
"""

from __future__ import annotations

import datetime
from typing import Annotated

from pydantic import Field

from toolservers.annotations import Entity

Name = Field(min_length=1, max_length=120)

Date = Annotated[datetime.date, Entity("date"), Field(description="day as YYYY-MM-DD", examples=["2020-01-02"])]
Country = Annotated[str, Entity("country"), Name, Field(description="country: English name or ISO 3166 code")]
Currency = Annotated[str, Entity("currency"), Field(pattern="^[A-Z]{3}$", description="ISO 4217 code, e.g. USD")]
Company = Annotated[str, Entity("company"), Name, Field(description="company name")]
Ticker = Annotated[str, Entity("ticker"), Field(pattern=r"^[A-Z0-9.\-]{1,12}$", description="US ticker, e.g. AAPL")]
Cik = Annotated[int, Entity("cik"), Field(ge=1, le=9_999_999_999, description="SEC central index key")]
Isin = Annotated[str, Entity("isin"), Field(pattern="^[A-Z]{2}[A-Z0-9]{9}[0-9]$", description="ISIN, 12 characters")]
Mic = Annotated[str, Entity("mic"), Field(pattern="^[A-Z0-9]{4}$", description="ISO 10383 market identifier code")]
Bic = Annotated[str, Entity("bic"), Field(pattern="^[A-Z0-9]{8}([A-Z0-9]{3})?$", description="BIC (SWIFT code)")]
Iban = Annotated[str, Entity("iban"), Field(pattern="^[A-Z]{2}[0-9]{2}[A-Z0-9]{8,30}$", description="IBAN")]
StockIndex = Annotated[str, Entity("index"), Name, Field(description="stock index, e.g. DAX")]
Timezone = Annotated[str, Entity("timezone"), Name, Field(description="IANA time zone, e.g. Europe/Paris")]
Continent = Annotated[str, Entity("continent"), Name, Field(description="continent, e.g. Asia")]
City = Annotated[str, Entity("city"), Name, Field(description="city; add the country if several share the name")]
Industry = Annotated[str, Entity("industry"), Name, Field(description="industry of a company")]
Series = Annotated[str, Entity("series"), Name, Field(description="name of a market series")]
CpiItem = Annotated[str, Entity("cpi_item"), Name, Field(description="item of the consumer price index")]
