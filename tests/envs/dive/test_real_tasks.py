"""Tasks from the real catalogue over the real world."""

import pytest

from envs.dive.errors import WorldMismatch
from envs.dive.setting import open_synthesizer
from envs.dive.verify import verify
from envs.tasks.difficulty import NAMED
from envs.tasks.splits import argument_entities, output_entities, split_of
from envs.tasks.task import Split, Task
from toolservers.catalog import load
from toolservers.host import ToolHost
from toolservers.world import World

pytestmark = pytest.mark.usefixtures("world")


async def tasks(difficulty: str, split: Split, count: int = 12) -> list[Task]:
    made = open_synthesizer("financial", split=split, difficulty=difficulty)
    return [await made.task(seed) for seed in range(count)]


@pytest.mark.parametrize("difficulty", sorted(NAMED))
async def test_tasks_pass_their_checks_and_are_the_same_again(difficulty: str) -> None:
    first, again = await tasks(difficulty, Split.TRAIN), await tasks(difficulty, Split.TRAIN)
    assert [task.model_dump_json() for task in first] == [task.model_dump_json() for task in again]
    host = open_synthesizer("financial").host
    for task in first:
        assert await verify(task, host) == []
        assert len(task.tools) >= 15
        assert len(task.question) < 300


async def test_a_task_names_the_volumes_of_its_own_domain_alone(world: World) -> None:
    general = f"general-{world.versions['general']}"
    task = await open_synthesizer("general", difficulty="short").task(0)
    assert task.world == general
    assert await verify(task, ToolHost(load("general"), world)) == []  # holds where there is more besides
    assert (await open_synthesizer("financial", difficulty="short").task(0)).world == world.version
    elsewhere = task.model_copy(update={"world": "general-0123456789abcdef"})
    with pytest.raises(WorldMismatch, match=f"made with general-0123456789abcdef, this world has {general}"):
        await verify(elsewhere, ToolHost(load("general"), world))


async def test_what_test_questions_name_never_occurs_in_training() -> None:
    host = open_synthesizer("financial").host
    seen, asked, training, testing = set(), set(), set(), set()
    for difficulty in sorted(NAMED):
        for task in await tasks(difficulty, Split.TRAIN, 25):
            training.add(task.question)
            outputs = await task.proof.replay(host)
            for call, output in zip(task.proof.calls, outputs, strict=True):
                tool = host.catalog[call.tool]
                seen |= {*argument_entities(tool, call.bind(outputs)), *output_entities(tool, output)}
        for task in await tasks(difficulty, Split.TEST, 25):
            testing.add(task.question)
            for call in task.proof.calls:
                written = {name: value for name, value in call.arguments.items() if isinstance(value, str | int)}
                asked |= set(argument_entities(host.catalog[call.tool], written))
    assert len(seen) > 100 and len(asked) > 25
    assert not seen & asked
    assert not training & testing
    assert all(split_of(*entity) is Split.TEST for entity in asked)
