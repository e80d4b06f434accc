"""Commands of the benchmarks; every figure that the README quotes is printed here."""

from __future__ import annotations

from typing import Annotated

import typer

from commands.terminal import Json, group, print_json, print_rich

app = group()
bench = group("Benchmarks; every figure that the README quotes is printed here.")
app.add_typer(bench, name="bench")


@bench.command()
def tools(
    calls: Annotated[int, typer.Option(min=1, help="Calls per front and round.")] = 1_000, json: Json = False
) -> None:
    """CPU time of one tool call: plain function, in process, stdio, HTTP, with this client and the SDK's.

    Example: divegym bench tools --json
    """
    from benchmarks.tools import run, table

    rows = run(calls)
    print_json(rows) if json else print_rich(table(rows))


@bench.command()
def envs(
    steps: Annotated[int, typer.Option(min=1, help="Environment steps per case.")] = 2_000, json: Json = False
) -> None:
    """Steps a second, CPU time and memory of vector environments of 1 to 1,000 episodes.

    Example: divegym bench envs --json
    """
    from benchmarks.envs import run, table

    rows = run(steps)
    print_json(rows) if json else print_rich(table(rows))


@bench.command()
def parity(json: Json = False) -> None:
    """Largest difference of a log-prob between the hybrid model and transformers' MiniMax, in fp32.

    Example: divegym bench parity --json
    """
    from benchmarks.parity import run, table

    rows = run()
    print_json(rows) if json else print_rich(table(rows))
