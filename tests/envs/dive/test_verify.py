"""Bad tasks, planted one fault at a time, are all caught, each by the check that is meant to."""

from typing import Any

import pytest
from atlas import lands

from envs.dive.errors import WorldMismatch
from envs.dive.verify import minimal, verify
from envs.tasks.answer import answer_spec
from envs.tasks.expression import Choice, Extreme, Pick, Ref
from envs.tasks.measures import measures
from envs.tasks.proof import Call, Proof
from envs.tasks.task import Split, Task

HOST = lands.host()
NAME, FACTS = next(iter(lands.COUNTRIES.items()))
TOWN, PEOPLE = FACTS["capital"], FACTS["population"]
COUNTRY = Call(tool="town_country", arguments={"city": TOWN})
POPULATION = Call(tool="land_population", arguments={"country": Ref(ref=(0, "country"))})
QUESTION = f"What is the population of the country of the city {TOWN}?"


def task(question: str = QUESTION, calls: tuple[Call, ...] = (COUNTRY, POPULATION), expression: Any = None,
         answer: Any = PEOPLE, tools: tuple[str, ...] = ("land_population", "town_country", "coin_rate")) -> Task:
    proof = Proof(calls=calls, expression=expression or Pick(of=Ref(ref=(1, "population"))))
    return Task(question=question, domain="atlas", tools=tools, answer=answer_spec(answer), proof=proof, seed=0,
                world="atlas-1", split=Split.TRAIN, measures=measures(proof, HOST.catalog))


async def caught(bad: Task) -> set[str]:
    return {failure.check for failure in await verify(bad, HOST)}


async def test_the_sound_task_passes() -> None:
    assert await caught(task()) == set()


@pytest.mark.parametrize(("bad", "check"), [
    (task(answer=PEOPLE + 1), "entailed"),
    (task(answer="many"), "entailed"),
    (task(expression=Pick(of=Ref(ref=(1, "area")))), "entailed"),
    (task(tools=("land_population",)), "entailed"),
    (task(f"{QUESTION} Not of Nowhere?", (Call(tool="town_country", arguments={"city": "Nowhere"}), POPULATION)),
     "entailed"),
    (task(calls=(COUNTRY, POPULATION, Call(tool="coin_rate", arguments={"currency": "BAA", "on": "2020-01-01"}))),
     "minimal"),
    (task(calls=(COUNTRY, POPULATION, COUNTRY), expression=Extreme(op="argmax", choices=(
        Choice(label="a", value=Ref(ref=(1, "population"))), Choice(label="b", value=Ref(ref=(2, "country")))))),
     "entailed"),
    (task(f"What is the population of {NAME}, the country of the city {TOWN}?"), "minimal"),
    (task("What is the population of the country of the city?"), "grounded"),
    (task(f"{QUESTION.replace(TOWN, TOWN + 's')}"), "grounded"),
    (task(f"{QUESTION} It is {PEOPLE:,}."), "leaked"),
])
async def test_a_planted_fault_is_caught(bad: Task, check: str) -> None:
    assert check in await caught(bad)


async def test_a_chain_that_comes_back_to_its_start_is_no_task() -> None:
    """city → country → its capital, which is the city: the answer stands in the question."""
    calls = (COUNTRY, Call(tool="land_capital", arguments={"country": Ref(ref=(0, "country"))}))
    circular = task("What is the capital of the country of the city " + TOWN + "?", calls,
                    Pick(of=Ref(ref=(1, "capital"))), TOWN, tools=("town_country", "land_capital"))
    assert "leaked" in await caught(circular)


async def test_a_value_that_an_earlier_call_shows_makes_the_last_call_idle() -> None:
    calls = (COUNTRY, Call(tool="land_neighbours", arguments={"country": Ref(ref=(0, "country"))}),
             Call(tool="figure_ratio", arguments={"first": Ref(ref=(1, "total")), "second": 1}))
    second = list(lands.COUNTRIES.values())[1]["capital"]
    calls = (Call(tool="town_country", arguments={"city": second}), *calls[1:])
    idle = task(f"What is the ratio of the number of neighbours of the country of the city {second} to 1?", calls,
                Pick(of=Ref(ref=(2, "ratio"))), 1.0, tools=("town_country", "land_neighbours", "figure_ratio"))
    assert "minimal" in await caught(idle)


def test_a_way_back_to_a_name_that_was_known_is_no_step() -> None:
    """town → country → capital → the same country → population: the last call could have had the first one's."""
    capital = Call(tool="land_capital", arguments={"country": Ref(ref=(0, "country"))})
    back = Call(tool="town_country", arguments={"city": Ref(ref=(1, "capital"))})
    last = Call(tool="land_population", arguments={"country": Ref(ref=(2, "country"))})
    round_trip = task(calls=(COUNTRY, capital, back, last), expression=Pick(of=Ref(ref=(3, "population"))))
    there: list[dict[str, Any]] = [{"country": "Bado"}, {"capital": "Lume"}, {"country": "Bado"}, {"population": 5}]
    assert "'Bado', which an earlier call already gave" in str(minimal(round_trip, there))
    there[2] = {"country": "Siga"}
    assert minimal(round_trip, there) is None


async def test_an_unnamed_literal_is_caught_but_not_a_default() -> None:
    def share(extra: float) -> Task:
        call = Call(tool="figure_share", arguments={"number": 200, "percent": 15, "extra": extra})
        return task("What is 15 percent of 200?", (call,), Pick(of=Ref(ref=(0, "share"))), 30 + extra,
                    tools=("figure_share",))

    assert await caught(share(0.0)) == set()
    assert await caught(share(7.0)) == {"grounded"}


async def test_choices_may_name_the_answer() -> None:
    two = list(lands.COUNTRIES)[:2]
    calls = tuple(Call(tool="land_population", arguments={"country": name}) for name in two)
    most = Extreme(op="argmax", choices=tuple(
        Choice(label=name, value=Ref(ref=(index, "population"))) for index, name in enumerate(two)))
    right = task(f"Which has the higher population: {two[0]} or {two[1]}?", calls, most, two[1])
    assert await caught(right) == set()
    unsaid = task(f"Which has the higher population: {two[0]} or another?", calls, most, two[1])
    assert "grounded" in await caught(unsaid)


async def test_another_world_is_not_judged() -> None:
    with pytest.raises(WorldMismatch, match="made with atlas-0, this world has atlas-1"):
        await verify(task().model_copy(update={"world": "atlas-0"}), HOST)
