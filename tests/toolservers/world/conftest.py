from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from toolservers.financial.facts.loaders import fx
from toolservers.world.build import build_volume
from toolservers.world.volume import volumes


@pytest.fixture(scope="session")
def small(world: object, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a whole general volume and a financial one of one loader only; `world` has brought the wheels."""
    folder = tmp_path_factory.mktemp("small")
    build_volume(volumes()["general"], f"sqlite:///{folder}", progress=False)
    build_volume(volumes()["financial"], f"sqlite:///{folder}", progress=False, loaders=[fx.load])
    return folder


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """URL of an empty database on a real server that lives as long as the tests."""
    tools = binaries()
    if tools is None:
        pytest.skip("no PostgreSQL server binaries (initdb, pg_ctl) on this machine")
    with tempfile.TemporaryDirectory(prefix="pg-") as folder:
        data = Path(folder) / "data"
        if os.getuid() == 0:
            shutil.chown(folder, "postgres", "postgres")
        as_postgres(tools / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale", "-N")
        port = free_port()
        options = f"-p {port} -h 127.0.0.1 -k '' -c fsync=off"
        as_postgres(tools / "pg_ctl", "-D", data, "-l", Path(folder) / "log", "-w", "-t", "60", "-o", options, "start")
        try:
            yield f"postgresql://postgres@127.0.0.1:{port}/postgres"
        finally:
            as_postgres(tools / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")


def binaries() -> Path | None:
    """The folder of the newest server installed, as Debian and Homebrew lay it out, or the one on the path."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    on_path = shutil.which("initdb")
    return found[-1].parent if found else Path(on_path).resolve().parent if on_path else None


def as_postgres(*command: object) -> None:
    """Runs a command, under the user postgres if this is root, whom the server refuses."""
    user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.getuid() == 0 else []
    subprocess.run([*user, *map(str, command)], check=True, stdout=subprocess.DEVNULL, timeout=90, cwd="/")


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
