"""The split of an entity is fixed, near 80 / 5 / 15, and read from every place where an entity can stand."""

from collections import Counter
from typing import Annotated

from envs.tasks.splits import argument_entities, named, output_entities, split_of, within
from envs.tasks.task import Split
from toolservers.annotations import Entity, Noun
from toolservers.entities import Country, Currency
from toolservers.quantities import Count
from toolservers.tool import Kind, Output, tool


class Place(Output):
    country: Country | None
    people: Count


class Places(Output):
    best: Annotated[Country, Noun("the best of {of}")]
    money: list[Currency]
    items: list[Place]


@tool(Kind.RETRIEVAL, example={})
async def places(of: list[Country], others: Annotated[list[str], Entity("city")], limit: int = 3) -> Places:
    """Places."""
    raise NotImplementedError


def test_shares_are_near_80_5_15() -> None:
    found = Counter(split_of("country", f"land {index}") for index in range(20_000))
    assert abs(found[Split.TRAIN] / 20_000 - 0.80) < 0.01
    assert abs(found[Split.DEV] / 20_000 - 0.05) < 0.01
    assert abs(found[Split.TEST] / 20_000 - 0.15) < 0.01


def test_the_split_of_a_name_never_moves() -> None:
    assert [split_of("country", name) for name in ("Japan", "Oman", "Peru")] == [Split.TRAIN, Split.TEST, Split.TRAIN]
    assert len({split_of(kind, "x7") for kind in map(str, range(50))}) > 1  # the type matters too


def test_quantities_and_days_name_nothing() -> None:
    assert not any(map(named, ("count", "price", "year", "date", "number", None)))
    assert all(map(named, ("country", "ticker", "cik")))


def test_entities_are_found_in_lists_and_records() -> None:
    arguments = {"of": ["Japan", "Chile"], "others": ["Lima"], "limit": 3}
    assert list(argument_entities(places, arguments)) == [("country", "Japan"), ("country", "Chile"), ("city", "Lima")]
    output = {"best": "Peru", "money": ["PEN"], "items": [{"country": "Fiji", "people": 3}, {"people": 4}]}
    assert list(output_entities(places, output)) == [("country", "Peru"), ("currency", "PEN"), ("country", "Fiji")]


def test_within_wants_every_entity() -> None:
    names = {split: next(f"n{i}" for i in range(999) if split_of("city", f"n{i}") is split) for split in Split}
    assert within(Split.TRAIN, [("city", names[Split.TRAIN])])
    assert not within(Split.TRAIN, [("city", names[Split.TRAIN]), ("city", names[Split.TEST])])
    assert within(Split.TEST, [])
