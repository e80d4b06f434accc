from __future__ import annotations

import io
from collections.abc import Iterable

import pytest
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document
from rich.console import Console

from envs.tasks.answer import NumberAnswer
from envs.tasks.expression import Choice, Difference, Extreme, Pick, Ref
from envs.tasks.proof import Call, Proof
from envs.tasks.task import Measures, Split, Task
from envs.tool_env import AsyncToolEnv
from policies import display
from policies.players import player
from policies.repl import Repl, watch
from toolservers.catalog import load
from toolservers.host import ToolHost
from toolservers.memory import MemoryConnection

TOOLS = ("number_product", "number_ratio", "number_sum")
# (2 + 3) * 4, the sum feeding the product
PROOF = Proof(calls=(Call(tool="number_sum", arguments={"first": 2.0, "second": 3.0}),
                     Call(tool="number_product", arguments={"first": Ref(ref=(0, "sum")), "second": 4.0})),
              expression=Pick(of=Ref(ref=(1, "product"))))


class OneTask:
    """The same task for every seed."""

    async def draw(self, seed: int) -> Task:
        return Task(question="What is (2 + 3) times 4?", domain="general", tools=TOOLS, answer=NumberAnswer(value=20.0),
                    proof=PROOF, seed=seed, world="none", split=Split.TRAIN,
                    measures=Measures(calls=2, depth=2, width=1, shape="P P(0) : pick", distinct_tools=2))


@pytest.fixture
def env() -> AsyncToolEnv:
    connection = MemoryConnection(ToolHost(load("general"), world=None))  # type: ignore[arg-type]  # nothing is looked up
    return AsyncToolEnv(connection, OneTask())


async def transcript(env: AsyncToolEnv, lines: Iterable[str]) -> str:
    """What a person sees who types these lines."""
    typed = iter(lines)
    console = Console(file=io.StringIO(), width=200)

    async def read() -> str | None:
        return next(typed, None)

    await Repl(env, console).run(read)
    return console.file.getvalue()  # type: ignore[attr-defined]


async def test_an_episode_by_hand(env: AsyncToolEnv) -> None:
    seen = await transcript(env, ["number_sum first=2 second=3; number_sum first=1 second=1",
                                  "number_product first=5 second=4", "answer 20"])
    assert "What is (2 + 3) times 4?" in seen
    assert seen.count('{"sum":5.0}') == 2  # the call, and its replay in the proof
    assert '{"sum":2.0}' in seen
    assert "right: reward 1.1" in seen and "not right" not in seen
    assert "pick(#2.product)" in seen and "first=5.0 ‹#1.sum›" in seen


async def test_a_wrong_answer_shows_the_right_one(env: AsyncToolEnv) -> None:
    seen = await transcript(env, ["answer 21"])
    assert "not right: reward 0.1" in seen
    assert "the answer is 20" in seen


async def test_hints_lead_through_the_proof(env: AsyncToolEnv) -> None:
    seen = await transcript(env, ["hint", "number_sum first=2 second=3", "hint", "number_product first=5 second=4",
                                  "hint"])
    assert "number_sum first=2.0 second=3.0" in seen
    assert "number_product first=5.0 second=4.0" in seen
    assert "the answer is pick(#2.product)" in seen


@pytest.mark.parametrize(("line", "complaint"), [
    ("number_sum first", "expected name=value"),
    ("nothing x=1", "no tool is called 'nothing'"),
    ("number_sum first=a second=1", "first: Input should be a valid number"),
    ("answer", "answer what?"),
    ("help nothing", "no tool is called 'nothing'"),
])
async def test_mistakes_are_explained_and_cost_nothing(env: AsyncToolEnv, line: str, complaint: str) -> None:
    seen = await transcript(env, [line, "number_sum first=2 second=3", "answer 20"])
    assert complaint in seen
    assert '{"sum":5.0}' in seen and "right: reward 1.1" in seen


async def test_after_the_end_only_a_new_task_helps(env: AsyncToolEnv) -> None:
    seen = await transcript(env, ["answer 1", "answer 20", "number_sum first=1 second=1", "new", "answer 20", "quit",
                                  "tools"])
    assert seen.count("the episode is over; new draws the next task") == 2
    assert "right: reward 1.1" in seen
    assert seen.count("What is (2 + 3) times 4?") == 2


async def test_help_names_parameters_types_and_outputs(env: AsyncToolEnv) -> None:
    seen = await transcript(env, ["help number_sum"])
    assert "first" in seen and "number" in seen and "gives sum" in seen


async def test_watching_the_oracle(env: AsyncToolEnv) -> None:
    console = Console(file=io.StringIO(), width=200)
    outcome = await watch(env, player("oracle"), console)
    seen = console.file.getvalue()  # type: ignore[attr-defined]
    assert outcome.info["correct"] == 1.0
    assert "> number_product first=5.0 second=4.0" in seen and "= 20.0" in seen


async def test_watching_random_play_ends(env: AsyncToolEnv) -> None:
    console = Console(file=io.StringIO(), width=200)
    outcome = await watch(env, player("random", seed=1), console)
    assert outcome.info["stop"]


def test_nobody_is_called_that() -> None:
    with pytest.raises(ValueError, match="no policy is called 'nobody'"):
        player("nobody")


async def completions(env: AsyncToolEnv, text: str) -> list[str]:
    repl = Repl(env, Console(file=io.StringIO()))

    async def read() -> str | None:
        return None

    await repl.run(read)
    return [one.text for one in repl.completer.get_completions(Document(text), CompleteEvent())]


async def test_completion_of_commands_tools_and_parameters(env: AsyncToolEnv) -> None:
    assert await completions(env, "num") == sorted(TOOLS)
    assert await completions(env, "h") == ["help", "hint"]
    assert await completions(env, "help number_p") == ["number_product"]
    assert await completions(env, "number_sum first=1; number_sum first=2 ") == ["second="]
    assert await completions(env, "nothing x") == []


def test_expressions_read_like_a_formula() -> None:
    one, two = Ref(ref=(0, "a", 1)), Ref(ref=(1, "b"))
    assert display.expression(Difference(first=one, second=two)) == "difference(#1.a.1, #2.b)"
    assert display.expression(Difference(first=one, second=two, absolute=True)) == \
        "difference(#1.a.1, #2.b, absolute=true)"
    choices = (Choice(label="x", value=one), Choice(label=two, value=two))
    assert display.expression(Extreme(op="argmax", choices=choices)) == "argmax(x: #1.a.1, #2.b: #2.b)"
