from __future__ import annotations

import pytest

from toolservers.errors import ErrorKind


@pytest.mark.parametrize(("tool", "company", "expected"), [  # the companies' own annual reports
    ("company_isin", "SAP", {"isin": "DE0007164600"}),
    ("company_isin", "Apple Inc.", {"isin": "US0378331005"}),
    ("company_ticker", "Apple Inc.", {"ticker": "AAPL"}),
    ("company_country", "SAP", {"country": "Germany"}),
    ("company_city", "Siemens", {"city": "Munich"}),
    ("company_founded", "SAP", {"year": 1972}),
    ("company_founded", "Siemens", {"year": 1847}),
    ("company_industry", "SAP", {"industry": "Information Technology"}),
])
async def test_facts(ask, tool, company, expected):
    assert await ask(tool, company=company) == expected


async def test_employees(ask):
    # SAP integrated report 2024: 109,000 employees
    assert (await ask("company_employees", company="sap"))["employees"] == pytest.approx(109_000, rel=0.05)


async def test_identifiers_lead_back(ask):
    for company in ("Adidas", "Allianz", "BMW", "SAP", "Siemens"):
        isin = (await ask("company_isin", company=company))["isin"]
        assert await ask("company_by_isin", isin=isin) == {"company": company}
    assert await ask("company_by_ticker", ticker="AAPL") == {"company": "Apple Inc."}


async def test_index_members(ask, refusal):
    dax = await ask("index_members", index="dax", limit=50)
    assert dax["total"] == len(dax["items"]) == 40 and {"SAP", "Siemens", "BMW"} <= set(dax["items"])  # 40 since 2021
    for company in dax["items"][::8]:
        assert "DAX" in (await ask("company_indices", company=company))["items"]
    assert "DAX" in (await refusal("index_members", index="DAXX")).message


async def test_companies_of_a_place(ask):
    here = await ask("companies_in_city", city="Munich", limit=50)
    assert here["total"] == len(here["items"]) and {"Siemens", "Allianz", "BMW"} <= set(here["items"])
    for company in here["items"][::4]:
        assert await ask("company_city", company=company) == {"city": "Munich"}
    swiss = await ask("companies_in_country", country="CH", limit=50)
    assert {"UBS", "Novartis"} <= {name.split()[0] for name in swiss["items"]}


async def test_companies_of_an_industry(ask, refusal):
    listed = await ask("companies_in_industry", industry="software", limit=50)
    assert listed["total"] == len(listed["items"]) and "SAP" in listed["items"]
    assert "Software" in (await refusal("companies_in_industry", industry="Softwear")).message


async def test_refusals(refusal):
    error = await refusal("company_isin", company="Simens")
    assert error.kind is ErrorKind.UNKNOWN_ENTITY and "Siemens" in error.message
    assert (await refusal("company_isin", company="x' OR 'a'='a")).kind is ErrorKind.UNKNOWN_ENTITY
    assert (await refusal("company_by_isin", isin="DE000716460")).kind is ErrorKind.INVALID_ARGUMENTS
    assert (await refusal("company_by_isin", isin="DE0007164601")).kind is ErrorKind.UNKNOWN_ENTITY
    assert "no US ticker" in (await refusal("company_ticker", company="BMW")).message
