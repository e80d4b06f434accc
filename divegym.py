"""The command line: it composes the packages and holds no logic of its own.

Commands import what they need when they run, so that `divegym --help` answers at once and needs no torch.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

if TYPE_CHECKING:
    from rich.console import RenderableType

PACKAGES = ("toolservers", "envs", "policies", "trainer", "benchmarks")


def group(help_text: str) -> typer.Typer:
    """A command with commands of its own."""
    return typer.Typer(help=help_text, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


app = group("A gym of real tools: MCP servers, Gymnasium environments, tasks with replayable proofs, and a trainer.")
world = group("The database of facts that the tools look things up in.")
experiment = group("Experiments that compare ways to train.")
bench = group("Benchmarks; every figure that the README quotes is printed here.")
app.add_typer(world, name="world")
app.add_typer(experiment, name="experiment")
app.add_typer(bench, name="bench")

Json = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
Domain = Annotated[str, typer.Option(help="Domain of the tools, for example financial.")]
Url = Annotated[str | None, typer.Option(help="Address of a server, http://HOST:PORT; without it the tools run here.")]
Seed = Annotated[int, typer.Option(help="Same seed, same result.")]
Difficulty = Annotated[str, typer.Option(help="short, frontier, operators or full.")]


class Split(StrEnum):
    """Which side of the held-out line a task's entities are on."""

    TRAIN = "train"
    DEV = "dev"
    TEST = "test"


@world.command("build")
def world_build(
    url: Annotated[str | None, typer.Option(help="Database to fill; without it a file in the cache folder.")] = None,
    force: Annotated[bool, typer.Option("--force", help="Build anew even if the world is there.")] = False,
) -> None:
    """Builds the world, unless it is there already, and prints its version.

    Example: divegym world build --url postgresql://user@host/divegym
    """
    from toolservers.world import WorldError, open_world
    from toolservers.world.build import build

    try:
        version = build(url) if force else open_world(url).version
    except WorldError:
        version = build(url)
    print(version)


@world.command("info")
def world_info(json: Json = False) -> None:
    """Says what the world in use holds, and where that comes from.

    Example: divegym world info --json
    """
    from toolservers.world import open_world
    from toolservers.world.info import info

    found = asyncio.run(info(open_world()))
    if json:
        return print_json(found)
    show_rows([{"table": table.name, "rows": f"{table.rows:,}", "KiB": f"{table.bytes // 1024:,}",
                "sources": ", ".join(table.sources)} for table in found.tables])
    print(f"world {found.version}: {found.rows:,} rows, {found.bytes / 2**20:.0f} MiB")


@app.command()
def tools(
    domain: Annotated[str | None, typer.Option(help="Only the tools of this domain.")] = None, json: Json = False
) -> None:
    """Lists the tools.

    Example: divegym tools --domain financial
    """
    from toolservers.catalog import load
    from toolservers.connection import ToolSpec

    found = load(*[domain] if domain else [])
    if json:
        return print_json([ToolSpec.of(tool) for tool in found.values()])
    show_rows([{"tool": tool.name, "kind": str(tool.kind), "domain": tool.domain, "group": tool.group,
                "description": tool.description.partition("\n")[0]} for tool in found.values()])


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
def serve(
    domain: Annotated[str, typer.Argument(help="Domain whose tools to serve.")],
    http: Annotated[str | None, typer.Option(metavar="HOST:PORT", help="Serve streamable HTTP at /mcp.")] = None,
    stdio: Annotated[bool, typer.Option("--stdio", help="Serve stdin and stdout (the default).")] = False,
    allow_host: Annotated[list[str] | None, typer.Option(help="Further Host header to accept, * for any.")] = None,
    timeout: Annotated[float, typer.Option(help="Seconds that a call may take.")] = 10.0,
) -> None:
    """Serves the tools of one domain over MCP.

    Example: divegym serve financial --http :8101
    """
    from toolservers.server import serve as run

    if http and stdio:
        raise typer.BadParameter("--http and --stdio exclude each other")
    host, _, port = (http or ":0").rpartition(":")
    if not port.isdigit():
        raise typer.BadParameter(f"{http!r} is not HOST:PORT", param_hint="--http")
    asyncio.run(run(domain, "http" if http else "stdio", host or "127.0.0.1", int(port), timeout=timeout,
                    allowed_hosts=allow_host or ()))


@app.command()
def synth(
    out: Annotated[Path, typer.Option(help="File to write, one task a line.")],
    domain: Domain = "financial",
    count: Annotated[int, typer.Option(min=1, help="How many tasks.")] = 100,
    seed: Seed = 0,
    difficulty: Difficulty = "full",
    split: Annotated[Split, typer.Option(help="Which entities the tasks may be about.")] = Split.TRAIN,
    samples: Annotated[int, typer.Option("--show", help="Print this many of the questions.")] = 0,
    json: Json = False,
) -> None:
    """Derives verified tasks from executed evidence.

    Example: divegym synth --domain financial --count 5000 --seed 1 --out tasks.jsonl
    """
    from itertools import islice

    from envs.dive.production import synth as run
    from envs.tasks.store import read_tasks

    with progress("tasks", count) as advance:
        report = asyncio.run(run(domain, count, seed, out, split=split.value, difficulty=difficulty, progress=advance))
    if json:
        return print_json(report)
    for task in islice(read_tasks(out), samples):
        print(f"- {task.question}\n  {task.answer.reference}")
    show({"written": report.written, "duplicates": report.duplicates, "barren seeds": report.barren,
          "proof shapes": len(report.shapes), "tools used": len(report.tools)})


@app.command()
def validate(file: Annotated[Path, typer.Argument(help="Task file.")], json: Json = False) -> None:
    """Replays every proof of a task file and checks that it is entailed, minimal, grounded and not leaked.

    Example: divegym validate tasks.jsonl
    """
    from envs.dive.production import validate as run

    with progress("checked", None) as advance:
        report = asyncio.run(run(file, progress=advance))
    if json:
        print_json({"checked": report.checked, "passed": report.passed, "failures": report.failures})
    else:
        failed = {f"line {line}": found for line, found in report.failures.items()}
        show({"checked": report.checked, "passed": report.passed, **failed})
    if report.failures:
        fail(f"{len(report.failures)} of {report.checked} tasks fail")


@app.command()
def train(
    preset: Annotated[str, typer.Option(help="Named settings: cpu-demo, smoke.")] = "cpu-demo",
    seed: Seed = 0,
    out: Annotated[Path | None, typer.Option(help="Folder of the run; default runs/PRESET-SEED.")] = None,
    resume: Annotated[bool, typer.Option(help="Go on with the run in the folder, if there is one.")] = True,
    json: Json = False,
) -> None:
    """Trains a policy: SFT on the oracle's trajectories, then RL; a killed run goes on where it was.

    Example: divegym train --preset cpu-demo --seed 1 --out runs/first
    """
    from trainer.config import PRESETS
    from trainer.loop import train as run
    from trainer.report import table

    if preset not in PRESETS:
        raise typer.BadParameter(f"{preset!r} is none of {', '.join(PRESETS)}", param_hint="--preset")
    folder = out or Path("runs") / f"{preset}-{seed}"
    if not resume and (folder / "state.pt").exists():
        fail(f"{folder} holds a run already; give another --out, or leave --no-resume away to go on with it")
    results = asyncio.run(run(PRESETS[preset].model_copy(update={"seed": seed}), folder))
    print_json(results) if json else print_rich(table(results), f"curve: {folder / 'curve.png'}")


@app.command("eval")
def evaluate(
    checkpoint: Annotated[Path, typer.Argument(help="Folder of a trained policy, for example runs/cpu-demo-0/cispo.")],
    tasks: Annotated[Path, typer.Option(help="Task file.")],
    json: Json = False,
) -> None:
    """Plays every task of a file with a trained policy and counts what it solves.

    Example: divegym eval runs/cpu-demo-0/cispo --tasks runs/cpu-demo-0/test-frontier.jsonl
    """
    from trainer.held_out import evaluate_file

    summary = asyncio.run(evaluate_file(checkpoint, tasks)).summary()
    print_json(summary) if json else show(summary)


@experiment.command("steps-to-target")
def steps_to_target(
    start: Annotated[Path, typer.Option("--from", help="SFT policy that every trial starts from.")] = Path(
        "runs/cpu-demo-0/sft"),
    out: Annotated[Path, typer.Option(help="Folder of the experiment; a killed one goes on.")] = Path(
        "runs/steps-to-target"),
    preset: Annotated[str, typer.Option(help="Named settings.")] = "cpu-demo",
    seeds: Annotated[int, typer.Option(min=1, help="Trials per objective.")] = 5,
    target: Annotated[float, typer.Option(min=0, max=1, help="Frontier success to reach.")] = 0.5,
    jobs: Annotated[int, typer.Option(min=1, help="Trials at a time, a process each.")] = 2,
    json: Json = False,
) -> None:
    """Counts the RL steps that CISPO, GRPO and DAPO need to reach a frontier success, and plots them.

    Example: divegym experiment steps-to-target --from runs/cpu-demo-0/sft --seeds 5
    """
    from trainer import experiment as trials
    from trainer.config import PRESETS

    design = trials.StepsToTarget(PRESETS[preset], start, out, target, seeds)
    with progress("trials", 3 * seeds) as advance:
        done = design.run(jobs, advance)
    trials.draw(done, target, out / "curve.png")
    summary = trials.summarise(done, target)
    print_json(summary) if json else show_rows([{"objective": name, **row} for name, row in summary.items()])


@bench.command("tools")
def bench_tools(
    calls: Annotated[int, typer.Option(min=1, help="Calls per front and round.")] = 1_000, json: Json = False
) -> None:
    """CPU time of one tool call: plain function, in process, stdio, HTTP, with this client and the SDK's.

    Example: divegym bench tools --json
    """
    from benchmarks.tools import run, table

    rows = run(calls)
    print_json(rows) if json else print_rich(table(rows))


@bench.command("envs")
def bench_envs(
    steps: Annotated[int, typer.Option(min=1, help="Environment steps per case.")] = 2_000, json: Json = False
) -> None:
    """Steps a second, CPU time and memory of vector environments of 1 to 1,000 episodes.

    Example: divegym bench envs --json
    """
    from benchmarks.envs import run, table

    rows = run(steps)
    print_json(rows) if json else print_rich(table(rows))


@bench.command("parity")
def bench_parity(json: Json = False) -> None:
    """Largest difference of a log-prob between the hybrid model and transformers' MiniMax, in fp32.

    Example: divegym bench parity --json
    """
    from benchmarks.parity import run, table

    rows = run()
    print_json(rows) if json else print_rich(table(rows))


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


def show(record: Mapping[str, Any]) -> None:
    """One record as a table of two columns."""
    from rich.table import Table

    table = Table(show_header=False, box=None)
    for name, value in record.items():
        table.add_row(name, str(value))
    print_rich(table)


@contextmanager
def progress(what: str, total: int | None) -> Iterator[Callable[[int], None]]:
    """A progress bar on standard error; yields what to call with the number done so far."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(what, total=total)
        yield lambda done: bar.update(task, completed=done)


def show_rows(rows: list[dict[str, Any]]) -> None:
    """Records of equal fields as a table."""
    from rich.table import Table

    table = Table(*rows[0] if rows else (), box=None)
    for row in rows:
        table.add_row(*map(str, row.values()))
    print_rich(table)


def print_rich(*parts: RenderableType) -> None:
    from rich.console import Console

    console = Console()
    for part in parts:
        console.print(part)


def print_json(value: Any) -> None:
    import orjson

    print(orjson.dumps(value, option=orjson.OPT_INDENT_2).decode())


def fail(message: str) -> NoReturn:
    """One line on standard error, exit status 1."""
    print(f"divegym: {message}", file=sys.stderr)
    sys.exit(1)


def main() -> None:
    """Runs the command line. What a user can mend is one line on standard error; DIVEGYM_TRACEBACK=1 shows the rest."""
    try:
        app()
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] in PACKAGES:
            raise
        fail(f"this needs {error.name}, which is not installed: pip install 'divegym[train]'")
    except Exception as error:
        ours = type(error).__module__.partition(".")[0] in PACKAGES
        if os.environ.get("DIVEGYM_TRACEBACK") or not (ours or isinstance(error, (OSError, ValueError))):
            raise
        fail(str(error))


if __name__ == "__main__":
    main()
