"""The REPL: a person plays episodes by hand, or watches an agent play them, and sees the proof behind the reward.

    > fx_rate currency=USD on=2020-01-02; fx_rate currency=GBP on=2020-01-02
    < {"rate":1.1193}
    < {"rate":0.84828}
    > answer 1.1193

Calls on one line run in parallel and are one turn. Works with a terminal (completion, history) and with piped input.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from prompt_toolkit import PromptSession
from prompt_toolkit.history import InMemoryHistory
from rich.console import Console
from rich.text import Text

from envs.messages import Observation, ToolCall, Turn
from envs.tasks.expression import ExpressionError
from envs.tool_env import AsyncToolEnv
from policies import display
from policies.agent import Agent, Outcome
from policies.completion import CallCompleter
from policies.players import Player
from policies.shorthand import ShorthandError, read_calls, write_calls

PROMPT = "> "
HELP = """\
TOOL name=value …  call a tool; several calls separated by ; run in parallel
answer TEXT        give the answer; see the reward, the right answer, the proof
tools, help TOOL   the tools on offer, one tool with its parameters
hint, proof        the next call of the proof, the whole proof
new, quit          the next task, leave"""

Reader = Callable[[], Awaitable[str | None]]
"""Gives the next line that was typed, or None at the end of input."""


class Repl:
    """One person at a prompt. Tasks come from the environment's source, from `seed` on."""

    def __init__(self, env: AsyncToolEnv, console: Console, seed: int = 0) -> None:
        self._env = env
        self._console = console
        self._seed = seed
        self._over = True
        self._commands: dict[str, Callable[[str], Awaitable[None]]] = {
            "answer": self._answer, "tools": self._tools, "help": self._help, "hint": self._hint,
            "proof": self._proof, "new": self._new,
        }
        self.completer = CallCompleter((*self._commands, "quit"), {})

    async def run(self, read: Reader) -> None:
        """Plays until `quit` or the end of input."""
        await self._start()
        self._console.print(Text(HELP, "dim"))
        while (line := await read()) is not None and line.strip() != "quit":
            if line.strip():
                await self._obey(line.strip())

    async def _obey(self, line: str) -> None:
        word, _, rest = line.partition(" ")
        try:
            if command := self._commands.get(word):
                await command(rest.strip())
            else:
                await self._call(line)
        except (ShorthandError, ExpressionError) as error:
            self._complain(str(error))

    async def _start(self) -> None:
        observation, info = await self._env.areset(self._seed)
        self._over = info["stop"] is not None
        self.completer.tools = {tool.name: tool for tool in observation.tools}
        if self._over or self._env.task is None:
            self._complain(f"the episode could not start: {info['stop']}")
            return
        self._console.print(display.question(self._env.task))
        await self._tools("")

    async def _call(self, line: str) -> None:
        if self._refuses():
            return
        await self._step(Turn(calls=read_calls(line, self.completer.tools)))

    async def _answer(self, text: str) -> None:
        if self._refuses():
            return
        if not text:
            self._complain("answer what? write: answer TEXT")
            return
        await self._step(Turn(answer=text))

    async def _step(self, turn: Turn) -> None:
        observation, reward, terminated, truncated, info = await self._env.astep(turn)
        self._console.print(display.results(observation))
        if terminated or truncated:
            self._over = True
            assert self._env.task is not None
            self._console.print(display.outcome(self._env.task, reward, info))
            await self._proof("")
            self._console.print(Text("new: the next task, quit: leave", "dim"))

    async def _new(self, _: str) -> None:
        self._seed += 1
        await self._start()

    async def _tools(self, _: str) -> None:
        self._console.print(display.tool_table(self.completer.tools.values()))

    async def _help(self, name: str) -> None:
        if not name:
            self._console.print(Text(HELP, "dim"))
        elif tool := self.completer.tools.get(name):
            self._console.print(display.tool_help(tool))
        else:
            self._complain(f"no tool is called {name!r}; tools lists them")

    async def _hint(self, _: str) -> None:
        if call := await self._next_call():
            self._console.print(Text(write_calls((call,)), "cyan"))
        elif task := self._env.task:
            how = display.expression(task.proof.expression)
            self._console.print(Text(f"every call of the proof is made; the answer is {how}"))

    async def _next_call(self) -> ToolCall | None:
        """The first call of the proof that was not made yet."""
        task = self._env.task
        if task is None:
            return None
        outputs = await task.proof.replay(self._env.connection)
        made = [call for message in self._env.trace if isinstance(message, Turn) for call in message.calls]
        wanted = (ToolCall(call.tool, call.bind(outputs)) for call in task.proof.calls)
        return next((call for call in wanted if call not in made), None)

    async def _proof(self, _: str) -> None:
        if task := self._env.task:
            outputs = await task.proof.replay(self._env.connection)
            self._console.print(display.proof_tree(task.proof, outputs))

    def _refuses(self) -> bool:
        if self._over:
            self._complain("the episode is over; new draws the next task")
        return self._over

    def _complain(self, text: str) -> None:
        self._console.print(Text(text, "red"))


async def watch(env: AsyncToolEnv, player: Player, console: Console, seed: int = 0) -> Outcome:
    """Shows one episode of a player turn by turn, then the outcome and the proof."""
    observation, info = await env.areset(seed)
    if env.task is None or info["stop"]:
        console.print(Text(f"the episode could not start: {info['stop']}", "red"))
        return Outcome(0.0, info)
    console.print(display.question(env.task))
    outcome = await _show_turns(env, player(env, observation), observation, console)
    if outcome.gave_up:
        console.print(Text("the policy gave up: its context is full", "red"))
    else:
        console.print(display.outcome(env.task, outcome.reward, outcome.info))
    console.print(display.proof_tree(env.task.proof, await env.task.proof.replay(env.connection)))
    return outcome


async def _show_turns(env: AsyncToolEnv, agent: Agent, observation: Observation, console: Console) -> Outcome:
    info: dict[str, Any] = {}
    reward, over = 0.0, False
    while not over:
        turn = await agent.act(observation)
        if turn is None:
            return Outcome(0.0, info, gave_up=True)
        console.print(display.turn(turn))
        observation, reward, terminated, truncated, info = await env.astep(turn)
        console.print(display.results(observation))
        over = terminated or truncated
    return Outcome(reward, info)


def reader(repl: Repl, console: Console) -> Reader:
    """Lines from a terminal with completion and history, or from a pipe with each line echoed."""
    if not sys.stdin.isatty():
        return partial(_read_pipe, console)
    session: PromptSession[str] = PromptSession(
        PROMPT, completer=repl.completer, complete_while_typing=False, history=InMemoryHistory())

    async def read() -> str | None:
        try:
            return str(await session.prompt_async())
        except KeyboardInterrupt:
            return ""  # drops what was typed
        except EOFError:
            return None

    return read


async def _read_pipe(console: Console) -> str | None:
    line: str = await asyncio.to_thread(sys.stdin.readline)
    if not line:
        return None
    console.print(Text(f"{PROMPT}{line.rstrip()}", "cyan"))
    return line
