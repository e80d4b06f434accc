"""The same episodes over every transport, and what becomes of an episode whose server dies, hangs or talks nonsense."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from gymnasium.utils.env_checker import check_env

from envs import loop
from envs.gym_env import ToolEnv
from envs.messages import ToolCall, Turn
from envs.tasks.source import stream
from envs.tasks.store import TaskFileError, write_tasks
from envs.vector import ToolVectorEnv

ADD = Turn(calls=(ToolCall("number_sum", {"first": 1.0, "second": 2.0}),))
SCRIPT = [
    ADD,
    Turn(calls=(ToolCall("number_ratio", {"first": 1.0, "second": 0.0}), ToolCall("number_sum", {"first": "1"}),
                ToolCall("no_such_tool", {}), ToolCall("number_product", {"first": 1e15, "second": 0.1}))),
    Turn(malformed="no JSON"),
    Turn(answer="3"),
]
SERVER = """
import asyncio, socket, sys
from toolservers.catalog import load
from toolservers.host import ToolHost
from toolservers.server import http_app, serve_http
from toolservers.world import open_world
app = http_app("general", ToolHost(load("general"), open_world()))
asyncio.run(serve_http(app, listening=socket.socket(fileno=int(sys.argv[1]))))
"""


@dataclass
class Server:
    port: int
    process: subprocess.Popen[bytes]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/mcp"


@contextmanager
def serving(port: int = 0) -> Iterator[Server]:
    """The general domain over HTTP. Its socket listens before it runs, so whoever connects early waits."""
    with socket.create_server(("127.0.0.1", port)) as listening:
        descriptor = listening.fileno()
        process = subprocess.Popen([sys.executable, "-c", SERVER, str(descriptor)], pass_fds=[descriptor])
        port = listening.getsockname()[1]
    try:
        yield Server(port, process)
    finally:
        process.kill()
        process.wait()


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with serving() as one:
        yield one


def options(transport: str, server: Server) -> dict[str, Any]:
    return {"transport": transport} | ({"url": server.url} if transport == "http" else {})


def play(env: ToolEnv) -> list[Any]:
    return [env.reset(seed=1), *(env.step(turn) for turn in SCRIPT), env.reset()]


@pytest.mark.parametrize("transport", ["stdio", "http"])
def test_every_transport_plays_the_same_episode(source: Any, server: Server, transport: str) -> None:
    memory, other = ToolEnv("general", tasks=source), ToolEnv("general", tasks=source, **options(transport, server))
    assert play(other) == play(memory)
    assert other.action_space == memory.action_space
    check_env(other, skip_render_check=True)  # rendering knows no transport
    for env in (memory, other):
        env.close()


def test_many_episodes_over_one_connection(source: Any, server: Server) -> None:
    env = ToolVectorEnv(200, "general", tasks=source, **options("http", server))
    env.reset(seed=0)
    observations, _, _, truncated, _ = env.step([ADD] * 200)
    assert set(observations) == {'{"sum":3.0}'} and not truncated.any()
    env.close()


def test_a_server_that_dies_truncates_its_episodes_and_can_come_back(source: Any) -> None:
    with serving() as first:
        env = ToolVectorEnv(3, "general", tasks=source, **options("http", first))
        env.reset(seed=0)
        env.step([ADD] * 3)
    _, rewards, terminated, truncated, infos = env.step([ADD, Turn(answer="x"), ADD])
    assert truncated.tolist() == [True, False, True] and terminated.tolist() == [False, True, False]
    assert infos["stop"].tolist() == ["server_lost", "answered", "server_lost"] and not rewards.any()
    with serving(first.port):
        env.step([ADD] * 3)  # resets
        observations, _, _, truncated, _ = env.step([ADD] * 3)
        assert set(observations) == {'{"sum":3.0}'} and not truncated.any()
    env.close()


def test_a_server_that_hangs_truncates_its_episodes(source: Any) -> None:
    with serving() as stopped:
        patient = ToolEnv("general", tasks=source, **options("http", stopped))
        hasty = ToolEnv("general", tasks=source, timeout=0.5, **options("http", stopped))
        for env in (patient, hasty):
            env.reset(seed=0)
        patient.core.step_timeout = 0.2  # runs out before the connection's own patience
        stopped.process.send_signal(signal.SIGSTOP)
        assert outcome(patient) == outcome(hasty) == (0.0, False, True, "timeout")
        stopped.process.send_signal(signal.SIGCONT)
        patient.core.step_timeout = 10.0
        patient.reset(seed=0)
        assert outcome(patient) == (0.0, False, False, None)
    for env in (patient, hasty):
        env.close()


def test_a_server_that_talks_nonsense_truncates_its_episode(source: Any) -> None:
    with serving() as first:
        env = ToolEnv("general", tasks=source, **options("http", first))
        env.reset(seed=0)
    impostor = loop.run(asyncio.start_server(nonsense, "127.0.0.1", first.port))
    assert outcome(env) == (0.0, False, True, "server_lost")
    loop.run(end(impostor))
    env.close()


@pytest.mark.parametrize("transport", ["memory", "stdio", "http"])
def test_a_task_file_of_another_world_is_refused(transport: str, server: Server, tmp_path: Path) -> None:
    task = loop.run(stream("general", None, "single", (3, 3), "train").draw(0))
    write_tasks(tmp_path / "here.jsonl", [task])
    write_tasks(tmp_path / "elsewhere.jsonl", [task.model_copy(update={"world": "general-0123456789abcdef"})])
    env = ToolEnv("general", tasks=tmp_path / "here.jsonl", **options(transport, server))
    assert env.reset(seed=0)[1]["task"] == task.id
    env.close()
    with pytest.raises(TaskFileError, match=f"made with general-0123456789abcdef, this world has {task.world}"):
        ToolEnv("general", tasks=tmp_path / "elsewhere.jsonl", **options(transport, server))


async def nonsense(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 8\r\n\r\nnonsense")
    await writer.drain()
    writer.close()


async def end(impostor: asyncio.Server) -> None:
    impostor.close()


def test_a_child_process_that_dies_is_started_anew(source: Any) -> None:
    first, second = (ToolEnv("general", tasks=source, transport="stdio") for _ in range(2))
    connection = first.core.connection
    for env in (first, second):
        env.reset(seed=0)
    found = re.search(r"\d+", str(connection))
    assert found is not None
    os.kill(int(found[0]), signal.SIGKILL)
    assert outcome(first) == outcome(second) == (0.0, False, True, "server_lost")
    for env in (first, second):
        env.reset(seed=0)
        assert outcome(env) == (0.0, False, False, None)
    assert first.core.connection is second.core.connection is not connection
    for env in (first, second):
        env.close()


def outcome(env: ToolEnv) -> tuple[float, bool, bool, str | None]:
    _, reward, terminated, truncated, info = env.step(ADD)
    return reward, terminated, truncated, info["stop"]
