"""How nested values are named, and which nestings are refused."""

import pytest
from atlas import lands

from envs.dive.evidence import Evidence
from envs.dive.phrase import ClumsyError, Phrases, listed, written
from envs.tasks.expression import Ref
from envs.tasks.proof import Call

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


def test_values_in_words() -> None:
    assert written([12.0, 15.5, 3]) == "12, 15.5 and 3"
    assert written(200000.0) == "200000"
    assert listed(["a"]) == "a" and listed(["a", "b"], "or") == "a or b"
