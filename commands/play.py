"""Commands by hand: call one tool, or play an episode, oneself or by a policy."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated, Any

import typer

from commands.terminal import Difficulty, Domain, Seed, fail, group

Url = Annotated[str | None, typer.Option(help="Address of a server, http://HOST:PORT; without it the tools run here.")]

app = group()


@app.command()
def call(
    tool: Annotated[str, typer.Argument(help="Name of the tool.")],
    arguments: Annotated[list[str] | None, typer.Argument(help="name=value; a value is JSON where it can be.")] = None,
    url: Url = None,
) -> None:
    """Calls one tool and prints its output as JSON.

    Example: divegym call fx_rate currency=USD on=2020-01-02
    """
    from policies.shorthand import read_argument
    from toolservers.client import connect

    async def run() -> Any:
        connection = await connect(None, "http" if url else "memory", url=url)
        try:
            spec = (await connection.tools()).get(tool)
            return await connection.call(tool, dict(read_argument(one, spec) for one in arguments or ()))
        finally:
            await connection.aclose()

    result = asyncio.run(run())
    if not result.ok:
        fail(f"{result.error}: {result.message}")
    print(result.text)


@app.command()
def play(
    domain: Domain = "financial",
    policy: Annotated[str, typer.Option(help="human, oracle, random, or the folder of a trained policy.")] = "human",
    seed: Seed = 0,
    difficulty: Difficulty = "short",
    toolset: Annotated[int, typer.Option(min=1, help="How many tools to offer.")] = 8,
    tasks: Annotated[Path | None, typer.Option(help="Task file to draw from; without it an endless stream.")] = None,
    server: Annotated[
        list[str] | None, typer.Option(metavar="DOMAIN=URL", help="Servers to play on; without any the tools run here.")
    ] = None,
) -> None:
    """Play an episode by hand, or watch a policy play one, and see the proof behind the reward.

    Example: divegym play --domain financial --policy oracle --seed 7
    """
    from rich.console import Console

    from envs.tool_env import AsyncToolEnv
    from envs.venue import Venue
    from policies.players import player
    from policies.repl import Repl, reader, watch

    urls = dict(one.split("=", 1) for one in server or () if "=" in one)
    if len(urls) < len(server or ()):
        raise typer.BadParameter("write --server financial=http://localhost:8101", param_hint="--server")
    venue = Venue(domain, "http" if urls else "memory", urls or None, tasks=tasks, difficulty=difficulty,
                  toolset=toolset)
    console = Console()
    patience = {"max_turns": 100, "max_calls": 1_000, "max_errors": 100} if policy == "human" else {}

    async def run() -> None:
        connection = await venue.connect()
        env = AsyncToolEnv(connection, await venue.source(connection), owns_connection=True, **patience)
        try:
            if policy == "human":
                repl = Repl(env, console, seed)
                await repl.run(reader(repl, console))
            else:
                await watch(env, player(policy, seed), console, seed)
        finally:
            await env.aclose()

    asyncio.run(run())
