"""Tasks about sums, the smallest there are, and the tools for them: for tests that need no data."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from envs.tasks.answer import NumberAnswer
from envs.tasks.expression import Pick, Ref
from envs.tasks.proof import Call, Proof
from envs.tasks.task import Measures, Split, Task
from envs.tool_env import AsyncToolEnv
from toolservers.catalog import load
from toolservers.host import ToolHost
from toolservers.memory import MemoryConnection

TOOLS = ("number_product", "number_ratio", "number_sum")


class ListSource:
    """Task number `seed`, going round."""

    def __init__(self, tasks: Sequence[Task]) -> None:
        self.tasks = tasks

    async def draw(self, seed: int) -> Task:
        return self.tasks[seed % len(self.tasks)]


def sum_task(first: float, second: float, tools: tuple[str, ...] = TOOLS) -> Task:
    call = Call(tool="number_sum", arguments={"first": first, "second": second})
    return Task(
        question=f"What is the sum of {first} and {second}?", domain="general", tools=tools,
        answer=NumberAnswer(value=first + second), seed=0, world="none", split=Split.TRAIN,
        proof=Proof(calls=(call,), expression=Pick(of=Ref(ref=(0, "sum")))),
        measures=Measures(calls=1, depth=1, width=1, shape="P : pick", distinct_tools=1),
    )


@pytest.fixture
def source_of() -> Callable[[Sequence[Task]], ListSource]:
    return ListSource


@pytest.fixture
def source() -> ListSource:
    return ListSource([sum_task(float(first), 2.0) for first in range(1, 20)])


@pytest.fixture
def connection() -> MemoryConnection:
    return MemoryConnection(ToolHost(load("general"), world=None))  # arithmetic looks nothing up


@pytest.fixture
def env(connection: MemoryConnection, source: ListSource) -> AsyncToolEnv:
    return AsyncToolEnv(connection, source)
