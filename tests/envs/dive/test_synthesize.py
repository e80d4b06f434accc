"""Tasks of every difficulty: deterministic, provable, within their bounds, and apart by split."""

import asyncio

import pytest
from atlas import lands

from envs.dive.errors import SynthesisError
from envs.dive.synthesize import SynthConfig, Synthesizer
from envs.dive.verify import verify
from envs.tasks.difficulty import FRONTIER, FULL, NAMED, OPERATORS, SHORT, Difficulty
from envs.tasks.splits import argument_entities, output_entities, split_of
from envs.tasks.task import Split, Task

HOST = lands.host()


def synthesizer(difficulty: Difficulty = SHORT, split: Split = Split.TRAIN) -> Synthesizer:
    return Synthesizer(HOST, SynthConfig(lands.DOMAIN, split, difficulty, toolset=(3, 8)), lands.seeds)


async def tasks(difficulty: Difficulty, count: int, split: Split = Split.TRAIN) -> list[Task]:
    made = synthesizer(difficulty, split)
    return [await made.task(seed) for seed in range(count)]


@pytest.mark.parametrize("name", sorted(NAMED))
async def test_a_seed_gives_the_same_bytes_in_any_order_and_company(name: str) -> None:
    made = await tasks(NAMED[name], 12)
    other = synthesizer(NAMED[name])
    backwards = [await other.task(seed) for seed in reversed(range(12))][::-1]
    at_once = await asyncio.gather(*(other.task(seed) for seed in range(12)))
    for one in (backwards, at_once):
        assert [task.model_dump_json() for task in one] == [task.model_dump_json() for task in made]
    assert len({task.question for task in made}) > 9


@pytest.mark.parametrize("name", sorted(NAMED))
async def test_every_task_passes_all_checks_and_answers_itself(name: str) -> None:
    for task in await tasks(NAMED[name], 40):
        assert await verify(task, HOST) == []
        assert task.verify(task.answer.reference).correct, task.answer


@pytest.mark.parametrize("difficulty", [SHORT, FRONTIER])
async def test_named_difficulties_hold_exactly_their_shapes(difficulty: Difficulty) -> None:
    shapes = {task.measures.shape for task in await tasks(difficulty, 80)}
    assert shapes == {f"{shape} : pick" for shape in difficulty.shapes}


async def test_operators_are_all_used() -> None:
    made = await tasks(OPERATORS, 150)
    assert {task.proof.expression.op for task in made} == set(OPERATORS.operators)
    assert all(2 <= task.measures.calls <= 4 for task in made)


async def test_rounds_get_harder() -> None:
    made = synthesizer(FULL)
    for seed in range(20):
        hardness = [question.hardness for question in await made.rounds(seed)]
        assert hardness == sorted(set(hardness))
    assert max([len(await made.rounds(seed)) for seed in range(20)]) == 3


async def test_toolsets_hold_the_proof_within_their_size() -> None:
    for task in await tasks(FULL, 30):
        assert {call.tool for call in task.proof.calls} <= set(task.tools)
        assert 3 <= len(task.tools) <= 8 and len(set(task.tools)) == len(task.tools)


@pytest.mark.parametrize("difficulty", [SHORT, FRONTIER, OPERATORS, FULL])
async def test_training_never_touches_an_entity_of_another_split(difficulty: Difficulty) -> None:
    for task in await tasks(difficulty, 40):
        outputs = await task.proof.replay(HOST)
        for call, output in zip(task.proof.calls, outputs, strict=True):
            tool = HOST.catalog[call.tool]
            touched = [*argument_entities(tool, call.bind(outputs)), *output_entities(tool, output)]
            assert all(split_of(*entity) is Split.TRAIN for entity in touched)


@pytest.mark.parametrize("difficulty", [SHORT, OPERATORS])
async def test_test_questions_name_test_entities_only(difficulty: Difficulty) -> None:
    asked = set()
    for task in await tasks(difficulty, 40, Split.TEST):
        for call in task.proof.calls:
            written = {name: value for name, value in call.arguments.items() if isinstance(value, str)}
            asked |= set(argument_entities(HOST.catalog[call.tool], written))
    assert len(asked) > 10
    assert all(split_of(*entity) is Split.TEST for entity in asked)


async def test_questions_about_figures_alone_are_kept_apart_too() -> None:
    figures = Difficulty((1, 1), shapes=("P",))
    asked = {split: {task.question for task in await tasks(figures, 150, split)} for split in Split}
    assert all(len(questions) > 20 for questions in asked.values())
    assert not asked[Split.TRAIN] & asked[Split.TEST] and not asked[Split.TRAIN] & asked[Split.DEV]


async def test_own_shapes() -> None:
    own = Difficulty((4, 4), shapes=("R R(0) R(1) P(2)",))
    assert {task.measures.shape for task in await tasks(own, 5)} == {"R R(0) R(1) P(2) : pick"}


async def test_what_cannot_be_made_says_so() -> None:
    with pytest.raises(ValueError, match="no tools of domain 'law'"):
        Synthesizer(HOST, SynthConfig("law"), lands.seeds)

    async def nothing(entity: str) -> tuple[str, ...]:
        return ()

    barren = Synthesizer(HOST, SynthConfig(lands.DOMAIN, difficulty=Difficulty((2, 2), shapes=("R R(0)",))), nothing)
    with pytest.raises(SynthesisError, match="no 'custom' task for atlas"):
        await barren.task(1)
