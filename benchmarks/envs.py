"""What an environment step costs: our vector of episodes beside gymnasium's, from one episode to a thousand.

    divegym bench envs [--steps 2000] [--json]

A step is one turn with one call of a cheap tool, so that the environment shows. Every case runs in a process of its
own; CPU time and memory (proportional set size) count that process and its workers, not the tool server. The last
column compares steps per second with gymnasium's SyncVectorEnv over the same number of episodes or the nearest.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from gymnasium.vector import AsyncVectorEnv, SyncVectorEnv, VectorEnv
from rich.table import Table

from envs.gym_env import ToolEnv
from envs.messages import ToolCall, Turn
from envs.tasks.source import stream
from envs.tasks.task import Task
from envs.vector import ToolVectorEnv
from toolservers.catalog import load
from toolservers.host import ToolHost
from toolservers.server import http_app, serve_http
from toolservers.world import open_world

DOMAIN, TOOL = "general", "number_sum"
TURN = Turn(calls=(ToolCall(TOOL, {"first": 1.0, "second": 2.0}),))
ENDLESS = 10**9  # turns and calls: no episode ends while it is measured
WARM_UP = 3  # steps of the vector


@dataclass(frozen=True)
class Fixed:
    """A source of one task."""

    task: Task

    async def draw(self, seed: int) -> Task:
        return self.task


@dataclass(frozen=True)
class Case:
    """One way to step `episodes` environments."""

    vector: str
    transport: str
    episodes: int


CASES = (
    Case("ToolVectorEnv", "memory", 1), Case("ToolVectorEnv", "memory", 8), Case("ToolVectorEnv", "memory", 64),
    Case("ToolVectorEnv", "memory", 1000), Case("SyncVectorEnv", "memory", 8), Case("SyncVectorEnv", "memory", 64),
    Case("AsyncVectorEnv", "memory", 8), Case("ToolVectorEnv", "http", 1), Case("ToolVectorEnv", "http", 8),
    Case("ToolVectorEnv", "http", 64), Case("ToolVectorEnv", "http", 1000), Case("SyncVectorEnv", "http", 8),
    Case("AsyncVectorEnv", "http", 8),
)


def run(steps: int = 2000) -> list[dict[str, Any]]:
    """One row per case: `steps_per_s`, `cpu_us` per step, `mib`, and `ratio` to SyncVectorEnv's steps per second.

    `steps` is the number of environment steps measured, over all episodes of a case.
    """
    open_world([DOMAIN])  # so that no process has to build it
    task = asyncio.run(stream(DOMAIN, None, "short", (10, 10), "train").draw(0)).model_copy(update={"tools": (TOOL,)})
    spawn = multiprocessing.get_context("spawn")
    with _http_server() as url, ProcessPoolExecutor(1, spawn, max_tasks_per_child=1) as pool:
        rows = [pool.submit(_measure, case, task, url, steps).result() for case in CASES]
    return [row | {"ratio": round(row["steps_per_s"] / _reference(row, rows), 2)} for row in rows]


def _reference(row: dict[str, Any], rows: list[dict[str, Any]]) -> float:
    """SyncVectorEnv's steps per second over the same transport, at the nearest number of episodes."""
    peers = [one for one in rows if (one["vector"], one["transport"]) == ("SyncVectorEnv", row["transport"])]
    return float(min(peers, key=lambda one: abs(one["episodes"] - row["episodes"]))["steps_per_s"])


def _measure(case: Case, task: Task, url: str, steps: int) -> dict[str, Any]:
    env = _make(case, Fixed(task), url)
    try:
        env.reset(seed=0)
        actions = tuple(TURN for _ in range(case.episodes))
        for _ in range(WARM_UP):
            observations, *_ = env.step(actions)
        assert set(observations) == {'{"sum":3.0}'}, observations[0]
        rounds = max(WARM_UP, steps // case.episodes)
        wall, cpu = time.perf_counter(), _cpu_seconds()
        for _ in range(rounds):
            env.step(actions)
        wall, cpu = time.perf_counter() - wall, _cpu_seconds() - cpu
        count = rounds * case.episodes
        return {"vector": case.vector, "transport": case.transport, "episodes": case.episodes,
                "steps_per_s": round(count / wall), "cpu_us": round(cpu / count * 1e6), "mib": round(_mebibytes())}
    finally:
        env.close()


def _make(case: Case, source: Fixed, url: str) -> VectorEnv[Any, Any, Any]:
    options: dict[str, Any] = {"tasks": source, "transport": case.transport, "timeout": 60.0, "max_turns": ENDLESS,
                               "max_calls": ENDLESS, **({"url": url} if case.transport == "http" else {})}
    if case.vector == "ToolVectorEnv":
        return ToolVectorEnv(case.episodes, DOMAIN, **options)
    one: Callable[[], ToolEnv] = partial(ToolEnv, DOMAIN, **options)
    if case.vector == "SyncVectorEnv":
        return SyncVectorEnv([one] * case.episodes)
    return AsyncVectorEnv([one] * case.episodes, shared_memory=False)


def _processes() -> list[int]:
    """This process and its workers."""
    return [os.getpid(), *(child.pid for child in multiprocessing.active_children() if child.pid)]


def _cpu_seconds() -> float:
    """CPU time, by each process's CPU clock (Linux: the clock's id is made of the complement of the pid)."""
    return sum(time.clock_gettime((~pid << 3) | 2) for pid in _processes())


def _mebibytes() -> float:
    """Memory, pages shared between the processes counted once."""
    rollups = (Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii") for pid in _processes())
    return sum(int(rollup.split("Pss:")[1].split()[0]) for rollup in rollups) / 1024


@contextmanager
def _http_server() -> Iterator[str]:
    # asyncio spares a socket Nagle's delay only if the socket names its protocol, which create_server leaves open
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(1024)
        process = multiprocessing.get_context("spawn").Process(target=_serve, args=(listening,), daemon=True)
        process.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}/mcp"
        finally:
            process.terminate()
            process.join()


def _serve(listening: socket.socket) -> None:
    asyncio.run(serve_http(http_app(DOMAIN, ToolHost(load(DOMAIN), open_world([DOMAIN]))), listening=listening))


def table(rows: list[dict[str, Any]]) -> Table:
    """The rows for a terminal."""
    drawn = Table("vector", "transport", title="One tool call per environment step")
    for heading in ("episodes", "steps/s", "CPU µs", "MiB", "÷ Sync"):
        drawn.add_column(heading, justify="right")
    for row in rows:
        drawn.add_row(row["vector"], row["transport"], f"{row['episodes']:,}", f"{row['steps_per_s']:,}",
                      f"{row['cpu_us']:,}", f"{row['mib']:,}", f"{row['ratio']:.2f}")
    return drawn
