"""How nested values are named, and which nestings are refused."""

import pytest
from atlas import lands

from envs.dive.evidence import Evidence, Step
from envs.dive.phrase import ClumsyError, Phrases, listed, plural, written
from envs.tasks.expression import Ref
from envs.tasks.proof import Call
from toolservers.catalog import load

CATALOG = lands.host().catalog


def phrase(*calls: tuple[str, dict[str, object], str]) -> str:
    """The phrase of the last call's field; an argument "#0.x" is the field x of call 0."""
    evidence = Evidence()
    for tool, arguments, _ in calls:
        bound = {name: Ref(ref=(int(value[1]), value[3:])) if isinstance(value, str) and value.startswith("#")
                 else value for name, value in arguments.items()}
        evidence.add(Call(tool=tool, arguments=bound), {})  # type: ignore[arg-type]
    return Phrases(evidence, CATALOG).of(Ref(ref=(len(calls) - 1, calls[-1][2])))


def test_a_literal_fills_its_slot() -> None:
    assert phrase(("coin_rate", {"currency": "BAA", "on": "2020-01-02"}, "rate")) == "the rate of BAA on 2020-01-02"


def test_a_reference_is_described() -> None:
    said = phrase(("land_capital", {"country": "Badoland"}, ""), ("town_boroughs", {"city": "#0.capital"}, "total"))
    assert said == "the number of boroughs of the capital of Badoland"


def test_a_title_gives_way_to_the_nested_phrase() -> None:
    said = phrase(("land_capital", {"country": "Badoland"}, ""), ("town_country", {"city": "#0.capital"}, "country"))
    assert said == "the country of the capital of Badoland"  # not "of the city the capital"


@pytest.mark.parametrize(("arguments", "said"), [
    ({"number": 200, "percent": 15}, "15 percent of 200"),
    ({"number": 200, "percent": 15, "extra": 0.0}, "15 percent of 200"),
    ({"number": 200, "percent": 15, "extra": 2.5}, "15 percent of 200 plus 2.5"),
])
def test_a_default_is_left_unsaid(arguments: dict[str, object], said: str) -> None:
    assert phrase(("figure_share", arguments, "share")) == said


def test_a_phrase_in_an_unfit_place_is_refused() -> None:
    with pytest.raises(ClumsyError, match="does not fit"):
        phrase(("figure_ratio", {"first": 1, "second": 2}, ""),
               ("figure_share", {"number": 200, "percent": "#0.ratio"}, "share"))  # "the ratio of 1 to 2 percent of"


def test_two_phrases_joined_by_the_word_they_hold_are_refused() -> None:
    with pytest.raises(ClumsyError, match="does not fit"):
        phrase(("figure_ratio", {"first": 1, "second": 2}, ""),
               ("figure_ratio", {"first": "#0.ratio", "second": 2}, "ratio"))  # "the ratio of the ratio of 1 to 2 to 2"


def test_a_field_without_a_noun_is_refused() -> None:
    with pytest.raises(KeyError):
        phrase(("land_capital", {"country": "Badoland"}, "mayor"))


@pytest.mark.parametrize(("tool", "arguments", "said"), [
    ("area_express", {"area": 12.5, "to": "acres"}, "12.5 km² in acres"),
    ("country_capital", {"country": "Netherlands"}, "the capital of the Netherlands"),
    ("country_capital", {"country": "Japan"}, "the capital of Japan"),
    ("cpi_item_year", {"item": "Beer, ale", "year": 1999},
     'the average US consumer price index of "Beer, ale" in 1999'),
    ("vat_gross", {"net": 20, "rate": 7}, "the gross price of a net price of 20 with VAT at a rate of 7%"),
])
def test_a_literal_brings_its_unit_article_or_quotation_marks(tool: str, arguments: dict[str, object],
                                                              said: str) -> None:
    tools = load("financial", "general")
    evidence = Evidence([Step(Call(tool=tool, arguments=arguments), {})])  # type: ignore[arg-type]
    assert Phrases(evidence, tools).of(Ref(ref=(0, next(iter(tools[tool].fields))))) == said


def test_a_found_figure_is_one_that_another_equals() -> None:
    tools = load("financial", "general")
    month = Call(tool="cpi_month_inflation", arguments={"year": 1965, "month": 8})
    zero = Call(tool="bond_zero", arguments={"rate": Ref(ref=(0, "inflation")), "years": 3})
    said = Phrases(Evidence([Step(month, {}), Step(zero, {})]), tools).of(Ref(ref=(1, "price")))
    assert said.endswith("at a yield equal to the twelve-month US inflation rate in month 8 of 1965")


def test_values_in_words() -> None:
    assert listed(["Beer, ale", "Wine"], "or") == "Beer, ale; or Wine"
    assert [plural(word) for word in ("city", "day", "stock index", "market series")] == [
        "cities", "days", "stock indices", "market series"]
    assert written([12.0, 15.5, 3]) == "12, 15.5 and 3"
    assert written(200000.0) == "200000"
    assert listed(["a"]) == "a" and listed(["a", "b"], "or") == "a or b"
